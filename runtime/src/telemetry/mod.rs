//! Where the patterns' numbers go.
//!
//! The patterns count for themselves; telemetry reads them when it collects. Each way out is a
//! feature and a module of its own, and a service that uses neither has neither.

#[cfg(feature = "otel")]
mod otel;
#[cfg(feature = "prometheus")]
pub(crate) mod prometheus;
#[cfg(test)]
#[cfg(all(feature = "cache", feature = "prometheus"))]
mod tests;

use std::sync::Arc;

use crate::Patterns;

/// Where metrics go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Telemetry {
    /// Nowhere.
    #[default]
    None,
    /// To an OpenTelemetry collector, by OTLP over HTTP. `OTEL_METRIC_EXPORT_INTERVAL` says how
    /// often, in milliseconds; by default once a minute, and when the service ends.
    #[cfg(feature = "otel")]
    Otel {
        /// The address metrics are posted to, such as `http://otel-collector:4318/v1/metrics`.
        endpoint: String,
    },
    /// To whoever reads `/metrics`.
    #[cfg(feature = "prometheus")]
    Prometheus,
}

impl Telemetry {
    /// Begins to collect for a service of this name.
    pub(crate) fn start(&self, service: &str, patterns: &Arc<Patterns>) -> Running {
        match self {
            Telemetry::None => {
                // Nobody asks.
                let _ = (service, patterns);
                Running::default()
            }
            #[cfg(feature = "otel")]
            Telemetry::Otel { endpoint } => Running {
                otel: otel::Export::start(endpoint, service, patterns),
            },
            #[cfg(feature = "prometheus")]
            Telemetry::Prometheus => Running::default(),
        }
    }
}

/// Telemetry at work.
#[derive(Debug, Default)]
pub(crate) struct Running {
    #[cfg(feature = "otel")]
    otel: Option<otel::Export>,
}

impl Running {
    /// Sends what has not been sent.
    pub(crate) async fn shutdown(self) {
        #[cfg(feature = "otel")]
        if let Some(export) = self.otel {
            export.shutdown().await;
        }
    }
}
