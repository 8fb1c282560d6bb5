//! A text that matches a pattern.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A text of at least so many letters that the pattern matches, made by taking the first choice
/// everywhere and repeating where that is allowed; none when the pattern has no such text, or asks
/// for one by looking around. What must not stand around a text does not, most of the time.
pub(super) fn matching(pattern: &str, shortest: usize) -> Option<String> {
    let mut parser = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build();
    let bare = without_exclusions(pattern);
    let hir = parser
        .parse(&bare)
        .ok()
        .or_else(|| regex_syntax::parse(&bare).ok())?;
    // Not without end: nobody asks for longer texts.
    (1..=shortest.clamp(1, 4096) as u32).find_map(|repeats| {
        let mut out = String::new();
        let written = write(&hir, repeats, &mut out);
        (written && out.chars().count() >= shortest).then_some(out)
    })
}

/// The pattern without the groups that say what must not be there.
fn without_exclusions(pattern: &str) -> String {
    let mut bare = String::new();
    let mut rest = pattern;
    while let Some(begin) = ["(?!", "(?<!"].iter().filter_map(|it| rest.find(it)).min() {
        bare.push_str(&rest[..begin]);
        let mut depth = 0;
        let mut is_escaped = false;
        let end = rest[begin..].find(|c| {
            match c {
                _ if is_escaped => {}
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            is_escaped = c == '\\' && !is_escaped;
            depth == 0
        });
        rest = end.map_or("", |end| &rest[begin + end + 1..]);
    }
    bare + rest
}

fn write(hir: &Hir, repeats: u32, out: &mut String) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0)
            .map(|text| out.push_str(text))
            .is_ok(),
        HirKind::Class(class) => choose(class).map(|c| out.push(c)).is_some(),
        HirKind::Repetition(repetition) => {
            // Once where it may be left out: `^.*$` should not become the empty text.
            let at_most = repetition.max.unwrap_or(u32::MAX);
            let count = repetition.min.max(repeats).min(at_most);
            (0..count).all(|_| write(&repetition.sub, repeats, out))
        }
        HirKind::Capture(capture) => write(&capture.sub, repeats, out),
        HirKind::Concat(parts) => parts.iter().all(|part| write(part, repeats, out)),
        HirKind::Alternation(choices) => choices
            .first()
            .is_none_or(|first| write(first, repeats, out)),
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
        assert_eq!(
            matching("^[A-Z]{3}-[0-9]{4}$", 0).as_deref(),
            Some("AAA-0000")
        );
        assert_eq!(matching("^(x|y)+z?$", 0).as_deref(), Some("xz"));
        assert_eq!(matching(r"^\d+\.\d+$", 0).as_deref(), Some("0.0"));
        assert_eq!(matching("(?=a)b", 0), None);
        assert_eq!(
            matching(r#"^"([0-9]+?)"(?!\n)(?<!a\)(b))$"#, 0).as_deref(),
            Some("\"0\"")
        );
        assert_eq!(matching("^[a-c]+$", 3).as_deref(), Some("aaa"));
        assert_eq!(matching("^a?$", 3), None);
    }
}
