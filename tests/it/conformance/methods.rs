//! Methods, those that nobody declares among them, and answers of every status.

use failsafe_tests::{Echo, http::Answer, paths, request};

#[test]
fn methods_and_statuses() {
    let echo = Echo::with_files(
        "conformance-methods",
        &paths::repository().join("specs/conformance/methods.yaml"),
        &[],
        &[(
            "src/handlers/answers.rs",
            include_str!("../../handlers/methods.rs"),
        )],
    );
    declared(&echo);
    not_declared(&echo);
    statuses(&echo);
    headers(&echo);
}

fn send(echo: &Echo, method: &str, target: &str) -> Answer {
    echo.server().send(&request(method, target, &[], None))
}

fn declared(echo: &Echo) {
    for (method, target, expected) in [
        ("GET", "/things/7", "readThing(id=7)"),
        ("PUT", "/things/7", "writeThing(id=7)"),
        ("DELETE", "/things/7", "removeThing(id=7)"),
        ("PATCH", "/things/7", "changeThing(thing=7)"),
        ("GET", "/things/mine", "readMine()"),
        // The path with more text has no such method, and the other one is none for its value.
        ("PUT", "/things/mine", "400"),
        ("GET", "/declared", "declaredGet()"),
        ("OPTIONS", "/declared", "declaredOptions()"),
        ("TRACE", "/declared", "declaredTrace()"),
        ("POST", "/declared", "declaredPost()"),
        ("PATCH", "/declared", "declaredPatch()"),
        ("POST", "/only-post", "onlyPost()"),
    ] {
        let outcome = echo.ask(method, target, &[]);
        assert_eq!(outcome.shown(), expected, "{method} {target}");
    }
    // Both its own handler and one of GET answer HEAD without a body.
    for target in ["/declared", "/things/7"] {
        let answer = send(echo, "HEAD", target);
        assert_eq!((answer.status, answer.body.len()), (418, 0), "{target}");
        let length = answer.header("content-length");
        assert!(length.is_some_and(|length| length != "0"), "{target}");
    }
    assert_eq!(send(echo, "HEAD", "/things/x").status, 400);
}

fn not_declared(echo: &Echo) {
    let things = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT";
    for (method, target, status, allowed) in [
        ("OPTIONS", "/things/7", 204, things),
        ("POST", "/things/7", 405, things),
        // Every path that fits counts.
        ("OPTIONS", "/things/mine", 204, things),
        ("OPTIONS", "/only-post", 204, "OPTIONS, POST"),
        ("HEAD", "/only-post", 405, "OPTIONS, POST"),
        ("LOCK", "/only-post", 405, "OPTIONS, POST"),
        ("post", "/only-post", 405, "OPTIONS, POST"),
        (
            "PUT",
            "/declared",
            405,
            "GET, HEAD, OPTIONS, PATCH, POST, TRACE",
        ),
    ] {
        let answer = send(echo, method, target);
        assert_eq!(answer.status, status, "{method} {target}");
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {target}");
    }
    for method in ["OPTIONS", "GET", "HEAD", "LOCK"] {
        let answer = send(echo, method, "/nowhere");
        assert_eq!((answer.status, answer.header("allow")), (404, None));
    }
}

fn statuses(echo: &Echo) {
    let thing = r#"{"n":7}"#;
    let json = Some("application/json");
    for (kind, status, media_type, body) in [
        ("plain", 200, json, thing),
        ("created", 201, json, thing),
        ("accepted", 202, None, ""),
        ("nothing", 204, None, ""),
        ("part", 206, Some("application/octet-stream"), "part"),
        ("same", 304, None, ""),
        ("elsewhere", 307, None, ""),
        ("none", 404, json, thing),
        ("refused", 409, Some("text/plain; charset=utf-8"), "refused"),
        ("broken", 507, json, thing),
        ("other", 418, json, thing),
    ] {
        let target = format!("/answers/{kind}");
        let answer = send(echo, "GET", &target);
        assert_eq!(
            (answer.status, answer.header("content-type"), answer.text()),
            (status, media_type, body.to_owned()),
            "{kind}"
        );
        let head = send(echo, "HEAD", &target);
        assert_eq!((head.status, head.body.len()), (status, 0), "{kind}");
        let length = head.header("content-length").map(str::to_owned);
        assert_eq!(answer.header("content-length"), length.as_deref(), "{kind}");
        // What says that it has no body has no length either.
        if [204, 304].contains(&status) {
            assert_eq!(length, None, "{kind}");
        }
    }
    let answer = send(echo, "GET", "/answers/error");
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (423, Some("application/problem+json"))
    );
}

fn headers(echo: &Echo) {
    let answer = send(echo, "GET", "/answers/created");
    for (name, value) in [
        ("location", "/answers/7"),
        ("x-count", "-7"),
        ("x-share", "0.5"),
        ("x-flag", "false"),
        ("x-time", "2024-02-29T12:00:00+01:00"),
        ("x-id", "6f0c3c0e-8f0e-4b8e-9d5e-0a1b2c3d4e5f"),
        ("x-list", "1,2,3"),
        ("x-pairs", "a=1,b=c"),
        ("x-json", r#"{"a":1}"#),
        ("x-level", "high"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let answer = send(echo, "GET", "/answers/bare");
    assert_eq!(answer.header("x-count"), None);
    let answer = send(echo, "GET", "/answers/elsewhere");
    assert_eq!(
        answer.header("location"),
        Some("https://example.com/a?b=c#d")
    );
    assert_eq!(
        send(echo, "GET", "/answers/same").header("etag"),
        Some("\"1\"")
    );
}
