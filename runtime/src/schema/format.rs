//! The formats of strings and numbers that are checked. Others say something to people alone.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Number, base64};

/// A format that a value has to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// -128 to 127.
    Int8,
    /// -32768 to 32767.
    Int16,
    /// -2^31 to 2^31 - 1.
    Int32,
    /// -2^63 to 2^63 - 1.
    Int64,
    /// 0 to 255.
    UInt8,
    /// 0 to 65535.
    UInt16,
    /// 0 to 2^32 - 1.
    UInt32,
    /// 0 to 2^64 - 1.
    UInt64,
    /// A number in the range of 32 bit floating point.
    Float,
    /// An RFC 3339 date and time, `2024-02-29T12:30:00Z`.
    DateTime,
    /// An RFC 3339 date, `2024-02-29`.
    Date,
    /// An RFC 3339 time with offset, `12:30:00Z`.
    Time,
    /// An ISO 8601 duration, `P3DT4H`.
    Duration,
    /// A UUID, `123e4567-e89b-12d3-a456-426614174000`.
    Uuid,
    /// An absolute URI.
    Uri,
    /// An e-mail address.
    Email,
    /// A host name.
    Hostname,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// Base64.
    Byte,
}

impl Format {
    /// The format that a document calls so; none where it is not checked.
    #[cfg(feature = "sources")]
    #[must_use]
    pub fn named(name: &str) -> Option<Format> {
        Some(match name {
            "int8" => Format::Int8,
            "int16" => Format::Int16,
            "int32" => Format::Int32,
            "int64" => Format::Int64,
            "uint8" => Format::UInt8,
            "uint16" => Format::UInt16,
            "uint32" => Format::UInt32,
            "uint64" => Format::UInt64,
            "date-time" => Format::DateTime,
            "date" => Format::Date,
            "time" => Format::Time,
            "duration" => Format::Duration,
            "uuid" => Format::Uuid,
            "uri" => Format::Uri,
            "email" => Format::Email,
            "hostname" => Format::Hostname,
            "ipv4" => Format::Ipv4,
            "ipv6" => Format::Ipv6,
            "byte" => Format::Byte,
            _ => return None,
        })
    }

    /// What a value of the format is, for messages.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Format::Int8 => "an integer from -128 to 127",
            Format::Int16 => "an integer from -32768 to 32767",
            Format::Int32 => "an integer from -2147483648 to 2147483647",
            Format::Int64 => "an integer of 64 bits",
            Format::UInt8 => "an integer from 0 to 255",
            Format::UInt16 => "an integer from 0 to 65535",
            Format::UInt32 => "an integer from 0 to 4294967295",
            Format::UInt64 => "an integer of 64 bits, at least 0",
            Format::Float => "a number from -3.4028235e38 to 3.4028235e38",
            Format::DateTime => "a date and time such as 2024-02-29T12:30:00Z",
            Format::Date => "a date such as 2024-02-29",
            Format::Time => "a time such as 12:30:00Z",
            Format::Duration => "an ISO 8601 duration such as P3DT4H",
            Format::Uuid => "a UUID",
            Format::Uri => "an absolute URI",
            Format::Email => "an e-mail address",
            Format::Hostname => "a host name",
            Format::Ipv4 => "an IPv4 address",
            Format::Ipv6 => "an IPv6 address",
            Format::Byte => "base64",
        }
    }

    /// Whether a number has the format. Formats of strings say nothing about numbers.
    #[must_use]
    pub fn fits_number(self, number: Number) -> bool {
        let (least, most) = match self {
            Format::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Format::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Format::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Format::Int64 => (i64::MIN.into(), i64::MAX.into()),
            Format::UInt8 => (0, u8::MAX.into()),
            Format::UInt16 => (0, u16::MAX.into()),
            Format::UInt32 => (0, u32::MAX.into()),
            Format::UInt64 => (0, u64::MAX.into()),
            // Beyond it is infinity, which JSON cannot say.
            Format::Float => return number.as_f64().abs() <= f32::MAX.into(),
            _ => return true,
        };
        matches!(number, Number::Int(int) if (least..=most).contains(&int))
    }

    /// Whether a string has the format. Formats of numbers say nothing about strings.
    #[must_use]
    pub fn fits_text(self, text: &str) -> bool {
        match self {
            Format::DateTime => is_date_time(text),
            Format::Date => is_date(text.as_bytes()),
            Format::Time => is_time(text.as_bytes()),
            Format::Duration => is_duration(text),
            Format::Uuid => is_uuid(text.as_bytes()),
            Format::Uri => is_uri(text),
            Format::Email => is_email(text),
            Format::Hostname => is_hostname(text),
            Format::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Format::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Format::Byte => base64::is_base64(text.as_bytes()),
            _ => true,
        }
    }
}

fn is_date_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 11
        && is_date(&bytes[..10])
        && matches!(bytes[10], b'T' | b't')
        && is_time(&bytes[11..])
}

fn is_date(bytes: &[u8]) -> bool {
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (
        digits(&bytes[..4]),
        digits(&bytes[5..7]),
        digits(&bytes[8..]),
    ) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// `hh:mm:ss`, perhaps a fraction, and `Z` or `±hh:mm`.
fn is_time(bytes: &[u8]) -> bool {
    if bytes.len() < 9 || bytes[2] != b':' || bytes[5] != b':' {
        return false;
    }
    let (Some(hour), Some(minute), Some(second)) = (
        digits(&bytes[..2]),
        digits(&bytes[3..5]),
        digits(&bytes[6..8]),
    ) else {
        return false;
    };
    // Second 60 is a leap second.
    if hour > 23 || minute > 59 || second > 60 {
        return false;
    }
    let mut rest = &bytes[8..];
    if let [b'.', fraction @ ..] = rest {
        let length = fraction
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    match rest {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', hour @ .., b':', m1, m2] if hour.len() == 2 => {
            digits(hour).is_some_and(|hour| hour < 24)
                && digits(&[*m1, *m2]).is_some_and(|minute| minute < 60)
        }
        _ => false,
    }
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    })
}

/// `P[nY][nM][nD][T[nH][nM][nS]]` with at least one part, or `PnW`.
fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else {
        return false;
    };
    if let Some(weeks) = rest.strip_suffix('W') {
        return !weeks.is_empty() && weeks.bytes().all(|byte| byte.is_ascii_digit());
    }
    match rest.split_once('T') {
        Some((date, time)) => (date.is_empty() || is_parts(date, "YMD")) && is_parts(time, "HMS"),
        None => is_parts(rest, "YMD"),
    }
}

/// Numbers, each followed by one of `units`, the units in order and none twice.
fn is_parts(text: &str, units: &str) -> bool {
    let mut rest = text;
    let mut units = units.chars();
    while !rest.is_empty() {
        let length = rest
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'.')
            .count();
        let (number, tail) = rest.split_at(length);
        let unit = tail.chars().next();
        // A fraction is for seconds alone.
        let is_number = match number.split_once('.') {
            None => !number.is_empty(),
            Some((whole, part)) => {
                unit == Some('S') && !whole.is_empty() && !part.is_empty() && !part.contains('.')
            }
        };
        if !is_number || !units.any(|known| Some(known) == unit) {
            return false;
        }
        rest = &tail[1..];
    }
    !text.is_empty()
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A scheme, a colon, and only characters that a URI may have.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut scheme = scheme.bytes();
    scheme.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && scheme.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        && !rest.is_empty()
        && !rest
            .bytes()
            .any(|byte| byte <= b' ' || byte == 0x7f || b"\"<>\\^`{|}".contains(&byte))
}

/// One `@` with something sensible on both sides. Stricter checks refuse real addresses.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let plain = !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "()<>[]:;@\\,\"".contains(c));
    let literal = domain.starts_with('[') && domain.ends_with(']');
    (quoted || plain) && (literal || is_hostname(domain))
}

fn is_hostname(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c == '-' || c.is_alphanumeric())
        })
}
