//! The address that is for those who run the service.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use http::StatusCode;
use hyper::server::conn::http1;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::drain;
use super::ingress::Ingress;
use crate::service::problem::Problem;

/// What is asked of it takes no longer.
const SHUTDOWN: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Admin {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Admin {
    /// # Errors
    ///
    /// When the address cannot be listened on.
    pub(super) async fn open(
        address: SocketAddr,
        server: http1::Builder,
        ingress: Ingress,
    ) -> io::Result<Admin> {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            let message = format!("cannot listen on {address}, the admin address: {error}");
            io::Error::new(error.kind(), message)
        })?;
        let address = listener.local_addr()?;
        tracing::info!(%address, "admin listening");
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            // Dropped or sent, it is the end.
            let _ = stopped.await;
        };
        let serving = tokio::spawn(drain::serve(listener, server, ingress, stopped, SHUTDOWN));
        Ok(Admin { stop, serving })
    }

    pub(super) async fn close(self) {
        drop(self.stop);
        if self.serving.await.is_err() {
            tracing::error!("the admin address did not end in order");
        }
    }
}

/// What there is besides at the admin address.
pub(super) fn nothing_else() -> Router {
    Router::new().fallback(|| async { Problem::new(StatusCode::NOT_FOUND).into_response() })
}
