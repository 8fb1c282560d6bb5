//! The text of parameters as it stands in a request.

use std::borrow::Cow;

use http::HeaderMap;

use super::Style;
use crate::service::call::Call;
use crate::service::template;
use crate::service::violation::Place;

/// Text that is no UTF-8 once its escapes are undone.
#[derive(Debug)]
pub(super) struct NotUtf8;

/// Every value that the request gives for a parameter, still escaped, in the request's order.
pub(super) fn texts<'c>(call: &'c Call, place: Place, name: &str) -> Result<Vec<&'c str>, NotUtf8> {
    match place {
        Place::Query => Ok(query(call.parts.uri.query().unwrap_or_default(), name)),
        Place::Path => {
            let template = call.context.operation.path;
            let text = template::segment(template, call.parts.uri.path(), name);
            Ok(text.into_iter().collect())
        }
        Place::Header => header(&call.parts.headers, name),
        Place::Cookie => cookie(&call.parts.headers, name),
        Place::Body => Ok(Vec::new()),
    }
}

fn query<'c>(query: &'c str, name: &str) -> Vec<&'c str> {
    query
        .split('&')
        .filter_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let is_it =
                key == name || decode(Place::Query, key).is_ok_and(|decoded| decoded == name);
            (is_it && !pair.is_empty()).then_some(value)
        })
        .collect()
}

fn header<'c>(headers: &'c HeaderMap, name: &str) -> Result<Vec<&'c str>, NotUtf8> {
    headers
        .get_all(name)
        .iter()
        .map(|value| {
            std::str::from_utf8(value.as_bytes())
                .map(str::trim)
                .map_err(|_| NotUtf8)
        })
        .collect()
}

/// Of cookies with one name the first counts: a browser sends the one nearest to the path first.
fn cookie<'c>(headers: &'c HeaderMap, name: &str) -> Result<Vec<&'c str>, NotUtf8> {
    let lines = header(headers, "cookie")?;
    let first = lines
        .iter()
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value);
    Ok(first.into_iter().map(unquote).collect())
}

fn unquote(value: &str) -> &str {
    value
        .strip_prefix('"')
        .and_then(|inner| inner.strip_suffix('"'))
        .unwrap_or(value)
}

/// The items of an array, their escapes undone.
pub(super) fn items(
    place: Place,
    style: Style,
    literal_comma: bool,
    texts: &[&str],
) -> Result<Vec<String>, NotUtf8> {
    let mut items = Vec::new();
    for text in texts {
        match style {
            Style::Repeated => items.push(decode(place, text)?.into_owned()),
            // An array without items is written as nothing at all.
            _ if text.is_empty() => {}
            Style::Comma if literal_comma => {
                for item in text.split(',') {
                    items.push(decode(place, trim(place, item))?.into_owned());
                }
            }
            Style::Comma => split_decoded(place, text, ',', &mut items)?,
            // Neither may stand in a URI as it is, so escapes are undone first.
            Style::Space => split_decoded(place, text, ' ', &mut items)?,
            Style::Pipe => split_decoded(place, text, '|', &mut items)?,
        }
    }
    Ok(items)
}

fn split_decoded(
    place: Place,
    text: &str,
    separator: char,
    items: &mut Vec<String>,
) -> Result<(), NotUtf8> {
    let decoded = decode(place, text)?;
    items.extend(
        decoded
            .split(separator)
            .map(|item| trim(place, item).to_owned()),
    );
    Ok(())
}

/// Lists in headers are written with white space after the comma.
fn trim(place: Place, item: &str) -> &str {
    if place == Place::Header {
        item.trim()
    } else {
        item
    }
}

/// Undoes the escapes of a place: percent signs everywhere but in headers, `+` in the query.
pub(super) fn decode(place: Place, text: &str) -> Result<Cow<'_, str>, NotUtf8> {
    let plus = place == Place::Query;
    let is_escape = |byte: u8| byte == b'%' || plus && byte == b'+';
    if place == Place::Header || !text.bytes().any(is_escape) {
        return Ok(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        decoded.push(match (first, tail) {
            (b'+', _) if plus => b' ',
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                // A percent sign that escapes nothing stands for itself, as it does to browsers.
                _ => b'%',
            },
            _ => *first,
        });
    }
    String::from_utf8(decoded)
        .map(Cow::Owned)
        .map_err(|_| NotUtf8)
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).map(|value| value as u8)
}
