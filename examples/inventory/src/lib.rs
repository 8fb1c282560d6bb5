//! Inventory Service
//!
//! A library beside the binary, so that tests can build the service without a socket:
//! `service(app, &settings)?.into_router()`.

// Rewritten from the document by every run of the generator, in its own layout.
#[rustfmt::skip]
pub mod generated;
pub mod handlers;
pub mod settings;
pub mod store;

use std::sync::Arc;

use failsafe_runtime::ConfigError;
use failsafe_runtime::service::{ControlPlane, FailsafeController, Protection};

use crate::settings::Settings;
use crate::store::Store;

/// The service's name in logs and metrics.
pub const NAME: &str = "Inventory Service";

/// What the handlers share: the place for connection pools, clients and caches.
#[derive(Debug)]
pub struct App {
    /// The articles.
    pub store: Store,
}

impl App {
    /// Everything that has to be there before the first request.
    pub fn new(_settings: &Settings) -> Self {
        Self {
            store: Store::default(),
        }
    }
}

/// The service, ready to serve.
///
/// # Errors
///
/// When the document's policies contradict each other.
pub fn service(app: App, settings: &Settings) -> Result<FailsafeController, ConfigError> {
    let patterns = Arc::new(generated::patterns()?);
    let mut routes = generated::routes(Arc::new(app), &patterns)?;
    if let Some(base_path) = &settings.base_path {
        routes = routes.base_path(base_path);
    }
    Ok(FailsafeController::new(routes.into_router(), NAME)
        .with_base_path(settings.base_path.clone())
        .with_openapi(generated::OPENAPI_JSON)
        .with_docs_at("/docs")
        .with_patterns(patterns)
        .with_telemetry(settings.telemetry())
        .with_protection(Protection::Ingress)
        .with_config_file(&settings.config_file)
        .with_controlplane(
            ControlPlane::at("/failsafe")
                .with_token(settings.admin_token.clone())
                .with_address(settings.admin_address()),
        )
        .with_max_body_bytes(settings.max_body_bytes)
        .with_trusted_hops(settings.trusted_hops)
        .with_request_log(settings.log_requests)
        .with_shutdown_timeout(settings.shutdown_timeout))
}
