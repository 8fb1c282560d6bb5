//! The patterns around a service that somebody else has written.

use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request};
use tokio::time::timeout;
use tower_layer::Layer as TowerLayer;
use tower_service::Service;

use super::admission::{Admission, admit};
use super::body::{Unread, collect};
use super::call::Call;
use super::client::ClientId;
use super::context::{Arrival, RequestContext};
use super::error::ApiError;
use super::fallback::FailedCall;
use super::handler::Attempts;
use super::operation::Operation;
use super::paths::PathValues;
use super::routes::BoxFuture;
use super::stack::{Layer, PolicyStack};

static ANY: Operation = Operation::new("protected", Method::GET, "/*");

/// Puts a [`PolicyStack`] around any axum router or handler, in one line.
///
/// Refusals are answers: the statuses, bodies and headers (`Retry-After`, `RateLimit`, `X-Client-Id`
/// and the rest) are those of a generated service. A status of 500 and above, other than 501, is a
/// failure to the patterns.
///
/// ```
/// use axum::{Router, routing::get};
/// use failsafe_runtime::service::{PolicyStack, Protect};
/// use failsafe_runtime::{Patterns, RateLimitConfig};
///
/// let patterns = Patterns::new();
/// let limit = patterns.rate_limit("search", RateLimitConfig::default())?;
///
/// let app: Router = Router::new()
///     .route("/search", get(|| async { "found" }))
///     .layer(Protect::by(PolicyStack::new().rate_limit(limit)));
/// # Ok::<(), failsafe_runtime::ConfigError>(())
/// ```
///
/// All requests that pass through a layer share its patterns. Clients are told apart by their
/// addresses, if the app is served with `into_make_service_with_connect_info::<SocketAddr>()`.
///
/// A retry or a hedge sends a request more than once: bodies are read into memory for it, at most
/// 2 MB, and what is longer is refused with 413. Put [`retry_keyed`](PolicyStack::retry_keyed)
/// around what is not safe to repeat.
#[derive(Clone, Debug)]
pub struct Protect {
    stack: Arc<PolicyStack>,
}

impl Protect {
    /// A layer of these patterns.
    #[must_use]
    pub fn by(stack: PolicyStack) -> Protect {
        Protect {
            stack: Arc::new(stack),
        }
    }
}

impl<S> TowerLayer<S> for Protect {
    type Service = Protected<S>;

    fn layer(&self, inner: S) -> Protected<S> {
        Protected {
            inner,
            stack: Arc::clone(&self.stack),
        }
    }
}

/// A service with the patterns of a [`Protect`] around it.
#[derive(Clone, Debug)]
pub struct Protected<S> {
    inner: S,
    stack: Arc<PolicyStack>,
}

impl<S> Service<Request<Body>> for Protected<S>
where
    S: Service<Request<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<Result<Response, Infallible>>;

    // The service inside is made ready for each attempt, when it is due.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let service = self.inner.clone();
        let stack = Arc::clone(&self.stack);
        Box::pin(async move { Ok(answer(service, stack, request).await) })
    }
}

async fn answer<S>(service: S, stack: Arc<PolicyStack>, mut request: Request<Body>) -> Response
where
    S: Service<Request<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    let arrival = Arrival::take(&mut request);
    let client = ClientId::of_keys(stack.client_keys, request.headers(), &arrival.peer);
    let admission = admit(&stack, &client, arrival.patience);
    let admitted = match admission {
        Admission::In(admitted) => admitted,
        Admission::Refused(refused) => return refused.into_response(&client),
        Admission::Waiting(wait) => match wait.await {
            Ok(admitted) => admitted,
            Err(refused) => return refused.into_response(&client),
        },
    };
    let (head, body) = request.into_parts();
    let content = match repeats(&stack) {
        false => Content::Once(body),
        true => {
            let collected = collect(body, &head.headers, arrival.max_body_bytes);
            match timeout(arrival.body_read_timeout, collected).await {
                Ok(Ok(bytes)) => Content::Whole(bytes),
                Ok(Err(unread)) => return admitted.finish(unread.into_response(), &client),
                Err(_) => return admitted.finish(Unread::Slow.into_response(), &client),
            }
        }
    };
    // What the patterns look at is the head alone.
    let seen = Request::from_parts(head.clone(), Body::empty());
    let values = PathValues::new(Arc::default(), Default::default());
    let mut call = Call::new(&ANY, stack, arrival, client.clone(), values, seen);
    call.waited = admitted.waited;
    let mut attempts = Inner {
        service,
        head,
        content,
    };
    admitted.finish(call.respond(&mut attempts).await, &client)
}

/// Whether a request may be sent more than once.
fn repeats(stack: &PolicyStack) -> bool {
    stack.around.iter().any(|layer| match layer {
        Layer::Retry(..) | Layer::Hedge(_) => true,
        // It may be made once more for an answer that has become old.
        #[cfg(feature = "cache")]
        Layer::Cache(_) => true,
        _ => false,
    })
}

/// A request, and the service inside that is sent it.
struct Inner<S> {
    service: S,
    head: Parts,
    content: Content,
}

enum Content {
    /// Can be sent once.
    Once(Body),
    Whole(Bytes),
}

impl Content {
    /// That of the next attempt.
    fn next(&mut self) -> Content {
        match self {
            Content::Once(body) => Content::Once(std::mem::take(body)),
            Content::Whole(bytes) => Content::Whole(bytes.clone()),
        }
    }
}

impl<S> Attempts for Inner<S>
where
    S: Service<Request<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    fn attempt(
        &mut self,
        ctx: RequestContext,
        _may_repeat: bool,
    ) -> BoxFuture<Result<Response, ApiError>> {
        let body = match self.content.next() {
            Content::Once(body) => body,
            Content::Whole(bytes) => Body::from(bytes),
        };
        let mut request = Request::from_parts(self.head.clone(), body);
        // Its deadline and its number, for handlers that ask for an `Extension`.
        request.extensions_mut().insert(ctx);
        let mut service = self.service.clone();
        Box::pin(async move {
            let Ok(()) = poll_fn(|cx| service.poll_ready(cx)).await;
            let Ok(response) = service.call(request).await;
            Ok(response.into_response())
        })
    }

    fn fallback(
        &self,
        _ctx: RequestContext,
        _failed: FailedCall,
    ) -> Option<BoxFuture<Result<Response, ApiError>>> {
        None
    }

    #[cfg(feature = "cache")]
    fn detach(&mut self, _may_repeat: bool) -> Box<dyn Attempts> {
        Box::new(Inner {
            service: self.service.clone(),
            head: self.head.clone(),
            content: self.content.next(),
        })
    }
}

impl<S> fmt::Debug for Inner<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}
