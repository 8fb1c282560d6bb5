//! From a request for a path to the answer of its operation.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, Request, StatusCode, header};
use tokio::time::timeout;
use tower_service::Service;

use super::admission::{Admission, Admitted, admit};
use super::body::{Unread, collect};
use super::call::Call;
use super::choice::{self, Meant, Operations};
use super::client::ClientId;
use super::context::Arrival;
use super::paths::{Captures, PathValues, Tree};
use super::problem::Problem;
use super::routes::{BoxFuture, Endpoint, Route};
#[cfg(feature = "security")]
use super::security::Guard;

/// Everything that is known about the paths of a service.
struct Paths<A> {
    app: Arc<A>,
    tree: Tree,
    places: Vec<Operations<A>>,
}

impl<A> Paths<A> {
    /// The operations for a method and a path, one as a rule.
    fn find(&self, method: &Method, path: &str) -> Option<(&[Route<A>], Captures)> {
        let mut found = None;
        let (_, captures) = self.tree.find(path, &mut |place| {
            found = self.places[place].answering(method);
            found.is_some()
        })?;
        Some((found?, captures))
    }

    /// No operation has this path, or none with this method. `OPTIONS` asks which methods there are.
    fn not_found(&self, method: &Method, path: &str) -> Response {
        let mut methods: Vec<&str> = Vec::new();
        self.tree.find(path, &mut |place| {
            for method in self.places[place].methods() {
                methods.push(method.as_str());
                if method == Method::GET {
                    methods.push("HEAD");
                }
            }
            // On to the other places that match.
            false
        });
        if methods.is_empty() {
            return Problem::new(StatusCode::NOT_FOUND)
                .detail("the service has no such path")
                .into_response();
        }
        methods.push("OPTIONS");
        methods.sort_unstable();
        methods.dedup();
        let allow = HeaderValue::from_str(&methods.join(", "));
        let mut response = match *method {
            Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
            _ => Problem::new(StatusCode::METHOD_NOT_ALLOWED)
                .detail("the path has no operation with this method")
                .into_response(),
        };
        response
            .headers_mut()
            .insert(header::ALLOW, allow.expect("names of methods are tokens"));
        response
    }
}

/// The service of all paths. One type for all operations of an app.
pub(super) struct Dispatch<A> {
    paths: Arc<Paths<A>>,
    #[cfg(feature = "security")]
    guard: Guard<A>,
}

impl<A> Dispatch<A> {
    pub(super) fn new(app: Arc<A>, tree: Tree, places: Vec<Operations<A>>) -> Dispatch<A> {
        Dispatch {
            paths: Arc::new(Paths { app, tree, places }),
            #[cfg(feature = "security")]
            guard: Guard::closed(),
        }
    }

    /// Sets who is asked about credentials.
    #[cfg(feature = "security")]
    pub(super) fn guarded(mut self, guard: Guard<A>) -> Dispatch<A> {
        self.guard = guard;
        self
    }
}

impl<A: Send + Sync + 'static> Dispatch<A> {
    /// Answers a request that means one operation.
    fn answer(
        &self,
        route: &Route<A>,
        captures: Captures,
        mut request: Request<Body>,
    ) -> Answering {
        let head = request.method() == Method::HEAD;
        let arrival = Arrival::take(&mut request);
        // It is set once: a request has one operation.
        let _ = arrival.operation.set(route.operation);
        let client = ClientId::of_keys(route.stack.client_keys, request.headers(), &arrival.peer);
        let admission = if arrival.protected {
            admit(&route.stack, &client, arrival.patience)
        } else {
            Admission::In(Admitted::default())
        };
        let stack = Arc::clone(&route.stack);
        let values = PathValues::new(Arc::clone(&route.names), captures);
        let call = |request| {
            let client = client.clone();
            Call::new(route.operation, stack, arrival, client, values, request)
        };
        match admission {
            Admission::In(admitted) => Answering {
                state: State::Running(self.runner(route).run(call(request))),
                head,
                admitted: Some((admitted, client)),
            },
            Admission::Refused(refusal) => Answering::with(refusal.into_response(&client)),
            Admission::Waiting(wait) => {
                let (runner, mut call) = (self.runner(route), call(request));
                Answering {
                    state: State::Running(Box::pin(async move {
                        match wait.await {
                            Ok(admitted) => {
                                call.waited = admitted.waited;
                                admitted.finish(runner.run(call).await, &client)
                            }
                            Err(refusal) => refusal.into_response(&client),
                        }
                    })),
                    head,
                    admitted: None,
                }
            }
        }
    }

    /// What answers a call of an operation.
    fn runner(&self, route: &Route<A>) -> Runner<A> {
        Runner {
            app: Arc::clone(&self.paths.app),
            endpoint: route.endpoint,
            #[cfg(feature = "security")]
            guard: (!route.operation.security.is_empty()).then_some(self.guard),
        }
    }

    /// Answers a request that means one of several operations: which one is seen by its body,
    /// which is therefore read before the patterns of any of them are asked.
    async fn answer_by_body(self, several: Vec<usize>, request: Request<Body>) -> Response {
        let (head, body) = request.into_parts();
        let Some((routes, captures)) = self.paths.find(&head.method, head.uri.path()) else {
            return self.paths.not_found(&head.method, head.uri.path());
        };
        let arrival = head.extensions.get::<Arc<Arrival>>();
        let (limit, patience) = arrival.map_or(
            (Arrival::MAX_BODY_BYTES, Arrival::BODY_READ_TIMEOUT),
            |arrival| (arrival.max_body_bytes, arrival.body_read_timeout),
        );
        let bytes = match timeout(patience, collect(body, &head.headers, limit)).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(unread)) => return unread.into_response(),
            Err(_) => return Unread::Slow.into_response(),
        };
        let chosen = choice::by_body(routes, &several, &bytes);
        let request = Request::from_parts(head, Body::from(bytes));
        match self.answer(&routes[chosen], captures, request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// What answers a call, for one that cannot be answered at once.
struct Runner<A> {
    app: Arc<A>,
    endpoint: Endpoint<A>,
    /// Who is asked about credentials, where the operation asks for some.
    #[cfg(feature = "security")]
    guard: Option<Guard<A>>,
}

impl<A: Send + Sync + 'static> Runner<A> {
    fn run(self, call: Call) -> BoxFuture<Response> {
        #[cfg(feature = "security")]
        if let Some(guard) = self.guard {
            return Box::pin(guard.answer(self.app, self.endpoint, call));
        }
        match self.endpoint {
            Endpoint::Streamed(answer) => answer(self.app, call),
            whole @ Endpoint::Whole(_) => Box::pin(whole.answer(self.app, call)),
        }
    }
}

impl<A> Clone for Dispatch<A> {
    fn clone(&self) -> Self {
        Dispatch {
            paths: Arc::clone(&self.paths),
            #[cfg(feature = "security")]
            guard: self.guard,
        }
    }
}

impl<A: Send + Sync + 'static> Service<Request<Body>> for Dispatch<A> {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Answering {
        let path = request.uri().path();
        let Some((routes, captures)) = self.paths.find(request.method(), path) else {
            return Answering::with(self.paths.not_found(request.method(), path));
        };
        if let [only] = routes {
            return self.answer(only, captures, request);
        }
        let (head, body) = request.into_parts();
        let meant = choice::by_head(routes, &head, &captures);
        let request = Request::from_parts(head, body);
        match meant {
            Meant::One(index) => self.answer(&routes[index], captures, request),
            Meant::OfBody(several) => Answering {
                state: State::Running(Box::pin(self.clone().answer_by_body(several, request))),
                head: false,
                admitted: None,
            },
        }
    }
}

/// The answer of an operation on its way.
pub(super) struct Answering {
    state: State,
    /// The request was HEAD and wants no body.
    head: bool,
    /// What it has of the patterns that let it in.
    admitted: Option<(Admitted, ClientId)>,
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
            admitted: None,
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
        if self.head {
            drop_body(&mut response);
        }
        if let Some((admitted, client)) = self.admitted.take() {
            response = admitted.finish(response, &client);
        }
        Poll::Ready(Ok(response))
    }
}

/// Leaves of a body only how long it is; what has no body by its status has no length either.
fn drop_body(response: &mut Response) {
    let body = std::mem::take(response.body_mut());
    let has_none = matches!(
        response.status(),
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    );
    if let Some(length) = body.size_hint().exact().filter(|_| !has_none) {
        let headers = response.headers_mut();
        headers
            .entry(header::CONTENT_LENGTH)
            .or_insert_with(|| HeaderValue::from(length));
    }
}
