//! Calls over loopback to a listener that answers from a script.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::current::{Current, during};
use super::{CallError, Client, Style};
use crate::service::ApiError;
use crate::{Jitter, Retry, RetryConfig, Timeout, TimeoutConfig};

/// What the listener does with its next request.
#[derive(Clone, Copy)]
enum Act {
    Status(u16),
    /// 503 with `Retry-After`.
    Busy(u64),
    /// The same by a date, in so many seconds from now.
    BusyUntil(i64),
    Body(&'static str),
    Silence,
}

/// Milliseconds, and the number of the attempt.
type Said = (Option<u64>, Option<u64>);

#[derive(Clone, Default)]
struct Listener {
    script: Arc<Mutex<Vec<Act>>>,
    heard: Arc<Mutex<Vec<String>>>,
    /// What was said of time and attempts.
    patience: Arc<Mutex<Vec<Said>>>,
}

async fn answer(State(listener): State<Listener>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = body.collect().await.unwrap().to_bytes();
    let header = |name| {
        parts
            .headers
            .get(name)
            .map_or("-", |it| it.to_str().unwrap())
    };
    let text = format!(
        "{} {} {} {} {} {}",
        parts.method,
        parts.uri,
        header("authorization"),
        header("content-type"),
        header("x-list"),
        String::from_utf8_lossy(&body)
    );
    listener.heard.lock().unwrap().push(text);
    let said = ("x-request-timeout-ms", "x-retry-attempt");
    let said = (header(said.0).parse().ok(), header(said.1).parse().ok());
    listener.patience.lock().unwrap().push(said);
    let act = listener.script.lock().unwrap().pop();
    match act.unwrap_or(Act::Status(204)) {
        Act::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Act::Busy(seconds) => {
            let headers = [(header::RETRY_AFTER, seconds.to_string())];
            (StatusCode::SERVICE_UNAVAILABLE, headers).into_response()
        }
        Act::BusyUntil(seconds) => {
            let now = SystemTime::now();
            let by = Duration::from_secs(seconds.unsigned_abs());
            let date = if seconds < 0 { now - by } else { now + by };
            let headers = [(header::RETRY_AFTER, httpdate::fmt_http_date(date))];
            (StatusCode::SERVICE_UNAVAILABLE, headers).into_response()
        }
        Act::Body(text) => text.into_response(),
        Act::Silence => std::future::pending().await,
    }
}

/// A listener that acts so, one after the other, and its address.
async fn listen(script: &[Act]) -> (Listener, SocketAddr) {
    let listener = Listener::default();
    *listener.script.lock().unwrap() = script.iter().rev().copied().collect();
    let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let router = Router::new().fallback(answer).with_state(listener.clone());
    tokio::spawn(async move { axum::serve(socket, router).await });
    (listener, address)
}

/// A client that does not wait between attempts.
fn client(attempt: Duration) -> Client {
    let retry = RetryConfig {
        delay: Duration::ZERO,
        jitter: Jitter::None,
        ..RetryConfig::default()
    };
    let timeout = TimeoutConfig {
        seconds: attempt,
        ..TimeoutConfig::default()
    };
    Client::new()
        .with_retry(Arc::new(Retry::new("test", retry).unwrap()))
        .with_timeout(Arc::new(Timeout::new("test", timeout).unwrap()))
}

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_the_document_says_is_sent() {
    let (listener, address) = listen(&[]).await;
    let client = client(LONG);
    let mut request = client.request(Method::POST, &format!("http://{address}/hook?own=1"));
    request.query("tag", Style::Form, true, &["a b", "c&d"]);
    request.query("limit", Style::Form, true, &Some(3));
    request.query("absent", Style::Form, true, &None::<i32>);
    request.query("filter", Style::DeepObject, true, &json!({ "a": 1 }));
    request.query("ids", Style::PipeDelimited, false, &[1, 2]);
    request.header("X-List", Style::Simple, false, &[1, 2]);
    request.json("application/cloudevents+json", &json!({ "id": 7 }));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(
        *listener.heard.lock().unwrap(),
        [
            "POST /hook?own=1&tag=a%20b&tag=c%26d&limit=3&filter%5Ba%5D=1&ids=1%7C2 - \
          application/cloudevents+json 1,2 {\"id\":7}"
        ]
    );
}

#[tokio::test]
async fn what_may_be_repeated_is() {
    for (method, script, status, calls) in [
        (Method::POST, &[Act::Busy(0)][..], 204, 2),
        (Method::POST, &[Act::Status(429)], 204, 2),
        (Method::POST, &[Act::Status(500)], 500, 1),
        (Method::PUT, &[Act::Status(500)], 204, 2),
        (Method::PUT, &[Act::Status(500); 4], 500, 3),
        (Method::PUT, &[Act::Status(404)], 404, 1),
        // Nobody waits an hour with the task of a request.
        (Method::PUT, &[Act::Busy(3600)], 503, 1),
        (Method::POST, &[Act::Status(302)], 302, 1),
    ] {
        let (listener, address) = listen(script).await;
        let url = format!("http://{address}/");
        let answer = client(LONG).request(method.clone(), &url).send().await;
        assert_eq!(answer.unwrap().status(), status, "{method}");
        let heard = listener.heard.lock().unwrap().len();
        assert_eq!(heard, calls, "{method} {status}");
    }
    let (listener, address) = listen(&[Act::Status(502)]).await;
    let client = client(LONG);
    let mut request = client.request(Method::POST, &format!("http://{address}/"));
    request.header("Idempotency-Key", Style::Simple, false, "k");
    assert_eq!(request.send().await.unwrap().status(), 204);
    assert_eq!(listener.heard.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn whoever_is_silent_is_not_waited_for() {
    let (listener, address) = listen(&[Act::Silence]).await;
    let client = client(Duration::from_millis(20));
    let request = client.request(Method::POST, &format!("http://{address}/"));
    let error = request.send().await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut(_)), "{error:?}");
    // It may have acted on what it has heard, so it hears it once.
    assert!(listener.heard.lock().unwrap().len() <= 1);
}

#[tokio::test]
async fn whoever_is_not_there_is_unreachable() {
    let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    drop(socket);
    let client = client(LONG);
    let request = client.request(Method::POST, &format!("http://{address}/"));
    let error = request.send().await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn answers_are_read_up_to_a_limit() {
    let (_, address) = listen(&[Act::Body("12345"), Act::Body("[1")]).await;
    let client = client(LONG).with_max_answer_bytes(4);
    let url = format!("http://{address}/");
    let error = client.request(Method::GET, &url).send().await.unwrap_err();
    assert!(matches!(error, CallError::TooLong(4)), "{error:?}");
    let answer = client.request(Method::GET, &url).send().await.unwrap();
    let error = answer.json::<Vec<i32>>().unwrap_err();
    assert!(matches!(error, CallError::Unreadable { .. }), "{error:?}");
}

#[tokio::test]
async fn urls_are_looked_at_before_they_are_called() {
    let client = client(LONG);
    for url in ["", "/path", "ftp://example.com", "http://", "not a url"] {
        let error = client.request(Method::GET, url).send().await.unwrap_err();
        assert!(matches!(error, CallError::Url(_)), "{url}: {error:?}");
    }
    let client = client.allowing(|url| url.host() == Some("example.com"));
    let request = client.request(Method::GET, "http://127.0.0.1/");
    let error = request.send().await.unwrap_err();
    assert!(matches!(error, CallError::NotAllowed), "{error:?}");
    let mut request = client.request(Method::GET, "http://example.com/");
    request.header("X-List", Style::Simple, false, "a\nb");
    let error = request.send().await.unwrap_err();
    assert!(matches!(error, CallError::Parameter("X-List")), "{error:?}");
}

#[tokio::test]
async fn credentials_go_with_every_request() {
    let (listener, address) = listen(&[]).await;
    let url = format!("http://{address}/");
    let basic = client(LONG).with_basic("Aladdin", "open sesame");
    let bearer = client(LONG).with_bearer("abc").unwrap();
    for client in [&basic, &bearer] {
        client.request(Method::GET, &url).send().await.unwrap();
        assert!(!format!("{client:?}").contains("abc"));
    }
    let heard = listener.heard.lock().unwrap();
    assert!(heard[0].contains("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    assert!(heard[1].contains("Bearer abc"));
    assert!(client(LONG).with_bearer("a\nb").is_err());
}

#[tokio::test]
async fn a_call_has_no_more_time_than_the_request_that_it_is_made_for() {
    let (listener, address) = listen(&[Act::Status(503), Act::Status(503), Act::Silence]).await;
    let client = client(LONG);
    let url = format!("http://{address}/hook");
    let current = Current {
        end: Some(Instant::now() + Duration::from_millis(300)),
        attempt: 1,
    };
    let mut call = pin!(client.request(Method::POST, &url).send());
    let answer = poll_fn(|cx| during(current, || call.as_mut().poll(cx))).await;
    assert!(matches!(answer, Err(CallError::TimedOut(_))), "{answer:?}");
    let error = ApiError::from(answer.expect_err("it was late"));
    assert_eq!(error.status_code(), StatusCode::GATEWAY_TIMEOUT);
    let said = listener.patience.lock().unwrap().clone();
    let attempts: Vec<_> = said.iter().map(|(_, attempt)| *attempt).collect();
    assert_eq!(attempts, [None, Some(2), Some(3)]);
    assert!(
        said.iter().all(|(ms, _)| ms.is_some_and(|ms| ms <= 300)),
        "{said:?}"
    );

    // On its own it has what the client gives it.
    let answer = client.request(Method::POST, &url).send().await;
    assert_eq!(answer.unwrap().status(), 204);
    let said = *listener.patience.lock().unwrap().last().unwrap();
    assert_eq!(said, (Some(30_000), None));
}

#[tokio::test]
async fn an_answer_that_asks_for_time_is_an_error_that_does() {
    let (_, address) = listen(&[Act::Busy(3600)]).await;
    let url = format!("http://{address}/hook");
    let answer = client(LONG)
        .request(Method::PUT, &url)
        .send()
        .await
        .unwrap();
    let error = ApiError::from(answer.undeclared());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
}

#[tokio::test]
async fn a_date_is_waited_for_as_seconds_are() {
    let dates = [Act::BusyUntil(-3600), Act::BusyUntil(3600)];
    let (listener, address) = listen(&dates).await;
    let url = format!("http://{address}/hook");
    // The first one is over. The other is later than the retry waits.
    let answer = client(LONG)
        .request(Method::PUT, &url)
        .send()
        .await
        .unwrap();
    let asked = answer.retry_after().unwrap();
    assert!((3598..=3600).contains(&asked.as_secs()), "{asked:?}");
    assert_eq!(listener.heard.lock().unwrap().len(), 2);
}
