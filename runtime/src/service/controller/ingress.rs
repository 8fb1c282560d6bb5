//! What happens to every request before its router and to every answer after it.
//!
//! One service instead of a stack of layers, so that ids, panics and logs together cost one
//! future and no box.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
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
use super::readiness::Readiness;
use crate::service::accept::Accept;
use crate::service::client::{ClientId, forwarded};
use crate::service::context::Arrival;
use crate::service::panic;
use crate::service::patience::Patience;
use crate::service::problem::Problem;
use crate::service::request_id::{REQUEST_ID, RequestId};
#[cfg(feature = "controlplane")]
use crate::service::routes::BoxFuture;

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

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    id: ClientId,
    #[cfg(feature = "controlplane")]
    is_loopback: bool,
}

impl Peer {
    pub(crate) fn of_address(address: IpAddr) -> Peer {
        Peer {
            id: ClientId::of_address(address),
            #[cfg(feature = "controlplane")]
            is_loopback: address.to_canonical().is_loopback(),
        }
    }

    /// Nobody knows.
    fn unknown() -> Peer {
        Peer {
            id: ClientId::unknown(),
            #[cfg(feature = "controlplane")]
            is_loopback: false,
        }
    }

    /// Whether the connection comes from this machine.
    #[cfg(feature = "controlplane")]
    pub(crate) fn is_loopback(&self) -> bool {
        self.is_loopback
    }
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
    pub(super) fn readiness(&self) -> &Readiness {
        self.own.readiness()
    }

    /// Answers a request of a peer.
    pub(super) fn answer(&self, mut request: Request<Body>, peer: &Peer) -> Answering {
        let arrival = Arc::new(Arrival {
            request_id: RequestId::of(request.headers()),
            peer: self.client(&request, peer),
            max_body_bytes: self.limits.max_body_bytes,
            #[cfg(feature = "multipart")]
            max_upload_bytes: self.limits.max_upload_bytes,
            body_read_timeout: self.limits.body_read_timeout,
            accept: Accept::of(request.headers()),
            protected: self.limits.protected,
            patience: Patience::of(request.headers()),
            retried_in_vain: AtomicBool::new(false),
            operation: OnceLock::new(),
        });
        let line = self.limits.log_requests.then(|| LogLine::of(&request));
        let own = self.own.answer(&request);
        #[cfg(feature = "controlplane")]
        if own.is_none()
            && let Some(plane) = self.own.controlplane(request.uri().path())
        {
            let answer = plane.answer(request, peer, Arc::clone(&arrival));
            return Answering {
                inner: Inner::Boxed(answer),
                arrival,
                line,
            };
        }
        let inner = match own {
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
    fn client(&self, request: &Request<Body>, peer: &Peer) -> ClientId {
        match self.limits.trusted_hops {
            0 => None,
            hops => forwarded(request.headers(), hops).map(ClientId::of_address),
        }
        .unwrap_or_else(|| peer.id.clone())
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
        let peer = peer.map_or_else(Peer::unknown, |peer| Peer::of_address(peer.ip()));
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
    #[cfg(feature = "controlplane")]
    Boxed(BoxFuture<Response>),
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let mut response = match &mut this.inner {
            Inner::Ready(response) => response.take().expect("polled after it was ready"),
            #[cfg(feature = "controlplane")]
            Inner::Boxed(future) => {
                match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
                    Ok(poll) => ready!(poll),
                    Err(panic) => panicked(&this.arrival, panic::message(&*panic)),
                }
            }
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
