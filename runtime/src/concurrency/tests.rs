use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::advance;

use super::law::{Estimate, Rules, Window};
use super::*;
use crate::Mode;

fn limit(initial_limit: u32) -> Arc<ConcurrencyLimit> {
    with(ConcurrencyConfig {
        initial_limit: Some(initial_limit),
        min_limit: Some(1),
        ..ConcurrencyConfig::default()
    })
}

fn with(config: ConcurrencyConfig) -> Arc<ConcurrencyLimit> {
    Arc::new(ConcurrencyLimit::new("test", config).expect("in range"))
}

fn counter(limit: &ConcurrencyLimit, name: &str) -> u64 {
    let snapshot = limit.snapshot();
    let found = snapshot
        .counters
        .iter()
        .find(|counter| counter.name == name);
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn acquire(limit: &Arc<ConcurrencyLimit>, calls: u32) -> Vec<OwnedConcurrencyPermit> {
    let permits = (0..calls).map(|_| limit.acquire_owned().expect("there is room"));
    permits.collect()
}

/// So many calls at a time, that take so long and succeed.
async fn round(limit: &Arc<ConcurrencyLimit>, calls: u32, latency: Duration) {
    let permits = acquire(limit, calls);
    advance(latency).await;
    permits.into_iter().for_each(ConcurrencyPermit::success);
}

const MILLI: Duration = Duration::from_millis(1);

#[tokio::test]
async fn admits_so_many_and_no_more() {
    let limit = limit(2);
    let first = limit.acquire().expect("a place");
    let _second = limit.acquire().expect("another place");
    assert_eq!(limit.snapshot().state, "full");
    assert_eq!(
        limit.acquire().map(drop),
        Err(ConcurrencyLimited { limit: 2 })
    );
    let answer = limit.call(|| async { Ok::<_, ()>(()) }).await;
    assert!(matches!(answer, Err(ConcurrencyError::Limited(_))));
    first.ignore();
    let answer = limit.call(|| async { Ok::<_, ()>(7) }).await;
    assert_eq!(answer, Ok(7));
    assert_eq!(counter(&limit, "admitted"), 3);
    assert_eq!(counter(&limit, "rejected"), 2);
    assert_eq!(counter(&limit, "ignored"), 1);
    assert_eq!(limit.in_use(), 1);
}

#[tokio::test(start_paused = true)]
async fn it_grows_by_its_rate_when_as_many_calls_as_the_limit_have_succeeded() {
    let limit = limit(20);
    for _ in 0..19 {
        let others = acquire(&limit, 10);
        limit.acquire().expect("there is room").success();
        others.into_iter().for_each(ConcurrencyPermit::ignore);
        assert_eq!(limit.limit(), 20);
    }
    let _others = acquire(&limit, 10);
    limit.acquire().expect("there is room").success();
    assert_eq!(limit.limit(), 21);
    assert_eq!(counter(&limit, "limit_raised"), 1);
}

// Trap 15: no growth when the application is not using the limit.
#[tokio::test(start_paused = true)]
async fn a_service_with_little_to_do_does_not_drift() {
    for algorithm in [LimitAlgorithm::Aimd, LimitAlgorithm::Gradient] {
        let limit = with(ConcurrencyConfig {
            algorithm,
            ..ConcurrencyConfig::default()
        });
        for _ in 0..1000 {
            round(&limit, 49, MILLI).await;
        }
        assert_eq!(limit.limit(), 100, "{algorithm:?}");
    }
}

// Trap 15: a burst of ten errors costs one factor.
#[tokio::test(start_paused = true)]
async fn however_many_fail_together_one_factor_is_taken_off() {
    let limit = limit(1000);
    let permits = acquire(&limit, 10);
    advance(MILLI).await;
    permits.into_iter().for_each(ConcurrencyPermit::failure);
    assert_eq!(limit.limit(), 900);
    // Nor do quick failures in a quick succession.
    for _ in 0..10 {
        let permit = limit.acquire().expect("there is room");
        advance(MILLI).await;
        permit.failure();
    }
    assert_eq!(limit.limit(), 900);
    advance(Duration::from_millis(100)).await;
    limit.acquire().expect("there is room").failure();
    assert_eq!(limit.limit(), 810);
    assert_eq!(counter(&limit, "limit_lowered"), 2);
    assert_eq!(counter(&limit, "failure"), 21);
}

#[tokio::test(start_paused = true)]
async fn results_of_calls_from_before_the_decrease_change_nothing() {
    let limit = limit(100);
    let late = acquire(&limit, 90);
    advance(MILLI).await;
    limit.acquire().expect("there is room").failure();
    assert_eq!(limit.limit(), 90);
    advance(Duration::from_secs(30)).await;
    let mut late = late.into_iter();
    late.by_ref().take(5).for_each(ConcurrencyPermit::failure);
    late.for_each(ConcurrencyPermit::success);
    assert_eq!(limit.limit(), 90);
}

#[tokio::test(start_paused = true)]
async fn it_recovers_after_the_failures_have_ended() {
    let limit = limit(100);
    for _ in 0..50 {
        limit.acquire().expect("there is room").failure();
        advance(Duration::from_millis(101)).await;
    }
    assert_eq!(limit.limit(), 1, "it never falls below its minimum");
    for _ in 0..100 {
        let all = limit.limit();
        round(&limit, all, MILLI).await;
    }
    assert!(limit.limit() > 10, "{}", limit.limit());
}

#[tokio::test(start_paused = true)]
async fn it_never_rises_above_its_maximum() {
    let limit = with(ConcurrencyConfig {
        initial_limit: Some(10),
        max_limit: Some(12),
        increase_rate: 5.0,
        ..ConcurrencyConfig::default()
    });
    for _ in 0..10 {
        let all = limit.limit();
        round(&limit, all, MILLI).await;
    }
    assert_eq!(limit.limit(), 12);
}

fn gradient() -> Arc<ConcurrencyLimit> {
    with(ConcurrencyConfig {
        algorithm: LimitAlgorithm::Gradient,
        ..ConcurrencyConfig::default()
    })
}

#[tokio::test(start_paused = true)]
async fn the_gradient_falls_with_long_latencies_and_rises_again() {
    let limit = gradient();
    for _ in 0..50 {
        let all = limit.limit();
        round(&limit, all, 10 * MILLI).await;
    }
    let good = limit.limit();
    assert!(good > 100, "{good}");
    for _ in 0..50 {
        let all = limit.limit();
        round(&limit, all, 100 * MILLI).await;
    }
    let overloaded = limit.limit();
    assert!(overloaded <= good / 4, "{overloaded} of {good}");
    for _ in 0..50 {
        let all = limit.limit();
        round(&limit, all, 10 * MILLI).await;
    }
    assert!(limit.limit() > 2 * overloaded, "{}", limit.limit());
    let gauge = |name| {
        let snapshot = limit.snapshot();
        let gauge = snapshot.gauges.iter().find(|gauge| gauge.name == name);
        gauge.expect("a gauge").value
    };
    assert!((0.009..0.011).contains(&gauge("latency_short_seconds")));
    assert!(gauge("latency_long_seconds") > 0.0);
}

// The server takes 10 ms for up to 50 calls at a time, and proportionally longer for more. The
// gradient limiters of others take the latency that they have caused for the usual one, and drift.
#[tokio::test(start_paused = true)]
async fn the_gradient_does_not_drift_under_constant_overload() {
    let limit = gradient();
    for _ in 0..20 {
        round(&limit, 50, 10 * MILLI).await;
    }
    let mut highest = 0;
    for n in 0..5000 {
        let all = limit.limit();
        round(&limit, all, 10 * MILLI * all.max(50) / 50).await;
        if n > 1000 {
            highest = highest.max(limit.limit());
        }
    }
    assert!(highest < 200, "{highest}");
}

#[tokio::test]
async fn dropped_at_any_await_it_gives_everything_back_and_learns_nothing() {
    let limit = limit(1);
    {
        let mut call = pin!(limit.call(pending::<Result<(), ()>>));
        assert!(poll(call.as_mut()).is_pending());
        assert_eq!(limit.in_use(), 1);
    }
    assert_eq!((limit.in_use(), limit.limit()), (0, 1));
    assert_eq!(counter(&limit, "ignored"), 1);
    assert_eq!(counter(&limit, "failure"), 0);
}

#[tokio::test]
async fn a_panic_gives_the_place_back_and_is_a_failure() {
    let limit = limit(1);
    let panics = Arc::clone(&limit);
    let task = tokio::spawn(async move {
        let call = panics.call(|| async {
            assert!(panics.in_use() == 0, "inside");
            Ok::<_, ()>(())
        });
        call.await
    });
    assert!(task.await.is_err_and(|error| error.is_panic()));
    assert_eq!(limit.in_use(), 0);
    assert_eq!(counter(&limit, "failure"), 1);
}

#[tokio::test]
async fn a_classifier_says_what_tells_of_overload() {
    let limit = limit(10);
    let only_timeouts = |outcome: &Result<(), &str>| match outcome {
        Err("timeout") => Some(crate::FailureKind::Timeout),
        _ => None,
    };
    for (error, expected) in [("not found", 10), ("timeout", 9)] {
        let answer = limit
            .call_with(only_timeouts, || async { Err(error) })
            .await;
        assert_eq!(answer, Err(ConcurrencyError::Inner(error)));
        assert_eq!(limit.limit(), expected);
    }
}

#[tokio::test]
async fn new_bounds_hold_at_once_and_what_was_found_stays() {
    let limit = limit(100);
    let _inside = acquire(&limit, 100);
    limit
        .reconfigure(ConcurrencyConfig {
            max_limit: Some(50),
            initial_limit: Some(30),
            ..limit.config()
        })
        .expect("in range");
    assert_eq!(limit.limit(), 50);
    assert_eq!(limit.in_use(), 100, "nobody is thrown out");
    limit.reset();
    assert_eq!(limit.limit(), 30);
    for (wrong, message) in [
        (
            ConcurrencyConfig {
                min_limit: Some(0),
                ..limit.config()
            },
            "min_limit must be at least 1, not 0",
        ),
        (
            ConcurrencyConfig {
                initial_limit: Some(51),
                ..limit.config()
            },
            "initial_limit must be from min_limit to max_limit, not 51",
        ),
        (
            ConcurrencyConfig {
                decrease_factor: 1.0,
                ..limit.config()
            },
            "decrease_factor must be above 0 and below 1, not 1.0",
        ),
        (
            ConcurrencyConfig {
                increase_rate: f64::NAN,
                ..limit.config()
            },
            "increase_rate must be above 0 and finite, not NaN",
        ),
    ] {
        let error = limit.reconfigure(wrong).expect_err("out of range");
        assert_eq!(error.to_string(), message);
    }
}

#[tokio::test]
async fn in_shadow_everybody_passes_and_the_limit_is_found_all_the_same() {
    let limit = with(ConcurrencyConfig {
        initial_limit: Some(1),
        min_limit: Some(1),
        mode: Mode::Shadow,
        ..ConcurrencyConfig::default()
    });
    let held = acquire(&limit, 3);
    assert_eq!(counter(&limit, "shadow_rejected"), 2);
    held.into_iter().for_each(ConcurrencyPermit::success);
    assert!(limit.limit() > 1);
    assert_eq!(limit.in_use(), 0);
}

#[tokio::test]
async fn off_it_neither_counts_nor_holds() {
    let limit = limit(1);
    limit.set_enabled(false);
    let outside = limit.acquire().expect("off");
    limit.set_enabled(true);
    let inside = limit.acquire().expect("the first inside");
    outside.failure();
    assert_eq!(limit.in_use(), 1, "who held nothing gave nothing back");
    assert_eq!(counter(&limit, "failure"), 0);
    inside.success();
    assert_eq!(counter(&limit, "admitted"), 1);
}

#[tokio::test]
async fn who_listens_hears_of_refusals_and_moves() {
    let limit = limit(2);
    let heard = Arc::new(Mutex::new(Vec::new()));
    let events = Arc::clone(&heard);
    limit.on_event(move |event| events.lock().expect("no panic").push(*event));
    let mut held = acquire(&limit, 2);
    limit.acquire().expect_err("full");
    held.remove(0).failure();
    assert_eq!(
        *heard.lock().expect("no panic"),
        [
            ConcurrencyEvent::Rejected {
                limited: ConcurrencyLimited { limit: 2 }
            },
            ConcurrencyEvent::LimitChanged { to: 1 },
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hammered_and_reconfigured_it_loses_no_place() {
    let limit = limit(8);
    let calls = (0..64_u32).map(|task| {
        let limit = Arc::clone(&limit);
        tokio::spawn(async move {
            for n in 0..500_u32 {
                let call = limit.call(|| async {
                    tokio::task::yield_now().await;
                    if (task + n) % 7 == 0 { Err(()) } else { Ok(()) }
                });
                if let Err(ConcurrencyError::Limited(_)) = call.await {
                    tokio::task::yield_now().await;
                }
            }
        })
    });
    let calls: Vec<_> = calls.collect();
    for round in 0..1000 {
        let config = ConcurrencyConfig {
            initial_limit: Some(1 + round % 8),
            max_limit: Some(8 + round % 8),
            algorithm: if round % 2 == 0 {
                LimitAlgorithm::Gradient
            } else {
                LimitAlgorithm::Aimd
            },
            ..limit.config()
        };
        limit.reconfigure(config).expect("in range");
        tokio::task::yield_now().await;
    }
    for call in calls {
        call.await.expect("no panic");
    }
    assert_eq!(limit.in_use(), 0);
    let ended = counter(&limit, "success") + counter(&limit, "failure");
    assert_eq!(counter(&limit, "admitted"), ended);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Window(u32, f64, bool),
    Failure,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let mean = prop_oneof![Just(0.0), 0.0..1e7_f64, Just(f64::from(u32::MAX))];
    let window = (1..2000_u32, mean, any::<bool>())
        .prop_map(|(calls, mean, used)| Step::Window(calls, mean, used));
    proptest::collection::vec(prop_oneof![4 => window, 1 => Just(Step::Failure)], 0..300)
}

proptest! {
    /// Whatever happens, the limit is a number within its bounds.
    #[test]
    fn the_limit_stays_within_its_bounds(
        steps in steps(),
        min in 1..50_u32,
        more in 0..2000_u32,
        increase_rate in 1e-3..1e4_f64,
        decrease_factor in 1e-3..0.999_f64,
        follows_latency in any::<bool>(),
    ) {
        let max = min + more;
        let initial = min + more / 2;
        let rules = Rules { initial, min, max, increase_rate, decrease_factor, follows_latency };
        let mut estimate = Estimate::new(&rules);
        for step in steps {
            let before = estimate.limit();
            match step {
                Step::Window(calls, mean, is_well_used) => {
                    estimate.advance(Window { calls, mean, is_well_used }, &rules);
                    if !is_well_used {
                        prop_assert_eq!(estimate.limit(), before);
                    }
                }
                Step::Failure => {
                    estimate.decrease(&rules);
                    prop_assert!(estimate.limit() <= before);
                }
            }
            prop_assert!((min..=max).contains(&estimate.limit()), "{:?}", estimate);
            prop_assert!(estimate.window_size(&rules) >= 1);
            prop_assert!(estimate.short_micros() >= 0.0 && estimate.long_micros() >= 0.0);
        }
    }
}

#[test]
fn a_default_follows_what_is_given() {
    for (given, limits) in [
        ([None, None, None], [100, 10, 1000]),
        ([Some(5), None, None], [5, 5, 1000]),
        ([Some(5000), None, None], [5000, 10, 5000]),
        ([None, Some(200), None], [200, 200, 1000]),
        ([None, Some(2000), None], [2000, 2000, 2000]),
        ([None, None, Some(50)], [50, 10, 50]),
        ([None, None, Some(4)], [4, 4, 4]),
        ([Some(3), None, Some(8)], [3, 3, 8]),
    ] {
        let [initial_limit, min_limit, max_limit] = given;
        let config = ConcurrencyConfig {
            initial_limit,
            min_limit,
            max_limit,
            ..ConcurrencyConfig::default()
        };
        let (initial, min) = (config.initial_limit(), config.min_limit());
        assert_eq!([initial, min, config.max_limit()], limits, "{given:?}");
        config.validate().expect("in range");
    }
}
