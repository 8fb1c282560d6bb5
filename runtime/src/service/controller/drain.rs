//! Taking connections, and the orderly end of that.

use std::io;
use std::time::Duration;

use hyper::server::conn::http1;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::connection;
use super::ingress::Ingress;

/// Takes connections until `stop` is done, then waits until the requests on their way are
/// answered, or until `shutdown_timeout` has passed.
pub(super) async fn serve(
    listener: TcpListener,
    server: http1::Builder,
    ingress: Ingress,
    stop: impl Future<Output = ()>,
    shutdown_timeout: Duration,
) {
    // Every connection holds a receiver: a change tells it to end, and when the last receiver is
    // gone, so is the last connection.
    let (told, stopped) = watch::channel(());
    tokio::select! {
        () = accept(&listener, &server, &ingress, &stopped) => {}
        () = stop => {}
    }
    ingress.readiness().end();
    // Nobody may connect any more, and a new instance may take the port.
    drop(listener);
    drop(stopped);
    told.send_replace(());
    let connections = told.receiver_count();
    tracing::info!(
        connections,
        "shutting down, waiting for requests on their way"
    );
    if timeout(shutdown_timeout, told.closed()).await.is_err() {
        let connections = told.receiver_count();
        tracing::warn!(
            connections,
            "shutdown timeout, requests on their way are cut off"
        );
    }
}

async fn accept(
    listener: &TcpListener,
    server: &http1::Builder,
    ingress: &Ingress,
    stopped: &watch::Receiver<()>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(connection::serve(
                    stream,
                    peer,
                    server.clone(),
                    ingress.clone(),
                    stopped.clone(),
                ));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                // Out of file descriptors, most likely: trying again at once would spin.
                tracing::error!(%error, "cannot take connections");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Errors of the connection that was about to be taken, not of the listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// Done at the first SIGTERM or SIGINT. The handlers are there once this returns. A second SIGINT
/// ends the process at once, for people who do not want to wait.
#[cfg(unix)]
pub(super) fn signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tokio::spawn(async move {
            interrupt.recv().await;
            std::process::exit(130);
        });
    })
}

/// Done at Ctrl-C.
#[cfg(not(unix))]
pub(super) fn signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler there is no orderly end, but the service can run.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
