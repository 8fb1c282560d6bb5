use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::Method;
use serde_json::json;
use tokio::io::AsyncReadExt;

use super::{IN_MEMORY, MAX_PARTS, MultipartForm, Upload};
use crate::schema::{Additional, Format, Schema};
use crate::service::FromMultipart;
use crate::service::call::Call;
use crate::service::operation::Operation;
use crate::service::stack::PolicyStack;
use crate::service::testing::{Answer, call, request};

static POST: Operation = Operation::new("post", Method::POST, "/");
static FORM: Schema = Schema {
    properties: &[
        (
            "title",
            &Schema {
                max_length: Some(5),
                ..Schema::STRING
            },
        ),
        ("count", &Schema::INTEGER),
        (
            "about",
            &Schema {
                properties: &[("a", &Schema::INTEGER)],
                ..Schema::OBJECT
            },
        ),
        ("file", &Schema::STRING),
        (
            "more",
            &Schema {
                items: Some(&Schema::STRING),
                ..Schema::ARRAY
            },
        ),
    ],
    required: &["file"],
    additional: Additional::None,
    ..Schema::OBJECT
};

#[derive(Debug)]
struct Form {
    title: Option<String>,
    count: Option<i64>,
    about: Option<serde_json::Value>,
    file: Upload,
    more: Option<Vec<Upload>>,
}

impl FromMultipart for Form {
    fn from_multipart(form: &mut MultipartForm) -> Option<Form> {
        Some(Form {
            title: form.optional("title")?,
            count: form.optional("count")?,
            about: form.optional("about")?,
            file: form.required_file("file")?,
            more: form.optional_files("more")?,
        })
    }
}

/// A part: its head after `form-data; name=`, and its content.
type Part<'a> = (&'a str, &'a [u8]);

fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (head, content) in parts {
        body.extend(format!("--XX\r\nContent-Disposition: form-data; name={head}\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--XX--\r\n");
    body
}

fn with(body: impl Into<Body>) -> Call {
    let headers = [("content-type", "multipart/form-data; boundary=XX")];
    call(
        &POST,
        PolicyStack::new(),
        request(Method::POST, "/", &headers, body),
    )
}

async fn read(call: &mut Call) -> Option<Form> {
    call.multipart(&FORM, &[], Some(&["file", "more"])).await
}

async fn refused(body: impl Into<Body>) -> (u16, Vec<String>) {
    let mut call = with(body);
    assert!(read(&mut call).await.is_none());
    let answer = Answer::read(call.reject()).await;
    (answer.status.as_u16(), answer.violations())
}

#[tokio::test]
async fn texts_are_read_by_their_schema_and_files_are_kept() {
    let large = vec![7; IN_MEMORY + 1];
    let mut call = with(body(&[
        ("\"title\"", b"hello"),
        ("\"count\"", b"7"),
        ("\"about\"", b"{\"a\":1}"),
        (
            "\"file\"; filename=\"../../etc/a.txt\"\r\nContent-Type: text/plain",
            b"small",
        ),
        ("\"more[]\"; filename=\"b\"", &large),
        ("\"more[]\"; filename=\"..\"", b""),
    ]));
    let form = read(&mut call).await.unwrap();
    assert_eq!(form.title.as_deref(), Some("hello"));
    assert_eq!(form.count, Some(7));
    assert_eq!(form.about, Some(json!({ "a": 1 })));
    assert_eq!(form.file.file_name(), Some("a.txt"));
    assert_eq!(form.file.content_type(), Some("text/plain"));
    assert_eq!(form.file.bytes().await.unwrap(), "small");
    let more = form.more.unwrap();
    assert_eq!(more[0].size(), large.len() as u64);
    assert_eq!(more[0].bytes().await.unwrap(), large);
    let mut read = Vec::new();
    let mut reader = more[0].reader().await.unwrap();
    reader.read_to_end(&mut read).await.unwrap();
    assert_eq!(read, large);
    assert_eq!(more[1].file_name(), None);
}

#[tokio::test]
async fn a_part_may_be_a_form_itself() {
    let file: Part<'_> = ("\"file\"; filename=\"a\"", b"1");
    let head = "\"about\"\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8";
    let mut call = with(body(&[file, (head, b"a=7&b+c=%C3%A9&d%5Be%5D=1")]));
    let form = read(&mut call).await.unwrap();
    let about = json!({ "a": 7, "b c": "\u{e9}", "d": { "e": "1" } });
    assert_eq!(form.about, Some(about));
    let (status, found) = refused(body(&[file, (head, b"a=x")])).await;
    assert_eq!(
        (status, found),
        (422, vec!["body /about/a type".to_owned()])
    );
    assert_eq!(refused(body(&[file, (head, b"a=%FF")])).await.0, 400);
}

#[tokio::test]
async fn what_does_not_fit_is_listed() {
    assert_eq!(
        refused(body(&[("\"title\"", b"too long"), ("\"count\"", b"x")])).await,
        (
            422,
            vec![
                "body /file required".to_owned(),
                "body /title maxLength".to_owned(),
                "body /count type".to_owned(),
            ]
        )
    );
    let file: Part<'_> = ("\"file\"; filename=\"a\"", b"1");
    let (status, found) = refused(body(&[file, file])).await;
    assert_eq!(
        (status, found),
        (422, vec!["body /file duplicate".to_owned()])
    );
    let (status, _) = refused(body(&[file, ("\"other\"; filename=\"b\"", b"1")])).await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn the_length_of_a_file_is_its_size() {
    static FILE: Schema = Schema {
        min_length: Some(3),
        max_length: Some(5),
        format: Some(Format::Date),
        ..Schema::STRING
    };
    static SIZED: Schema = Schema {
        properties: &[
            ("title", &FILE),
            ("file", &FILE),
            (
                "more",
                &Schema {
                    items: Some(&FILE),
                    ..Schema::ARRAY
                },
            ),
        ],
        ..Schema::OBJECT
    };
    async fn read(call: &mut Call) -> Option<Form> {
        call.multipart(&SIZED, &[], Some(&["file", "more"])).await
    }
    let fine: &[Part<'_>] = &[
        ("\"file\"; filename=\"a\"", b"123"),
        ("\"more\"; filename=\"b\"", b"\xff\xff\xff\xff\xff"),
    ];
    assert!(read(&mut with(body(fine))).await.is_some());
    let mut call = with(body(&[
        ("\"title\"", b"12"),
        ("\"file\"; filename=\"a\"", b"12"),
        ("\"more\"; filename=\"b\"", b"123456"),
        ("\"more\"; filename=\"c\"", b"123"),
    ]));
    assert!(read(&mut call).await.is_none());
    let mut found = Answer::read(call.reject()).await.violations();
    found.sort();
    let expected = [
        "body /file minLength",
        "body /more maxLength",
        "body /title format",
        "body /title minLength",
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    assert_eq!(refused("nonsense").await.0, 400);
    assert_eq!(
        refused(body(&[("\"file\"; filename=\"a\"", b"1")])[..20].to_vec())
            .await
            .0,
        400
    );
    assert_eq!(refused("").await.0, 400);
    for (media_type, status) in [("multipart/form-data", 400), ("application/json", 415)] {
        let headers = [("content-type", media_type)];
        let request = request(Method::POST, "/", &headers, "{}");
        let mut call = call(&POST, PolicyStack::new(), request);
        assert!(read(&mut call).await.is_none());
        assert_eq!(call.reject().status(), status, "{media_type}");
    }
}

#[tokio::test]
async fn nothing_grows_without_bounds() {
    let text: Part<'_> = ("\"title\"", &[b'a'; 1001]);
    assert_eq!(refused(body(&[text])).await.0, 413);
    let file: Part<'_> = ("\"file\"; filename=\"a\"", &[b'a'; 1_000_001]);
    assert_eq!(refused(body(&[file])).await.0, 413);
    let many: Vec<Part<'_>> = vec![("\"more\"; filename=\"a\"", b""); MAX_PARTS + 1];
    assert_eq!(refused(body(&many)).await.0, 413);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_stops_sending_is_sent_away() {
    let stream = Body::from_stream(Stalled(Some(Bytes::from_static(b"--XX\r\n"))));
    let started = tokio::time::Instant::now();
    assert_eq!(refused(stream).await.0, 408);
    assert_eq!(started.elapsed(), Duration::from_secs(60));
}

/// One piece, and then nothing, for ever.
struct Stalled(Option<Bytes>);

impl futures_core::Stream for Stalled {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        match self.0.take() {
            Some(piece) => std::task::Poll::Ready(Some(Ok(piece))),
            None => std::task::Poll::Pending,
        }
    }
}

#[tokio::test]
async fn a_temporary_file_goes_with_its_upload() {
    let large = vec![7; IN_MEMORY + 1];
    let mut call = with(body(&[("\"file\"; filename=\"a\"", &large)]));
    let form = read(&mut call).await.unwrap();
    let (clone, saved) = (form.file.clone(), tempfile::tempdir().unwrap());
    let path = saved.path().join("kept");
    clone.save(&path).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), large);
    let temporary = form.file.path().unwrap().to_owned();
    assert!(temporary.exists());
    drop((form, clone));
    assert!(!temporary.exists());
}

#[tokio::test]
async fn a_form_that_is_not_described_has_what_came() {
    let mut call = with(body(&[("\"a\"", b"1"), ("\"b\"; filename=\"f\"", b"2")]));
    let form: MultipartForm = call.multipart(&Schema::ANY, &[], None).await.unwrap();
    assert_eq!(form.texts()["a"], "1");
    let files: Vec<_> = form
        .files()
        .map(|(name, file)| (name, file.size()))
        .collect();
    assert_eq!(files, [("b", 1)]);
}
