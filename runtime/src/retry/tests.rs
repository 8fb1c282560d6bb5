use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, advance};

use super::*;
use crate::ledger::Ledger;
use crate::{ByKind, Exception, Exceptions, Failure, FailureKind, Mode};

const A_SECOND: Duration = Duration::from_secs(1);

/// Three attempts, one and two seconds apart.
fn plain() -> RetryConfig {
    RetryConfig {
        jitter: Jitter::None,
        ..RetryConfig::default()
    }
}

fn retry(config: RetryConfig) -> Retry {
    Retry::new("test", config).expect("in range")
}

fn counter(retry: &Retry, name: &str) -> u64 {
    let snapshot = retry.snapshot();
    let found = snapshot
        .counters
        .iter()
        .find(|counter| counter.name == name);
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

/// Fails so many times, then works.
async fn after_failures(retry: &Retry, failures: u32) -> (Result<u32, RetryError<u32>>, u32) {
    let calls = Cell::new(0);
    let answer = retry
        .call(|| async {
            calls.set(calls.get() + 1);
            if calls.get() > failures {
                Ok(calls.get())
            } else {
                Err(calls.get())
            }
        })
        .await;
    (answer, calls.get())
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_time_gets_it_within_bounds() {
    #[derive(Debug)]
    struct Busy(u64);
    impl Failure for Busy {
        fn retry_after(&self) -> Option<Duration> {
            Some(Duration::from_secs(self.0))
        }
    }
    for (asked, waited, calls) in [
        (0, 3, 3),
        (20, 40, 3),
        (60, 120, 3),
        (61, 0, 1),
        (u64::MAX, 0, 1),
    ] {
        let retry = retry(plain());
        let made = Cell::new(0);
        let started = Instant::now();
        let call = || async {
            made.set(made.get() + 1);
            Err::<(), _>(Busy(asked))
        };
        retry.call_with(ByKind, call).await.expect_err("it is busy");
        assert_eq!(made.get(), calls, "{asked}");
        assert_eq!(started.elapsed(), A_SECOND * waited, "{asked}");
    }
    // Nor is it waited for beyond the end.
    let retry = retry(plain());
    let mut state = retry.start();
    let asked = Some(A_SECOND * 20);
    let next = retry.next_within(&mut state, FailureKind::Other, asked, A_SECOND * 20);
    assert_eq!(next, None);
}

#[tokio::test(start_paused = true)]
async fn attempts_count_the_first_call() {
    let retry = retry(plain());
    let started = Instant::now();
    assert_eq!(after_failures(&retry, 2).await, (Ok(3), 3));
    assert_eq!(started.elapsed(), A_SECOND * 3);
    let exhausted = RetryError::Exhausted(RetryExhausted {
        attempts: 3,
        last: 3,
    });
    assert_eq!(after_failures(&retry, 9).await, (Err(exhausted), 3));
    assert_eq!(counter(&retry, "attempt"), 6);
    assert_eq!(counter(&retry, "success"), 1);
    assert_eq!(counter(&retry, "giveup"), 1);
}

#[tokio::test(start_paused = true)]
async fn one_attempt_is_no_retry() {
    let retry = retry(RetryConfig {
        attempts: 1,
        ..plain()
    });
    assert_eq!(after_failures(&retry, 1).await.1, 1);
}

#[tokio::test(start_paused = true)]
async fn only_the_failures_that_are_named_are_retried() {
    struct Broken(FailureKind);
    impl Failure for Broken {
        fn failure_kind(&self) -> FailureKind {
            self.0
        }
    }

    let exceptions = Exceptions::from([Exception::Connection, Exception::StatusClass(5)]);
    let retry = retry(RetryConfig {
        exceptions,
        ..plain()
    });
    for (kind, expected) in [
        (FailureKind::Connection, 3),
        (FailureKind::Status(503), 3),
        (FailureKind::Status(429), 1),
        (FailureKind::Timeout, 1),
        (FailureKind::Other, 1),
    ] {
        let calls = Cell::new(0);
        let answer = retry
            .call_with(ByKind, || async {
                calls.set(calls.get() + 1);
                Err::<(), _>(Broken(kind))
            })
            .await;
        assert_eq!(calls.get(), expected, "{kind}");
        let exhausted = matches!(answer, Err(RetryError::Exhausted(_)));
        assert_eq!(exhausted, expected == 3, "{kind}");
    }
}

#[test]
fn a_panic_is_never_retried() {
    let retry = retry(plain());
    assert_eq!(retry.next(&mut retry.start(), FailureKind::Panic), None);
}

#[tokio::test(start_paused = true)]
async fn an_ok_may_be_a_failure_and_is_returned_as_it_is() {
    let retry = retry(plain());
    let calls = Cell::new(0);
    let unavailable =
        |answer: &Result<u16, ()>| (*answer == Ok(503)).then_some(FailureKind::Status(503));
    let answer = retry
        .call_with(unavailable, || async {
            calls.set(calls.get() + 1);
            Ok(503)
        })
        .await;
    assert_eq!((answer, calls.get()), (Ok(503), 3));
}

#[tokio::test(start_paused = true)]
async fn every_call_has_its_own_backoff() {
    let retry = retry(plain());
    let mut first = retry.start();
    assert_eq!(retry.next(&mut first, FailureKind::Other), Some(A_SECOND));
    let mut second = retry.start();
    assert_eq!(
        retry.next(&mut first, FailureKind::Other),
        Some(A_SECOND * 2)
    );
    assert_eq!(retry.next(&mut second, FailureKind::Other), Some(A_SECOND));
    assert_eq!(retry.next(&mut first, FailureKind::Other), None);
    assert_eq!(
        retry.next(&mut second, FailureKind::Other),
        Some(A_SECOND * 2)
    );
}

#[test]
fn attempts_never_outlive_the_deadline() {
    let retry = retry(plain());
    let mut state = retry.start();
    let next = retry.next_within(&mut state, FailureKind::Other, None, A_SECOND);
    assert_eq!(next, None, "the wait would use up all of the time");
    let next = retry.next_within(&mut state, FailureKind::Other, None, A_SECOND * 3 / 2);
    assert_eq!(next, Some(A_SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_is_down_sees_at_most_a_fifth_more_calls() {
    let retry = retry(RetryConfig {
        attempts: 4,
        ..RetryConfig::default()
    });
    let calls = Cell::new(0);
    let one = || {
        retry.call(|| async {
            calls.set(calls.get() + 1);
            Err::<(), _>("down")
        })
    };
    // All of them at a time, so that all have begun before the first gives up.
    let mut all: Vec<_> = (0..1000).map(|_| Box::pin(one())).collect();
    std::future::poll_fn(|cx| {
        all.retain_mut(|call| call.as_mut().poll(cx).is_pending());
        if all.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    assert_eq!(calls.get(), 1200);
    assert_eq!(counter(&retry, "budget_exhausted"), 1000);
}

#[tokio::test(start_paused = true)]
async fn a_budget_is_shared_and_grows_again() {
    let budget = Arc::new(
        RetryBudget::new(BudgetConfig {
            ratio: 0.0,
            min_per_second: 1,
        })
        .expect("in range"),
    );
    let [one, other] = ["one", "other"]
        .map(|name| Retry::with_budget(name, plain(), Arc::clone(&budget)).expect("in range"));
    let granted = |retry: &Retry| retry.next(&mut retry.start(), FailureKind::Other).is_some();
    // Ten a window of ten seconds, whoever takes them.
    let taken = (0..20)
        .filter(|n| granted(if n % 2 == 0 { &one } else { &other }))
        .count();
    assert_eq!(taken, 10);
    advance(A_SECOND * 9).await;
    assert!(!granted(&one));
    advance(A_SECOND).await;
    assert!(granted(&one));
}

#[tokio::test(start_paused = true)]
async fn dropped_at_any_await_it_makes_no_further_attempt() {
    // In its first attempt, in the wait behind it, and in the second attempt.
    for (calls_by_then, dropped_after) in [(1, A_SECOND / 2), (1, A_SECOND * 2), (2, A_SECOND * 3)]
    {
        let retry = retry(plain());
        let calls = Cell::new(0);
        let call = retry.call(|| async {
            calls.set(calls.get() + 1);
            tokio::time::sleep(A_SECOND * 3 / 2).await;
            Err::<(), _>(())
        });
        tokio::time::timeout(dropped_after, call)
            .await
            .expect_err("it goes on for longer");
        assert!(!nesting::is_within(), "nothing is left of the attempt");
        advance(A_SECOND * 10).await;
        assert_eq!(calls.get(), calls_by_then);
        assert_eq!(counter(&retry, "success") + counter(&retry, "giveup"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn shadow_counts_what_it_would_repeat() {
    let retry = retry(RetryConfig {
        mode: Mode::Shadow,
        ..plain()
    });
    assert_eq!(
        after_failures(&retry, 1).await,
        (Err(RetryError::Inner(1)), 1)
    );
    assert_eq!(counter(&retry, "shadow_retry"), 1);
    assert_eq!(retry.max_attempts(), 1);
    retry.set_mode(Mode::Enforce);
    assert_eq!(after_failures(&retry, 1).await, (Ok(2), 2));
}

#[tokio::test(start_paused = true)]
async fn reconfigured_while_in_use() {
    let retry = retry(plain());
    let mut state = retry.start();
    retry
        .next(&mut state, FailureKind::Other)
        .expect("a second attempt");
    retry
        .reconfigure(RetryConfig {
            attempts: 2,
            ..plain()
        })
        .expect("in range");
    assert_eq!(retry.next(&mut state, FailureKind::Other), None);
    let error = retry
        .reconfigure(RetryConfig {
            attempts: 0,
            ..plain()
        })
        .expect_err("no attempt");
    assert_eq!(error.to_string(), "attempts must be 1 to 100, not 0");
}

#[test]
fn calls_in_a_time_of_peace_are_no_budget_for_an_outage() {
    let allowance = BudgetConfig {
        ratio: 0.2,
        min_per_second: 1,
    }
    .allowance();
    let mut ledger = Ledger::new(0);
    // A million calls in an hour are 2,778 in its last ten seconds: a share of 555.
    let now = 3600 * 1_000_000_000;
    let granted = (0..10_000)
        .filter(|_| ledger.withdraw(1_000_000, now, allowance))
        .count();
    assert!((550..=556).contains(&granted), "{granted}");
}

#[test]
fn hostile_numbers_are_out_of_range() {
    for wrong in [
        RetryConfig {
            backoff: f64::NAN,
            ..plain()
        },
        RetryConfig {
            backoff: f64::INFINITY,
            ..plain()
        },
        RetryConfig {
            backoff: -1.0,
            ..plain()
        },
        RetryConfig {
            attempts: u32::MAX,
            ..plain()
        },
        RetryConfig {
            delay: Duration::MAX,
            ..plain()
        },
    ] {
        wrong.validate().expect_err("out of range");
    }
    for wrong in [f64::NAN, f64::INFINITY, -0.1] {
        BudgetConfig {
            ratio: wrong,
            ..BudgetConfig::default()
        }
        .validate()
        .expect_err("out of range");
    }
}

fn configs() -> impl Strategy<Value = RetryConfig> {
    let jitter = prop_oneof![
        Just(Jitter::None),
        Just(Jitter::Full),
        Just(Jitter::Equal),
        Just(Jitter::Decorrelated)
    ];
    let longest = crate::duration::LONGEST.as_secs();
    (0..=longest, 0..=longest, 1.0..=1000.0_f64, jitter).prop_map(
        |(delay, max_delay, backoff, jitter)| RetryConfig {
            attempts: 100,
            delay: Duration::from_secs(delay),
            max_delay: Some(Duration::from_secs(max_delay)),
            backoff,
            jitter,
            ..RetryConfig::default()
        },
    )
}

proptest! {
    #[test]
    fn no_wait_exceeds_its_cap(config in configs(), n in 1..100_u32, previous in 0..10_000_u64) {
        prop_assert!(config.validate().is_ok());
        let wait = backoff::wait(&config, n, Duration::from_secs(previous));
        prop_assert!(wait <= config.max_delay(), "{wait:?}");
        let computed = backoff::exponential(&config, n);
        match config.jitter {
            Jitter::None => prop_assert_eq!(wait, computed),
            Jitter::Full => prop_assert!(wait <= computed),
            Jitter::Equal => prop_assert!(wait >= computed / 2 && wait <= computed),
            Jitter::Decorrelated => prop_assert!(wait >= config.delay.min(config.max_delay())),
        }
    }

    #[test]
    fn waits_grow_until_their_cap(config in configs(), n in 1..99_u32) {
        prop_assert!(backoff::exponential(&config, n) <= backoff::exponential(&config, n + 1));
    }

    #[test]
    fn a_budget_is_never_overdrawn(
        ratio in 0.0..2.0_f64,
        min_per_second in 0..20_u32,
        steps in prop::collection::vec((0..50_u64, 0..3_000_000_000_u64), 1..200),
    ) {
        let allowance = BudgetConfig { ratio, min_per_second }.allowance();
        let mut ledger = Ledger::new(0);
        let (mut calls, mut now) = (0, 0);
        let mut granted = 0.0;
        for (more, later) in steps {
            calls += more;
            now += later;
            granted += f64::from(u8::from(ledger.withdraw(calls, now, allowance)));
            let seconds = (now / 1_000_000_000) as f64 + 10.0;
            let most = ratio * calls as f64 + f64::from(min_per_second) * seconds;
            prop_assert!(granted <= most + 1.0, "{granted} > {most}");
        }
    }
}
