//! What a client wants to be answered, by its `Accept`.

use http::{HeaderMap, HeaderValue, header};

/// The `Accept` of a request. No such header, or one that is no list of media types, accepts
/// everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accept(Option<HeaderValue>);

impl Accept {
    pub(crate) fn of(headers: &HeaderMap) -> Accept {
        let mut lines = headers.get_all(header::ACCEPT).iter();
        let first = lines.next().cloned();
        let rest: Vec<&HeaderValue> = lines.collect();
        // A list may be spread over several lines, which nearly nobody does.
        let (Some(line), false) = (&first, rest.is_empty()) else {
            return Accept(first);
        };
        let all = [line].into_iter().chain(rest);
        let all: Vec<&[u8]> = all.map(HeaderValue::as_bytes).collect();
        Accept(HeaderValue::from_bytes(&all.join(&b", "[..])).ok())
    }

    /// Whether any of `produced` is acceptable.
    pub(crate) fn any(&self, produced: &[&str]) -> bool {
        produced.is_empty() || self.best(produced).is_some()
    }

    /// The place in `produced` of what the client likes best, of equals the first.
    pub(crate) fn best(&self, produced: &[&str]) -> Option<usize> {
        let text = self.0.as_ref().and_then(|line| line.to_str().ok());
        let ranges: Vec<Range<'_>> = text
            .into_iter()
            .flat_map(|line| line.split(','))
            .filter_map(Range::parse)
            .collect();
        if ranges.is_empty() {
            return (!produced.is_empty()).then_some(0);
        }
        let liked = produced.iter().enumerate();
        liked
            .map(|(index, media_type)| (quality(&ranges, media_type), index))
            .filter(|(quality, _)| *quality > 0)
            .max_by_key(|(quality, index)| (*quality, usize::MAX - index))
            .map(|(_, index)| index)
    }
}

/// Of the ranges that a media type is in, the most specific one decides (RFC 9110, 12.5.1).
fn quality(ranges: &[Range<'_>], media_type: &str) -> u16 {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let Some((kind, subtype)) = essence.split_once('/') else {
        return Range::BEST;
    };
    ranges
        .iter()
        .filter_map(|range| Some((range.specificity(kind, subtype)?, range.quality)))
        .max()
        .map_or(0, |(_, quality)| quality)
}

#[derive(Debug)]
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// In thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    const BEST: u16 = 1000;

    fn parse(text: &'a str) -> Option<Range<'a>> {
        let mut parts = text.split(';');
        let (kind, subtype) = parts.next()?.trim().split_once('/')?;
        let quality = parts
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .and_then(|(_, value)| value.trim().parse::<f64>().ok())
            .filter(|quality| (0.0..=1.0).contains(quality));
        Some(Range {
            kind,
            subtype,
            // What is above zero is not nothing, however little it is.
            quality: quality.map_or(Range::BEST, |quality| (quality * 1000.0).ceil() as u16),
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
    use super::*;

    fn lines(lines: &[&'static str]) -> Accept {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT, HeaderValue::from_static(line));
        }
        Accept::of(&headers)
    }

    #[test]
    fn the_most_specific_range_decides() {
        let check = |accept: &'static str, accepted: bool| {
            assert_eq!(
                lines(&[accept]).any(&["application/json"]),
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
        assert!(lines(&[]).any(&["application/json"]));
        let html = lines(&["text/html"]);
        assert!(html.any(&[]));
        assert!(html.any(&["application/json", "text/html; charset=utf-8"]));
    }

    #[test]
    fn what_is_liked_best_is_chosen() {
        let produced = &["application/json", "text/csv; charset=utf-8", "image/png"];
        for (accept, best) in [
            (&[][..], Some(0)),
            (&["*/*"], Some(0)),
            (&["text/*, application/json;q=0.9"], Some(1)),
            (&["application/json;q=0.5", "image/png;q=0.8"], Some(2)),
            (&["*/*;q=0.1, text/csv;q=0.1"], Some(0)),
            (&["*/*, application/json;q=0"], Some(1)),
            (&["video/mp4"], None),
        ] {
            assert_eq!(lines(accept).best(produced), best, "{accept:?}");
        }
    }
}
