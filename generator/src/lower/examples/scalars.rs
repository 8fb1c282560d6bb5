//! Texts, numbers and truth values to try: the likeliest first.

use serde_json::{Number, Value};

use super::{facets::Facets, pattern};
use crate::ir::JsonType;

/// Values of a type, most of which fit. Whoever asks checks them.
pub(super) fn candidates(ty: JsonType, facets: &Facets<'_>) -> Vec<Value> {
    match ty {
        JsonType::Null => vec![Value::Null],
        JsonType::Boolean => vec![Value::Bool(true), Value::Bool(false)],
        JsonType::Integer => integers(facets),
        JsonType::Number => numbers(facets),
        _ => texts(facets).into_iter().map(Value::String).collect(),
    }
}

/// Small ones, those beside each bound, and the multiples next to them.
fn integers(facets: &Facets<'_>) -> Vec<Value> {
    let bounds = facets.bounds.iter().filter_map(|bound| whole(bound));
    let near: Vec<i128> = [1, 0].into_iter().chain(bounds).collect();
    let steps: Vec<i128> = facets.steps.iter().filter_map(|step| whole(step)).collect();
    let multiples = steps.into_iter().filter(|step| *step > 0).flat_map(|step| {
        let around = move |number: i128| (0..3).map(move |n| (number.div_euclid(step) + n) * step);
        near.iter().copied().flat_map(around)
    });
    let plain = near
        .iter()
        .flat_map(|number| [0, 1, -1, 2, 3, 4, 5].map(|more| number + more));
    multiples.chain(plain).filter_map(integer).collect()
}

fn whole(number: &Number) -> Option<i128> {
    let signed = number.as_i64().map(i128::from);
    let unsigned = number.as_u64().map(i128::from);
    signed.or(unsigned).or_else(|| {
        let float = number.as_f64()?;
        (float.abs() < 1e38).then_some(float.ceil() as i128)
    })
}

fn integer(number: i128) -> Option<Value> {
    let signed = i64::try_from(number).ok().map(Value::from);
    let unsigned = || u64::try_from(number).ok().map(Value::from);
    // Beyond 64 bits, as far as an `f64` says it exactly.
    let float = || Number::from_f64(number as f64).filter(|_| number as f64 as i128 == number);
    signed
        .or_else(unsigned)
        .or_else(|| float().map(Value::Number))
}

fn numbers(facets: &Facets<'_>) -> Vec<Value> {
    let bounds: Vec<f64> = facets
        .bounds
        .iter()
        .filter_map(|bound| bound.as_f64())
        .collect();
    let middle = (bounds.iter().sum::<f64>()) / (bounds.len().max(1) as f64);
    let near: Vec<f64> = [1.5, middle, 0.5].into_iter().chain(bounds).collect();
    let steps = facets.steps.iter().filter_map(|step| step.as_f64());
    let multiples = steps.filter(|step| *step > 0.0).flat_map(|step| {
        let around = |number: &f64| [1.0, 0.0].map(|more| ((number / step).floor() + more) * step);
        near.iter().flat_map(around).collect::<Vec<_>>()
    });
    let plain = near
        .iter()
        .flat_map(|number| [0.0, 0.5, -0.5, 1.0, -1.0].map(|more| number + more));
    let floats = multiples.chain(plain).filter_map(Number::from_f64);
    // Whole numbers last: they fit where a format asks for them.
    floats.map(Value::Number).chain(integers(facets)).collect()
}

fn texts(facets: &Facets<'_>) -> Vec<String> {
    let mut texts = Vec::new();
    for format in &facets.formats {
        texts.extend(formatted(format).iter().map(|text| (*text).to_owned()));
    }
    let least = usize::try_from(facets.min_length).unwrap_or(usize::MAX);
    for written in &facets.patterns {
        texts.extend(pattern::matching(written, least));
    }
    for number in 1..=16 {
        let text = if number == 1 {
            "text".to_owned()
        } else {
            format!("text{number}")
        };
        texts.push(sized(text, facets));
    }
    for letter in 'a'..='z' {
        texts.push(sized(letter.to_string(), facets));
    }
    texts
}

/// As long as it has to be, and no longer than it may be.
fn sized(mut text: String, facets: &Facets<'_>) -> String {
    /// A text that nobody would read to its end.
    const MAX: usize = 1 << 16;
    let least = usize::try_from(facets.min_length).unwrap_or(MAX).min(MAX);
    if let Some(most) = facets.max_length {
        text = text
            .chars()
            .take(usize::try_from(most).unwrap_or(MAX))
            .collect();
    }
    let missing = least.saturating_sub(text.chars().count());
    text.extend(std::iter::repeat_n('x', missing));
    text
}

fn formatted(format: &str) -> &'static [&'static str] {
    match format {
        "uuid" => &[
            "6f1c8f6e-4b5a-4c1e-9d3a-0f6b7a8c9d0e",
            "0d9e3f52-8a17-4b6c-b1f4-27c5d8e6a390",
        ],
        "date-time" => &["2024-05-06T07:08:09Z", "2024-05-07T08:09:10Z"],
        "date" => &["2024-05-06", "2024-05-07"],
        "time" => &["07:08:09Z", "08:09:10Z"],
        "duration" => &["P1D", "PT1H"],
        "email" | "idn-email" => &["jane@example.com", "john@example.com"],
        "uri" | "url" | "iri" => &["https://example.com/1", "https://example.com/2"],
        "uri-reference" | "iri-reference" | "json-pointer" => &["/1", "/2"],
        "uri-template" => &["/items/{id}"],
        "hostname" | "idn-hostname" => &["example.com", "example.org"],
        "ipv4" => &["192.0.2.1", "192.0.2.2"],
        "ipv6" => &["2001:db8::1", "2001:db8::2"],
        "byte" | "base64" => &["ZXhhbXBsZQ==", "dGV4dA=="],
        "regex" => &["^a$"],
        "relative-json-pointer" => &["0"],
        "decimal" => &["1.50", "2.50"],
        _ => &[],
    }
}
