//! Services that call each other over HTTP, in front of one that is down: all of their retries
//! together are the share of one budget.
#![cfg(all(feature = "service", feature = "client", feature = "tower"))]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use failsafe_runtime::client::{Answer, CallError, Client};
use failsafe_runtime::service::{ApiError, PolicyStack, Protect, StatusCode};
use failsafe_runtime::{BudgetConfig, Jitter, Retry, RetryBudget, RetryConfig};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::net::TcpListener;

const CALLS: u32 = 200;

/// Where a service retries.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Retries {
    Nowhere,
    /// Around its handler.
    Around,
    /// In the client that its handler calls the next one by.
    InClient,
    /// Both.
    Both,
}

/// What a service's handler makes of a failure below.
#[derive(Clone, Copy, Debug)]
enum Says {
    /// The error as it came.
    TheSame,
    /// Words of its own, from which nobody learns what was tried.
    ItsOwn,
}

fn retry(attempts: u32) -> Arc<Retry> {
    let config = RetryConfig {
        attempts,
        delay: Duration::ZERO,
        jitter: Jitter::None,
        ..RetryConfig::default()
    };
    let budget = BudgetConfig {
        ratio: 0.2,
        min_per_second: 0,
    };
    let budget = Arc::new(RetryBudget::new(budget).expect("in range"));
    Arc::new(Retry::with_budget("chain", config, budget).expect("in range"))
}

async fn serve(app: Router) -> String {
    let socket = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address: SocketAddr = socket.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(socket, app).await });
    format!("http://{address}/")
}

/// One that answers every call alike, and how many there were.
async fn answering(status: StatusCode) -> (String, Arc<AtomicU32>) {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let app = Router::new().route(
        "/",
        get(move || async move {
            counted.fetch_add(1, Relaxed);
            status
        }),
    );
    (serve(app).await, calls)
}

/// One that asks the next.
async fn between(next: String, retries: Retries, says: Says) -> String {
    let in_client = matches!(retries, Retries::InClient | Retries::Both);
    let client = Client::new().with_retry(retry(if in_client { 4 } else { 1 }));
    let handler = move || async move {
        let answer = client.request(Method::GET, &next).send().await;
        let error = match answer.map(Answer::undeclared) {
            Ok(error) | Err(error) => error,
        };
        match says {
            Says::TheSame => ApiError::from(error).into_response(),
            Says::ItsOwn => StatusCode::BAD_GATEWAY.into_response(),
        }
    };
    let around = matches!(retries, Retries::Around | Retries::Both);
    let stack = match around {
        true => PolicyStack::new().retry(retry(4)),
        false => PolicyStack::new(),
    };
    let app = Router::new().route("/", get(handler));
    serve(app.layer(Protect::by(stack))).await
}

async fn ask(client: &Client, url: &str) -> Result<Answer, CallError> {
    client.request(Method::GET, url).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_down_behind_two_services_sees_a_fifth_more_calls() {
    use Retries::{Around, Both, InClient, Nowhere};
    for says in [Says::TheSame, Says::ItsOwn] {
        for (outer, inner) in [
            (Around, Around),
            (Around, InClient),
            (InClient, Around),
            (InClient, InClient),
            (Both, Both),
            (Both, Nowhere),
            (Nowhere, Both),
        ] {
            let (bottom, calls) = answering(StatusCode::SERVICE_UNAVAILABLE).await;
            let inner_url = between(bottom, inner, says).await;
            let url = between(inner_url, outer, says).await;
            let client = Client::new().with_retry(retry(1));
            for _ in 0..CALLS {
                let answer = ask(&client, &url).await.expect("an answer");
                assert!(answer.status().is_server_error());
            }
            let calls = calls.load(Relaxed);
            let row = format!("{outer:?}, {inner:?}, {says:?}: {calls}");
            assert!(calls > CALLS * 11 / 10, "nothing is retried: {row}");
            assert!(calls <= CALLS * 12 / 10, "{row}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_a_caller_add_to_them_who_retries_as_well() {
    let (bottom, calls) = answering(StatusCode::SERVICE_UNAVAILABLE).await;
    let inner = between(bottom, Retries::Both, Says::ItsOwn).await;
    let url = between(inner, Retries::Both, Says::ItsOwn).await;
    let client = Client::new().with_retry(retry(4));
    for _ in 0..CALLS {
        ask(&client, &url).await.expect("an answer");
    }
    let calls = calls.load(Relaxed);
    assert!(calls <= CALLS * 12 / 10, "{calls}");
}

#[tokio::test]
async fn calls_to_a_host_that_is_up_pay_for_no_retries_at_one_that_is_down() {
    let (up, calls_up) = answering(StatusCode::OK).await;
    let (down, calls_down) = answering(StatusCode::SERVICE_UNAVAILABLE).await;
    let client = Client::new().with_retry(retry(4));
    for _ in 0..CALLS {
        ask(&client, &up).await.expect("an answer");
        ask(&client, &up).await.expect("an answer");
        ask(&client, &down).await.expect("an answer");
    }
    assert_eq!(calls_up.load(Relaxed), CALLS * 2);
    let calls = calls_down.load(Relaxed);
    assert!(calls > CALLS * 11 / 10, "nothing is retried: {calls}");
    assert!(calls <= CALLS * 12 / 10, "{calls}");
}

/// What each call said of attempts.
type Heard = Arc<Mutex<Vec<Option<String>>>>;

/// Notes what it was told of attempts.
async fn listening() -> (String, Heard) {
    let heard = Heard::default();
    let log = Arc::clone(&heard);
    let handler = move |headers: HeaderMap| async move {
        let attempt = headers.get("x-retry-attempt");
        let attempt = attempt.map(|it| it.to_str().expect("ASCII").to_owned());
        log.lock().expect("no panic").push(attempt);
        StatusCode::SERVICE_UNAVAILABLE
    };
    (serve(Router::new().route("/", get(handler))).await, heard)
}

#[tokio::test]
async fn a_retry_is_told_of_all_the_way_down_and_retried_by_nobody() {
    let (bottom, heard) = listening().await;
    let url = between(bottom, Retries::Both, Says::TheSame).await;
    let second = HeaderValue::from_static("2");
    let client = Client::new().with_retry(retry(1));
    let client = client.with_header(HeaderName::from_static("x-retry-attempt"), second);
    let answer = ask(&client, &url).await.expect("an answer");
    // The caller may try once more: nobody else has.
    assert_eq!(answer.headers().get("x-should-retry"), None);
    assert_eq!(*heard.lock().expect("no panic"), [Some("2".to_owned())]);
}

#[tokio::test]
async fn an_answer_says_whether_it_was_retried() {
    for (status, retries, says_no) in [
        (StatusCode::SERVICE_UNAVAILABLE, Retries::Around, true),
        (StatusCode::SERVICE_UNAVAILABLE, Retries::InClient, true),
        (StatusCode::SERVICE_UNAVAILABLE, Retries::Nowhere, false),
    ] {
        let (bottom, _) = answering(status).await;
        let url = between(bottom, retries, Says::ItsOwn).await;
        let client = Client::new().with_retry(retry(1));
        let answer = ask(&client, &url).await.expect("an answer");
        let said = answer.headers().get("x-should-retry");
        assert_eq!(said.is_some_and(|it| it == "false"), says_no, "{retries:?}");
    }
}
