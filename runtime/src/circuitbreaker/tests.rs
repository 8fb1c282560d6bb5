mod windows;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::advance;

use super::*;
use crate::CircuitMode;

const RECOVERY: Duration = Duration::from_secs(30);
const A_MOMENT: Duration = Duration::from_millis(1);

fn breaker(config: CircuitBreakerConfig) -> CircuitBreaker {
    CircuitBreaker::new("test", config).expect("in range")
}

/// Opens on the second failure in a row.
fn touchy() -> CircuitBreaker {
    breaker(CircuitBreakerConfig {
        failure_threshold: 2,
        ..CircuitBreakerConfig::default()
    })
}

fn fail(breaker: &CircuitBreaker) {
    breaker
        .acquire()
        .expect("the circuit lets it pass")
        .failure();
}

fn succeed(breaker: &CircuitBreaker) {
    breaker
        .acquire()
        .expect("the circuit lets it pass")
        .success();
}

fn open(breaker: &CircuitBreaker) {
    while breaker.state() == CircuitState::Closed {
        fail(breaker);
    }
    assert_eq!(breaker.state(), CircuitState::Open);
}

async fn half_open(breaker: &CircuitBreaker) {
    open(breaker);
    advance(breaker.config().recovery_timeout).await;
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
}

fn counter(breaker: &CircuitBreaker, name: &str) -> u64 {
    let snapshot = breaker.snapshot();
    let found = snapshot
        .counters
        .iter()
        .find(|counter| counter.name == name);
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

#[tokio::test(start_paused = true)]
async fn opens_on_consecutive_failures_only() {
    let breaker = touchy();
    for _ in 0..10 {
        fail(&breaker);
        succeed(&breaker);
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
    fail(&breaker);
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Open);
    let refusal = breaker.acquire().expect_err("it is open");
    assert_eq!(refusal.retry_after, RECOVERY);
    assert_eq!(counter(&breaker, "transition.failing"), 1);
    assert_eq!(counter(&breaker, "rejected"), 1);
}

#[tokio::test(start_paused = true)]
async fn recovers_after_its_time_and_enough_successes() {
    let breaker = touchy();
    half_open(&breaker).await;
    succeed(&breaker);
    succeed(&breaker);
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    succeed(&breaker);
    assert_eq!(breaker.state(), CircuitState::Closed);
    // The failures of the time before are forgotten.
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Closed);
    assert_eq!(counter(&breaker, "transition.working"), 1);
}

#[tokio::test(start_paused = true)]
async fn one_failed_probe_opens_it_again() {
    let breaker = touchy();
    half_open(&breaker).await;
    succeed(&breaker);
    succeed(&breaker);
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Open);
    let refusal = breaker.acquire().expect_err("it is open");
    assert_eq!(refusal.retry_after, RECOVERY);
}

#[tokio::test(start_paused = true)]
async fn successes_to_close_may_differ_from_probes_at_a_time() {
    let breaker = breaker(CircuitBreakerConfig {
        half_open_requests: 1,
        success_threshold: Some(3),
        ..CircuitBreakerConfig::default()
    });
    half_open(&breaker).await;
    for _ in 0..3 {
        assert_eq!(breaker.state(), CircuitState::HalfOpen);
        let probe = breaker.acquire().expect("one probe");
        assert!(breaker.acquire().is_err(), "only one at a time");
        probe.success();
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn half_open_admits_exactly_its_permits_of_a_hundred_simultaneous_calls() {
    let breaker = touchy();
    half_open(&breaker).await;
    let calls: Vec<_> = (0..100).map(|_| breaker.acquire()).collect();
    assert_eq!(calls.iter().filter(|call| call.is_ok()).count(), 3);
    for refusal in calls.iter().filter_map(|call| call.as_ref().err()) {
        assert_eq!(refusal.retry_after, RECOVERY);
    }
}

#[test]
fn half_open_admits_exactly_its_permits_of_many_threads() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let breaker = touchy();
    runtime.block_on(half_open(&breaker));
    let (out, most) = (AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                // The paused clock is that of the runtime.
                let _entered = runtime.enter();
                for _ in 0..2000 {
                    if let Ok(permit) = breaker.acquire() {
                        most.fetch_max(out.fetch_add(1, Relaxed) + 1, Relaxed);
                        std::thread::yield_now();
                        out.fetch_sub(1, Relaxed);
                        drop(permit);
                    }
                }
            });
        }
    });
    assert!((1..=3).contains(&most.into_inner()));
}

#[tokio::test(start_paused = true)]
async fn a_result_of_an_earlier_state_changes_nothing() {
    let breaker = touchy();
    let late_success = breaker.acquire().expect("closed");
    let late_failure = breaker.acquire().expect("closed");
    half_open(&breaker).await;
    let probe = breaker.acquire().expect("a probe");
    late_success.success();
    late_failure.failure();
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    // Neither of them gave a place back that it never had.
    let others: Vec<_> = (0..10)
        .map(|_| breaker.acquire())
        .filter(Result::is_ok)
        .collect();
    assert_eq!(others.len(), 2);
    drop((probe, others));
}

#[tokio::test(start_paused = true)]
async fn a_late_failure_does_not_push_recovery_out() {
    let breaker = touchy();
    let late = breaker.acquire().expect("closed");
    open(&breaker);
    advance(RECOVERY - A_MOMENT).await;
    late.failure();
    assert_eq!(breaker.state(), CircuitState::Open);
    advance(A_MOMENT).await;
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
}

#[tokio::test(start_paused = true)]
async fn the_state_reads_half_open_by_time_alone() {
    let breaker = touchy();
    open(&breaker);
    advance(RECOVERY - A_MOMENT).await;
    assert_eq!(breaker.state(), CircuitState::Open);
    assert_eq!(
        breaker.acquire().expect_err("still open").retry_after,
        A_MOMENT
    );
    advance(A_MOMENT).await;
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    assert_eq!(breaker.snapshot().state, "half_open");
    // It stays that way, however long nobody calls.
    advance(Duration::from_secs(400 * 24 * 3600)).await;
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    succeed(&breaker);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_probe_gives_its_permit_back() {
    let breaker = touchy();
    half_open(&breaker).await;
    for _ in 0..100 {
        drop(breaker.acquire().expect("the one before was given back"));
    }
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
}

#[tokio::test(start_paused = true)]
async fn probes_that_never_end_do_not_keep_it_half_open() {
    let breaker = touchy();
    half_open(&breaker).await;
    let stuck: Vec<_> = (0..3)
        .map(|_| breaker.acquire().expect("a probe"))
        .collect();
    advance(RECOVERY - A_MOMENT).await;
    assert_eq!(
        breaker.acquire().expect_err("all out").retry_after,
        A_MOMENT
    );
    advance(A_MOMENT).await;
    for _ in 0..3 {
        succeed(&breaker);
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
    // And when they end after all, they count for nothing.
    stuck.into_iter().for_each(CircuitPermit::failure);
    assert_eq!(breaker.state(), CircuitState::Closed);
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn probes_that_never_end_are_given_up_however_late_somebody_calls() {
    for days in [1, 24, 26, 40, 51, 1000] {
        let breaker = touchy();
        half_open(&breaker).await;
        let _stuck: Vec<_> = (0..3)
            .map(|_| breaker.acquire().expect("a probe"))
            .collect();
        advance(Duration::from_secs(days * 24 * 3600)).await;
        assert!(breaker.acquire().is_ok(), "after {days} days");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_counts_as_nothing() {
    let breaker = breaker(CircuitBreakerConfig {
        failure_threshold: 1,
        half_open_requests: 1,
        ..CircuitBreakerConfig::default()
    });
    let never = || std::future::pending::<Result<(), ()>>();
    tokio::time::timeout(A_MOMENT, breaker.call(never))
        .await
        .expect_err("it never ends");
    assert_eq!(breaker.state(), CircuitState::Closed);
    half_open(&breaker).await;
    tokio::time::timeout(A_MOMENT, breaker.call(never))
        .await
        .expect_err("it never ends");
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    succeed(&breaker);
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failure_and_gives_its_permit_back() {
    let breaker = Arc::new(touchy());
    for _ in 0..2 {
        let breaker = Arc::clone(&breaker);
        let task = tokio::spawn(async move {
            breaker
                .call(|| async { panic!("on purpose") as Result<(), ()> })
                .await
        });
        assert!(task.await.expect_err("it panicked").is_panic());
    }
    assert_eq!(breaker.state(), CircuitState::Open);
    assert_eq!(counter(&breaker, "failure"), 2);
}

#[tokio::test(start_paused = true)]
async fn the_classifier_tells_failures() {
    let breaker = breaker(CircuitBreakerConfig {
        failure_threshold: 1,
        ..CircuitBreakerConfig::default()
    });
    let server_error =
        |status: &Result<u16, ()>| (*status == Ok(500)).then_some(crate::FailureKind::Status(500));
    let answer = breaker.call_with(server_error, || async { Ok(404) }).await;
    assert_eq!((answer, breaker.state()), (Ok(404), CircuitState::Closed));
    let answer = breaker.call_with(server_error, || async { Ok(500) }).await;
    assert_eq!((answer, breaker.state()), (Ok(500), CircuitState::Open));
}

#[tokio::test(start_paused = true)]
async fn shadow_counts_what_it_would_refuse() {
    let breaker = breaker(CircuitBreakerConfig {
        failure_threshold: 1,
        mode: CircuitMode::Shadow,
        ..CircuitBreakerConfig::default()
    });
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Open);
    for _ in 0..7 {
        succeed(&breaker);
    }
    assert_eq!(breaker.state(), CircuitState::Open);
    assert_eq!(counter(&breaker, "shadow_rejected"), 7);
    assert_eq!(counter(&breaker, "rejected"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_circuit_can_be_forced_and_switched_off() {
    let breaker = touchy();
    breaker.set_mode(CircuitMode::ForcedOpen);
    assert_eq!(breaker.state(), CircuitState::Open);
    assert_eq!(breaker.acquire().expect_err("forced").retry_after, RECOVERY);
    for mode in [CircuitMode::ForcedClosed, CircuitMode::Off] {
        breaker.set_mode(mode);
        for _ in 0..10 {
            fail(&breaker);
        }
        assert_eq!(breaker.state(), CircuitState::Closed);
    }
    breaker.set_mode(CircuitMode::Enforce);
    open(&breaker);
}

#[tokio::test(start_paused = true)]
async fn reconfigured_while_in_use_it_keeps_its_state() {
    let breaker = touchy();
    fail(&breaker);
    let patient = CircuitBreakerConfig {
        failure_threshold: 3,
        ..breaker.config()
    };
    breaker.reconfigure(patient).expect("in range");
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Closed);
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Open);
    let quick = CircuitBreakerConfig {
        recovery_timeout: A_MOMENT,
        ..breaker.config()
    };
    breaker.reconfigure(quick).expect("in range");
    advance(A_MOMENT).await;
    assert_eq!(breaker.state(), CircuitState::HalfOpen);
    breaker.reset();
    assert_eq!(breaker.state(), CircuitState::Closed);
    let wrong = CircuitBreakerConfig {
        failure_threshold: 0,
        ..breaker.config()
    };
    let error = breaker.reconfigure(wrong).expect_err("out of range");
    assert_eq!(
        error.to_string(),
        "failure_threshold must be at least 1, not 0"
    );
}

#[tokio::test(start_paused = true)]
async fn events_tell_what_happened() {
    let breaker = touchy();
    let events = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    assert!(breaker.on_event(move |event| seen.lock().expect("no panic").push(*event)));
    assert!(!breaker.on_event(|_| ()));
    half_open(&breaker).await;
    for _ in 0..3 {
        succeed(&breaker);
    }
    let changes: Vec<_> = events
        .lock()
        .expect("no panic")
        .iter()
        .map(|event| match event {
            CircuitBreakerEvent::StateChanged { to } => to.as_str(),
            CircuitBreakerEvent::Rejected { .. } => "rejected",
        })
        .collect();
    assert_eq!(changes, ["open", "half_open", "closed"]);
}

#[tokio::test(start_paused = true)]
async fn refused_calls_are_not_made() {
    let breaker = touchy();
    open(&breaker);
    let called = Cell::new(false);
    let answer = breaker
        .call(|| async {
            called.set(true);
            Ok::<_, ()>(())
        })
        .await;
    assert!(matches!(answer, Err(CircuitBreakerError::Open(_))));
    assert!(!called.get());
}
