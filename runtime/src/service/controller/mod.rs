//! The process around a router: what every service has from its first start.

#[cfg(feature = "controlplane")]
mod admin;
mod connection;
#[cfg(feature = "docs")]
mod docs;
mod drain;
mod ingress;
mod log;
mod own_paths;
mod readiness;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::net::SocketAddr;
#[cfg(feature = "config-file")]
use std::path::PathBuf;
use std::sync::Arc;
#[cfg(feature = "overrides")]
use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

#[cfg(feature = "controlplane")]
use self::admin::Admin;
#[cfg(feature = "docs")]
use self::docs::Docs;
#[cfg(feature = "controlplane")]
pub(super) use self::ingress::Peer;
use self::ingress::{Ingress, Limits};
use self::own_paths::{Own, OwnPaths};
pub(super) use self::readiness::Readiness;
#[cfg(feature = "config-file")]
use super::config_file::{self, ConfigFile};
use super::context::Arrival;
#[cfg(feature = "controlplane")]
use super::controlplane::ControlPlane;
use crate::Patterns;
#[cfg(feature = "overrides")]
use crate::overrides::Overrides;
use crate::telemetry::Telemetry;
#[cfg(feature = "prometheus")]
use crate::telemetry::prometheus::Scrape;

/// Which side of the service the patterns protect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protection {
    /// None: every request goes to its handler as if the document asked for no pattern.
    None,
    /// Requests that come in.
    #[default]
    Ingress,
    /// Calls that go out.
    Egress,
    /// Both.
    Full,
}

/// Runs a router as a service.
///
/// It adds what a service needs from its first start: `/livez` and `/readyz`, an id for each
/// request (`x-request-id`, taken over when the caller sends a sensible one), structured logs,
/// answers where a handler panics, metrics, and an orderly end on SIGTERM and SIGINT.
///
/// ```no_run
/// use std::sync::Arc;
/// use failsafe_runtime::Patterns;
/// use failsafe_runtime::service::{FailsafeController, Protection, Router, Telemetry};
///
/// # async fn run(router: Router) -> std::io::Result<()> {
/// let patterns = Arc::new(Patterns::new());
/// FailsafeController::new(router, "inventory-service")
///     .with_patterns(patterns)
///     .with_telemetry(Telemetry::None)
///     .with_protection(Protection::Ingress)
///     .serve(([0, 0, 0, 0], 8080))
///     .await
/// # }
/// ```
#[must_use = "a controller does nothing until it serves"]
pub struct FailsafeController {
    router: Router,
    name: String,
    patterns: Arc<Patterns>,
    telemetry: Telemetry,
    own_paths: OwnPaths,
    #[cfg(feature = "controlplane")]
    controlplane: Option<ControlPlane>,
    #[cfg(feature = "overrides")]
    overrides: OnceLock<Arc<Overrides>>,
    #[cfg(feature = "config-file")]
    config_file: Option<PathBuf>,
    #[cfg(feature = "config-file")]
    config_state: Arc<config_file::State>,
    limits: Limits,
    shutdown_timeout: Duration,
    header_read_timeout: Duration,
}

impl FailsafeController {
    /// A service of this name.
    pub fn new(router: Router, name: impl Into<String>) -> FailsafeController {
        FailsafeController {
            router,
            name: name.into(),
            patterns: Arc::default(),
            telemetry: Telemetry::None,
            own_paths: OwnPaths::default(),
            #[cfg(feature = "controlplane")]
            controlplane: None,
            #[cfg(feature = "overrides")]
            overrides: OnceLock::new(),
            #[cfg(feature = "config-file")]
            config_file: None,
            #[cfg(feature = "config-file")]
            config_state: Arc::default(),
            limits: Limits {
                max_body_bytes: Arrival::MAX_BODY_BYTES,
                #[cfg(feature = "multipart")]
                max_upload_bytes: Arrival::MAX_UPLOAD_BYTES,
                body_read_timeout: Arrival::BODY_READ_TIMEOUT,
                trusted_hops: 0,
                protected: true,
                log_requests: false,
            },
            shutdown_timeout: Duration::from_secs(30),
            // Load balancers keep idle connections for a minute. One that the service closes
            // first may be closed under a request, which clients then see as a failure.
            header_read_timeout: Duration::from_secs(75),
        }
    }

    /// The patterns that the router was built with, for telemetry to read.
    pub fn with_patterns(mut self, patterns: Arc<Patterns>) -> FailsafeController {
        self.patterns = patterns;
        self
    }

    /// Where metrics go. Default: nowhere.
    pub fn with_telemetry(mut self, telemetry: Telemetry) -> FailsafeController {
        self.telemetry = telemetry;
        self
    }

    /// What the patterns protect. Default: requests that come in.
    pub fn with_protection(mut self, protection: Protection) -> FailsafeController {
        self.limits.protected = matches!(protection, Protection::Ingress | Protection::Full);
        self
    }

    /// Has the patterns read and changed over HTTP. Default: nobody can.
    #[cfg(feature = "controlplane")]
    pub fn with_controlplane(mut self, controlplane: ControlPlane) -> FailsafeController {
        self.controlplane = Some(controlplane);
        self
    }

    /// Where the operator's values for patterns are, which win over those that the patterns were
    /// made with. The file is read when the service begins to serve, whenever it changes, and on
    /// SIGHUP; it need not be there, and one with a fault is reported and changes nothing. Under
    /// the type of a pattern stands its name, or `default` for all of that type:
    ///
    /// ```yaml
    /// ratelimit:
    ///   default: { mode: shadow }
    ///   getProduct: { max_executions: 50, per_time_secs: 1s }
    /// ```
    ///
    /// Default: none.
    #[cfg(feature = "config-file")]
    pub fn with_config_file(mut self, path: impl Into<PathBuf>) -> FailsafeController {
        self.config_file = Some(path.into());
        self
    }

    /// Serves the document at `/openapi.json`.
    pub fn with_openapi(mut self, json: &'static str) -> FailsafeController {
        self.own_paths.openapi_json = Some(json);
        self
    }

    /// Says in the document that is served that operations are under this path, for a service whose
    /// [`Routes::base_path`](crate::service::Routes::base_path) is not the document's. None: what
    /// the document says.
    pub fn with_base_path(mut self, path: Option<String>) -> FailsafeController {
        self.own_paths.base_path = path;
        self
    }

    /// Moves the document elsewhere, for a service with an `/openapi.json` of its own.
    pub fn with_openapi_at(mut self, path: &'static str) -> FailsafeController {
        self.own_paths.openapi = path;
        self
    }

    /// Shows the document to people, as a page at a path: `/docs` where the service has none of
    /// its own. The page is Swagger UI; it comes with the service and asks no other host. Requests
    /// that are tried out there go to the service itself, whatever servers the document names.
    ///
    /// ```no_run
    /// use failsafe_runtime::service::{FailsafeController, Router};
    ///
    /// # async fn run(router: Router, document: &'static str) -> std::io::Result<()> {
    /// FailsafeController::new(router, "inventory-service")
    ///     .with_openapi(document)
    ///     .with_docs_at("/docs")
    ///     .serve(([127, 0, 0, 1], 8080))
    ///     .await
    /// # }
    /// ```
    #[cfg(feature = "docs")]
    pub fn with_docs_at(mut self, path: &'static str) -> FailsafeController {
        self.own_paths.docs = Some(path);
        self
    }

    /// Moves `/livez` elsewhere, for a service that has one of its own.
    pub fn with_livez_at(mut self, path: &'static str) -> FailsafeController {
        self.own_paths.livez = path;
        self
    }

    /// Moves `/readyz` elsewhere, for a service that has one of its own.
    pub fn with_readyz_at(mut self, path: &'static str) -> FailsafeController {
        self.own_paths.readyz = path;
        self
    }

    /// Moves `/metrics` elsewhere, for a service that has one of its own.
    #[cfg(feature = "prometheus")]
    pub fn with_metrics_at(mut self, path: &'static str) -> FailsafeController {
        self.own_paths.metrics = path;
        self
    }

    /// The longest body, in bytes, that is read; longer ones are answered with 413. Default:
    /// 2 MiB.
    pub fn with_max_body_bytes(mut self, bytes: usize) -> FailsafeController {
        self.limits.max_body_bytes = bytes;
        self
    }

    /// The longest body with files, in bytes, that is read; longer ones are answered with 413.
    /// Files are kept on the disk. Default: 64 MiB.
    #[cfg(feature = "multipart")]
    pub fn with_max_upload_bytes(mut self, bytes: usize) -> FailsafeController {
        self.limits.max_upload_bytes = bytes;
        self
    }

    /// How long a body may take to come in; of one with files, how long each piece may. A slower
    /// client is answered with 408. Default: 60 s.
    pub fn with_body_read_timeout(mut self, timeout: Duration) -> FailsafeController {
        self.limits.body_read_timeout = timeout;
        self
    }

    /// How many proxies stand before the service, each of which adds the address of its peer to
    /// `X-Forwarded-For`. Default: 0, that header means nothing.
    pub fn with_trusted_hops(mut self, hops: usize) -> FailsafeController {
        self.limits.trusted_hops = hops;
        self
    }

    /// Whether every request gets a line in the log. Default: no.
    pub fn with_request_log(mut self, log: bool) -> FailsafeController {
        self.limits.log_requests = log;
        self
    }

    /// How long requests on their way may go on once the service is told to end. Default: 30 s.
    pub fn with_shutdown_timeout(mut self, timeout: Duration) -> FailsafeController {
        self.shutdown_timeout = timeout;
        self
    }

    /// How long a client may take to send the head of a request, and how long a connection may
    /// be idle between requests. Default: 75 s.
    pub fn with_header_read_timeout(mut self, timeout: Duration) -> FailsafeController {
        self.header_read_timeout = timeout;
        self
    }

    /// The whole service as a router, for tests that need no socket. It pushes no metrics.
    pub fn into_router(self) -> Router {
        Router::new().fallback_service(self.into_ingress())
    }

    /// Serves until SIGTERM or SIGINT, then lets requests on their way finish.
    ///
    /// Logs go to standard output: JSON, or plain text on a terminal; `RUST_LOG` chooses what is
    /// logged (`info` by default). A program that has a `tracing` subscriber keeps it.
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on.
    pub async fn serve(self, address: impl Into<SocketAddr>) -> io::Result<()> {
        log::init();
        let address = address.into();
        let listener = TcpListener::bind(address).await.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
        })?;
        let stop = drain::signal()?;
        self.serve_until(listener, stop).await
    }

    /// Serves a listener until `stop` is done, then lets requests on their way finish.
    ///
    /// # Errors
    ///
    /// When the listener has no address.
    pub async fn serve_until(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let address = listener.local_addr()?;
        let (name, shutdown_timeout) = (self.name.clone(), self.shutdown_timeout);
        let server = connection::server(self.header_read_timeout);
        let telemetry = self.telemetry.start(&self.name, &self.patterns);
        #[cfg(feature = "config-file")]
        let following = self.config_file.clone().map(|path| {
            let state = Arc::clone(&self.config_state);
            let file = ConfigFile::open(path, self.overrides(), state);
            tokio::spawn(config_file::follow(Arc::new(file)))
        });
        #[cfg(not(feature = "controlplane"))]
        let ingress = self.into_ingress();
        #[cfg(feature = "controlplane")]
        let (ingress, admin) = self.into_ingresses();
        #[cfg(feature = "controlplane")]
        let admin = match admin {
            Some((address, ingress)) => Some(Admin::open(address, server.clone(), ingress).await?),
            None => None,
        };
        tracing::info!(%address, service = name, "listening");
        drain::serve(listener, server, ingress, stop, shutdown_timeout).await;
        // Until now it has told that the service is about to end.
        #[cfg(feature = "controlplane")]
        if let Some(admin) = admin {
            admin.close().await;
        }
        #[cfg(feature = "config-file")]
        if let Some(following) = following {
            following.abort();
        }
        telemetry.shutdown().await;
        tracing::info!(service = name, "stopped");
        Ok(())
    }

    /// Everything at one address.
    fn into_ingress(self) -> Ingress {
        let own = self.documented(Own::new(Readiness::new()));
        let own = self.administered(own);
        Ingress::new(self.router, own, self.limits)
    }

    /// What is for those who run the service is apart where it has an address of its own.
    #[cfg(feature = "controlplane")]
    fn into_ingresses(self) -> (Ingress, Option<(SocketAddr, Ingress)>) {
        let address = self.controlplane.as_ref().and_then(|it| it.address);
        let Some(address) = address else {
            return (self.into_ingress(), None);
        };
        let readiness = Readiness::new();
        let own = self.documented(Own::new(readiness.clone()));
        let admin = self.administered(Own::new(readiness));
        let admin = Ingress::new(admin::nothing_else(), admin, self.limits);
        let service = Ingress::new(self.router, own, self.limits);
        (service, Some((address, admin)))
    }

    /// Adds what callers of the service read.
    fn documented(&self, own: Own) -> Own {
        let own = own.with_document(&self.own_paths);
        #[cfg(feature = "docs")]
        let own = match self.own_paths.docs {
            Some(path) => own.with_docs(Docs::new(path, self.own_paths.openapi, &self.name)),
            None => own,
        };
        own
    }

    /// Adds what those read who run the service.
    fn administered(&self, own: Own) -> Own {
        let own = own.with_probes(&self.own_paths);
        #[cfg(feature = "prometheus")]
        let own = match self.telemetry {
            Telemetry::Prometheus => {
                let scrape = Scrape::new(Arc::clone(&self.patterns));
                own.with_metrics(self.own_paths.metrics, scrape)
            }
            _ => own,
        };
        #[cfg(feature = "controlplane")]
        let own = match &self.controlplane {
            Some(controlplane) => {
                let readiness = own.readiness().clone();
                let plane = controlplane.start(&self.name, self.overrides(), readiness);
                #[cfg(feature = "config-file")]
                let plane = plane.with_config_state(Arc::clone(&self.config_state));
                own.with_controlplane(plane)
            }
            None => own,
        };
        own
    }

    /// The one keeper of what is changed from outside.
    #[cfg(feature = "overrides")]
    fn overrides(&self) -> Arc<Overrides> {
        let overrides = self.overrides.get_or_init(|| {
            let patterns = Arc::clone(&self.patterns);
            Arc::new(Overrides::new(patterns))
        });
        Arc::clone(overrides)
    }
}

impl fmt::Debug for FailsafeController {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailsafeController")
            .field("name", &self.name)
            .field("telemetry", &self.telemetry)
            .field("limits", &self.limits)
            .field("shutdown_timeout", &self.shutdown_timeout)
            .finish_non_exhaustive()
    }
}
