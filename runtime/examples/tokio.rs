//! A tokio program that does what often fails: patterns as calls within calls, and as a guard.
//!
//! `cargo run -p failsafe-runtime --example tokio`

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use failsafe_runtime::{
    Bulkhead, BulkheadConfig, CircuitBreaker, CircuitBreakerConfig, Retry, RetryConfig, Timeout,
    TimeoutConfig,
};

static CALLS: AtomicU32 = AtomicU32::new(0);

/// Two calls of three fail, and now and then one hangs.
async fn measure() -> Result<u32, &'static str> {
    let call = CALLS.fetch_add(1, Relaxed) + 1;
    match call % 6 {
        0 => Ok(call),
        3 => Ok(call * 10),
        1 => std::future::pending().await,
        _ => Err("the sensor is busy"),
    }
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), failsafe_runtime::ConfigError> {
    let retry = Retry::new(
        "measure",
        RetryConfig {
            attempts: 4,
            delay: Duration::from_millis(20),
            ..RetryConfig::default()
        },
    )?;
    let timeout = Timeout::new(
        "measure",
        TimeoutConfig {
            seconds: Duration::from_millis(100),
            ..TimeoutConfig::default()
        },
    )?;
    let breaker = CircuitBreaker::new("measure", CircuitBreakerConfig::default())?;

    // The circuit sees what its caller sees, and each attempt has a time of its own.
    for _ in 0..5 {
        let value = breaker.call(|| retry.call(|| timeout.call(measure))).await;
        match value {
            Ok(value) => println!("measured {value}"),
            Err(error) => println!("not this time: {error}"),
        }
    }

    // The same patterns as guards, where what they guard is no single call.
    let bulkhead = Bulkhead::new(
        "report",
        BulkheadConfig {
            max_concurrent: 1,
            ..BulkheadConfig::default()
        },
    )?;
    let place = bulkhead.acquire().await;
    println!("inside: {}", place.is_ok());
    println!("and nobody else: {}", bulkhead.try_acquire().is_err());
    drop(place);

    println!("{:#?}", retry.snapshot());
    Ok(())
}
