use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use tokio::time::{Instant, sleep};
use tower_service::Service;

use crate::service::answer;
use crate::service::handler::Handler;
use crate::service::operation::Operation;
use crate::service::routes::Routes;
use crate::service::stack::PolicyStack;
use crate::service::testing::{Answer, get, request, send};
use crate::{Bulkhead, BulkheadConfig, Patterns, TimeoutConfig};

const SECOND: Duration = Duration::from_secs(1);

static WORK: Operation = Operation::new("work", Method::GET, "/work");

/// A service whose one operation takes a second.
fn service(stack: PolicyStack) -> Router {
    Routes::new(Arc::new(()))
        .streamed(&WORK, stack, |_, call| {
            Box::pin(async move {
                call.respond(&mut Handler::new((), |_, ()| {
                    Box::pin(async {
                        sleep(SECOND).await;
                        Ok(answer::json(StatusCode::OK, &"done"))
                    })
                }))
                .await
            })
        })
        .into_router()
}

fn bulkhead(patterns: &Patterns, max_queued: u32) -> Arc<Bulkhead> {
    let config = BulkheadConfig {
        max_concurrent: 1,
        max_queued,
        ..BulkheadConfig::default()
    };
    patterns.bulkhead("work", config).expect("in range")
}

async fn response(router: &Router, method: Method) -> Response {
    let request = request(method, "/work", &[], "");
    let answer = router.clone().call(request).await;
    answer.unwrap_or_else(|never| match never {})
}

fn spawn(router: &Router) -> tokio::task::JoinHandle<Answer> {
    let router = router.clone();
    tokio::spawn(async move { get(&router, "/work").await })
}

#[tokio::test(start_paused = true)]
async fn a_place_is_held_to_the_last_byte_of_the_answer() {
    let patterns = Patterns::new();
    let bulkhead = bulkhead(&patterns, 0);
    let router = service(PolicyStack::new().bulkhead(Arc::clone(&bulkhead)));
    let first = response(&router, Method::GET).await;
    assert_eq!(bulkhead.in_use(), 1, "the body has not been sent yet");
    let refused = get(&router, "/work").await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["error"], "bulkhead_full");
    first.into_body().collect().await.expect("a body");
    assert_eq!(get(&router, "/work").await.status, 200);
    let head = response(&router, Method::HEAD).await;
    assert_eq!(bulkhead.in_use(), 0, "HEAD has no body to wait for");
    assert_eq!(head.headers()["content-length"], "6");
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_answered_in_turn() {
    let patterns = Patterns::new();
    let bulkhead = bulkhead(&patterns, 2);
    let router = service(PolicyStack::new().bulkhead(Arc::clone(&bulkhead)));
    let started = Instant::now();
    let calls = [(); 3].map(|()| spawn(&router));
    for call in calls {
        assert_eq!(call.await.expect("no panic").status, 200);
    }
    assert_eq!(started.elapsed(), 3 * SECOND);
    assert_eq!((bulkhead.in_use(), bulkhead.queued()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn waiting_counts_as_part_of_the_total() {
    let patterns = Patterns::new();
    let bulkhead = bulkhead(&patterns, 2);
    let timeout = TimeoutConfig {
        total: Some(SECOND * 5 / 2),
        ..TimeoutConfig::default()
    };
    let stack = PolicyStack::new()
        .bulkhead(Arc::clone(&bulkhead))
        .timeout(patterns.timeout("work", timeout).expect("in range"));
    let router = service(stack);
    let started = Instant::now();
    let calls = [(); 3].map(|()| spawn(&router));
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.expect("no panic").status.as_u16());
    }
    // The third begins after two seconds and would need another one.
    assert_eq!(statuses, [200, 200, 504]);
    assert_eq!(started.elapsed(), SECOND * 5 / 2);
    // And nobody waits for a place longer than the whole may take.
    let _held = bulkhead.try_acquire().expect("nobody is inside");
    let late = get(&router, "/work").await;
    assert_eq!(
        (late.status.as_u16(), &late.json()["error"]),
        (504, &"timeout".into())
    );
    assert_eq!(bulkhead.queued(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_dropped_gives_everything_back() {
    let patterns = Patterns::new();
    let bulkhead = bulkhead(&patterns, 1);
    let router = service(PolicyStack::new().bulkhead(Arc::clone(&bulkhead)));
    {
        let mut cx = Context::from_waker(Waker::noop());
        let mut inside = pin!(response(&router, Method::GET));
        assert!(inside.as_mut().poll(&mut cx).is_pending());
        let mut waiting = pin!(response(&router, Method::GET));
        assert!(matches!(waiting.as_mut().poll(&mut cx), Poll::Pending));
        assert_eq!((bulkhead.in_use(), bulkhead.queued()), (1, 1));
    }
    assert_eq!((bulkhead.in_use(), bulkhead.queued()), (0, 0));
    let answer = send(&router, request(Method::GET, "/work", &[], "")).await;
    assert_eq!(answer.status, 200);
}
