//! A document's prose as Rust documentation.
//!
//! Descriptions are CommonMark in their authors' minds, but rustdoc reads more into it: indented
//! text is a test to run, `[a]` is a link to an item, `<T>` is HTML, and clippy minds how lists
//! are continued. What is kept is paragraphs, flat lists, code spans and fenced code.

/// The lines of a comment, without any prefix.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut fence: Option<char> = None;
    // How far the lines that continue a list item are indented.
    let mut indent = 0;
    for raw in text.lines() {
        let line: String = raw
            .replace('\t', "    ")
            .chars()
            .filter(|char| !is_unprintable(*char))
            .collect();
        let line = line.trim_end();
        let trimmed = line.trim_start();
        if let Some(mark) = fence {
            if is_fence(trimmed) == Some(mark) {
                fence = None;
                lines.push("```".to_owned());
            } else {
                lines.push(line.replace("```", "'''"));
            }
        } else if let Some(mark) = is_fence(trimmed) {
            fence = Some(mark);
            indent = 0;
            // Code of an unnamed language would be compiled as a test.
            lines.push("```text".to_owned());
        } else if trimmed.is_empty() {
            indent = 0;
            // Blank lines come one at a time, and none at the beginning.
            if lines.last().is_some_and(|last| !last.is_empty()) {
                lines.push(String::new());
            }
        } else {
            let width = list_marker(trimmed);
            let here = if width > 0 { 0 } else { indent };
            indent = if width > 0 { width } else { indent };
            lines.push(format!("{}{}", " ".repeat(here), prose(trimmed)));
        }
    }
    if fence.is_some() {
        lines.push("```".to_owned());
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Control characters, and those that reorder or hide what stands beside them.
pub(crate) fn is_unprintable(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_fence(trimmed: &str) -> Option<char> {
    ['`', '~']
        .into_iter()
        .find(|mark| trimmed.chars().take_while(|char| char == mark).count() >= 3)
}

/// How wide the marker of a list item is, with the blank behind it.
fn list_marker(trimmed: &str) -> usize {
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &trimmed[digits..];
    let marker = if digits == 0 {
        ["- ", "* ", "+ "]
    } else {
        [". ", ") ", ". "]
    };
    if digits < 10 && marker.iter().any(|marker| rest.starts_with(marker)) {
        digits + 2
    } else {
        0
    }
}

/// Escapes what rustdoc would take for a link, for HTML or for a quotation, outside code spans.
fn prose(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    let mut rest = line;
    if line.starts_with('>') {
        escaped.push('\\');
    }
    while let Some(at) = rest.find(['`', '[', ']', '<']) {
        escaped.push_str(&rest[..at]);
        rest = &rest[at..];
        let ticks = rest.bytes().take_while(|byte| *byte == b'`').count();
        if ticks > 0 {
            let (span, behind) = code_span(rest, ticks);
            escaped.push_str(span);
            rest = behind;
        } else if let Some((link, behind)) = link(rest) {
            escaped.push_str(link);
            rest = behind;
        } else {
            escaped.push('\\');
            escaped.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    escaped.push_str(rest);
    escaped
}

/// The code span at the beginning of a text, or its backticks alone when it is not closed.
fn code_span(text: &str, ticks: usize) -> (&str, &str) {
    let fence = &text[..ticks];
    match text[ticks..].find(fence) {
        Some(length) => text.split_at(2 * ticks + length),
        None => text.split_at(ticks),
    }
}

/// `[text](https://...)` or `<https://...>` at the beginning of a text.
fn link(text: &str) -> Option<(&str, &str)> {
    let is_url = |text: &str| {
        (text.starts_with("https://") || text.starts_with("http://"))
            && !text.contains([' ', '<', '>', '(', '['])
    };
    let end = if let Some(inner) = text.strip_prefix('<') {
        let length = inner.find('>')?;
        is_url(&inner[..length]).then_some(length + 2)?
    } else {
        let label = text.strip_prefix('[')?.find("](")?;
        if text[1..=label].contains(['[', ']', '<', '`']) {
            return None;
        }
        let target = &text[label + 3..];
        let length = target.find(')')?;
        is_url(&target[..length]).then_some(label + 3 + length + 1)?
    };
    Some(text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::lines;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(lines(text), expected, "{text:?}");
    }

    #[test]
    fn prose_is_kept() {
        check("One.\n\n\n  Two\nlines.\n", &["One.", "", "Two", "lines."]);
        check("", &[]);
        check(
            "see [us](https://a.b/c), <https://a.b>",
            &["see [us](https://a.b/c), <https://a.b>"],
        );
    }

    #[test]
    fn nothing_becomes_a_test() {
        check("    let x = 1;", &["let x = 1;"]);
        check("```\ncode\n```", &["```text", "code", "```"]);
        check("~~~json\n{}", &["```text", "{}", "```"]);
    }

    #[test]
    fn lists_are_continued_as_clippy_asks() {
        check("- a\nb\n      c\n\nd", &["- a", "  b", "  c", "", "d"]);
        check("10. a\nb", &["10. a", "    b"]);
        check("2024 was", &["2024 was"]);
    }

    #[test]
    fn nothing_becomes_a_link_or_markup() {
        check(
            "a [b] <c> `[d] <e>` [f](g)",
            &["a \\[b\\] \\<c> `[d] <e>` \\[f\\](g)"],
        );
        check("> quoted", &["\\> quoted"]);
        check("open ` [a]", &["open ` \\[a\\]"]);
    }

    #[test]
    fn nothing_hides_or_leaves_the_comment() {
        check("a\u{202e}b\u{0}c\rd", &["abcd"]);
        check("*/ pub fn x() {}", &["*/ pub fn x() {}"]);
    }
}
