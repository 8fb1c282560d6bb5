//! What a text says, without how it is laid out: what an editor that formats on save leaves alone.

use std::borrow::Cow;

use crate::lexer::{after, after_quote, after_text, is_word, raw_text};

/// The bytes of a file that are not layout.
pub(crate) fn of<'t>(path: &str, content: &'t [u8]) -> Cow<'t, [u8]> {
    match path.rsplit('.').next() {
        Some("rs") => rust(content).into(),
        Some("json") => json(content).into(),
        _ => lines(content),
    }
}

/// Whether git has left its marks: the file is nobody's edit, but two versions of the
/// generator's text, and neither is of use.
pub(crate) fn has_conflict_marks(content: &[u8]) -> bool {
    let begins = |mark: &[u8]| {
        content
            .split(|byte| *byte == b'\n')
            .any(|line| line.starts_with(mark))
    };
    begins(b"<<<<<<< ") && begins(b">>>>>>> ")
}

/// Without white space, and without the commas and braces that formatters add to what they wrap.
/// Comments count: whoever wrote one would miss it.
fn rust(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    let mut is_apart = false;
    while let Some(&byte) = bytes.get(index) {
        let end = match byte {
            _ if byte.is_ascii_whitespace() => {
                is_apart = true;
                index += 1;
                continue;
            }
            b',' | b'{' | b'}' => {
                index += 1;
                continue;
            }
            b'/' if bytes.get(index + 1) == Some(&b'/') => {
                let end = after(bytes, index, |byte| byte != b'\n');
                out.extend_from_slice(bytes[index..end].trim_ascii_end());
                out.push(b'\n');
                index = end;
                continue;
            }
            b'"' => after_text(bytes, index),
            b'\'' => after_quote(bytes, index),
            b'r' => raw_text(bytes, index).unwrap_or_else(|| after(bytes, index, is_word)),
            _ if is_word(byte) => after(bytes, index, is_word),
            _ => index + 1,
        };
        if is_apart && is_word(byte) && out.last().is_some_and(|last| is_word(*last)) {
            out.push(b' ');
        }
        is_apart = false;
        out.extend_from_slice(&bytes[index..end.min(bytes.len())]);
        index = end;
    }
    out
}

/// Without white space between what counts.
fn json(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let end = match byte {
            b'"' => after_text(bytes, index).min(bytes.len()),
            _ => index + 1,
        };
        if !byte.is_ascii_whitespace() {
            out.extend_from_slice(&bytes[index..end]);
        }
        index = end;
    }
    out
}

/// Without what stands invisible at the end of a line or of the file.
fn lines(bytes: &[u8]) -> Cow<'_, [u8]> {
    let trimmed = bytes.trim_ascii_end();
    let ends_in_space = |line: &[u8]| line.last().is_some_and(u8::is_ascii_whitespace);
    let mut lines = trimmed.split(|byte| *byte == b'\n');
    if !lines.clone().any(ends_in_space) {
        return trimmed.into();
    }
    let mut out = lines.next().unwrap_or_default().trim_ascii_end().to_vec();
    for line in lines {
        out.push(b'\n');
        out.extend_from_slice(line.trim_ascii_end());
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, one: &str, other: &str, are_same: bool) {
        let same = of(path, one.as_bytes()) == of(path, other.as_bytes());
        assert_eq!(same, are_same, "{one:?} and {other:?}");
    }

    #[test]
    fn layout_of_rust_is_no_edit() {
        let written =
            "/// Doc.\npub fn a(b: &str, c: u8) -> u8 {\n    match c { 0 => 1, _ => { c } }\n}\n";
        let on_save = "/// Doc.  \r\npub fn a(\r\n  b: &str,\r\n  c: u8,\r\n) -> u8 {\r\n  match c {\r\n    0 => 1,\r\n    _ => c,\r\n  }\r\n}";
        check("a.rs", written, on_save, true);
    }

    #[test]
    fn anything_else_of_rust_is_one() {
        for (one, other) in [
            ("a b", "ab"),
            ("let a = 1;", "let b = 1;"),
            ("a - b", "a + b"),
            ("\"a b\"", "\"a  b\""),
            ("r#\"a \" b\"#", "r#\"a \" c\"#"),
            ("' '", "'a'"),
            ("a();", "a(); // mine"),
            ("// one", "// two"),
            ("f(a, b)", "f(b, a)"),
        ] {
            check("a.rs", one, other, false);
        }
    }

    #[test]
    fn json_may_be_laid_out_anew() {
        check("a.json", "{\"a\":[1,2]}", "{\n  \"a\": [ 1, 2 ]\n}\n", true);
        check("a.json", "{\"a\":\"b c\"}", "{\"a\":\"bc\"}", false);
        check("a.json", "[\"\\\" \"]", "[\"\\\"\"]", false);
    }

    #[test]
    fn in_other_texts_only_the_ends_of_lines_are_layout() {
        check("a.yaml", "a: 1\nb: 2\n", "a: 1  \r\nb: 2\r\n\r\n", true);
        check("a.yaml", "a:\n  b: 2\n", "a:\nb: 2\n", false);
    }

    #[test]
    fn marks_of_git_are_seen() {
        assert!(has_conflict_marks(
            b"a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n"
        ));
        assert!(!has_conflict_marks(b"a\n=======\n"));
    }
}
