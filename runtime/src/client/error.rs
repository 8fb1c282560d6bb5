//! Why a call to somebody else came to nothing.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::answer::Answer;
use crate::{Failure, FailureKind, TimedOut};

/// Why a call has no answer that the document knows.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError {
    /// The URL is none that can be called, and why.
    Url(String),
    /// [`Client::allowing`](super::Client::allowing) does not allow the URL.
    NotAllowed,
    /// A parameter cannot be written, and which.
    Parameter(&'static str),
    /// The body cannot be written as JSON.
    Body(serde_json::Error),
    /// Nobody could be reached; nothing was sent.
    Unreachable(Box<dyn Error + Send + Sync>),
    /// The connection broke before the answer was there.
    Broken(Box<dyn Error + Send + Sync>),
    /// The answer did not come in time.
    TimedOut(TimedOut),
    /// The answer is longer than the client reads: so many bytes.
    TooLong(usize),
    /// The answer's status is none that the document declares.
    Undeclared(Box<Answer>),
    /// The answer's body is not what the document says.
    Unreadable {
        /// What does not fit.
        source: serde_json::Error,
        /// The answer as it came.
        answer: Box<Answer>,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Url(why) => write!(f, "the URL cannot be called: {why}"),
            CallError::NotAllowed => f.write_str("the URL is not allowed"),
            CallError::Parameter(name) => write!(f, "the parameter {name} cannot be written"),
            CallError::Body(_) => f.write_str("the body cannot be written as JSON"),
            CallError::Unreachable(_) => f.write_str("nobody could be reached"),
            CallError::Broken(_) => f.write_str("the connection broke"),
            CallError::TimedOut(late) => late.fmt(f),
            CallError::TooLong(limit) => write!(f, "the answer is longer than {limit} bytes"),
            CallError::Undeclared(answer) => {
                write!(
                    f,
                    "the answer has the undeclared status {}",
                    answer.status()
                )
            }
            CallError::Unreadable { answer, .. } => {
                write!(
                    f,
                    "the body of the answer {} cannot be read",
                    answer.status()
                )
            }
        }
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            CallError::Body(source) | CallError::Unreadable { source, .. } => Some(source),
            CallError::Unreachable(source) | CallError::Broken(source) => Some(&**source),
            _ => None,
        }
    }
}

impl Failure for CallError {
    fn failure_kind(&self) -> FailureKind {
        match self {
            CallError::Unreachable(_) | CallError::Broken(_) => FailureKind::Connection,
            CallError::TimedOut(_) => FailureKind::Timeout,
            CallError::Undeclared(answer) => FailureKind::Status(answer.status().as_u16()),
            _ => FailureKind::Other,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            CallError::Undeclared(answer) | CallError::Unreadable { answer, .. } => {
                answer.retry_after()
            }
            _ => None,
        }
    }
}
