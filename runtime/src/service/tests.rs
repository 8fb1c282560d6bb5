//! Whole requests against a router, as a generated service would build it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use bytes::Bytes;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::call::Call;
use super::client::ClientKey;
use super::operation::Operation;
use super::routes::{Prepared, Routes};
use super::stack::PolicyStack;
use super::testing::{Answer, get, request, send};
use super::{ApiError, Handler, Place, When, answer};
use crate::schema::{Number, Schema};
use crate::{Patterns, RateLimitConfig, RetryAfterStrategy};

#[derive(Debug, Default)]
struct App {
    handled: AtomicU32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Item {
    name: String,
    count: i64,
}

static ITEM: Schema = Schema {
    properties: &[
        (
            "name",
            &Schema {
                min_length: Some(1),
                ..Schema::STRING
            },
        ),
        (
            "count",
            &Schema {
                minimum: Some(Number::Int(0)),
                ..Schema::INTEGER
            },
        ),
    ],
    required: &["name", "count"],
    ..Schema::OBJECT
};
static TYPED_ITEM: Schema = Schema {
    typed: true,
    ..ITEM
};
static ID: Schema = Schema {
    typed: true,
    ..Schema::INTEGER
};

static LIST: Operation = Operation::new("list", Method::GET, "/items");
static CREATE: Operation = Operation::new("create", Method::POST, "/items")
    .consumes(&["application/json"])
    .produces(&["application/json"]);
static PATCH: Operation = Operation::new("patch", Method::PATCH, "/items/{id}");
static DELETE: Operation = Operation::new("delete", Method::DELETE, "/items/{itemId}");

fn list(app: Arc<App>, _: &mut Call) -> Option<Prepared> {
    Handler::new(app, |ctx, app| {
        Box::pin(async move {
            app.handled.fetch_add(1, Ordering::Relaxed);
            Ok(answer::json(
                StatusCode::OK,
                &json!({ "client": ctx.client_id() }),
            ))
        })
    })
    .prepared()
}

fn create(app: Arc<App>, call: &mut Call) -> Option<Prepared> {
    let dry_run = call.query("dryRun").optional::<bool>(&Schema::BOOLEAN);
    let item = call.json::<Item>(&ITEM);
    let (Some(_), Some(item)) = (dry_run, item) else {
        return None;
    };
    Handler::new((app, item), |_, (app, item)| {
        Box::pin(async move {
            app.handled.fetch_add(1, Ordering::Relaxed);
            Ok(answer::json(StatusCode::CREATED, &item))
        })
    })
    .prepared()
}

async fn patch(_: Arc<App>, mut call: Call) -> Response {
    let id = call.path("id").required::<i64>(&ID);
    let item = call.whole().await.optional_json::<Item>(&TYPED_ITEM);
    let (Some(id), Some(item)) = (id, item) else {
        return call.reject();
    };
    call.respond(&mut Handler::new((id, item), |_, (id, item)| {
        Box::pin(async move {
            Ok(answer::json(
                StatusCode::OK,
                &json!({ "id": id, "item": item }),
            ))
        })
    }))
    .await
}

fn delete(_: Arc<App>, call: &mut Call) -> Option<Prepared> {
    let id = call.path("itemId").required::<i64>(&ID)?;
    Handler::new(id, |ctx, _| {
        Box::pin(async move { Err::<Response, _>(ApiError::not_implemented(ctx.operation())) })
    })
    .prepared()
}

fn router(app: &Arc<App>, list_policies: PolicyStack) -> Router {
    Routes::new(Arc::clone(app))
        .route(&LIST, list_policies, list)
        .route(&CREATE, PolicyStack::new(), create)
        .streamed(&PATCH, PolicyStack::new(), |app, call| {
            Box::pin(patch(app, call))
        })
        .route(&DELETE, PolicyStack::new(), delete)
        .into_router()
}

fn service() -> Router {
    router(&Arc::default(), PolicyStack::new())
}

const JSON: (&str, &str) = ("content-type", "application/json");

async fn post(headers: &[(&str, &str)], body: impl Into<axum::body::Body>) -> Answer {
    send(&service(), request(Method::POST, "/items", headers, body)).await
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let answer = get(&service(), "/nothing").await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["status"].as_u64()),
        (404, Some(404))
    );
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let answer = send(&service(), request(Method::PUT, "/items", &[], "")).await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS, POST");
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let answer = send(&service(), request(Method::HEAD, "/items", &[], "")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn operations_of_one_path_may_name_its_parameters_differently() {
    let answer = send(&service(), request(Method::PATCH, "/items/7", &[], "")).await;
    assert_eq!(answer.json(), json!({ "id": 7, "item": null }));
    let answer = send(&service(), request(Method::DELETE, "/items/7", &[], "")).await;
    assert_eq!(answer.status, 501);
    assert_eq!(answer.json()["operation"], "delete");
    let answer = send(&service(), request(Method::DELETE, "/items/x", &[], "")).await;
    assert_eq!(answer.violations(), ["path itemId type"]);
}

#[tokio::test]
async fn a_body_that_fits_reaches_the_handler() {
    for content_type in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/vnd.item+json",
    ] {
        let answer = post(
            &[("content-type", content_type)],
            r#"{"name":"a","count":1}"#,
        )
        .await;
        assert_eq!(answer.status, 201, "{content_type} {answer:?}");
        assert_eq!(answer.json(), json!({ "name": "a", "count": 1 }));
    }
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused() {
    for headers in [
        &[("content-type", "text/plain")][..],
        &[("content-type", "application/json5")],
        &[],
    ] {
        let answer = post(headers, r#"{"name":"a","count":1}"#).await;
        assert_eq!(answer.status, 415, "{headers:?}");
        assert_eq!(answer.violations(), ["body  contentType"]);
    }
}

/// A body of which nothing ever comes.
struct Never;

impl futures_core::Stream for Never {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_is_waited_for_where_one_is_taken() {
    let endless = |method, headers| {
        let body = axum::body::Body::from_stream(Never);
        request(method, "/items", headers, body)
    };
    let began = Instant::now();
    let answer = send(&service(), endless(Method::GET, &[JSON])).await;
    assert_eq!(
        (answer.status.as_u16(), began.elapsed()),
        (200, Duration::ZERO)
    );
    let text: &[_] = &[("content-type", "text/plain")];
    let answer = send(&service(), endless(Method::POST, text)).await;
    assert_eq!(
        (answer.status.as_u16(), began.elapsed()),
        (415, Duration::ZERO)
    );
    let answer = send(&service(), endless(Method::POST, &[JSON])).await;
    assert_eq!(
        (answer.status.as_u16(), answer.violations()),
        (408, vec!["body  readTimeout".to_owned()])
    );
    assert_eq!(began.elapsed().as_secs(), 60);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_a_bad_request() {
    for (body, rule) in [
        ("", "required"),
        ("{", "json"),
        ("not json", "json"),
        ("{} {}", "json"),
    ] {
        let answer = post(&[JSON], body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.violations(), [format!("body  {rule}")], "{body}");
    }
    // Deeper than anybody needs, and no reason to fall over.
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(post(&[JSON], deep).await.status, 400);
}

#[tokio::test]
async fn every_violation_is_listed_with_those_of_other_places() {
    let wrong = request(
        Method::POST,
        "/items?dryRun=maybe",
        &[JSON],
        r#"{"name":"","count":-1}"#,
    );
    let answer = send(&service(), wrong).await;
    // What cannot be read outweighs what can.
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.violations(),
        [
            "query dryRun type",
            "body /name minLength",
            "body /count minimum"
        ]
    );
    for body in [r#"{"name":"","count":-1}"#, r#"{"name":1}"#, "[]", "null"] {
        assert_eq!(post(&[JSON], body).await.status, 422, "{body}");
    }
}

#[tokio::test]
async fn where_the_type_checks_all_the_schema_only_explains() {
    let patch = |body: &'static str| async move {
        send(
            &service(),
            request(Method::PATCH, "/items/1", &[JSON], body),
        )
        .await
    };
    assert_eq!(patch(r#"{"name":"a","count":1}"#).await.status, 200);
    let answer = patch(r#"{"name":1}"#).await;
    assert_eq!(answer.status, 422);
    assert_eq!(
        answer.violations(),
        ["body /count required", "body /name type"]
    );
    // The schema has nothing against it, serde has.
    let answer = patch(r#"{"name":"a","count":18446744073709551615}"#).await;
    assert_eq!(
        (answer.status.as_u16(), answer.violations()),
        (422, vec!["body  type".to_owned()])
    );
    assert_eq!(patch("").await.status, 200);
    let no_body = request(
        Method::PATCH,
        "/items/1",
        &[("content-type", "text/plain")],
        "",
    );
    assert_eq!(send(&service(), no_body).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let large = format!(r#"{{"name":"{}","count":1}}"#, "a".repeat(3 << 20));
    let announced = large.len().to_string();
    let answer = post(&[JSON, ("content-length", &announced)], large.clone()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.violations()),
        (413, vec!["body  maxBytes".to_owned()])
    );
    assert_eq!(post(&[JSON], large).await.status, 413);
}

#[tokio::test]
async fn an_answer_that_nobody_wants_is_not_made() {
    let body = r#"{"name":"a","count":1}"#;
    let answer = post(&[JSON, ("accept", "text/html")], body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.violations()),
        (406, vec!["header accept accept".into()])
    );
    assert_eq!(
        post(&[JSON, ("accept", "text/html, */*;q=0.1")], body)
            .await
            .status,
        201
    );
}

fn limited(patterns: &Patterns) -> PolicyStack {
    let config = RateLimitConfig {
        max_executions: 5,
        bucket_size: Some(5),
        retry_after_strategy: RetryAfterStrategy::Fixed,
        ..RateLimitConfig::default()
    };
    PolicyStack::new().rate_limit(patterns.rate_limit("list", config).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_passes_what_it_can_and_tells_the_others_when_to_come_back() {
    let app = Arc::<App>::default();
    let patterns = Patterns::new();
    let router = router(&app, limited(&patterns));
    for remaining in ["4", "3", "2", "1", "0"] {
        let answer = get(&router, "/items").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-limit"), "5");
        assert_eq!(answer.header("ratelimit-remaining"), remaining);
        assert_eq!(answer.header("ratelimit-policy"), r#""list";q=5;w=60"#);
        let standing = answer.header("ratelimit");
        assert!(
            standing.starts_with(&format!(r#""list";r={remaining};t="#)),
            "{standing}"
        );
        assert_eq!(answer.header("x-backpressure"), "0.0");
        assert_eq!(answer.header("x-client-id"), "unknown");
    }
    let answer = get(&router, "/items").await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), "12");
    assert_eq!(answer.header("x-ratelimit-retry-after-ms"), "12000");
    assert_eq!(answer.header("ratelimit-policy"), r#""list";q=5;w=60"#);
    assert_eq!(answer.header("ratelimit"), r#""list";r=0;t=12"#);
    assert_eq!(answer.header("x-client-id"), "unknown");
    assert_eq!(answer.header("content-type"), "application/json");
    answer.header("x-backpressure");
    assert_eq!(
        answer.json(),
        json!({
            "error": "rate_limit_exceeded",
            "message": "Rate limit exceeded. Retry after 12000ms",
            "retry_after_seconds": 12.0,
            "retry_after_ms": 12000,
            "client_id": "unknown",
        })
    );
    assert_eq!(app.handled.load(Ordering::Relaxed), 5);
    tokio::time::sleep(Duration::from_secs(12)).await;
    assert_eq!(get(&router, "/items").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn named_clients_have_buckets_of_their_own() {
    let patterns = Patterns::new();
    let config = RateLimitConfig {
        max_executions: 1,
        enable_per_client_tracking: true,
        ..RateLimitConfig::default()
    };
    let stack = PolicyStack::new()
        .rate_limit(patterns.rate_limit("list", config).unwrap())
        .client_keys(&[ClientKey::XClientId]);
    let router = router(&Arc::default(), stack);
    let as_client = |name| {
        let router = router.clone();
        async move {
            send(
                &router,
                request(Method::GET, "/items", &[("x-client-id", name)], ""),
            )
            .await
        }
    };
    let answer = as_client("a").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("x-client-id")),
        (200, "a")
    );
    assert_eq!(answer.json()["client"], "a");
    assert_eq!(as_client("a").await.status, 429);
    assert_eq!(as_client("b").await.status, 200);
}

#[tokio::test]
async fn a_request_that_does_not_fit_spends_a_token() {
    let patterns = Patterns::new();
    let routes = Routes::new(Arc::<App>::default());
    let router = routes
        .route(&CREATE, limited(&patterns), create)
        .into_router();
    for _ in 0..5 {
        let answer = send(&router, request(Method::POST, "/items", &[JSON], "{")).await;
        assert_eq!(answer.status, 400);
        // Only a 2xx says what is left.
        assert!(!answer.headers.contains_key("ratelimit-remaining"));
    }
    assert_eq!(
        send(&router, request(Method::POST, "/items", &[JSON], "{"))
            .await
            .status,
        429
    );
}

/// The operations of `/things`, told apart by what requests bring.
static BY_FLAG: Operation = Operation::new("byFlag", Method::GET, "/things#flag")
    .matching("/things")
    .when(&[When::Has(Place::Query, "flag")]);
static BY_VALUE: Operation = Operation::new("byValue", Method::GET, "/things?kind=a")
    .matching("/things")
    .when(&[When::Is(Place::Query, "kind", "a b")]);
static PLAIN: Operation = Operation::new("plain", Method::GET, "/things");
static BY_NUMBER: Operation = Operation::new("byNumber", Method::GET, "/things/{number}")
    .when(&[When::Fits(Place::Path, "number", &Schema::INTEGER)]);
static BY_NAME: Operation = Operation::new("byName", Method::GET, "/things/{name}");
static CAT: Operation =
    Operation::new("cat", Method::POST, "/things").when(&[When::Body(&Schema {
        required: &["lives"],
        ..Schema::OBJECT
    })]);
static DOG: Operation =
    Operation::new("dog", Method::POST, "/things").when(&[When::Body(&Schema {
        required: &["tricks"],
        ..Schema::OBJECT
    })]);

fn told_apart() -> Router {
    let all = [
        &PLAIN, &BY_FLAG, &BY_VALUE, &BY_NAME, &BY_NUMBER, &CAT, &DOG,
    ];
    all.into_iter()
        .fold(Routes::new(Arc::<App>::default()), |routes, operation| {
            routes.streamed(operation, PolicyStack::new(), |_, mut call| {
                Box::pin(async move {
                    let id = call.context().operation().id;
                    let body = match call.context().operation().method {
                        Method::POST => call.whole().await.json::<Value>(&Schema::ANY),
                        _ => None,
                    };
                    answer::json(StatusCode::OK, &json!({ "id": id, "body": body }))
                })
            })
        })
        .into_router()
}

#[tokio::test]
async fn operations_with_one_route_are_told_apart_by_what_requests_bring() {
    let service = told_apart();
    for (uri, id) in [
        ("/things", "plain"),
        ("/things?flag", "byFlag"),
        ("/things?kind=a+b", "byValue"),
        ("/things?kind=c", "plain"),
        // The exact one wins.
        ("/things?flag&kind=a%20b", "byValue"),
        ("/things/7", "byNumber"),
        ("/things/seven", "byName"),
    ] {
        assert_eq!(get(&service, uri).await.json()["id"], id, "{uri}");
    }
    for (body, id) in [
        (r#"{"lives":9}"#, "cat"),
        (r#"{"tricks":3}"#, "dog"),
        // Nothing fits: the first one says why.
        (r#"{}"#, "cat"),
    ] {
        let answer = send(&service, request(Method::POST, "/things", &[JSON], body)).await;
        assert_eq!(answer.json()["id"], id, "{body}");
        // The body is there for the one that was chosen.
        assert_eq!(answer.json()["body"].to_string(), body);
    }
    let long = format!("\"{}\"", "x".repeat(3 << 20));
    let answer = send(&service, request(Method::POST, "/things", &[JSON], long)).await;
    assert_eq!(answer.status, 413);
}
