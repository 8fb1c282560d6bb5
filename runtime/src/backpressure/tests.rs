use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::*;
use crate::Mode;
use crate::queued::{self, Entered};

const TIMEOUT: Duration = Duration::from_secs(5);

fn backpressure(low: u32, high: u32, max_pending: u32) -> Arc<Backpressure> {
    with(BackpressureConfig {
        max_pending: Some(max_pending),
        high_water_mark: Some(high),
        low_water_mark: Some(low),
        ..BackpressureConfig::default()
    })
}

fn with(config: BackpressureConfig) -> Arc<Backpressure> {
    Arc::new(Backpressure::new("test", config).expect("in range"))
}

fn counter(backpressure: &Backpressure, name: &str) -> u64 {
    let snapshot = backpressure.snapshot();
    let found = snapshot
        .counters
        .iter()
        .find(|counter| counter.name == name);
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test(start_paused = true)]
async fn closed_at_the_high_mark_it_opens_at_the_low_one() {
    let backpressure = backpressure(1, 3, 10);
    let mut running: Vec<_> = (0..3)
        .map(|_| backpressure.try_acquire().expect("open"))
        .collect();
    assert_eq!(backpressure.snapshot().state, "closed");
    running.pop();
    let mut waiting = pin!(backpressure.acquire());
    assert!(poll(waiting.as_mut()).is_pending(), "two are running");
    running.pop();
    let entered = waiting.await.expect("one is running");
    assert_eq!(backpressure.snapshot().state, "open");
    assert_eq!(backpressure.in_use(), 2);
    drop((running, entered));
    let answer = backpressure
        .call(|| async { Err::<(), _>("its own") })
        .await;
    assert_eq!(answer, Err(BackpressureError::Inner("its own")));
    assert_eq!(counter(&backpressure, "admitted"), 5);
    assert_eq!(counter(&backpressure, "queued"), 1);
}

#[tokio::test(start_paused = true)]
async fn running_and_waiting_together_have_a_bound() {
    let backpressure = backpressure(0, 2, 3);
    let _running = [(); 2].map(|()| backpressure.try_acquire().expect("open"));
    let mut waiting = pin!(backpressure.acquire());
    assert!(poll(waiting.as_mut()).is_pending());
    let answer = backpressure.call(|| async { Ok::<_, ()>(()) }).await;
    assert_eq!(
        answer,
        Err(BackpressureError::Full(BackpressureFull::NoRoom))
    );
    assert_eq!(counter(&backpressure, "full"), 1);
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_served_in_order_up_to_the_high_mark() {
    let backpressure = backpressure(0, 2, 10);
    let running = [(); 2].map(|()| backpressure.try_acquire().expect("open"));
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = Vec::new();
    for number in 0..5 {
        let (backpressure, order) = (Arc::clone(&backpressure), Arc::clone(&order));
        waiting.push(tokio::spawn(async move {
            let _permit = backpressure.acquire_owned().await.expect("after a while");
            assert!(backpressure.in_use() <= 2);
            order.lock().expect("no panic").push(number);
            sleep(Duration::from_secs(1)).await;
        }));
        tokio::task::yield_now().await;
    }
    assert_eq!(backpressure.queued(), 5);
    drop(running);
    for task in waiting {
        task.await.expect("served");
    }
    assert_eq!(*order.lock().expect("no panic"), [0, 1, 2, 3, 4]);
    assert_eq!((backpressure.in_use(), backpressure.queued()), (0, 0));
    assert!(!backpressure.is_closed());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_he_should() {
    let backpressure = backpressure(0, 1, 10);
    let _running = backpressure.try_acquire().expect("open");
    let started = Instant::now();
    assert_eq!(
        backpressure.acquire().await.map(drop),
        Err(BackpressureFull::WaitedInVain { after: TIMEOUT })
    );
    assert_eq!(started.elapsed(), TIMEOUT);
    assert_eq!(backpressure.queued(), 0);
    assert_eq!(counter(&backpressure, "queue_timeout"), 1);
}

#[tokio::test]
async fn without_time_nobody_waits() {
    let backpressure = with(BackpressureConfig {
        high_water_mark: Some(2),
        low_water_mark: Some(0),
        timeout: Duration::ZERO,
        ..BackpressureConfig::default()
    });
    let mut running = vec![
        backpressure.acquire().await.expect("open"),
        backpressure.acquire().await.expect("open"),
    ];
    for _ in 0..2 {
        let refused = backpressure.acquire().await.map(drop);
        assert_eq!(refused, Err(BackpressureFull::Closed));
        running.pop();
    }
    assert!(backpressure.acquire().await.is_ok(), "it is quiet again");
}

#[tokio::test]
async fn dropped_at_any_await_it_gives_everything_back() {
    let backpressure = backpressure(0, 1, 10);
    // While it runs.
    {
        let mut call = pin!(backpressure.call(pending::<Result<(), ()>>));
        assert!(poll(call.as_mut()).is_pending());
        assert!(backpressure.is_closed());
    }
    assert!(!backpressure.is_closed());
    let running = backpressure.try_acquire().expect("open");
    // While it waits.
    {
        let mut waiting = pin!(backpressure.acquire());
        assert!(poll(waiting.as_mut()).is_pending());
        assert_eq!(backpressure.queued(), 1);
    }
    // Before it was ever polled.
    let Ok(Entered::Queued(turn)) = queued::enter(&*backpressure) else {
        panic!("it is closed")
    };
    drop(turn);
    assert_eq!(backpressure.queued(), 0);
    // After it was let in, and before it knows.
    {
        let mut waiting = pin!(backpressure.acquire());
        assert!(poll(waiting.as_mut()).is_pending());
        drop(running);
        assert_eq!(backpressure.in_use(), 1);
    }
    assert_eq!((backpressure.in_use(), backpressure.queued()), (0, 0));
    assert!(!backpressure.is_closed());
}

#[tokio::test]
async fn a_panic_gives_the_place_back() {
    let backpressure = backpressure(0, 1, 1);
    let panics = Arc::clone(&backpressure);
    let task = tokio::spawn(async move {
        let call = panics.call(|| async {
            assert!(panics.in_use() == 0, "inside");
            Ok::<_, ()>(())
        });
        call.await
    });
    assert!(task.await.is_err_and(|error| error.is_panic()));
    assert_eq!(
        (backpressure.in_use(), backpressure.is_closed()),
        (0, false)
    );
}

#[tokio::test(start_paused = true)]
async fn its_marks_move_while_calls_are_running() {
    let backpressure = backpressure(0, 3, 10);
    let _running = [(); 3].map(|()| backpressure.try_acquire().expect("open"));
    let mut waiting = pin!(backpressure.acquire());
    assert!(poll(waiting.as_mut()).is_pending());
    backpressure
        .reconfigure(BackpressureConfig {
            high_water_mark: Some(5),
            low_water_mark: Some(3),
            ..backpressure.config()
        })
        .expect("in range");
    assert!(poll(waiting.as_mut()).is_ready(), "three are running");
    for (wrong, message) in [
        (
            BackpressureConfig {
                low_water_mark: Some(5),
                ..backpressure.config()
            },
            "high_water_mark must be more than low_water_mark, not 5",
        ),
        (
            BackpressureConfig {
                max_pending: Some(4),
                ..backpressure.config()
            },
            "max_pending must be at least high_water_mark, not 4",
        ),
    ] {
        let error = backpressure.reconfigure(wrong).expect_err("out of range");
        assert_eq!(error.to_string(), message);
    }
}

#[tokio::test]
async fn in_shadow_everybody_passes_and_is_counted() {
    let backpressure = with(BackpressureConfig {
        max_pending: Some(3),
        high_water_mark: Some(2),
        low_water_mark: Some(1),
        mode: Mode::Shadow,
        ..BackpressureConfig::default()
    });
    let running = [(); 5].map(|()| backpressure.try_acquire().expect("shadow"));
    assert_eq!(counter(&backpressure, "shadow_full"), 2);
    assert!(backpressure.is_closed());
    drop(running);
    assert_eq!(
        (backpressure.in_use(), backpressure.is_closed()),
        (0, false)
    );
}

#[tokio::test]
async fn off_it_neither_counts_nor_holds() {
    let backpressure = backpressure(0, 1, 1);
    backpressure.set_enabled(false);
    let outside = backpressure.try_acquire().expect("off");
    backpressure.set_enabled(true);
    let inside = backpressure.try_acquire().expect("the first inside");
    drop(outside);
    assert_eq!(
        backpressure.in_use(),
        1,
        "who held nothing gave nothing back"
    );
    drop(inside);
    assert_eq!(counter(&backpressure, "admitted"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hammered_and_reconfigured_it_loses_no_call_and_no_place() {
    let patient = BackpressureConfig {
        high_water_mark: Some(4),
        low_water_mark: Some(1),
        timeout: Duration::from_secs(600),
        ..BackpressureConfig::default()
    };
    let backpressure = with(patient);
    let calls = (0..64).map(|_| {
        let backpressure = Arc::clone(&backpressure);
        tokio::spawn(async move {
            for _ in 0..200 {
                let call = backpressure.call(|| async {
                    tokio::task::yield_now().await;
                    Ok::<_, ()>(())
                });
                assert_eq!(call.await, Ok(()));
            }
        })
    });
    let calls: Vec<_> = calls.collect();
    for round in 0..1000 {
        let config = BackpressureConfig {
            low_water_mark: Some(round % 4),
            high_water_mark: Some(round % 4 + 1 + round % 3),
            ..backpressure.config()
        };
        backpressure.reconfigure(config).expect("in range");
        tokio::task::yield_now().await;
    }
    for call in calls {
        call.await.expect("every call was made");
    }
    assert_eq!((backpressure.in_use(), backpressure.queued()), (0, 0));
    assert!(!backpressure.is_closed());
}

#[test]
fn a_default_follows_what_is_given() {
    for (given, marks) in [
        ([None, None, None], [1000, 800, 200]),
        ([Some(10), None, None], [10, 8, 2]),
        ([Some(1), None, None], [1, 1, 0]),
        ([None, Some(5000), None], [6250, 5000, 1250]),
        ([None, Some(100), None], [1000, 100, 25]),
        ([None, None, Some(900)], [1125, 901, 900]),
        ([Some(10), None, Some(9)], [10, 10, 9]),
        ([Some(10), Some(4), None], [10, 4, 1]),
    ] {
        let [max_pending, high_water_mark, low_water_mark] = given;
        let config = BackpressureConfig {
            max_pending,
            high_water_mark,
            low_water_mark,
            ..BackpressureConfig::default()
        };
        let (max, high) = (config.max_pending(), config.high_water_mark());
        assert_eq!([max, high, config.low_water_mark()], marks, "{given:?}");
        config.validate().expect("in range");
    }
}
