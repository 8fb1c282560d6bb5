//! From a request for a path to the answer of its operation.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, Request, StatusCode, header};
use tower_service::Service;

use super::call::Call;
use super::client::ClientId;
use super::context::Arrival;
use super::headers;
use super::problem::Problem;
use super::refusal::Refusal;
use super::routes::{BoxFuture, Route};
#[cfg(feature = "security")]
use super::security::Guard;
use super::stack::PolicyStack;
use crate::RateLimitGrant;

/// All operations of one path.
struct Entry<A> {
    app: Arc<A>,
    routes: Vec<Route<A>>,
    allow: HeaderValue,
}

impl<A> Entry<A> {
    /// The operation that answers a method. GET answers HEAD, too.
    fn find(&self, method: &Method) -> Option<&Route<A>> {
        let find = |method| {
            self.routes
                .iter()
                .find(|route| route.operation.method == method)
        };
        find(method).or_else(|| find(&Method::GET).filter(|_| *method == Method::HEAD))
    }

    fn method_not_allowed(&self) -> Response {
        let mut response = Problem::new(StatusCode::METHOD_NOT_ALLOWED)
            .detail("the path has no operation with this method")
            .into_response();
        response
            .headers_mut()
            .insert(header::ALLOW, self.allow.clone());
        response
    }
}

fn allow<A>(routes: &[Route<A>]) -> HeaderValue {
    let mut methods: Vec<&str> = Vec::new();
    for route in routes {
        methods.push(route.operation.method.as_str());
        if route.operation.method == Method::GET {
            methods.push("HEAD");
        }
    }
    methods.sort_unstable();
    methods.dedup();
    HeaderValue::from_str(&methods.join(", ")).expect("names of methods are tokens")
}

/// The service of one path. One type for all operations of an app.
pub(super) struct PathService<A> {
    entry: Arc<Entry<A>>,
    #[cfg(feature = "security")]
    guard: Guard<A>,
}

impl<A> PathService<A> {
    pub(super) fn new(app: Arc<A>, routes: Vec<Route<A>>) -> PathService<A> {
        let allow = allow(&routes);
        PathService {
            entry: Arc::new(Entry { app, routes, allow }),
            #[cfg(feature = "security")]
            guard: Guard::closed(),
        }
    }

    /// Sets who is asked about credentials.
    #[cfg(feature = "security")]
    pub(super) fn guarded(mut self, guard: Guard<A>) -> PathService<A> {
        self.guard = guard;
        self
    }
}

impl<A: Send + Sync + 'static> PathService<A> {
    fn answer(&self, route: &Route<A>, app: Arc<A>, call: Call) -> BoxFuture<Response> {
        #[cfg(feature = "security")]
        if !route.operation.security.is_empty() {
            return Box::pin(self.guard.answer(app, route.endpoint, call));
        }
        (route.endpoint)(app, call)
    }
}

impl<A> Clone for PathService<A> {
    fn clone(&self) -> Self {
        PathService {
            entry: Arc::clone(&self.entry),
            #[cfg(feature = "security")]
            guard: self.guard,
        }
    }
}

impl<A: Send + Sync + 'static> Service<Request<Body>> for PathService<A> {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Answering {
        let Some(route) = self.entry.find(request.method()) else {
            return Answering::with(self.entry.method_not_allowed());
        };
        let head = request.method() == Method::HEAD;
        let arrival = Arrival::take(&mut request);
        // It is set once: a request has one operation.
        let _ = arrival.operation.set(route.operation);
        let client = ClientId::of_keys(route.stack.client_keys, request.headers(), &arrival.peer);
        let passed = match admit(&route.stack, &arrival, &client) {
            Ok(grant) => grant.map(|grant| (grant, client.clone())),
            Err(refusal) => return Answering::with(refusal.into_response(&client)),
        };
        let stack = Arc::clone(&route.stack);
        let call = Call::new(route.operation, stack, arrival, client, request);
        let app = Arc::clone(&self.entry.app);
        Answering {
            state: State::Running(self.answer(route, app, call)),
            head,
            passed,
        }
    }
}

/// Asks the patterns that decide before the request is read. Of several rate limits the tightest
/// one is reported.
fn admit(
    stack: &PolicyStack,
    arrival: &Arrival,
    client: &ClientId,
) -> Result<Option<RateLimitGrant>, Refusal> {
    if !arrival.protected {
        return Ok(None);
    }
    let mut tightest: Option<RateLimitGrant> = None;
    for rate_limit in &stack.rate_limits {
        match rate_limit.acquire(Some(client.as_str())) {
            Ok(grant) if tightest.is_some_and(|t| t.remaining() <= grant.remaining()) => {}
            Ok(grant) => tightest = Some(grant),
            Err(refused) => {
                return Err(Refusal::RateLimit {
                    retry_after: refused.retry_after,
                    backpressure: refused.backpressure,
                });
            }
        }
    }
    Ok(tightest)
}

/// The answer of an operation on its way.
pub(super) struct Answering {
    state: State,
    /// The request was HEAD and wants no body.
    head: bool,
    /// What a passed answer has to say of its rate limit.
    passed: Option<(RateLimitGrant, ClientId)>,
}

enum State {
    Ready(Option<Response>),
    Running(BoxFuture<Response>),
}

impl Answering {
    fn with(response: Response) -> Answering {
        Answering {
            state: State::Ready(Some(response)),
            head: false,
            passed: None,
        }
    }
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut response = match &mut self.state {
            State::Ready(response) => response.take().expect("polled after it was ready"),
            State::Running(future) => ready!(future.as_mut().poll(cx)),
        };
        if let Some((grant, client)) = &self.passed {
            headers::mark_passed(&mut response, grant, client);
        }
        if self.head {
            drop_body(&mut response);
        }
        Poll::Ready(Ok(response))
    }
}

/// Leaves of a body only how long it is.
fn drop_body(response: &mut Response) {
    let body = std::mem::take(response.body_mut());
    if let Some(length) = body.size_hint().exact() {
        let headers = response.headers_mut();
        headers
            .entry(header::CONTENT_LENGTH)
            .or_insert_with(|| HeaderValue::from(length));
    }
}
