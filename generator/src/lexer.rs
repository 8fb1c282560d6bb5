//! Where the pieces of a text of Rust end: what must be told apart to look at a text without
//! making a copy of every token.

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The end of the bytes that are of a kind.
pub(crate) fn after(bytes: &[u8], begin: usize, is_of: fn(u8) -> bool) -> usize {
    let others = bytes[begin..].iter().position(|byte| !is_of(*byte));
    others.map_or(bytes.len(), |count| begin + count)
}

/// The end of a text in quotes.
pub(crate) fn after_text(bytes: &[u8], begin: usize) -> usize {
    let mut index = begin + 1;
    while let Some(byte) = bytes.get(index) {
        index += match byte {
            b'"' => return index + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    bytes.len()
}

/// The end of a character, or of the mark before a lifetime.
pub(crate) fn after_quote(bytes: &[u8], begin: usize) -> usize {
    match bytes.get(begin + 1) {
        Some(b'\\') => {
            let rest = bytes.get(begin + 3..).unwrap_or_default();
            let close = rest.iter().position(|byte| *byte == b'\'');
            close.map_or(bytes.len(), |count| begin + 4 + count)
        }
        // One of up to four bytes, and the other quote.
        _ => (begin + 2..begin + 6)
            .find(|end| bytes.get(*end) == Some(&b'\'') && is_character(&bytes[begin + 1..*end]))
            .map_or(begin + 1, |end| end + 1),
    }
}

fn is_character(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().count() == 1)
}

/// The end of a raw text; none where there is none.
pub(crate) fn raw_text(bytes: &[u8], begin: usize) -> Option<usize> {
    let quote = after(bytes, begin + 1, |byte| byte == b'#');
    if bytes.get(quote) != Some(&b'"') {
        return None;
    }
    let marks = quote - begin - 1;
    let mut index = quote + 1;
    while index < bytes.len() {
        let closed = bytes[index] == b'"' && {
            let rest = &bytes[index + 1..];
            rest.len() >= marks && rest[..marks].iter().all(|byte| *byte == b'#')
        };
        if closed {
            return Some(index + 1 + marks);
        }
        index += 1;
    }
    Some(bytes.len())
}
