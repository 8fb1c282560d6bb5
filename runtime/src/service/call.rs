//! One request on its way to a handler: what it brings, what is wrong with it, its answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::body::{self, Requirement, Unread};
use super::client::ClientId;
use super::context::{Arrival, RequestContext};
#[cfg(feature = "cache")]
use super::digest::Digest;
use super::handler::Attempts;
#[cfg(feature = "multipart")]
use super::multipart::{self, FromMultipart};
use super::operation::Operation;
use super::params::{Encoding, Param};
use super::paths::PathValues;
use super::run::{self, Trip};
use super::stack::PolicyStack;
use super::stream::{self, ReceivedLines};
use super::urlencoded;
use super::violation::{Place, Severity, Violation, Violations};
use crate::schema::Schema;

/// A request that has passed the patterns before the handler. The generated code reads its
/// parameters and its body, and says which handler is to be called with them.
///
/// What reads all of a body at once (`json`, `form`, `text`, `bytes`) takes it from memory. For an
/// operation of [`Routes::route`](super::Routes::route) that takes a body it is there already;
/// for one of [`Routes::streamed`](super::Routes::streamed), [`whole`](Call::whole) brings it.
#[derive(Debug)]
pub struct Call {
    pub(crate) parts: Parts,
    /// What of the body has not been read.
    pub(crate) body: Body,
    /// All of the body, or why it could not be had.
    pub(crate) whole: Option<Result<Bytes, Unread>>,
    pub(crate) context: RequestContext,
    pub(crate) stack: Arc<PolicyStack>,
    pub(crate) violations: Violations,
    pub(crate) arrival: Arc<Arrival>,
    pub(crate) path_values: PathValues,
    /// How long it waited for the patterns before the handler.
    pub(crate) waited: Duration,
    /// What a cache has to know of the body.
    #[cfg(feature = "cache")]
    pub(crate) body_seen: BodySeen,
}

/// What a cache has to know of a body.
#[cfg(feature = "cache")]
#[derive(Debug, Clone, Copy)]
pub(crate) enum BodySeen {
    /// There is none, or nobody has looked at it.
    Nothing,
    Digest(Digest),
    /// Nobody has seen all of it.
    #[cfg(feature = "multipart")]
    Stream,
}

impl Call {
    pub(crate) fn new(
        operation: &'static Operation,
        stack: Arc<PolicyStack>,
        arrival: Arc<Arrival>,
        client: ClientId,
        path_values: PathValues,
        request: http::Request<Body>,
    ) -> Call {
        let (parts, body) = request.into_parts();
        let context = RequestContext::new(Arc::clone(&arrival), client, operation);
        let mut violations = Violations::default();
        if !arrival.accept.any(operation.produces) {
            violations.add(Severity::NotAcceptable, not_acceptable(operation));
        }
        Call {
            parts,
            body,
            whole: None,
            context,
            stack,
            violations,
            arrival,
            path_values,
            waited: Duration::ZERO,
            #[cfg(feature = "cache")]
            body_seen: BodySeen::Nothing,
        }
    }

    /// A parameter from the path.
    pub fn path(&mut self, name: &'static str) -> Param<'_> {
        Param::new(self, Place::Path, name)
    }

    /// The text in the path that stands for a parameter, its escapes not undone.
    pub(crate) fn path_text(&self, name: &str) -> Option<&str> {
        self.path_values.get(self.parts.uri.path(), name)
    }

    /// A parameter from the query string.
    pub fn query(&mut self, name: &'static str) -> Param<'_> {
        Param::new(self, Place::Query, name)
    }

    /// A parameter from the headers. The name may be in any case.
    pub fn header(&mut self, name: &'static str) -> Param<'_> {
        Param::new(self, Place::Header, name)
    }

    /// A parameter from the cookies.
    pub fn cookie(&mut self, name: &'static str) -> Param<'_> {
        Param::new(self, Place::Cookie, name)
    }

    /// Reads all of the body into memory, unless it is not of a media type that the operation takes.
    pub async fn whole(&mut self) -> &mut Call {
        body::whole(self).await;
        self
    }

    /// A JSON body that has to be there. `None` when it has violations, which are noted.
    pub fn json<T: DeserializeOwned>(&mut self, schema: &'static Schema) -> Option<T> {
        let bytes = body::json(self, schema, Requirement::Required)?;
        bytes.and_then(|bytes| body::typed(self, schema, &bytes))
    }

    /// A JSON body that may be left out.
    pub fn optional_json<T: DeserializeOwned>(
        &mut self,
        schema: &'static Schema,
    ) -> Option<Option<T>> {
        match body::json(self, schema, Requirement::Optional)? {
            Some(bytes) => body::typed(self, schema, &bytes).map(Some),
            None => Some(None),
        }
    }

    /// A form (`application/x-www-form-urlencoded`) that has to be there. `encodings` say how
    /// properties are written that are not written as usual.
    pub fn form<T: DeserializeOwned>(
        &mut self,
        schema: &'static Schema,
        encodings: &'static [Encoding],
    ) -> Option<T> {
        let value = urlencoded::value(self, schema, encodings, Requirement::Required)?;
        value.and_then(|value| urlencoded::typed(self, value))
    }

    /// A form that may be left out.
    pub fn optional_form<T: DeserializeOwned>(
        &mut self,
        schema: &'static Schema,
        encodings: &'static [Encoding],
    ) -> Option<Option<T>> {
        match urlencoded::value(self, schema, encodings, Requirement::Optional)? {
            Some(value) => urlencoded::typed(self, value).map(Some),
            None => Some(None),
        }
    }

    /// A form with files (`multipart/form-data`) that has to be there. `files` are the names of
    /// those parts that are files; without it these are the parts that have a file name.
    #[cfg(feature = "multipart")]
    pub async fn multipart<T: FromMultipart>(
        &mut self,
        schema: &'static Schema,
        encodings: &'static [Encoding],
        files: Option<&'static [&'static str]>,
    ) -> Option<T> {
        multipart::form(self, schema, encodings, files, Requirement::Required).await?
    }

    /// A form with files that may be left out.
    #[cfg(feature = "multipart")]
    pub async fn optional_multipart<T: FromMultipart>(
        &mut self,
        schema: &'static Schema,
        encodings: &'static [Encoding],
        files: Option<&'static [&'static str]>,
    ) -> Option<Option<T>> {
        multipart::form(self, schema, encodings, files, Requirement::Optional).await
    }

    /// A form of nothing but texts, written as `multipart/form-data`, that has to be there.
    #[cfg(feature = "multipart")]
    pub async fn multipart_texts<T: DeserializeOwned>(
        &mut self,
        schema: &'static Schema,
        encodings: &'static [Encoding],
    ) -> Option<T> {
        let value = multipart::value(self, schema, encodings, Requirement::Required).await?;
        value.and_then(|value| urlencoded::typed(self, value))
    }

    /// A form of nothing but texts that may be left out.
    #[cfg(feature = "multipart")]
    pub async fn optional_multipart_texts<T: DeserializeOwned>(
        &mut self,
        schema: &'static Schema,
        encodings: &'static [Encoding],
    ) -> Option<Option<T>> {
        match multipart::value(self, schema, encodings, Requirement::Optional).await? {
            Some(value) => urlencoded::typed(self, value).map(Some),
            None => Some(None),
        }
    }

    /// Which of the media types that the operation takes the body is of. A body of another type
    /// counts as the first one, whose reader then refuses it.
    #[must_use]
    pub fn content(&self) -> usize {
        body::content(self)
    }

    /// A body of text that has to be there: a string, or a number or the like as text.
    pub fn text<T: DeserializeOwned>(&mut self, schema: &'static Schema) -> Option<T> {
        let value = body::text(self, schema, Requirement::Required)?;
        value.and_then(|value| body::typed_value(self, schema, &value))
    }

    /// A body of text that may be left out.
    pub fn optional_text<T: DeserializeOwned>(
        &mut self,
        schema: &'static Schema,
    ) -> Option<Option<T>> {
        match body::text(self, schema, Requirement::Optional)? {
            Some(value) => body::typed_value(self, schema, &value).map(Some),
            None => Some(None),
        }
    }

    /// A body of JSON values one after another that has to be there. `schema` is that of each.
    pub async fn lines<T: DeserializeOwned>(
        &mut self,
        schema: &'static Schema,
    ) -> Option<ReceivedLines<T>> {
        stream::lines(self, schema, Requirement::Required).await?
    }

    /// A body of JSON values that may be left out.
    pub async fn optional_lines<T: DeserializeOwned>(
        &mut self,
        schema: &'static Schema,
    ) -> Option<Option<ReceivedLines<T>>> {
        stream::lines(self, schema, Requirement::Optional).await
    }

    /// A body of bytes that has to be there.
    pub fn bytes(&mut self) -> Option<Vec<u8>> {
        let bytes = body::bytes(self, Requirement::Required)?;
        bytes.map(Vec::from)
    }

    /// A body of bytes that may be left out.
    pub fn optional_bytes(&mut self) -> Option<Option<Vec<u8>>> {
        let bytes = body::bytes(self, Requirement::Optional)?;
        Some(bytes.map(Vec::from))
    }

    /// The circumstances of the request.
    #[must_use]
    pub fn context(&self) -> &RequestContext {
        &self.context
    }

    /// The answer that lists everything that is wrong with the request.
    #[must_use]
    pub fn reject(self) -> Response {
        self.violations
            .into_problem()
            .operation(self.context.operation.id)
            .into_response()
    }

    /// Calls the handler through the patterns around it and answers with what comes of it.
    #[expect(
        clippy::manual_async_fn,
        reason = "a function would keep the call twice: where it was given, and where it is used"
    )]
    pub fn respond<'h>(
        self,
        handler: &'h mut dyn Attempts,
    ) -> impl Future<Output = Response> + Send + use<'h> {
        async move {
            if !self.violations.is_empty() {
                return self.reject();
            }
            let trip = Trip::of(&self, handler);
            run::answer(&trip, self.waited).await
        }
    }
}

fn not_acceptable(operation: &Operation) -> Violation {
    Violation {
        place: Place::Header,
        name: Some("accept".to_owned()),
        pointer: String::new(),
        rule: "accept",
        message: format!("must accept {}", operation.produces.join(" or ")),
    }
}
