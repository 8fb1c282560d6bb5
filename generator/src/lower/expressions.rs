//! Runtime expressions, as far as they say where a callback goes.

use super::names;
use crate::ir::{Message, UrlPart};

/// The parts of a callback's URL; none where something is not understood.
pub(super) fn parse(text: &str) -> Option<Vec<UrlPart>> {
    // Some write the expression alone, without braces.
    if text.starts_with('$') && !text.contains('{') {
        return Some(vec![expression(text)?]);
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((literal, behind)) = rest.split_once('{') {
        if !literal.is_empty() {
            parts.push(UrlPart::Literal(literal.to_owned()));
        }
        let (inner, behind) = behind.split_once('}')?;
        parts.push(expression(inner.trim())?);
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(UrlPart::Literal(rest.to_owned()));
    }
    (!parts.is_empty()).then_some(parts)
}

fn expression(text: &str) -> Option<UrlPart> {
    let argument = |name: &str| Some(UrlPart::Text(names::field_name(name)));
    match text {
        "$url" | "$method" | "$statusCode" => return argument(&text[1..]),
        _ => {}
    }
    let (message, source) = match text.strip_prefix("$request.") {
        Some(source) => (Message::Request, source),
        None => (Message::Response, text.strip_prefix("$response.")?),
    };
    if let Some(pointer) = source.strip_prefix("body") {
        let pointer = match pointer.strip_prefix('#') {
            // A pointer begins with a slash, which some forget.
            Some(pointer) if !pointer.is_empty() && !pointer.starts_with('/') => {
                format!("/{pointer}")
            }
            Some(pointer) => pointer.to_owned(),
            None if pointer.is_empty() => String::new(),
            None => return None,
        };
        return Some(UrlPart::Body(message, pointer));
    }
    let (place, name) = source.split_once('.')?;
    let is_known = match message {
        Message::Request => matches!(place, "header" | "query" | "path"),
        Message::Response => place == "header",
    };
    argument(name).filter(|_| is_known && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_taken_apart() {
        let check = |text: &str, expected: Option<Vec<UrlPart>>| {
            assert_eq!(parse(text), expected, "{text}");
        };
        let literal = |text: &str| UrlPart::Literal(text.to_owned());
        let body = |pointer: &str| UrlPart::Body(Message::Request, pointer.to_owned());
        let text = |name: &str| UrlPart::Text(name.to_owned());
        check("{$request.body#/a/b}", Some(vec![body("/a/b")]));
        check("$request.body#/a", Some(vec![body("/a")]));
        check("{$request.body#a}", Some(vec![body("/a")]));
        check("{$request.body}", Some(vec![body("")]));
        check(
            "https://example.com/{$request.path.itemId}?to={$request.header.X-To}",
            Some(vec![
                literal("https://example.com/"),
                text("item_id"),
                literal("?to="),
                text("x_to"),
            ]),
        );
        check(
            "{$response.body#/url}/{$url}",
            Some(vec![
                UrlPart::Body(Message::Response, "/url".to_owned()),
                literal("/"),
                text("url"),
            ]),
        );
        check(
            "https://example.com",
            Some(vec![literal("https://example.com")]),
        );
        for unknown in [
            "",
            "{$request.body",
            "{$request.cookie.a}",
            "{name}",
            "$request.query.",
        ] {
            check(unknown, None);
        }
    }
}
