//! The text of parameters as it stands in a request.

use std::borrow::Cow;

use http::HeaderMap;

use crate::service::call::Call;
use crate::service::violation::Place;

/// Text that is no UTF-8 once its escapes are undone.
#[derive(Debug)]
pub(crate) struct NotUtf8;

/// Every value that the request gives for a parameter, still escaped, in the request's order.
pub(super) fn texts<'c>(call: &'c Call, place: Place, name: &str) -> Result<Vec<&'c str>, NotUtf8> {
    match place {
        Place::Query => Ok(query(call.parts.uri.query().unwrap_or_default(), name)),
        Place::Path => Ok(call.path_text(name).into_iter().collect()),
        Place::Header => header(&call.parts.headers, name),
        Place::Cookie => cookie(&call.parts.headers, name),
        Place::Body => Ok(Vec::new()),
    }
}

fn query<'c>(query: &'c str, name: &str) -> Vec<&'c str> {
    split(query)
        .filter(|(key, _)| {
            *key == name || decode(Place::Query, key).is_ok_and(|decoded| decoded == name)
        })
        .map(|(_, value)| value)
        .collect()
}

/// The names and values of a query or a form, still escaped.
pub(crate) fn split(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// All names and values of the query or the cookies, the escapes of the names undone. A name that
/// is no UTF-8 is nobody's.
pub(super) fn pairs(call: &Call, place: Place) -> Result<Vec<(Cow<'_, str>, &str)>, NotUtf8> {
    let named = |(name, value)| Some((decode(place, name).ok()?, value));
    match place {
        Place::Query => {
            let query = call.parts.uri.query().unwrap_or_default();
            Ok(split(query).filter_map(named).collect())
        }
        Place::Cookie => {
            let cookies = cookies(&call.parts.headers)?;
            // An exploded value may be one cookie: `role=admin&name=Alex`.
            let pairs = cookies.iter().flat_map(|cookie| split(cookie));
            Ok(pairs.filter_map(named).collect())
        }
        Place::Path | Place::Header | Place::Body => Ok(Vec::new()),
    }
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
    let cookies = cookies(headers)?;
    let first = cookies
        .iter()
        .filter_map(|cookie| cookie.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value);
    Ok(first.into_iter().map(unquote).collect())
}

/// Every value of a name, in cookies of their own or in one: `ids=1; ids=2` and `ids=1&ids=2`.
pub(super) fn cookies_of<'c>(call: &'c Call, name: &str) -> Result<Vec<&'c str>, NotUtf8> {
    let pairs = pairs(call, Place::Cookie)?;
    let own = pairs.into_iter().filter(|(key, _)| key == name);
    Ok(own.map(|(_, value)| unquote(value)).collect())
}

fn cookies(headers: &HeaderMap) -> Result<Vec<&str>, NotUtf8> {
    let lines = header(headers, "cookie")?;
    let cookies = lines.into_iter().flat_map(|line| line.split(';'));
    Ok(cookies.map(str::trim).collect())
}

fn unquote(value: &str) -> &str {
    value
        .strip_prefix('"')
        .and_then(|inner| inner.strip_suffix('"'))
        .unwrap_or(value)
}

/// Undoes the escapes of a place: percent signs everywhere but in headers, `+` in queries
/// and forms.
pub(crate) fn decode(place: Place, text: &str) -> Result<Cow<'_, str>, NotUtf8> {
    let plus = matches!(place, Place::Query | Place::Body);
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
