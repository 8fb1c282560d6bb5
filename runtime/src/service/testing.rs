//! What the tests of this module share.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower_service::Service;

use super::accept::Accept;
use super::call::Call;
use super::client::ClientId;
use super::context::Arrival;
use super::operation::Operation;
use super::paths::{PathValues, Template, Tree};
use super::patience::Patience;
use super::request_id::RequestId;
use super::stack::PolicyStack;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Answer {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in {self:?}"))
            .to_str()
            .unwrap()
    }

    /// `in`, `name`, `pointer` and `rule` of each violation, in one line each.
    pub(crate) fn violations(&self) -> Vec<String> {
        let json = self.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        json["violations"]
            .as_array()
            .unwrap_or_else(|| panic!("no violations: {self:?}"))
            .iter()
            .map(|v| {
                let place = text(&v["in"]);
                let target = text(&v["name"]) + &text(&v["pointer"]);
                format!("{place} {target} {}", text(&v["rule"]))
            })
            .collect()
    }
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router
        .clone()
        .call(request)
        .await
        .unwrap_or_else(|never| match never {});
    Answer::read(response).await
}

pub(crate) async fn get(router: &Router, uri: &str) -> Answer {
    send(router, request(Method::GET, uri, &[], "")).await
}

pub(crate) fn request(
    method: Method,
    uri: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

pub(crate) fn arrival(headers: &HeaderMap) -> Arc<Arrival> {
    Arc::new(Arrival {
        request_id: RequestId::of(&HeaderMap::new()),
        peer: ClientId::of_address([192, 0, 2, 1].into()),
        max_body_bytes: 1000,
        #[cfg(feature = "multipart")]
        max_upload_bytes: 1_000_000,
        body_read_timeout: Arrival::BODY_READ_TIMEOUT,
        accept: Accept::of(headers),
        protected: true,
        patience: Patience::of(headers),
        retried_in_vain: AtomicBool::new(false),
        operation: OnceLock::new(),
    })
}

/// A call as an endpoint receives it.
pub(crate) fn call(
    operation: &'static Operation,
    stack: impl Into<Arc<PolicyStack>>,
    request: Request<Body>,
) -> Call {
    let arrival = arrival(request.headers());
    let client = arrival.peer.clone();
    let template = Template::new("", operation.template());
    let mut tree = Tree::new();
    tree.place(&template);
    let found = tree.find(request.uri().path(), &mut |_| true);
    let captures = found.map(|(_, captures)| captures).unwrap_or_default();
    let values = PathValues::new(Arc::clone(template.names()), captures);
    Call::new(operation, stack.into(), arrival, client, values, request)
}
