//! Which of the media types that an operation takes a body is of.

use http::{HeaderMap, header};

/// The place in `taken` of the type that the request's `Content-Type` names. Parameters, such as
/// a charset, tell nothing apart. What is named exactly goes before any other JSON, that before
/// `type/*`, and that before `*/*`.
pub(crate) fn position(taken: &[&str], named: &str) -> Option<usize> {
    taken
        .iter()
        .enumerate()
        .filter_map(|(index, taken)| Some((closeness(essence(taken), named)?, index)))
        // Of several the first one, so the index counts backwards.
        .max_by_key(|(closeness, index)| (*closeness, usize::MAX - index))
        .map(|(_, index)| index)
}

/// How well a media type answers to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Anything,
    SameKind,
    AlsoJson,
    Exact,
}

fn closeness(taken: &str, named: &str) -> Option<Closeness> {
    if taken.eq_ignore_ascii_case(named) {
        return Some(Closeness::Exact);
    }
    if is_json(taken) && is_json(named) {
        return Some(Closeness::AlsoJson);
    }
    if taken == "*/*" || taken == "*" {
        return Some(Closeness::Anything);
    }
    let kind = taken.strip_suffix("/*")?;
    let (named, _) = named.split_once('/')?;
    kind.eq_ignore_ascii_case(named)
        .then_some(Closeness::SameKind)
}

/// What the request says of its body. `None`: nothing.
pub(crate) fn named(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?;
    // What cannot be read is no media type that anybody takes.
    Some(value.to_str().map_or("", essence))
}

/// A media type without its parameters.
pub(crate) fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// JSON texts that a control character stands before (RFC 7464), and not one on each line.
pub(crate) fn is_sequence(essence: &str) -> bool {
    let essence = essence.to_ascii_lowercase();
    essence.ends_with("/json-seq") || essence.ends_with("+json-seq")
}

/// `application/json`, `text/json` or `+json`.
pub(crate) fn is_json(essence: &str) -> bool {
    let (_, subtype) = essence.split_once('/').unwrap_or_default();
    let suffix = subtype
        .rsplit_once('+')
        .map_or(subtype, |(_, suffix)| suffix);
    suffix.eq_ignore_ascii_case("json")
}

/// Whether a body of no named type may be one of these: bytes are bytes. Anything else has to be
/// named, because a browser sends what is not named from any page without asking first.
pub(crate) fn takes_unnamed(taken: &str) -> bool {
    ["application/octet-stream", "*/*"].contains(&essence(taken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_type_is_chosen() {
        let taken = &[
            "*/*",
            "text/*",
            "application/json; charset=utf-8",
            "application/merge-patch+json",
            "text/csv",
        ];
        for (named, index) in [
            ("Text/CSV", 4),
            ("text/html", 1),
            ("application/JSON", 2),
            ("application/merge-patch+json", 3),
            ("application/vnd.some+json", 2),
            ("image/png", 0),
            ("", 0),
        ] {
            assert_eq!(position(taken, named), Some(index), "{named}");
        }
        assert_eq!(position(&["application/json"], "text/html"), None);
        assert_eq!(position(&["application/json"], ""), None);
        assert_eq!(
            position(&["application/*+json"], "application/json"),
            Some(0)
        );
        assert_eq!(position(&["application/xml"], "application/soap+xml"), None);
    }
}
