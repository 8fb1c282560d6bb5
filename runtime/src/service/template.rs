//! Path templates: how the router takes them, and what stands for their parameters.

use std::fmt::Write as _;

/// A path as axum's router takes it: `/inventories/{p2}` for `/inventories/{inventoryId}`, and
/// escaped as it comes over the wire.
pub(super) fn router_path(template: &str) -> String {
    let mut path = String::with_capacity(template.len());
    for (index, segment) in template.split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        if segment.starts_with('{') && segment.ends_with('}') {
            let _ = write!(path, "{{p{index}}}");
        } else {
            escape(segment, &mut path);
        }
    }
    path
}

/// Escapes what may not stand in a path as it is. An escape that is there already stays.
fn escape(segment: &str, to: &mut String) {
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%".contains(&byte) {
            to.push(char::from(byte));
        } else {
            let _ = write!(to, "%{byte:02X}");
        }
    }
}

/// The part of a path that stands where its template has `{name}`, still escaped.
pub(super) fn segment<'p>(template: &str, path: &'p str, name: &str) -> Option<&'p str> {
    template
        .split('/')
        .zip(path.split('/'))
        .find(|(segment, _)| {
            segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) == Some(name)
        })
        .map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_they_come_over_the_wire() {
        for (template, path) in [
            ("/", "/"),
            ("/items/{itemId}/parts/{partId}", "/items/{p2}/parts/{p4}"),
            ("/items/{item-id}/", "/items/{p2}/"),
            ("/ä b", "/%C3%A4%20b"),
            ("/a%20b:act", "/a%20b:act"),
        ] {
            assert_eq!(router_path(template), path);
        }
    }
}
