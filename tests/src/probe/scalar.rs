//! Numbers and texts that fit a schema.

use serde_json::{Number, Value, json};

use super::pattern;

fn bound(schema: &Value, key: &str) -> Option<f64> {
    schema[key].as_f64()
}

pub(super) fn integer(schema: &Value) -> Value {
    let lowest = lowest(schema, 1.0).map(f64::ceil);
    let highest = highest(schema, 1.0).map(f64::floor);
    let mut value = match (lowest, highest) {
        (Some(lowest), _) if lowest > 1.0 => lowest,
        (_, Some(highest)) if highest < 1.0 => highest,
        _ => 1.0,
    };
    if let Some(step) = bound(schema, "multipleOf").filter(|step| *step > 0.0) {
        value = (value / step).ceil() * step;
    }
    json!(value as i64)
}

pub(super) fn number(schema: &Value) -> Value {
    // Some say by the format that there is nothing behind the point.
    if schema["format"]
        .as_str()
        .is_some_and(|format| format.starts_with("int") || format.starts_with("uint"))
    {
        return integer(schema);
    }
    let value = match (lowest(schema, 0.5), highest(schema, 0.5)) {
        (Some(lowest), Some(highest)) => lowest.max((lowest + highest) / 2.0),
        (Some(lowest), None) => lowest.max(1.5),
        (None, Some(highest)) => highest.min(1.5),
        (None, None) => 1.5,
    };
    let value = match bound(schema, "multipleOf").filter(|step| *step > 0.0) {
        Some(step) => (value / step).ceil() * step,
        None => value,
    };
    Number::from_f64(value).map_or(json!(1), Value::Number)
}

fn lowest(schema: &Value, step: f64) -> Option<f64> {
    let minimum = bound(schema, "minimum");
    match &schema["exclusiveMinimum"] {
        Value::Bool(true) => minimum.map(|minimum| minimum + step),
        Value::Number(number) => number.as_f64().map(|number| number + step).max_of(minimum),
        _ => minimum,
    }
}

fn highest(schema: &Value, step: f64) -> Option<f64> {
    let maximum = bound(schema, "maximum");
    match &schema["exclusiveMaximum"] {
        Value::Bool(true) => maximum.map(|maximum| maximum - step),
        Value::Number(number) => {
            let below = number.as_f64().map(|number| number - step);
            below.map(|below| maximum.map_or(below, |maximum| maximum.min(below)))
        }
        _ => maximum,
    }
}

trait MaxOf {
    fn max_of(self, other: Self) -> Self;
}

impl MaxOf for Option<f64> {
    fn max_of(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        }
    }
}

pub(super) fn text(schema: &Value) -> String {
    let shortest = schema["minLength"].as_u64().unwrap_or(0) as usize;
    let longest = schema["maxLength"].as_u64().unwrap_or(u64::MAX) as usize;
    let pattern = schema["pattern"].as_str();
    if let Some(text) = pattern.and_then(|pattern| pattern::matching(pattern, shortest)) {
        return text;
    }
    let known = match schema["format"].as_str().unwrap_or_default() {
        "uuid" => "6f1c8f6e-4b5a-4c1e-9d3a-0f6b7a8c9d0e",
        "date-time" => "2024-05-06T07:08:09Z",
        "date" => "2024-05-06",
        "time" => "07:08:09Z",
        "duration" => "P1D",
        "email" | "idn-email" => "a@example.com",
        "uri" | "url" | "iri" => "https://example.com/a",
        "uri-reference" => "/a",
        "hostname" | "idn-hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "byte" => "YQ==",
        "regex" => "^a$",
        "json-pointer" => "/a",
        _ => "text",
    };
    let mut text: String = known.chars().take(longest.max(1)).collect();
    while text.chars().count() < shortest {
        text.push('x');
    }
    text
}
