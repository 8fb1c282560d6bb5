//! `$ref`: what it says.

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;

/// The two parts of a reference.
pub(super) struct Target<'r> {
    /// What stands before the `#`; none: the same file.
    pub(super) file: Option<&'r str>,
    pub(super) fragment: &'r str,
}

impl<'r> Target<'r> {
    pub(super) fn of(reference: &'r str) -> Self {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        Self {
            file: Some(file).filter(|file| !file.is_empty()),
            fragment,
        }
    }

    /// Whether the fragment is a name and no path.
    pub(super) fn is_named(&self) -> bool {
        !self.fragment.is_empty() && !decode(self.fragment).starts_with('/')
    }
}

/// What the part before the `#` is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'r> {
    /// A path from the file in which the reference stands.
    File,
    /// A path from the root of the disk, or of a drive.
    Absolute,
    /// Something on another host.
    Remote(&'r str),
}

pub(super) fn part(text: &str) -> Part<'_> {
    let has_drive = matches!(text.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic());
    match text.split_once("://") {
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("file") => Part::Absolute,
        Some((scheme, rest)) => {
            let host = rest.split(['/', '?']).next().unwrap_or_default();
            Part::Remote(&text[..scheme.len() + 3 + host.len()])
        }
        None if text.starts_with("urn:") => Part::Remote(text),
        None if has_drive || text.starts_with(['/', '\\']) => Part::Absolute,
        None => Part::File,
    }
}

pub(super) fn absolute(text: &str) -> Diagnostic {
    Diagnostic::error(
        "absolute-reference",
        format!(
            "a reference to a file must be relative: `{}`",
            text.escape_debug()
        ),
    )
    .help("write the path from the file in which the reference stands")
}

/// Undoes percent-encoding; what is not an encoding stays.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let hex = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
        match (bytes[index], hex(index + 1), hex(index + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high << 4 | low) as u8);
                index += 3;
            }
            (byte, ..) => {
                out.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8(out).map_or(text.into(), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_fragment_is_a_file_or_somewhere_else() {
        for (text, expected) in [
            ("pet.yaml", Part::File),
            ("../a b/pet%20x.yaml", Part::File),
            ("..\\pet.yaml", Part::File),
            ("/pet.yaml", Part::Absolute),
            ("\\\\host\\pet.yaml", Part::Absolute),
            ("C:\\pet.yaml", Part::Absolute),
            ("file:///pet.yaml", Part::Absolute),
            (
                "https://a.example:80/pet.yaml",
                Part::Remote("https://a.example:80"),
            ),
            ("http://a.example?x", Part::Remote("http://a.example")),
            ("urn:example:pet", Part::Remote("urn:example:pet")),
        ] {
            assert_eq!(part(text), expected, "{text}");
        }
    }
}
