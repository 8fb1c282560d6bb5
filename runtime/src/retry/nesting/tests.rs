use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use super::super::{Retry, RetryBudget, RetryConfig};
use super::{SHARES, within};

fn four_attempts(budget: Option<&Arc<RetryBudget>>) -> Retry {
    let config = RetryConfig {
        attempts: 4,
        delay: Duration::ZERO,
        ..RetryConfig::default()
    };
    let budget = budget.map(Arc::clone).unwrap_or_default();
    Retry::with_budget("test", config, budget).expect("in range")
}

/// Calls what is down, a thousand times, through three retries around each other.
async fn calls_below(retries: [&Retry; 3]) -> u32 {
    let calls = AtomicU32::new(0);
    let [outer, middle, inner] = retries;
    for _ in 0..1000 {
        let call = || async {
            calls.fetch_add(1, Relaxed);
            Err::<(), _>("down")
        };
        let inner = || async { inner.call(call).await.map_err(|_| "down") };
        let middle = || async { middle.call(inner).await.map_err(|_| "down") };
        outer.call(middle).await.expect_err("it is down");
    }
    calls.load(Relaxed)
}

#[tokio::test(start_paused = true)]
async fn what_is_down_sees_a_fifth_more_calls_through_three_nested_retries() {
    let shared = Arc::default();
    let three = [(); 3].map(|()| four_attempts(Some(&shared)));
    assert_eq!(calls_below([&three[0], &three[1], &three[2]]).await, 1200);
    // It makes no difference that each has a budget of its own, or is in itself.
    let three = [(); 3].map(|()| four_attempts(None));
    assert_eq!(calls_below([&three[0], &three[1], &three[2]]).await, 1200);
    let one = four_attempts(None);
    assert_eq!(calls_below([&one, &one, &one]).await, 1200);
}

#[tokio::test(start_paused = true)]
async fn beside_each_other_they_have_their_own() {
    let (first, second) = (four_attempts(None), four_attempts(None));
    let calls = AtomicU32::new(0);
    let call = || async {
        calls.fetch_add(1, Relaxed);
        Err::<(), _>("down")
    };
    for _ in 0..1000 {
        // Two calls from outside, polled in turn on one thread.
        let _ = tokio::join!(first.call(call), second.call(call));
    }
    assert_eq!(calls.load(Relaxed), 2400);
}

#[tokio::test(start_paused = true)]
async fn a_task_of_its_own_is_not_within() {
    let outer = four_attempts(None);
    let calls = Arc::new(AtomicU32::new(0));
    for _ in 0..1000 {
        let call = || async {
            let (inner, calls) = (four_attempts(None), Arc::clone(&calls));
            let task = tokio::spawn(async move {
                let call = || async {
                    calls.fetch_add(1, Relaxed);
                    Err::<(), _>("down")
                };
                inner.call(call).await.expect_err("it is down");
            });
            task.await.map_err(|_| "it panicked")
        };
        outer.call(call).await.expect("the task ends");
    }
    assert_eq!(calls.load(Relaxed), 4000);
}

#[test]
fn a_panic_leaves_no_attempt_behind_and_a_retry_no_trace() {
    let retry = four_attempts(None);
    let id = retry.share().id();
    let panicked = std::panic::catch_unwind(|| within(id, || panic!("a bug")));
    assert!(panicked.is_err() && !super::is_within());
    let knows = || SHARES.lock().expect("no panic").contains_key(&id);
    assert!(knows());
    drop(retry);
    assert!(!knows());
}

#[cfg(feature = "tower")]
#[tokio::test(start_paused = true)]
async fn layers_around_layers_are_nested_as_well() {
    use crate::retry::RetryLayer;
    use std::convert::Infallible;
    use std::task::{Context, Poll};
    use tower_layer::Layer;
    use tower_service::Service;

    #[derive(Clone)]
    struct Down(Arc<AtomicU32>);

    impl Service<()> for Down {
        type Response = Infallible;
        type Error = &'static str;
        type Future = std::future::Ready<Result<Infallible, &'static str>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, (): ()) -> Self::Future {
            self.0.fetch_add(1, Relaxed);
            std::future::ready(Err("down"))
        }
    }

    let [outer, inner] = [(); 2].map(|()| RetryLayer::new(Arc::new(four_attempts(None))));
    let calls = Arc::new(AtomicU32::new(0));
    let mut service = outer.layer(inner.layer(Down(Arc::clone(&calls))));
    for _ in 0..1000 {
        std::future::poll_fn(|cx| service.poll_ready(cx))
            .await
            .expect("ready");
        service.call(()).await.expect_err("it is down");
    }
    assert_eq!(calls.load(Relaxed), 1200);
}
