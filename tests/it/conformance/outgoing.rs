//! Webhooks and callbacks: what a service sends to others, and what it makes of their answers.

use std::{
    fs,
    net::TcpListener,
    time::{Duration, Instant},
};

use failsafe_tests::{Listener, Server, Tree, paths, request};

/// Tells whoever has subscribed of an event, by each of the document's ways.
const HANDLER: &str = r#"
        use std::{sync::Arc, time::Duration};

        use failsafe_runtime::client::{CallError, Client, File, Form};
        use failsafe_runtime::service::StatusCode;
        use failsafe_runtime::{Retry, RetryConfig};

        use crate::generated::callbacks::{Callbacks, EventParams};
        use crate::generated::{models, webhooks::{PictureForm, Webhooks}};

        fn told<T: std::fmt::Debug>(answer: Result<T, CallError>) -> String {
            answer.map_or_else(|error| error.to_string(), |answer| format!("{answer:?}"))
        }

        let at_once = RetryConfig { delay: Duration::ZERO, ..RetryConfig::default() };
        let client = Client::new().with_retry(Arc::new(Retry::new("told", at_once)?));
        let (callbacks, webhooks) = (Callbacks::new(client.clone()), Webhooks::new(client));
        let Some(url) = Callbacks::event_url(&_body) else {
            return Err(ApiError::status(StatusCode::IM_A_TEAPOT, "nowhere to tell"));
        };
        let event = models::Event { id: 7, at: "2024-05-06T07:08:09Z".parse()? };
        let params = EventParams {
            attempt: 1,
            tag: Some(vec!["a b".to_owned(), "c".to_owned()]),
            x_correlator: Some("k".to_owned()),
        };
        let mut all = Vec::new();
        for _ in 0..4 {
            all.push(told(callbacks.event(&url, &params, &event).await));
        }
        let failed = _params.x_failed_url.unwrap_or_default();
        let failed = Callbacks::tell_failure_url(&failed, &_body).unwrap_or_default();
        all.push(told(callbacks.tell_failure(&failed, Some("too late")).await));
        let body = models::NewEventBody { id: Some(7), note: Some("a&b".to_owned()) };
        all.push(told(webhooks.new_event(&url, Some(&body)).await));
        let events = [event];
        all.push(told(webhooks.r#type(&url, &events).await));
        let [event] = events;
        let picture = PictureForm {
            photo: File::new("a \"b\".png", vec![0x50, 0x4e]).with_content_type("image/png"),
            sketch: None,
            caption: "From above".to_owned(),
            tags: Some(vec!["x".to_owned(), "y".to_owned()]),
            of: Some(event),
            more: vec![File::new("c", "--failsafe-00000000"), File::new("d", "")],
        };
        all.push(told(webhooks.picture(&url, &picture).await));
        let plain = models::PlainFormBody { count: Some(3) };
        all.push(told(webhooks.plain_form(&url, &plain).await));
        let mut any = Form::new();
        any.value("n", &1);
        all.push(told(webhooks.any_form(&url, Some(any)).await));
        Err(ApiError::status(StatusCode::IM_A_TEAPOT, all.join("; ")))"#;

fn start() -> Server {
    let spec = paths::repository().join("specs/conformance/outgoing.yaml");
    let options = ["--telemetry", "NONE", "--no-dockerfile"];
    let tree = Tree::edited("conformance-outgoing", &spec, &options, |tree| {
        let path = tree.join("src/handlers/default.rs");
        let text = fs::read_to_string(&path).expect("handlers");
        let stub = "Err(ApiError::not_implemented(ctx.operation()))";
        assert!(text.contains(stub), "no stub");
        let text = text.replace(stub, &format!("let _ = ctx;\n{HANDLER}"));
        fs::write(&path, text).expect("the file can be written");
    });
    Server::start(&tree.build(), &[])
}

#[test]
fn webhooks_and_callbacks() {
    let server = start();
    let listener = Listener::start(&[
        // Once more, since it says so.
        ("503 Busy\r\nretry-after: 0", ""),
        ("204 Taken", ""),
        ("200 Taken", "{\"seen\": true}"),
        ("418 No", "a teapot"),
        ("301 There\r\nlocation: /other", ""),
        ("404 Whatever", ""),
        ("202 Taken", "{\"seen\": false}"),
        ("200 Taken", ""),
        ("200 Taken", ""),
        ("200 Taken", ""),
        ("200 Taken", ""),
    ]);
    let url = format!("{}/hook?own=1", listener.url());
    let body = format!("{{\"events\": {{\"url\": \"{url}\"}}}}");
    let failed = format!("{}/failed", listener.url());
    let headers = [
        ("content-type", "application/json"),
        ("x-failed-url", failed.as_str()),
    ];
    let post = |body: &str| {
        let request = request("POST", "/subscriptions", &headers, Some(body.as_bytes()));
        let answer = server.send(&request);
        assert_eq!(answer.status, 418, "{}", answer.text());
        answer.json()["detail"].as_str().map(str::to_owned)
    };
    assert_eq!(
        post(&body).as_deref(),
        Some(
            "NoContent; Ok(Receipt { seen: true }); ClientError(418, \"a teapot\"); \
             the answer has the undeclared status 301 Moved Permanently; Default(404); \
             Success(202, Receipt { seen: false }); Ok; Ok; Ok; Ok"
        )
    );

    let heard = listener.heard();
    let lines: Vec<&str> = heard.iter().map(|it| it.line.as_str()).collect();
    let event = "POST /hook?own=1&attempt=1&tag=a%20b&tag=c";
    let escaped = format!(
        "http%3A%2F%2F{}%2Fhook%3Fown%3D1",
        &listener.url()[7..].replace(':', "%3A")
    );
    let failure = format!("PUT /failed/failures?of={escaped}");
    let hook = "POST /hook?own=1";
    assert_eq!(
        lines,
        [
            event, event, event, event, event, &failure, hook, hook, hook, hook, hook
        ]
    );
    // The second call is the first one again, and says so.
    let mut again = heard[1].clone();
    again.headers.retain(|(name, _)| name != "x-retry-attempt");
    assert_eq!(heard[0], again);
    assert_eq!(heard[1].header("x-retry-attempt"), Some("2"));
    assert_eq!(heard[0].header("x-correlator"), Some("k"));
    assert_eq!(
        heard[0].header("content-type"),
        Some("application/cloudevents+json")
    );
    let json: serde_json::Value = serde_json::from_str(&heard[0].body).expect("JSON");
    assert_eq!(json["id"], 7);
    assert_eq!(heard[5].body, "too late");
    assert_eq!(heard[6].body, "id=7&note=a%26b");
    assert_eq!(heard[7].header("content-type"), Some("application/json"));
    // What stands between the parts is no part of any.
    assert_eq!(
        heard[8].header("content-type"),
        Some("multipart/form-data; boundary=failsafe-00000001")
    );
    let part = |headers: &str, content: &str| {
        let disposition = "--failsafe-00000001\r\nContent-Disposition: form-data; name=";
        format!("{disposition}{headers}\r\n\r\n{content}\r\n")
    };
    let bytes = "\r\nContent-Type: application/octet-stream";
    let parts = [
        part(
            "\"photo\"; filename=\"a %22b%22.png\"\r\nContent-Type: image/png",
            "PN",
        ),
        part("\"caption\"", "From above"),
        part("\"tags\"", "x"),
        part("\"tags\"", "y"),
        part(
            "\"of\"\r\nContent-Type: application/json",
            "{\"at\":\"2024-05-06T07:08:09Z\",\"id\":7}",
        ),
        part(
            &format!("\"more\"; filename=\"c\"{bytes}"),
            "--failsafe-00000000",
        ),
        part(&format!("\"more\"; filename=\"d\"{bytes}"), ""),
    ];
    let whole = parts.concat() + "--failsafe-00000001--\r\n";
    assert_eq!(heard[8].body, whole);
    assert!(heard[9].body.contains("name=\"count\"\r\n\r\n3\r\n"));
    assert!(heard[10].body.contains("name=\"n\"\r\n\r\n1\r\n"));

    let nobody = post("{\"events\": {}}");
    assert_eq!(nobody.as_deref(), Some("nowhere to tell"));
}

#[test]
fn they_have_no_more_time_than_whoever_waits_for_their_end() {
    let server = start();
    let post = |url: &str, name: &str, value: &str| {
        let body = format!("{{\"events\": {{\"url\": \"{url}\"}}}}");
        let headers = [("content-type", "application/json"), (name, value)];
        let body = Some(body.as_bytes());
        server.send(&request("POST", "/subscriptions", &headers, body))
    };
    let listener = Listener::start(&[("204 Taken", ""); 11]);
    let answer = post(&listener.url(), "x-request-timeout-ms", "5000");
    assert_eq!(answer.status, 418, "{}", answer.text());
    let said = |name: &str| -> Vec<u64> {
        let heard = listener.heard();
        let said = heard.iter().map(|it| it.header(name).expect("it is said"));
        said.map(|it| it.parse().expect("a number")).collect()
    };
    let left = said("x-request-timeout-ms");
    assert_eq!(left.len(), 9);
    assert!(left.iter().all(|ms| (1..=5000).contains(ms)), "{left:?}");
    assert!(
        left.is_sorted_by(|earlier, later| earlier >= later),
        "{left:?}"
    );

    // One who takes the call and never answers.
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = silent.local_addr().expect("an address");
    let begun = Instant::now();
    let answer = post(&format!("http://{address}"), "x-request-timeout-ms", "300");
    assert_eq!(answer.status, 504, "{}", answer.text());
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(300), "{took:?}");
    // Its client would wait for 10 seconds, three times over, for each of the calls.
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[test]
fn a_request_that_is_a_retry_is_passed_on_as_one_and_not_retried() {
    let server = start();
    let listener = Listener::start(&[("503 Busy\r\nretry-after: 0", ""); 20]);
    let body = format!("{{\"events\": {{\"url\": \"{}\"}}}}", listener.url());
    let headers = [
        ("content-type", "application/json"),
        ("x-retry-attempt", "2"),
    ];
    let body = Some(body.as_bytes());
    let answer = server.send(&request("POST", "/subscriptions", &headers, body));
    assert_eq!(answer.status, 418, "{}", answer.text());
    let heard = listener.heard();
    let attempts: Vec<_> = heard
        .iter()
        .map(|it| it.header("x-retry-attempt"))
        .collect();
    assert_eq!(attempts, [Some("2"); 9], "each of its calls is made once");
}
