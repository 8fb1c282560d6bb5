use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::advance;

use super::*;
use crate::Mode;

const A_MOMENT: Duration = Duration::from_millis(1);
const A_SECOND: Duration = Duration::from_secs(1);
const RECOVERY: Duration = Duration::from_secs(30);

fn fail_fast(config: FailFastConfig) -> FailFast {
    FailFast::new("test", config).expect("in range")
}

/// Opens on the second failure in a row, and closes by hand only.
fn touchy() -> FailFast {
    fail_fast(FailFastConfig {
        failure_threshold: 2,
        ..FailFastConfig::default()
    })
}

fn recovering() -> FailFast {
    fail_fast(FailFastConfig {
        recovery_timeout: Some(RECOVERY),
        ..touchy().config()
    })
}

fn fail(fail_fast: &FailFast) {
    fail_fast.acquire().expect("closed").failure();
}

fn succeed(fail_fast: &FailFast) {
    fail_fast.acquire().expect("closed").success();
}

fn open(fail_fast: &FailFast) {
    while fail_fast.state() == FailFastState::Closed {
        fail(fail_fast);
    }
}

fn refusal(fail_fast: &FailFast) -> FailFastOpen {
    fail_fast.acquire().map(drop).expect_err("open")
}

fn counter(fail_fast: &FailFast, name: &str) -> u64 {
    let snapshot = fail_fast.snapshot();
    let found = snapshot
        .counters
        .iter()
        .find(|counter| counter.name == name);
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

#[tokio::test(start_paused = true)]
async fn opens_on_consecutive_failures_only() {
    let fail_fast = touchy();
    for _ in 0..10 {
        fail(&fail_fast);
        succeed(&fail_fast);
    }
    assert_eq!(fail_fast.state(), FailFastState::Closed);
    fail(&fail_fast);
    fail(&fail_fast);
    assert_eq!(fail_fast.state(), FailFastState::Open);
    assert_eq!(counter(&fail_fast, "opened"), 1);
}

#[tokio::test(start_paused = true)]
async fn refused_calls_are_not_made() {
    let fail_fast = touchy();
    open(&fail_fast);
    let called = Cell::new(false);
    let answer = fail_fast
        .call(|| async {
            called.set(true);
            Ok::<_, ()>(())
        })
        .await;
    let expected = FailFastOpen { retry_after: None };
    assert_eq!(answer, Err(FailFastError::Open(expected)));
    assert_eq!(expected.to_string(), "fail-fast open");
    assert!(!called.get());
    assert_eq!(counter(&fail_fast, "rejected"), 1);
}

#[tokio::test(start_paused = true)]
async fn it_stays_open_until_somebody_closes_it() {
    let fail_fast = touchy();
    open(&fail_fast);
    advance(Duration::from_secs(400 * 24 * 3600)).await;
    assert_eq!(refusal(&fail_fast).retry_after, None);
    fail_fast.close();
    // The failures of the time before are forgotten.
    fail(&fail_fast);
    assert_eq!(fail_fast.state(), FailFastState::Closed);
    fail_fast.open();
    assert_eq!(fail_fast.state(), FailFastState::Open);
    fail_fast.reset();
    succeed(&fail_fast);
    fail_fast.close();
    assert_eq!(counter(&fail_fast, "opened"), 2);
    assert_eq!(counter(&fail_fast, "closed"), 2, "it was closed already");
}

#[tokio::test(start_paused = true)]
async fn the_state_reads_closed_by_time_alone() {
    let fail_fast = recovering();
    open(&fail_fast);
    advance(RECOVERY - A_MOMENT).await;
    assert_eq!(refusal(&fail_fast).retry_after, Some(A_MOMENT));
    assert_eq!(fail_fast.snapshot().state, "open");
    advance(A_MOMENT).await;
    assert_eq!(fail_fast.snapshot().state, "closed");
    // One failure does not open it: those of the time before are forgotten.
    fail(&fail_fast);
    assert_eq!(fail_fast.state(), FailFastState::Closed);
    assert_eq!(counter(&fail_fast, "closed"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_late_failure_does_not_push_recovery_out() {
    let fail_fast = recovering();
    let late = fail_fast.acquire().expect("closed");
    open(&fail_fast);
    advance(RECOVERY - A_MOMENT).await;
    late.failure();
    advance(A_MOMENT).await;
    assert_eq!(fail_fast.state(), FailFastState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_result_of_an_earlier_state_changes_nothing() {
    let fail_fast = touchy();
    let late: Vec<_> = (0..4)
        .map(|_| fail_fast.acquire().expect("closed"))
        .collect();
    let late_success = fail_fast.acquire().expect("closed");
    open(&fail_fast);
    late_success.success();
    assert_eq!(fail_fast.state(), FailFastState::Open);
    fail_fast.close();
    late.into_iter().for_each(FailFastPermit::failure);
    assert_eq!(fail_fast.state(), FailFastState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_call_counts_as_nothing() {
    let fail_fast = fail_fast(FailFastConfig {
        failure_threshold: 1,
        ..FailFastConfig::default()
    });
    let never = || std::future::pending::<Result<(), ()>>();
    tokio::time::timeout(A_MOMENT, fail_fast.call(never))
        .await
        .expect_err("it never ends");
    drop(fail_fast.acquire().expect("closed"));
    assert_eq!(fail_fast.state(), FailFastState::Closed);
    assert_eq!(counter(&fail_fast, "failure"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failure() {
    let fail_fast = Arc::new(touchy());
    for _ in 0..2 {
        let fail_fast = Arc::clone(&fail_fast);
        let task = tokio::spawn(async move {
            fail_fast
                .call(|| async { panic!("on purpose") as Result<(), ()> })
                .await
        });
        assert!(task.await.expect_err("it panicked").is_panic());
    }
    assert_eq!(fail_fast.state(), FailFastState::Open);
}

#[tokio::test(start_paused = true)]
async fn the_classifier_tells_failures() {
    let fail_fast = fail_fast(FailFastConfig {
        failure_threshold: 1,
        ..FailFastConfig::default()
    });
    let server_error =
        |status: &Result<u16, ()>| (*status == Ok(500)).then_some(crate::FailureKind::Status(500));
    let answer = fail_fast
        .call_with(server_error, || async { Ok(404) })
        .await;
    assert_eq!(
        (answer, fail_fast.state()),
        (Ok(404), FailFastState::Closed)
    );
    let answer = fail_fast
        .call_with(server_error, || async { Ok(500) })
        .await;
    assert_eq!((answer, fail_fast.state()), (Ok(500), FailFastState::Open));
}

/// A health check that is answered from outside, and how often it was asked.
fn with_health() -> (FailFast, Arc<AtomicBool>, Arc<AtomicU32>) {
    let (is_well, asked) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
    );
    let fail_fast = {
        let (is_well, asked) = (Arc::clone(&is_well), Arc::clone(&asked));
        touchy().with_health(move || {
            asked.fetch_add(1, Relaxed);
            is_well.load(Relaxed)
        })
    };
    (fail_fast, is_well, asked)
}

#[tokio::test(start_paused = true)]
async fn a_health_check_is_asked_while_it_is_open_and_once_a_second() {
    let (fail_fast, is_well, asked) = with_health();
    assert!(!fail_fast.set_health(|| true), "the first stays");
    succeed(&fail_fast);
    open(&fail_fast);
    is_well.store(true, Relaxed);
    assert_eq!(refusal(&fail_fast).retry_after, Some(A_SECOND));
    assert_eq!(asked.load(Relaxed), 0, "it has only just failed");

    is_well.store(false, Relaxed);
    advance(A_SECOND).await;
    for _ in 0..100 {
        assert_eq!(refusal(&fail_fast).retry_after, Some(A_SECOND));
    }
    assert_eq!(asked.load(Relaxed), 1);

    is_well.store(true, Relaxed);
    advance(A_SECOND - A_MOMENT).await;
    assert_eq!(refusal(&fail_fast).retry_after, Some(A_MOMENT));
    advance(A_MOMENT).await;
    succeed(&fail_fast);
    assert_eq!(asked.load(Relaxed), 2);
    assert_eq!(counter(&fail_fast, "closed"), 1);
    advance(A_SECOND).await;
    succeed(&fail_fast);
    assert_eq!(asked.load(Relaxed), 2, "it is closed");
}

#[tokio::test(start_paused = true)]
async fn whoever_reads_the_state_asks_as_well() {
    let (fail_fast, is_well, _) = with_health();
    open(&fail_fast);
    is_well.store(true, Relaxed);
    advance(A_SECOND).await;
    assert_eq!(fail_fast.snapshot().state, "closed");
}

#[tokio::test(start_paused = true)]
async fn shadow_counts_what_it_would_refuse() {
    let fail_fast = fail_fast(FailFastConfig {
        failure_threshold: 1,
        mode: Mode::Shadow,
        ..FailFastConfig::default()
    });
    fail(&fail_fast);
    for _ in 0..7 {
        succeed(&fail_fast);
    }
    assert_eq!(fail_fast.state(), FailFastState::Open);
    assert_eq!(counter(&fail_fast, "shadow_rejected"), 7);
    assert_eq!(counter(&fail_fast, "rejected"), 0);
}

#[tokio::test(start_paused = true)]
async fn off_it_neither_counts_nor_refuses() {
    let fail_fast = touchy();
    fail_fast.set_enabled(false);
    for _ in 0..10 {
        fail(&fail_fast);
    }
    fail_fast.set_enabled(true);
    assert_eq!(fail_fast.state(), FailFastState::Closed);
    assert_eq!(counter(&fail_fast, "failure"), 0);
    open(&fail_fast);
    fail_fast.set_mode(Mode::Off);
    succeed(&fail_fast);
    assert_eq!(fail_fast.state(), FailFastState::Closed);
    fail_fast.set_mode(Mode::Enforce);
    assert_eq!(fail_fast.state(), FailFastState::Open, "it was kept");
}

#[tokio::test(start_paused = true)]
async fn reconfigured_while_in_use_it_keeps_its_state() {
    let fail_fast = touchy();
    fail(&fail_fast);
    let patient = FailFastConfig {
        failure_threshold: 3,
        ..fail_fast.config()
    };
    fail_fast.reconfigure(patient.clone()).expect("in range");
    fail(&fail_fast);
    assert_eq!(fail_fast.state(), FailFastState::Closed);
    fail(&fail_fast);
    assert_eq!(fail_fast.state(), FailFastState::Open);
    // Less than a millisecond is one.
    let quick = FailFastConfig {
        recovery_timeout: Some(Duration::from_micros(1)),
        ..patient.clone()
    };
    fail_fast.reconfigure(quick).expect("in range");
    assert_eq!(fail_fast.state(), FailFastState::Open);
    advance(A_MOMENT).await;
    assert_eq!(fail_fast.state(), FailFastState::Closed);
    for wrong in [
        FailFastConfig {
            failure_threshold: 0,
            ..patient.clone()
        },
        FailFastConfig {
            recovery_timeout: Some(Duration::ZERO),
            ..patient.clone()
        },
    ] {
        fail_fast.reconfigure(wrong).expect_err("out of range");
    }
}

#[tokio::test(start_paused = true)]
async fn events_tell_what_happened() {
    let fail_fast = recovering();
    let events = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    assert!(fail_fast.on_event(move |event| seen.lock().expect("no panic").push(*event)));
    assert!(!fail_fast.on_event(|_| ()));
    open(&fail_fast);
    refusal(&fail_fast);
    advance(RECOVERY).await;
    succeed(&fail_fast);
    let expected = [
        FailFastEvent::StateChanged {
            to: FailFastState::Open,
        },
        FailFastEvent::Rejected {
            retry_after: Some(RECOVERY),
        },
        FailFastEvent::StateChanged {
            to: FailFastState::Closed,
        },
    ];
    assert_eq!(*events.lock().expect("no panic"), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opened_closed_and_reconfigured_under_load_it_loses_no_call() {
    let fail_fast = Arc::new(touchy());
    let calls = (0..8).map(|_| {
        let fail_fast = Arc::clone(&fail_fast);
        tokio::spawn(async move {
            let (mut made, mut refused) = (0_u64, 0_u64);
            for n in 0..2000 {
                let call = fail_fast.call(|| async {
                    tokio::task::yield_now().await;
                    if n % 3 == 0 { Err(()) } else { Ok(()) }
                });
                match call.await {
                    Err(FailFastError::Open(_)) => refused += 1,
                    _ => made += 1,
                }
            }
            (made, refused)
        })
    });
    let calls: Vec<_> = calls.collect();
    for round in 0..1000 {
        let config = FailFastConfig {
            failure_threshold: 1 + round % 3,
            recovery_timeout: (round % 2 == 0).then_some(A_MOMENT),
            ..FailFastConfig::default()
        };
        fail_fast.reconfigure(config).expect("in range");
        fail_fast.close();
        tokio::task::yield_now().await;
    }
    let (mut made, mut refused) = (0, 0);
    for call in calls {
        let (its_made, its_refused) = call.await.expect("no panic");
        made += its_made;
        refused += its_refused;
    }
    assert_eq!(made + refused, 8 * 2000);
    let recorded = counter(&fail_fast, "success") + counter(&fail_fast, "failure");
    assert_eq!(recorded, made);
    assert_eq!(counter(&fail_fast, "rejected"), refused);
    fail_fast.close();
    let (opened, closed) = (counter(&fail_fast, "opened"), counter(&fail_fast, "closed"));
    assert_eq!(opened, closed, "each opening was closed once");
}

#[test]
fn two_threads_that_hammer_open_it_once_a_time() {
    let fail_fast = touchy();
    for round in 1..=200 {
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        if let Ok(permit) = fail_fast.acquire() {
                            permit.failure();
                        }
                    }
                });
            }
        });
        assert_eq!(counter(&fail_fast, "opened"), round);
        fail_fast.close();
    }
}
