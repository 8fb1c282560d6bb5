use std::cell::Cell;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::FallbackAnswer::{Degraded, Own};
use super::*;
use crate::{ByKind, Exception, Exceptions, Failure, FailureKind, Mode};

fn fallback(config: FallbackConfig) -> Fallback {
    Fallback::new("test", config).expect("in range")
}

fn plain() -> Fallback {
    fallback(FallbackConfig::default())
}

fn counter(fallback: &Fallback, name: &str) -> u64 {
    let snapshot = fallback.snapshot();
    let found = snapshot
        .counters
        .iter()
        .find(|counter| counter.name == name);
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

#[derive(Debug, PartialEq)]
struct Broken(FailureKind);

impl Failure for Broken {
    fn failure_kind(&self) -> FailureKind {
        self.0
    }
}

#[tokio::test]
async fn what_succeeds_is_its_own_answer_and_nothing_else_is_asked() {
    let fallback = plain();
    let asked = Cell::new(false);
    let answer = fallback
        .call(
            || async { Ok::<_, ()>(1) },
            || {
                asked.set(true);
                2
            },
        )
        .await;
    assert_eq!(answer, Ok(Own(1)));
    assert!(!answer.expect("own").is_fallback());
    assert!(!asked.get());
    assert_eq!(counter(&fallback, "success"), 1);
    assert_eq!(counter(&fallback, "invoked"), 0);
}

#[tokio::test]
async fn a_failure_is_answered_with_something_else_and_says_so() {
    let fallback = plain();
    let answer = fallback.call_or(|| async { Err(()) }, 2).await;
    assert_eq!(answer, Ok(Degraded(2)));
    let answer = answer.expect("degraded");
    assert!(answer.is_fallback());
    assert_eq!(answer.into_inner(), 2);
    assert_eq!(counter(&fallback, "invoked"), 1);
}

#[tokio::test(start_paused = true)]
async fn another_call_is_given_the_error() {
    let fallback = plain();
    let other = async |error| {
        sleep(Duration::from_secs(1)).await;
        if error == 7 {
            Ok(error)
        } else {
            Err(error + 1)
        }
    };
    let answer = fallback.call_or_else(async || Err(7), other).await;
    assert_eq!(answer, Ok(Degraded(7)));
    let answer = fallback.call_or_else(async || Err(8), other).await;
    assert_eq!(answer, Err(9), "it failed as well");
    assert_eq!(counter(&fallback, "invoked"), 2);
    assert_eq!(counter(&fallback, "failed"), 1);
}

#[tokio::test]
async fn only_the_failures_that_are_named_are_answered() {
    let on = Exceptions::from([Exception::Timeout, Exception::StatusClass(5)]);
    let fallback = fallback(FallbackConfig {
        on,
        ..FallbackConfig::default()
    });
    for (kind, is_answered) in [
        (FailureKind::Timeout, true),
        (FailureKind::Status(503), true),
        (FailureKind::Status(404), false),
        (FailureKind::Other, false),
    ] {
        let answer = fallback
            .call_with(ByKind, async || Err(Broken(kind)), async |_| Ok(()))
            .await;
        let expected = if is_answered {
            Ok(Degraded(()))
        } else {
            Err(Broken(kind))
        };
        assert_eq!(answer, expected);
    }
    assert_eq!(counter(&fallback, "passed_on"), 2);
}

#[tokio::test]
async fn an_ok_may_be_a_failure() {
    let fallback = plain();
    let unavailable =
        |answer: &Result<u16, ()>| (*answer == Ok(503)).then_some(FailureKind::Status(503));
    let answer = |status| {
        let other = async |failed: Result<u16, ()>| failed.map(|status| status - 303);
        fallback.call_with(unavailable, async move || Ok(status), other)
    };
    assert_eq!(answer(503).await, Ok(Degraded(200)));
    assert_eq!(answer(404).await, Ok(Own(404)));
}

#[tokio::test]
async fn the_last_good_answer_takes_the_place_of_none() {
    let fallback = plain();
    let last = LastGood::new();
    assert_eq!(fallback.call_or_last(&last, async || Err(1)).await, Err(1));
    assert_eq!(counter(&fallback, "failed"), 1, "there was no answer yet");
    for n in [10, 20] {
        let answer = fallback.call_or_last(&last, async || Ok::<_, i32>(n)).await;
        assert_eq!(answer, Ok(Own(n)));
    }
    for _ in 0..2 {
        let answer = fallback.call_or_last(&last, async || Err(1)).await;
        assert_eq!(answer, Ok(Degraded(20)));
    }
    last.clear();
    assert_eq!(fallback.call_or_last(&last, async || Err(1)).await, Err(1));
}

#[tokio::test(start_paused = true)]
async fn dropped_at_any_await_it_leaves_nothing_behind() {
    let fallback = plain();
    let last = LastGood::new();
    let moment = Duration::from_millis(1);
    // In the call.
    let call = fallback.call_or_last(&last, pending::<Result<i32, ()>>);
    timeout(moment, call).await.expect_err("it never ends");
    assert_eq!(last.get(), None);
    // In the other call.
    let call = fallback.call_or_else(async || Err(()), |()| pending::<Result<i32, ()>>());
    timeout(moment, call).await.expect_err("it never ends");
    assert_eq!(
        counter(&fallback, "success") + counter(&fallback, "failed"),
        0
    );
    assert_eq!(fallback.call_or(async || Err(()), 7).await, Ok(Degraded(7)));
}

#[tokio::test]
async fn a_panic_goes_on_and_leaves_nothing_locked() {
    let (fallback, last) = (Arc::new(plain()), Arc::new(LastGood::new()));
    let task = {
        let (fallback, last) = (Arc::clone(&fallback), Arc::clone(&last));
        tokio::spawn(async move {
            let panics = async || panic!("on purpose") as Result<i32, ()>;
            fallback.call_or_last(&last, panics).await
        })
    };
    assert!(task.await.expect_err("it panicked").is_panic());
    let answer = fallback.call_or_last(&last, async || Ok::<_, ()>(1)).await;
    assert_eq!(answer, Ok(Own(1)));
}

#[tokio::test]
async fn in_shadow_failures_are_passed_on_and_counted() {
    let fallback = fallback(FallbackConfig {
        mode: Mode::Shadow,
        ..FallbackConfig::default()
    });
    assert_eq!(
        fallback.call_or(async || Err("broken"), 1).await,
        Err("broken")
    );
    assert_eq!(
        fallback.call_or(async || Ok::<_, ()>(2), 1).await,
        Ok(Own(2))
    );
    assert_eq!(counter(&fallback, "shadow_invoked"), 1);
    assert_eq!(counter(&fallback, "invoked"), 0);
}

#[tokio::test]
async fn off_it_neither_counts_nor_answers() {
    let fallback = plain();
    fallback.set_enabled(false);
    assert_eq!(
        fallback.call_or(async || Err("broken"), 1).await,
        Err("broken")
    );
    assert_eq!(
        fallback.call_or(async || Ok::<_, ()>(2), 1).await,
        Ok(Own(2))
    );
    fallback.set_enabled(true);
    let all = [
        "success",
        "invoked",
        "failed",
        "passed_on",
        "shadow_invoked",
    ];
    assert_eq!(all.map(|name| counter(&fallback, name)), [0; 5]);
    assert_eq!(fallback.call_or(async || Err(()), 1).await, Ok(Degraded(1)));
}

#[test]
fn events_tell_what_failed() {
    let fallback = plain();
    let events = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    assert!(fallback.on_event(move |event| seen.lock().expect("no panic").push(*event)));
    assert!(!fallback.on_event(|_| ()));
    let mut call = pin!(fallback.call_or(async || Err(()), 1));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(call.as_mut().poll(&mut cx).is_ready());
    let expected = [FallbackEvent::Invoked {
        failure: FailureKind::Other,
    }];
    assert_eq!(*events.lock().expect("no panic"), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reconfigured_under_load_it_loses_no_call() {
    let fallback = Arc::new(plain());
    let calls = (0..16).map(|_| {
        let fallback = Arc::clone(&fallback);
        tokio::spawn(async move {
            let mut degraded = 0;
            for n in 0..500 {
                let call = async || {
                    tokio::task::yield_now().await;
                    if n % 2 == 0 { Ok(n) } else { Err(n) }
                };
                match fallback.call_or(call, -1).await {
                    Ok(Own(own)) => assert!(own == n && n % 2 == 0),
                    Ok(Degraded(value)) => {
                        assert!(value == -1 && n % 2 == 1);
                        degraded += 1;
                    }
                    Err(error) => assert!(error == n && n % 2 == 1),
                }
            }
            degraded
        })
    });
    let calls: Vec<_> = calls.collect();
    for round in 0..1000 {
        let on = if round % 2 == 0 {
            Exceptions::any()
        } else {
            Exceptions::from([Exception::Connection])
        };
        let config = FallbackConfig {
            on,
            ..fallback.config()
        };
        fallback.reconfigure(config).expect("in range");
        tokio::task::yield_now().await;
    }
    let mut degraded = 0;
    for call in calls {
        degraded += call.await.expect("every call was made");
    }
    assert_eq!(counter(&fallback, "success"), 16 * 250);
    assert_eq!(counter(&fallback, "invoked"), degraded);
    assert_eq!(counter(&fallback, "passed_on"), 16 * 250 - degraded);
}

#[test]
fn two_threads_that_hammer_read_one_whole_answer() {
    let last = LastGood::new();
    last.keep(&(0, 0));
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let last = &last;
            scope.spawn(move || {
                for n in 0..10_000 {
                    last.keep(&(thread, thread * n));
                    let (thread, number) = last.get().expect("there is one");
                    assert!(thread == 1 || number == 0);
                }
            });
        }
    });
}
