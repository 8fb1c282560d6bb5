//! One connection: HTTP/1.1 over hyper.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::ingress::{Answering, Ingress, Peer};

/// The longest head of a request, and the most of a body that is read ahead.
const MAX_BUFFER: usize = 64 * 1024;

/// How connections are served. A client that sends its head byte by byte, or none at all, keeps
/// no connection longer than `header_read_timeout`.
pub(super) fn server(header_read_timeout: Duration) -> http1::Builder {
    let mut server = http1::Builder::new();
    server
        .max_buf_size(MAX_BUFFER)
        .timer(TokioTimer::new())
        .header_read_timeout(header_read_timeout);
    server
}

/// Serves one connection to its end. Once `stop` changes, the request on its way is the last.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    server: http1::Builder,
    ingress: Ingress,
    mut stop: watch::Receiver<()>,
) {
    // Answers are written whole; waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let requests = Requests {
        ingress,
        peer: Peer::of_address(peer.ip()),
    };
    let connection = server
        .serve_connection(TokioIo::new(stream), requests)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // A client that breaks its connection off or sends no HTTP is no fault of the service.
        tracing::debug!(%peer, %error, "connection ended");
    }
}

/// The requests of one peer. Its id is worked out once, not for each request.
struct Requests {
    ingress: Ingress,
    peer: Peer,
}

impl hyper::service::Service<Request<Incoming>> for Requests {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        self.ingress.answer(request.map(Body::new), &self.peer)
    }
}
