//! What a template of the person's renders has to be what its file is.
//!
//! A parser says which line of the file is wrong. To know which line of the template that is, it
//! is rendered once more with the number of each line behind it.

use minijinja::{Environment, Value};

use crate::{diagnostic::Diagnostic, templates::Template};

/// Around the number of a template's line. For private use, so that documents have no such signs.
const MARKS: (char, char) = ('\u{e000}', '\u{e001}');

/// A file that is not what it should be.
struct Wrong {
    language: &'static str,
    why: String,
    /// Both counted from 1; columns are characters.
    line: usize,
    column: usize,
}

/// What is wrong with a rendered file.
pub(super) fn check(
    env: &Environment<'_>,
    context: &Value,
    template: &Template,
    path: &str,
    text: &str,
) -> Option<Diagnostic> {
    let wrong = wrong(path, text)?;
    let Wrong {
        language,
        why,
        line,
        column,
    } = &wrong;
    let message = format!("`{path}` would not be {language}: {why}");
    let rendered = text.lines().nth(line - 1).unwrap_or_default().trim();
    let rendered: String = rendered.chars().take(100).collect();
    let found = Diagnostic::error("template-output", message)
        .help(format!("line {line} of what it renders is `{rendered}`"));
    let numbered = env.render_str(&numbered(&template.text), context).ok();
    let number = numbered.and_then(|text| line_of(path, &text));
    Some(found.at(match number {
        Some(number) => place(template, number, text, *line, *column),
        None => template.line(1),
    }))
}

/// The column as well, where the template's line is rendered as it stands.
fn place(
    template: &Template,
    number: usize,
    text: &str,
    line: usize,
    column: usize,
) -> crate::diagnostic::Location {
    let whole = template.line(number);
    let literal = template.text.lines().nth(number - 1).unwrap_or_default();
    let rendered = text.lines().nth(line - 1).unwrap_or_default();
    let at = literal.char_indices().nth(column - 1);
    let Some((offset, sign)) = at.filter(|_| literal == rendered) else {
        return whole;
    };
    let before: usize = (template.text.split_inclusive('\n'))
        .take(number - 1)
        .map(str::len)
        .sum();
    template.at(before + offset, before + offset + sign.len_utf8())
}

fn wrong(path: &str, text: &str) -> Option<Wrong> {
    if path.ends_with(".rs") {
        let error = syn::parse_file(text).err()?;
        let start = error.span().start();
        Some(Wrong {
            language: "Rust",
            why: error.to_string(),
            line: start.line.max(1),
            column: start.column + 1,
        })
    } else if path.ends_with(".toml") {
        let error = text.parse::<toml::Table>().err()?;
        let before = error.span().and_then(|span| text.get(..span.start));
        let before = before.unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        Some(Wrong {
            language: "TOML",
            why: error.message().to_owned(),
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
        })
    } else {
        None
    }
}

/// The template, with a mark at the end of every line that renders anything.
fn numbered(template: &str) -> String {
    let mut numbered = String::with_capacity(template.len() * 2);
    // What would end the tag that a line begins in.
    let mut tag: Option<&str> = None;
    for (index, line) in template.split_inclusive('\n').enumerate() {
        let content = line.trim_end_matches(['\r', '\n']);
        let mut rest = content;
        let mut ends_with_statement = false;
        while !rest.is_empty() {
            ends_with_statement = false;
            match tag {
                Some(end) => match rest.split_once(end) {
                    Some((_, behind)) => {
                        ends_with_statement = end != "}}";
                        rest = behind;
                        tag = None;
                    }
                    None => break,
                },
                None => {
                    let tags = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];
                    let next = tags
                        .iter()
                        .filter_map(|(start, end)| Some((rest.find(start)?, *end)))
                        .min();
                    let Some((at, end)) = next else { break };
                    rest = &rest[at + 2..];
                    tag = Some(end);
                }
            }
        }
        numbered.push_str(content);
        // Behind a statement the end of the line goes, and has to go on doing so.
        if tag.is_none() && !ends_with_statement {
            numbered.push_str(&format!("{}{}{}", MARKS.0, index + 1, MARKS.1));
        }
        numbered.push_str(&line[content.len()..]);
    }
    numbered
}

/// The template's line of what is wrong with a text that has the numbers.
fn line_of(path: &str, numbered: &str) -> Option<usize> {
    let mut text = String::with_capacity(numbered.len());
    let mut lines = Vec::new();
    for line in numbered.lines() {
        let mut number = None;
        let mut pieces = line.split(MARKS.0);
        text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (digits, behind) = piece.split_once(MARKS.1).unwrap_or(("", piece));
            number = number.or(digits.parse().ok());
            text.push_str(behind);
        }
        text.push('\n');
        lines.push(number);
    }
    let wrong = wrong(path, &text)?;
    // A value of several lines has its number behind the last one.
    lines.into_iter().skip(wrong.line - 1).flatten().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_that_renders_has_its_number() {
        let template = "a\n{% if x %}\n b {{\nc }}\n{% endif %}\nd {# e\n #}\nf";
        let plain = |text: String| text.replace(MARKS.0, "<").replace(MARKS.1, ">");
        assert_eq!(
            plain(numbered(template)),
            "a<1>\n{% if x %}\n b {{\nc }}<4>\n{% endif %}\nd {# e\n #}\nf<8>"
        );
    }

    #[test]
    fn the_line_is_the_template_s() {
        let mark = |n: usize| format!("{}{n}{}", MARKS.0, MARKS.1);
        let text = format!("fn a() {{}}{}\n\nfn b( {{}}{}\n", mark(3), mark(9));
        assert_eq!(line_of("a.rs", &text), Some(9));
        assert_eq!(line_of("a.rs", "fn a() {}"), None);
        assert_eq!(
            line_of("a.toml", &format!("a = 1{}\nb = {}\n", mark(1), mark(7))),
            Some(7)
        );
        assert_eq!(line_of("a.md", "("), None);
    }
}
