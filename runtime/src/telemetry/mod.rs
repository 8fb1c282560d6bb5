//! Where the patterns' numbers go.
//!
//! The patterns count for themselves; telemetry reads them when it collects. Each way out is a
//! feature and a folder of its own, and a service that uses neither has neither.

use std::sync::Arc;

use crate::Patterns;

/// Where metrics go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Telemetry {
    /// Nowhere.
    #[default]
    None,
}

impl Telemetry {
    /// Begins to collect for a service of this name.
    pub(crate) fn start(self, _service: &str, _patterns: &Arc<Patterns>) -> Running {
        match self {
            Telemetry::None => Running::default(),
        }
    }
}

/// Telemetry at work.
#[derive(Debug, Default)]
pub(crate) struct Running {}

impl Running {
    /// Sends what has not been sent.
    pub(crate) async fn shutdown(self) {}
}
