//! Changes to documents that a change of bytes rarely finds: a value put elsewhere, a reference
//! to any other place, a keyword where none was.

use libfuzzer_sys::fuzzer_mutate;
use serde_json::{Map, Value, json};

/// Keys that mean something to the generator, and names that could mean something to Rust.
const KEYS: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "callbacks",
    "const",
    "content",
    "default",
    "description",
    "discriminator",
    "enum",
    "example",
    "examples",
    "explode",
    "format",
    "headers",
    "in",
    "items",
    "mapping",
    "maximum",
    "minItems",
    "minLength",
    "name",
    "not",
    "nullable",
    "oneOf",
    "operationId",
    "parameters",
    "pattern",
    "prefixItems",
    "properties",
    "propertyName",
    "readOnly",
    "requestBody",
    "required",
    "responses",
    "schema",
    "security",
    "servers",
    "style",
    "tags",
    "title",
    "type",
    "writeOnly",
    "x-circuitbreaker",
    "x-failsafe",
    "x-ratelimit",
    "x-retry",
    "x-timeout",
    "200",
    "2XX",
    "default",
    "get",
    "post",
    "application/json",
    "multipart/form-data",
    "text/event-stream",
    "self",
    "Self",
    "fn",
    "",
    "a/b",
    "a~b",
    "\"",
    "\n",
    "{a}",
    "/{a}.{b}",
    "é",
    "_",
    "1",
];

const TEXTS: &[&str] = &[
    "string",
    "integer",
    "number",
    "boolean",
    "array",
    "object",
    "null",
    "int8",
    "uint64",
    "date-time",
    "date",
    "uuid",
    "binary",
    "byte",
    "path",
    "query",
    "header",
    "cookie",
    "deepObject",
    "pipeDelimited",
    "matrix",
    "label",
    "form",
    "apiKey",
    "http",
    "bearer",
    "oauth2",
    "^a(?=b)\\1$",
    "*/ \" \u{202e} {{ a }} \\",
    "../../a",
    "1/second",
    "5ms",
    "5xx",
    "{$request.body#/a}",
];

/// What `fuzz_mutator!` asks for: the new size of the data.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Random(u64::from(seed) << 1 | 1);
    if random.below(4) > 0
        && let Ok(mut document) = serde_norway::from_slice::<Value>(&data[..size])
        && document.is_object()
    {
        for _ in 0..=random.below(4) {
            change(&mut document, &mut random);
        }
        let text = document.to_string();
        if text.len() <= max_size {
            data[..text.len()].copy_from_slice(text.as_bytes());
            return text.len();
        }
    }
    fuzzer_mutate(data, size, max_size)
}

fn change(document: &mut Value, random: &mut Random) {
    let mut pointers = Vec::new();
    collect(document, &mut String::new(), &mut pointers);
    let (here, there) = (random.of(&pointers).clone(), random.of(&pointers).clone());
    let other = document.pointer(&there).cloned().unwrap_or_default();
    let value = match random.below(8) {
        0..3 => other,
        3 => json!({ "$ref": format!("#{there}") }),
        4 => Value::from(*random.of(TEXTS)),
        5 => json!({ *random.of(KEYS): other }),
        6 => [
            json!(null),
            json!(true),
            json!(-1),
            json!(1e300),
            json!([]),
            json!({}),
        ][random.below(6)]
        .clone(),
        _ => Value::Array(vec![other.clone(), other]),
    };
    let Some(target) = document.pointer_mut(&here) else {
        return;
    };
    match target {
        Value::Object(members) if random.below(3) > 0 => in_object(members, value, random),
        Value::Array(items) if random.below(2) > 0 => match random.below(items.len() + 1) {
            at if at < items.len() && random.below(2) > 0 => {
                items.remove(at);
            }
            at => items.insert(at, value),
        },
        Value::String(text) if random.below(2) > 0 => {
            let mut bytes = text.clone().into_bytes();
            let size = bytes.len();
            bytes.resize(size + 16, 0);
            let size = fuzzer_mutate(&mut bytes, size, size + 16);
            *text = String::from_utf8_lossy(&bytes[..size]).into_owned();
        }
        target => *target = value,
    }
}

fn in_object(members: &mut Map<String, Value>, value: Value, random: &mut Random) {
    let keys: Vec<String> = members.keys().cloned().collect();
    match random.below(3) {
        0 if !keys.is_empty() => {
            members.shift_remove(random.of(&keys));
        }
        1 if !keys.is_empty() => {
            if let Some(value) = members.shift_remove(random.of(&keys)) {
                members.insert((*random.of(KEYS)).to_owned(), value);
            }
        }
        _ => {
            members.insert((*random.of(KEYS)).to_owned(), value);
        }
    }
}

/// The pointers to every value.
fn collect(value: &Value, way: &mut String, pointers: &mut Vec<String>) {
    pointers.push(way.clone());
    let length = way.len();
    let mut step = |token: &str, value: &Value| {
        way.push('/');
        way.push_str(&token.replace('~', "~0").replace('/', "~1"));
        collect(value, way, pointers);
        way.truncate(length);
    };
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| {
            step(&index.to_string(), item);
        }),
        Value::Object(members) => members.iter().for_each(|(key, value)| step(key, value)),
        _ => {}
    }
}

/// Xorshift: the same seed gives the same change.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The low bits of a small seed are poor.
        ((self.0 >> 16) % bound as u64) as usize
    }

    fn of<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }
}
