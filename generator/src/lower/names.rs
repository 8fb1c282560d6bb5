//! Names of a document as names of Rust.
//!
//! The only place where a name is made: what leaves here is an identifier that compiles, in the
//! case that Rust expects, the same on every run. Names are ASCII, because rustc warns of scripts
//! that look alike; other letters are written with the nearest Latin ones.

use std::collections::{HashMap, HashSet};

use heck::ToLowerCamelCase;

use super::cases;

/// Keywords of all editions, reserved ones included.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that cannot be written as raw identifiers.
const NEVER_RAW: &[&str] = &["crate", "self", "super"];

/// Types that generated code or the derives of its users name without a path. A model of such a
/// name would stand in front of them.
const TAKEN_TYPES: &[&str] = &[
    "BTreeMap",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Deserialize",
    "Deserializer",
    "Display",
    "Drop",
    "Eq",
    "Err",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Into",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Schema",
    "Self",
    "Send",
    "Serialize",
    "Serializer",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToString",
    "TryFrom",
    "TryInto",
    "Vec",
];

/// Names of files that Windows keeps for itself.
const DEVICES: &[&str] = &["aux", "con", "nul", "prn"];

/// Modules that generated code or the crates in its reach name without a path.
const TAKEN_MODULES: &[&str] = &[
    "alloc",
    "apis",
    "axum",
    "core",
    "failsafe_runtime",
    "handlers",
    "http",
    "models",
    "resilience",
    "router",
    "security",
    "serde",
    "serde_json",
    "settings",
    "std",
    "tokio",
    "tracing",
];

/// The longest name of a module: it becomes a file, and those have at most 255 bytes.
const MAX_MODULE: usize = 120;

/// Hands out each name once.
#[derive(Debug, Default)]
pub(super) struct Taken {
    names: HashSet<String>,
    /// The last number that was tried behind a wish: none is tried twice.
    numbers: HashMap<String, u64>,
}

impl Taken {
    /// The wish itself when it is free, otherwise with the first number that makes it so.
    pub(super) fn claim(&mut self, wish: String) -> String {
        if self.names.insert(wish.clone()) {
            return wish;
        }
        // A raw identifier cannot be taken twice without a number, and needs no `r#` with one.
        let stem = wish.strip_prefix("r#").unwrap_or(&wish);
        let separator = match stem.ends_with(|last: char| last.is_ascii_digit()) {
            true => "_",
            false => "",
        };
        // Types write no underscores: `V2` twice becomes `V2x2`.
        let separator = match (
            separator,
            stem.starts_with(|c: char| c.is_ascii_uppercase()),
        ) {
            ("_", true) => "x",
            (separator, _) => separator,
        };
        let number = self.numbers.entry(stem.to_owned()).or_insert(1);
        loop {
            *number += 1;
            let name = format!("{stem}{separator}{number}");
            if self.names.insert(name.clone()) {
                return name;
            }
        }
    }

    /// Takes a name if it is free, and says whether it was.
    pub(super) fn take(&mut self, name: &str) -> bool {
        self.names.insert(name.to_owned())
    }

    /// Takes a name that is known to be free or may be shared.
    pub(super) fn insert(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }
}

/// The name of a type: `PascalCase`, and none that the prelude has.
pub(super) fn type_name(text: &str) -> String {
    let name = pascal(text);
    match TAKEN_TYPES.contains(&name.as_str()) {
        true => name + "Model",
        false => name,
    }
}

/// The name of an enum's variant.
pub(super) fn variant_name(text: &str) -> String {
    match pascal(text).as_str() {
        // The one word that is a keyword in Pascal case, too.
        "Self" => "SelfValue".to_owned(),
        name => name.to_owned(),
    }
}

/// A part of a type's name, of which more parts follow or went before.
pub(super) fn pascal(text: &str) -> String {
    letter_first(pascal_behind(text), 'N')
}

/// The same where a word goes before, so that a digit may stand first.
pub(super) fn pascal_behind(text: &str) -> String {
    cases::pascal(&ascii(text))
}

/// A name as documents write ids of operations.
pub(super) fn camel(text: &str) -> String {
    text.to_lower_camel_case()
}

/// The name of a field, an argument or a method.
pub(super) fn field_name(text: &str) -> String {
    let name = letter_first(cases::snake(&ascii(text)), 'n');
    match name.as_str() {
        name if NEVER_RAW.contains(&name) => format!("{name}_"),
        name if KEYWORDS.contains(&name) => format!("r#{name}"),
        _ => name,
    }
}

/// The name of a module and its file.
pub(super) fn module_name(text: &str) -> String {
    let mut name = letter_first(cases::snake(&ascii(text)), 'n');
    if name.len() > MAX_MODULE {
        name.truncate(MAX_MODULE);
        name = format!("{}_{}", name.trim_end_matches('_'), digest(text));
    }
    let device = DEVICES.contains(&name.as_str())
        || name
            .strip_prefix("com")
            .or_else(|| name.strip_prefix("lpt"))
            .is_some_and(|rest| rest.len() == 1);
    let is_taken = [KEYWORDS, TAKEN_MODULES]
        .iter()
        .any(|names| names.contains(&name.as_str()));
    match device || is_taken {
        true => name + "_",
        false => name,
    }
}

/// The name of the static that goes with a type, never the type's own.
pub(super) fn static_name(type_name: &str) -> String {
    let name = cases::shouty(type_name);
    match name == type_name {
        true => name + "_SCHEMA",
        false => name,
    }
}

/// A few letters that differ for different texts, the same on every run: FNV-1a.
pub(super) fn digest(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{hash:08x}")
}

fn letter_first(name: String, prefix: char) -> String {
    match name.starts_with(|first: char| first.is_ascii_digit()) {
        true => format!("{prefix}{name}"),
        false => name,
    }
}

/// A text in ASCII. Never without a letter or digit; all else stands between words.
fn ascii(text: &str) -> String {
    let text = deunicode::deunicode(text);
    let signed = match text.as_bytes() {
        // `-name` beside `name` is how many documents say "descending".
        [b'-', rest, ..] if rest.is_ascii_alphanumeric() => format!("minus {}", &text[1..]),
        [b'+', rest, ..] if rest.is_ascii_alphanumeric() => format!("plus {}", &text[1..]),
        _ => text,
    };
    if signed.contains(|c: char| c.is_ascii_alphanumeric()) {
        return signed;
    }
    match signed.trim().is_empty() {
        true => "empty".to_owned(),
        false => signed.chars().map(symbol).collect::<Vec<_>>().join(" "),
    }
}

/// What a sign is called.
fn symbol(sign: char) -> String {
    let word = match sign {
        '+' => "plus",
        '-' => "minus",
        '*' => "star",
        '/' => "slash",
        '\\' => "backslash",
        '%' => "percent",
        '=' => "equal",
        '<' => "less",
        '>' => "greater",
        '!' => "not",
        '~' => "tilde",
        '&' => "and",
        '|' => "or",
        '^' => "caret",
        '$' => "dollar",
        '#' => "hash",
        '@' => "at",
        '?' => "question",
        '.' => "dot",
        ',' => "comma",
        ':' => "colon",
        ';' => "semicolon",
        '_' => "underscore",
        '(' => "open",
        ')' => "close",
        '[' => "open bracket",
        ']' => "close bracket",
        '{' => "open brace",
        '}' => "close brace",
        '\'' => "quote",
        '"' => "double quote",
        '`' => "backtick",
        ' ' => "space",
        other => return format!("u{:x}", u32::from(other)),
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_found_in_every_spelling() {
        for text in [
            "getHTTPResponse",
            "get_http_response",
            "get-http response",
            "GetHttpResponse",
        ] {
            assert_eq!(pascal(text), "GetHttpResponse", "{text}");
            assert_eq!(field_name(text), "get_http_response", "{text}");
        }
    }

    #[test]
    fn keywords_become_raw_where_rust_has_it() {
        assert_eq!(field_name("type"), "r#type");
        assert_eq!(field_name("gen"), "r#gen");
        assert_eq!(field_name("self"), "self_");
        assert_eq!(field_name("Crate"), "crate_");
        assert_eq!(module_name("type"), "type_");
        assert_eq!(module_name("mod"), "mod_");
        assert_eq!(variant_name("self"), "SelfValue");
    }

    #[test]
    fn the_prelude_stays_what_it_is() {
        assert_eq!(type_name("String"), "StringModel");
        assert_eq!(type_name("option"), "OptionModel");
        assert_eq!(type_name("Value"), "Value");
        // A variant stands behind its enum's name and hides nothing.
        assert_eq!(variant_name("none"), "None");
    }

    #[test]
    fn digits_do_not_stand_first() {
        assert_eq!(type_name("3d-model"), "N3dModel");
        assert_eq!(field_name("2nd"), "n2nd");
        assert_eq!(variant_name("1"), "N1");
        assert_eq!(variant_name("-1"), "Minus1");
        assert_eq!(variant_name("+1"), "Plus1");
    }

    #[test]
    fn other_scripts_are_written_in_latin() {
        assert_eq!(variant_name("größer"), "Grosser");
        assert_eq!(field_name("имя"), "imia");
        assert_eq!(type_name("名前"), "MingQian");
    }

    #[test]
    fn what_has_no_letters_has_a_name() {
        assert_eq!(variant_name(""), "Empty");
        assert_eq!(variant_name(" "), "Empty");
        assert_eq!(variant_name("<="), "LessEqual");
        assert_eq!(variant_name("*"), "Star");
        assert_eq!(field_name("$"), "dollar");
        assert_eq!(field_name("-name"), "minus_name");
    }

    #[test]
    fn a_static_is_not_called_as_its_type() {
        assert_eq!(static_name("NewInventory"), "NEW_INVENTORY");
        assert_eq!(static_name("P24"), "P24_SCHEMA");
    }

    #[test]
    fn devices_are_no_files() {
        assert_eq!(module_name("Con"), "con_");
        assert_eq!(module_name("com1"), "com1_");
        assert_eq!(module_name("comet"), "comet");
    }

    #[test]
    fn the_first_keeps_its_name() {
        let mut taken = Taken::default();
        assert_eq!(taken.claim("Good".to_owned()), "Good");
        assert_eq!(taken.claim("Good".to_owned()), "Good2");
        assert_eq!(taken.claim("Good".to_owned()), "Good3");
        assert_eq!(taken.claim("V1".to_owned()), "V1");
        assert_eq!(taken.claim("V1".to_owned()), "V1x2");
        assert_eq!(taken.claim("r#type".to_owned()), "r#type");
        assert_eq!(taken.claim("r#type".to_owned()), "type2");
    }

    fn is_identifier(name: &str) -> bool {
        syn::parse_str::<syn::Ident>(name).is_ok()
            || name
                .strip_prefix("r#")
                .is_some_and(|raw| KEYWORDS.contains(&raw) && !NEVER_RAW.contains(&raw))
    }

    proptest! {
        #[test]
        fn every_text_becomes_an_identifier(text in any::<String>()) {
            for name in [type_name(&text), variant_name(&text), field_name(&text), module_name(&text)] {
                prop_assert!(is_identifier(&name), "{text:?} became {name:?}");
                prop_assert!(name.is_ascii());
            }
        }

        #[test]
        fn claimed_names_differ_and_are_identifiers(texts in prop::collection::vec("[a-c1]{0,2}|type|self", 0..40)) {
            let mut types = Taken::default();
            let mut fields = Taken::default();
            let mut seen = HashSet::new();
            for text in texts {
                let names = [types.claim(type_name(&text)), fields.claim(field_name(&text))];
                for name in names {
                    prop_assert!(is_identifier(&name));
                    prop_assert!(seen.insert(name));
                }
            }
        }
    }
}
