use std::future::pending;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use proptest::prelude::*;
use tokio::task::yield_now;
use tokio::time::{advance, sleep};

use super::entry::{Entry, Found, Times};
use super::*;
use crate::Mode;

type Answers = Cache<u32, u32, &'static str>;

const SECOND: Duration = Duration::from_secs(1);

fn cache() -> Answers {
    with(CacheConfig::default())
}

/// Ten seconds fresh.
fn short() -> CacheConfig {
    CacheConfig {
        ttl: 10 * SECOND,
        ..CacheConfig::default()
    }
}

fn with(config: CacheConfig) -> Answers {
    Cache::new("test", config).expect("in range")
}

fn counter(cache: &Answers, name: &str) -> u64 {
    let snapshot = cache.snapshot();
    let found = snapshot
        .counters
        .iter()
        .find(|counter| counter.name == name);
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

async fn ask(
    cache: &Answers,
    outcome: Result<u32, &'static str>,
) -> Result<Cached<u32>, &'static str> {
    cache.get_or_call(1, move || async move { outcome }).await
}

fn value(answer: Result<Cached<u32>, &'static str>) -> (u32, CacheState) {
    let answer = answer.expect("an answer");
    (answer.value, answer.state)
}

#[tokio::test(start_paused = true)]
async fn within_its_ttl_an_answer_is_given_again() {
    let cache = with(short());
    assert_eq!(value(ask(&cache, Ok(7)).await), (7, CacheState::Miss));
    advance(9 * SECOND).await;
    let hit = ask(&cache, Ok(8)).await.expect("it is kept");
    assert_eq!(
        (hit.value, hit.age, hit.state),
        (7, 9 * SECOND, CacheState::Hit)
    );
    advance(SECOND).await;
    assert!(cache.get(&1).is_none());
    assert_eq!(value(ask(&cache, Ok(8)).await), (8, CacheState::Miss));
    let counts = ["hit", "miss", "set", "stale"].map(|name| counter(&cache, name));
    assert_eq!(counts, [1, 2, 2, 0]);
}

// Trap 14: 100 concurrent misses are one call.
#[tokio::test(start_paused = true)]
async fn a_hundred_misses_at_a_time_are_one_call() {
    let cache = cache();
    let calls = Arc::new(AtomicU32::new(0));
    let asking = (0..100).map(|_| {
        let (cache, calls) = (cache.clone(), Arc::clone(&calls));
        tokio::spawn(async move {
            let call = cache.get_or_call(1, move || async move {
                sleep(SECOND).await;
                Ok(calls.fetch_add(1, SeqCst))
            });
            call.await.expect("an answer").value
        })
    });
    for answer in asking.collect::<Vec<_>>() {
        assert_eq!(answer.await.expect("no panic"), 0);
    }
    assert_eq!(calls.load(SeqCst), 1);
    assert_eq!(counter(&cache, "joined"), 99);
}

// Trap 14: a leader that is dropped does not hang or fail the others.
#[tokio::test(start_paused = true)]
async fn whoever_is_dropped_the_others_get_their_answer() {
    let cache = cache();
    let calls = Arc::new(AtomicU32::new(0));
    let ask = || {
        let (cache, calls) = (cache.clone(), Arc::clone(&calls));
        tokio::spawn(async move {
            let call = cache.get_or_call(1, move || async move {
                sleep(SECOND).await;
                Ok(calls.fetch_add(1, SeqCst))
            });
            call.await.expect("an answer").value
        })
    };
    let leader = ask();
    yield_now().await;
    let other = ask();
    yield_now().await;
    leader.abort();
    assert_eq!(other.await.expect("no panic"), 0);
    assert_eq!(calls.load(SeqCst), 1);
}

// Trap 14: a leader that is never polled again does not hang the others.
#[tokio::test(start_paused = true)]
async fn a_leader_that_is_not_polled_again_holds_up_nobody() {
    let cache = cache();
    let mut leader = pin!(cache.get_or_call(1, || async {
        sleep(SECOND).await;
        Ok(7)
    }));
    let mut context = Context::from_waker(Waker::noop());
    assert!(leader.as_mut().poll(&mut context).is_pending());
    assert_eq!(value(ask(&cache, Ok(8)).await), (7, CacheState::Miss));
    let Poll::Ready(answer) = leader.as_mut().poll(&mut context) else {
        panic!("it is there")
    };
    assert_eq!(value(answer), (7, CacheState::Miss));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_waits_for_is_dropped() {
    let cache = cache();
    let held = Arc::new(());
    let weak = Arc::downgrade(&held);
    {
        let mut call = pin!(cache.get_or_call(1, move || async move {
            let _held = held;
            pending().await
        }));
        let mut context = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
        yield_now().await;
    }
    while weak.upgrade().is_some() {
        yield_now().await;
    }
    assert_eq!(value(ask(&cache, Ok(8)).await), (8, CacheState::Miss));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_passed_on_and_another_makes_his_own_call() {
    let cache = cache();
    let panics = cache.clone();
    let leader = tokio::spawn(async move {
        let call = panics.get_or_call(1, || async {
            sleep(SECOND).await;
            panic!("on purpose")
        });
        call.await.map(|answer| answer.value)
    });
    yield_now().await;
    assert_eq!(value(ask(&cache, Ok(8)).await), (8, CacheState::Miss));
    assert!(leader.await.is_err_and(|error| error.is_panic()));
}

// Trap 14: errors are not cached unless asked.
#[tokio::test(start_paused = true)]
async fn failures_are_told_to_all_who_waited_and_not_kept() {
    let cache = cache();
    let failing = cache.clone();
    let leader = tokio::spawn(async move {
        let call = failing.get_or_call(1, || async {
            sleep(SECOND).await;
            Err("broken")
        });
        call.await.map(|answer| answer.value)
    });
    yield_now().await;
    assert_eq!(ask(&cache, Ok(8)).await, Err("broken"));
    assert_eq!(leader.await.expect("no panic"), Err("broken"));
    assert_eq!(value(ask(&cache, Ok(8)).await), (8, CacheState::Miss));
    assert_eq!(counter(&cache, "failure"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_kept_for_its_own_time_if_asked() {
    let cache = with(CacheConfig {
        error_ttl: Some(5 * SECOND),
        ..short()
    });
    assert_eq!(ask(&cache, Err("broken")).await, Err("broken"));
    advance(4 * SECOND).await;
    assert_eq!(ask(&cache, Ok(7)).await, Err("broken"));
    assert_eq!(counter(&cache, "failure_hit"), 1);
    advance(SECOND).await;
    assert_eq!(value(ask(&cache, Ok(7)).await), (7, CacheState::Miss));
}

// Trap 14: stale is served while exactly one refresh runs.
#[tokio::test(start_paused = true)]
async fn stale_is_given_at_once_while_one_call_refreshes_it() {
    let cache = with(CacheConfig {
        stale_while_revalidate: Some(20 * SECOND),
        ..short()
    });
    ask(&cache, Ok(7)).await.expect("an answer");
    advance(15 * SECOND).await;
    let calls = Arc::new(AtomicU32::new(0));
    for _ in 0..100 {
        let calls = Arc::clone(&calls);
        let refresh = move || async move {
            calls.fetch_add(1, SeqCst);
            sleep(SECOND).await;
            Ok(8)
        };
        let stale = cache.get_or_call(1, refresh).await.expect("an answer");
        assert_eq!(
            (stale.value, stale.age, stale.state),
            (7, 15 * SECOND, CacheState::Stale)
        );
        yield_now().await;
    }
    assert_eq!(calls.load(SeqCst), 1);
    sleep(2 * SECOND).await;
    assert_eq!(value(ask(&cache, Ok(9)).await), (8, CacheState::Hit));
    // A refresh that fails leaves what there is.
    advance(15 * SECOND).await;
    assert_eq!(
        value(ask(&cache, Err("broken")).await),
        (8, CacheState::Stale)
    );
    yield_now().await;
    assert_eq!(value(ask(&cache, Ok(9)).await), (8, CacheState::Stale));
    yield_now().await;
    // Beyond its time it is not given any more.
    advance(40 * SECOND).await;
    assert_eq!(value(ask(&cache, Ok(10)).await), (10, CacheState::Miss));
}

#[tokio::test(start_paused = true)]
async fn stale_is_given_in_place_of_a_failure() {
    let cache = with(CacheConfig {
        stale_on_error: Some(20 * SECOND),
        error_ttl: Some(5 * SECOND),
        ..short()
    });
    let heard = Arc::new(Mutex::new(Vec::new()));
    let events = Arc::clone(&heard);
    cache.on_event(move |event| events.lock().expect("no panic").push(*event));
    ask(&cache, Ok(7)).await.expect("an answer");
    advance(15 * SECOND).await;
    assert_eq!(
        value(ask(&cache, Err("broken")).await),
        (7, CacheState::Stale)
    );
    // While the failure is kept no call is made.
    assert_eq!(value(ask(&cache, Ok(8)).await), (7, CacheState::Stale));
    let served = CacheEvent::ServedStale { age: 15 * SECOND };
    assert_eq!(*heard.lock().expect("no panic"), [served, served]);
    assert_eq!(counter(&cache, "stale_on_error"), 2);
    advance(16 * SECOND).await;
    assert_eq!(ask(&cache, Err("broken")).await, Err("broken"));
    assert_eq!(cache.last(&1).expect("it is still there").value, 7);
}

#[tokio::test(start_paused = true)]
async fn what_is_invalidated_on_its_way_is_not_kept() {
    let cache = cache();
    let asking = cache.clone();
    let before = tokio::spawn(async move {
        let call = asking.get_or_call(1, || async {
            sleep(SECOND).await;
            Ok(7)
        });
        call.await.map(|answer| answer.value)
    });
    yield_now().await;
    cache.invalidate(&1);
    assert_eq!(value(ask(&cache, Ok(8)).await), (8, CacheState::Miss));
    assert_eq!(before.await.expect("no panic"), Ok(7));
    assert_eq!(value(ask(&cache, Ok(9)).await), (8, CacheState::Hit));
    cache.reset();
    assert_eq!((cache.get(&1), cache.size()), (None, 0));
}

#[tokio::test]
async fn its_size_is_bounded_and_may_change() {
    let cache = with(CacheConfig {
        max_size: 100,
        ..CacheConfig::default()
    });
    (0..1000).for_each(|key| cache.insert(key, key));
    assert_eq!(cache.size(), 100);
    let resize = |max_size| {
        let config = CacheConfig {
            max_size,
            ..cache.config()
        };
        cache.reconfigure(config).expect("in range");
    };
    resize(10);
    assert_eq!(cache.size(), 10);
    resize(500);
    assert_eq!(cache.size(), 10, "what is there stays");
    (0..1000).for_each(|key| cache.insert(key, key));
    assert_eq!(cache.size(), 500);
}

#[test]
fn in_a_registry_it_is_one_for_its_name_and_types() {
    let patterns = crate::Patterns::new();
    let one = patterns.cache::<u32, u32, &str>("test", short());
    let same = patterns.cache::<u32, u32, &str>("test", short());
    assert!(Arc::ptr_eq(&one.expect("new"), &same.expect("the same")));
    let other = patterns.cache::<String, u32, &str>("test", short());
    let error = other.expect_err("other keys");
    assert_eq!(
        error.to_string(),
        "cache \"test\" exists already with other values"
    );
    assert_eq!(patterns.list().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn new_durations_hold_for_what_is_kept() {
    let cache = with(short());
    cache.insert(1, 7);
    advance(15 * SECOND).await;
    assert!(cache.get(&1).is_none());
    let config = CacheConfig {
        ttl: 20 * SECOND,
        ..short()
    };
    cache.reconfigure(config).expect("in range");
    assert_eq!(cache.get(&1).expect("it is fresh again").value, 7);
    for (wrong, message) in [
        (
            CacheConfig {
                ttl: Duration::ZERO,
                ..short()
            },
            "ttl must be more than 0 and at most ten years, not 0ns",
        ),
        (
            CacheConfig {
                max_size: 0,
                ..short()
            },
            "max_size must be from 1 to ten million, not 0",
        ),
    ] {
        let error = cache.reconfigure(wrong).expect_err("out of range");
        assert_eq!(error.to_string(), message);
    }
}

#[tokio::test]
async fn in_shadow_every_call_is_made_and_what_would_be_found_is_counted() {
    let cache = with(CacheConfig {
        mode: Mode::Shadow,
        ..CacheConfig::default()
    });
    for n in 0..3 {
        assert_eq!(value(ask(&cache, Ok(n)).await), (n, CacheState::Miss));
    }
    assert_eq!((counter(&cache, "miss"), counter(&cache, "hit")), (1, 2));
    assert!(cache.get(&1).is_none(), "it does not act");
}

#[tokio::test]
async fn off_it_neither_counts_nor_keeps() {
    let cache = cache();
    cache.set_enabled(false);
    for n in 0..3 {
        assert_eq!(value(ask(&cache, Ok(n)).await), (n, CacheState::Miss));
    }
    cache.set_enabled(true);
    assert_eq!((counter(&cache, "miss"), cache.size()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hammered_reconfigured_and_invalidated_it_answers_everybody() {
    let cache = with(CacheConfig {
        max_size: 8,
        ..CacheConfig::default()
    });
    let asking = (0..64_u32).map(|task| {
        let cache = cache.clone();
        tokio::spawn(async move {
            for n in 0..200 {
                let key = (task + n) % 16;
                let call = cache.get_or_call(key, move || async move {
                    yield_now().await;
                    if n % 7 == 0 { Err("broken") } else { Ok(key) }
                });
                match call.await {
                    Ok(answer) => assert_eq!(answer.value, key),
                    Err(error) => assert_eq!(error, "broken"),
                }
            }
        })
    });
    let asking: Vec<_> = asking.collect();
    for round in 0..1000_u32 {
        let config = CacheConfig {
            max_size: 1 + round % 16,
            error_ttl: (round % 2 == 0).then_some(SECOND),
            ..cache.config()
        };
        cache.reconfigure(config).expect("in range");
        cache.invalidate(&(round % 16));
        yield_now().await;
    }
    for task in asking {
        task.await.expect("everybody was answered");
    }
    assert!(cache.size() <= 16);
}

proptest! {
    /// Whatever the durations are, an answer is never given beyond them, and never withheld
    /// within its ttl.
    #[test]
    fn nothing_is_given_beyond_its_time(
        ttl in 1..100_u64,
        revalidate in proptest::option::of(0..100_u64),
        on_error in proptest::option::of(0..100_u64),
        error_ttl in proptest::option::of(0..100_u64),
        answered_at in proptest::option::of(0..300_u64),
        failed_at in proptest::option::of(0..300_u64),
        now in 0..300_u64,
    ) {
        let times = Times::new(&CacheConfig {
            ttl: Duration::from_nanos(ttl),
            stale_while_revalidate: revalidate.map(Duration::from_nanos),
            stale_on_error: on_error.map(Duration::from_nanos),
            error_ttl: error_ttl.map(Duration::from_nanos),
            ..CacheConfig::default()
        });
        let entry = Entry {
            answer: answered_at.map(|at| ((), at)),
            failure: failed_at.map(|at| ((), at)),
        };
        let age = answered_at.map(|at| now.saturating_sub(at));
        let has_failed = failed_at
            .is_some_and(|at| now.saturating_sub(at) < error_ttl.unwrap_or(0));
        let within = |extra: Option<u64>| age.is_some_and(|age| age < ttl + extra.unwrap_or(0));
        let expected = if within(None) {
            "fresh"
        } else if has_failed && within(on_error) {
            "stale for failure"
        } else if has_failed {
            "failure"
        } else if within(revalidate) {
            "stale"
        } else {
            "nothing"
        };
        let found = match entry.judge(now, &times) {
            Found::Fresh(..) => "fresh",
            Found::Stale(..) => "stale",
            Found::StaleForFailure(..) => "stale for failure",
            Found::Failure(_) => "failure",
            Found::Nothing => "nothing",
        };
        prop_assert_eq!(found, expected);
    }
}
