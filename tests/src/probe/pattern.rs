//! A text that matches a pattern.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A text that the pattern matches, made by taking the first choice everywhere; none when the
/// pattern uses what only ECMA 262 has.
pub(super) fn matching(pattern: &str) -> Option<String> {
    let mut parser = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build();
    let hir = parser
        .parse(pattern)
        .ok()
        .or_else(|| regex_syntax::parse(pattern).ok())?;
    let mut out = String::new();
    write(&hir, &mut out).then_some(out)
}

fn write(hir: &Hir, out: &mut String) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0)
            .map(|text| out.push_str(text))
            .is_ok(),
        HirKind::Class(class) => choose(class).map(|c| out.push(c)).is_some(),
        HirKind::Repetition(repetition) => {
            // Once where it may be left out: `^.*$` should not become the empty text.
            let at_most = repetition.max.unwrap_or(u32::MAX);
            let count = repetition.min.max(1).min(at_most);
            (0..count).all(|_| write(&repetition.sub, out))
        }
        HirKind::Capture(capture) => write(&capture.sub, out),
        HirKind::Concat(parts) => parts.iter().all(|part| write(part, out)),
        HirKind::Alternation(choices) => choices.first().is_none_or(|first| write(first, out)),
    }
}

/// A letter or digit if the class has one, else its first printable member.
fn choose(class: &Class) -> Option<char> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => class
            .iter()
            .map(|range| (range.start() as u32, range.end() as u32))
            .collect(),
        Class::Bytes(class) => class
            .iter()
            .map(|range| (u32::from(range.start()), u32::from(range.end())))
            .collect(),
    };
    let holds = |c: char| {
        ranges
            .iter()
            .any(|&(start, end)| (start..=end).contains(&(c as u32)))
    };
    ('a'..='z')
        .chain('A'..='Z')
        .chain('0'..='9')
        .chain('!'..='~')
        .find(|&c| holds(c))
        .or_else(|| ranges.first().and_then(|&(start, _)| char::from_u32(start)))
}

#[cfg(test)]
mod tests {
    use super::matching;

    #[test]
    fn takes_the_first_choice() {
        assert_eq!(matching("^[A-Z]{3}-[0-9]{4}$").as_deref(), Some("AAA-0000"));
        assert_eq!(matching("^(x|y)+z?$").as_deref(), Some("xz"));
        assert_eq!(matching(r"^\d+\.\d+$").as_deref(), Some("0.0"));
        assert_eq!(matching("(?=a)b"), None);
    }
}
