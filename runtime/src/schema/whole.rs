//! Whole numbers with a point or an exponent: `1.0` and `1e2` are integers to JSON Schema, and
//! none to serde.

/// No type has more digits than `i128`; a short text can stand for more than memory can hold.
const MAX_DIGITS: usize = 39;

/// A whole number as digits alone: of `-1.20e1` it is `-12`. `None` for what is not whole, has
/// more digits than any type, or is no number.
///
/// ```
/// use failsafe_runtime::schema::whole;
///
/// assert_eq!(whole("12345678901234567890.0").as_deref(), Some("12345678901234567890"));
/// assert_eq!(whole("1e2").as_deref(), Some("100"));
/// assert_eq!(whole("1.5"), None);
/// ```
#[must_use]
pub fn whole(number: &str) -> Option<String> {
    let (sign, unsigned) = match number.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", number),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let has_leading_zero = before.len() > 1 && before.starts_with('0');
    if !is_digits(before) || !is_digits(after) || has_leading_zero {
        return None;
    }
    let exponent: isize = exponent.parse().ok()?;
    let digits = [before, after].concat();
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    // How many digits stand before the point, from the first one that is not zero.
    let point = isize::try_from(before.len()).ok()? - isize::try_from(leading).ok()?;
    let length = usize::try_from(point.checked_add(exponent)?).ok()?;
    (significant.len()..=MAX_DIGITS)
        .contains(&length)
        .then(|| format!("{sign}{significant:0<length$}"))
}

/// JSON in which every whole number is digits alone; `None` where it is so already.
#[cfg(feature = "service")]
pub(crate) fn plain(json: &[u8]) -> Option<Vec<u8>> {
    let mut written = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        let start = at;
        at += match byte {
            b'"' => string(&json[at..]),
            b'-' | b'0'..=b'9' => number(&json[at..]),
            _ => 1,
        };
        let token = &json[start..at];
        // `-0` is a fraction to serde.
        if *byte == b'"' || !(token.iter().any(|it| b".eE".contains(it)) || token == b"-0") {
            continue;
        }
        if let Some(whole) = std::str::from_utf8(token).ok().and_then(whole) {
            written.extend_from_slice(&json[copied..start]);
            written.extend_from_slice(whole.as_bytes());
            copied = at;
        }
    }
    (copied > 0).then(|| {
        written.extend_from_slice(&json[copied..]);
        written
    })
}

/// The length of the string that a text begins with.
#[cfg(feature = "service")]
fn string(json: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    json.len()
}

/// The length of the number that a text begins with.
#[cfg(feature = "service")]
fn number(json: &[u8]) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    json.iter().take_while(|byte| is_part(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_whole_is_digits() {
        for (number, expected) in [
            ("0", Some("0")),
            ("-0", Some("0")),
            ("-0.0e5", Some("0")),
            ("12", Some("12")),
            ("1.0", Some("1")),
            ("-1.20e1", Some("-12")),
            ("1E+2", Some("100")),
            ("1000e-3", Some("1")),
            ("0.001e3", Some("1")),
            ("0.5e1", Some("5")),
            ("9007199254740993.000", Some("9007199254740993")),
            ("1e38", Some("100000000000000000000000000000000000000")),
            ("1e39", None),
            ("1e999999999999999999999", None),
            ("1e-9223372036854775808", None),
            ("1.5", None),
            ("1e-1", None),
            ("", None),
            ("-", None),
            ("1.", None),
            ("007", None),
            ("1e+-2", None),
            (".5", None),
            ("1e", None),
            ("one", None),
        ] {
            assert_eq!(whole(number).as_deref(), expected, "{number}");
        }
    }

    #[cfg(feature = "service")]
    #[test]
    fn numbers_are_found_wherever_they_stand() {
        let of = |json: &str| plain(json.as_bytes()).map(|it| String::from_utf8(it).unwrap());
        for (json, expected) in [
            ("1.0", Some("1")),
            (
                r#"{"1.0":[1e2,-0, 2.5 ,3.0]}"#,
                Some(r#"{"1.0":[100,0, 2.5 ,3]}"#),
            ),
            (r#"["\"1.0", 1.0, "ä"]"#, Some(r#"["\"1.0", 1, "ä"]"#)),
            (r#"{"a": 1, "b": 1.5, "c": "1.0"}"#, None),
            ("", None),
        ] {
            assert_eq!(of(json).as_deref(), expected, "{json}");
        }
        // What is no JSON is not judged here, and does no harm.
        for broken in ["\"1.0", "\"\\", "1.0.0", "-", "[1e", "\u{ff}1e5\""] {
            let _ = plain(broken.as_bytes());
        }
    }
}
