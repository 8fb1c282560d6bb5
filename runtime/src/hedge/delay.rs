use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::{ConfigError, duration};

/// How long an attempt runs alone before another is started beside it.
///
/// ```
/// use std::time::Duration;
/// use failsafe_runtime::HedgeDelay;
///
/// assert_eq!("50ms".parse(), Ok(HedgeDelay::After(Duration::from_millis(50))));
/// assert_eq!("p95".parse(), Ok(HedgeDelay::Percentile(95)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HedgeDelay {
    /// Always so long.
    After(Duration),
    /// As long as so many percent of the calls that succeeded took, such as `p95`; 1 to 99. Until
    /// enough of them were seen in the last minute it is [`DEFAULT`](Self::DEFAULT).
    Percentile(u8),
}

impl HedgeDelay {
    /// The delay by default: 30 ms.
    pub const DEFAULT: Duration = Duration::from_millis(30);
}

impl Default for HedgeDelay {
    fn default() -> Self {
        Self::After(Self::DEFAULT)
    }
}

impl fmt::Display for HedgeDelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(delay) => write!(f, "{}s", delay.as_secs_f64()),
            Self::Percentile(percentile) => write!(f, "p{percentile}"),
        }
    }
}

impl FromStr for HedgeDelay {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let Some(percentile) = text.strip_prefix('p') else {
            return duration::parse(text).map(Self::After);
        };
        match percentile.parse() {
            Ok(number @ 1..=99) => Ok(Self::Percentile(number)),
            _ => Err(ConfigError::out_of_range("delay", "p1 to p99", text)),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for HedgeDelay {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::After(delay) => duration::serde::serialize(delay, serializer),
            Self::Percentile(_) => serializer.collect_str(self),
        }
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for HedgeDelay {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// A number of seconds, or text.
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Seconds(#[serde(with = "duration::serde")] Duration),
        }

        match serde::Deserialize::deserialize(deserializer)? {
            Written::Seconds(delay) => Ok(Self::After(delay)),
            Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}
