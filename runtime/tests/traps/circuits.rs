//! 1 to 6: circuits, and calls that are dropped.

use super::*;

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

/// A thousand times the calls in the window, and not ten times the cost.
#[tokio::test(start_paused = true)]
async fn trap_01_a_call_costs_the_same_whatever_its_window_holds() {
    let cost_with = |window_size| {
        let breaker = breaker(CircuitBreakerConfig {
            window: Some(CircuitWindow::Count),
            window_size: Some(window_size),
            failure_rate: Some(0.9),
            ..CircuitBreakerConfig::default()
        });
        (0..100_000).for_each(|_| succeed(&breaker));
        let rounds = (0..10).map(|_| {
            let started = std::time::Instant::now();
            (0..1000).for_each(|n| match n % 2 {
                0 => succeed(&breaker),
                _ => fail(&breaker),
            });
            started.elapsed()
        });
        rounds.min().expect("ten rounds")
    };
    let (few, many) = (cost_with(100), cost_with(100_000));
    assert!(many < few * 10, "{few:?} with a hundred, {many:?}");
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

/// And panics, and every other pattern: `tests/shape`.
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
