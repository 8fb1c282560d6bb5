//! Media types: their families, and what they are called.

use super::names;
use crate::ir::{Content, ContentKind, MediaType};

/// What can be said of a media type that is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `*/*`
    Any,
    /// Characters without a form of their own.
    Plain,
    /// Bytes without one.
    Octets,
    /// Characters in a form of their own.
    Text,
    Form,
    Multipart,
    /// JSON values one after another.
    Lines,
    Events,
    Other,
}

pub(super) fn family(essence: &str) -> Family {
    match essence {
        "*/*" | "*" | "application/*" => Family::Any,
        // Not registered, and written all the same.
        "text/plain" | "text/*" | "plain/text" | "application/text" => Family::Plain,
        "application/octet-stream" => Family::Octets,
        "application/x-www-form-urlencoded" => Family::Form,
        "multipart/form-data" => Family::Multipart,
        "text/event-stream" => Family::Events,
        "application/x-ndjson"
        | "application/ndjson"
        | "application/jsonl"
        | "application/x-jsonl"
        | "application/json-lines"
        | "application/jsonlines"
        | "application/x-jsonlines"
        | "application/json-seq"
        | "application/stream+json"
        | "application/geo+json-seq" => Family::Lines,
        other if other.starts_with("text/") => Family::Text,
        _ => Family::Other,
    }
}

/// How a stream of values is written.
pub(super) fn items(essence: &str) -> Option<ContentKind> {
    match family(essence) {
        Family::Lines => Some(ContentKind::Lines),
        Family::Events => Some(ContentKind::Events),
        _ => None,
    }
}

/// The media type without its parameters, in lower case.
pub(super) fn essence(name: &str) -> String {
    let essence = name.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

pub(super) fn is_json(essence: &str) -> bool {
    let (_, subtype) = essence.split_once('/').unwrap_or_default();
    subtype == "json" || subtype.ends_with("+json") && family(essence) != Family::Lines
}

/// The media type as requests are compared with.
pub(super) fn received(name: &str, kind: ContentKind) -> String {
    let essence = essence(name);
    match is_header_text(&essence) {
        true => essence,
        false => self::essence(usual(kind)),
    }
}

/// The media type as it is sent.
pub(super) fn sent(name: &str, kind: ContentKind) -> String {
    let name = name.trim();
    if name.contains('*') || !is_header_text(name) {
        return usual(kind).to_owned();
    }
    match kind {
        // Without it some clients take text for Latin.
        ContentKind::Text if !name.contains("charset") => format!("{name}; charset=utf-8"),
        _ => name.to_owned(),
    }
}

/// Whether a media type of the document became one of this content.
pub(super) fn is_spoken_as(name: &str, content: &Content) -> bool {
    let mut all = content.media_types.iter();
    all.any(|media_type| sent(name, media_type.kind) == media_type.name)
}

fn is_header_text(name: &str) -> bool {
    name.contains('/') && name.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn usual(kind: ContentKind) -> &'static str {
    match kind {
        ContentKind::Json => "application/json",
        ContentKind::Form => "application/x-www-form-urlencoded",
        ContentKind::Multipart => "multipart/form-data",
        ContentKind::Text => "text/plain; charset=utf-8",
        ContentKind::Bytes => "application/octet-stream",
        ContentKind::Lines => "application/x-ndjson",
        ContentKind::Events => "text/event-stream",
    }
}

/// What the variant of a content is called: `Json`, `Text`, `MergePatch`, `Png`.
pub(super) fn variant(media_types: &[MediaType]) -> String {
    let generic = match media_types.first().map(|first| first.kind) {
        Some(ContentKind::Json) => "Json",
        Some(ContentKind::Form) => "Form",
        Some(ContentKind::Multipart) => "Multipart",
        Some(ContentKind::Text) => "Text",
        Some(ContentKind::Bytes) | None => "Bytes",
        Some(ContentKind::Lines) => "Lines",
        Some(ContentKind::Events) => "Events",
    };
    match media_types {
        [only] => own_word(&essence(&only.name)),
        _ => None,
    }
    .unwrap_or_else(|| generic.to_owned())
}

/// The word of a media type that tells it from others.
fn own_word(essence: &str) -> Option<String> {
    let word = match essence {
        "text/plain" => "text",
        "application/octet-stream" => "bytes",
        "application/x-www-form-urlencoded" => "form",
        "multipart/form-data" => "multipart",
        "text/event-stream" => "events",
        _ if family(essence) == Family::Lines => "lines",
        _ => {
            let (_, subtype) = essence.split_once('/')?;
            // `vnd.github.diff` is a diff, `problem+json` a problem.
            let word = subtype.rsplit('.').next().unwrap_or_default();
            let word = word.strip_suffix("+json").unwrap_or(word);
            word.strip_prefix("x-").unwrap_or(word)
        }
    };
    let speaks = word.starts_with(|first: char| first.is_ascii_alphabetic());
    speaks.then(|| names::variant_name(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_called_what_they_are() {
        for (name, kind, variant_name) in [
            ("application/json; charset=utf-8", ContentKind::Json, "Json"),
            (
                "application/merge-patch+json",
                ContentKind::Json,
                "MergePatch",
            ),
            ("application/vnd.github.diff", ContentKind::Bytes, "Diff"),
            ("application/x-tar", ContentKind::Bytes, "Tar"),
            ("image/svg+xml", ContentKind::Bytes, "SvgXml"),
            ("image/*", ContentKind::Bytes, "Bytes"),
            ("text/plain", ContentKind::Text, "Text"),
            ("application/3gpp", ContentKind::Bytes, "Bytes"),
        ] {
            let media_type = MediaType {
                name: name.to_owned(),
                kind,
                encodings: Vec::new(),
            };
            assert_eq!(variant(&[media_type]), variant_name);
        }
    }

    #[test]
    fn what_is_sent_is_a_media_type() {
        assert_eq!(sent("*/*", ContentKind::Json), "application/json");
        assert_eq!(
            sent("image/*", ContentKind::Bytes),
            "application/octet-stream"
        );
        assert_eq!(
            sent("text/csv", ContentKind::Text),
            "text/csv; charset=utf-8"
        );
        assert_eq!(
            sent("größe", ContentKind::Bytes),
            "application/octet-stream"
        );
    }
}
