use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::json;

use super::*;
use crate::service::hold;

mod received;

async fn text(response: Response) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn next(body: &mut Body) -> Bytes {
    body.frame().await.unwrap().unwrap().into_data().unwrap()
}

#[tokio::test]
async fn events_are_written_field_by_field() {
    let stream = EventStream::<String>::new(channel::Iter(
        [
            Event::new("one\ntwo\r\nthree".to_owned()),
            Event::new(String::new())
                .id("1\n2")
                .name("tick")
                .retry(Duration::from_millis(1500)),
        ]
        .into_iter(),
    ));
    let response = events(StatusCode::OK, "text/event-stream", stream);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(
        text(response).await,
        "data: one\ndata: two\ndata: three\n\nid: 12\nevent: tick\nretry: 1500\ndata: \n\n"
    );
    let values = EventStream::from(vec![json!({ "a": "\n" })]);
    let response = events(StatusCode::OK, "text/event-stream", values);
    assert_eq!(text(response).await, "data: {\"a\":\"\\n\"}\n\n");
}

#[tokio::test(start_paused = true)]
async fn a_silent_line_is_kept_alive() {
    let (sender, stream) = EventStream::<u8>::channel(1);
    let mut body = events(StatusCode::OK, "text/event-stream", stream).into_body();
    let started = tokio::time::Instant::now();
    assert_eq!(next(&mut body).await, ":\n\n");
    assert_eq!(next(&mut body).await, ":\n\n");
    assert_eq!(started.elapsed().as_secs(), 30);
    sender.send(7.into()).await;
    assert_eq!(next(&mut body).await, "data: 7\n\n");
    drop(sender);
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn lines_are_json_and_sequences_begin_with_their_sign() {
    let lines = || JsonLines::from(vec![json!({ "a": 1 }), json!("b")]);
    let response = json_lines(StatusCode::OK, "application/x-ndjson", lines());
    assert_eq!(text(response).await, "{\"a\":1}\n\"b\"\n");
    let response = json_lines(StatusCode::OK, "application/json-seq", lines());
    assert_eq!(text(response).await, "\u{1e}{\"a\":1}\n\u{1e}\"b\"\n");
}

#[tokio::test]
async fn a_sender_learns_that_the_client_has_gone() {
    let (sender, lines) = JsonLines::<u8>::channel(1);
    assert!(sender.send(1).await);
    drop(json_lines(StatusCode::OK, "application/jsonl", lines));
    assert!(!sender.send(2).await);
    sender.closed().await;
}

#[tokio::test]
async fn what_is_held_is_held_until_the_stream_has_ended_or_been_dropped() {
    let permit = Arc::new(());
    let (sender, lines) = JsonLines::<u8>::channel(1);
    let response = json_lines(StatusCode::OK, "application/jsonl", lines);
    let mut body = hold(response, Arc::clone(&permit)).into_body();
    sender.send(1).await;
    assert_eq!(next(&mut body).await, "1\n");
    assert_eq!(Arc::strong_count(&permit), 2);
    drop(sender);
    assert!(body.frame().await.is_none());
    assert_eq!(Arc::strong_count(&permit), 1);

    let (_sender, lines) = JsonLines::<u8>::channel(1);
    let response = json_lines(StatusCode::OK, "application/jsonl", lines);
    let response = hold(response, Arc::clone(&permit));
    assert_eq!(Arc::strong_count(&permit), 2);
    drop(response);
    assert_eq!(Arc::strong_count(&permit), 1);
}

#[tokio::test]
async fn a_failure_ends_the_answer() {
    let items = [Ok(1), Err("the database has gone")];
    let lines = JsonLines::fallible(channel::Iter(items.into_iter()));
    let mut body = json_lines(StatusCode::OK, "application/jsonl", lines).into_body();
    assert_eq!(next(&mut body).await, "1\n");
    assert!(body.frame().await.unwrap().is_err());
}

#[tokio::test]
async fn a_payload_is_what_it_says_or_what_the_document_says() {
    let response = payload(StatusCode::OK, "image/png", vec![1].into());
    assert_eq!(response.headers()["content-type"], "image/png");
    let named = Payload::from("a,b").media_type("text/csv");
    let response = payload(StatusCode::OK, "application/octet-stream", named);
    assert_eq!(response.headers()["content-type"], "text/csv");
    assert_eq!(text(response).await, "a,b");
    let wrong = Payload::from("").media_type("a\nb");
    let response = payload(StatusCode::OK, "application/octet-stream", wrong);
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let read = Payload::read(&b"from a reader"[..]);
    let response = payload(StatusCode::OK, "application/octet-stream", read);
    assert_eq!(text(response).await, "from a reader");
}
