//! Handlers that answer in every way that the document has.

use failsafe_runtime::service::{
    ApiError, Event, EventStream, JsonLines, Payload, ReceivedLines, RequestContext,
};

use crate::App;
use crate::generated::apis::answers::{
    AnswerSeeOtherHeaders, AnswerHeadResponse, AnswerOkHeaders, AnswerOptionsResponse, AnswerResponse,
    AnswersApi, SendCountsResponse, SendLinesResponse,
};
use crate::generated::models::Thing;

fn headers() -> AnswerOkHeaders {
    AnswerOkHeaders {
        etag: "\"1\"".to_owned(),
        x_tags: Some(vec!["a".to_owned(), "b".to_owned()]),
    }
}

fn thing(n: i64) -> Thing {
    Thing { n, s: None }
}

impl AnswersApi for App {
    async fn answer(&self, ctx: &RequestContext, kind: String) -> Result<AnswerResponse, ApiError> {
        Ok(match kind.as_str() {
            "text" => AnswerResponse::Ok("hello".to_owned(), headers()),
            "events" => {
                let (sender, events) = EventStream::channel(1);
                tokio::spawn(async move {
                    sender.send(Event::new(thing(1)).id("a")).await;
                    sender.send(thing(2).into()).await;
                });
                AnswerResponse::OkEvents(events, headers())
            }
            "lines" => {
                AnswerResponse::OkLines(JsonLines::from(vec![thing(1), thing(2)]), headers())
            }
            "picture" => AnswerResponse::OkPng(Payload::from(vec![1, 2, 3]), headers()),
            "preferred" if ctx.accepts("image/png") => {
                AnswerResponse::OkPng(Payload::from("png"), headers())
            }
            "elsewhere" => AnswerResponse::SeeOther(AnswerSeeOtherHeaders {
                location: "/answers/text".to_owned(),
            }),
            "broken" => AnswerResponse::SeeOther(AnswerSeeOtherHeaders {
                location: "/\r\nx: y".to_owned(),
            }),
            "gone" => AnswerResponse::ClientError(failsafe_runtime::service::status(410)),
            "out-of-class" => AnswerResponse::ClientError(failsafe_runtime::service::status(200)),
            _ => AnswerResponse::Ok("something".to_owned(), headers()),
        })
    }

    async fn answer_head(
        &self,
        _ctx: &RequestContext,
        _kind: String,
    ) -> Result<AnswerHeadResponse, ApiError> {
        Ok(AnswerHeadResponse::NoContent)
    }

    async fn answer_options(
        &self,
        _ctx: &RequestContext,
        _kind: String,
    ) -> Result<AnswerOptionsResponse, ApiError> {
        Ok(AnswerOptionsResponse::NoContent)
    }

    async fn send_lines(
        &self,
        _ctx: &RequestContext,
        mut body: ReceivedLines<Thing>,
    ) -> Result<SendLinesResponse, ApiError> {
        let (mut sum, mut count) = (0, 0);
        while let Some(thing) = body.next().await {
            sum += thing?.n;
            count += 1;
        }
        Ok(SendLinesResponse::Ok(format!("{sum} of {count}")))
    }

    async fn send_counts(
        &self,
        _ctx: &RequestContext,
        mut body: ReceivedLines<Option<i64>>,
    ) -> Result<SendCountsResponse, ApiError> {
        let mut sum = 0;
        while let Some(count) = body.next().await {
            sum += count?.unwrap_or(100);
        }
        Ok(SendCountsResponse::Ok(sum.to_string()))
    }
}
