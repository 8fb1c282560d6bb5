//! Path templates: what they name, and how the router of the service takes them.

use std::collections::BTreeMap;

/// A key of `paths`, taken apart. What comes behind a `#` is there to make keys differ, and is no
/// part of what is sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path<'t> {
    written: &'t str,
    /// The part before `?` and `#`, cut at its parameters.
    pieces: Vec<Piece<'t>>,
    /// What stands behind a `?`.
    pub(super) query: Vec<Query<'t>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    /// What stands between braces.
    Braces(&'t str),
}

/// A part of a path's query.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Query<'t> {
    /// `lat={latitude}`: what `latitude` describes is called `lat`. `{?lat}` is the same for both.
    Parameter {
        key: &'t str,
        name: &'t str,
        required: bool,
    },
    /// `acl` and `list-type=2`: it has to be there, and to have this value.
    Fixed {
        key: &'t str,
        value: Option<&'t str>,
    },
}

/// How a document describes the parameters of a path, as far as it shapes the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Declared {
    /// Its value is a list or an object: a star behind its name says how it is written.
    pub(super) is_compound: bool,
    /// No text at all is a value.
    pub(super) may_be_empty: bool,
    /// It says that slashes may stand in its values.
    pub(super) has_slashes: bool,
}

/// A path for the router.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// `/{bucket}/{*key}`
    pub(super) template: String,
    /// The names of its parameters as the document declares them, in the path's order.
    pub(super) names: Vec<String>,
    /// Two parameters between which nothing stands.
    pub(super) touching: Option<(String, String)>,
}

impl<'t> Path<'t> {
    pub(super) fn new(written: &'t str) -> Self {
        let (before, query) = split_outside_braces(written, &['#', '?']);
        let query = match query {
            Some(('?', query)) => split_outside_braces(query, &['#']).0,
            _ => "",
        };
        let mut path = Self {
            written,
            pieces: Vec::new(),
            query: query.split('&').filter_map(pair).collect(),
        };
        for piece in pieces(before) {
            match piece {
                Piece::Braces(inner) if inner.starts_with(['?', '&']) => {
                    path.query.extend(inner[1..].split(',').map(|name| {
                        let name = name.trim_end_matches('*');
                        Query::Parameter {
                            key: name,
                            name,
                            required: false,
                        }
                    }));
                }
                piece => path.pieces.push(piece),
            }
        }
        path
    }

    /// The path as it is written.
    pub(super) fn written(&self) -> &'t str {
        self.written
    }

    /// The path for the router, by what is declared of its parameters.
    pub(super) fn route(&self, declared: &BTreeMap<String, Declared>) -> Route {
        let mut template = String::new();
        let mut names: Vec<String> = Vec::new();
        let mut touching = None;
        let mut has_rest = false;
        for (index, piece) in self.pieces.iter().enumerate() {
            let inner = match piece {
                Piece::Text(text) => {
                    template.push_str(text);
                    continue;
                }
                Piece::Braces(inner) => inner,
            };
            let (name, mark) = meant(inner, |name| declared.contains_key(name));
            let described = declared.get(name).copied().unwrap_or_default();
            let opens = template.is_empty() || template.ends_with('/');
            let after = self.pieces.get(index + 1);
            let closes = match after {
                None => true,
                Some(Piece::Text(text)) => text.starts_with('/'),
                Some(Piece::Braces(_)) => false,
            };
            let is_whole = opens && closes;
            // `/{+name}:cancel`
            let is_last = match after {
                Some(Piece::Text(text)) => index + 2 == self.pieces.len() && !text.contains('/'),
                _ => false,
            };
            let is_rest = match mark {
                Mark::Rest => true,
                Mark::Star => !described.is_compound,
                Mark::None => described.has_slashes,
            };
            // Several would let a path be cut in too many ways.
            let mark = if (is_whole || opens && is_last) && is_rest && !has_rest {
                has_rest = true;
                "*"
            } else if is_whole && after.is_none() && described.may_be_empty {
                "?"
            } else {
                ""
            };
            if let (Some(previous), true) = (names.last(), template.ends_with('}')) {
                touching = Some((previous.clone(), name.to_owned()));
            }
            template.push_str(&format!("{{{mark}{name}}}"));
            names.push(name.to_owned());
        }
        if !template.starts_with('/') {
            template.insert(0, '/');
        }
        Route {
            template,
            names,
            touching,
        }
    }
}

/// What is written behind or before a name to say that its value may have slashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    None,
    /// `{path*}`, which can also mean a list.
    Star,
    Rest,
}

/// The name that is meant by what stands between braces. The document's own declaration counts
/// most; frameworks write more there than a name.
fn meant(inner: &str, is_declared: impl Fn(&str) -> bool) -> (&str, Mark) {
    let (plain, mark) = unmarked(inner);
    match is_declared(inner) && !is_declared(plain) {
        true => (inner, mark),
        false => (plain, mark),
    }
}

/// A name without operators of RFC 6570 and the like, and without patterns: `{+path}`, `{path+}`,
/// `{path*}`, `{*path}`, `{path...}`, `{;ids*}`, `{id:[0-9]+}`, `{id?}`.
fn unmarked(inner: &str) -> (&str, Mark) {
    let (name, pattern) = match inner.split_once(':') {
        Some((name, pattern)) if !name.is_empty() => (name, pattern.trim()),
        _ => (inner, ""),
    };
    let name = name.trim().trim_end_matches('?');
    let is_rest = name.starts_with(['+', '*'])
        || name.ends_with('+')
        || name.ends_with("...")
        || [".*", ".+", "path", "*"].contains(&pattern);
    let mark = match (is_rest, name.ends_with('*')) {
        (true, _) => Mark::Rest,
        (false, true) => Mark::Star,
        (false, false) => Mark::None,
    };
    let bare = name.trim_start_matches(['+', '*', '.', ';']);
    match bare.trim_end_matches(['+', '*', '.']) {
        "" => (name, Mark::None),
        bare => (bare, mark),
    }
}

/// A key of `paths` with nothing but names between its braces.
pub(super) fn plain(written: &str, is_declared: impl Fn(&str) -> bool) -> String {
    let (before, rest) = split_outside_braces(written, &['#', '?']);
    let mut plain = String::new();
    for piece in pieces(before) {
        match piece {
            Piece::Text(text) => plain.push_str(text),
            // These are parameters of the query.
            Piece::Braces(inner) if inner.starts_with(['?', '&']) => {}
            Piece::Braces(inner) => {
                let (name, _) = meant(inner, &is_declared);
                plain.push_str(&format!("{{{name}}}"));
            }
        }
    }
    if let Some((sign, rest)) = rest {
        plain.push(sign);
        plain.push_str(rest);
    }
    plain
}

/// What two templates for the router share when they match the same paths.
pub(crate) fn shape(template: &str) -> String {
    let shape = pieces(template).map(|piece| match piece {
        Piece::Text(text) => text,
        Piece::Braces(inner) if inner.starts_with('*') => "{*}",
        Piece::Braces(_) => "{}",
    });
    shape.collect()
}

/// The names in a template or a part of one, in its order.
pub(crate) fn parameters(template: &str) -> Vec<&str> {
    let names = pieces(template).filter_map(|piece| match piece {
        Piece::Braces(inner) => Some(unmarked(inner).0),
        Piece::Text(_) => None,
    });
    names.collect()
}

fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let open = rest.find('{');
        let close = open.and_then(|open| Some(open + rest[open..].find('}')?));
        let piece = match (open, close) {
            (Some(0), Some(close)) => {
                let inner = &rest[1..close];
                rest = &rest[close + 1..];
                return Some(Piece::Braces(inner));
            }
            (Some(open), Some(_)) => &rest[..open],
            // A brace that is never closed is text.
            _ => rest,
        };
        rest = &rest[piece.len()..];
        Some(Piece::Text(piece))
    })
}

/// Cuts at the first of some signs that stands in no braces.
fn split_outside_braces<'t>(text: &'t str, signs: &[char]) -> (&'t str, Option<(char, &'t str)>) {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 && signs.contains(&c) => {
                return (&text[..at], Some((c, &text[at + c.len_utf8()..])));
            }
            _ => {}
        }
    }
    (text, None)
}

fn pair(pair: &str) -> Option<Query<'_>> {
    if pair.is_empty() {
        return None;
    }
    let (key, value) = match pair.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (pair, None),
    };
    let name = value
        .unwrap_or(key)
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    Some(match name {
        Some(name) => Query::Parameter {
            // `?{name}` is called as it is described.
            key: if value.is_some() { key } else { name },
            name,
            required: true,
        },
        None => Query::Fixed { key, value },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> Route {
        Path::new(path).route(&BTreeMap::new())
    }

    #[track_caller]
    fn check(path: &str, template: &str, names: &[&str]) {
        let route = route(path);
        assert_eq!(
            (route.template.as_str(), route.names),
            (template, names.iter().map(|n| (*n).to_owned()).collect()),
            "{path}"
        );
    }

    #[test]
    fn a_plain_key_has_nothing_but_names_between_its_braces() {
        for (written, expected) in [
            ("/a/{id}", "/a/{id}"),
            ("/a/{.ids*}", "/a/{ids}"),
            ("/a/{;ids}.{format}", "/a/{ids}.{format}"),
            ("/a/{id:[0-9]+}#x", "/a/{id}#x"),
            ("/a/{odd.}", "/a/{odd.}"),
            ("/a{?page,size}", "/a"),
            ("/a?b={c}", "/a?b={c}"),
        ] {
            let is_declared = |name: &str| ["ids", "id", "odd."].contains(&name);
            assert_eq!(plain(written, is_declared), expected);
        }
    }

    #[test]
    fn plain_templates_stay_as_they_are() {
        for path in ["/", "/a/{b}/", "//a", "/{a}.{b}:c", "/a b/ä", "/{a", "/a}"] {
            assert_eq!(route(path).template, path);
        }
        check("/a/{b}/{c}.{d}:e", "/a/{b}/{c}.{d}:e", &["b", "c", "d"]);
        check("a/{b}", "/a/{b}", &["b"]);
    }

    #[test]
    fn what_frameworks_write_for_a_rest_is_understood() {
        for path in [
            "/f/{path+}",
            "/f/{+path}",
            "/f/{*path}",
            "/f/{path*}",
            "/f/{path...}",
            "/f/{path:.*}",
            "/f/{path:path}",
        ] {
            check(path, "/f/{*path}", &["path"]);
        }
        // A rest fills whole segments, but for text at the end, and there is one.
        check("/f/{path+}.txt", "/f/{*path}.txt", &["path"]);
        check("/f/{path+}.txt/a", "/f/{path}.txt/a", &["path"]);
        check("/f/a{path+}", "/f/a{path}", &["path"]);
        check("/{a+}/{b+}", "/{*a}/{b}", &["a", "b"]);
        check("/{id:[0-9]+}/{name?}", "/{id}/{name}", &["id", "name"]);
    }

    #[test]
    fn declarations_say_what_signs_mean() {
        let declared = |name: &str, described| BTreeMap::from([(name.to_owned(), described)]);
        let list = Declared {
            is_compound: true,
            may_be_empty: true,
            ..Declared::default()
        };
        let template = |path: &str, declared| Path::new(path).route(&declared).template;
        assert_eq!(template("/{ids*}", declared("ids", list)), "/{?ids}");
        assert_eq!(template("/{ids*}/x", declared("ids", list)), "/{ids}/x");
        assert_eq!(template("/{;ids*}", declared("ids", list)), "/{?ids}");
        assert_eq!(
            template("/{a:b}", declared("a:b", Declared::default())),
            "/{a:b}"
        );
        let rest = Declared {
            has_slashes: true,
            ..Declared::default()
        };
        assert_eq!(template("/{path}", declared("path", rest)), "/{*path}");
    }

    #[test]
    fn queries_and_fragments_are_no_part_of_the_path() {
        let path = Path::new("/a/{b}?lat={lat}&acl&list-type=2&{c}#x?y={z}");
        assert_eq!(path.route(&BTreeMap::new()).template, "/a/{b}");
        let parameter = |key, name| Query::Parameter {
            key,
            name,
            required: true,
        };
        let fixed = |key, value| Query::Fixed { key, value };
        assert_eq!(
            path.query,
            [
                parameter("lat", "lat"),
                fixed("acl", None),
                fixed("list-type", Some("2")),
                parameter("c", "c"),
            ]
        );
        assert!(Path::new("/a#b?c=d").query.is_empty());
        let path = Path::new("/a{?b,c*}");
        assert_eq!(path.route(&BTreeMap::new()).template, "/a");
        assert_eq!(path.query.len(), 2);
    }

    #[test]
    fn names_of_parameters_tell_no_paths_apart() {
        assert_eq!(shape("/users/{id}/x"), shape("/users/{user}/x"));
        assert_ne!(shape("/users/{id}"), shape("/users/{id}/"));
        assert_ne!(shape("/users/{id}"), shape("/users/{*id}"));
        assert_eq!(shape("/{a}.{b}"), shape("/{c}.{d}"));
    }

    #[test]
    fn parameters_between_which_nothing_stands_are_found() {
        assert_eq!(
            route("/{a}{b}").touching,
            Some(("a".to_owned(), "b".to_owned()))
        );
        assert_eq!(route("/{a}-{b}").touching, None);
    }
}
