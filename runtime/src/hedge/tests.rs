mod delays;
mod shared;

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, advance, sleep};

use super::latencies::{ENOUGH, Latencies, nearest_rank};
use super::*;
use crate::{FailureKind, Mode};

const DELAY: Duration = HedgeDelay::DEFAULT;

fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn hedge(config: HedgeConfig) -> Hedge {
    Hedge::new("test", config).expect("in range")
}

/// So many attempts, 30 ms apart, and nothing that bounds them.
fn eager(attempts: u32) -> Hedge {
    hedge(HedgeConfig {
        attempts,
        max_extra: 10.0,
        ..HedgeConfig::default()
    })
}

fn counter(hedge: &Hedge, name: &str) -> u64 {
    let snapshot = hedge.snapshot();
    let found = snapshot
        .counters
        .iter()
        .find(|counter| counter.name == name);
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

/// What each attempt does in its turn: ends after so many milliseconds.
type Script = &'static [(u64, Result<u32, u32>)];

/// Attempts that follow a script, and remember when they began and how many of them live.
#[derive(Default)]
struct Attempts {
    script: Script,
    began: RefCell<Vec<Duration>>,
    alive: Cell<u32>,
}

struct Alive<'a>(&'a Cell<u32>);

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Attempts {
    fn following(script: Script) -> Self {
        Self {
            script,
            ..Self::default()
        }
    }

    /// The answer, and when it was there.
    async fn run(&self, hedge: &Hedge) -> (Result<u32, HedgeError<u32>>, Duration) {
        let started = Instant::now();
        let answer = hedge
            .call(|| {
                let (after, outcome) = self.script[self.began.borrow().len()];
                self.began.borrow_mut().push(started.elapsed());
                self.alive.set(self.alive.get() + 1);
                let alive = Alive(&self.alive);
                async move {
                    let _alive = alive;
                    if after > 0 {
                        sleep(millis(after)).await;
                    }
                    outcome
                }
            })
            .await;
        assert_eq!(self.alive.get(), 0, "losers are dropped before the answer");
        (answer, started.elapsed())
    }

    fn began(&self) -> Vec<u64> {
        let began = self.began.borrow();
        let millis = began.iter().map(Duration::as_millis);
        millis.map(|n| u64::try_from(n).expect("small")).collect()
    }
}

const NEVER: u64 = 1_000_000;

#[tokio::test(start_paused = true)]
async fn a_fast_call_is_made_once_and_is_not_slower() {
    const SCRIPTS: [Script; 2] = [&[(0, Ok(1))], &[(29, Ok(1))]];
    for script in SCRIPTS {
        let (hedge, attempts) = (eager(2), Attempts::following(script));
        assert_eq!(attempts.run(&hedge).await, (Ok(1), millis(script[0].0)));
        assert_eq!(attempts.began(), [0]);
        assert_eq!(counter(&hedge, "success"), 1);
        assert_eq!(counter(&hedge, "extra"), 0);
    }
}

#[test]
fn a_call_that_is_ready_needs_neither_timer_nor_runtime() {
    let hedge = eager(2);
    let mut call = pin!(hedge.call(|| async { Ok::<_, ()>(7) }));
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(call.as_mut().poll(&mut cx), Poll::Ready(Ok(7)));
}

#[tokio::test(start_paused = true)]
async fn the_first_success_is_the_answer_in_the_moment_it_is_there() {
    const CASES: [(Script, u32, u64); 3] = [
        (&[(NEVER, Ok(1)), (5, Ok(2))], 2, 35),
        (&[(40, Ok(1)), (NEVER, Ok(2))], 1, 40),
        (&[(40, Ok(1)), (0, Ok(2))], 2, 30),
    ];
    for (script, answer, at) in CASES {
        let (hedge, attempts) = (eager(2), Attempts::following(script));
        assert_eq!(attempts.run(&hedge).await, (Ok(answer), millis(at)));
        assert_eq!(attempts.began(), [0, 30]);
        assert_eq!(counter(&hedge, "extra"), 1);
        assert_eq!(counter(&hedge, "extra_won"), u64::from(answer == 2));
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_follow_each_other_at_the_delay() {
    let attempts =
        Attempts::following(&[(NEVER, Ok(1)), (NEVER, Ok(2)), (NEVER, Ok(3)), (10, Ok(4))]);
    assert_eq!(attempts.run(&eager(4)).await, (Ok(4), millis(100)));
    assert_eq!(attempts.began(), [0, 30, 60, 90]);
}

#[tokio::test(start_paused = true)]
async fn a_fast_error_does_not_beat_a_slow_success() {
    let (hedge, attempts) = (eager(2), Attempts::following(&[(100, Ok(1)), (0, Err(2))]));
    assert_eq!(attempts.run(&hedge).await, (Ok(1), millis(100)));
    assert_eq!(counter(&hedge, "failure"), 1);
    assert_eq!(counter(&hedge, "all_failed"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_failure_starts_the_next_attempt_at_once() {
    let attempts = Attempts::following(&[(10, Err(1)), (0, Err(2)), (50, Ok(3))]);
    assert_eq!(attempts.run(&eager(3)).await, (Ok(3), millis(60)));
    assert_eq!(attempts.began(), [0, 10, 10]);
    // The delay counts from there on.
    let attempts = Attempts::following(&[(10, Err(1)), (NEVER, Ok(2)), (0, Ok(3))]);
    assert_eq!(attempts.run(&eager(3)).await, (Ok(3), millis(40)));
}

#[tokio::test(start_paused = true)]
async fn when_all_failed_the_last_failure_is_the_answer() {
    let (hedge, attempts) = (
        eager(2),
        Attempts::following(&[(100, Err(1)), (10, Err(2))]),
    );
    let (answer, at) = attempts.run(&hedge).await;
    assert_eq!((answer, at), (Err(HedgeError::Inner(1)), millis(100)));
    assert_eq!(counter(&hedge, "failure"), 2);
    assert_eq!(counter(&hedge, "all_failed"), 1);
    assert_eq!(counter(&hedge, "success"), 0);
}

#[tokio::test(start_paused = true)]
async fn attempts_that_end_together_are_looked_at_together() {
    // The failure would start a third attempt, but the second has succeeded.
    let attempts = Attempts::following(&[(40, Err(1)), (10, Ok(2)), (0, Ok(3))]);
    let (answer, _) = attempts.run(&eager(3)).await;
    assert_eq!((answer, attempts.began().len()), (Ok(2), 2));
    // Both failed: two attempts were begun in their place, or none.
    let failed = &[(40, Err(1)), (10, Err(2)), (0, Err(3)), (0, Err(4))];
    let attempts = Attempts::following(failed);
    let (answer, at) = attempts.run(&eager(4)).await;
    assert_eq!((answer, at), (Err(HedgeError::Inner(4)), millis(40)));
    assert_eq!(attempts.began(), [0, 30, 40, 40]);
}

#[tokio::test(start_paused = true)]
async fn its_timeout_drops_every_attempt() {
    let after = millis(50);
    let hedge = hedge(HedgeConfig {
        timeout: Some(after),
        ..HedgeConfig::default()
    });
    let attempts = Attempts::following(&[(NEVER, Ok(1)), (NEVER, Ok(2))]);
    let late = HedgeError::TimedOut(HedgeTimedOut { after });
    assert_eq!(attempts.run(&hedge).await, (Err(late), after));
    assert_eq!(counter(&hedge, "timeout"), 1);
    // An answer of the same moment is not thrown away.
    let attempts = Attempts::following(&[(50, Ok(1)), (NEVER, Ok(2))]);
    assert_eq!(attempts.run(&hedge).await.0, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn extra_calls_stay_within_their_share_when_everything_is_slow() {
    let hedge = hedge(HedgeConfig::default());
    for _ in 0..1000 {
        let attempts = Attempts::following(&[(35, Ok(1)), (NEVER, Ok(2))]);
        assert_eq!(attempts.run(&hedge).await, (Ok(1), millis(35)));
    }
    let extra = counter(&hedge, "extra");
    assert!((90..=101).contains(&extra), "{extra}");
    assert_eq!(counter(&hedge, "budget_exhausted"), 1000 - extra);
    hedge.forget_counts();
    assert_eq!(counter(&hedge, "budget_exhausted"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_spent_budget_leaves_the_first_attempt_running() {
    let hedge = hedge(HedgeConfig {
        max_extra: 0.0,
        ..HedgeConfig::default()
    });
    let attempts = Attempts::following(&[(500, Ok(1))]);
    assert_eq!(attempts.run(&hedge).await, (Ok(1), millis(500)));
    let attempts = Attempts::following(&[(10, Err(1))]);
    let (answer, at) = attempts.run(&hedge).await;
    assert_eq!((answer, at), (Err(HedgeError::Inner(1)), millis(10)));
    assert_eq!(counter(&hedge, "budget_exhausted"), 2);
}

#[tokio::test(start_paused = true)]
async fn after_a_quiet_time_the_first_slow_call_is_helped() {
    let hedge = hedge(HedgeConfig {
        max_extra: 0.01,
        ..HedgeConfig::default()
    });
    for helped in [1, 1, 2] {
        let attempts = Attempts::following(&[(NEVER, Ok(1)), (0, Ok(2))]);
        let call = tokio::time::timeout(Duration::from_secs(1), attempts.run(&hedge));
        let _ = call.await;
        assert_eq!(counter(&hedge, "extra"), helped);
        if attempts.began().len() == 1 {
            advance(Duration::from_secs(10)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_at_any_await_it_drops_every_attempt() {
    let hedge = eager(3);
    for stop in [0, 10, 30, 45, 60, 500] {
        let attempts = Attempts::following(&[(NEVER, Ok(1)), (NEVER, Ok(2)), (NEVER, Ok(3))]);
        let call = tokio::time::timeout(millis(stop), attempts.run(&hedge));
        call.await.expect_err("it never ends");
        assert_eq!(attempts.alive.get(), 0);
    }
    assert_eq!(counter(&hedge, "success") + counter(&hedge, "failure"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_panic_drops_the_other_attempts() {
    let hedge = Arc::new(eager(2));
    let alive = Arc::new(());
    let task = {
        let (hedge, alive) = (Arc::clone(&hedge), Arc::clone(&alive));
        tokio::spawn(async move {
            let mut calls = 0;
            let call = hedge.call(move || {
                calls += 1;
                let (panics, alive) = (calls == 2, Arc::clone(&alive));
                async move {
                    assert!(!panics, "on purpose");
                    pending::<()>().await;
                    drop(alive);
                    Ok::<_, ()>(())
                }
            });
            call.await
        })
    };
    assert!(task.await.expect_err("it panicked").is_panic());
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[tokio::test(start_paused = true)]
async fn an_ok_may_be_a_failure_and_is_returned_as_it_is() {
    let hedge = eager(2);
    let unavailable =
        |answer: &Result<u16, ()>| (*answer == Ok(503)).then_some(FailureKind::Status(503));
    let calls = Cell::new(0);
    let answer = hedge
        .call_with(unavailable, || async {
            calls.set(calls.get() + 1);
            Ok(503)
        })
        .await;
    assert_eq!((answer, calls.get()), (Ok(503), 2));
}

proptest! {
    #[test]
    fn a_percentile_is_the_least_value_that_so_many_do_not_exceed(
        mut values in prop::collection::vec(0..1000_u64, 1..200), percentile in 1..=99_u8,
    ) {
        let all = values.clone();
        let found = nearest_rank(&mut values, percentile);
        let share = |of: u64| all.iter().filter(|value| **value <= of).count() * 100;
        let wanted = all.len() * usize::from(percentile);
        prop_assert!(all.contains(&found));
        prop_assert!(share(found) >= wanted);
        prop_assert!(found == 0 || share(found - 1) < wanted);
    }

    #[test]
    fn whatever_is_recorded_the_delay_is_one_of_the_last_minute(
        calls in prop::collection::vec((0..10_u64, 1..1_000_u64), 1..400), percentile in 1..=99_u8,
    ) {
        const SECOND: u64 = 1_000_000_000;
        let latencies = Latencies::new();
        let mut now = 0;
        for (n, (later, latency)) in calls.iter().enumerate() {
            now += later * SECOND;
            latencies.record(now, latency * 1_000_000);
            if let Some(found) = latencies.percentile(now, percentile) {
                prop_assert!(n + 1 >= ENOUGH);
                let recent = calls[..=n].iter().rev().take(192);
                let mut recent = recent.map(|(_, latency)| Duration::from_millis(*latency));
                prop_assert!(recent.any(|latency| latency == found));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn in_shadow_it_makes_one_attempt_and_counts() {
    let hedge = hedge(HedgeConfig {
        timeout: Some(millis(100)),
        mode: Mode::Shadow,
        ..HedgeConfig::default()
    });
    let attempts = Attempts::following(&[(200, Ok(1))]);
    assert_eq!(attempts.run(&hedge).await, (Ok(1), millis(200)));
    assert_eq!(counter(&hedge, "shadow_extra"), 1);
    assert_eq!(counter(&hedge, "shadow_timeout"), 1);
    assert_eq!(counter(&hedge, "extra") + counter(&hedge, "timeout"), 0);
    assert_eq!(hedge.max_attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn off_it_neither_counts_nor_acts() {
    let hedge = eager(2);
    hedge.set_enabled(false);
    let attempts = Attempts::following(&[(200, Ok(1))]);
    assert_eq!(attempts.run(&hedge).await, (Ok(1), millis(200)));
    let attempts = Attempts::following(&[(0, Err(1))]);
    assert_eq!(attempts.run(&hedge).await.0, Err(HedgeError::Inner(1)));
    assert_eq!(counter(&hedge, "success") + counter(&hedge, "failure"), 0);
}

#[tokio::test(start_paused = true)]
async fn events_tell_what_happened() {
    let hedge = hedge(HedgeConfig {
        timeout: Some(millis(100)),
        ..HedgeConfig::default()
    });
    let events = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    assert!(hedge.on_event(move |event| seen.lock().expect("no panic").push(*event)));
    assert!(!hedge.on_event(|_| ()));
    let attempts = Attempts::following(&[(NEVER, Ok(1)), (NEVER, Ok(2))]);
    let _ = attempts.run(&hedge).await;
    let _ = Attempts::following(&[(0, Err(1))]).run(&hedge).await;
    let expected = [
        HedgeEvent::Hedged { attempt: 2 },
        HedgeEvent::TimedOut { after: millis(100) },
        HedgeEvent::AllFailed { attempts: 1 },
    ];
    assert_eq!(*events.lock().expect("no panic"), expected);
}

#[test]
fn what_is_out_of_range_is_refused() {
    let hedge = eager(2);
    let plain = hedge.config();
    for wrong in [
        HedgeConfig {
            attempts: 0,
            ..plain.clone()
        },
        HedgeConfig {
            attempts: 11,
            ..plain.clone()
        },
        HedgeConfig {
            max_extra: -0.1,
            ..plain.clone()
        },
        HedgeConfig {
            max_extra: f64::NAN,
            ..plain.clone()
        },
        HedgeConfig {
            timeout: Some(Duration::ZERO),
            ..plain.clone()
        },
        HedgeConfig {
            delay: HedgeDelay::Percentile(100),
            ..plain.clone()
        },
        HedgeConfig {
            delay: HedgeDelay::After(Duration::MAX),
            ..plain.clone()
        },
    ] {
        hedge.reconfigure(wrong).expect_err("out of range");
    }
    assert_eq!(hedge.config(), plain);
    for wrong in ["p0", "p100", "p", "p9.5", "95p", "-1", ""] {
        wrong.parse::<HedgeDelay>().expect_err(wrong);
    }
    for right in [HedgeDelay::Percentile(99), HedgeDelay::After(millis(250))] {
        assert_eq!(right.to_string().parse(), Ok(right));
    }
}
