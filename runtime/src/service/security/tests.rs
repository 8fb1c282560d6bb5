//! Secured operations, asked over a router: what is found, who is asked, what is answered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::response::Response;
use http::{Method, StatusCode};

use super::{AuthError, Credential, Identity, Login, Scheme, Secret};
use crate::service::answer::empty;
use crate::service::call::Call;
use crate::service::handler::Handler;
use crate::service::operation::Operation;
use crate::service::routes::{BoxFuture, Routes};
use crate::service::stack::PolicyStack;
use crate::service::testing::{Answer, request, send};

static KEY: Scheme = Scheme::api_key_in_header("key", "X-Key");
static TOKEN: Scheme = Scheme::bearer("token");
static LOGIN: Scheme = Scheme::basic("login");
static TLS: Scheme = Scheme::client_certificate("tls");
static NOWHERE: Scheme = Scheme::undeclared("nowhere");

/// Counts who was asked about what.
#[derive(Debug, Default)]
struct App {
    asked: Mutex<Vec<String>>,
    handled: AtomicUsize,
}

fn authenticate(app: Arc<App>, login: Login) -> BoxFuture<Result<Identity, AuthError>> {
    Box::pin(async move {
        let text = match &login.credential {
            Credential::ApiKey(it) => it.key.expose().to_owned(),
            Credential::Bearer(it) => it.token.expose().to_owned(),
            Credential::Basic(it) => format!("{}/{}", it.user, it.password.expose()),
            Credential::Authorization(it) => it.parameters.expose().to_owned(),
            Credential::ClientCertificate(it) => it.header("x-cert").unwrap_or("").to_owned(),
        };
        app.asked
            .lock()
            .unwrap()
            .push(format!("{} {text}", login.scheme));
        match text.as_str() {
            "known" if login.scopes.contains(&"admin") => Err(AuthError::Forbidden),
            "known" => Ok(Identity::new(text)),
            "down" => Err(std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into()),
            _ => Err(AuthError::Unauthorized),
        }
    })
}

async fn handle(app: Arc<App>, call: Call) -> Response {
    call.respond(&mut Handler::new(app, |ctx, app| {
        Box::pin(async move {
            app.handled.fetch_add(1, Ordering::Relaxed);
            let name = ctx.identity::<String>().map_or("nobody", String::as_str);
            assert!(ctx.identity::<u32>().is_none());
            let mut response = empty(StatusCode::NO_CONTENT);
            let headers = response.headers_mut();
            headers.insert("x-caller", name.parse().unwrap());
            Ok(response)
        })
    }))
    .await
}

static EITHER: Operation = Operation::new("either", Method::GET, "/either")
    .secured_by(&[&[(&KEY, &[])], &[(&TOKEN, &["read", "write"])]]);
static BOTH: Operation = Operation::new("both", Method::GET, "/both").secured_by(&[&[
    (&KEY, &[]),
    (&LOGIN, &[]),
    (&TOKEN, &[]),
]]);
static OPTIONAL: Operation =
    Operation::new("optional", Method::GET, "/optional").secured_by(&[&[], &[(&KEY, &[])]]);
static ADMIN: Operation = Operation::new("admin", Method::GET, "/admin")
    .secured_by(&[&[(&LOGIN, &[])], &[(&TOKEN, &["admin"])]]);
static CERTIFIED: Operation =
    Operation::new("certified", Method::GET, "/certified").secured_by(&[&[(&TLS, &[])], &[]]);
static CLOSED: Operation =
    Operation::new("closed", Method::GET, "/closed").secured_by(&[&[(&NOWHERE, &[])]]);

fn router(app: &Arc<App>) -> Router {
    let mut routes = Routes::new(Arc::clone(app)).authentication("a \"realm\"", authenticate);
    for operation in [&EITHER, &BOTH, &OPTIONAL, &ADMIN, &CERTIFIED, &CLOSED] {
        routes = routes.streamed(operation, PolicyStack::new(), |app, call| {
            Box::pin(handle(app, call))
        });
    }
    routes.into_router()
}

/// The answer, and what was asked for it.
async fn ask(path: &str, headers: &[(&str, &str)]) -> (Answer, Vec<String>) {
    let app = Arc::new(App::default());
    let answer = send(&router(&app), request(Method::GET, path, headers, "")).await;
    let handled = app.handled.load(Ordering::Relaxed);
    assert_eq!(handled == 1, answer.status == 204, "{answer:?}");
    let asked = std::mem::take(&mut *app.asked.lock().unwrap());
    (answer, asked)
}

fn challenges(answer: &Answer) -> Vec<&str> {
    let all = answer.headers.get_all("www-authenticate").iter();
    all.map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn nobody_is_asked_about_what_is_missing_or_malformed() {
    for headers in [
        &[][..],
        &[("x-key", "")],
        &[("x-key", "known"), ("x-key", "known")],
        &[("authorization", "Bearer")],
        &[("authorization", "Bearer known known")],
        &[("authorization", "Bearerknown")],
        &[
            ("authorization", "Bearer known"),
            ("authorization", "bearer known"),
        ],
        &[("authorization", "Basic known")],
    ] {
        let (answer, asked) = ask("/either", headers).await;
        assert_eq!(
            (answer.status.as_u16(), asked),
            (401, vec![]),
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn the_first_alternative_that_is_met_counts() {
    let (answer, asked) = ask("/either", &[("x-key", "known")]).await;
    assert_eq!(answer.header("x-caller"), "known");
    assert_eq!(asked, ["key known"]);
    let headers = [("x-key", "wrong"), ("authorization", "BEARER known")];
    let (answer, asked) = ask("/either", &headers).await;
    assert_eq!(answer.status, 204);
    assert_eq!(asked, ["key wrong", "token known"]);
}

#[tokio::test]
async fn everything_of_an_alternative_is_there_before_anybody_is_asked() {
    let key = ("x-key", "known");
    let (answer, asked) = ask("/both", &[key, ("authorization", "Bearer known")]).await;
    assert_eq!((answer.status.as_u16(), asked.len()), (401, 0));
    // Two schemes of one header are told apart by their names.
    let login = ("authorization", "Basic bm9ib2R5Og==");
    let (answer, asked) = ask("/both", &[key, ("authorization", "Bearer known"), login]).await;
    assert_eq!(answer.status, 401);
    assert_eq!(asked, ["key known", "login nobody/"]);
}

#[tokio::test]
async fn a_401_says_what_would_help() {
    let (answer, _) = ask("/either", &[]).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["operation"], "either");
    let key = r#"ApiKey realm="a \"realm\"", in="header", name="X-Key""#;
    let token = r#"Bearer realm="a \"realm\"", scope="read write""#;
    assert_eq!(challenges(&answer), [key, token]);
    let (answer, _) = ask("/either", &[("authorization", "Bearer wrong")]).await;
    let refused = format!("{token}, error=\"invalid_token\"");
    assert_eq!(challenges(&answer), [key, &refused]);
    assert!(!answer.text.contains("wrong"), "{}", answer.text);
}

#[tokio::test]
async fn what_says_most_about_the_caller_is_answered() {
    let login = ("authorization", "Basic bm9ib2R5Og==");
    let token = |text| ("authorization", text);
    for (headers, status) in [
        (&[login][..], 401),
        (&[token("Bearer known")], 403),
        (&[login, token("Bearer known")], 403),
        (&[login, token("Bearer down")], 502),
        (&[token("Bearer nobody")], 401),
    ] {
        let (answer, _) = ask("/admin", headers).await;
        assert_eq!(answer.status, status, "{headers:?}");
    }
    let (answer, _) = ask("/admin", &[token("Bearer known")]).await;
    let challenge = r#"Bearer realm="a \"realm\"", scope="admin", error="insufficient_scope""#;
    assert_eq!(challenges(&answer), [challenge]);
}

#[tokio::test]
async fn an_empty_alternative_lets_in_who_shows_nothing() {
    let (answer, _) = ask("/optional", &[]).await;
    assert_eq!(answer.header("x-caller"), "nobody");
    let (answer, _) = ask("/optional", &[("x-key", "known")]).await;
    assert_eq!(answer.header("x-caller"), "known");
    let (answer, _) = ask("/optional", &[("x-key", "wrong")]).await;
    assert_eq!(answer.status, 401);
    // Whether there is a certificate is for the person's code to say.
    let (answer, asked) = ask("/certified", &[]).await;
    assert_eq!(answer.header("x-caller"), "nobody");
    assert_eq!(asked, ["tls "]);
    let (answer, _) = ask("/certified", &[("x-cert", "known")]).await;
    assert_eq!(answer.header("x-caller"), "known");
}

#[tokio::test]
async fn what_nobody_can_judge_is_closed() {
    let all = [("x-key", "known"), ("authorization", "Bearer known")];
    let (answer, asked) = ask("/closed", &all).await;
    assert_eq!((answer.status.as_u16(), asked.len()), (401, 0));
    // A router without an authentication.
    let app = Arc::new(App::default());
    let router = Routes::new(Arc::clone(&app))
        .streamed(&EITHER, PolicyStack::new(), |app, call| {
            Box::pin(handle(app, call))
        })
        .into_router();
    let answer = send(&router, request(Method::GET, "/either", &all, "")).await;
    assert_eq!(answer.status, 401);
}

#[test]
fn secrets_show_nothing_and_compare_whole() {
    let secret = Secret::new("abc");
    assert_eq!(format!("{secret:?}"), "***");
    for (other, same) in [
        ("abc", true),
        ("abd", false),
        ("ab", false),
        ("abcd", false),
    ] {
        assert_eq!(secret.matches(other), same, "{other}");
    }
}
