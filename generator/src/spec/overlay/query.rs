//! Which places of a document a JSONPath (RFC 9535) means.

use std::collections::HashSet;

use serde_json_path::{JsonPath, NormalizedPath, PathElement};

use super::merge::Subject;
use crate::{
    diagnostic::{Diagnostic, Location},
    spec::at::At,
};

/// How long a query may be.
const MAX_LENGTH: usize = 4_000;
/// How deep brackets and parentheses may be nested: whoever reads them does so recursively.
const MAX_NESTED: usize = 16;
/// How many values one query may look at, and all of them: a few characters can ask for more than
/// there is memory or time (`$..*..*..*`).
const MAX_LOOKS: u64 = 5_000_000;
const MAX_ALL_LOOKS: u64 = 200_000_000;

/// One step from a value to one of those in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// The way from the root to a value.
pub(super) type Place = Vec<Step>;

/// The places that a target means, each once, in the document's order.
pub(super) fn places(
    target: &At<'_>,
    text: &str,
    subject: &mut Subject<'_>,
) -> Result<Vec<Place>, Diagnostic> {
    if nesting(text) > MAX_NESTED {
        let message = "filters within filters are nested too deep in this target";
        return Err(Diagnostic::error("target-too-wide", message)
            .at(target.location())
            .help("divide it into several actions"));
    }
    let looks = looks(text, subject.values(), subject.depth());
    subject.looks = subject.looks.saturating_add(looks);
    if text.len() > MAX_LENGTH || looks > MAX_LOOKS || subject.looks > MAX_ALL_LOOKS {
        let message = "this target looks at too much of the document";
        return Err(Diagnostic::error("target-too-wide", message)
            .at(target.location())
            .help("name more of the way: `$.paths.*.get` in place of `$..get`"));
    }
    let path = JsonPath::parse(text).map_err(|error| {
        let (place, help) = (place_of(target, text, error.position()), help(text));
        let message = match error.message() {
            "parser error" => "this is no JSONPath".to_owned(),
            reason => format!("this is no JSONPath: {reason}"),
        };
        Diagnostic::error("bad-target", message)
            .at(place)
            .help(help)
    })?;
    let found = path.query_located(&subject.plain);
    let mut seen = HashSet::new();
    let places = found.locations().map(place);
    Ok(places.filter(|place| seen.insert(place.clone())).collect())
}

fn place(path: &NormalizedPath<'_>) -> Place {
    let steps = path.iter().map(|element| match element {
        PathElement::Name(name) => Step::Key((*name).to_owned()),
        PathElement::Index(index) => Step::Index(*index),
    });
    steps.collect()
}

/// Where in a file a query is wrong, if it stands there letter by letter.
fn place_of(target: &At<'_>, text: &str, position: usize) -> Location {
    let mut location = target.location();
    let file = &target.document().files[0];
    let start = location.span.start - file.base;
    let end = location.span.end - file.base;
    let written = file.text.get(start as usize..end as usize);
    let lead = written.and_then(|written| written.find(text));
    if let Some(lead) = lead {
        let position = text.floor_char_boundary(position.min(text.len()));
        let next = text[position..].chars().next().map_or(0, char::len_utf8);
        location.span.start += (lead + position) as u32;
        location.span.end = location.span.start + next.max(1) as u32;
    }
    location
}

fn help(text: &str) -> &'static str {
    if !text.trim_start().starts_with('$') {
        return "a target begins with `$`, the whole document: `$.paths['/pets'].get`";
    }
    "a name with other signs than letters, digits and `_` stands in brackets and quotes: \
     `$.paths['/pets'].get`"
}

/// How many brackets and parentheses are open at once, in quotes or not.
fn nesting(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for c in text.chars() {
        match c {
            '[' | '(' => open += 1,
            ']' | ')' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// How many values a query may look at, roughly and at most.
fn looks(text: &str, values: usize, depth: usize) -> u64 {
    let (mut many, mut deep, mut absolute) = (false, 0_u32, 0_u32);
    let mut factor = 1_u64;
    let mut brackets: Vec<u64> = Vec::new();
    let mut parentheses = 0_usize;
    let mut quote = None;
    let mut signs = text.char_indices().peekable();
    while let Some((at, c)) = signs.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                signs.next();
            }
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[') => brackets.push(1),
            (None, ']') => factor = factor.saturating_mul(brackets.pop().unwrap_or(1)),
            (None, '(') => parentheses += 1,
            (None, ')') => parentheses = parentheses.saturating_sub(1),
            (None, ',') if parentheses == 0 => {
                if let Some(selectors) = brackets.last_mut() {
                    *selectors += 1;
                }
            }
            (None, '.') if signs.peek().is_some_and(|(_, next)| *next == '.') => {
                signs.next();
                many = true;
                deep += 1;
            }
            (None, '?') => {
                many = true;
                // A filter within a filter asks each value again.
                deep += u32::from(brackets.len() > 1);
            }
            (None, '*' | ':') => many = true,
            // A query from the root is made anew for each value that is filtered.
            (None, '$') if at > 0 && text[at..].contains(['*', '?', ':']) => absolute += 1,
            (None, '$') if at > 0 && text[at..].contains("..") => absolute += 1,
            _ => {}
        }
    }
    if !many {
        return factor;
    }
    let (values, depth) = (values as u64, depth as u64);
    let again = depth.saturating_pow(deep.saturating_sub(1));
    let from_root = values.saturating_pow(absolute);
    [values, again, from_root]
        .into_iter()
        .fold(factor, u64::saturating_mul)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_query_may_look_at_is_known_before_it_is_asked() {
        for (text, expected) in [
            ("$", 1),
            ("$.paths['/pets, [*] ..'].get", 1),
            ("$.paths['/a','/b']['get','put','post']", 6),
            ("$.paths.*.get", 1_000),
            ("$.paths.*['get','put']", 2_000),
            ("$..get", 1_000),
            ("$..*..*", 10_000),
            ("$..*..*..*", 100_000),
            (
                "$.paths.*.get.parameters[?@.name == 'a' && match(@.in, 'q,*')]",
                1_000,
            ),
            ("$.paths[?@.*[?@.x]]", 1_000),
            ("$.a[?@.b[?@.c[?@.d]]]", 10_000),
            ("$.paths[?@.x == $.info.title]", 1_000),
            ("$.paths[?@.x == $..title]", 1_000_000),
        ] {
            assert_eq!(looks(text, 1_000, 10), expected, "{text}");
        }
        let doubled = "['a','a']".repeat(100);
        assert_eq!(looks(&format!("${doubled}"), 10, 10), u64::MAX);
    }
}
