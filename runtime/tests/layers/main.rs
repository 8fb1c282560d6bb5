//! The same contract for each pattern as a tower layer: it adds nothing to a call that succeeds,
//! calls the instance that was made ready, passes errors on, refuses with an error of its own,
//! and gives back what it held when its future is dropped.
#![cfg(all(
    feature = "bulkhead",
    feature = "backpressure",
    feature = "concurrency",
    feature = "loadshed",
    feature = "failfast",
    feature = "fallback",
    feature = "featuretoggle",
    feature = "hedge",
    feature = "ratelimit",
    feature = "retry",
    feature = "circuitbreaker",
    feature = "timeout",
    feature = "tower"
))]

mod around;
mod before;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use failsafe_runtime::backpressure::BackpressureLayer;
use failsafe_runtime::bulkhead::BulkheadLayer;
use failsafe_runtime::circuitbreaker::CircuitBreakerLayer;
use failsafe_runtime::concurrency::ConcurrencyLayer;
use failsafe_runtime::failfast::FailFastLayer;
use failsafe_runtime::fallback::FallbackLayer;
use failsafe_runtime::featuretoggle::FeatureToggleLayer;
use failsafe_runtime::hedge::HedgeLayer;
use failsafe_runtime::loadshed::LoadShedLayer;
use failsafe_runtime::ratelimit::RateLimitLayer;
use failsafe_runtime::retry::RetryLayer;
use failsafe_runtime::timeout::TimeoutLayer;
use failsafe_runtime::{
    Backpressure, BackpressureConfig, BackpressureError, Bulkhead, BulkheadConfig, BulkheadError,
    CircuitBreaker, CircuitBreakerConfig, CircuitBreakerError, CircuitState, ConcurrencyConfig,
    ConcurrencyError, ConcurrencyLimit, Exception, Exceptions, FailFast, FailFastConfig,
    FailFastError, FailureKind, Fallback, FallbackConfig, FeatureToggle, FeatureToggleConfig,
    FeatureToggleError, Hedge, HedgeConfig, HedgeError, Jitter, LoadShedConfig, LoadShedError,
    LoadShedder, RateLimit, RateLimitConfig, RateLimitError, Retry, RetryConfig, RetryError,
    Timeout, TimeoutConfig, TimeoutError,
};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

/// Panics when it is called without having been made ready, as tower allows; a clone is not.
#[derive(Debug, Default)]
struct Strict {
    is_ready: bool,
    calls: Arc<AtomicU32>,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self {
            is_ready: false,
            calls: Arc::clone(&self.calls),
        }
    }
}

/// Asks for an answer: an error, or a wait before the same number comes back.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Answer(u32),
    Error,
    ErrorUntilCall(u32),
    Wait,
}

impl Service<Ask> for Strict {
    type Response = u32;
    type Error = &'static str;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<u32, &'static str>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, ask: Ask) -> Self::Future {
        assert!(
            std::mem::take(&mut self.is_ready),
            "called without having been made ready"
        );
        let call = self.calls.fetch_add(1, Relaxed) + 1;
        Box::pin(async move {
            match ask {
                Ask::Answer(number) => Ok(number),
                Ask::ErrorUntilCall(wanted) if call >= wanted => Ok(call),
                Ask::Error | Ask::ErrorUntilCall(_) => Err("its own error"),
                Ask::Wait => std::future::pending().await,
            }
        })
    }
}

/// Makes a service ready and asks it.
async fn ask<S: Service<Ask>>(service: &mut S, ask: Ask) -> Result<S::Response, S::Error> {
    service.ready().await?.call(ask).await
}

/// What every layer owes to a call that it does not act on.
async fn keeps_the_contract<L>(layer: L)
where
    L: Layer<Strict>,
    L::Service: Service<Ask, Response = u32> + Clone,
    <L::Service as Service<Ask>>::Error: std::fmt::Debug,
{
    let mut service = layer.layer(Strict::default());
    for n in 0..3 {
        let answer = ask(&mut service, Ask::Answer(n)).await;
        assert_eq!(answer.expect("allowed"), n);
    }
    // A clone of a service that is ready must be made ready itself.
    let ready = service.ready().await.expect("ready");
    let mut clone = ready.clone();
    assert_eq!(ready.call(Ask::Answer(7)).await.expect("allowed"), 7);
    let answer = ask(&mut clone, Ask::Answer(8)).await;
    assert_eq!(answer.expect("allowed"), 8);
    // And a future that is dropped at its first await takes nothing with it.
    let call = service.ready().await.expect("ready").call(Ask::Wait);
    tokio::time::timeout(Duration::from_millis(1), call)
        .await
        .expect_err("it waits");
    let answer = ask(&mut service, Ask::Answer(9)).await;
    assert_eq!(answer.expect("allowed"), 9);
}

fn rate_limit(max_executions: u32) -> Arc<RateLimit> {
    let config = RateLimitConfig {
        max_executions,
        ..RateLimitConfig::default()
    };
    Arc::new(RateLimit::new("test", config).expect("in range"))
}

fn bulkhead(max_queued: u32) -> Arc<Bulkhead> {
    let config = BulkheadConfig {
        max_concurrent: 1,
        max_queued,
        ..BulkheadConfig::default()
    };
    Arc::new(Bulkhead::new("test", config).expect("in range"))
}

fn fail_fast() -> Arc<FailFast> {
    let config = FailFastConfig {
        failure_threshold: 1,
        ..FailFastConfig::default()
    };
    Arc::new(FailFast::new("test", config).expect("in range"))
}

fn backpressure(max_pending: u32) -> Arc<Backpressure> {
    let config = BackpressureConfig {
        max_pending: Some(max_pending),
        high_water_mark: Some(1),
        low_water_mark: Some(0),
        ..BackpressureConfig::default()
    };
    Arc::new(Backpressure::new("test", config).expect("in range"))
}

fn load_shedder() -> Arc<LoadShedder> {
    let config = LoadShedConfig {
        max_requests: 1,
        ..LoadShedConfig::default()
    };
    Arc::new(LoadShedder::new("test", config).expect("in range"))
}

fn concurrency_limit() -> Arc<ConcurrencyLimit> {
    let config = ConcurrencyConfig {
        initial_limit: Some(1),
        min_limit: Some(1),
        ..ConcurrencyConfig::default()
    };
    Arc::new(ConcurrencyLimit::new("test", config).expect("in range"))
}

fn fallback() -> Arc<Fallback> {
    Arc::new(Fallback::new("test", FallbackConfig::default()).expect("in range"))
}

fn toggle(percentage: f64) -> Arc<FeatureToggle> {
    let config = FeatureToggleConfig {
        percentage,
        ..FeatureToggleConfig::default()
    };
    Arc::new(FeatureToggle::new("test", config).expect("in range"))
}

fn breaker() -> Arc<CircuitBreaker> {
    let config = CircuitBreakerConfig {
        failure_threshold: 1,
        half_open_requests: 1,
        ..CircuitBreakerConfig::default()
    };
    Arc::new(CircuitBreaker::new("test", config).expect("in range"))
}

fn retry() -> Arc<Retry> {
    let config = RetryConfig {
        jitter: Jitter::None,
        ..RetryConfig::default()
    };
    Arc::new(Retry::new("test", config).expect("in range"))
}

fn hedge() -> Arc<Hedge> {
    let config = HedgeConfig {
        timeout: Some(Duration::from_secs(1)),
        ..HedgeConfig::default()
    };
    Arc::new(Hedge::new("test", config).expect("in range"))
}

fn timeout() -> Arc<Timeout> {
    let config = TimeoutConfig {
        seconds: Duration::from_secs(1),
        ..TimeoutConfig::default()
    };
    Arc::new(Timeout::new("test", config).expect("in range"))
}

#[tokio::test(start_paused = true)]
async fn every_layer_keeps_the_contract() {
    keeps_the_contract(RateLimitLayer::new(rate_limit(100))).await;
    keeps_the_contract(BulkheadLayer::new(bulkhead(0))).await;
    keeps_the_contract(FeatureToggleLayer::new(toggle(100.0))).await;
    let zero = |failed: Result<u32, _>| failed.unwrap_or(0);
    keeps_the_contract(FallbackLayer::new(fallback(), zero)).await;
    keeps_the_contract(FailFastLayer::new(fail_fast())).await;
    keeps_the_contract(BackpressureLayer::new(backpressure(1))).await;
    keeps_the_contract(LoadShedLayer::new(load_shedder())).await;
    keeps_the_contract(ConcurrencyLayer::new(concurrency_limit())).await;
    keeps_the_contract(CircuitBreakerLayer::new(breaker())).await;
    keeps_the_contract(RetryLayer::new(retry())).await;
    keeps_the_contract(HedgeLayer::new(hedge())).await;
    keeps_the_contract(TimeoutLayer::new(timeout())).await;
    keeps_the_contract(TimeoutLayer::total(timeout())).await;
    // Tower's own, by which the contract is measured.
    keeps_the_contract(tower::layer::util::Identity::new()).await;
}

#[tokio::test(start_paused = true)]
async fn all_four_stack_without_boxes_and_across_tasks() {
    let service = ServiceBuilder::new()
        .layer(RateLimitLayer::new(rate_limit(100)))
        .layer(CircuitBreakerLayer::new(breaker()))
        .layer(RetryLayer::new(retry()))
        .layer(TimeoutLayer::new(timeout()))
        .service(Strict::default());
    let tasks: Vec<_> = (0..10)
        .map(|n| tokio::spawn(service.clone().oneshot(Ask::Answer(n))))
        .collect();
    for (n, task) in tasks.into_iter().enumerate() {
        let answer = task.await.expect("no panic").expect("allowed");
        assert_eq!(usize::try_from(answer).expect("small"), n);
    }
    let answer = service
        .oneshot(Ask::Wait)
        .await
        .expect_err("three timeouts");
    assert_eq!(answer.to_string(), "gave up after 3 attempts");
}

#[tokio::test(start_paused = true)]
async fn what_is_hedged_and_falls_back_stacks_without_boxes_and_across_tasks() {
    let zero = |failed: Result<u32, _>| failed.unwrap_or(0);
    let service = ServiceBuilder::new()
        .layer(FeatureToggleLayer::new(toggle(100.0)))
        .layer(FallbackLayer::new(fallback(), zero))
        .layer(FailFastLayer::new(fail_fast()))
        .layer(HedgeLayer::new(hedge()))
        .service(Strict::default());
    for (ask, answer) in [
        (Ask::Answer(7), 7),
        // Its time is up, which opens the fail-fast: the next one is not called.
        (Ask::Wait, 0),
        (Ask::Answer(7), 0),
    ] {
        let task = tokio::spawn(service.clone().oneshot(ask));
        assert_eq!(task.await.expect("no panic"), Ok(answer));
    }
}

#[cfg(feature = "chaos")]
mod chaos {
    use failsafe_runtime::chaos::ChaosLayer;
    use failsafe_runtime::{Chaos, ChaosConfig, ChaosError};

    use super::*;

    fn layer(fault_rate: f64, latency: Duration) -> ChaosLayer {
        let config = ChaosConfig {
            fault_rate,
            latency,
            ..ChaosConfig::default()
        };
        ChaosLayer::new(Arc::new(Chaos::new("test", config).expect("in range")))
    }

    #[tokio::test(start_paused = true)]
    async fn it_keeps_the_contract_late_or_not() {
        keeps_the_contract(layer(0.0, Duration::ZERO)).await;
        keeps_the_contract(layer(0.0, Duration::from_millis(100))).await;
    }

    #[tokio::test(start_paused = true)]
    async fn it_fails_late_and_without_the_service() {
        let inner = Strict::default();
        let calls = Arc::clone(&inner.calls);
        let mut service = layer(1.0, Duration::from_secs(1)).layer(inner);
        let started = tokio::time::Instant::now();
        let service = service.ready().await.expect("ready");
        let error = service.call(Ask::Answer(1)).await.expect_err("a fault");
        assert!(matches!(error, ChaosError::Injected(fault) if fault.status == 503));
        assert_eq!(started.elapsed(), Duration::from_secs(1));
        assert_eq!(calls.load(Relaxed), 0);
        let mut service = layer(0.0, Duration::ZERO).layer(Strict::default());
        let service = service.ready().await.expect("ready");
        let error = service.call(Ask::Error).await.expect_err("its own");
        assert_eq!(error, ChaosError::Inner("its own error"));
    }
}
