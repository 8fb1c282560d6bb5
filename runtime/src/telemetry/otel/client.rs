//! Posts to the collector over the hyper that serves the service.
//!
//! A collector is one host, spoken to once in a while: a connection for each push is enough, and
//! spares a service a second HTTP stack.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::uri::Scheme;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use opentelemetry_http::{HttpClient, HttpError};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// One push, from the connection to the last byte of the answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// More than a collector has to say.
const MAX_ANSWER: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Client {
    /// The SDK collects on a thread of its own, where there is no runtime.
    runtime: Handle,
    /// Whether the last push arrived. A collector that is away is one line in the log, and its
    /// return another, however long it stays away.
    reachable: AtomicBool,
}

impl Client {
    pub(super) fn new(endpoint: &str, runtime: Handle) -> Result<Client, String> {
        let uri: Uri = endpoint
            .parse()
            .map_err(|error| format!("not an address: {error}"))?;
        if uri.scheme() != Some(&Scheme::HTTP) || uri.host().is_none() {
            return Err("metrics go to http:// addresses only".to_owned());
        }
        Ok(Client {
            runtime,
            reachable: AtomicBool::new(true),
        })
    }

    fn note(&self, endpoint: &str, result: &Result<Response<Bytes>, HttpError>) {
        let failure = match result {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(response.status().to_string()),
            Err(error) => Some(error.to_string()),
        };
        let was_reachable = self.reachable.swap(failure.is_none(), Ordering::Relaxed);
        match failure {
            Some(error) if was_reachable => {
                tracing::warn!(
                    endpoint,
                    error,
                    "metrics are not taken; trying on in silence"
                );
            }
            None if !was_reachable => tracing::info!(endpoint, "metrics are taken again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let endpoint = request.uri().to_string();
        let sent = self
            .runtime
            .spawn(async { timeout(TIMEOUT, send(request)).await });
        let result = match sent.await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err("timeout".into()),
            Err(error) => Err(error.into()),
        };
        self.note(&endpoint, &result);
        result
    }
}

async fn send(request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let uri = request.uri().clone();
    let host = uri.host().ok_or("the address has no host")?;
    let address = (host.trim_matches(['[', ']']), uri.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);

    let (mut parts, body) = request.into_parts();
    let authority = uri.authority().map_or(host, |authority| authority.as_str());
    parts
        .headers
        .insert(header::HOST, HeaderValue::from_str(authority)?);
    // A server is asked for a path; the rest of the address is where it is.
    parts.uri = uri
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .parse()?;
    let answer = sender
        .send_request(Request::from_parts(parts, Full::new(body)))
        .await?;

    let (parts, body) = answer.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await?.to_bytes();
    Ok(Response::from_parts(parts, body))
}
