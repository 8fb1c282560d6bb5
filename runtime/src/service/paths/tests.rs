use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Captures, Template, Tree};

/// The templates of a service, and the names of each.
struct Service {
    tree: Tree,
    templates: Vec<(String, Template)>,
    places: Vec<usize>,
}

impl Service {
    fn new(base: &str, templates: &[&str]) -> Service {
        let mut tree = Tree::new();
        let templates: Vec<_> = templates
            .iter()
            .map(|text| ((*text).to_owned(), Template::new(base, text)))
            .collect();
        let places = templates.iter().map(|(_, t)| tree.place(t)).collect();
        Service {
            tree,
            templates,
            places,
        }
    }

    /// The first template that a path matches, and its values: `/{a}/{b} a=1 b=2`.
    fn find(&self, path: &str) -> Option<String> {
        let (place, captures) = self.tree.find(path, &mut |_| true)?;
        let index = self.places.iter().position(|known| *known == place)?;
        let (text, template) = &self.templates[index];
        Some(told(text, template, path, &captures))
    }
}

fn told(text: &str, template: &Template, path: &str, captures: &Captures) -> String {
    let mut told = text.to_owned();
    for (index, name) in template.names().iter().enumerate() {
        let (start, end) = captures.get(index).expect("every parameter has a value");
        told.push_str(&format!(" {name}={}", &path[start..end]));
    }
    assert_eq!(captures.len(), template.names().len());
    told
}

#[track_caller]
fn check(templates: &[&str], expected: &[(&str, &str)]) {
    let service = Service::new("", templates);
    for (path, template) in expected {
        assert_eq!(
            service.find(path).as_deref().unwrap_or("nothing"),
            *template,
            "{path}"
        );
    }
}

#[test]
fn text_wins_over_parameters() {
    check(
        &[
            "/users/{id}",
            "/users/me",
            "/users/{id}/posts",
            "/{any}/me/posts",
        ],
        &[
            ("/users/me", "/users/me"),
            ("/users/you", "/users/{id} id=you"),
            ("/users/me/posts", "/users/{id}/posts id=me"),
            // What stands below the text does not match, so another way is tried.
            ("/others/me/posts", "/{any}/me/posts any=others"),
            ("/users", "nothing"),
            ("/users/", "nothing"),
            ("/users/a/b", "nothing"),
        ],
    );
}

#[test]
fn names_make_no_difference() {
    check(
        &["/a/{x}/b", "/a/{y}/c", "/a/{z}"],
        &[
            ("/a/1/b", "/a/{x}/b x=1"),
            ("/a/1/c", "/a/{y}/c y=1"),
            ("/a/1", "/a/{z} z=1"),
        ],
    );
}

#[test]
fn slashes_count() {
    check(
        &["/a", "/a/", "/b//c", "/", "//"],
        &[
            ("/a", "/a"),
            ("/a/", "/a/"),
            ("/a//", "nothing"),
            ("/b//c", "/b//c"),
            ("/b/c", "nothing"),
            ("/", "/"),
            ("//", "//"),
            ("*", "nothing"),
        ],
    );
}

#[test]
fn text_may_stand_around_parameters() {
    check(
        &[
            "/{id}:cancel",
            "/{id}",
            "/{name}.{extension}",
            "/{name}.json",
            "/v{version}",
            "/Foo('{id}')",
            "/Foo(a={a},b={b})",
            "/{from}...{to}",
        ],
        &[
            ("/7:cancel", "/{id}:cancel id=7"),
            (":cancel", "nothing"),
            ("/:cancel", "/{id} id=:cancel"),
            ("/7:other", "/{id} id=7:other"),
            ("/a.b.tar", "/{name}.{extension} name=a.b extension=tar"),
            ("/a.json", "/{name}.json name=a"),
            ("/a.", "/{id} id=a."),
            ("/v2", "/v{version} version=2"),
            ("/v", "/{id} id=v"),
            ("/Foo('x')", "/Foo('{id}') id=x"),
            ("/Foo('')", "/{id} id=Foo('')"),
            ("/Foo(a=1,b=2)", "/Foo(a={a},b={b}) a=1 b=2"),
            ("/a...b", "/{from}...{to} from=a to=b"),
        ],
    );
}

#[test]
fn where_nothing_separates_values_the_first_one_is_the_longest() {
    check(
        &["/{a}{b}", "/x/{a}{b}-{c}"],
        &[
            ("/123", "/{a}{b} a=12 b=3"),
            ("/1", "nothing"),
            ("/a%C3%A9", "/{a}{b} a=a b=%C3%A9"),
            ("/x/1-2-3", "/x/{a}{b}-{c} a=1- b=2 c=3"),
            ("/a.b.json", "/{a}{b} a=a.b b=.json"),
            ("/.json", "/{a}{b} a=.jso b=n"),
            ("/a.", "/{a}{b} a=a b=."),
        ],
    );
}

#[test]
fn escapes_are_undone_for_text_and_kept_in_values() {
    check(
        &["/a b/{x}", "/a%20c", "/größe", "/{id}:cancel", "/{a}.{b}"],
        &[
            ("/a%20b/c%2Fd", "/a b/{x} x=c%2Fd"),
            ("/a%20c", "/a%20c"),
            ("/%61%20c", "/a%20c"),
            ("/gr%C3%B6%C3%9Fe", "/größe"),
            ("/7%3Acancel", "/{id}:cancel id=7"),
            ("/%C3%A9%3acancel", "/{id}:cancel id=%C3%A9"),
            // An escaped separator belongs to a value as long as there is another one.
            ("/a.b%2Ec", "/{a}.{b} a=a b=b%2Ec"),
            ("/a%2Eb", "/{a}.{b} a=a b=b"),
            ("/%2E%", "nothing"),
        ],
    );
}

#[test]
fn a_rest_takes_slashes() {
    check(
        &[
            "/{bucket}",
            "/{bucket}/{*key}",
            "/{bucket}/{*key}/tags/{tag}",
            "/{bucket}/acl",
        ],
        &[
            ("/b", "/{bucket} bucket=b"),
            ("/b/", "nothing"),
            ("/b/k", "/{bucket}/{*key} bucket=b key=k"),
            ("/b/k/l/m/", "/{bucket}/{*key} bucket=b key=k/l/m/"),
            ("/b/acl", "/{bucket}/acl bucket=b"),
            // To the end where nothing else can be meant.
            ("/b/k/tags", "/{bucket}/{*key} bucket=b key=k/tags"),
            (
                "/b/k/tags/l/tags/t",
                "/{bucket}/{*key}/tags/{tag} bucket=b key=k/tags/l tag=t",
            ),
        ],
    );
    check(
        &["/v2/{*name}/manifests/{reference}"],
        &[
            (
                "/v2/library/ubuntu/manifests/latest",
                "/v2/{*name}/manifests/{reference} name=library/ubuntu reference=latest",
            ),
            (
                "/v2/a/manifests/b/manifests/c",
                "/v2/{*name}/manifests/{reference} name=a/manifests/b reference=c",
            ),
            ("/v2/manifests/latest", "nothing"),
        ],
    );
    // The one that says more of the path.
    check(
        &["/{*id}/events", "/{*id}/replicas/{replica}/events"],
        &[
            ("/a/b/events", "/{*id}/events id=a/b"),
            (
                "/a/b/replicas/r/events",
                "/{*id}/replicas/{replica}/events id=a/b replica=r",
            ),
        ],
    );
}

#[test]
fn text_may_end_a_rest() {
    check(
        &[
            "/v1/{*name}",
            "/v1/{*name}:cancel",
            "/v1/{*name}:un:cancel",
            "/v1/{*parent}/items",
            "/v1/{*parent}/items:clear",
            "/v1/{*name}:clear",
            "/v1/{id}:cancel",
        ],
        &[
            ("/v1/a/b", "/v1/{*name} name=a/b"),
            ("/v1/a/b:cancel", "/v1/{*name}:cancel name=a/b"),
            ("/v1/a/b%3Acancel", "/v1/{*name}:cancel name=a/b"),
            (
                "/v1/a%3Ab/%C3%A9:cancel",
                "/v1/{*name}:cancel name=a%3Ab/%C3%A9",
            ),
            ("/v1/a/b:un:cancel", "/v1/{*name}:un:cancel name=a/b"),
            ("/v1/:cancel", "/v1/{*name} name=:cancel"),
            ("/v1/a/b/items", "/v1/{*parent}/items parent=a/b"),
            ("/v1/a/items:clear", "/v1/{*parent}/items:clear parent=a"),
            ("/v1/a/b:clear", "/v1/{*name}:clear name=a/b"),
            // One segment is more exact than any number of them.
            ("/v1/a:cancel", "/v1/{id}:cancel id=a"),
        ],
    );
}

#[test]
fn a_last_value_may_be_empty_if_it_says_so() {
    check(
        &["/lists/{?items}", "/lists/{items}/x", "/a/{?b}/c"],
        &[
            ("/lists/", "/lists/{?items} items="),
            ("/lists/1,2", "/lists/{?items} items=1,2"),
            ("/lists", "nothing"),
            ("/lists//x", "nothing"),
            ("/a//c", "nothing"),
            ("/a/b/c", "/a/{?b}/c b=b"),
        ],
    );
}

#[test]
fn a_base_path_is_text_before_everything() {
    let service = Service::new("/api/v1/", &["/", "/items/{id}"]);
    for (path, found) in [
        ("/api/v1/", Some("/")),
        ("/api/v1/items/7", Some("/items/{id} id=7")),
        ("/items/7", None),
        ("/api/v1", None),
    ] {
        assert_eq!(service.find(path).as_deref(), found, "{path}");
    }
    // What would be a parameter in a template is none in a base path.
    let service = Service::new("{x}", &["/a"]);
    assert_eq!(service.find("/b/a"), None);
    assert_eq!(service.find("/%7Bx%7D/a").as_deref(), Some("/a"));
}

#[test]
fn what_cannot_be_a_parameter_is_text() {
    check(
        &["/{a", "/b}", "/{}", "no/slash", ""],
        &[
            ("/{a", "/{a"),
            ("/b}", "/b}"),
            ("/c", "/{} =c"),
            ("/no/slash", "no/slash"),
            ("/", ""),
        ],
    );
}

#[test]
fn a_place_that_is_not_accepted_is_passed_by() {
    let service = Service::new("", &["/a/b", "/a/{x}", "/{y}/b", "/{*z}"]);
    let mut seen = Vec::new();
    let found = service.tree.find("/a/b", &mut |place| {
        seen.push(place);
        false
    });
    assert!(found.is_none());
    assert_eq!(seen, [0, 1, 2, 3]);
}

#[test]
fn many_parameters_are_kept() {
    let template: String = (0..20).map(|index| format!("/{{p{index}}}")).collect();
    let path: String = (0..20).map(|index| format!("/{index}")).collect();
    let found = Service::new("", &[&template])
        .find(&path)
        .expect("it matches");
    assert!(found.ends_with(" p5=5 p6=6 p7=7 p8=8 p9=9 p10=10 p11=11 p12=12 p13=13 p14=14 p15=15 p16=16 p17=17 p18=18 p19=19"));
}

// -- against a reference that is slow and plain ----------------------------------------------

/// How exact each segment of a match is; a smaller one wins.
type Exactness = Vec<(u8, isize, usize, String)>;

/// Every way in which a template matches, by trying all of them.
fn ways(template: &[&str], path: &[&str]) -> BTreeSet<Exactness> {
    let Some((first, template_rest)) = template.split_first() else {
        return match path.is_empty() {
            true => BTreeSet::from([Vec::new()]),
            false => BTreeSet::new(),
        };
    };
    let mut found = BTreeSet::new();
    let mut add = |exactness: (u8, isize, usize, String), rest: &[&str]| {
        for mut way in ways(template_rest, rest) {
            way.insert(0, exactness.clone());
            found.insert(way);
        }
    };
    let Some((segment, path_rest)) = path.split_first() else {
        return found;
    };
    let shape = first
        .split('{')
        .map(|part| part.split('}').next_back().unwrap_or_default());
    let shape: Vec<&str> = shape.collect();
    if first.starts_with("{*") {
        for length in 1..=path.len() {
            if path[..length].join("/").is_empty() {
                continue;
            }
            // The shortest first, and the whole rest of the path last.
            let exactness = match template_rest.is_empty() {
                true => (4, 0, 0, String::new()),
                false => (3, length as isize, 0, String::new()),
            };
            add(exactness, &path[length..]);
        }
    } else if shape.len() == 1 {
        if first == segment {
            add((0, 0, 0, String::new()), path_rest);
        }
    } else if shape == ["", ""] {
        if !segment.is_empty() {
            add((2, 0, 0, String::new()), path_rest);
        }
    } else if fits(&shape, segment) {
        let text: isize = shape.iter().map(|text| text.len() as isize).sum();
        add((1, -text, shape.len(), shape.join("\0")), path_rest);
    }
    found
}

/// Whether texts with values between them make a segment.
fn fits(texts: &[&str], segment: &str) -> bool {
    let Some(rest) = segment.strip_prefix(texts[0]) else {
        return false;
    };
    match texts.len() {
        1 => rest.is_empty(),
        _ => (1..=rest.len()).any(|length| fits(&texts[1..], &rest[length..])),
    }
}

fn segments(text: &str) -> Vec<&str> {
    text.strip_prefix('/').unwrap_or(text).split('/').collect()
}

proptest! {
    #[test]
    fn the_tree_finds_what_trying_everything_finds(
        templates in prop::collection::btree_set(
            prop::collection::vec("a|b|ab|\\{x\\}|\\{x\\}a|a\\{x\\}|\\{x\\}b\\{y\\}|\\{x\\}\\{y\\}|", 1..4),
            1..8,
        ),
        rest in any::<bool>(),
        paths in prop::collection::vec("/[ab]{0,3}(/[ab]{0,3}){0,3}", 1..20),
    ) {
        let mut templates: Vec<String> = templates
            .into_iter()
            .map(|segments| format!("/{}", segments.join("/")))
            .collect();
        if rest {
            templates.push("/a/{*r}".to_owned());
            templates.push("/{*r}/b/{x}".to_owned());
            templates.push("/{*r}/a/{x}/b/{y}".to_owned());
            templates.push("/{*r}/a/{*s}".to_owned());
        }
        let texts: Vec<&str> = templates.iter().map(String::as_str).collect();
        let service = Service::new("", &texts);
        for path in paths {
            let best = (0..texts.len())
                .flat_map(|index| {
                    ways(&segments(texts[index]), &segments(&path))
                        .into_iter()
                        .map(move |way| (way, index))
                })
                .min();
            let expected = best.map(|(_, index)| service.places[index]);
            let found = service.tree.find(&path, &mut |_| true).map(|(place, _)| place);
            prop_assert_eq!(found, expected, "{} of {:?}", path, texts);
        }
    }

    #[test]
    fn no_templates_and_no_path_panic(
        base in any::<String>(),
        templates in prop::collection::vec("[/{}*?:.a%0-9é]{0,12}|\\PC{0,12}", 0..12),
        paths in prop::collection::vec("[/{}:.a%0-9é]{0,16}", 0..12),
    ) {
        let texts: Vec<&str> = templates.iter().map(String::as_str).collect();
        let service = Service::new(&base, &texts);
        for path in paths.iter().map(String::as_str).chain(texts.iter().copied()) {
            service.find(path);
        }
    }
}
