//! The items of a source file, told apart without parsing them.

use std::ops::Range;

use crate::lexer::{after, after_quote, after_text, is_word, raw_text};

/// Where the items of a file stand, each with what stands above it: attributes, comments, white
/// space. Together they are the whole text.
pub(super) fn pieces(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let (mut begin, mut index, mut depth) = (0, 0, 0_usize);
    while let Some(&byte) = bytes.get(index) {
        let mut is_end = false;
        index = match byte {
            b'"' => after_text(bytes, index),
            b'\'' => after_quote(bytes, index),
            b'/' if bytes.get(index + 1) == Some(&b'/') => {
                after(bytes, index, |byte| byte != b'\n')
            }
            _ if is_word(byte) => {
                let raw = (byte == b'r').then(|| raw_text(bytes, index)).flatten();
                raw.unwrap_or_else(|| after(bytes, index, is_word))
            }
            b'(' | b'[' | b'{' => {
                depth += 1;
                index + 1
            }
            b')' | b']' => {
                depth = depth.saturating_sub(1);
                index + 1
            }
            b'}' => {
                depth = depth.saturating_sub(1);
                is_end = depth == 0 && !goes_on(&bytes[index + 1..]);
                index + 1
            }
            b';' => {
                is_end = depth == 0;
                index + 1
            }
            _ => index + 1,
        };
        if is_end {
            pieces.push(begin..index);
            begin = index;
        }
    }
    if begin < bytes.len() {
        pieces.push(begin..bytes.len());
    }
    pieces
}

/// Whether a brace closes only a part of an item: what it imports, or the value of a constant.
fn goes_on(behind: &[u8]) -> bool {
    let next = behind.trim_ascii_start().first();
    next.is_some_and(|next| matches!(next, b';' | b'.' | b'?' | b',' | b')' | b'>'))
}

#[cfg(test)]
mod tests {
    use failsafe_runtime::sources;
    use include_dir::Dir;

    use super::pieces;

    #[test]
    fn items_are_told_apart() {
        let text = "//! Doc; }\n\nuse a::{b, c};\n\n/// Of `}`;\n#[d(e = \"}\")]\nfn f(_: &'static [u8; 2]) -> char {\n    g();\n    '}'\n}\nstatic H: I = I { j: r#\"};\"# };\nmod k;\n// The end.\n";
        let found: Vec<&str> = pieces(text).into_iter().map(|piece| &text[piece]).collect();
        assert_eq!(found.concat(), text);
        let begins: Vec<&str> = (found.iter())
            .map(|piece| piece.trim_start().split('\n').next().unwrap_or_default())
            .collect();
        assert_eq!(
            begins,
            [
                "//! Doc; }",
                "/// Of `}`;",
                "static H: I = I { j: r#\"};\"# };",
                "mod k;",
                "// The end."
            ]
        );
    }

    fn texts<'d>(dir: &'d Dir<'d>, found: &mut Vec<&'d str>) {
        let sources = dir
            .files()
            .filter(|file| file.path().extension() == Some("rs".as_ref()));
        found.extend(sources.filter_map(|file| file.contents_utf8()));
        dir.dirs().for_each(|dir| texts(dir, found));
    }

    #[test]
    fn of_the_runtime_each_piece_is_one_item() {
        let mut all = Vec::new();
        texts(&sources::SRC, &mut all);
        assert!(all.len() > 100);
        for text in all {
            for piece in pieces(text) {
                let piece = &text[piece];
                let file = syn::parse_file(piece);
                let file = file.unwrap_or_else(|error| panic!("{error}: {piece}"));
                assert!(file.items.len() <= 1, "{piece}");
            }
        }
    }
}
