//! What a scalar of YAML without quotes means.

use std::borrow::Cow;

use super::node::{Kind, Number};

/// Its meaning in the core schema of YAML 1.2, so `on` and `no` are texts.
pub(super) fn plain(value: Cow<'_, str>) -> Kind {
    match value.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        text => match number(text) {
            Some(text) => Kind::Number(Number { text }),
            None => Kind::String(value.into_owned()),
        },
    }
}

/// A number of the core schema in JSON's notation. Infinities and NaN have none and stay texts.
fn number(text: &str) -> Option<String> {
    if let Some(digits) = text.strip_prefix("0x") {
        return Some(
            u128::from_str_radix(unsigned(digits)?, 16)
                .ok()?
                .to_string(),
        );
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return Some(u128::from_str_radix(unsigned(digits)?, 8).ok()?.to_string());
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction_digits = fraction.unwrap_or_default();
    if !digits(whole)
        || !digits(fraction_digits)
        || (whole.is_empty() && fraction_digits.is_empty())
    {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    };
    let mut out = format!("{sign}{whole}");
    if fraction.is_some() {
        out.push('.');
        out.push_str(if fraction_digits.is_empty() {
            "0"
        } else {
            fraction_digits
        });
    }
    if let Some(exponent) = exponent {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if unsigned.is_empty() || !digits(unsigned) {
            return None;
        }
        out.push('e');
        out.push_str(exponent);
    }
    Some(out)
}

/// Digits without the sign that `from_str_radix` would take.
fn unsigned(digits: &str) -> Option<&str> {
    (!digits.starts_with(['+', '-'])).then_some(digits)
}
