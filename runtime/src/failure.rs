//! What counts as a failure, and which failures a pattern cares about.

use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::Duration;

use crate::ConfigError;

/// The kind of a failed call, as far as the patterns tell failures apart.
///
/// ```
/// use failsafe_runtime::{Failure, FailureKind};
///
/// let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
/// assert_eq!(refused.failure_kind(), FailureKind::Connection);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The other side could not be reached, or the connection broke.
    Connection,
    /// The call took longer than it was given.
    Timeout,
    /// The call was answered with this HTTP status.
    Status(u16),
    /// The call panicked. A panic is counted as a failure and never retried.
    Panic,
    /// Any other failure.
    Other,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection => f.write_str("connection error"),
            Self::Timeout => f.write_str("timeout"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Panic => f.write_str("panic"),
            Self::Other => f.write_str("error"),
        }
    }
}

/// An error that knows which [`FailureKind`] it is.
///
/// Implement it for an application's own error to let `exceptions: [ConnectionError]` find the
/// failures that it names; see [`ByKind`].
pub trait Failure {
    /// The kind of this failure.
    fn failure_kind(&self) -> FailureKind {
        FailureKind::Other
    }

    /// When whoever refused the call asked to be called again, if he did.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

impl Failure for io::Error {
    fn failure_kind(&self) -> FailureKind {
        use io::ErrorKind as Kind;
        match self.kind() {
            Kind::ConnectionRefused
            | Kind::ConnectionReset
            | Kind::ConnectionAborted
            | Kind::NotConnected
            | Kind::BrokenPipe
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::NetworkDown
            | Kind::AddrNotAvailable
            | Kind::UnexpectedEof => FailureKind::Connection,
            Kind::TimedOut => FailureKind::Timeout,
            _ => FailureKind::Other,
        }
    }
}

/// Decides whether the outcome of a call is a failure, and of which kind.
///
/// Every closure `Fn(&Result<T, E>) -> Option<FailureKind>` is a classifier.
pub trait Classify<T, E> {
    /// `None` when the outcome is a success.
    fn classify(&self, outcome: &Result<T, E>) -> Option<FailureKind>;

    /// When the outcome, a failure, says to call again. Default: it does not say.
    fn retry_after(&self, _outcome: &Result<T, E>) -> Option<Duration> {
        None
    }
}

impl<F, T, E> Classify<T, E> for F
where
    F: Fn(&Result<T, E>) -> Option<FailureKind>,
{
    fn classify(&self, outcome: &Result<T, E>) -> Option<FailureKind> {
        self(outcome)
    }
}

/// Every `Err` is a failure of [`FailureKind::Other`]: right wherever kinds do not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnyError;

impl<T, E> Classify<T, E> for AnyError {
    fn classify(&self, outcome: &Result<T, E>) -> Option<FailureKind> {
        outcome.is_err().then_some(FailureKind::Other)
    }
}

/// Every `Err` is a failure of the kind that the error itself names, and says itself when to call
/// again.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByKind;

impl<T, E: Failure> Classify<T, E> for ByKind {
    fn classify(&self, outcome: &Result<T, E>) -> Option<FailureKind> {
        outcome.as_ref().err().map(Failure::failure_kind)
    }

    fn retry_after(&self, outcome: &Result<T, E>) -> Option<Duration> {
        outcome.as_ref().err().and_then(Failure::retry_after)
    }
}

/// One entry of `exceptions`: a failure, or a class of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exception {
    /// `Exception`: any failure.
    Any,
    /// `ConnectionError`: [`FailureKind::Connection`].
    Connection,
    /// `TimeoutError`: [`FailureKind::Timeout`].
    Timeout,
    /// A status such as `503`.
    Status(u16),
    /// A class of statuses such as `5xx`; the first digit.
    StatusClass(u16),
}

impl Exception {
    /// Whether a failure of this kind is meant.
    pub const fn matches(self, kind: FailureKind) -> bool {
        match (self, kind) {
            (Self::Any, _)
            | (Self::Connection, FailureKind::Connection)
            | (Self::Timeout, FailureKind::Timeout) => true,
            (Self::Status(wanted), FailureKind::Status(status)) => wanted == status,
            (Self::StatusClass(class), FailureKind::Status(status)) => status / 100 == class,
            _ => false,
        }
    }
}

impl FromStr for Exception {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let unknown = || ConfigError::UnknownException(text.to_owned());
        match text {
            "Exception" => return Ok(Self::Any),
            "ConnectionError" => return Ok(Self::Connection),
            "TimeoutError" => return Ok(Self::Timeout),
            _ => {}
        }
        if let [class @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] = text.as_bytes() {
            return Ok(Self::StatusClass(u16::from(class - b'0')));
        }
        let status: u16 = text.parse().map_err(|_| unknown())?;
        if text.len() == 3 && (100..=599).contains(&status) {
            Ok(Self::Status(status))
        } else {
            Err(unknown())
        }
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("Exception"),
            Self::Connection => f.write_str("ConnectionError"),
            Self::Timeout => f.write_str("TimeoutError"),
            Self::Status(status) => write!(f, "{status}"),
            Self::StatusClass(class) => write!(f, "{class}xx"),
        }
    }
}

/// The failures that a pattern acts on: a list of [`Exception`]s, any of which may match.
///
/// ```
/// use failsafe_runtime::{Exceptions, FailureKind};
///
/// let exceptions = Exceptions::parse(["ConnectionError", "5xx"])?;
/// assert!(exceptions.matches(FailureKind::Status(503)));
/// assert!(!exceptions.matches(FailureKind::Timeout));
/// # Ok::<(), failsafe_runtime::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceptions(Vec<Exception>);

impl Exceptions {
    /// Any failure at all.
    pub fn any() -> Self {
        Self(vec![Exception::Any])
    }

    /// The given entries, as text.
    ///
    /// # Errors
    ///
    /// When an entry is neither a known name nor a status nor a class of statuses.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, ConfigError> {
        entries.into_iter().map(Exception::from_str).collect()
    }

    /// Whether a failure of this kind is meant by any entry.
    pub fn matches(&self, kind: FailureKind) -> bool {
        self.0.iter().any(|exception| exception.matches(kind))
    }

    /// The entries in the order in which they were given.
    pub fn as_slice(&self) -> &[Exception] {
        &self.0
    }

    /// Whether the list is empty, so that nothing matches.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Default for Exceptions {
    fn default() -> Self {
        Self::any()
    }
}

impl FromIterator<Exception> for Exceptions {
    fn from_iter<I: IntoIterator<Item = Exception>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<const N: usize> From<[Exception; N]> for Exceptions {
    fn from(entries: [Exception; N]) -> Self {
        Self(entries.into())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Exceptions {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ToString::to_string))
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Exceptions {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// A status may be written as a number.
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Entry {
            Status(u16),
            Text(String),
        }

        let entries = Vec::<Entry>::deserialize(deserializer)?;
        entries
            .into_iter()
            .map(|entry| match entry {
                Entry::Status(status) => status.to_string().parse(),
                Entry::Text(text) => text.parse(),
            })
            .collect::<Result<Self, ConfigError>>()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_matches_what_it_names() {
        use FailureKind::{Connection, Other, Panic, Status, Timeout};

        for (exception, matching, others) in [
            (
                "Exception",
                &[Connection, Timeout, Status(500), Panic, Other][..],
                &[][..],
            ),
            (
                "ConnectionError",
                &[Connection],
                &[Timeout, Status(503), Other],
            ),
            (
                "TimeoutError",
                &[Timeout],
                &[Connection, Status(504), Other],
            ),
            ("503", &[Status(503)], &[Status(500), Connection]),
            ("5xx", &[Status(500), Status(599)], &[Status(499), Timeout]),
        ] {
            let parsed: Exception = exception.parse().expect("known");
            assert_eq!(parsed.to_string(), exception);
            assert!(
                matching.iter().all(|kind| parsed.matches(*kind)),
                "{exception}"
            );
            assert!(
                !others.iter().any(|kind| parsed.matches(*kind)),
                "{exception}"
            );
        }
    }

    #[test]
    fn what_is_no_exception_is_refused() {
        for text in [
            "",
            "exception",
            "99",
            "600",
            "+503",
            "0503",
            "6xx",
            "5x",
            "x5x",
            "5xxx",
        ] {
            text.parse::<Exception>().expect_err(text);
        }
    }

    #[test]
    #[cfg(feature = "serde")]
    fn a_status_may_be_a_number() {
        let exceptions: Exceptions =
            serde_json::from_str(r#"["ConnectionError", 503, "5xx"]"#).expect("valid");
        let text = serde_json::to_string(&exceptions).expect("a list of text");
        assert_eq!(text, r#"["ConnectionError","503","5xx"]"#);
        serde_json::from_str::<Exceptions>("[99]").expect_err("no status");
    }
}
