use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::{ConfigError, duration};

const UNITS: [(&str, u64); 4] = [
    ("second", 1),
    ("minute", 60),
    ("hour", 60 * 60),
    ("day", 24 * 60 * 60),
];

/// So many calls in a time, written `100/second`, `5000/hour` or `10/90s`.
///
/// ```
/// use std::time::Duration;
/// use failsafe_runtime::Rate;
///
/// assert_eq!("5000/hour".parse(), Ok(Rate::per_hour(5000)));
/// assert_eq!(Rate::new(10, Duration::from_secs(90)).to_string(), "10/90s");
/// assert!("5000".parse::<Rate>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// Calls; at least 1.
    pub executions: u32,
    /// The time in which there may be so many; more than zero.
    pub per: Duration,
}

impl Rate {
    /// So many calls in a time.
    #[must_use]
    pub const fn new(executions: u32, per: Duration) -> Self {
        Self { executions, per }
    }

    /// So many calls a second.
    #[must_use]
    pub const fn per_second(executions: u32) -> Self {
        Self::new(executions, Duration::from_secs(1))
    }

    /// So many calls a minute.
    #[must_use]
    pub const fn per_minute(executions: u32) -> Self {
        Self::new(executions, Duration::from_secs(60))
    }

    /// So many calls an hour.
    #[must_use]
    pub const fn per_hour(executions: u32) -> Self {
        Self::new(executions, Duration::from_secs(60 * 60))
    }

    /// So many calls a day.
    #[must_use]
    pub const fn per_day(executions: u32) -> Self {
        Self::new(executions, Duration::from_secs(24 * 60 * 60))
    }

    /// Calls a second.
    pub(super) fn per_second_f64(self) -> f64 {
        f64::from(self.executions) / self.per.as_secs_f64()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS
            .iter()
            .find(|(_, secs)| self.per == Duration::from_secs(*secs));
        match unit {
            Some((unit, _)) => write!(f, "{}/{unit}", self.executions),
            None => write!(f, "{}/{}s", self.executions, self.per.as_secs_f64()),
        }
    }
}

impl FromStr for Rate {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let unknown = || ConfigError::UnknownRate(text.to_owned());
        let (executions, per) = text.split_once('/').ok_or_else(unknown)?;
        let per = per.trim();
        let per = match UNITS.iter().find(|(unit, _)| *unit == per) {
            Some((_, secs)) => Duration::from_secs(*secs),
            // `10/5` would leave open of what.
            None if !per.ends_with(|end: char| end.is_ascii_alphabetic()) => return Err(unknown()),
            None => duration::parse(per).map_err(|_| unknown())?,
        };
        let executions = executions.trim().parse().map_err(|_| unknown())?;
        Ok(Self::new(executions, per))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// For `#[serde(with)]`: written as a list, read as one text or a list of them.
#[cfg(feature = "serde")]
pub(super) mod list {
    use std::fmt;

    use serde::de::{Deserializer, Error, SeqAccess, Visitor};
    use serde::ser::Serializer;

    use super::Rate;

    pub(in crate::ratelimit) fn serialize<S: Serializer>(
        rates: &[Rate],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(rates)
    }

    pub(in crate::ratelimit) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Rate>, D::Error> {
        deserializer.deserialize_any(Rates)
    }

    struct Rates;

    impl<'de> Visitor<'de> for Rates {
        type Value = Vec<Rate>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a rate such as 100/minute, or a list of such rates")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Vec<Rate>, E> {
            Ok(vec![text.parse().map_err(E::custom)?])
        }

        fn visit_unit<E: Error>(self) -> Result<Vec<Rate>, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut texts: A) -> Result<Vec<Rate>, A::Error> {
            let mut rates = Vec::new();
            while let Some(text) = texts.next_element::<String>()? {
                rates.push(text.parse().map_err(A::Error::custom)?);
            }
            Ok(rates)
        }
    }
}
