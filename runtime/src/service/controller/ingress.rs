//! What happens to every request before its router and to every answer after it.
//!
//! One service instead of a stack of layers, so that ids, panics and logs together cost one
//! future and no box.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse, Response};
use axum::routing::future::RouteFuture;
use http::{Method, Request, StatusCode, Uri};
use tokio::time::Instant;
use tower_service::Service;

use super::own_paths::Own;
use crate::service::accept::Accept;
use crate::service::client::{ClientId, forwarded};
use crate::service::context::Arrival;
use crate::service::panic;
use crate::service::problem::Problem;
use crate::service::request_id::{REQUEST_ID, RequestId};

/// What holds for every request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) max_body_bytes: usize,
    #[cfg(feature = "multipart")]
    pub(super) max_upload_bytes: usize,
    pub(super) body_read_timeout: Duration,
    pub(super) trusted_hops: usize,
    pub(super) protected: bool,
    pub(super) log_requests: bool,
}

/// The service around the router. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Ingress {
    router: Router,
    own: Arc<Own>,
    limits: Limits,
}

impl Ingress {
    pub(super) fn new(router: Router, own: Own, limits: Limits) -> Ingress {
        Ingress {
            router,
            own: Arc::new(own),
            limits,
        }
    }

    /// Whether the service wants requests.
    pub(super) fn ready(&self) -> &Arc<AtomicBool> {
        self.own.ready()
    }

    /// Answers a request of a peer.
    pub(super) fn answer(&self, mut request: Request<Body>, peer: &ClientId) -> Answering {
        let arrival = Arc::new(Arrival {
            request_id: RequestId::of(request.headers()),
            peer: self.client(&request, peer),
            max_body_bytes: self.limits.max_body_bytes,
            #[cfg(feature = "multipart")]
            max_upload_bytes: self.limits.max_upload_bytes,
            body_read_timeout: self.limits.body_read_timeout,
            accept: Accept::of(request.headers()),
            protected: self.limits.protected,
            operation: OnceLock::new(),
        });
        let line = self.limits.log_requests.then(|| LogLine::of(&request));
        let inner = match self.own.answer(&request) {
            Some(response) => Inner::Ready(Some(response)),
            None => {
                request.extensions_mut().insert(Arc::clone(&arrival));
                // A router is always ready; a clone is one more count of its reference.
                Inner::Routed(self.router.clone().call(request))
            }
        };
        Answering {
            inner,
            arrival,
            line,
        }
    }

    /// The client's address, where proxies that may be trusted report it, or else the peer's.
    fn client(&self, request: &Request<Body>, peer: &ClientId) -> ClientId {
        match self.limits.trusted_hops {
            0 => None,
            hops => forwarded(request.headers(), hops).map(ClientId::of_address),
        }
        .unwrap_or_else(|| peer.clone())
    }
}

/// Without a connection (in tests, and nested in another router) the peer is who axum says.
impl Service<Request<Body>> for Ingress {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Answering {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or_else(ClientId::unknown, |peer| ClientId::of_address(peer.ip()));
        self.answer(request, &peer)
    }
}

/// An answer on its way out.
pub(super) struct Answering {
    inner: Inner,
    arrival: Arc<Arrival>,
    line: Option<LogLine>,
}

enum Inner {
    Ready(Option<Response>),
    Routed(RouteFuture<Infallible>),
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let mut response = match &mut this.inner {
            Inner::Ready(response) => response.take().expect("polled after it was ready"),
            Inner::Routed(future) => {
                // Handlers are caught where they are called. This is for what else people put
                // into a router.
                match catch_unwind(AssertUnwindSafe(|| Pin::new(future).poll(cx))) {
                    Ok(poll) => match ready!(poll) {
                        Ok(response) => response,
                        Err(never) => match never {},
                    },
                    Err(panic) => panicked(&this.arrival, panic::message(&*panic)),
                }
            }
        };
        response
            .headers_mut()
            .insert(REQUEST_ID, this.arrival.request_id.header());
        if let Some(line) = &this.line {
            line.write(&this.arrival, response.status());
        }
        Poll::Ready(Ok(response))
    }
}

fn panicked(arrival: &Arrival, message: &str) -> Response {
    let request_id = arrival.request_id.as_str();
    tracing::error!(request_id, message, "request panicked");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

/// What the log says of a request, kept until it is answered.
#[derive(Debug)]
struct LogLine {
    method: Method,
    uri: Uri,
    started: Instant,
}

impl LogLine {
    fn of(request: &Request<Body>) -> LogLine {
        LogLine {
            method: request.method().clone(),
            uri: request.uri().clone(),
            started: Instant::now(),
        }
    }

    fn write(&self, arrival: &Arrival, status: StatusCode) {
        tracing::info!(
            request_id = arrival.request_id.as_str(),
            operation = arrival.operation.get().map(|operation| operation.id),
            method = self.method.as_str(),
            // Not the query: it may hold what belongs in no log.
            path = self.uri.path(),
            client = arrival.peer.as_str(),
            status = status.as_u16(),
            latency_ms = self.started.elapsed().as_secs_f64() * 1000.0,
            "request"
        );
    }
}
