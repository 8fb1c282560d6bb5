//! Escapes of a path, undone without losing where the bytes came from.

use std::borrow::Cow;

/// The bytes that a text stands for. A percent sign that escapes nothing stands for itself.
pub(super) fn undo(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(bytes(text).map(|(byte, _)| byte).collect())
}

/// The text that a piece of a path stands for; what is no UTF-8 is replaced.
#[cfg(feature = "controlplane")]
pub(crate) fn unescaped(text: &str) -> String {
    String::from_utf8_lossy(&undo(text.as_bytes())).into_owned()
}

/// The same, each byte with the place where it is written.
pub(super) fn undo_with_places(text: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let (bytes, mut places): (Vec<u8>, Vec<usize>) = bytes(text).unzip();
    places.push(text.len());
    (bytes, places)
}

fn bytes(text: &[u8]) -> impl Iterator<Item = (u8, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let first = *text.get(start)?;
        let (byte, length) = match escaped(&text[start..]) {
            Some(byte) => (byte, 3),
            None => (first, 1),
        };
        at += length;
        Some((byte, start))
    })
}

/// The byte whose escape a text begins with.
fn escaped(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else {
        return None;
    };
    let digit = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
}

/// How many bytes the last character of a text takes, escapes counted as they are written.
pub(super) fn last_character(text: &[u8]) -> usize {
    let mut start = text.len();
    while start > 0 {
        let (byte, length) = match text[..start].last_chunk::<3>().map(|end| escaped(end)) {
            Some(Some(byte)) => (byte, 3),
            _ => (text[start - 1], 1),
        };
        start -= length;
        let continues = byte & 0b1100_0000 == 0b1000_0000;
        if !continues {
            break;
        }
    }
    text.len() - start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once() {
        for (text, undone) in [
            ("", ""),
            ("a b", "a b"),
            ("%41%62", "Ab"),
            ("%2541", "%41"),
            ("%", "%"),
            ("%4", "%4"),
            ("%zz%+1", "%zz%+1"),
            ("%C3%A9", "é"),
        ] {
            assert_eq!(&*undo(text.as_bytes()), undone.as_bytes(), "{text}");
        }
    }

    #[test]
    fn bytes_are_found_where_they_are_written() {
        let (bytes, places) = undo_with_places(b"a%3Ab");
        assert_eq!((bytes.as_slice(), places), (&b"a:b"[..], vec![0, 1, 4, 5]));
    }

    #[test]
    fn characters_are_not_cut() {
        for (text, last) in [
            ("", 0),
            ("ab", 1),
            ("a%41", 3),
            ("aé", 2),
            ("a%C3%A9", 6),
            ("a%4", 1),
            ("%A9", 3),
        ] {
            assert_eq!(last_character(text.as_bytes()), last, "{text}");
        }
    }
}
