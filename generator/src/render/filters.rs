//! Filters that make a value safe for the place where it is printed.
//!
//! Each is named after that place. What they return is marked as finished; nothing else of a
//! document can be printed (see `env`).

use std::fmt::Write as _;

use minijinja::{Environment, Error, ErrorKind, Value, value::ValueKind};

use super::{doc, imports};

/// Their names, for whoever meant one of them.
pub(super) const NAMES: &[&str] = &[
    "lit", "ident", "doc", "toml", "yaml", "key", "compose", "env", "comment", "md", "code",
    "prose", "path", "name", "layout", "import",
];

pub(super) fn add_to(env: &mut Environment<'_>) {
    env.add_filter("lit", lit);
    env.add_filter("ident", ident);
    env.add_filter("doc", doc_comment);
    env.add_filter("toml", toml);
    add(env, "yaml", json_string);
    add(env, "key", yaml_key);
    // Compose reads variables in every value; two dollars are one.
    add(env, "compose", |text| json_string(text).replace('$', "$$"));
    add(env, "env", env_value);
    add(env, "comment", one_line);
    add(env, "md", markdown);
    add(env, "code", markdown_code);
    add(env, "prose", |text| doc::lines(text).join("\n"));
    add(env, "path", one_line);
    env.add_filter("name", name);
    env.add_filter("layout", layout);
    env.add_filter("import", import);
}

/// A filter that finishes any text.
fn add(env: &mut Environment<'_>, name: &'static str, finish: fn(&str) -> String) {
    env.add_filter(name, move |value: &Value| {
        text(value).map(|text| finished(finish(text)))
    });
}

/// The text that a value is; one that is not there is told as such.
fn text(value: &Value) -> Result<&str, Error> {
    match value.is_undefined() {
        true => Err(ErrorKind::UndefinedError.into()),
        false => value.as_str().ok_or_else(|| wrong("text", value)),
    }
}

fn finished(text: String) -> Value {
    Value::from_safe_string(text)
}

fn wrong(expected: &str, value: &Value) -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        format!("not {expected}: {value:?}"),
    )
}

/// A Rust literal.
fn lit(value: &Value) -> Result<Value, Error> {
    let text = match value.kind() {
        ValueKind::Undefined => return Err(ErrorKind::UndefinedError.into()),
        ValueKind::String => rust_string(value.as_str().unwrap_or_default()),
        ValueKind::Bool => value.is_true().to_string(),
        ValueKind::Number if value.is_integer() => value.to_string(),
        ValueKind::Number => format!(
            "{:?}",
            f64::try_from(value.clone()).map_err(|_| wrong("a number", value))?
        ),
        _ => return Err(wrong("a literal", value)),
    };
    Ok(finished(text))
}

/// A string literal in which nothing invisible or reordering stands as itself.
pub(super) fn rust_string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' | '\n' | '\r' | '\t' => literal.extend(char.escape_default()),
            _ if doc::is_unprintable(char) => literal.extend(char.escape_unicode()),
            _ => literal.push(char),
        }
    }
    literal.push('"');
    literal
}

/// A name that `lower` has finished: checked, not changed.
fn ident(value: &Value) -> Result<Value, Error> {
    let value = text(value)?;
    syn::parse_str::<syn::Ident>(value)
        .map(|_| finished(value.to_owned()))
        .map_err(|_| wrong("an identifier", &Value::from(value)))
}

/// A name that stands for itself in every file: a package, a method, a service of compose.
fn name(value: &Value) -> Result<Value, Error> {
    let value = text(value)?;
    let plain = !value.is_empty()
        && value
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
    if plain {
        Ok(finished(value.to_owned()))
    } else {
        Err(wrong("a plain name", &Value::from(value)))
    }
}

/// Lines of a documentation comment, each with the prefix (`    ///`) before it. No newline at
/// the end.
fn doc_comment(value: &Value, prefix: &str) -> Result<Value, Error> {
    let lines = doc::lines(text(value)?).into_iter().map(|line| {
        if line.is_empty() {
            prefix.to_owned()
        } else {
            format!("{prefix} {line}")
        }
    });
    Ok(finished(lines.collect::<Vec<_>>().join("\n")))
}

/// A TOML string, or several with commas between them.
fn toml(value: &Value) -> Result<Value, Error> {
    let string = |value: &Value| text(value).map(json_string);
    if value.kind() == ValueKind::Seq {
        let strings = value.try_iter()?.map(|item| string(&item));
        let strings: Result<Vec<_>, Error> = strings.collect();
        Ok(finished(strings?.join(", ")))
    } else {
        string(value).map(finished)
    }
}

/// Blanks and line breaks that depend on how long a value is.
fn layout(value: &Value) -> Result<Value, Error> {
    let value = text(value)?;
    if value.chars().all(char::is_whitespace) {
        Ok(finished(value.to_owned()))
    } else {
        Err(wrong("layout", &Value::from(value)))
    }
}

/// A `use` of names that `lower` has finished, laid out as rustfmt would.
fn import(names: &Value, path: &str) -> Result<Value, Error> {
    let names = names.try_iter()?.map(|name| {
        let name = name.as_str().unwrap_or_default().to_owned();
        match syn::parse_str::<syn::Ident>(&name) {
            Ok(_) => Ok(name),
            Err(_) => Err(wrong("an identifier", &Value::from(name))),
        }
    });
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    Ok(finished(
        imports::import(path, &names).trim_end().to_owned(),
    ))
}

/// A JSON string: TOML's and YAML's double-quoted strings read the same escapes.
fn json_string(text: &str) -> String {
    let mut string = String::with_capacity(text.len() + 2);
    string.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => string.extend(['\\', char]),
            '\n' => string.push_str("\\n"),
            '\t' => string.push_str("\\t"),
            _ if doc::is_unprintable(char) => {
                let code = u32::from(char);
                // Writing to a String cannot fail. Neither TOML nor YAML joins surrogates.
                let _ = if code > 0xffff {
                    write!(string, "\\U{code:08x}")
                } else {
                    write!(string, "\\u{code:04x}")
                };
            }
            _ => string.push(char),
        }
    }
    string.push('"');
    string
}

/// A key of YAML, without quotes where every reader takes it for a text.
fn yaml_key(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && (text.chars()).all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
    let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    match plain && !words.contains(&text.to_ascii_lowercase().as_str()) {
        true => text.to_owned(),
        false => json_string(text),
    }
}

/// The value of a line of `.env`, which compose and a shell read alike: in single quotes neither
/// looks for variables.
fn env_value(text: &str) -> String {
    let line = one_line(text);
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:,@%+".contains(char);
    if line.chars().all(plain) {
        line
    } else {
        // Neither reader agrees with the other on how to escape a quote within quotes.
        format!("'{}'", line.replace('\'', "\u{2019}"))
    }
}

/// One line without control characters, for a comment that ends with its line.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|char: char| char.is_whitespace() || doc::is_unprintable(char))
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// One line of Markdown in which the text stands for itself, also in a table's cell.
fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in one_line(text).chars() {
        if "\\`*_[]<>|#~$".contains(char) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

/// A code span. Its fence is longer than every run of backticks in the text.
fn markdown_code(text: &str) -> String {
    let line = one_line(text).replace('|', "\\|");
    let longest = line
        .split(|char| char != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    if longest == 0 {
        format!("{fence}{line}{fence}")
    } else {
        format!("{fence} {line} {fence}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\"b'c\\d\ne$f`g|h<i>*/\u{202e}\u{0}";

    #[test]
    fn a_rust_literal_reads_back() {
        let literal: syn::LitStr = syn::parse_str(&rust_string(HOSTILE)).expect("a literal");
        assert_eq!(literal.value(), HOSTILE);
        assert!(!rust_string(HOSTILE).contains('\u{202e}'));
        for (value, expected) in [
            (Value::from(15_u64), "15"),
            (Value::from(-1), "-1"),
            (Value::from(1.0), "1.0"),
            (Value::from(0.25), "0.25"),
            (Value::from(false), "false"),
        ] {
            assert_eq!(lit(&value).expect("a literal").to_string(), expected);
        }
        assert!(lit(&Value::from(vec![1])).is_err());
    }

    #[test]
    fn an_identifier_is_checked() {
        let ident = |text: &str| ident(&Value::from(text));
        assert!(ident("r#type").is_ok());
        for bad in ["", "a b", "1a", "fn", "a;b"] {
            assert!(ident(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_json_string_reads_back() {
        let text: String = serde_json::from_str(&json_string(HOSTILE)).expect("JSON");
        assert_eq!(text, HOSTILE);
        let table: toml::Table = format!("x = {}", json_string(HOSTILE))
            .parse()
            .expect("TOML");
        assert_eq!(table["x"].as_str(), Some(HOSTILE));
    }

    #[test]
    fn a_setting_stays_on_its_line_and_in_its_quotes() {
        assert_eq!(env_value("http://a:1/b"), "http://a:1/b");
        assert_eq!(env_value("a $(b) c"), "'a $(b) c'");
        assert_eq!(env_value("a'\nB=1"), "'a\u{2019} B=1'");
    }

    #[test]
    fn a_key_is_a_text_to_everybody() {
        assert_eq!(yaml_key("listItems"), "listItems");
        for text in ["No", "12", "a: b", "a #b", "repos/get", "", "- a"] {
            assert_eq!(yaml_key(text), json_string(text));
        }
    }

    #[test]
    fn markdown_stands_for_itself() {
        assert_eq!(
            markdown("a|b\n# [c](d) <e>"),
            "a\\|b \\# \\[c\\](d) \\<e\\>"
        );
        assert_eq!(markdown_code("a`b"), "`` a`b ``");
        assert_eq!(markdown_code("/a/{b}"), "`/a/{b}`");
    }

    #[test]
    fn names_are_plain() {
        let name = |text: &str| name(&Value::from(text));
        assert!(name("my-service_2").is_ok());
        for bad in ["", "a b", "a\"", "a/b"] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
