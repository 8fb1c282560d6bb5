//! Handlers that answer with every status that the document has.

use failsafe_runtime::service::{ApiError, Payload, RequestContext, status};

use crate::App;
use crate::generated::apis::answers::{
    AnswerCreatedHeaders, AnswerNotModifiedHeaders, AnswerResponse, AnswerTemporaryRedirectHeaders,
    AnswersApi,
};
use crate::generated::models::{self, Thing};

impl AnswersApi for App {
    async fn answer(&self, _ctx: &RequestContext, kind: String) -> Result<AnswerResponse, ApiError> {
        let thing = Thing { n: 7 };
        Ok(match kind.as_str() {
            "created" => AnswerResponse::Created(
                thing,
                AnswerCreatedHeaders {
                    location: "/answers/7".to_owned(),
                    x_count: Some(-7),
                    x_share: Some(0.5),
                    x_flag: Some(false),
                    x_time: Some("2024-02-29T12:00:00+01:00".parse()?),
                    x_id: Some("6f0c3c0e-8f0e-4b8e-9d5e-0a1b2c3d4e5f".parse()?),
                    x_list: Some(vec![1, 2, 3]),
                    x_pairs: Some(models::AnswerCreatedHeaderXPairs {
                        a: Some(1),
                        b: Some("c".to_owned()),
                    }),
                    x_json: Some(models::AnswerCreatedHeaderXJson { a: Some(1) }),
                    x_level: Some(models::AnswerCreatedHeaderXLevel::High),
                },
            ),
            "bare" => AnswerResponse::Created(thing, AnswerCreatedHeaders::default()),
            "accepted" => AnswerResponse::Accepted,
            "nothing" => AnswerResponse::NoContent,
            "part" => AnswerResponse::PartialContent(Payload::from("part")),
            "same" => AnswerResponse::NotModified(AnswerNotModifiedHeaders {
                etag: "\"1\"".to_owned(),
            }),
            "elsewhere" => AnswerResponse::TemporaryRedirect(AnswerTemporaryRedirectHeaders {
                location: "https://example.com/a?b=c#d".to_owned(),
            }),
            "none" => AnswerResponse::NotFound(thing),
            "refused" => AnswerResponse::ClientError(status(409), "refused".to_owned()),
            "broken" => AnswerResponse::ServerError(status(507), thing),
            "other" => AnswerResponse::Default(status(418), thing),
            "error" => return Err(ApiError::status(status(423), "locked")),
            _ => AnswerResponse::Ok(thing),
        })
    }
}
