//! The error that a handler returns.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};

use super::headers;
use super::operation::Operation;
use super::problem::Problem;
use super::stream::InvalidLine;
#[cfg(feature = "client")]
use crate::client::CallError;
use crate::{Failure, FailureKind};

type Source = Box<dyn Error + Send + Sync + 'static>;

/// Why a handler could not answer as the document says.
///
/// Every other error turns into one with `?`, and a cause that is known decides what kind it is:
/// an [`std::io::Error`] anywhere in the chain of sources makes it `ConnectionError` or
/// `TimeoutError` where it says so. The cause is logged and never shown to clients.
///
/// ```
/// use failsafe_runtime::service::{ApiError, StatusCode};
///
/// async fn load(path: &str) -> Result<String, ApiError> {
///     if path.is_empty() {
///         return Err(ApiError::status(StatusCode::NOT_FOUND, "there is no such file"));
///     }
///     Ok(std::fs::read_to_string(path)?)
/// }
/// ```
pub struct ApiError {
    kind: Kind,
    detail: Option<String>,
    source: Option<Source>,
    retry_after: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Connection,
    Timeout,
    Internal,
    NotImplemented(&'static str),
    Status(StatusCode),
}

impl ApiError {
    /// Something that the service depends on could not be reached: `ConnectionError` in the
    /// document's `exceptions`, 502 when it reaches the client.
    pub fn connection(source: impl Into<Source>) -> ApiError {
        ApiError {
            kind: Kind::Connection,
            detail: None,
            source: Some(source.into()),
            retry_after: None,
        }
    }

    /// Something that the service depends on took too long: `TimeoutError` in the document's
    /// `exceptions`, 504 when it reaches the client.
    pub fn timeout(source: impl Into<Source>) -> ApiError {
        ApiError {
            kind: Kind::Timeout,
            detail: None,
            source: Some(source.into()),
            retry_after: None,
        }
    }

    /// Any other failure of the service: 500.
    pub fn internal(source: impl Into<Source>) -> ApiError {
        ApiError {
            kind: Kind::Internal,
            detail: None,
            source: Some(source.into()),
            retry_after: None,
        }
    }

    /// A status of the handler's choice, with a sentence for the client. A 4xx is an answer; 500
    /// and above (other than 501) is a failure to the patterns around the handler.
    pub fn status(status: StatusCode, detail: impl Into<String>) -> ApiError {
        ApiError {
            kind: Kind::Status(status),
            detail: Some(detail.into()),
            source: None,
            retry_after: None,
        }
    }

    /// The operation has no handler yet: 501.
    #[must_use]
    pub fn not_implemented(operation: &Operation) -> ApiError {
        ApiError {
            kind: Kind::NotImplemented(operation.id),
            detail: None,
            source: None,
            retry_after: None,
        }
    }

    /// Keeps the cause, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> ApiError {
        self.source = Some(source.into());
        self
    }

    /// Says when to try again, as somebody whom the service depends on has asked for. A retry
    /// around the handler waits that long before its next attempt, or gives up where that is more
    /// than its `max_delay` or its time; a client that is answered learns of it by `Retry-After`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use failsafe_runtime::service::{ApiError, StatusCode};
    ///
    /// let busy = ApiError::status(StatusCode::SERVICE_UNAVAILABLE, "the ledger is being rebuilt")
    ///     .with_retry_after(Duration::from_secs(20));
    /// assert_eq!(busy.retry_after(), Some(Duration::from_secs(20)));
    /// ```
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Duration) -> ApiError {
        self.retry_after = Some(retry_after);
        self
    }

    /// When to try again, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The status that a client sees.
    #[must_use]
    pub fn status_code(&self) -> StatusCode {
        match self.kind {
            Kind::Connection => StatusCode::BAD_GATEWAY,
            Kind::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Kind::NotImplemented(_) => StatusCode::NOT_IMPLEMENTED,
            Kind::Status(status) => status,
        }
    }

    /// The cause, when there is one.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.source.as_deref()
    }

    /// The line of the request's body that is at fault, where one is.
    fn invalid_line(&self) -> Option<&InvalidLine> {
        // What a handler says itself stands.
        let source = self.source.as_deref().filter(|_| self.detail.is_none());
        let mut next: Option<&(dyn Error + 'static)> = source.map(|source| source as _);
        while let Some(error) = next {
            match error.downcast_ref::<InvalidLine>() {
                Some(line) => return Some(line),
                None => next = error.source(),
            }
        }
        None
    }

    /// What the patterns count this as. `None`: an answer like any other.
    pub(crate) fn failure(&self) -> Option<FailureKind> {
        match self.kind {
            Kind::Connection => Some(FailureKind::Connection),
            Kind::Timeout => Some(FailureKind::Timeout),
            Kind::Internal => Some(FailureKind::Other),
            Kind::NotImplemented(_) => None,
            Kind::Status(status) => failure_of(status),
        }
    }
}

/// What the patterns count an answer's status as.
pub(crate) fn failure_of(status: StatusCode) -> Option<FailureKind> {
    let failed = status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED;
    failed.then_some(FailureKind::Status(status.as_u16()))
}

impl<E: Error + Send + Sync + 'static> From<E> for ApiError {
    fn from(error: E) -> ApiError {
        ApiError {
            kind: kind_of(&error),
            detail: None,
            retry_after: asked_back(&error),
            source: Some(Box::new(error)),
        }
    }
}

/// The kind that the error itself or the nearest of its sources names.
fn kind_of(error: &(dyn Error + 'static)) -> Kind {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<tokio::time::error::Elapsed>() {
            return Kind::Timeout;
        }
        if let Some(line) = error.downcast_ref::<InvalidLine>() {
            return Kind::Status(line.found().status());
        }
        #[cfg(feature = "client")]
        match error.downcast_ref::<CallError>().map(Failure::failure_kind) {
            Some(FailureKind::Connection) => return Kind::Connection,
            Some(FailureKind::Timeout) => return Kind::Timeout,
            _ => {}
        }
        match error
            .downcast_ref::<std::io::Error>()
            .map(Failure::failure_kind)
        {
            Some(FailureKind::Connection) => return Kind::Connection,
            Some(FailureKind::Timeout) => return Kind::Timeout,
            _ => next = error.source(),
        }
    }
    Kind::Internal
}

/// When somebody whom the service called asked to be called again.
#[cfg(feature = "client")]
fn asked_back(error: &(dyn Error + 'static)) -> Option<Duration> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(call) = error.downcast_ref::<CallError>() {
            return call.retry_after();
        }
        next = error.source();
    }
    None
}

/// Without a client nobody was called by one.
#[cfg(not(feature = "client"))]
fn asked_back(_: &(dyn Error + 'static)) -> Option<Duration> {
    None
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, &self.detail) {
            (Kind::Connection, _) => f.write_str("connection error"),
            (Kind::Timeout, _) => f.write_str("timeout"),
            (Kind::Internal, _) => f.write_str("internal error"),
            (Kind::NotImplemented(operation), _) => write!(f, "{operation} is not implemented"),
            (Kind::Status(status), Some(detail)) => write!(f, "{status}: {detail}"),
            (Kind::Status(status), None) => status.fmt(f),
        }?;
        // The whole chain: an error that is logged once has to say it all.
        let mut next: Option<&dyn Error> = self.source.as_ref().map(|source| &**source as _);
        while let Some(source) = next {
            write!(f, ": {source}")?;
            next = source.source();
        }
        Ok(())
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("kind", &self.kind)
            .field("detail", &self.detail)
            .field("source", &self.source)
            .finish()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Some(line) = self.invalid_line() {
            return line.found().into_problem().into_response();
        }
        let problem = Problem::new(self.status_code());
        let mut response = match (self.kind, self.detail) {
            (Kind::NotImplemented(operation), _) => problem
                .detail(format!("the operation {operation} is not implemented yet"))
                .operation(operation),
            (Kind::Connection, _) => problem.detail("a service that this one needs is unreachable"),
            (Kind::Timeout, _) => problem.detail("a service that this one needs took too long"),
            (_, Some(detail)) => problem.detail(detail),
            (_, None) => problem,
        }
        .into_response();
        if let Some(retry_after) = self.retry_after {
            let value = headers::retry_after(retry_after);
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug)]
    struct Wrapped(io::Error);

    impl fmt::Display for Wrapped {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cannot ask the warehouse")
        }
    }

    impl Error for Wrapped {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    fn wrapped(kind: io::ErrorKind) -> ApiError {
        Wrapped(kind.into()).into()
    }

    #[tokio::test(start_paused = true)]
    async fn the_cause_decides_the_kind() {
        use FailureKind::{Connection, Other, Timeout};
        for (error, failure, status) in [
            (
                io::Error::from(io::ErrorKind::ConnectionRefused).into(),
                Connection,
                502,
            ),
            (wrapped(io::ErrorKind::ConnectionReset), Connection, 502),
            (wrapped(io::ErrorKind::TimedOut), Timeout, 504),
            (wrapped(io::ErrorKind::NotFound), Other, 500),
            ("x".parse::<i32>().unwrap_err().into(), Other, 500),
        ] {
            let error: ApiError = error;
            assert_eq!(
                (error.failure(), error.status_code().as_u16()),
                (Some(failure), status)
            );
        }
        let late = tokio::time::timeout(Duration::ZERO, std::future::pending::<()>()).await;
        assert_eq!(ApiError::from(late.unwrap_err()).failure(), Some(Timeout));
    }

    #[test]
    fn a_4xx_and_501_are_answers() {
        let failure = |status| ApiError::status(status, "").failure();
        assert_eq!(failure(StatusCode::NOT_FOUND), None);
        assert_eq!(failure(StatusCode::NOT_IMPLEMENTED), None);
        assert_eq!(
            failure(StatusCode::SERVICE_UNAVAILABLE),
            Some(FailureKind::Status(503))
        );
    }

    #[test]
    fn the_log_gets_the_whole_chain() {
        let error = wrapped(io::ErrorKind::TimedOut);
        assert_eq!(
            error.to_string(),
            "timeout: cannot ask the warehouse: timed out"
        );
        let error = ApiError::status(StatusCode::CONFLICT, "taken").with_source("row 7");
        assert_eq!(error.to_string(), "409 Conflict: taken: row 7");
    }
}
