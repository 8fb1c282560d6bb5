//! What one place of the document says: its root, a path, or an operation.

use std::collections::HashMap;

use super::{
    around::INSTEADS,
    service::ROOT_KEYS,
    table::{self, Group, Key, PATTERNS, PatternSpec},
    value::{self, Value, unknown_key},
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Location, nearest},
    spec::{At, Document},
};

/// The two names of the extension.
pub(super) const NAMESPACES: [&str; 2] = ["x-telstra", "x-failsafe"];

/// How near to the operation a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Root,
    Path,
    Operation,
}

/// What one place says.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) patterns: Vec<Said>,
    pub(super) order: Option<Order>,
}

/// What one place says of one pattern.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) pattern: &'static PatternSpec,
    pub(super) location: Location,
    /// `<pattern>: false`: nothing is inherited, nothing is there.
    pub(super) is_off: bool,
    pub(super) values: Vec<(&'static Key, Written)>,
}

/// A value, and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) value: Value,
    pub(super) location: Location,
}

#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) location: Location,
    pub(super) patterns: Vec<&'static PatternSpec>,
}

/// Whether an extension is one that is read here.
pub(in crate::lower) fn is_extension(key: &str) -> bool {
    let pattern = key.strip_prefix("x-").and_then(table::pattern);
    pattern.is_some() || NAMESPACES.contains(&key)
}

/// Where a document first says something of resilience.
pub(crate) fn first_policy(document: &Document) -> Option<Location> {
    let said = |at: &At<'_>| {
        let mut said = at.entries().filter(|(key, value)| match is_extension(key) {
            true if NAMESPACES.contains(key) => value.get("resiliency").is_some(),
            is_direct => is_direct,
        });
        said.next().map(|(_, value)| value.key_location())
    };
    let root = document.root();
    let paths = root.get("paths");
    let items = paths.iter().flat_map(At::members);
    // Beside references, too.
    let both = |written: At<'_>| {
        let resolved = written.resolve().ok();
        said(&written).or_else(|| said(&resolved?))
    };
    said(&root).or_else(|| {
        items.into_iter().find_map(|(_, written)| {
            let operations = written.resolve().ok();
            let mut operations = operations.iter().flat_map(At::entries);
            both(written.clone()).or_else(|| operations.find_map(|(_, at)| both(at)))
        })
    })
}

/// Reads the extensions of a place.
pub(super) fn read(at: &At<'_>, level: Level, found: &mut Diagnostics) -> Place {
    let mut reader = Reader {
        level,
        found,
        place: Place::default(),
        seen: HashMap::new(),
        order: None,
    };
    for (key, value) in at.entries().filter(|(key, _)| key.starts_with("x-")) {
        if NAMESPACES.contains(&key) {
            reader.namespace(key, &value);
        } else if let Some(pattern) = table::pattern(&key["x-".len()..]) {
            reader.pattern(pattern, &value);
        } else {
            reader.other_extension(key, &value);
        }
    }
    reader.place
}

struct Reader<'f> {
    level: Level,
    found: &'f mut Diagnostics,
    place: Place,
    seen: HashMap<&'static str, Location>,
    order: Option<Location>,
}

impl Reader<'_> {
    fn namespace(&mut self, name: &str, at: &At<'_>) {
        // A key with nothing behind it says nothing.
        if !at.is_object() && !at.is_null() {
            self.wrong_shape(at, "an object", "{ resiliency: { .. } }");
            return;
        }
        for (key, value) in at.entries() {
            match key {
                "resiliency" => self.resiliency(&value),
                key if ROOT_KEYS.contains(&key) => {
                    // The root's own are read with the service's.
                    if self.level != Level::Root {
                        self.found.push(
                            Diagnostic::error(
                                "extension-misplaced",
                                format!("`{key}` holds for the whole service"),
                            )
                            .at(value.key_location())
                            .help(format!("move it into `{name}` at the root of the document")),
                        );
                    }
                }
                "egress" => self.found.push(
                    value::not_available(&format!("`{name}.egress`"), &value)
                        .help("remove it; handlers put patterns around the calls that they make"),
                ),
                key if table::pattern(key).is_some() || key == "order" => self.found.push(
                    unknown_key(&value, name, ["resiliency"])
                        .help("patterns and their order stand one level deeper, in `resiliency`"),
                ),
                _ => {
                    let known: Vec<_> = match self.level {
                        Level::Root => ["resiliency"].into_iter().chain(ROOT_KEYS).collect(),
                        Level::Path | Level::Operation => vec!["resiliency"],
                    };
                    self.found.push(unknown_key(&value, name, known));
                }
            }
        }
    }

    fn resiliency(&mut self, at: &At<'_>) {
        if !at.is_object() && !at.is_null() {
            self.wrong_shape(at, "an object with patterns", "{ timeout: { seconds: 5 } }");
            return;
        }
        for (key, value) in at.entries() {
            if key == "order" {
                self.order(&value);
            } else if let Some(pattern) = table::pattern(key) {
                self.pattern(pattern, &value);
            } else {
                let known = PATTERNS.iter().map(|pattern| pattern.name).chain(["order"]);
                self.found.push(unknown_key(&value, "resiliency", known));
            }
        }
    }

    fn pattern(&mut self, pattern: &'static PatternSpec, at: &At<'_>) {
        let location = at.key_location();
        if let Some(first) = self.seen.insert(pattern.name, location.clone()) {
            self.found.push(
                Diagnostic::error(
                    "pattern-twice",
                    format!("`{}` is there twice at one place", pattern.name),
                )
                .at(location)
                .related(first, "first written here")
                .help("keep one of the two forms"),
            );
            return;
        }
        let mut said = Said {
            pattern,
            location,
            is_off: at.as_bool() == Some(false),
            values: Vec::new(),
        };
        let is_object = at.is_object();
        // A pattern with nothing after its colon is the pattern with its defaults.
        if !is_object && !at.is_null() && at.as_bool().is_none() {
            self.found.push(self.foreign(pattern, at));
            return;
        }
        for (name, value) in at.entries() {
            let Some(key) = pattern.key(name) else {
                let known = pattern.keys.iter().map(|key| key.name);
                self.found.push(unknown_key(&value, pattern.name, known));
                continue;
            };
            let Some(read) = value::read(&key.takes, &value, self.found) else {
                continue;
            };
            let location = value.location();
            said.values.push((
                key,
                Written {
                    value: read,
                    location,
                },
            ));
        }
        self.check_two_ways(&said);
        self.place.patterns.push(said);
    }

    /// Keys that displace each other.
    fn check_two_ways(&mut self, said: &Said) {
        let place = |name: &str| said.get(name).map(|written| written.location.clone());
        let other = ["max_executions", "per_time_secs"]
            .into_iter()
            .find_map(|name| Some((name, place(name)?)));
        if let (Some(limit), Some((name, other))) = (place("limit"), other) {
            self.found.push(
                Diagnostic::error(
                    "said-twice",
                    format!("`limit` and `{name}` say the same thing"),
                )
                .at(limit)
                .related(other, "said here, too")
                .help("keep `limit`, or `max_executions` and `per_time_secs`"),
            );
        }
        let insteads = INSTEADS.iter().filter_map(|keys| {
            let said = keys.iter().filter_map(|key| Some((*key, said.get(key)?)));
            let mut said = said.filter(|(_, written)| written.value != Value::Flag(false));
            said.next()
        });
        let insteads: Vec<_> = insteads.collect();
        if let [(first, one), (second, other), ..] = insteads.as_slice()
            && said.pattern.name == "fallback"
        {
            self.found.push(
                Diagnostic::error(
                    "said-twice",
                    format!("`{first}` and `{second}` both say what the fallback answers with"),
                )
                .at(other.location.clone())
                .related(one.location.clone(), "said here, too")
                .help("keep one of them"),
            );
        }
    }

    fn order(&mut self, at: &At<'_>) {
        if let Some(first) = self.order.replace(at.key_location()) {
            self.found.push(
                Diagnostic::error("pattern-twice", "`order` is there twice at one place")
                    .at(at.key_location())
                    .related(first, "first written here"),
            );
            return;
        }
        if !at.is_array() {
            self.wrong_shape(at, "a list of patterns", "[retry, timeout]");
            return;
        }
        let mut patterns: Vec<&'static PatternSpec> = Vec::new();
        for item in at.items() {
            let name = item.as_str().unwrap_or_default();
            let names = || PATTERNS.iter().map(|pattern| pattern.name);
            let Some(pattern) = table::pattern(name) else {
                let diagnostic = Diagnostic::error(
                    "unknown-word",
                    format!("`{}` is no pattern", name.escape_debug()),
                )
                .at(item.location());
                self.found.push(match nearest(name, names()) {
                    Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                    None => diagnostic.help("name patterns as they stand in `resiliency`"),
                });
                continue;
            };
            if patterns.iter().any(|other| other.name == pattern.name) {
                self.found.push(
                    Diagnostic::error("pattern-twice", format!("`{name}` is in the order twice"))
                        .at(item.location()),
                );
                continue;
            }
            if let Some(inner) = patterns
                .iter()
                .find(|earlier| earlier.group > pattern.group)
            {
                self.found.push(
                    Diagnostic::error(
                        "order-across-groups",
                        format!("`{name}` cannot stand inside `{}`", inner.name),
                    )
                    .at(item.location())
                    .help(match inner.group {
                        Group::Innermost => format!(
                            "`{}` stands right around the handler, whatever the order: leave it out",
                            inner.name
                        ),
                        _ => format!(
                            "`{name}` decides before the request is read, `{}` works around the \
                             handler; the order is free within each of the two groups",
                            inner.name
                        ),
                    }),
                );
                continue;
            }
            patterns.push(pattern);
        }
        self.place.order = Some(Order {
            location: at.location(),
            patterns,
        });
    }

    /// Extensions are free, but one that is nearly ours is more likely a slip of the finger.
    fn other_extension(&mut self, key: &str, at: &At<'_>) {
        let ours = PATTERNS
            .iter()
            .map(|pattern| pattern.name)
            .chain(["telstra", "failsafe"]);
        let plain = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
        let word = plain(&key["x-".len()..]);
        let near = ours.into_iter().find(|ours| {
            let distance = strsim::osa_distance(&word, ours);
            distance <= usize::from(ours.len() > 5)
        });
        if let Some(near) = near {
            self.found.push(
                Diagnostic::warning("unknown-extension", format!("`{key}` is not read"))
                    .at(at.key_location())
                    .help(format!("did you mean `x-{near}`?")),
            );
        }
    }

    fn foreign(&self, pattern: &PatternSpec, at: &At<'_>) -> Diagnostic {
        let written = at.token().unwrap_or(pattern.name);
        let key = pattern
            .keys
            .iter()
            .find(|key| !["enabled", "name", "mode"].contains(&key.name));
        let key = key.map_or("enabled", |key| key.name);
        let value = match (at.as_str(), at.as_number()) {
            (Some(text), _) => text,
            (_, Some(number)) => &number.text,
            _ => "..",
        };
        let value = value.escape_debug();
        Diagnostic::error(
            "wrong-type",
            format!(
                "`{written}` must be an object or `false`, this is {}",
                at.kind_name()
            ),
        )
        .at(at.location())
        .help(format!(
            "it holds the keys of the pattern, as in `{written}: {{ {key}: {value} }}`; \
             if it is another tool's, give it another name"
        ))
    }

    fn wrong_shape(&mut self, at: &At<'_>, form: &str, example: &str) {
        let key = at.token().unwrap_or_default();
        self.found.push(
            Diagnostic::error(
                "wrong-type",
                format!("`{key}` must be {form}, this is {}", at.kind_name()),
            )
            .at(at.location())
            .help(format!("write `{key}: {example}`")),
        );
    }
}

impl Said {
    fn get(&self, name: &str) -> Option<&Written> {
        self.values
            .iter()
            .find(|(key, _)| key.name == name)
            .map(|(_, written)| written)
    }
}
