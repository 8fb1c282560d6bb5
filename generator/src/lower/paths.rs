//! Path templates: what they name, and which of them the router of the service can write.

/// A template cut at its slashes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Segment<'t> {
    Literal(&'t str),
    Parameter(&'t str),
    /// Text around a parameter, or several of them.
    Mixed(&'t str),
}

pub(super) fn segments(template: &str) -> impl Iterator<Item = Segment<'_>> {
    template.split('/').skip(1).map(|segment| {
        let inner = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match inner {
            Some(name) if !name.contains(['{', '}']) => Segment::Parameter(name),
            _ if segment.contains('{') => Segment::Mixed(segment),
            _ => Segment::Literal(segment),
        }
    })
}

/// The names in a template, in its order.
pub(super) fn parameters(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        names.push(name);
        rest = after;
    }
    names
}

/// Whether the router can write a template: its parameters fill whole segments.
pub(super) fn is_routable(template: &str) -> bool {
    segments(template).all(|segment| !matches!(segment, Segment::Mixed(_)))
}

/// What two templates share when they match the same paths.
pub(super) fn shape(template: &str) -> String {
    let mut shape = String::new();
    for segment in segments(template) {
        shape.push('/');
        match segment {
            Segment::Literal(text) | Segment::Mixed(text) => shape.push_str(text),
            Segment::Parameter(_) => shape.push_str("{}"),
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_around_a_parameter_has_no_route() {
        assert!(is_routable("/users/{user-id}/posts/"));
        assert!(!is_routable("/files/{name}.{extension}"));
        assert!(!is_routable("/files/{id}:cancel"));
    }

    #[test]
    fn names_of_parameters_tell_no_paths_apart() {
        assert_eq!(shape("/users/{id}/x"), shape("/users/{user}/x"));
        assert_ne!(shape("/users/{id}"), shape("/users/{id}/"));
    }

    #[test]
    fn parameters_are_found_wherever_they_stand() {
        assert_eq!(parameters("/a/{b}/{c}.{d}:e"), ["b", "c", "d"]);
        assert_eq!(parameters("/a/{b"), Vec::<&str>::new());
    }
}
