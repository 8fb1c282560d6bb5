//! Patterns under the hands of two threads while somebody changes them: no call is lost, counted
//! twice, or allowed more than it should be. Those whose own tests are about something else.
#![cfg(all(feature = "retry", feature = "circuitbreaker", feature = "timeout"))]

use std::cell::Cell;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use failsafe_runtime::registry::PatternSnapshot;
use failsafe_runtime::{
    BudgetConfig, CircuitBreaker, CircuitBreakerConfig, CircuitBreakerError, CircuitWindow, Jitter,
    Retry, RetryBudget, RetryConfig, Timeout, TimeoutConfig, TimeoutError,
};
use tokio::runtime::Builder;

const CALLS: u64 = 5000;

fn count(snapshot: &PatternSnapshot, name: &str) -> u64 {
    let mut counters = snapshot.counters.iter();
    let counter = counters.find(|counter| counter.name == name);
    counter.unwrap_or_else(|| panic!("no {name}")).value
}

/// Has two threads do their part, each with a clock of its own that is paused, while a third one
/// changes what they share, over and over.
fn hammer<Fut: Future<Output = ()>>(part: impl Fn() -> Fut + Sync, change: impl Fn(u32)) {
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let threads = [(); 2].map(|()| {
            scope.spawn(|| {
                let mut clock = Builder::new_current_thread();
                let clock = clock.enable_time().start_paused(true).build();
                clock.expect("a clock").block_on(part());
            })
        });
        let ended = &ended;
        let watch = scope.spawn(move || {
            let ended_well = threads.map(|thread| thread.join().is_ok());
            ended.store(true, Relaxed);
            assert_eq!(ended_well, [true; 2]);
        });
        let mut round = 0;
        while !ended.load(Relaxed) || round < 1000 {
            change(round);
            round += 1;
            thread::yield_now();
        }
        watch.join().expect("both have ended well");
    });
}

#[test]
fn a_retry_makes_no_more_calls_than_its_budget_allows() {
    let config = |attempts| RetryConfig {
        attempts,
        delay: Duration::ZERO,
        jitter: Jitter::None,
        ..RetryConfig::default()
    };
    let share = BudgetConfig {
        ratio: 0.2,
        min_per_second: 0,
    };
    let budget = Arc::new(RetryBudget::new(share).expect("in range"));
    let retry = Retry::with_budget("test", config(3), budget).expect("in range");
    let (made, succeeded) = (AtomicU64::new(0), AtomicU64::new(0));
    let part = || async {
        for n in 0..CALLS {
            let attempts = Cell::new(0);
            let call = || async {
                attempts.set(attempts.get() + 1);
                made.fetch_add(1, Relaxed);
                tokio::task::yield_now().await;
                // Some work at once, some the second time, some never.
                if n % 3 < attempts.get() {
                    Ok(())
                } else {
                    Err(())
                }
            };
            if retry.call(call).await.is_ok() {
                succeeded.fetch_add(1, Relaxed);
            }
        }
    };
    hammer(part, |round| {
        retry.reconfigure(config(1 + round % 3)).expect("in range");
    });
    let (made, succeeded) = (made.into_inner(), succeeded.into_inner());
    let snapshot = retry.snapshot();
    let retries = count(&snapshot, "retry");
    assert_eq!(made, 2 * CALLS + retries);
    assert_eq!(count(&snapshot, "attempt"), made);
    assert_eq!(count(&snapshot, "success"), succeeded);
    assert_eq!(count(&snapshot, "giveup"), 2 * CALLS - succeeded);
    assert!(retries <= 2 * CALLS / 5, "{retries}");
}

#[test]
fn a_circuit_counts_every_call_once_or_refuses_it() {
    let config = |window, failure_threshold| CircuitBreakerConfig {
        failure_threshold,
        recovery_timeout: Duration::from_millis(1),
        window,
        ..CircuitBreakerConfig::default()
    };
    let breaker = CircuitBreaker::new("test", config(None, 2)).expect("in range");
    let (made, refused, dropped) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let part = || async {
        for n in 0..CALLS {
            if n % 7 == 0 {
                // One that is dropped where it waits, as a client does that goes away.
                let mut call = pin!(breaker.call(pending::<Result<(), ()>>));
                let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                let counter = if polled.is_pending() {
                    &dropped
                } else {
                    &refused
                };
                counter.fetch_add(1, Relaxed);
                continue;
            }
            let call = || async {
                tokio::task::yield_now().await;
                if n % 3 == 0 { Err(()) } else { Ok(()) }
            };
            let counter = match breaker.call(call).await {
                Err(CircuitBreakerError::Open(_)) => &refused,
                Ok(()) | Err(CircuitBreakerError::Inner(())) => &made,
            };
            counter.fetch_add(1, Relaxed);
        }
    };
    hammer(part, |round| {
        let window = [None, Some(CircuitWindow::Count), Some(CircuitWindow::Time)];
        let window = window[round as usize % 3];
        let changed = breaker.reconfigure(config(window, 1 + round % 3));
        changed.expect("in range");
        if round % 10 == 0 {
            breaker.reset();
        }
    });
    let (made, refused) = (made.into_inner(), refused.into_inner());
    assert_eq!(made + refused + dropped.into_inner(), 2 * CALLS);
    let snapshot = breaker.snapshot();
    let recorded = count(&snapshot, "success") + count(&snapshot, "failure");
    assert_eq!(recorded, made, "what is dropped counts as nothing");
    assert_eq!(count(&snapshot, "rejected"), refused);
    // Whatever was dropped or late, it is not stuck.
    breaker.reconfigure(config(None, 2)).expect("in range");
    breaker.reset();
    breaker.acquire().expect("it is closed").success();
}

#[test]
fn a_timeout_cuts_off_what_takes_longer_and_nothing_else() {
    let config = |millis| TimeoutConfig {
        seconds: Duration::from_millis(millis),
        ..TimeoutConfig::default()
    };
    let timeout = Timeout::new("test", config(1000)).expect("in range");
    let part = || async {
        for n in 0..CALLS {
            match n % 3 {
                0 => {
                    let quick = timeout.call(|| async { Ok::<_, ()>(n) });
                    assert_eq!(quick.await, Ok(n));
                }
                1 => {
                    let slow = timeout.call(pending::<Result<(), ()>>);
                    let late = slow.await.expect_err("it never ends");
                    assert!(matches!(late, TimeoutError::TimedOut(_)), "{late:?}");
                }
                // Dropped where it waits.
                _ => {
                    let mut call = pin!(timeout.call(pending::<Result<(), ()>>));
                    let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                    assert!(polled.is_pending());
                }
            }
        }
    };
    hammer(part, |round| {
        let changed = timeout.reconfigure(config(1000 + u64::from(round % 500)));
        changed.expect("in range");
    });
    let snapshot = timeout.snapshot();
    let of_kind = |kind| 2 * (0..CALLS).filter(|n| n % 3 == kind).count() as u64;
    assert_eq!(count(&snapshot, "fired"), of_kind(1));
    assert_eq!(count(&snapshot, "success"), of_kind(0));
}

#[cfg(feature = "chaos")]
#[test]
fn chaos_gives_each_fault_of_its_seed_to_one_call() {
    use failsafe_runtime::{Chaos, ChaosConfig, ChaosError};

    let config = |status| ChaosConfig {
        fault_rate: 0.3,
        latency: Duration::from_millis(10),
        status,
        seed: 7,
        ..ChaosConfig::default()
    };
    let alone = Chaos::new("test", config(503)).expect("in range");
    let expected = (0..2 * CALLS).filter(|_| alone.inject().fault.is_some());
    let expected = expected.count() as u64;

    let chaos = Chaos::new("test", config(503)).expect("in range");
    let (faults, calls) = (AtomicU64::new(0), AtomicU64::new(0));
    let part = || async {
        for n in 0..CALLS {
            let call = || async {
                calls.fetch_add(1, Relaxed);
                Ok::<_, ()>(())
            };
            if n % 5 == 0 {
                // Dropped before its time has passed: its turn is over, and it was not made.
                let mut call = pin!(chaos.call(call));
                let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                assert!(polled.is_pending());
                continue;
            }
            if let Err(ChaosError::Injected(fault)) = chaos.call(call).await {
                assert!([503, 504].contains(&fault.status), "{fault}");
                faults.fetch_add(1, Relaxed);
            }
        }
    };
    hammer(part, |round| {
        let status = if round % 2 == 0 { 503 } else { 504 };
        chaos.reconfigure(config(status)).expect("in range");
    });
    let snapshot = chaos.snapshot();
    assert_eq!(count(&snapshot, "fault"), expected);
    let dropped = 2 * (0..CALLS).filter(|n| n % 5 == 0).count() as u64;
    let ended = faults.into_inner() + calls.into_inner();
    assert_eq!(ended, 2 * CALLS - dropped);
}
