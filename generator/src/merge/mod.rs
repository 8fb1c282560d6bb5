//! What is there and what would be written, brought together: texts in, texts out.

pub(crate) mod dependencies;
mod essence;
pub(crate) mod handlers;
mod lines;
mod meaning;

pub(crate) use essence::{has_conflict_marks, of as essence};

use lines::First;
use meaning::Merge;

/// The person's text with what changed between two texts of the generator; none where both have
/// changed the same place, or where the outcome would not mean what both meant.
///
/// The line endings and the byte order mark of the person's text stay.
pub(crate) fn text(path: &str, base: &str, new: &str, there: &str) -> Option<String> {
    let (mark, body) = match there.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", there),
    };
    let (base, new) = match ends_lines_with_crlf(body) {
        true => (with_crlf(base), with_crlf(new)),
        false => (base.to_owned(), new.to_owned()),
    };
    let merge = Merge {
        path,
        base: &base,
        new: &new,
        there: body,
    };
    [First::Mine, First::Others]
        .into_iter()
        .filter_map(|first| lines::merge(&base, &new, body, first))
        .find(|merged| merge.is_met_by(merged))
        .map(|merged| format!("{mark}{merged}"))
}

fn ends_lines_with_crlf(text: &str) -> bool {
    let lines = text.matches('\n').count();
    lines > 0 && text.matches("\r\n").count() == lines
}

fn with_crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn line_endings_and_marks_stay() {
        let merged = text(".env", "A=1\n", "A=1\nB=2\n", "\u{feff}# mine\r\nA=1\r\n");
        assert_eq!(merged.as_deref(), Some("\u{feff}# mine\r\nA=1\r\nB=2\r\n"));
    }

    #[test]
    fn a_merge_that_cargo_would_refuse_is_none() {
        let base = "[dependencies]\na = \"1\"\n";
        let new = "[dependencies]\na = \"1\"\nuuid = \"1\"\n";
        let mine = "[dependencies]\nuuid = { version = \"1\", features = [\"v7\"] }\na = \"1\"\n";
        assert_eq!(text("Cargo.toml", base, new, mine), None);
        assert!(text(".env", base, new, mine).is_some());
    }

    #[test]
    fn a_dependency_stays_among_its_like() {
        let base = "[dependencies]\na = \"1\"\n";
        let new = "[dependencies]\na = \"1\"\nb = \"1\"\n";
        let mine = "[dependencies]\na = \"1\"\n[lints]\n";
        let merged = "[dependencies]\na = \"1\"\nb = \"1\"\n[lints]\n";
        assert_eq!(text("Cargo.toml", base, new, mine).as_deref(), Some(merged));
        let merged = "[dependencies]\na = \"1\"\nb = \"1\"\n[lints]\n";
        assert_eq!(text("Cargo.toml", base, mine, new).as_deref(), Some(merged));
    }

    #[test]
    fn what_two_blocks_of_yaml_gain_stays_in_them() {
        let base = "services:\n  a:\n    x: 1\n";
        let new = "services:\n  a:\n    x: 1\n    y: 2\n";
        let mine = "services:\n  a:\n    x: 1\n  b:\n    x: 2\n";
        let merged = "services:\n  a:\n    x: 1\n    y: 2\n  b:\n    x: 2\n";
        assert_eq!(text("c.yml", base, new, mine).as_deref(), Some(merged));
    }

    #[test]
    fn code_that_was_broken_before_may_stay_so() {
        let merged = text(
            "src/lib.rs",
            "mod a;\n",
            "mod a;\nmod b;\n",
            "fn (\nmod a;\n",
        );
        assert_eq!(merged.as_deref(), Some("fn (\nmod a;\nmod b;\n"));
    }
}
