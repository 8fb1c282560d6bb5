//! Words of ASCII in the spellings that Rust asks for.
//!
//! A large document has a hundred thousand names. To know of letters beyond ASCII takes time, and
//! names have none (see [`super::names`]).

/// `PascalCase`.
pub(super) fn pascal(text: &str) -> String {
    spelled(text, |out, word| {
        let begin = out.len();
        out.push_str(word);
        out[begin..].make_ascii_lowercase();
        out[begin..=begin].make_ascii_uppercase();
    })
}

/// `snake_case`.
pub(super) fn snake(text: &str) -> String {
    let mut name = underscored(text);
    name.make_ascii_lowercase();
    name
}

/// `SHOUTY_SNAKE_CASE`.
pub(super) fn shouty(text: &str) -> String {
    let mut name = underscored(text);
    name.make_ascii_uppercase();
    name
}

fn underscored(text: &str) -> String {
    spelled(text, |out, word| {
        if !out.is_empty() {
            out.push('_');
        }
        out.push_str(word);
    })
}

fn spelled(text: &str, add: impl Fn(&mut String, &str)) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for mut rest in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        while !rest.is_empty() {
            let (word, others) = rest.split_at(first_word(rest.as_bytes()));
            add(&mut out, word);
            rest = others;
        }
    }
    out
}

/// How long the first word is. One ends before a capital behind a small letter (`aB`), and before the
/// last of several capitals that a small letter follows (`HTTPAnswer`). A digit is as the letter
/// before it.
fn first_word(bytes: &[u8]) -> usize {
    let mut was_capital = None;
    for (index, pair) in bytes.windows(2).enumerate() {
        let (this, next) = (pair[0], pair[1]);
        if was_capital == Some(true) && this.is_ascii_uppercase() && next.is_ascii_lowercase() {
            return index;
        }
        if this.is_ascii_alphabetic() {
            was_capital = Some(this.is_ascii_uppercase());
        }
        if was_capital == Some(false) && next.is_ascii_uppercase() {
            return index + 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_are_those_that_people_expect(text in "[a-cA-C0-2_ .-]{0,12}") {
            prop_assert_eq!(pascal(&text), text.to_pascal_case());
            prop_assert_eq!(snake(&text), text.to_snake_case());
            prop_assert_eq!(shouty(&text), text.to_shouty_snake_case());
        }

        #[test]
        fn no_text_is_too_strange(text in any::<String>()) {
            prop_assert!(snake(&text).is_ascii() && pascal(&text).is_ascii());
        }
    }
}
