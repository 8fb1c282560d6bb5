//! The control plane: reading and changing the patterns of a running service over HTTP.
//!
//! | | |
//! |---|---|
//! | `GET health`, `liveness` | how the service is |
//! | `GET patterns` | every pattern with its state, and which of its values are not the document's |
//! | `GET config`, `config/{type}/{name}` | the values in force |
//! | `PUT config/{type}/{name}` | changes some of them, and answers what changed |
//! | `DELETE config/{type}/{name}` | takes that back |
//! | `GET metrics`, `metrics/{type}/{name}` | what the patterns have counted |
//! | `DELETE metrics/{type}/{name}` | counts from zero |
//! | `POST control/{type}/{name}/{command}` | `enable`, `disable`, `reset`, and `open` and `close` of circuits and fail-fasts |
//! | `GET events` | what happens to the patterns, as server-sent events |
//! | `GET openapi.json` | all this as an OpenAPI document |
//!
//! Who may do what is decided in [`access`]. A change holds until the service ends or it is taken
//! back, whatever the operator's file says meanwhile.

mod access;
mod change;
mod events;
mod route;
#[cfg(test)]
mod tests;
mod view;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::Instant;

pub use self::access::AdminToken;
use self::route::{Route, Unrouted};
use super::answer;
#[cfg(feature = "config-file")]
use super::config_file;
use super::context::Arrival;
use super::controller::{Peer, Readiness};
use super::problem::Problem;
use super::routes::BoxFuture;
use crate::overrides::Overrides;

/// The most clients that read events at the same time.
const MAX_STREAMS: usize = 32;

/// Where the control plane is, and who may use it.
///
/// Without a token it can be read from the machine that the service runs on, and changes nothing.
///
/// ```no_run
/// use failsafe_runtime::service::{AdminToken, ControlPlane, FailsafeController, Router};
///
/// # async fn run(router: Router, token: String) -> std::io::Result<()> {
/// FailsafeController::new(router, "inventory-service")
///     .with_controlplane(
///         ControlPlane::at("/failsafe").with_token(Some(AdminToken::new(token))),
///     )
///     .serve(([127, 0, 0, 1], 8080))
///     .await
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ControlPlane {
    prefix: String,
    token: Option<AdminToken>,
    pub(super) address: Option<SocketAddr>,
}

impl ControlPlane {
    /// Below this path, such as `/failsafe`.
    #[must_use]
    pub fn at(prefix: impl AsRef<str>) -> ControlPlane {
        ControlPlane {
            prefix: format!("/{}", prefix.as_ref().trim_matches('/')),
            token: None,
            address: None,
        }
    }

    /// What a caller has to show in `Authorization: Bearer`, to read as well as to change.
    /// Default: none.
    #[must_use]
    pub fn with_token(mut self, token: Option<AdminToken>) -> ControlPlane {
        self.token = token;
        self
    }

    /// An address of its own, which `/livez`, `/readyz` and `/metrics` move to as well. Default:
    /// that of the service.
    #[must_use]
    pub fn with_address(mut self, address: Option<SocketAddr>) -> ControlPlane {
        self.address = address;
        self
    }

    pub(super) fn start(
        &self,
        service: &str,
        overrides: Arc<Overrides>,
        readiness: Readiness,
    ) -> Plane {
        if self.token.is_none() {
            tracing::warn!(
                prefix = self.prefix,
                "without FAILSAFE_ADMIN_TOKEN the control plane can be read from this machine \
                 alone, and changes nothing"
            );
        }
        Plane {
            openapi: document(&self.prefix),
            prefix: self.prefix.clone(),
            token: self.token.clone(),
            service: service.to_owned(),
            overrides,
            readiness,
            started: Instant::now(),
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
            #[cfg(feature = "config-file")]
            config_state: Arc::default(),
        }
    }
}

/// The control plane of a service that runs.
#[derive(Debug)]
pub(super) struct Plane {
    prefix: String,
    token: Option<AdminToken>,
    service: String,
    overrides: Arc<Overrides>,
    readiness: Readiness,
    started: Instant,
    streams: Arc<Semaphore>,
    openapi: Bytes,
    #[cfg(feature = "config-file")]
    config_state: Arc<config_file::State>,
}

impl Plane {
    /// Tells what is wrong with the operator's file, too.
    #[cfg(feature = "config-file")]
    pub(super) fn with_config_state(mut self, state: Arc<config_file::State>) -> Plane {
        self.config_state = state;
        self
    }

    /// Whether a path is one of the control plane's.
    pub(super) fn owns(&self, path: &str) -> bool {
        self.below(path).is_some()
    }

    fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        // Below `/` everything would be.
        let rest = path.strip_prefix(self.prefix.trim_end_matches('/'))?;
        rest.strip_prefix('/').or(rest.is_empty().then_some(""))
    }

    /// Answers a request to a path of its own.
    pub(super) fn answer(
        self: &Arc<Plane>,
        request: Request<Body>,
        peer: &Peer,
        arrival: Arc<Arrival>,
    ) -> BoxFuture<Response> {
        let plane = Arc::clone(self);
        let allowed = access::check(plane.token.as_ref(), &request, peer);
        Box::pin(async move {
            let mut response = match allowed {
                Ok(()) => plane.routed(request, &arrival).await,
                Err(refused) => refused.into_response(),
            };
            // Nothing here is for a cache to keep.
            response
                .headers_mut()
                .entry(header::CACHE_CONTROL)
                .or_insert(HeaderValue::from_static("no-store"));
            response
        })
    }

    async fn routed(&self, request: Request<Body>, arrival: &Arrival) -> Response {
        let path = self.below(request.uri().path()).unwrap_or_default();
        let route = match Route::find(request.method(), path) {
            Ok(route) => route,
            Err(unrouted) => return unrouted.into_response(),
        };
        match route {
            Route::Health => self.health(),
            Route::Liveness => answer::json(StatusCode::OK, &json!({ "status": "alive" })),
            Route::Patterns => self.patterns(),
            Route::Config => self.config(),
            Route::ConfigOf(target) => self.config_of(&target),
            Route::Put(target) => self.put(&target, request, arrival).await,
            Route::TakeBack(target) => self.take_back(&target, arrival),
            Route::Metrics => self.metrics(),
            Route::MetricsOf(target) => self.metrics_of(&target),
            Route::Forget(target) => self.forget(&target, arrival),
            Route::Control(target, command) => self.control(&target, &command, arrival),
            Route::Events => self.events(),
            Route::OpenApi => {
                answer::with_body(StatusCode::OK, "application/json", self.openapi.clone())
            }
        }
    }
}

impl IntoResponse for Unrouted {
    fn into_response(self) -> Response {
        match self {
            Unrouted::Path => Problem::new(StatusCode::NOT_FOUND)
                .detail("no such path; `openapi.json` lists those that there are")
                .into_response(),
            Unrouted::Method(allowed) => {
                let mut response = Problem::new(StatusCode::METHOD_NOT_ALLOWED)
                    .detail(format!("the path takes {allowed}"))
                    .into_response();
                response
                    .headers_mut()
                    .insert(header::ALLOW, HeaderValue::from_static(allowed));
                response
            }
        }
    }
}

/// The control plane's own document, with the prefix as its server.
fn document(prefix: &str) -> Bytes {
    let document: Result<Value, _> = serde_json::from_str(include_str!("openapi.json"));
    let mut document = document.expect("the document is JSON");
    document["servers"] = json!([{ "url": prefix }]);
    document.to_string().into()
}
