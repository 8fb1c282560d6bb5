//! From the body of a request to its parts.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::header;
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde_json::Value;

use super::upload::{Incoming, Upload};
use super::{FromMultipart, MAX_BETWEEN, MAX_PARTS, MultipartForm};
use crate::schema::Schema;
use crate::service::body::{self, Interrupted, Requirement, Unhurried};
use crate::service::call::Call;
use crate::service::params::{Encoding, Fields, NotUtf8, decoded, split_pairs};
use crate::service::violation::{Place, Severity};

/// Which parts are files.
#[derive(Debug, Clone, Copy)]
enum Files {
    /// Those of these names.
    Named(&'static [&'static str]),
    /// Those that have a name of their own.
    NamedByClient,
}

/// A form without files as the value that its texts mean. `None`: violations were noted.
/// `Some(None)`: no body.
pub(crate) async fn value(
    call: &mut Call,
    schema: &'static Schema,
    encodings: &'static [Encoding],
    requirement: Requirement,
) -> Option<Option<Value>> {
    let form = parts(call, schema, encodings, Files::Named(&[]), requirement).await?;
    Some(form.map(|form| form.texts))
}

/// A form with files. `None`: violations were noted. `Some(None)`: no body.
pub(crate) async fn form<T: FromMultipart>(
    call: &mut Call,
    schema: &'static Schema,
    encodings: &'static [Encoding],
    files: Option<&'static [&'static str]>,
    requirement: Requirement,
) -> Option<Option<T>> {
    let files = files.map_or(Files::NamedByClient, Files::Named);
    let Some(mut form) = parts(call, schema, encodings, files, requirement).await? else {
        return Some(None);
    };
    let read = T::from_multipart(&mut form);
    call.violations
        .add_findings(Place::Body, None, form.findings);
    read.map(Some)
}

/// Reads all parts and checks what they mean.
async fn parts(
    call: &mut Call,
    schema: &'static Schema,
    encodings: &'static [Encoding],
    files: Files,
    requirement: Requirement,
) -> Option<Option<MultipartForm>> {
    if !body::announced(call, &["multipart/form-data"], requirement)? {
        return Some(None);
    }
    let named = call.parts.headers.get(header::CONTENT_TYPE);
    let boundary = named
        .and_then(|named| named.to_str().ok())
        .and_then(|named| multer::parse_boundary(named).ok());
    let Some(boundary) = boundary else {
        let message = "must name the boundary of its parts".to_owned();
        body::note(call, Severity::Unreadable, "contentType", message);
        return None;
    };
    let limits = Limits {
        whole: call.arrival.max_upload_bytes as u64,
        texts: call.arrival.max_body_bytes,
    };
    let body = std::mem::take(&mut call.body);
    let pieces = Pieces::new(Unhurried::new(body, call.arrival.body_read_timeout));
    let mut fields = Fields::new(schema, encodings);
    match read(pieces, boundary, limits, files, &mut fields).await {
        Ok(files) => {
            let (texts, findings) = fields.into_checked();
            let fits = findings.is_empty();
            call.violations.add_findings(Place::Body, None, findings);
            fits.then_some(Some(MultipartForm {
                texts,
                files,
                findings: Vec::new(),
            }))
        }
        Err(Unread::TooLarge(message)) => {
            body::note(call, Severity::TooLarge, "maxBytes", message);
            None
        }
        Err(Unread::TooSlow) => {
            body::note_slow(call);
            None
        }
        Err(Unread::Malformed(message)) => {
            body::note(call, Severity::Unreadable, "multipart", message);
            None
        }
        Err(Unread::Disk(error)) => {
            let request_id = call.context.request_id();
            tracing::error!(request_id, %error, "an upload could not be kept");
            let message = "cannot be kept at the moment".to_owned();
            body::note(call, Severity::NoRoom, "storage", message);
            None
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    whole: u64,
    texts: usize,
}

enum Unread {
    TooLarge(String),
    TooSlow,
    Malformed(String),
    Disk(io::Error),
}

impl Unread {
    fn of(error: &multer::Error, limits: Limits) -> Unread {
        match error {
            multer::Error::StreamSizeExceeded { .. } => {
                Unread::TooLarge(format!("must have at most {} bytes", limits.whole))
            }
            multer::Error::StreamReadFailed(source) if source.is::<TooMuchBetween>() => {
                Unread::TooLarge("has parts with too long headers".to_owned())
            }
            multer::Error::StreamReadFailed(source) if is_slow(&**source) => Unread::TooSlow,
            multer::Error::StreamReadFailed(_) => {
                Unread::Malformed("ended before it was complete".to_owned())
            }
            other => Unread::Malformed(format!("is no form: {other}")),
        }
    }
}

fn is_slow(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref::<Interrupted>(), Some(Interrupted::Slow))
}

/// Puts texts into the fields, and answers with the files.
async fn read(
    pieces: Pieces,
    boundary: String,
    limits: Limits,
    files: Files,
    fields: &mut Fields,
) -> Result<Vec<(String, Upload)>, Unread> {
    let used = Arc::clone(&pieces.used);
    let size = SizeLimit::new().whole_stream(limits.whole);
    let constraints = Constraints::new().size_limit(size);
    let mut parts = Multipart::with_constraints(pieces, boundary, constraints);
    let mut uploads = Vec::new();
    let mut texts_left = limits.texts;
    let mut count = 0;
    loop {
        let part = parts.next_field().await;
        let Some(mut part) = part.map_err(|error| Unread::of(&error, limits))? else {
            return Ok(uploads);
        };
        count += 1;
        if count > MAX_PARTS {
            let message = format!("must have at most {MAX_PARTS} parts");
            return Err(Unread::TooLarge(message));
        }
        // A part without a name means nothing.
        let name = part.name().unwrap_or_default().to_owned();
        let property = plain(&name);
        let is_file = match files {
            Files::Named(names) => names.contains(&property),
            Files::NamedByClient => part.file_name().is_some(),
        };
        if is_file {
            let upload = upload(&mut part, &used, limits).await?;
            if let Some(upload) = upload {
                fields.file(&name, property, upload.size());
                uploads.push((property.to_owned(), upload));
            }
            continue;
        }
        let is_unasked_file = part.file_name().is_some();
        let essence = part.content_type().map(|it| it.essence_str());
        let is_pairs = essence == Some("application/x-www-form-urlencoded");
        let mut text = Vec::new();
        while let Some(piece) = next(&mut part, &used, limits).await? {
            // A file that nobody asked for is read past, not kept.
            if is_unasked_file {
                continue;
            }
            texts_left = texts_left.checked_sub(piece.len()).ok_or_else(|| {
                Unread::TooLarge(format!("must have at most {} bytes of text", limits.texts))
            })?;
            text.extend_from_slice(&piece);
        }
        let not_utf8 = || Unread::Malformed(format!("{name} must be UTF-8"));
        let text = String::from_utf8(text).map_err(|_| not_utf8())?;
        if is_pairs {
            members(&name, &text, fields).map_err(|_| not_utf8())?;
        } else if !name.is_empty() {
            fields.text(&name, text);
        }
    }
}

/// The members of a part that is a form itself, as if each were a part: `about[a]`.
fn members(name: &str, text: &str, fields: &mut Fields) -> Result<(), NotUtf8> {
    for (key, value) in split_pairs(text) {
        let (key, value) = (decoded(Place::Body, key)?, decoded(Place::Body, value)?);
        let (first, inner) = key.split_at(key.find('[').unwrap_or(key.len()));
        fields.text(&format!("{name}[{first}]{inner}"), value.into_owned());
    }
    Ok(())
}

/// The property that a part is of: lists are written `files[]` or `files[0]` by some.
fn plain(name: &str) -> &str {
    match name
        .strip_suffix(']')
        .and_then(|open| open.rsplit_once('['))
    {
        Some((plain, index)) if index.bytes().all(|byte| byte.is_ascii_digit()) => plain,
        _ => name,
    }
}

/// `None`: the field of a form in which no file was chosen.
async fn upload(
    part: &mut Field<'_>,
    used: &AtomicU64,
    limits: Limits,
) -> Result<Option<Upload>, Unread> {
    let file_name = part.file_name().map(str::to_owned);
    let content_type = part.content_type().map(ToString::to_string);
    let mut incoming = Incoming::new();
    let mut is_empty = true;
    while let Some(piece) = next(part, used, limits).await? {
        is_empty &= piece.is_empty();
        incoming.write(&piece).await.map_err(Unread::Disk)?;
    }
    // What browsers send for it.
    if is_empty && file_name.as_deref() == Some("") {
        return Ok(None);
    }
    let upload = incoming.finish(file_name, content_type).await;
    upload.map(Some).map_err(Unread::Disk)
}

async fn next(
    part: &mut Field<'_>,
    used: &AtomicU64,
    limits: Limits,
) -> Result<Option<Bytes>, Unread> {
    let piece = part.chunk().await;
    let piece = piece.map_err(|error| Unread::of(&error, limits))?;
    if let Some(piece) = &piece {
        used.fetch_add(piece.len() as u64, Ordering::Relaxed);
    }
    Ok(piece)
}

/// The body as the parser takes it.
///
/// Left alone, the parser takes whatever is there before it looks at any of it, and keeps all of a
/// part's headers however long they are. So it is given one piece at a time, and is cut off when
/// too much goes in that does not come out.
struct Pieces {
    body: Unhurried,
    /// What went in.
    read: u64,
    /// What came out as content.
    used: Arc<AtomicU64>,
    /// Whether the parser has to look at a piece before it is given another one.
    is_fed: bool,
}

#[derive(Debug)]
struct TooMuchBetween;

impl fmt::Display for TooMuchBetween {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too much between the parts")
    }
}

impl Error for TooMuchBetween {}

impl Pieces {
    fn new(body: Unhurried) -> Pieces {
        Pieces {
            body,
            read: 0,
            used: Arc::default(),
            is_fed: false,
        }
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, Box<dyn Error + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if std::mem::take(&mut this.is_fed) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if this.read - this.used.load(Ordering::Relaxed) > MAX_BETWEEN {
            return Poll::Ready(Some(Err(Box::new(TooMuchBetween))));
        }
        Poll::Ready(match ready!(Pin::new(&mut this.body).poll_next(cx)) {
            None => None,
            Some(Err(error)) => Some(Err(Box::new(error))),
            Some(Ok(data)) => {
                this.read += data.len() as u64;
                this.is_fed = true;
                Some(Ok(data))
            }
        })
    }
}
