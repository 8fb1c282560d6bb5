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

/// What every layer owes to a call that it does not act on.
async fn keeps_the_contract<L>(layer: L)
where
    L: Layer<Strict>,
    L::Service: Service<Ask, Response = u32> + Clone,
    <L::Service as Service<Ask>>::Error: std::fmt::Debug,
{
    let mut service = layer.layer(Strict::default());
    for n in 0..3 {
        let answer = service
            .ready()
            .await
            .expect("ready")
            .call(Ask::Answer(n))
            .await;
        assert_eq!(answer.expect("allowed"), n);
    }
    // A clone of a service that is ready must be made ready itself.
    let ready = service.ready().await.expect("ready");
    let mut clone = ready.clone();
    assert_eq!(ready.call(Ask::Answer(7)).await.expect("allowed"), 7);
    let answer = clone
        .ready()
        .await
        .expect("ready")
        .call(Ask::Answer(8))
        .await;
    assert_eq!(answer.expect("allowed"), 8);
    // And a future that is dropped at its first await takes nothing with it.
    let call = service.ready().await.expect("ready").call(Ask::Wait);
    tokio::time::timeout(Duration::from_millis(1), call)
        .await
        .expect_err("it waits");
    let answer = service
        .ready()
        .await
        .expect("ready")
        .call(Ask::Answer(9))
        .await;
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
async fn rate_limit_refuses_before_the_service_is_called() {
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let mut service = RateLimitLayer::new(rate_limit(1)).layer(inner);
    service
        .ready()
        .await
        .expect("ready")
        .call(Ask::Answer(1))
        .await
        .expect("a token");
    let refusal = service
        .ready()
        .await
        .expect("ready")
        .call(Ask::Answer(1))
        .await;
    assert!(matches!(refusal, Err(RateLimitError::Limited(_))));
    assert_eq!(calls.load(Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn rate_limit_tells_clients_apart() {
    let config = RateLimitConfig {
        max_executions: 1,
        enable_per_client_tracking: true,
        ..RateLimitConfig::default()
    };
    let limit = Arc::new(RateLimit::new("test", config).expect("in range"));
    let layer = RateLimitLayer::new(limit).client_key(|client: &&'static str| Some(*client));
    let mut service = layer.layer(service_fn(|client: &'static str| async move {
        Ok::<_, ()>(client)
    }));
    for (client, is_allowed) in [("a", true), ("a", false), ("b", true), ("b", false)] {
        let answer = service.ready().await.expect("ready").call(client).await;
        assert_eq!(answer.is_ok(), is_allowed, "{client}");
    }
}

#[tokio::test(start_paused = true)]
async fn bulkhead_has_calls_wait_and_refuses_those_for_whom_there_is_no_place() {
    let bulkhead = bulkhead(1);
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = BulkheadLayer::new(Arc::clone(&bulkhead)).layer(inner);
    let inside = tokio::spawn(service.clone().oneshot(Ask::Wait));
    tokio::task::yield_now().await;
    let waiting = tokio::spawn(service.clone().oneshot(Ask::Answer(7)));
    tokio::task::yield_now().await;
    let refused = service.oneshot(Ask::Answer(8)).await;
    assert!(matches!(refused, Err(BulkheadError::Full(_))));
    assert_eq!(calls.load(Relaxed), 1, "who waits has not called yet");
    inside.abort();
    assert_eq!(waiting.await.expect("no panic"), Ok(7));
    assert_eq!((bulkhead.in_use(), bulkhead.queued()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn feature_toggle_refuses_clients_who_are_not_in_its_share() {
    let toggle = toggle(50.0);
    let layer =
        FeatureToggleLayer::new(Arc::clone(&toggle)).client_key(|n: &u32| Some(n.to_string()));
    let service = layer.layer(service_fn(|n: u32| async move { Ok::<_, ()>(n) }));
    for n in 0..100 {
        let answer = service.clone().oneshot(n).await;
        match toggle.check(Some(&n.to_string())) {
            Ok(()) => assert_eq!(answer, Ok(n)),
            Err(disabled) => assert_eq!(answer, Err(FeatureToggleError::Disabled(disabled))),
        }
    }
    toggle.turn_off();
    assert!(service.oneshot(1).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn fallback_answers_the_failures_that_it_is_there_for() {
    let fallback = fallback();
    let layer = FallbackLayer::new(
        Arc::clone(&fallback),
        |failed: Result<u32, _>| match failed {
            Ok(number) => number + 1000,
            Err(_) => 0,
        },
    )
    .classify(|outcome: &Result<u32, _>| match outcome {
        Ok(500) => Some(FailureKind::Status(500)),
        Ok(_) => None,
        Err(_) => Some(FailureKind::Other),
    });
    let service = layer.layer(Strict::default());
    for (ask, answer) in [
        (Ask::Answer(1), 1),
        (Ask::Answer(500), 1500),
        (Ask::Error, 0),
    ] {
        assert_eq!(service.clone().oneshot(ask).await, Ok(answer));
    }
    let config = FallbackConfig {
        on: Exceptions::from([Exception::StatusClass(5)]),
        ..fallback.config()
    };
    fallback.reconfigure(config).expect("in range");
    assert_eq!(service.oneshot(Ask::Error).await, Err("its own error"));
}

#[tokio::test(start_paused = true)]
async fn fail_fast_refuses_until_it_is_closed() {
    let fail_fast = fail_fast();
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = FailFastLayer::new(Arc::clone(&fail_fast)).layer(inner);
    let failure = service.clone().oneshot(Ask::Error).await;
    assert_eq!(failure, Err(FailFastError::Inner("its own error")));
    let refusal = service.clone().oneshot(Ask::Answer(1)).await;
    assert!(matches!(refusal, Err(FailFastError::Open(_))));
    assert_eq!(calls.load(Relaxed), 1);
    fail_fast.close();
    assert_eq!(service.oneshot(Ask::Answer(1)).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn backpressure_has_calls_wait_and_bounds_how_many() {
    let backpressure = backpressure(2);
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = BackpressureLayer::new(Arc::clone(&backpressure)).layer(inner);
    let inside = tokio::spawn(service.clone().oneshot(Ask::Wait));
    tokio::task::yield_now().await;
    let waiting = tokio::spawn(service.clone().oneshot(Ask::Answer(7)));
    tokio::task::yield_now().await;
    let refused = service.oneshot(Ask::Answer(8)).await;
    assert!(matches!(refused, Err(BackpressureError::Full(_))));
    assert_eq!(calls.load(Relaxed), 1, "who waits has not called yet");
    inside.abort();
    assert_eq!(waiting.await.expect("no panic"), Ok(7));
    assert_eq!((backpressure.in_use(), backpressure.queued()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn load_shedder_refuses_before_the_service_is_called() {
    let shedder = load_shedder();
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = LoadShedLayer::new(Arc::clone(&shedder)).layer(inner);
    let inside = tokio::spawn(service.clone().oneshot(Ask::Wait));
    tokio::task::yield_now().await;
    let refused = service.clone().oneshot(Ask::Answer(8)).await;
    assert!(matches!(refused, Err(LoadShedError::Shed(_))));
    assert_eq!(calls.load(Relaxed), 1);
    inside.abort();
    inside.await.expect_err("it was aborted");
    assert_eq!(service.oneshot(Ask::Answer(7)).await, Ok(7));
    assert_eq!(shedder.in_use(), 0);
}

#[cfg(feature = "cache")]
#[tokio::test(start_paused = true)]
async fn cache_calls_once_for_each_key() {
    use failsafe_runtime::cache::CacheLayer;
    use failsafe_runtime::{Cache, CacheConfig};

    let key = |ask: &Ask| match ask {
        Ask::Answer(number) => Some(*number),
        _ => None,
    };
    let cache = || Cache::new("test", CacheConfig::default()).expect("in range");
    keeps_the_contract(CacheLayer::new(cache(), key)).await;

    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = CacheLayer::new(cache(), key).layer(inner);
    for _ in 0..3 {
        assert_eq!(service.clone().oneshot(Ask::Answer(7)).await, Ok(7));
    }
    assert_eq!(calls.load(Relaxed), 1);
    for _ in 0..2 {
        let error = service.clone().oneshot(Ask::Error).await;
        assert_eq!(error, Err("its own error"));
    }
    assert_eq!(calls.load(Relaxed), 3, "it has no key");
}

#[tokio::test(start_paused = true)]
async fn concurrency_limit_refuses_at_once_and_learns_from_outcomes() {
    let limit = concurrency_limit();
    let service = ConcurrencyLayer::new(Arc::clone(&limit)).layer(Strict::default());
    let inside = tokio::spawn(service.clone().oneshot(Ask::Wait));
    tokio::task::yield_now().await;
    let refused = service.clone().oneshot(Ask::Answer(8)).await;
    assert!(matches!(refused, Err(ConcurrencyError::Limited(_))));
    inside.abort();
    inside.await.expect_err("it was aborted");
    assert_eq!(service.clone().oneshot(Ask::Answer(7)).await, Ok(7));
    assert_eq!(limit.limit(), 2, "a window of one has succeeded");
    let failure = service.oneshot(Ask::Error).await;
    assert_eq!(failure, Err(ConcurrencyError::Inner("its own error")));
    assert_eq!((limit.limit(), limit.in_use()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn circuit_breaker_opens_and_a_dropped_probe_gives_its_permit_back() {
    let breaker = breaker();
    let mut service = CircuitBreakerLayer::new(Arc::clone(&breaker)).layer(Strict::default());
    let failure = service.ready().await.expect("ready").call(Ask::Error).await;
    assert!(matches!(
        failure,
        Err(CircuitBreakerError::Inner("its own error"))
    ));
    let refusal = service
        .ready()
        .await
        .expect("ready")
        .call(Ask::Answer(1))
        .await;
    assert!(matches!(refusal, Err(CircuitBreakerError::Open(_))));

    tokio::time::advance(Duration::from_secs(30)).await;
    let probe = service.ready().await.expect("ready").call(Ask::Wait);
    tokio::time::timeout(Duration::from_millis(1), probe)
        .await
        .expect_err("it waits");
    let answer = service
        .ready()
        .await
        .expect("ready")
        .call(Ask::Answer(1))
        .await;
    answer.expect("the permit came back");
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn circuit_breaker_takes_a_panic_for_a_failure() {
    let breaker = breaker();
    let service = CircuitBreakerLayer::new(Arc::clone(&breaker)).layer(service_fn(|()| async {
        panic!("on purpose") as Result<(), ()>
    }));
    let task = tokio::spawn(service.oneshot(()));
    assert!(task.await.expect_err("it panicked").is_panic());
    assert_eq!(breaker.state(), CircuitState::Open);
}

#[tokio::test(start_paused = true)]
async fn retry_makes_the_service_ready_for_every_attempt() {
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let mut service = RetryLayer::new(retry()).layer(inner);
    let started = tokio::time::Instant::now();
    let answer = service
        .ready()
        .await
        .expect("ready")
        .call(Ask::ErrorUntilCall(3))
        .await;
    assert_eq!(answer, Ok(3));
    assert_eq!(started.elapsed(), Duration::from_secs(3));
    let answer = service.ready().await.expect("ready").call(Ask::Error).await;
    assert!(matches!(answer, Err(RetryError::Exhausted(exhausted)) if exhausted.attempts == 3));
    assert_eq!(calls.load(Relaxed), 6);
}

#[tokio::test(start_paused = true)]
async fn hedge_makes_the_service_ready_for_every_attempt() {
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = HedgeLayer::new(hedge()).layer(inner);
    let answer = service.clone().oneshot(Ask::ErrorUntilCall(2)).await;
    assert_eq!(answer, Ok(2));
    assert_eq!(calls.load(Relaxed), 2);
    let answer = service.oneshot(Ask::Wait).await;
    assert!(matches!(answer, Err(HedgeError::TimedOut(_))));
}

#[tokio::test(start_paused = true)]
async fn timeout_drops_the_call() {
    let mut service = TimeoutLayer::new(timeout()).layer(Strict::default());
    let answer = service.ready().await.expect("ready").call(Ask::Wait).await;
    assert!(matches!(answer, Err(TimeoutError::TimedOut(_))));
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
