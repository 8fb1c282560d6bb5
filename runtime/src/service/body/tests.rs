use http::Method;

use super::super::operation::Operation;
use super::super::stack::PolicyStack;
use super::super::testing::{call, request};
use super::*;

static PUT: Operation = Operation::new("put", Method::PUT, "/");

fn with(media_type: Option<&str>, body: &'static [u8]) -> Call {
    of(&PUT, media_type, body)
}

fn of(operation: &'static Operation, media_type: Option<&str>, body: &'static [u8]) -> Call {
    let headers: Vec<_> = media_type
        .map(|it| ("content-type", it))
        .into_iter()
        .collect();
    call(
        operation,
        PolicyStack::new(),
        request(Method::PUT, "/", &headers, body),
    )
}

fn status(call: Call) -> u16 {
    call.reject().status().as_u16()
}

#[tokio::test]
async fn text_is_read_as_its_schema_says() {
    let mut call = with(Some("text/plain"), "größer".as_bytes());
    let text: Option<String> = call.whole().await.text(&Schema::STRING);
    assert_eq!(text.as_deref(), Some("größer"));
    let mut call = with(Some("text/plain; charset=utf-8"), b"7");
    assert_eq!(call.whole().await.text::<i64>(&Schema::INTEGER), Some(7));
    static SHORT: Schema = Schema {
        max_length: Some(2),
        ..Schema::STRING
    };
    for (media_type, body, expected) in [
        (Some("text/plain"), &b"\xff"[..], 400),
        (Some("text/plain"), b"", 400),
        (Some("text/plain"), b"long", 422),
        (Some("text/html"), b"a", 415),
        (None, b"a", 415),
    ] {
        let mut call = with(media_type, body);
        assert_eq!(call.whole().await.text::<String>(&SHORT), None);
        assert_eq!(status(call), expected, "{media_type:?} {body:?}");
    }
    let mut call = with(Some("text/plain"), b"seven");
    assert_eq!(call.whole().await.text::<i64>(&Schema::INTEGER), None);
    assert_eq!(status(call), 400);
}

#[tokio::test]
async fn what_the_schema_takes_and_the_type_does_not_is_refused_in_words() {
    let mut call = with(Some("application/json"), b"\"seven\"");
    assert_eq!(call.whole().await.json::<i64>(&Schema::ANY), None);
    let body = call.reject().into_body();
    let body = http_body_util::BodyExt::collect(body).await.unwrap();
    let problem: Value = serde_json::from_slice(&body.to_bytes()).unwrap();
    assert_eq!(
        problem["detail"],
        "the body cannot be read: invalid type: string \"seven\", expected i64 at line 1 column 7"
    );
}

#[test]
fn integers_may_have_a_point() {
    let read = read::<Vec<i64>>;
    assert_eq!(
        read(b"[1.0, 1e2, -0.0, 9007199254740993.0]").unwrap(),
        [1, 100, 0, 9_007_199_254_740_993]
    );
    for refused in ["[1.5]", "[1e30]", "[\"1.0\"]", "[1.0"] {
        assert!(read(refused.as_bytes()).is_err(), "{refused}");
    }
}

#[tokio::test]
async fn bytes_are_taken_as_they_are() {
    static PNG: Operation = Operation::new("png", Method::PUT, "/").consumes(&["image/png"]);
    let mut call = of(&PNG, Some("IMAGE/png"), b"\xff\x00");
    assert_eq!(call.whole().await.bytes(), Some(vec![255, 0]));
    let mut call = of(&PNG, Some("image/gif"), b"a");
    assert_eq!(call.whole().await.bytes(), None);
    assert_eq!(status(call), 415);
    // A file of no bytes is one, as long as it is said to be there.
    let mut call = of(&PNG, Some("image/png"), b"");
    assert_eq!(call.whole().await.bytes(), Some(Vec::new()));
    let mut call = of(&PNG, None, b"");
    assert_eq!(call.whole().await.bytes(), None);
    // Bytes without a name are bytes.
    let mut call = with(None, b"a");
    assert_eq!(call.whole().await.bytes(), Some(vec![97]));
}

#[tokio::test]
async fn the_content_type_chooses() {
    static BOTH: Operation = Operation::new("both", Method::PUT, "/").consumes(&[
        "application/json",
        "text/plain",
        "image/*",
    ]);
    for (media_type, index) in [
        ("application/some+json; charset=utf-8", 0),
        ("text/plain", 1),
        ("image/png", 2),
    ] {
        assert_eq!(of(&BOTH, Some(media_type), b"7").content(), index);
    }
    for media_type in [Some("text/html"), None] {
        let mut call = of(&BOTH, media_type, b"7");
        assert_eq!(call.content(), 0);
        assert_eq!(call.whole().await.json::<i64>(&Schema::INTEGER), None);
        assert_eq!(status(call), 415);
    }
}

#[tokio::test]
async fn a_body_that_may_be_left_out_may() {
    let mut call = with(None, b"");
    assert_eq!(
        call.whole().await.optional_text::<String>(&Schema::STRING),
        Some(None)
    );
    assert_eq!(with(None, b"").whole().await.optional_bytes(), Some(None));
}
