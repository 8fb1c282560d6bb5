//! The names that a text of Rust uses, for the imports at its top.
//!
//! Read off the finished text: walking the tokens that it was printed from would copy them.

use std::collections::HashSet;

use crate::lexer::{after, after_quote, after_text, is_word, raw_text};

/// Names without a path before them. What a text gives a name to is none: a variant may be called
/// as a type.
#[derive(Debug, Default)]
pub(super) struct Used<'t> {
    names: HashSet<&'t str>,
    heads: HashSet<&'t str>,
}

impl<'t> Used<'t> {
    /// The names that a text uses.
    pub(super) fn of(text: &'t str) -> Self {
        let mut used = Self::default();
        used.add(text);
        used
    }

    /// Whether the name is used.
    pub(super) fn name(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether a path begins with the name: a module, or a type whose items are named.
    pub(super) fn head(&self, name: &str) -> bool {
        self.heads.contains(name)
    }

    fn add(&mut self, text: &'t str) {
        let bytes = text.as_bytes();
        let mut index = 0;
        // Whether `::` went before.
        let mut is_inside = false;
        // Whether the braces to come are those of an enum, and of the open ones which are.
        let mut is_enum = false;
        let mut open: Vec<bool> = Vec::new();
        while let Some(&byte) = bytes.get(index) {
            let end = match byte {
                b'"' => after_text(bytes, index),
                b'\'' => after_quote(bytes, index),
                b'r' if raw_text(bytes, index).is_some() => {
                    raw_text(bytes, index).unwrap_or(index + 1)
                }
                b'/' if bytes.get(index + 1) == Some(&b'/') => {
                    after(bytes, index, |byte| byte != b'\n')
                }
                b':' if bytes.get(index + 1) == Some(&b':') => {
                    is_inside = true;
                    index += 2;
                    continue;
                }
                _ if byte.is_ascii_whitespace() => {
                    index += 1;
                    continue;
                }
                _ if is_word(byte) => {
                    let end = after(bytes, index, is_word);
                    let name = &text[index..end];
                    is_enum |= name == "enum" && !text[..index].ends_with("r#");
                    let defines = open.last() == Some(&true) || is_given(&bytes[end..]);
                    if !is_inside && !byte.is_ascii_digit() && !defines {
                        self.names.insert(name);
                        if bytes[end..].starts_with(b"::") {
                            self.heads.insert(name);
                        }
                    }
                    end
                }
                b'(' | b'[' => {
                    open.push(false);
                    index + 1
                }
                b'{' => {
                    open.push(std::mem::take(&mut is_enum));
                    index + 1
                }
                b')' | b']' | b'}' => {
                    open.pop();
                    index + 1
                }
                _ => index + 1,
            };
            index = end;
            is_inside = false;
        }
    }
}

/// Whether what stands behind a name is the `=` of `name = value`.
fn is_given(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    rest.first() == Some(&b'=') && !matches!(rest.get(1), Some(b'=' | b'>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<'t>(names: &HashSet<&'t str>) -> Vec<&'t str> {
        let mut names: Vec<&str> = names.iter().copied().collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn names_are_told_from_what_stands_behind_them() {
        let used = Used::of("a::b::C { d: e::F, g }");
        assert_eq!(sorted(&used.names), ["a", "d", "e", "g"]);
        assert_eq!(sorted(&used.heads), ["a", "e"]);
    }

    #[test]
    fn what_is_given_a_name_does_not_use_it() {
        let used = Used::of("enum E { A(Map<B>), #[c] D } fn f() { let g = h == i; E::A => j }");
        assert_eq!(
            sorted(&used.names),
            [
                "B", "E", "Map", "c", "enum", "f", "fn", "h", "i", "j", "let"
            ]
        );
    }

    #[test]
    fn a_raw_name_is_no_keyword() {
        let used = Used::of("fn r#enum() { Handler::new() }");
        assert!(used.name("Handler") && used.head("Handler"));
    }

    #[test]
    fn texts_and_comments_use_nothing() {
        let text = r###"
            /// See schema::Schema, "open
            let x = "quoted \" schema"; // schema
            let y = (r#"raw " schema"#, r"raw", '"', '\'', '\u{1f980}', 'é', b"schema");
            fn f<'a>(z: &'a str, r#type: Option<&'static u8>) -> u32 { 15u64 }
        "###;
        let used = Used::of(text);
        assert!(!used.name("schema") && !used.name("raw") && !used.name("u64"));
        for name in ["z", "f", "str", "type", "Option", "u8", "u32"] {
            assert!(used.name(name), "{name}");
        }
        assert!(used.heads.is_empty());
    }
}
