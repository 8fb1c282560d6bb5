//! The client: connections, and the patterns around an attempt.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::{Instant, timeout};

use super::answer::Answer;
use super::current::current;
use super::error::CallError;
use super::hosts::Hosts;
use super::request::Outgoing;
use crate::retry::nesting::note_in_vain;
use crate::service::patience;
use crate::timeout::Scope;
use crate::{
    Failure, FailureKind, Mode, Retry, RetryConfig, TimedOut, Timeout, TimeoutConfig, TimeoutError,
};

/// The longest answer that is read unless the service says otherwise: 1 MiB.
const MAX_ANSWER: usize = 1024 * 1024;

/// Says of a URL whether it may be called.
type Test = dyn Fn(&Uri) -> bool + Send + Sync;

/// Calls others over HTTP and HTTPS. Cheap to clone; clones share their connections.
///
/// ```
/// use failsafe_runtime::client::Client;
///
/// let client = Client::new()
///     .with_max_answer_bytes(64 * 1024)
///     .allowing(|url| url.scheme_str() == Some("https"));
/// ```
#[derive(Clone)]
pub struct Client {
    connections: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    headers: HeaderMap,
    timeout: Arc<Timeout>,
    retry: Arc<Retry>,
    hosts: Arc<Hosts>,
    max_answer: usize,
    allows: Option<Arc<Test>>,
}

impl Client {
    /// A client with 10 seconds for each of at most three attempts, which trusts the certificate
    /// authorities that Mozilla trusts.
    #[must_use]
    pub fn new() -> Client {
        let timeout = TimeoutConfig {
            seconds: Duration::from_secs(10),
            ..TimeoutConfig::default()
        };
        Client {
            connections: legacy::Client::builder(TokioExecutor::new()).build(connector()),
            headers: HeaderMap::new(),
            timeout: Arc::new(Timeout::new("client", timeout).expect("10 s are in range")),
            retry: Arc::new(
                Retry::new("client", RetryConfig::default()).expect("the defaults are in range"),
            ),
            hosts: Arc::default(),
            max_answer: MAX_ANSWER,
            allows: None,
        }
    }

    /// What is sent with every request.
    pub(super) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// Bounds each attempt, from the connection to the last byte of the answer.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Arc<Timeout>) -> Client {
        self.timeout = timeout;
        self
    }

    /// Decides how often and how fast is tried again. One that comes from the service's
    /// `Patterns` shares their budget.
    #[must_use]
    pub fn with_retry(mut self, retry: Arc<Retry>) -> Client {
        self.retry = retry;
        // Theirs are shares of its budget.
        self.hosts = Arc::default();
        self
    }

    /// The longest answer that is read. Default: 1 MiB.
    #[must_use]
    pub fn with_max_answer_bytes(mut self, bytes: usize) -> Client {
        self.max_answer = bytes;
        self
    }

    /// Calls only URLs that pass. It sees the URL as it is written: a name may yet lead to any
    /// address, so a network that has something to hide needs a wall of its own.
    #[must_use]
    pub fn allowing(mut self, test: impl Fn(&Uri) -> bool + Send + Sync + 'static) -> Client {
        self.allows = Some(Arc::new(test));
        self
    }

    /// Begins a request.
    pub fn request(&self, method: Method, url: &str) -> Outgoing<'_> {
        Outgoing::new(self, method, url)
    }

    /// Sends a request until there is an answer that stands, or no attempt is left.
    pub(super) async fn send(&self, mut request: Request<Bytes>) -> Result<Answer, CallError> {
        if self
            .allows
            .as_ref()
            .is_some_and(|test| !test(request.uri()))
        {
            return Err(CallError::NotAllowed);
        }
        for (name, value) in &self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        let current = current();
        let time_left = || match current.and_then(|current| current.end) {
            Some(end) => end.saturating_duration_since(Instant::now()),
            None => Duration::MAX,
        };
        let share = self.hosts.share(&self.retry, request.uri());
        let mut state = self.retry.start_on(&share);
        loop {
            let attempt = current.map_or(1, |current| current.attempt);
            let attempt = attempt.max(state.attempts());
            let outcome = self.attempt(request.clone(), attempt, time_left()).await;
            let (failure, asked) = match &outcome {
                Ok(answer) => (failure_of(answer.status), answer.retry_after()),
                Err(error) => (Some(error.failure_kind()), None),
            };
            let Some(failure) = failure else {
                self.retry.succeeded(&state);
                return outcome;
            };
            let next = match is_repeatable(&request, &outcome) {
                true => {
                    let retry = &self.retry;
                    retry.next_on(&share, &mut state, failure, asked, time_left())
                }
                false => None,
            };
            let Some(wait) = next else {
                if state.attempts() > 1 || is_in_vain(&outcome) {
                    note_in_vain();
                }
                return outcome;
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// An attempt that has no more time than this.
    async fn attempt(
        &self,
        mut request: Request<Bytes>,
        attempt: u32,
        time_left: Duration,
    ) -> Result<Answer, CallError> {
        let own = self.timeout.bound(Scope::Attempt);
        let own = own.filter(|(_, mode)| *mode == Mode::Enforce);
        let after = own.map_or(time_left, |(after, _)| after.min(time_left));
        let headers = request.headers_mut();
        if let Ok(ms) = u64::try_from(after.as_millis()) {
            headers.insert(patience::TIMEOUT_MS, HeaderValue::from(ms));
        }
        if attempt > 1 {
            headers.insert(patience::ATTEMPT, HeaderValue::from(attempt));
        }
        let call = self.attempt_in_its_time(request);
        if time_left == Duration::MAX {
            return call.await;
        }
        let late = CallError::TimedOut(TimedOut { after: time_left });
        timeout(time_left, call).await.unwrap_or(Err(late))
    }

    async fn attempt_in_its_time(&self, request: Request<Bytes>) -> Result<Answer, CallError> {
        let answered = self.timeout.call(|| async {
            let answer = self.connections.request(request.map(Full::new)).await;
            let (parts, body) = answer.map_err(not_answered)?.into_parts();
            let body = Limited::new(body, self.max_answer).collect().await;
            Ok(Answer {
                status: parts.status,
                headers: parts.headers,
                body: body.map_err(|error| self.not_read(error))?.to_bytes(),
            })
        });
        answered.await.map_err(|error| match error {
            TimeoutError::TimedOut(late) => CallError::TimedOut(late),
            TimeoutError::Inner(error) => error,
        })
    }

    fn not_read(&self, error: Box<dyn std::error::Error + Send + Sync>) -> CallError {
        match error.is::<LengthLimitError>() {
            true => CallError::TooLong(self.max_answer),
            false => CallError::Broken(error),
        }
    }
}

impl Default for Client {
    fn default() -> Client {
        Client::new()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may be credentials.
        f.debug_struct("Client")
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .field("max_answer", &self.max_answer)
            .finish_non_exhaustive()
    }
}

fn connector() -> HttpsConnector<HttpConnector> {
    // The process may have two providers of cryptography, of which rustls would not choose.
    let provider = rustls::crypto::ring::default_provider();
    HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(provider)
        .expect("ring speaks the versions of TLS that are asked for")
        .https_or_http()
        .enable_http1()
        .build()
}

fn not_answered(error: legacy::Error) -> CallError {
    match error.is_connect() {
        true => CallError::Unreachable(error.into()),
        false => CallError::Broken(error.into()),
    }
}

/// What the retry counts an answer as.
fn failure_of(status: StatusCode) -> Option<FailureKind> {
    let failed = status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED;
    (failed || status == StatusCode::TOO_MANY_REQUESTS)
        .then_some(FailureKind::Status(status.as_u16()))
}

/// Whether the other side, or somebody behind it, has retried already.
fn is_in_vain(outcome: &Result<Answer, CallError>) -> bool {
    outcome
        .as_ref()
        .is_ok_and(|answer| patience::forbids_retry(&answer.headers))
}

/// Whether a request may be sent once more after what became of it.
fn is_repeatable(request: &Request<Bytes>, outcome: &Result<Answer, CallError>) -> bool {
    if is_in_vain(outcome) {
        return false;
    }
    let may_have_acted = match outcome {
        Ok(answer) => !matches!(
            answer.status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ),
        Err(CallError::Unreachable(_)) => false,
        Err(CallError::Broken(_) | CallError::TimedOut(_)) => true,
        // The next attempt would end alike.
        Err(_) => return false,
    };
    !may_have_acted
        || request.method().is_idempotent()
        || request.headers().contains_key("idempotency-key")
}
