//! A stack of layers around a tower service, without a box between them.
//!
//! `cargo run -p failsafe-runtime --example tower`

use std::sync::LazyLock;

use failsafe_runtime::circuitbreaker::CircuitBreakerLayer;
use failsafe_runtime::ratelimit::RateLimitLayer;
use failsafe_runtime::retry::RetryLayer;
use failsafe_runtime::timeout::TimeoutLayer;
use failsafe_runtime::{
    CircuitBreaker, CircuitBreakerConfig, RateLimit, RateLimitConfig, Retry, RetryConfig, Timeout,
    TimeoutConfig,
};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

/// There as long as the program: a layer of it counts no references.
static LIMIT: LazyLock<RateLimit> = LazyLock::new(|| {
    let config = RateLimitConfig {
        max_executions: 3,
        ..RateLimitConfig::default()
    };
    RateLimit::new("double", config).expect("three a minute are in range")
});

async fn double(number: u32) -> Result<u32, &'static str> {
    number.checked_mul(2).ok_or("too large")
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), failsafe_runtime::ConfigError> {
    let mut service = ServiceBuilder::new()
        .layer(RateLimitLayer::new(&*LIMIT))
        .layer(CircuitBreakerLayer::new(CircuitBreaker::new(
            "double",
            CircuitBreakerConfig::default(),
        )?))
        .layer(RetryLayer::new(Retry::new(
            "double",
            RetryConfig::default(),
        )?))
        .layer(TimeoutLayer::new(Timeout::new(
            "double",
            TimeoutConfig::default(),
        )?))
        .service(service_fn(double));

    for number in 1..=4 {
        let ready = match service.ready().await {
            Ok(ready) => ready,
            Err(error) => {
                println!("not ready: {error}");
                continue;
            }
        };
        match ready.call(number).await {
            Ok(answer) => println!("{number} -> {answer}"),
            Err(error) => println!("{number} -> {error}"),
        }
    }
    Ok(())
}
