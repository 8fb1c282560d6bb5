//! The example of an axum app that gains its patterns by one line, asked as a client would.
#![cfg(all(feature = "service", feature = "tower"))]

#[path = "../examples/axum.rs"]
mod example;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use axum::routing::{get, post};
use failsafe_runtime::service::{PolicyStack, Protect, RequestContext, StatusCode};
use failsafe_runtime::{Jitter, Patterns, RetryConfig};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

async fn ask(app: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let answer: Result<Response, Infallible> = app.clone().oneshot(request).await;
    let (head, body) = answer.expect("never an error").into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (head.status, head.headers, text)
}

fn from(client: u8, target: &str) -> Request<Body> {
    Request::get(target)
        .extension(ConnectInfo(SocketAddr::from(([192, 0, 2, client], 4000))))
        .body(Body::empty())
        .expect("a request")
}

#[tokio::test(start_paused = true)]
async fn one_line_brings_refusals_and_headers() {
    let app = example::app(&Patterns::new()).expect("in range");
    for left in (0..5).rev() {
        let (status, headers, text) = ask(&app, from(1, "/search")).await;
        assert_eq!((status.as_u16(), text.as_str()), (200, "found"));
        assert_eq!(headers["ratelimit-remaining"], left.to_string());
        assert_eq!(headers["x-client-id"], "192.0.2.1");
    }
    let (status, headers, text) = ask(&app, from(1, "/search")).await;
    assert_eq!(status, 429);
    let seconds: u64 = headers["retry-after"]
        .to_str()
        .expect("a number")
        .parse()
        .expect("seconds");
    let body: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(body["error"], "rate_limit_exceeded");
    assert_eq!(body["client_id"], "192.0.2.1");
    let (status, ..) = ask(&app, from(2, "/search")).await;
    assert_eq!(status, 200, "another client has tokens of his own");
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let (status, ..) = ask(&app, from(1, "/search")).await;
    assert_eq!(status, 200, "whoever waits as told is let in");
}

#[tokio::test(start_paused = true)]
async fn what_hangs_is_given_up() {
    let app = example::app(&Patterns::new()).expect("in range");
    let started = tokio::time::Instant::now();
    let (status, _, text) = ask(&app, from(1, "/stuck")).await;
    assert_eq!(status, 504);
    assert!(text.contains("\"timeout\""), "{text}");
    assert_eq!(started.elapsed().as_secs(), 2);
}

fn retried(patterns: &Patterns) -> PolicyStack {
    let config = RetryConfig {
        delay: Duration::from_secs(1),
        jitter: Jitter::None,
        ..RetryConfig::default()
    };
    PolicyStack::new().retry(patterns.retry("app", config).expect("in range"))
}

#[tokio::test(start_paused = true)]
async fn a_request_is_sent_again_with_its_body() {
    let calls = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&calls);
    let handler = async move |context: axum::Extension<RequestContext>, body: String| {
        seen.fetch_add(1, Relaxed);
        match context.0.attempt() {
            3 => Ok(body),
            _ => Err(StatusCode::BAD_GATEWAY),
        }
    };
    let app = Router::new()
        .route("/echo", post(handler))
        .layer(Protect::by(retried(&Patterns::new())));
    let request = Request::post("/echo")
        .body(Body::from("again"))
        .expect("a request");
    let (status, _, text) = ask(&app, request).await;
    assert_eq!((status.as_u16(), text.as_str()), (200, "again"));
    assert_eq!(calls.load(Relaxed), 3);
    // What does not fit into memory cannot be.
    let long = vec![b'x'; 3 << 20];
    let request = Request::post("/echo")
        .body(Body::from(long))
        .expect("a request");
    assert_eq!(ask(&app, request).await.0, 413);
    assert_eq!(calls.load(Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn what_always_fails_is_given_up() {
    let app = Router::new()
        .route("/", get(async || StatusCode::BAD_GATEWAY))
        .layer(Protect::by(retried(&Patterns::new())));
    let (status, _, text) = ask(&app, from(1, "/")).await;
    assert_eq!(status, 503);
    assert!(text.contains("attempts_exceeded"), "{text}");
}
