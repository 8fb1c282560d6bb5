//! A call that succeeds allocates nothing, through every pattern and through all of them.
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
    feature = "timeout"
))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use failsafe_runtime::{
    Backpressure, BackpressureConfig, Bulkhead, BulkheadConfig, CircuitBreaker,
    CircuitBreakerConfig, ConcurrencyConfig, ConcurrencyLimit, FailFast, FailFastConfig, Fallback,
    FallbackConfig, FeatureToggle, FeatureToggleConfig, Hedge, HedgeConfig, HedgeDelay,
    LimitAlgorithm, LoadShedConfig, LoadShedder, Rate, RateLimit, RateLimitConfig, Retry,
    RetryAfterStrategy, RetryConfig, Timeout, TimeoutConfig,
};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

#[allow(
    unsafe_code,
    reason = "the only way to count allocations is to be the allocator"
)]
// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of a hundred calls, after ten that may set something up.
fn allocations(call: impl Fn() -> bool) -> u64 {
    let run = |n| (0..n).for_each(|_| assert!(call(), "every call succeeds"));
    run(10);
    let before = ALLOCATIONS.get();
    run(100);
    ALLOCATIONS.get() - before
}

fn ready<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the call is ready at once"),
    }
}

async fn work() -> Result<u32, &'static str> {
    Ok(7)
}

fn rate_limit(mut config: RateLimitConfig) -> RateLimit {
    config.max_executions = 1000;
    RateLimit::new("test", config).expect("in range")
}

#[test]
fn the_counter_counts() {
    assert_eq!(
        allocations(|| !std::hint::black_box(vec![0]).is_empty()),
        100
    );
}

#[test]
fn rate_limit_allocates_nothing() {
    for config in [
        RateLimitConfig {
            track_latency: false,
            ..RateLimitConfig::default()
        },
        RateLimitConfig::default(),
        RateLimitConfig {
            retry_after_strategy: RetryAfterStrategy::Utilization,
            ..RateLimitConfig::default()
        },
        RateLimitConfig {
            enable_per_client_tracking: true,
            ..RateLimitConfig::default()
        },
        RateLimitConfig {
            limit: vec![Rate::per_second(1000), Rate::per_hour(5000)],
            ..RateLimitConfig::default()
        },
    ] {
        let limit = rate_limit(config);
        let call = || ready(limit.call_for(Some("a client"), work)).is_ok();
        assert_eq!(allocations(call), 0, "{:?}", limit.config());
    }
}

#[test]
fn bulkhead_allocates_nothing() {
    let bulkhead = Bulkhead::new("test", BulkheadConfig::default()).expect("in range");
    assert_eq!(allocations(|| ready(bulkhead.call(work)).is_ok()), 0);
}

#[test]
fn fail_fast_allocates_nothing() {
    let fail_fast = FailFast::new("test", FailFastConfig::default()).expect("in range");
    assert_eq!(allocations(|| ready(fail_fast.call(work)).is_ok()), 0);
}

#[test]
fn backpressure_allocates_nothing() {
    let backpressure = Backpressure::new("test", BackpressureConfig::default()).expect("in range");
    assert_eq!(allocations(|| ready(backpressure.call(work)).is_ok()), 0);
}

#[test]
fn load_shedder_allocates_nothing() {
    let config = LoadShedConfig {
        max_queue_depth: Some(10),
        cpu_threshold: Some(100.0),
        ..LoadShedConfig::default()
    };
    let system = failsafe_runtime::SystemLoad::by_hand("/nowhere");
    let shedder = LoadShedder::with_system("test", config, system).expect("in range");
    shedder.probe_queue(|| 5);
    assert_eq!(allocations(|| ready(shedder.call(work)).is_ok()), 0);
}

#[cfg(feature = "cache")]
#[test]
fn what_is_found_in_a_cache_allocates_nothing() {
    use failsafe_runtime::{Cache, CacheConfig};

    let cache = Cache::<u32, u32, &str>::new("test", CacheConfig::default()).expect("in range");
    cache.insert(1, 7);
    let call = || ready(cache.get_or_call(1, work)).is_ok();
    // Now and then what was asked for is told to the policy that decides what is given up.
    assert!(allocations(call) <= 1);
}

#[test]
fn concurrency_limit_allocates_nothing() {
    for algorithm in [LimitAlgorithm::Aimd, LimitAlgorithm::Gradient] {
        // One of two is well used by one call at a time.
        let config = ConcurrencyConfig {
            initial_limit: Some(2),
            min_limit: Some(2),
            max_limit: Some(2),
            algorithm,
            ..ConcurrencyConfig::default()
        };
        let limit = ConcurrencyLimit::new("test", config).expect("in range");
        assert_eq!(allocations(|| ready(limit.call(work)).is_ok()), 0);
    }
}

#[test]
fn fallback_allocates_nothing() {
    let fallback = Fallback::new("test", FallbackConfig::default()).expect("in range");
    assert_eq!(allocations(|| ready(fallback.call_or(work, 0)).is_ok()), 0);
}

#[test]
fn feature_toggle_allocates_nothing() {
    for (percentage, client) in [(100.0, None), (99.0, Some("client 7"))] {
        let config = FeatureToggleConfig {
            percentage,
            ..FeatureToggleConfig::default()
        };
        let toggle = FeatureToggle::new("test", config).expect("in range");
        let call = || ready(toggle.call_for(client, work)).is_ok();
        assert_eq!(allocations(call), 0);
    }
}

#[test]
fn circuit_breaker_allocates_nothing() {
    let breaker =
        Arc::new(CircuitBreaker::new("test", CircuitBreakerConfig::default()).expect("in range"));
    assert_eq!(allocations(|| ready(breaker.call(work)).is_ok()), 0);
    let owned = || {
        breaker
            .acquire_owned()
            .map(|permit| permit.success())
            .is_ok()
    };
    assert_eq!(allocations(owned), 0);
}

#[test]
fn hedge_allocates_nothing() {
    for delay in [HedgeDelay::default(), HedgeDelay::Percentile(95)] {
        let config = HedgeConfig {
            delay,
            ..HedgeConfig::default()
        };
        let hedge = Hedge::new("test", config).expect("in range");
        assert_eq!(allocations(|| ready(hedge.call(work)).is_ok()), 0);
    }
}

#[test]
fn retry_allocates_nothing() {
    let retry = Retry::new("test", RetryConfig::default()).expect("in range");
    assert_eq!(allocations(|| ready(retry.call(work)).is_ok()), 0);
}

#[test]
fn timeout_allocates_nothing() {
    let timeout = Timeout::new("test", TimeoutConfig::default()).expect("in range");
    assert_eq!(allocations(|| ready(timeout.call(work)).is_ok()), 0);
}

#[test]
fn the_four_together_allocate_nothing() {
    let limit = rate_limit(RateLimitConfig::default());
    let breaker = CircuitBreaker::new("test", CircuitBreakerConfig::default()).expect("in range");
    let retry = Retry::new("test", RetryConfig::default()).expect("in range");
    let timeout = Timeout::new("test", TimeoutConfig::default()).expect("in range");
    let call = || ready(limit.call(|| breaker.call(|| retry.call(|| timeout.call(work))))).is_ok();
    assert_eq!(allocations(call), 0);
}

#[cfg(feature = "tower")]
#[test]
fn the_four_as_layers_allocate_nothing() {
    use failsafe_runtime::circuitbreaker::CircuitBreakerLayer;
    use failsafe_runtime::ratelimit::RateLimitLayer;
    use failsafe_runtime::retry::RetryLayer;
    use failsafe_runtime::timeout::TimeoutLayer;
    use tower::{Service, ServiceBuilder, service_fn};

    let breaker = CircuitBreaker::new("test", CircuitBreakerConfig::default()).expect("in range");
    let retry = Retry::new("test", RetryConfig::default()).expect("in range");
    let timeout = Timeout::new("test", TimeoutConfig::default()).expect("in range");
    let service = ServiceBuilder::new()
        .layer(RateLimitLayer::new(rate_limit(RateLimitConfig::default())))
        .layer(CircuitBreakerLayer::new(breaker))
        .layer(RetryLayer::new(retry))
        .layer(TimeoutLayer::new(timeout))
        .service(service_fn(|()| work()));
    let service = std::cell::RefCell::new(service);
    let call = || {
        let mut service = service.borrow_mut();
        let mut context = Context::from_waker(Waker::noop());
        let is_ready = matches!(service.poll_ready(&mut context), Poll::Ready(Ok(())));
        is_ready && ready(service.call(())).is_ok()
    };
    assert_eq!(allocations(call), 0);
}
