//! What is wrong with a configuration.

use std::fmt;

/// A configuration that cannot be used: the key, the rule that it breaks, and the value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A value outside its range.
    OutOfRange {
        /// The key as it is written in the document.
        key: &'static str,
        /// The rule in words, such as `at least 1`.
        rule: &'static str,
        /// The value that broke the rule.
        value: String,
    },
    /// An entry of `exceptions` that is neither a name nor a status nor a class of statuses.
    UnknownException(String),
    /// A duration that cannot be read.
    UnknownDuration(String),
    /// A key that the configuration does not have.
    UnknownKey {
        /// The key.
        key: String,
        /// The one that was probably meant.
        nearest: Option<String>,
    },
    /// A key of the document that nothing can change while a service runs.
    Fixed {
        /// The key.
        key: &'static str,
        /// Why that is so, and what to do instead.
        why: &'static str,
    },
    /// A value that is not of the key's type.
    WrongValue {
        /// The key.
        key: String,
        /// What is wrong, in words.
        problem: String,
    },
    /// A rate that cannot be read.
    UnknownRate(String),
    /// Keys or values that are none of this configuration: which, in words.
    Unreadable(String),
    /// A pattern of this type and name exists already, with other values.
    Conflict {
        /// The pattern's type, such as `ratelimit`.
        pattern: &'static str,
        /// The name that both use.
        name: String,
    },
}

impl ConfigError {
    /// The key that is at fault, where it is one.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::OutOfRange { key, .. } | Self::Fixed { key, .. } => Some(key),
            Self::UnknownKey { key, .. } | Self::WrongValue { key, .. } => Some(key),
            _ => None,
        }
    }

    pub(crate) fn out_of_range(
        key: &'static str,
        rule: &'static str,
        value: impl fmt::Debug,
    ) -> Self {
        Self::OutOfRange {
            key,
            rule,
            value: format!("{value:?}"),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { key, rule, value } => write!(f, "{key} must be {rule}, not {value}"),
            Self::UnknownException(text) => write!(
                f,
                "unknown exception {text:?}: expected Exception, ConnectionError, TimeoutError, \
                 a status such as 503 or a class such as 5xx"
            ),
            Self::UnknownDuration(text) => write!(
                f,
                "unknown duration {text:?}: expected a number of seconds or text with a unit \
                 such as 250ms, 1.5s, 2m, 1h"
            ),
            Self::UnknownKey { key, nearest } => {
                write!(f, "unknown key {key:?}")?;
                match nearest {
                    Some(nearest) => write!(f, ", did you mean {nearest}?"),
                    None => Ok(()),
                }
            }
            Self::Fixed { key, why } => {
                write!(f, "{key} cannot be changed while the service runs: {why}")
            }
            Self::WrongValue { key, problem } => write!(f, "{key}: {problem}"),
            Self::UnknownRate(text) => write!(
                f,
                "unknown rate {text:?}: expected a number of calls and a time, such as 100/second, \
                 5000/hour or 10/90s"
            ),
            Self::Unreadable(message) => f.write_str(message),
            Self::Conflict { pattern, name } => {
                write!(f, "{pattern} {name:?} exists already with other values")
            }
        }
    }
}

impl std::error::Error for ConfigError {}
