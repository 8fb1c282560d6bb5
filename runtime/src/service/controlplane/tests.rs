use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower_service::Service;

use super::*;
use crate::service::FailsafeController;
use crate::service::testing::{Answer, request, send};
use crate::{
    BulkheadConfig, CircuitBreakerConfig, FailFastConfig, FallbackConfig, FeatureToggleConfig,
    Patterns, RateLimitConfig, RetryConfig, TimeoutConfig,
};

const TOKEN: &str = "s3cr3t";

fn patterns() -> Arc<Patterns> {
    let patterns = Patterns::new();
    patterns
        .rate_limit("list", RateLimitConfig::default())
        .unwrap();
    patterns
        .circuit_breaker("repos/get all", CircuitBreakerConfig::default())
        .unwrap();
    patterns
        .fail_fast("list", FailFastConfig::default())
        .unwrap();
    patterns
        .feature_toggle("list", FeatureToggleConfig::default())
        .unwrap();
    patterns.timeout("list", TimeoutConfig::default()).unwrap();
    Arc::new(patterns)
}

fn service(patterns: &Arc<Patterns>, token: Option<&str>) -> Router {
    let plane = ControlPlane::at("/failsafe").with_token(token.map(AdminToken::new));
    FailsafeController::new(Router::new(), "shop")
        .with_patterns(Arc::clone(patterns))
        .with_controlplane(plane)
        .into_router()
}

async fn ask(service: &Router, method: Method, path: &str, body: impl Into<Body>) -> Answer {
    let token = format!("Bearer {TOKEN}");
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
    ];
    let path = format!("/failsafe/{path}");
    send(service, request(method, &path, &headers, body)).await
}

async fn get(service: &Router, path: &str) -> Answer {
    ask(service, Method::GET, path, "").await
}

async fn put(service: &Router, path: &str, body: Value) -> Answer {
    ask(service, Method::PUT, path, body.to_string()).await
}

#[tokio::test]
async fn a_change_takes_effect_and_is_told() {
    let patterns = patterns();
    let service = service(&patterns, Some(TOKEN));
    let change = json!({ "max_executions": 50, "per_time_secs": "1s" });
    let answer = put(&service, "config/ratelimit/list", change).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.json()["changed"],
        json!({
            "max_executions": { "from": 100, "to": 50 },
            "per_time_secs": { "from": 60.0, "to": 1.0 },
        })
    );
    let limit = patterns.get(crate::registry::PatternKind::RateLimit, "list");
    assert_eq!(limit.unwrap().config_json()["max_executions"], 50);

    let config = get(&service, "config/ratelimit/list").await.json();
    assert_eq!(config["max_executions"], 50);
    assert_eq!(config["cost"], 1);
    let all = get(&service, "config").await.json();
    assert_eq!(all["ratelimit"]["list"], config);

    let listed = get(&service, "patterns").await.json();
    let listed = listed["patterns"].as_array().unwrap();
    let limit = listed.iter().find(|it| it["type"] == "ratelimit").unwrap();
    assert_eq!(
        limit["overridden"],
        json!({ "max_executions": "live", "per_time_secs": "live" })
    );

    let back = ask(&service, Method::DELETE, "config/ratelimit/list", "").await;
    assert_eq!(back.json()["config"]["max_executions"], 100);
}

#[tokio::test]
async fn what_does_not_fit_changes_nothing_and_is_told_whole() {
    let patterns = patterns();
    let service = service(&patterns, Some(TOKEN));
    let wrong = json!({ "max_execution": 50, "cost": "two", "bucket_size": 7 });
    let answer = put(&service, "config/ratelimit/list", wrong).await;
    assert_eq!(answer.status, 422);
    assert_eq!(
        answer.violations(),
        [
            "body /cost type",
            "body /max_execution additionalProperties"
        ]
    );
    assert!(answer.text.contains("did you mean max_executions?"));
    let answer = put(&service, "config/ratelimit/list", json!({ "cost": 101 })).await;
    assert_eq!(answer.violations(), ["body /cost range"]);
    let config = get(&service, "config/ratelimit/list").await.json();
    assert_eq!(config["bucket_size"], Value::Null);

    for (body, status) in [("[]", 422), ("{", 400), ("", 400), ("null", 422)] {
        let answer = ask(&service, Method::PUT, "config/ratelimit/list", body).await;
        assert_eq!(answer.status, status, "{body}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn what_is_compiled_in_is_refused_and_it_is_said_what_to_do() {
    let patterns = patterns();
    patterns.retry("list", RetryConfig::default()).unwrap();
    let fallback = FallbackConfig::default();
    patterns.fallback("list", fallback).unwrap();
    let service = service(&patterns, Some(TOKEN));
    for (kind, change, key, words) in [
        (
            "retry",
            json!({ "budget": { "ratio": 0.1 }, "attempts": 5 }),
            "budget",
            "all retries of the service share it; change it in the document",
        ),
        (
            "fallback",
            json!({ "status": 200 }),
            "status",
            "generate again",
        ),
        ("fallback", json!({ "body": {} }), "body", "generate again"),
        (
            "ratelimit",
            json!({ "backend": "redis" }),
            "backend",
            "generate again",
        ),
    ] {
        let answer = put(&service, &format!("config/{kind}/list"), change).await;
        assert_eq!(answer.status, 422, "{answer:?}");
        assert_eq!(answer.violations(), [format!("body /{key} readOnly")]);
        assert!(answer.text.contains(words), "{}", answer.text);
    }
    let retry = get(&service, "config/retry/list").await.json();
    assert_eq!(retry["attempts"], 3, "all or nothing");
}

#[tokio::test]
async fn who_is_not_there_is_told_who_was_meant() {
    let patterns = patterns();
    let service = service(&patterns, Some(TOKEN));
    for (path, meant) in [
        ("config/rate_limit/list", "did you mean ratelimit?"),
        ("config/ratelimit/lists", "did you mean list?"),
        ("metrics/retry/list", "no retry is called"),
        ("control/timeout/list/open", "takes enable, disable, reset"),
    ] {
        let method = match path.starts_with("control") {
            true => Method::POST,
            false => Method::GET,
        };
        let answer = ask(&service, method, path, "").await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text.contains(meant), "{}", answer.text);
    }
}

#[tokio::test]
async fn patterns_are_switched_and_set() {
    let patterns = patterns();
    let service = service(&patterns, Some(TOKEN));
    let circuit = "control/circuitbreaker/repos%2Fget%20all";
    for (command, state) in [
        ("open", "open"),
        ("close", "closed"),
        ("open", "open"),
        ("reset", "closed"),
    ] {
        let path = format!("{circuit}/{command}");
        let answer = ask(&service, Method::POST, &path, "").await;
        assert_eq!(answer.json()["state"], state, "{command}");
    }
    let config = get(&service, "config/circuitbreaker/repos%2Fget%20all").await;
    assert_eq!(config.json()["mode"], "enforce");

    for (command, state) in [("open", "open"), ("close", "closed")] {
        let path = format!("control/failfast/list/{command}");
        let answer = ask(&service, Method::POST, &path, "").await;
        assert_eq!(answer.json()["state"], state, "{command}");
    }
    for kind in ["ratelimit", "timeout", "featuretoggle"] {
        for (command, on) in [("disable", false), ("enable", true)] {
            let path = format!("control/{kind}/list/{command}");
            let answer = ask(&service, Method::POST, &path, "").await;
            assert_eq!(answer.json()["config"]["enabled"], on, "{kind} {command}");
        }
    }
}

#[tokio::test]
async fn counts_are_read_and_forgotten() {
    let patterns = patterns();
    let limit = patterns
        .rate_limit("list", RateLimitConfig::default())
        .unwrap();
    limit.acquire(None).unwrap();
    let service = service(&patterns, Some(TOKEN));
    let path = "metrics/ratelimit/list";
    let counted = |answer: &Answer| answer.json()["counters"]["tokens_consumed"].clone();
    assert_eq!(counted(&get(&service, path).await), 1);
    let all = get(&service, "metrics").await.json();
    assert_eq!(all["patterns"].as_array().map(Vec::len), Some(5));
    assert_eq!(ask(&service, Method::DELETE, path, "").await.status, 204);
    assert_eq!(counted(&get(&service, path).await), 0);
}

#[tokio::test]
async fn a_service_in_trouble_says_so() {
    let patterns = patterns();
    let service = service(&patterns, Some(TOKEN));
    let status = async || get(&service, "health").await.json()["status"].clone();
    assert_eq!(status().await, "healthy");
    ask(&service, Method::POST, "control/failfast/list/open", "").await;
    assert_eq!(status().await, "degraded");
    let health = get(&service, "health").await.json();
    assert_eq!(
        health["patterns"]["troubled"],
        json!([{ "type": "failfast", "name": "list", "state": "open" }])
    );
    assert_eq!(get(&service, "liveness").await.json()["status"], "alive");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_unread() {
    let patterns = patterns();
    let service = service(&patterns, Some(TOKEN));
    // It is announced, and nobody waits for a byte of it.
    let mut endless = request(
        Method::PUT,
        "/failsafe/config/ratelimit/list",
        &[
            ("authorization", "Bearer s3cr3t"),
            ("content-type", "application/json"),
            ("content-length", "100000000"),
        ],
        "",
    );
    *endless.body_mut() = Body::from_stream(Never);
    assert_eq!(send(&service, endless).await.status, 413);
    // It is not announced.
    let long = " ".repeat(70_000);
    let answer = ask(&service, Method::PUT, "config/ratelimit/list", long).await;
    assert_eq!(answer.status, 413);
}

/// A body of which nothing ever comes.
struct Never;

impl futures_core::Stream for Never {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_is_given_up() {
    let patterns = patterns();
    let service = service(&patterns, Some(TOKEN));
    let body = Body::from_stream(Never);
    let answer = ask(&service, Method::PUT, "config/ratelimit/list", body).await;
    assert_eq!(answer.status, 408);
}

#[tokio::test]
async fn without_a_token_it_is_read_from_here_alone() {
    let patterns = patterns();
    let service = service(&patterns, None);
    let from = |method: Method, address: [u8; 4]| {
        let mut request = request(method, "/failsafe/config/timeout/list", &[], "{}");
        let address = SocketAddr::from((address, 9));
        request.extensions_mut().insert(ConnectInfo(address));
        request
    };
    for (method, address, status) in [
        (Method::GET, [127, 0, 0, 1], 200),
        (Method::PUT, [127, 0, 0, 1], 403),
        (Method::GET, [192, 0, 2, 1], 403),
    ] {
        let answer = send(&service, from(method, address)).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    // Who asks is not known.
    let answer = send(&service, request(Method::GET, "/failsafe/health", &[], "")).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn with_a_token_nobody_gets_in_without_it() {
    let patterns = patterns();
    let service = service(&patterns, Some(TOKEN));
    for path in ["/failsafe", "/failsafe/health", "/failsafe/no/such/path"] {
        let answer = send(&service, request(Method::GET, path, &[], "")).await;
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    // What only begins alike is not its.
    let other = request(Method::GET, "/failsafely", &[], "");
    assert_eq!(send(&service, other).await.status, 404);
}

#[tokio::test]
async fn events_are_streamed_and_what_was_missed_is_counted() {
    let patterns = Arc::new(Patterns::new());
    let config = BulkheadConfig {
        max_concurrent: 1,
        ..BulkheadConfig::default()
    };
    let bulkhead = patterns.bulkhead("list", config).unwrap();
    let mut service = service(&patterns, Some(TOKEN));
    let headers = [("authorization", "Bearer s3cr3t")];
    let asked: Request<Body> = request(Method::GET, "/failsafe/events", &headers, "");
    let answer = service.call(asked).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut body = answer.into_body();

    let held = bulkhead.try_acquire().unwrap();
    assert!(bulkhead.try_acquire().is_err());
    let event = next(&mut body).await;
    assert!(event.starts_with("event: rejected\n"), "{event}");
    assert!(
        event.contains(r#""name":"list""#) && event.contains(r#""type":"bulkhead""#),
        "{event}"
    );

    // Nobody reads for long.
    for _ in 0..3000 {
        let _ = bulkhead.try_acquire();
    }
    drop(held);
    let mut read = 0;
    let missed = loop {
        let event = next(&mut body).await;
        if let Some(lag) = event.strip_prefix("event: lagged\ndata: ") {
            let lag: Value = serde_json::from_str(lag.trim()).unwrap();
            break lag["missed"].as_u64().unwrap();
        }
        read += 1;
        assert!(read < 3000, "nothing was missed");
    };
    assert!(missed > 1000, "{missed}");
}

async fn next(body: &mut Body) -> String {
    let frame = body.frame().await.unwrap().unwrap();
    String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn readers_of_events_are_few() {
    let patterns = patterns();
    let service = service(&patterns, Some(TOKEN));
    let open = async || {
        let headers = [("authorization", "Bearer s3cr3t")];
        let asked = request(Method::GET, "/failsafe/events", &headers, "");
        service.clone().call(asked).await.unwrap()
    };
    let mut streams = Vec::new();
    for _ in 0..MAX_STREAMS {
        streams.push(open().await);
    }
    assert_eq!(open().await.status(), 503);
    streams.pop();
    // Paused time goes on once the task that fed it has heard of it.
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(open().await.status(), 200);
}

#[tokio::test]
async fn the_document_lists_every_path() {
    let patterns = patterns();
    let service = service(&patterns, Some(TOKEN));
    let document = get(&service, "openapi.json").await.json();
    assert_eq!(document["servers"][0]["url"], "/failsafe");
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path
            .replace("{type}", "featuretoggle")
            .replace("{name}", "list")
            .replace("{command}", "reset");
        for method in ["get", "put", "post", "delete"] {
            let Some(operation) = item.get(method) else {
                continue;
            };
            operations += 1;
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let asked = request(
                method,
                &format!("/failsafe{path}"),
                &[("authorization", "Bearer s3cr3t")],
                "{}",
            );
            let status = service.clone().call(asked).await.unwrap().status();
            assert!(status.is_success(), "{operation}: {status}");
            assert!(operation["responses"].get(status.as_str()).is_some());
        }
    }
    assert_eq!(operations, 13);
}
