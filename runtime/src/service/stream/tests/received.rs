use axum::body::Body;
use axum::response::IntoResponse;
use http::Method;

use super::super::channel::{Received, Sender, channel, sure};
use super::super::received::InvalidLine;
use crate::schema::Schema;
use crate::service::operation::Operation;
use crate::service::stack::PolicyStack;
use crate::service::testing::{call, request};
use crate::service::{ApiError, Call, ReceivedLines};

static LINES: Operation = Operation::new("lines", Method::POST, "/")
    .consumes(&["application/x-ndjson", "application/json-seq"]);
static SMALL: Schema = Schema {
    maximum: Some(crate::schema::Number::Int(9)),
    ..Schema::INTEGER
};

fn with(media_type: &str, body: Body) -> Call {
    let headers = [("content-type", media_type)];
    let request = request(Method::POST, "/", &headers, body);
    call(&LINES, PolicyStack::new(), request)
}

fn feed() -> (Sender<&'static str>, Call) {
    let (sender, received): (_, Received<&'static str>) = channel(1);
    let body = Body::from_stream(sure(received));
    (sender, with("application/x-ndjson", body))
}

fn told(line: Option<Result<i64, InvalidLine>>) -> String {
    match line {
        None => "the end".to_owned(),
        Some(Ok(value)) => value.to_string(),
        Some(Err(invalid)) => invalid.to_string(),
    }
}

async fn all(media_type: &str, body: &'static str) -> Vec<String> {
    let mut call = with(media_type, body.into());
    let mut lines: ReceivedLines<i64> = call.lines(&SMALL).await.expect("the first one fits");
    let mut all = Vec::new();
    while all.last().is_none_or(|last| last != "the end") {
        all.push(told(lines.next().await));
    }
    all
}

#[tokio::test]
async fn every_line_is_a_value_or_says_why_not() {
    assert_eq!(
        all("application/x-ndjson", "1\r\n\n10\n \nx\n2").await,
        [
            "1",
            "line 3 must be at most 9",
            "line 5 is not JSON: expected value at line 1 column 1",
            "2",
            "the end"
        ]
    );
    assert_eq!(
        all("application/json-seq", "\x1e1\n\x1e\n2\n\x1e10\n").await,
        ["1", "2", "line 3 must be at most 9", "the end"]
    );
    assert_eq!(all("application/x-ndjson", "").await, ["the end"]);
}

#[tokio::test]
async fn a_first_line_that_does_not_fit_is_refused_before_the_handler() {
    for (media_type, body, status) in [
        ("application/x-ndjson", "10\n1", 422),
        ("application/x-ndjson", "x\n1", 400),
        ("application/json", "1", 415),
    ] {
        let mut call = with(media_type, body.into());
        assert_eq!(call.lines::<i64>(&SMALL).await, None, "{body}");
        assert_eq!(call.reject().status(), status, "{body}");
    }
    let mut bare = call(
        &LINES,
        PolicyStack::new(),
        request(Method::POST, "/", &[], ""),
    );
    assert_eq!(bare.optional_lines::<i64>(&SMALL).await, Some(None));
    assert_eq!(bare.lines::<i64>(&SMALL).await, None);
    assert_eq!(bare.reject().status(), 400);
}

#[tokio::test]
async fn values_come_before_the_body_has_ended_and_lines_over_several_pieces() {
    let (sender, mut call) = feed();
    assert!(sender.send("1\n2").await);
    let mut lines: ReceivedLines<i64> = call.lines(&Schema::INTEGER).await.expect("a value");
    assert_eq!(told(lines.next().await), "1");
    assert!(sender.send("3\n").await);
    // A clone reads on where the other one stopped.
    assert_eq!(told(lines.clone().next().await), "23");
    drop(sender);
    assert_eq!(told(lines.next().await), "the end");
}

#[tokio::test(start_paused = true)]
async fn a_line_may_be_neither_too_long_nor_too_slow() {
    let (sender, mut call) = feed();
    assert!(sender.send("1\n").await);
    let mut lines: ReceivedLines<i64> = call.lines(&Schema::INTEGER).await.expect("a value");
    assert_eq!(told(lines.next().await), "1");
    let slow = lines.next().await.expect("an error").expect_err("too slow");
    assert_eq!(ApiError::from(slow).status_code(), 408);
    assert_eq!(told(lines.next().await), "the end");
    drop(sender);

    let long = format!("{:?}", "x".repeat(1000));
    for body in [long.clone(), format!("1\n{long}\n2\n")] {
        let mut call = with("application/x-ndjson", body.into());
        let lines = call.lines::<serde_json::Value>(&Schema::ANY).await;
        let status = match lines {
            None => call.reject().status(),
            Some(mut lines) => {
                lines.next().await.expect("a line").expect("a value");
                let long = lines.next().await.expect("a line").expect_err("too long");
                assert_eq!(long.line(), 2);
                assert!(lines.next().await.is_none());
                ApiError::from(long).status_code()
            }
        };
        assert_eq!(status, 413);
    }
}

#[tokio::test]
async fn a_bad_line_is_answered_as_a_bad_body() {
    let mut call = with("application/x-ndjson", "1\n10\n".into());
    let mut lines: ReceivedLines<i64> = call.lines(&SMALL).await.expect("a value");
    lines.next().await.expect("a line").expect("a value");
    let handler = async || -> Result<(), ApiError> {
        lines.next().await.expect("a line")?;
        Ok(())
    };
    let error = { handler }().await.expect_err("a bad line");
    assert_eq!(error.failure(), None, "no failure of the service");
    let answer = crate::service::testing::Answer::read(error.into_response()).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.violations(), ["body line 2 maximum"]);
}
