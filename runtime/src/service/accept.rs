//! Whether an answer can be of a media type that the request accepts.

use http::{HeaderMap, header};

/// Whether any of `produced` is acceptable. No `Accept`, or one that is no list of media types,
/// accepts everything.
pub(crate) fn accepts_any(headers: &HeaderMap, produced: &[&str]) -> bool {
    if produced.is_empty() || !headers.contains_key(header::ACCEPT) {
        return true;
    }
    let lines: Result<Vec<&str>, _> = headers
        .get_all(header::ACCEPT)
        .iter()
        .map(|line| line.to_str())
        .collect();
    let Ok(lines) = lines else { return true };
    let ranges: Vec<Range<'_>> = lines
        .iter()
        .flat_map(|line| line.split(','))
        .filter_map(Range::parse)
        .collect();
    ranges.is_empty()
        || produced
            .iter()
            .any(|media_type| accepts(&ranges, media_type))
}

/// Of the ranges that a media type is in, the most specific one decides (RFC 9110, 12.5.1).
fn accepts(ranges: &[Range<'_>], media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let Some((kind, subtype)) = essence.split_once('/') else {
        return true;
    };
    ranges
        .iter()
        .filter_map(|range| range.specificity(kind, subtype).map(|s| (s, range.wanted)))
        .max()
        .is_some_and(|(_, wanted)| wanted)
}

#[derive(Debug)]
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// False for `q=0`.
    wanted: bool,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Range<'a>> {
        let mut parts = text.split(';');
        let (kind, subtype) = parts.next()?.trim().split_once('/')?;
        let quality = parts
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .and_then(|(_, value)| value.trim().parse::<f64>().ok());
        Some(Range {
            kind,
            subtype,
            wanted: quality.is_none_or(|quality| quality > 0.0),
        })
    }

    /// `None` when the media type is not in the range.
    fn specificity(&self, kind: &str, subtype: &str) -> Option<u8> {
        let kind_fits = self.kind.eq_ignore_ascii_case(kind);
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            (_, "*") if kind_fits => Some(1),
            (_, named) if kind_fits && named.eq_ignore_ascii_case(subtype) => Some(2),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_most_specific_range_decides() {
        let check = |accept: &'static str, accepted: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(
                accepts_any(&headers, &["application/json"]),
                accepted,
                "{accept}"
            );
        };
        check("*/*", true);
        check("application/*", true);
        check("application/json", true);
        check("Application/JSON; charset=utf-8", true);
        check("text/html, application/json;q=0.1", true);
        check("text/html", false);
        check("text/html, */*;q=0.1", true);
        check("application/json;q=0, */*", false);
        check("application/json; q=0.0", false);
        // Not a list of media types: nobody is turned away for it.
        check("nonsense", true);
        check("", true);
    }

    #[test]
    fn nothing_asked_or_nothing_promised_is_fine() {
        assert!(accepts_any(&HeaderMap::new(), &["application/json"]));
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
        assert!(accepts_any(&headers, &[]));
        assert!(accepts_any(
            &headers,
            &["application/json", "text/html; charset=utf-8"]
        ));
    }
}
