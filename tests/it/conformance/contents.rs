//! Bodies and answers in every media type.

use failsafe_tests::{Echo, Outcome, http::Answer, paths, request};

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn contents() {
    let echo = Echo::with_files(
        "conformance-contents",
        &paths::repository().join("specs/conformance/contents.yaml"),
        &[],
        &[(
            "src/handlers/answers.rs",
            include_str!("../../handlers/contents.rs"),
        )],
    );
    bodies_of_one_type(&echo);
    bodies_of_different_types(&echo);
    texts_and_bytes(&echo);
    forms_with_files(&echo);
    answers(&echo);
    streams(&echo);
    lines(&echo);
    lines_of_numbers(&echo);
}

fn multipart(parts: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (head, content) in parts {
        body += &format!("--X\r\ncontent-disposition: form-data; name={head}\r\n\r\n{content}\r\n");
    }
    body + "--X--\r\n"
}

fn form(echo: &Echo, target: &str, parts: &[(&str, &str)]) -> Outcome {
    let body = multipart(parts);
    echo.post(target, "multipart/form-data; boundary=X", body.as_bytes())
}

fn bodies_of_one_type(echo: &Echo) {
    let thing = "body=Thing { n: 7, s: Some(\"x\") }";
    for (media_type, body) in [
        ("application/json", r#"{"n":7,"s":"x"}"#),
        (
            "application/vnd.thing+json; charset=utf-8",
            r#"{"n":7,"s":"x"}"#,
        ),
        (FORM, "n=7&s=x"),
    ] {
        let outcome = echo.post("/same", media_type, body.as_bytes());
        assert_eq!(outcome.accepted(), thing, "{media_type}");
    }
    let parts = [("n", "7"), ("s", "x")];
    assert_eq!(form(echo, "/same", &parts).accepted(), thing);
    form(echo, "/same", &[("n", "x")]).assert_rejected(422, &["body /n: type"]);
    echo.post("/same", "text/xml", b"<n/>")
        .assert_rejected(415, &["body: contentType"]);
    // What has no name may be sent from any page by a browser.
    let unnamed = request("POST", "/same", &[], Some(br#"{"n":7}"#));
    echo.send(&unnamed)
        .assert_rejected(415, &["body: contentType"]);
}

fn bodies_of_different_types(echo: &Echo) {
    for (media_type, body, expected) in [
        (
            "application/json",
            r#"{"n":7}"#,
            "Json(Thing { n: 7, s: None })",
        ),
        (
            "application/merge-patch+json",
            r#"{"a":1}"#,
            "MergePatch({\"a\": 1})",
        ),
        ("text/csv; charset=utf-8", "a,b", "Csv(\"a,b\")"),
        ("image/png", "a", "Bytes([97])"),
    ] {
        let outcome = echo.post("/different", media_type, body.as_bytes());
        assert_eq!(outcome.accepted(), format!("body={expected}"));
    }
    echo.post("/different", "text/csv", b"a")
        .assert_rejected(422, &["body: minLength"]);
    echo.post("/different", "text/html", b"abc")
        .assert_rejected(415, &["body: contentType"]);
}

fn texts_and_bytes(echo: &Echo) {
    let number = |body: &str| echo.post("/number", "text/plain", body.as_bytes());
    assert_eq!(number("7").accepted(), "body=Some(7)");
    assert_eq!(number("").accepted(), "body=None");
    number("10").assert_rejected(422, &["body: maximum"]);
    number("ten").assert_rejected(400, &["body: type"]);
    let unnamed = request("POST", "/bytes", &[], Some(b"ab"));
    assert_eq!(echo.send(&unnamed).accepted(), "body=[97, 98]");
    echo.post("/bytes", "text/plain", b"ab")
        .assert_rejected(415, &["body: contentType"]);
}

fn forms_with_files(echo: &Echo) {
    let outcome = form(
        echo,
        "/upload",
        &[
            ("title", "hello"),
            ("about", r#"{"n":1}"#),
            (
                "file; filename=\"../a.txt\"\r\ncontent-type: text/plain",
                "content",
            ),
            ("more; filename=\"b\"", "1"),
            ("more; filename=\"c\"", "22"),
            ("unasked", "ignored"),
        ],
    );
    assert_eq!(
        outcome.accepted(),
        "body=UploadForm { title: \"hello\", about: Some(Thing { n: 1, s: None }), \
         file: Upload { file_name: Some(\"a.txt\"), content_type: Some(\"text/plain\"), size: 7 }, \
         more: Some([\
         Upload { file_name: Some(\"b\"), content_type: None, size: 1 }, \
         Upload { file_name: Some(\"c\"), content_type: None, size: 2 }]) }"
    );
    form(echo, "/upload", &[("title", "too long")])
        .assert_rejected(422, &["body /file: required", "body /title: maxLength"]);
    echo.post("/upload", "multipart/form-data", b"x")
        .assert_rejected(400, &["body: contentType"]);
    for kind in ["drink", "cake"] {
        let outcome = form(echo, "/choice", &[("kind", kind), ("volume", "3")]);
        let shown = outcome.accepted();
        assert!(
            shown.contains(&format!("kind: Some(\"{kind}\")")),
            "{shown}"
        );
    }
    let outcome = form(
        echo,
        "/anything",
        &[("a", "1"), ("b; filename=\"f\"", "22")],
    );
    let shown = outcome.accepted();
    assert!(
        shown.contains("\"a\": String(\"1\")") && shown.contains("size: 2"),
        "{shown}"
    );
}

fn ask(echo: &Echo, method: &str, target: &str, accept: &str) -> Answer {
    let headers = [("accept", accept)];
    echo.server().send(&request(method, target, &headers, None))
}

fn answers(echo: &Echo) {
    let get = |kind: &str, accept: &str| ask(echo, "GET", &format!("/answers/{kind}"), accept);
    for (accept, media_type, body) in [
        ("*/*", "application/json", "\"hello\""),
        (
            "text/plain, application/json;q=0.5",
            "text/plain; charset=utf-8",
            "hello",
        ),
        (
            "text/*;q=0.5, application/json;q=0.1",
            "text/plain; charset=utf-8",
            "hello",
        ),
    ] {
        let answer = get("text", accept);
        let named = answer.header("content-type");
        assert_eq!((named, answer.text().as_str()), (Some(media_type), body));
    }
    assert_eq!(get("text", "video/mp4").status, 406);
    let answer = get("preferred", "image/png, */*;q=0.1");
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("x-tags"), Some("a,b"));

    let answer = get("elsewhere", "*/*");
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, Some("/answers/text"))
    );
    let answer = get("broken", "*/*");
    assert_eq!((answer.status, answer.header("x")), (500, None));
    assert_eq!(get("gone", "*/*").status, 410);
    assert_eq!(get("out-of-class", "*/*").status, 500);

    assert_eq!(ask(echo, "HEAD", "/answers/a", "*/*").status, 204);
    assert_eq!(ask(echo, "OPTIONS", "/answers/a", "*/*").status, 204);
}

fn lines(echo: &Echo) {
    let send = |media_type: &str, body: &[u8]| echo.post("/lines", media_type, body);
    let sums = |media_type: &str, body: &[u8]| {
        let headers = [("content-type", media_type)];
        let answer = echo
            .server()
            .send(&request("POST", "/lines", &headers, Some(body)));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text().to_owned()
    };
    for (body, expected) in [
        (&b"{\"n\":1}\n{\"n\":2}\n"[..], "3 of 2"),
        // An end of the last line, a line of nothing, and carriage returns are all the same.
        (b"{\"n\":1}\r\n\r\n{\"n\":2}", "3 of 2"),
        (b"", "0 of 0"),
    ] {
        assert_eq!(sums("application/x-ndjson", body), expected);
    }
    assert_eq!(
        sums("application/json-seq", b"\x1e{\"n\":\n1}\n\x1e{\"n\":5}\n"),
        "6 of 2"
    );
    let many = b"{\"n\":1}\n".repeat(300_000);
    assert_eq!(sums("application/x-ndjson", &many), "300000 of 300000");
    for (body, status, violation) in [
        (&b"{\"n\":\"x\"}"[..], 422, "body line 1 /n: type"),
        (b"{\"n\":1}\n\n{}\n", 422, "body line 3 /n: required"),
        (b"{\"n\":1}\n{\"n\":", 400, "body line 2: json"),
    ] {
        send("application/x-ndjson", body).assert_rejected(status, &[violation]);
    }
    let long = format!("{{\"n\":1}}\n{{\"s\":\"{}\"}}", "x".repeat(2 << 20));
    send("application/x-ndjson", long.as_bytes()).assert_rejected(413, &["body line 2: maxBytes"]);
    send("application/json", b"{\"n\":1}").assert_rejected(415, &["body: contentType"]);
}

fn lines_of_numbers(echo: &Echo) {
    let send = |body: &[u8]| echo.post("/counts", "application/x-ndjson", body);
    let headers = [("content-type", "application/x-ndjson")];
    let sent = request("POST", "/counts", &headers, Some(b"1\n2\nnull\n"));
    assert_eq!(echo.server().send(&sent).text(), "103");
    send(b"1\n10\n").assert_rejected(422, &["body line 2: maximum"]);
    send(b"1\n\"x\"\n").assert_rejected(422, &["body line 2: type"]);
}

fn streams(echo: &Echo) {
    let get = |kind: &str| ask(echo, "GET", &format!("/answers/{kind}"), "*/*");
    let answer = get("events");
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert_eq!(
        answer.text(),
        "id: a\ndata: {\"n\":1}\n\ndata: {\"n\":2}\n\n"
    );
    let answer = get("lines");
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(answer.text(), "{\"n\":1}\n{\"n\":2}\n");
    assert_eq!(get("picture").body, [1, 2, 3]);
}
