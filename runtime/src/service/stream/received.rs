//! Values one after another in the body of a request: NDJSON, JSON Lines, and JSON text sequences.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::super::body::{self, Interrupted, Requirement, Unhurried, media};
use super::super::call::Call;
use super::super::violation::{Severity, Violation, Violations};
use crate::schema::Schema;

/// The values of a request's body, each of which is read, checked and handed on as it comes.
///
/// The body is never in memory as a whole, so a client may send for as long as the handler reads.
/// What bounds it: a line has at most as many bytes as any other body (`MAX_BODY_BYTES`, 1 MiB by
/// default), and a client that sends nothing for `BODY_READ_TIMEOUT` (30 s) is given up. Empty
/// lines are skipped. The first value is there, and has been checked, before the handler is called.
///
/// A clone reads on where the other one stopped: a body comes once, and no second attempt has it
/// again.
///
/// # Errors
///
/// A line that does not fit is an error, and the next one is read all the same; with `?` the
/// request is answered as one whose body does not fit, and the line is named. After an error that
/// leaves no next line the stream is at its end.
///
/// ```
/// use failsafe_runtime::service::{ApiError, ReceivedLines};
///
/// async fn total(mut body: ReceivedLines<u64>) -> Result<u64, ApiError> {
///     let mut total = 0;
///     while let Some(value) = body.next().await {
///         total += value?;
///     }
///     Ok(total)
/// }
/// ```
pub struct ReceivedLines<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

struct Shared<T> {
    /// What was read before the handler was called.
    first: Option<T>,
    lines: Lines,
}

impl<T: DeserializeOwned> ReceivedLines<T> {
    fn new(lines: Lines) -> ReceivedLines<T> {
        let shared = Shared { first: None, lines };
        ReceivedLines {
            shared: Arc::new(Mutex::new(shared)),
        }
    }

    /// The next value, or why the next line is none. `None`: there are no more.
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<T, InvalidLine>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Result<T, InvalidLine>>> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = shared.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let line = ready!(shared.lines.poll_line(cx));
        Poll::Ready(line.map(|line| line.and_then(|line| shared.lines.typed(&line))))
    }

    fn put_back(&self, first: T) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.first = Some(first);
    }
}

impl<T: DeserializeOwned> Stream for ReceivedLines<T> {
    type Item = Result<T, InvalidLine>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl<T> Clone for ReceivedLines<T> {
    fn clone(&self) -> ReceivedLines<T> {
        ReceivedLines {
            shared: Arc::clone(&self.shared),
        }
    }
}

/// Equal to its clones alone.
impl<T> PartialEq for ReceivedLines<T> {
    fn eq(&self, other: &ReceivedLines<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl<T> fmt::Debug for ReceivedLines<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What clients sent is not for logs.
        f.debug_struct("ReceivedLines").finish_non_exhaustive()
    }
}

/// A line of a body that is no value as the document describes it, or that never came.
#[derive(Debug, Clone)]
pub struct InvalidLine {
    line: u64,
    severity: Severity,
    violations: Vec<Violation>,
}

impl InvalidLine {
    /// The number of the line, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// What is wrong with it. Each names the line, and has a pointer into its value.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    pub(crate) fn found(&self) -> Violations {
        let mut found = Violations::default();
        for violation in &self.violations {
            found.add(self.severity, violation.clone());
        }
        found
    }

    fn new(line: u64, severity: Severity, rule: &'static str, message: String) -> InvalidLine {
        let violation = Violation {
            name: Some(name_of(line)),
            ..body::violation(rule, message)
        };
        InvalidLine {
            line,
            severity,
            violations: vec![violation],
        }
    }
}

fn name_of(line: u64) -> String {
    format!("line {line}")
}

impl fmt::Display for InvalidLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        match self.violations.first() {
            Some(first) => write!(f, "{} {}", first.pointer, first.message),
            None => Ok(()),
        }
    }
}

impl Error for InvalidLine {}

/// A body that has to be there, as a stream of values. `None`: violations were noted.
pub(crate) async fn lines<T: DeserializeOwned>(
    call: &mut Call,
    schema: &'static Schema,
    requirement: Requirement,
) -> Option<Option<ReceivedLines<T>>> {
    if !body::named(call, &["application/x-ndjson"], requirement)? {
        return Some(None);
    }
    let mut lines = ReceivedLines::new(Lines::of(call, schema));
    // A body that is something else altogether is refused like any other.
    match lines.next().await {
        None => {}
        Some(Ok(first)) => lines.put_back(first),
        Some(Err(invalid)) => {
            for violation in invalid.violations {
                call.violations.add(invalid.severity, violation);
            }
            return None;
        }
    }
    Some(Some(lines))
}

/// The lines of a body, whatever is in them.
struct Lines {
    pieces: Unhurried,
    schema: &'static Schema,
    separator: u8,
    /// How long a line may be.
    limit: usize,
    /// What has come and is not read.
    buffer: BytesMut,
    /// How much of it has no separator.
    searched: usize,
    /// The line that was read last.
    number: u64,
    has_ended: bool,
}

impl Lines {
    fn of(call: &mut Call, schema: &'static Schema) -> Lines {
        let is_sequence = media::named(&call.parts.headers).is_some_and(media::is_sequence);
        let body = std::mem::take(&mut call.body);
        Lines {
            pieces: Unhurried::new(body, call.arrival.body_read_timeout),
            schema,
            separator: if is_sequence { b'\x1e' } else { b'\n' },
            limit: call.arrival.max_body_bytes,
            buffer: BytesMut::new(),
            searched: 0,
            number: 0,
            has_ended: false,
        }
    }

    fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, InvalidLine>>> {
        loop {
            if let Some(line) = self.next_there() {
                let line = line.freeze();
                let line = line.slice_ref(line.trim_ascii());
                if !line.is_empty() {
                    return Poll::Ready(Some(match line.len() > self.limit {
                        true => Err(self.too_long()),
                        false => Ok(line),
                    }));
                }
                continue;
            }
            if self.has_ended {
                return Poll::Ready(None);
            }
            if self.buffer.len() > self.limit {
                self.number += 1;
                return Poll::Ready(Some(Err(self.too_long())));
            }
            match ready!(Pin::new(&mut self.pieces).poll_next(cx)) {
                None => self.has_ended = true,
                Some(Ok(piece)) => self.buffer.extend_from_slice(&piece),
                Some(Err(interrupted)) => {
                    self.number += 1;
                    return Poll::Ready(Some(Err(self.interrupted(interrupted))));
                }
            }
        }
    }

    /// A line of what has come, or the last one, which nothing has to end.
    fn next_there(&mut self) -> Option<BytesMut> {
        let unsearched = &self.buffer[self.searched..];
        let found = unsearched.iter().position(|byte| *byte == self.separator);
        let line = match found {
            Some(at) => {
                let mut line = self.buffer.split_to(self.searched + at + 1);
                line.truncate(self.searched + at);
                line
            }
            None if self.has_ended && !self.buffer.is_empty() => self.buffer.split(),
            None => {
                self.searched = self.buffer.len();
                return None;
            }
        };
        self.searched = 0;
        // What begins a sequence stands before its first value.
        let is_begin = self.separator != b'\n' && self.number == 0 && line.is_empty();
        self.number += u64::from(!is_begin);
        Some(line)
    }

    /// The rest is not looked at: where the next line begins could be far away.
    fn too_long(&mut self) -> InvalidLine {
        self.end();
        let message = format!("must have at most {} bytes", self.limit);
        InvalidLine::new(self.number, Severity::TooLarge, "maxBytes", message)
    }

    fn interrupted(&mut self, interrupted: Interrupted) -> InvalidLine {
        self.end();
        let (severity, rule) = match interrupted {
            Interrupted::Slow => (Severity::TooSlow, "readTimeout"),
            Interrupted::Broken => (Severity::Unreadable, "body"),
        };
        InvalidLine::new(self.number, severity, rule, interrupted.to_string())
    }

    fn end(&mut self) {
        self.has_ended = true;
        self.buffer = BytesMut::new();
        self.searched = 0;
    }

    fn typed<T: DeserializeOwned>(&self, line: &[u8]) -> Result<T, InvalidLine> {
        if !self.schema.typed {
            self.check(line)?;
        }
        body::read(line).map_err(|error| {
            let described = || {
                let message = error.to_string();
                InvalidLine::new(self.number, Severity::Constraint, "type", message)
            };
            self.check(line).err().unwrap_or_else(described)
        })
    }

    /// Everything that the schema finds in a line.
    fn check(&self, line: &[u8]) -> Result<(), InvalidLine> {
        let name = name_of(self.number);
        let (severity, violations) = body::check(self.schema, line, Some(&name));
        match violations.is_empty() {
            true => Ok(()),
            false => Err(InvalidLine {
                line: self.number,
                severity,
                violations,
            }),
        }
    }
}
