use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::*;
use crate::Mode;
use crate::queued::{self, Entered};

fn bulkhead(max_concurrent: u32, max_queued: u32) -> Arc<Bulkhead> {
    with(BulkheadConfig {
        max_concurrent,
        max_queued,
        ..BulkheadConfig::default()
    })
}

fn with(config: BulkheadConfig) -> Arc<Bulkhead> {
    Arc::new(Bulkhead::new("test", config).expect("in range"))
}

fn counter(bulkhead: &Bulkhead, name: &str) -> u64 {
    let snapshot = bulkhead.snapshot();
    let found = snapshot
        .counters
        .iter()
        .find(|counter| counter.name == name);
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn admits_so_many_and_no_more() {
    let bulkhead = bulkhead(2, 0);
    let first = bulkhead.try_acquire().expect("a place");
    let _second = bulkhead.acquire().await.expect("another place");
    assert_eq!(bulkhead.snapshot().state, "full");
    assert_eq!(
        bulkhead.acquire().await.map(drop),
        Err(BulkheadFull::NoPlace)
    );
    let answer = bulkhead.call(|| async { Ok::<_, ()>(()) }).await;
    assert_eq!(answer, Err(BulkheadError::Full(BulkheadFull::NoPlace)));
    drop(first);
    let answer = bulkhead.call(|| async { Err::<(), _>("its own") }).await;
    assert_eq!(answer, Err(BulkheadError::Inner("its own")));
    assert_eq!(counter(&bulkhead, "admitted"), 3);
    assert_eq!(counter(&bulkhead, "full"), 2);
    assert_eq!(bulkhead.in_use(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_served_in_order() {
    let bulkhead = bulkhead(1, 2);
    let held = bulkhead.acquire_owned().await.expect("a place");
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut waiting = Vec::new();
    for number in 0..2 {
        let (bulkhead, order) = (Arc::clone(&bulkhead), Arc::clone(&order));
        waiting.push(tokio::spawn(async move {
            let _place = bulkhead.acquire().await.expect("a place after a while");
            order.lock().expect("no panic").push(number);
            sleep(Duration::from_secs(1)).await;
        }));
        tokio::task::yield_now().await;
    }
    assert_eq!(bulkhead.queued(), 2);
    assert!(bulkhead.acquire().await.is_err(), "the queue is full, too");
    drop(held);
    assert!(bulkhead.try_acquire().is_err(), "the first in line has it");
    for task in waiting {
        task.await.expect("served");
    }
    assert_eq!(*order.lock().expect("no panic"), [0, 1]);
    assert_eq!((bulkhead.in_use(), bulkhead.queued()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_he_should() {
    let timeout = Duration::from_secs(3);
    let bulkhead = with(BulkheadConfig {
        max_concurrent: 1,
        max_queued: 1,
        queue_timeout: Some(timeout),
        ..BulkheadConfig::default()
    });
    let _held = bulkhead.try_acquire().expect("a place");
    let started = Instant::now();
    assert_eq!(
        bulkhead.acquire().await.map(drop),
        Err(BulkheadFull::WaitedInVain { after: timeout })
    );
    assert_eq!(started.elapsed(), timeout);
    assert_eq!(bulkhead.queued(), 0);
    assert_eq!(counter(&bulkhead, "queue_timeout"), 1);
}

#[tokio::test]
async fn dropped_at_any_await_it_gives_everything_back() {
    let bulkhead = bulkhead(1, 2);
    // While it runs.
    {
        let mut call = pin!(bulkhead.call(pending::<Result<(), ()>>));
        assert!(poll(call.as_mut()).is_pending());
        assert_eq!(bulkhead.in_use(), 1);
    }
    assert_eq!(bulkhead.in_use(), 0);
    // While it waits.
    let held = bulkhead.try_acquire().expect("a place");
    {
        let mut waiting = pin!(bulkhead.acquire());
        assert!(poll(waiting.as_mut()).is_pending());
        assert_eq!(bulkhead.queued(), 1);
    }
    assert_eq!(bulkhead.queued(), 0);
    // Before it was ever polled.
    let Ok(Entered::Queued(turn)) = queued::enter(&*bulkhead) else {
        panic!("there is no place")
    };
    drop(turn);
    assert_eq!(bulkhead.queued(), 0);
    // After it was let in, and before it knows.
    {
        let mut waiting = pin!(bulkhead.acquire());
        assert!(poll(waiting.as_mut()).is_pending());
        drop(held);
        assert_eq!(bulkhead.in_use(), 1);
    }
    assert_eq!((bulkhead.in_use(), bulkhead.queued()), (0, 0));
}

#[tokio::test]
async fn a_panic_gives_the_place_back() {
    let bulkhead = bulkhead(1, 0);
    let panics = Arc::clone(&bulkhead);
    let task = tokio::spawn(async move {
        let call = panics.call(|| async {
            assert!(panics.in_use() == 0, "inside");
            Ok::<_, ()>(())
        });
        call.await
    });
    assert!(task.await.is_err_and(|error| error.is_panic()));
    assert_eq!(bulkhead.in_use(), 0);
}

#[tokio::test]
async fn it_shrinks_and_grows_while_in_use() {
    let bulkhead = bulkhead(2, 5);
    let (first, second) = (
        bulkhead.try_acquire().expect("a place"),
        bulkhead.try_acquire().expect("a place"),
    );
    let resize = |max_concurrent| {
        let config = BulkheadConfig {
            max_concurrent,
            ..bulkhead.config()
        };
        bulkhead.reconfigure(config).expect("in range");
    };
    resize(1);
    drop(first);
    assert!(bulkhead.try_acquire().is_err(), "one is still inside");
    let mut waiting = pin!(bulkhead.acquire());
    assert!(poll(waiting.as_mut()).is_pending());
    resize(2);
    assert!(
        poll(waiting.as_mut()).is_ready(),
        "there is room for who waits"
    );
    drop(second);
    let error = bulkhead
        .reconfigure(BulkheadConfig {
            max_concurrent: 0,
            ..bulkhead.config()
        })
        .expect_err("out of range");
    assert_eq!(
        error.to_string(),
        "max_concurrent must be at least 1, not 0"
    );
}

#[tokio::test]
async fn in_shadow_everybody_passes_and_is_counted() {
    let bulkhead = with(BulkheadConfig {
        max_concurrent: 1,
        mode: Mode::Shadow,
        ..BulkheadConfig::default()
    });
    let held = [(); 3].map(|()| bulkhead.try_acquire().expect("shadow"));
    assert_eq!(counter(&bulkhead, "shadow_full"), 2);
    assert_eq!(bulkhead.in_use(), 3);
    drop(held);
    assert_eq!(bulkhead.in_use(), 0);
}

#[tokio::test]
async fn off_it_neither_counts_nor_holds() {
    let bulkhead = bulkhead(1, 0);
    bulkhead.set_enabled(false);
    let outside = bulkhead.try_acquire().expect("off");
    bulkhead.set_enabled(true);
    let inside = bulkhead.try_acquire().expect("the first inside");
    drop(outside);
    assert_eq!(bulkhead.in_use(), 1, "who held nothing gave nothing back");
    drop(inside);
    assert_eq!(counter(&bulkhead, "admitted"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resized_under_load_it_loses_no_call_and_no_place() {
    let bulkhead = bulkhead(4, 64);
    let calls = (0..64).map(|_| {
        let bulkhead = Arc::clone(&bulkhead);
        tokio::spawn(async move {
            for _ in 0..200 {
                let call = bulkhead.call(|| async {
                    tokio::task::yield_now().await;
                    Ok::<_, ()>(())
                });
                assert_eq!(call.await, Ok(()));
            }
        })
    });
    let calls: Vec<_> = calls.collect();
    for round in 0..1000 {
        let config = BulkheadConfig {
            max_concurrent: 1 + round % 8,
            ..bulkhead.config()
        };
        bulkhead.reconfigure(config).expect("in range");
        tokio::task::yield_now().await;
    }
    for call in calls {
        call.await.expect("every call was made");
    }
    assert_eq!((bulkhead.in_use(), bulkhead.queued()), (0, 0));
}
