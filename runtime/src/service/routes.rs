//! The operations of a service as one axum router.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::{self, Write as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, Request, StatusCode, header};
use tower_service::Service;

use super::call::Call;
use super::client::ClientId;
use super::context::Arrival;
use super::headers;
use super::operation::Operation;
use super::problem::Problem;
use super::refusal::Refusal;
use super::stack::PolicyStack;
use crate::RateLimitGrant;

/// A future that can be kept without naming its type.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;

/// A generated endpoint. A plain function, so that an operation costs no service type of its own.
pub type Endpoint<A> = fn(Arc<A>, Call) -> BoxFuture<Response>;

/// Gathers the operations of a service.
///
/// `A` is the type whose methods answer them. Every operation is served by one service type that
/// is generic over `A` alone.
pub struct Routes<A> {
    app: Arc<A>,
    /// By path, parameters without their names: operations that call one parameter differently
    /// are neighbours all the same.
    paths: BTreeMap<String, Vec<Route<A>>>,
}

struct Route<A> {
    operation: &'static Operation,
    stack: Arc<PolicyStack>,
    endpoint: Endpoint<A>,
}

impl<A: Send + Sync + 'static> Routes<A> {
    /// No operations yet.
    #[must_use]
    pub fn new(app: Arc<A>) -> Routes<A> {
        Routes {
            app,
            paths: BTreeMap::new(),
        }
    }

    /// Adds an operation. Of two with the same method and path the first one answers.
    #[must_use]
    pub fn route(
        mut self,
        operation: &'static Operation,
        stack: PolicyStack,
        endpoint: Endpoint<A>,
    ) -> Routes<A> {
        let route = Route {
            operation,
            stack: Arc::new(stack),
            endpoint,
        };
        self.paths
            .entry(router_path(operation.path))
            .or_default()
            .push(route);
        self
    }

    /// The router. Unknown paths are answered with 404 and unknown methods with 405, both as
    /// problems.
    ///
    /// # Panics
    ///
    /// When a path is none that axum's router takes; the generator lets none such through.
    pub fn into_router(self) -> Router {
        let mut router = Router::new();
        for (path, routes) in self.paths {
            let allow = allow(&routes);
            let entry = Entry {
                app: Arc::clone(&self.app),
                routes,
                allow,
            };
            router = router.route_service(
                &path,
                PathService {
                    entry: Arc::new(entry),
                },
            );
        }
        router.fallback(not_found)
    }
}

impl<A> fmt::Debug for Routes<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for route in self.paths.values().flatten() {
            let operation = route.operation;
            map.entry(
                &format_args!("{} {}", operation.method, operation.path),
                &route.stack,
            );
        }
        map.finish()
    }
}

/// A path as axum's router takes it: `/inventories/{p2}` for `/inventories/{inventoryId}`, and
/// escaped as it comes over the wire.
fn router_path(template: &str) -> String {
    let mut path = String::with_capacity(template.len());
    for (index, segment) in template.split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        if segment.starts_with('{') && segment.ends_with('}') {
            let _ = write!(path, "{{p{index}}}");
        } else {
            escape(segment, &mut path);
        }
    }
    path
}

/// Escapes what may not stand in a path as it is. An escape that is there already stays.
fn escape(segment: &str, to: &mut String) {
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%".contains(&byte) {
            to.push(char::from(byte));
        } else {
            let _ = write!(to, "%{byte:02X}");
        }
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

async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND).detail("the service has no such path")
}

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

struct PathService<A> {
    entry: Arc<Entry<A>>,
}

impl<A> Clone for PathService<A> {
    fn clone(&self) -> Self {
        PathService {
            entry: Arc::clone(&self.entry),
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
        let client = ClientId::of_keys(route.stack.client_keys, request.headers(), &arrival.peer);
        let passed = match admit(&route.stack, &arrival, &client) {
            Ok(grant) => grant.map(|grant| (grant, client.clone())),
            Err(refusal) => return Answering::with(refusal.into_response(&client)),
        };
        let stack = Arc::clone(&route.stack);
        let call = Call::new(route.operation, stack, arrival, client, request);
        let app = Arc::clone(&self.entry.app);
        Answering {
            state: State::Running((route.endpoint)(app, call)),
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
struct Answering {
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
            State::Running(future) => std::task::ready!(future.as_mut().poll(cx)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_they_come_over_the_wire() {
        for (template, path) in [
            ("/", "/"),
            ("/items/{itemId}/parts/{partId}", "/items/{p2}/parts/{p4}"),
            ("/items/{item-id}/", "/items/{p2}/"),
            ("/ä b", "/%C3%A4%20b"),
            ("/a%20b:act", "/a%20b:act"),
        ] {
            assert_eq!(router_path(template), path);
        }
    }
}
