//! Durations as people write them: a number of seconds, or text with a unit.
//!
//! `30`, `0.25`, `"250ms"`, `"1.5s"`, `"2m"`, `"1h"` are all durations.

use std::time::Duration;

use crate::ConfigError;

/// The longest duration that a configuration may hold: ten years.
///
/// Sums of a few such durations still fit into every clock.
pub const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

const UNITS: [(&str, f64); 7] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
    ("d", 86400.0),
];

/// Reads a duration: a number of seconds, or a number with a unit (`ns`, `us`, `ms`, `s`, `m`,
/// `h`, `d`).
///
/// ```
/// use std::time::Duration;
/// use failsafe_runtime::duration::parse;
///
/// assert_eq!(parse("250ms")?, Duration::from_millis(250));
/// assert_eq!(parse("1.5")?, Duration::from_millis(1500));
/// assert!(parse("-1").is_err());
/// # Ok::<(), failsafe_runtime::ConfigError>(())
/// ```
///
/// # Errors
///
/// When the text is no such duration, or one that is negative or longer than [`LONGEST`].
pub fn parse(text: &str) -> Result<Duration, ConfigError> {
    let unknown = || ConfigError::UnknownDuration(text.to_owned());
    let trimmed = text.trim();
    let unit_at = trimmed
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(unit_at);
    let scale = match unit {
        "" => 1.0,
        unit => UNITS
            .iter()
            .find_map(|(name, scale)| (*name == unit).then_some(*scale))
            .ok_or_else(unknown)?,
    };
    let number: f64 = number.trim_end().parse().map_err(|_| unknown())?;
    from_secs(number * scale).ok_or_else(unknown)
}

/// A number of seconds as a duration; `None` when it is negative, not a number or longer than
/// [`LONGEST`].
pub fn from_secs(secs: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(secs)
        .ok()
        .filter(|duration| *duration <= LONGEST)
}

/// For `#[serde(with)]`: written as seconds, read as seconds or text with a unit.
#[cfg(feature = "serde")]
pub mod serde {
    use std::fmt;
    use std::time::Duration;

    #[cfg(feature = "exact")]
    use serde::de::{Deserialize as _, MapAccess, value::MapAccessDeserializer};
    use serde::de::{Deserializer, Error, Visitor};
    use serde::ser::Serializer;

    /// Writes the duration as a number of seconds.
    ///
    /// # Errors
    ///
    /// When the serializer fails.
    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    /// Reads a number of seconds or text with a unit.
    ///
    /// # Errors
    ///
    /// When the value is no duration.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        deserializer.deserialize_any(Seconds)
    }

    struct Seconds;

    impl<'de> Visitor<'de> for Seconds {
        type Value = Duration;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number of seconds or text with a unit such as 250ms")
        }

        fn visit_f64<E: Error>(self, secs: f64) -> Result<Duration, E> {
            super::from_secs(secs)
                .ok_or_else(|| E::custom(format_args!("{secs} is no duration in seconds")))
        }

        #[expect(
            clippy::cast_precision_loss,
            reason = "beyond 2^53 seconds it is refused anyway"
        )]
        fn visit_u64<E: Error>(self, secs: u64) -> Result<Duration, E> {
            self.visit_f64(secs as f64)
        }

        #[expect(
            clippy::cast_precision_loss,
            reason = "beyond 2^53 seconds it is refused anyway"
        )]
        fn visit_i64<E: Error>(self, secs: i64) -> Result<Duration, E> {
            self.visit_f64(secs as f64)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
            super::parse(text).map_err(E::custom)
        }

        /// A number with all of its digits is a map to serde, which only serde_json can read.
        #[cfg(feature = "exact")]
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Duration, A::Error> {
            let number = serde_json::Number::deserialize(MapAccessDeserializer::new(map))?;
            self.visit_f64(number.as_f64().unwrap_or(f64::INFINITY))
        }
    }

    /// The same for a duration that may be absent.
    pub mod option {
        use std::time::Duration;

        use serde::de::{Deserialize, Deserializer};
        use serde::ser::Serializer;

        /// Writes the duration as a number of seconds, or nothing.
        ///
        /// # Errors
        ///
        /// When the serializer fails.
        pub fn serialize<S: Serializer>(
            duration: &Option<Duration>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match duration {
                Some(duration) => serializer.serialize_some(&duration.as_secs_f64()),
                None => serializer.serialize_none(),
            }
        }

        /// Reads a number of seconds, text with a unit, or nothing.
        ///
        /// # Errors
        ///
        /// When the value is neither absent nor a duration.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Duration>, D::Error> {
            #[derive(serde::Deserialize)]
            struct Present(#[serde(with = "super")] Duration);

            Ok(Option::<Present>::deserialize(deserializer)?.map(|present| present.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_seconds_and_text_may_say_its_unit() {
        for (text, millis) in [
            ("0", 0),
            ("30", 30_000),
            ("0.25", 250),
            ("250ms", 250),
            (" 1.5 s ", 1500),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("1d", 86_400_000),
            ("5000us", 5),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn hostile_text_is_refused() {
        for text in [
            "",
            "s",
            "-1",
            "nan",
            "inf",
            "1e400",
            "99999999999",
            "1 week",
            "1ms2",
            "1,5",
            "٣",
        ] {
            parse(text).expect_err(text);
        }
    }

    #[test]
    #[cfg(feature = "serde")]
    fn both_forms_are_read_and_seconds_are_written() {
        #[derive(::serde::Serialize, ::serde::Deserialize)]
        struct Config {
            #[serde(with = "super::serde")]
            delay: Duration,
            #[serde(default, with = "super::serde::option")]
            total: Option<Duration>,
        }

        let read = |text| serde_json::from_str::<Config>(text).expect("valid");
        let config = read(r#"{ "delay": "250ms", "total": 2 }"#);
        assert_eq!(
            (config.delay, config.total),
            (parse("0.25").unwrap(), parse("2").ok())
        );
        assert_eq!(read(r#"{ "delay": 1 }"#).total, None);
        assert_eq!(read(r#"{ "delay": 1, "total": null }"#).total, None);
        let text = serde_json::to_string(&config).expect("numbers");
        assert_eq!(text, r#"{"delay":0.25,"total":2.0}"#);
        for wrong in ["-1", "1e99", "\"1 week\"", "null", "[]"] {
            let text = format!(r#"{{ "delay": {wrong} }}"#);
            assert!(serde_json::from_str::<Config>(&text).is_err(), "{wrong}");
        }
    }
}
