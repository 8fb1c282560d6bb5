//! Enums whose variants are texts.

use serde::de::{Deserialize, Deserializer, Error};

use super::members::Name;

/// Gives an enum without fields the texts that its variants stand for: `as_str`, `Display`,
/// `FromStr`, [`Serialize`](serde::Serialize) and [`Deserialize`].
///
/// ```
/// use failsafe_runtime::service;
///
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// enum Level {
///     Low,
///     VeryHigh,
/// }
///
/// service::texts!(Level {
///     Low = "low",
///     VeryHigh = "very-high",
/// });
///
/// assert_eq!(Level::VeryHigh.as_str(), "very-high");
/// assert_eq!("low".parse(), Ok(Level::Low));
/// assert_eq!(serde_json::to_string(&Level::Low)?, r#""low""#);
/// assert!(serde_json::from_str::<Level>(r#""none""#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! texts {
    ($name:ident { $($variant:ident = $text:literal,)* }) => {
        impl $name {
            const TEXTS: &[(&str, $name)] = &[$(($text, $name::$variant),)*];

            /// The text that the value stands for.
            #[allow(unreachable_pub, reason = "as reachable as the enum")]
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                Self::TEXTS[self as usize].0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::service::UnknownValue;

            // `Self::Err` may be a variant.
            fn from_str(text: &str) -> ::std::result::Result<Self, $crate::service::UnknownValue> {
                $crate::service::de::known(Self::TEXTS, text)
            }
        }

        impl $crate::service::de::Serialize for $name {
            fn serialize<__S>(&self, serializer: __S) -> ::std::result::Result<__S::Ok, __S::Error>
            where
                __S: $crate::service::de::Serializer,
            {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::service::de::Deserialize<'de> for $name {
            fn deserialize<__D>(deserializer: __D) -> ::std::result::Result<Self, __D::Error>
            where
                __D: $crate::service::de::Deserializer<'de>,
            {
                $crate::service::de::read(Self::TEXTS, deserializer)
            }
        }
    };
}

/// The value that a text stands for.
///
/// # Errors
///
/// When it stands for none.
pub fn known<T: Copy>(texts: &[(&str, T)], text: &str) -> Result<T, super::UnknownValue> {
    let found = texts.iter().find(|(known, _)| *known == text);
    found.map(|(_, value)| *value).ok_or(super::UnknownValue)
}

/// Reads a text that stands for a value.
///
/// # Errors
///
/// When it is no text, or stands for none.
pub fn read<'de, T, D>(texts: &[(&str, T)], deserializer: D) -> Result<T, D::Error>
where
    T: Copy,
    D: Deserializer<'de>,
{
    let text = Name::deserialize(deserializer)?;
    known(texts, text.as_str()).map_err(|_| {
        let known: Vec<&str> = texts.iter().map(|(text, _)| *text).collect();
        D::Error::custom(format_args!("must be one of {}", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Odd {
        Empty,
        Quoted,
    }

    crate::texts!(Odd {
        Empty = "",
        Quoted = "a \"b\"",
    });

    #[test]
    fn texts_are_read_and_written_as_they_are() {
        for (value, text) in [(Odd::Empty, ""), (Odd::Quoted, "a \"b\"")] {
            assert_eq!(value.to_string(), text);
            assert_eq!(text.parse(), Ok(value));
            assert_eq!(serde_json::to_value(value).unwrap(), json!(text));
            let written = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Odd>(&written).unwrap(), value);
        }
        let error = serde_json::from_value::<Odd>(json!("b")).unwrap_err();
        assert_eq!(error.to_string(), "must be one of , a \"b\"");
        assert!(serde_json::from_value::<Odd>(json!(1)).is_err());
    }
}
