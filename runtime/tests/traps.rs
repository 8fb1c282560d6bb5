//! Fifteen traps into which libraries of resilience have fallen, one test each, all through what
//! anybody can call. Each pattern's own tests look at the same more closely.
#![cfg(feature = "full")]

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use failsafe_runtime::{
    BudgetConfig, Bulkhead, BulkheadConfig, ByKind, Cache, CacheConfig, CircuitBreaker,
    CircuitBreakerConfig, CircuitState, CircuitWindow, ConcurrencyConfig, ConcurrencyLimit,
    Failure, Hedge, HedgeConfig, RateLimit, RateLimitConfig, Retry, RetryBudget, RetryConfig,
};
use tokio::time::{Instant, advance, sleep};

const SECOND: Duration = Duration::from_secs(1);

fn breaker(config: CircuitBreakerConfig) -> CircuitBreaker {
    CircuitBreaker::new("trap", config).expect("in range")
}

fn rate_limit(config: RateLimitConfig) -> RateLimit {
    RateLimit::new("trap", config).expect("in range")
}

fn succeed(breaker: &CircuitBreaker) {
    breaker.acquire().expect("closed").success();
}

fn fail(breaker: &CircuitBreaker) {
    breaker.acquire().expect("closed").failure();
}

/// A circuit that opens with its first failure.
fn touchy() -> CircuitBreaker {
    breaker(CircuitBreakerConfig {
        failure_threshold: 1,
        ..CircuitBreakerConfig::default()
    })
}

#[tokio::test(start_paused = true)]
async fn trap_01_the_window_slides() {
    for window in [CircuitWindow::Count, CircuitWindow::Time] {
        let breaker = breaker(CircuitBreakerConfig {
            window: Some(window),
            window_size: Some(100),
            failure_rate: Some(0.5),
            ..CircuitBreakerConfig::default()
        });
        // Many more successes than the window holds, or longer ago.
        for _ in 0..10_000 {
            succeed(&breaker);
        }
        if window == CircuitWindow::Time {
            advance(101 * SECOND).await;
            (0..50).for_each(|_| succeed(&breaker));
        }
        for _ in 0..49 {
            fail(&breaker);
            assert_eq!(breaker.state(), CircuitState::Closed, "{window:?}");
        }
        fail(&breaker);
        assert_eq!(breaker.state(), CircuitState::Open, "{window:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn trap_02_half_open_admits_exactly_its_permits() {
    let breaker = touchy();
    fail(&breaker);
    advance(31 * SECOND).await;
    let calls: Vec<_> = (0..100).map(|_| breaker.acquire()).collect();
    assert_eq!(calls.iter().filter(|call| call.is_ok()).count(), 3);
    for refused in calls.iter().filter_map(|call| call.as_ref().err()) {
        assert!(refused.retry_after > Duration::ZERO, "{refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn trap_03_a_result_belongs_to_the_state_that_admitted_it() {
    let breaker = touchy();
    let (late_success, late_failure) = (breaker.acquire(), breaker.acquire());
    fail(&breaker);
    late_success.expect("it was closed").success();
    assert_eq!(breaker.state(), CircuitState::Open);
    advance(31 * SECOND).await;
    (0..3).for_each(|_| succeed(&breaker));
    late_failure.expect("it was closed").failure();
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn trap_04_half_open_is_never_stuck() {
    let breaker = touchy();
    fail(&breaker);
    advance(31 * SECOND).await;
    // Probes that are dropped give their places back,
    for _ in 0..10 {
        drop(breaker.acquire().expect("a probe"));
    }
    // and those that never end are given up.
    let endless: Vec<_> = (0..3).map(|_| breaker.acquire()).collect();
    assert!(breaker.acquire().is_err());
    advance(31 * SECOND).await;
    assert!(breaker.acquire().is_ok());
    drop(endless);
}

#[tokio::test(start_paused = true)]
async fn trap_05_late_failures_do_not_push_the_recovery_out() {
    let breaker = touchy();
    let late = breaker.acquire().expect("closed");
    fail(&breaker);
    advance(29 * SECOND).await;
    late.failure();
    assert_eq!(breaker.state(), CircuitState::Open);
    advance(SECOND).await;
    // By time alone: nobody has called.
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
}

#[tokio::test(start_paused = true)]
async fn trap_06_what_is_cancelled_counts_as_nothing() {
    let (breaker, bulkhead) = (
        touchy(),
        Bulkhead::new("trap", BulkheadConfig::default()).expect("in range"),
    );
    for _ in 0..20 {
        let mut call = pin!(bulkhead.call(|| breaker.call(std::future::pending::<Result<(), ()>>)));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut cx).is_pending());
        assert_eq!(bulkhead.in_use(), 1);
    }
    assert_eq!(bulkhead.in_use(), 0);
    assert_eq!(breaker.state(), CircuitState::Closed);
    let numbers = breaker.snapshot().counters;
    assert!(numbers.iter().all(|it| it.value == 0), "{numbers:?}");
}

#[tokio::test(start_paused = true)]
async fn trap_07_a_bucket_never_gives_more_than_burst_and_rate() {
    let limit = rate_limit(RateLimitConfig {
        max_executions: 10,
        per_time_secs: SECOND,
        bucket_size: Some(20),
        track_latency: false,
        ..RateLimitConfig::default()
    });
    let start = Instant::now();
    let mut admitted: Vec<f64> = Vec::new();
    // Arrivals that are bursts now and then, and pauses.
    let mut random = 7_u64;
    for _ in 0..5_000 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let pause = match random >> 60 {
            0 => 1500,
            1..4 => random >> 33 & 127,
            _ => 0,
        };
        advance(Duration::from_millis(pause)).await;
        if limit.acquire(None).is_ok() {
            admitted.push(start.elapsed().as_secs_f64());
        }
    }
    assert!(admitted.len() > 1000);
    // In every interval that begins and ends with a call: at most burst and rate * time.
    for (first, from) in admitted.iter().enumerate() {
        for (count, to) in (1_u32..).zip(&admitted[first..]) {
            assert!(f64::from(count) <= 20.0 + 10.0 * (to - from) + 1e-6);
            if to - from > 30.0 {
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn trap_08_retry_after_is_true_and_spread_out() {
    let limit = rate_limit(RateLimitConfig {
        max_executions: 1,
        ..RateLimitConfig::default()
    });
    limit.acquire(None).expect("the first");
    let mut waits: Vec<f64> = (0..1000)
        .map(|_| limit.acquire(None).expect_err("there was one token"))
        .map(|refused| {
            assert!(refused.retry_after >= refused.until_tokens);
            refused.retry_after.as_secs_f64()
        })
        .collect();
    waits.sort_by(f64::total_cmp);
    let (first, last) = (waits[0], waits[999]);
    assert!(last - first >= 0.19 * 60.0, "between {first} and {last}");
    advance(Duration::from_secs_f64(first)).await;
    assert!(
        limit.acquire(None).is_ok(),
        "whoever waits as told is let in"
    );
}

#[tokio::test(start_paused = true)]
async fn trap_09_invented_names_push_nobody_out() {
    let limit = rate_limit(RateLimitConfig {
        max_executions: 1,
        enable_per_client_tracking: true,
        max_clients: 1000,
        track_latency: false,
        ..RateLimitConfig::default()
    });
    limit.acquire(Some("spent")).expect("the first");
    for name in 0..20_000 {
        let _ = limit.acquire(Some(&format!("invented-{name}")));
    }
    assert!(limit.acquire(Some("spent")).is_err());
}

/// What a client says of itself never makes it another one.
#[tokio::test]
async fn trap_10_forwarded_addresses_count_from_the_right() {
    use axum::body::Body;
    use axum::extract::ConnectInfo;
    use failsafe_runtime::Patterns;
    use failsafe_runtime::service::{FailsafeController, PolicyStack, Protect, Router};
    use http::Request;
    use tower::ServiceExt;

    let limit = Patterns::new().rate_limit("trap", RateLimitConfig::default());
    let stack = PolicyStack::new().rate_limit(limit.expect("in range"));
    let app = Router::new()
        .route("/", axum::routing::get(async || ()))
        .layer(Protect::by(stack));
    for (hops, forwarded, client) in [
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (1, "8.8.8.8, 203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (1, "not an address", "192.0.2.1"),
        (2, "198.51.100.1", "192.0.2.1"),
    ] {
        let app = FailsafeController::new(app.clone(), "trap").with_trusted_hops(hops);
        let address = std::net::SocketAddr::from(([192, 0, 2, 1], 4000));
        let request = Request::get("/")
            .header("x-forwarded-for", forwarded)
            .extension(ConnectInfo(address))
            .body(Body::empty())
            .expect("a request");
        let answer = app.into_router().oneshot(request).await.expect("an answer");
        assert_eq!(
            answer.headers()["x-client-id"],
            client,
            "{hops} {forwarded}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn trap_11_a_backend_that_is_down_sees_a_fifth_more_calls() {
    let config = RetryConfig {
        attempts: 4,
        ..RetryConfig::default()
    };
    // Without the floor that lets a service with few calls repeat them at all.
    let budget = RetryBudget::new(BudgetConfig {
        min_per_second: 0,
        ..BudgetConfig::default()
    });
    let budget = Arc::new(budget.expect("in range"));
    let retry = Retry::with_budget("trap", config, budget).expect("in range");
    let calls = AtomicU32::new(0);
    for _ in 0..1000 {
        let call = || async {
            calls.fetch_add(1, Relaxed);
            Err::<(), _>("down")
        };
        retry.call(call).await.expect_err("it is down");
    }
    let calls = calls.load(Relaxed);
    assert!(calls <= 1200, "{calls} calls");
}

#[tokio::test(start_paused = true)]
async fn trap_12_hostile_waits_are_bounded() {
    #[derive(Debug)]
    struct Busy(Duration);
    impl Failure for Busy {
        fn retry_after(&self) -> Option<Duration> {
            Some(self.0)
        }
    }
    for asked in [
        Duration::ZERO,
        50 * SECOND,
        Duration::from_secs(99_999_999_999),
        Duration::MAX,
    ] {
        let retry = Retry::new("trap", RetryConfig::default()).expect("in range");
        let started = Instant::now();
        let call = || async { Err::<(), _>(Busy(asked)) };
        retry.call_with(ByKind, call).await.expect_err("it is busy");
        // Twice the longest wait of the configuration.
        assert!(started.elapsed() <= 120 * SECOND, "{asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn trap_13_a_fast_call_is_not_hedged_and_a_fast_error_does_not_win() {
    let hedge = Hedge::new("trap", HedgeConfig::default()).expect("in range");
    let calls = Cell::new(0);
    let started = Instant::now();
    let fast = || {
        calls.set(calls.get() + 1);
        async { Ok::<_, ()>(1) }
    };
    assert_eq!(hedge.call(fast).await, Ok(1));
    assert_eq!((calls.get(), started.elapsed()), (1, Duration::ZERO));

    calls.set(0);
    let slow_then_broken = || {
        calls.set(calls.get() + 1);
        let is_first = calls.get() == 1;
        async move {
            if is_first {
                sleep(SECOND).await;
                Ok("late")
            } else {
                Err("broken")
            }
        }
    };
    assert_eq!(hedge.call(slow_then_broken).await, Ok("late"));
}

#[tokio::test(start_paused = true)]
async fn trap_14_misses_join_and_a_leader_that_goes_leaves_nobody_waiting() {
    let cache: Cache<u32, u32, ()> = Cache::new("trap", CacheConfig::default()).expect("in range");
    let calls = Arc::new(AtomicU32::new(0));
    let ask = || {
        let (cache, calls) = (cache.clone(), Arc::clone(&calls));
        async move {
            let call = cache.get_or_call(1, move || async move {
                sleep(SECOND).await;
                Ok(calls.fetch_add(1, Relaxed))
            });
            call.await.map(|cached| cached.value)
        }
    };
    // The first to ask is polled once and then goes.
    let mut leader = Box::pin(ask());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(leader.as_mut().poll(&mut cx), Poll::Pending));
    let others: Vec<_> = (0..100).map(|_| tokio::spawn(ask())).collect();
    tokio::task::yield_now().await;
    drop(leader);
    for other in others {
        assert_eq!(other.await.expect("no panic"), Ok(0));
    }
    assert_eq!(calls.load(Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn trap_15_a_limit_falls_once_and_does_not_grow_unused() {
    let config = ConcurrencyConfig {
        initial_limit: Some(500),
        ..ConcurrencyConfig::default()
    };
    let limit = Arc::new(ConcurrencyLimit::new("trap", config).expect("in range"));
    for _ in 0..1000 {
        limit.acquire().expect("there is room").success();
    }
    assert_eq!(
        limit.limit(),
        500,
        "one call at a time is no reason to grow"
    );
    let burst: Vec<_> = (0..10).map(|_| limit.acquire()).collect();
    advance(Duration::from_millis(1)).await;
    for permit in burst {
        permit.expect("there is room").failure();
    }
    assert_eq!(limit.limit(), 450, "ten failures at a time are one");
}
