use std::sync::Mutex;
use std::time::Duration;

use axum::Router;
use axum::routing::get as route_get;
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::*;
use crate::service::testing::{get, request, send};

fn router() -> Router {
    Router::new()
        .route("/ok", route_get(|| async { "ok" }))
        .route(
            "/panic",
            route_get(|| async { panic!("handler bug") as &str }),
        )
        .route(
            "/slow",
            route_get(|| async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                "slow"
            }),
        )
}

fn controller() -> FailsafeController {
    FailsafeController::new(router(), "test-service")
}

#[tokio::test]
async fn a_service_says_that_it_lives_and_is_ready() {
    let service = controller().into_router();
    for path in ["/livez", "/readyz"] {
        let answer = get(&service, path).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "ok"));
        let answer = send(&service, request(Method::POST, path, &[], "")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, "GET, HEAD")
        );
    }
}

#[tokio::test]
async fn own_paths_can_move() {
    let service = controller()
        .with_livez_at("/-/live")
        .with_readyz_at("/-/ready")
        .into_router();
    assert_eq!(get(&service, "/-/live").await.status, 200);
    assert_eq!(get(&service, "/-/ready").await.status, 200);
    assert_eq!(get(&service, "/livez").await.status, 404);
}

#[tokio::test]
async fn the_document_says_where_the_service_is() {
    let document = r#"{"openapi":"3.1.0","servers":[{"url":"/v1"}]}"#;
    for (base_path, url) in [(None, "/v1"), (Some("/v2/"), "/v2"), (Some("/"), "/")] {
        let service = controller()
            .with_base_path(base_path.map(str::to_owned))
            .with_openapi(document)
            .into_router();
        let answer = get(&service, "/openapi.json").await;
        assert_eq!(answer.json()["servers"][0]["url"], url);
    }
}

#[tokio::test]
async fn the_document_is_served_with_a_tag() {
    let service = controller()
        .with_openapi("{\"openapi\":\"3.1.0\"}")
        .into_router();
    let answer = get(&service, "/openapi.json").await;
    assert_eq!(answer.json()["openapi"], "3.1.0");
    assert_eq!(answer.header("content-type"), "application/json");
    let tag = answer.header("etag").to_owned();
    let known = [("if-none-match", tag.as_str())];
    let answer = send(&service, request(Method::GET, "/openapi.json", &known, "")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (304, ""));
    assert_eq!(
        get(&controller().into_router(), "/openapi.json")
            .await
            .status,
        404
    );
}

#[cfg(feature = "docs")]
#[tokio::test]
async fn the_page_names_files_that_are_there() {
    for (path, root) in [("/docs", "/"), ("/failsafe/docs", "/")] {
        let service = FailsafeController::new(router(), "<a \"service\">")
            .with_openapi("{}")
            .with_docs_at(path)
            .into_router();
        let page = get(&service, path).await;
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(
            page.header("content-security-policy")
                .starts_with("default-src 'none'")
        );
        assert!(
            page.text
                .contains("<title>&lt;a &quot;service&quot;&gt;</title>")
        );
        let folder = &path[..=path.rfind('/').unwrap()];
        let links: Vec<&str> = ["src=\"", "href=\"", "data-openapi=\""]
            .into_iter()
            .flat_map(|before| page.text.split(before).skip(1))
            .map(|behind| behind.split('"').next().unwrap())
            .collect();
        assert_eq!(links.len(), 6, "{links:?}");
        for link in links {
            let target = match link.strip_prefix("../").or(link.strip_prefix("./")) {
                Some(from_root) => format!("{root}{from_root}"),
                None => format!("{folder}{link}"),
            };
            let file = get(&service, &target).await;
            assert_eq!(file.status, 200, "{target}");
            let known = [("if-none-match", file.header("etag"))];
            let again = send(&service, request(Method::GET, &target, &known, "")).await;
            assert_eq!(again.status, 304, "{target}");
        }
    }
}

#[cfg(feature = "docs")]
#[tokio::test]
async fn the_page_takes_no_more_paths_than_its_own() {
    let service = controller().with_docs_at("/ok").into_router();
    assert_eq!(get(&service, "/okay").await.status, 404);
    assert_eq!(get(&service, "/ok/nothing.js").await.status, 404);
    let posted = send(&service, request(Method::POST, "/ok", &[], "")).await;
    assert_eq!(posted.status, 405);
    // Nobody asked for it.
    assert_eq!(get(&controller().into_router(), "/docs").await.status, 404);
}

#[tokio::test]
async fn every_answer_has_the_id_of_its_request() {
    let service = controller().into_router();
    let first = get(&service, "/ok").await.header("x-request-id").to_owned();
    assert!(crate::schema::Format::Uuid.fits_text(&first), "{first}");
    assert_ne!(first, get(&service, "/ok").await.header("x-request-id"));
    for path in ["/ok", "/livez", "/nothing", "/panic"] {
        let given = [("x-request-id", "abc-1")];
        let answer = send(&service, request(Method::GET, path, &given, "")).await;
        assert_eq!(answer.header("x-request-id"), "abc-1", "{path}");
    }
}

#[tokio::test]
async fn a_panic_anywhere_is_an_answer() {
    let answer = get(&controller().into_router(), "/panic").await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(!answer.text.contains("bug"), "{}", answer.text);
}

#[cfg(feature = "prometheus")]
#[tokio::test]
async fn metrics_are_served_when_they_are_asked_for() {
    let service = controller()
        .with_telemetry(Telemetry::Prometheus)
        .into_router();
    let answer = get(&service, "/metrics").await;
    assert_eq!(answer.text, "# EOF\n");
    assert!(
        answer
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    assert_eq!(
        get(&controller().into_router(), "/metrics").await.status,
        404
    );
}

/// A service on a real socket, and what tells it to end.
async fn start(
    controller: FailsafeController,
) -> (
    SocketAddr,
    oneshot::Sender<()>,
    tokio::task::JoinHandle<io::Result<()>>,
) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(controller.serve_until(listener, async {
        let _ = stopped.await;
    }));
    (address, stop, served)
}

async fn ask(stream: &mut TcpStream, path: &str, headers: &str) {
    let head = format!("GET {path} HTTP/1.1\r\nhost: test\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
}

/// Everything until the connection ends.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn requests_on_their_way_are_answered_and_nobody_else_is_let_in() {
    let (address, stop, served) = start(controller()).await;
    let mut slow = TcpStream::connect(address).await.unwrap();
    let mut idle = TcpStream::connect(address).await.unwrap();
    ask(&mut slow, "/slow", "").await;
    // The request has to be on its way, not on the wire.
    let mut other = TcpStream::connect(address).await.unwrap();
    ask(&mut other, "/ok", "connection: close\r\n").await;
    assert!(read_to_end(&mut other).await.starts_with("HTTP/1.1 200"));

    stop.send(()).unwrap();
    let answer = read_to_end(&mut slow).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("slow"),
        "{answer}"
    );
    assert_eq!(read_to_end(&mut idle).await, "");
    assert!(served.await.unwrap().is_ok());
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_cut_off_in_the_end() {
    let forever = Router::new().route("/", route_get(std::future::pending::<&'static str>));
    let controller = FailsafeController::new(forever, "test-service")
        .with_shutdown_timeout(Duration::from_millis(20));
    let (address, stop, served) = start(controller).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    ask(&mut stream, "/", "").await;
    let mut other = TcpStream::connect(address).await.unwrap();
    ask(&mut other, "/livez", "connection: close\r\n").await;
    read_to_end(&mut other).await;
    stop.send(()).unwrap();
    assert!(served.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_client_that_sends_no_head_is_dropped() {
    let controller = controller().with_header_read_timeout(Duration::from_millis(20));
    let (address, _stop, _served) = start(controller).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /ok HTTP/1.1\r\nhost: ")
        .await
        .unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn the_peer_is_who_connects_unless_proxies_are_trusted() {
    use crate::service::{
        Call, Handler, Method as M, Operation, PolicyStack, Response, Routes, StatusCode, json,
    };

    static WHO: Operation = Operation::new("who", M::GET, "/who");
    async fn who(call: Call) -> Response {
        call.respond(&mut Handler::new((), |ctx, ()| {
            Box::pin(async move { Ok(json(StatusCode::OK, ctx.client_id())) })
        }))
        .await
    }
    let router = || {
        Routes::new(Arc::new(()))
            .streamed(&WHO, PolicyStack::new(), |_, call| Box::pin(who(call)))
            .into_router()
    };
    for (hops, expected) in [
        (0, "\"127.0.0.1\""),
        (1, "\"203.0.113.9\""),
        (3, "\"127.0.0.1\""),
    ] {
        let controller = FailsafeController::new(router(), "test").with_trusted_hops(hops);
        let (address, _stop, _served) = start(controller).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let headers = "x-forwarded-for: 1.1.1.1, 203.0.113.9\r\nconnection: close\r\n";
        ask(&mut stream, "/who", headers).await;
        let answer = read_to_end(&mut stream).await;
        assert!(answer.ends_with(expected), "{hops}: {answer}");
    }
}

#[tokio::test]
async fn without_protection_nothing_is_refused() {
    use crate::RateLimitConfig;
    use crate::service::{
        Call, Handler, Method as M, Operation, PolicyStack, Response, Routes, StatusCode, empty,
    };

    static OPERATION: Operation = Operation::new("op", M::GET, "/");
    async fn work(call: Call) -> Response {
        call.respond(&mut Handler::new((), |_, ()| {
            Box::pin(async { Ok(empty(StatusCode::OK)) })
        }))
        .await
    }
    let statuses = |protection| async move {
        let config = RateLimitConfig {
            max_executions: 1,
            ..RateLimitConfig::default()
        };
        let limit = Patterns::new().rate_limit("op", config).unwrap();
        let router = Routes::new(Arc::new(()))
            .streamed(&OPERATION, PolicyStack::new().rate_limit(limit), |_, c| {
                Box::pin(work(c))
            })
            .into_router();
        let service = FailsafeController::new(router, "test")
            .with_protection(protection)
            .into_router();
        let first = get(&service, "/").await;
        assert_eq!(first.status, 200);
        get(&service, "/").await.status.as_u16()
    };
    assert_eq!(statuses(Protection::Ingress).await, 429);
    assert_eq!(statuses(Protection::Full).await, 429);
    assert_eq!(statuses(Protection::Egress).await, 200);
    assert_eq!(statuses(Protection::None).await, 200);
}

/// What is logged while this thread does something.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn a_success_has_a_line_in_the_log_only_when_asked_for() {
    use crate::service::{
        Call, Handler, Method as M, Operation, PolicyStack, Response, Routes, StatusCode, empty,
    };

    static OPERATION: Operation = Operation::new("readItem", M::GET, "/items");
    async fn work(call: Call) -> Response {
        call.respond(&mut Handler::new((), |_, ()| {
            Box::pin(async { Ok(empty(StatusCode::OK)) })
        }))
        .await
    }
    let router = Routes::new(Arc::new(()))
        .streamed(&OPERATION, PolicyStack::new(), |_, call| {
            Box::pin(work(call))
        })
        .into_router();
    for asked_for in [false, true] {
        let log = Log::default();
        let _guard = log.start();
        let service = FailsafeController::new(router.clone(), "test").with_request_log(asked_for);
        get(&service.into_router(), "/items?token=secret").await;
        let text = log.text();
        assert_eq!(!text.is_empty(), asked_for, "{text}");
        if asked_for {
            let line: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(line["fields"]["operation"], "readItem");
            assert_eq!(line["fields"]["path"], "/items");
            assert_eq!(line["fields"]["status"], 200);
            assert!(!text.contains("secret"), "{text}");
        }
    }
}

#[tokio::test]
async fn the_cause_of_a_failure_is_in_the_log_and_not_in_the_answer() {
    use crate::service::{
        ApiError, Call, Handler, Method as M, Operation, PolicyStack, Response, Routes,
    };

    static OPERATION: Operation = Operation::new("readItem", M::GET, "/");
    async fn fail(call: Call) -> Response {
        call.respond(&mut Handler::new((), |_, ()| {
            Box::pin(async { Err::<Response, _>(ApiError::internal("row 7 is corrupt")) })
        }))
        .await
    }
    let log = Log::default();
    let _guard = log.start();
    let router = Routes::new(Arc::new(()))
        .streamed(&OPERATION, PolicyStack::new(), |_, call| {
            Box::pin(fail(call))
        })
        .into_router();
    let service = FailsafeController::new(router, "test").into_router();
    let given = [("x-request-id", "abc-1")];
    let answer = send(&service, request(Method::GET, "/", &given, "")).await;
    assert_eq!(answer.status, 500);
    assert!(!answer.text.contains("row 7"), "{}", answer.text);
    let text = log.text();
    assert!(
        text.contains("row 7 is corrupt") && text.contains("abc-1"),
        "{text}"
    );
}
