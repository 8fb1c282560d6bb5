//! An axum app that was there before, and the line that protects it.
//!
//! `cargo run -p failsafe-runtime --features service --example axum`, and then a few times
//! `curl -i http://127.0.0.1:8080/search`.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use failsafe_runtime::service::{PolicyStack, Protect};
use failsafe_runtime::{BulkheadConfig, ConfigError, Patterns, RateLimitConfig, TimeoutConfig};

/// What may be asked of the app, by whom, and for how long.
fn policies(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
    Ok(PolicyStack::new()
        .rate_limit(patterns.rate_limit(
            "search",
            RateLimitConfig {
                max_executions: 5,
                enable_per_client_tracking: true,
                ..RateLimitConfig::default()
            },
        )?)
        .bulkhead(patterns.bulkhead("search", BulkheadConfig::default())?)
        .timeout(patterns.timeout(
            "search",
            TimeoutConfig {
                seconds: Duration::from_secs(2),
                ..TimeoutConfig::default()
            },
        )?))
}

/// The app as it was, and one line more.
pub(crate) fn app(patterns: &Patterns) -> Result<Router, ConfigError> {
    Ok(Router::new()
        .route("/search", get(async || "found"))
        .route("/stuck", get(std::future::pending::<&str>))
        .layer(Protect::by(policies(patterns)?)))
}

#[tokio::main]
#[allow(dead_code, reason = "its test includes this file and calls the app")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = app(&Patterns::new())?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on http://{}", listener.local_addr()?);
    // With the addresses of its clients, by which they are told apart.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).await?;
    Ok(())
}
