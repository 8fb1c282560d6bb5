//! What the file says of which pattern.

use std::collections::{BTreeMap, HashMap};

use super::yaml::{self, Fault, Kind, Node, Place};
use crate::overrides::{Change, Id, Keys, Overrides};
use crate::registry::{PatternKind, nearest};
use crate::{ConfigError, Patterns};

/// The name that stands for every pattern of a type.
const DEFAULT: &str = "default";

/// Has a text hold as what the operator says; all of it, or nothing.
///
/// # Errors
///
/// Everything that is wrong with it, in the order in which it is written.
pub(super) fn take(text: &str, overrides: &Overrides) -> Result<Vec<Change>, Vec<Fault>> {
    let root = yaml::parse(text).map_err(|fault| vec![fault])?;
    let mut said = Said::default();
    if let Some(root) = &root {
        said.types(root, overrides.patterns());
    }
    // What can be read is checked as well: all faults come in one report.
    let changes = overrides.set_file(said.values, said.faults.is_empty());
    let changes = changes.unwrap_or_else(|refused| {
        for (id, error) in refused {
            let fault = said.places.fault(&id, &error);
            // Under `default` it is the same one for many patterns.
            if !said.faults.iter().any(|known| known.at == fault.at) {
                said.faults.push(fault);
            }
        }
        Vec::new()
    });
    if said.faults.is_empty() {
        return Ok(changes);
    }
    said.faults
        .sort_by_key(|fault| (fault.at.line, fault.at.column));
    Err(said.faults)
}

#[derive(Default)]
struct Said {
    values: BTreeMap<Id, Keys>,
    places: Places,
    faults: Vec<Fault>,
}

/// Where the values of each pattern are written.
#[derive(Default)]
struct Places(HashMap<Id, HashMap<String, Place>>);

impl Said {
    fn types(&mut self, root: &Node, patterns: &Patterns) {
        for (word, at, node) in self.entries(root, "the file") {
            let Some(kind) = PatternKind::named(word) else {
                let known = PatternKind::ALL.map(PatternKind::as_str);
                self.unknown(at, "type of pattern", word, nearest(word, known));
                continue;
            };
            let all = patterns.list();
            let names: Vec<&str> = all
                .iter()
                .filter(|(of, _)| *of == kind)
                .map(|(_, name)| name.as_str())
                .collect();
            self.names(kind, node, &names);
        }
    }

    fn names(&mut self, kind: PatternKind, node: &Node, names: &[&str]) {
        let entries = self.entries(node, kind.as_str());
        // What is said by name wins, wherever `default` stands.
        let (defaults, named): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|(word, ..)| *word == DEFAULT);
        for (_, _, node) in defaults {
            let keys = self.entries(node, DEFAULT);
            for name in names {
                self.keys((kind, (*name).to_owned()), &keys);
            }
        }
        for (word, at, node) in named {
            if names.contains(&word) {
                let keys = self.entries(node, word);
                self.keys((kind, word.to_owned()), &keys);
            } else {
                let known = names.iter().copied().chain([DEFAULT]);
                self.unknown(at, kind.as_str(), word, nearest(word, known));
            }
        }
    }

    fn keys(&mut self, id: Id, entries: &[(&str, Place, &Node)]) {
        let places = self.places.0.entry(id.clone()).or_default();
        let values = self.values.entry(id).or_default();
        for (key, at, node) in entries {
            places.insert((*key).to_owned(), *at);
            values.insert((*key).to_owned(), node.value());
        }
    }

    /// The members of what has to be a map, or nothing at all.
    fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n str, Place, &'n Node)> {
        match &node.kind {
            Kind::Map(entries) => entries
                .iter()
                .map(|(key, at, node)| (key.as_str(), *at, node))
                .collect(),
            // A heading whose entries are commented out.
            Kind::Scalar(serde_json::Value::Null) => Vec::new(),
            _ => {
                let message = format!("{what} must hold `key: value`");
                self.faults.push(Fault::new(node.at, message));
                Vec::new()
            }
        }
    }

    fn unknown(&mut self, at: Place, what: &str, word: &str, meant: Option<&str>) {
        let meant = meant.map_or(String::new(), |it| format!(", did you mean {it}?"));
        let message = format!("no {what} is called {word:?}{meant}");
        self.faults.push(Fault::new(at, message));
    }
}

impl Places {
    fn fault(&self, (kind, name): &Id, error: &ConfigError) -> Fault {
        let places = self.0.get(&(*kind, name.clone()));
        let at = places.and_then(|places| match error.key() {
            // A rule that two values break together is told of one of them, which may stand in
            // the document.
            Some(key) => places
                .get(key)
                .or_else(|| places.values().min_by_key(order)),
            None => places.values().min_by_key(order),
        });
        let start = Place { line: 1, column: 1 };
        let message = format!("{} {name}: {error}", kind.as_str());
        Fault::new(at.copied().unwrap_or(start), message)
    }
}

fn order(place: &&Place) -> (usize, usize) {
    (place.line, place.column)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::*;
    use crate::{RateLimitConfig, TimeoutConfig};

    fn overrides() -> Overrides {
        let patterns = Patterns::new();
        for name in ["getProduct", "listProducts"] {
            patterns
                .rate_limit(name, RateLimitConfig::default())
                .unwrap();
            patterns.timeout(name, TimeoutConfig::default()).unwrap();
        }
        Overrides::new(Arc::new(patterns))
    }

    fn value(overrides: &Overrides, kind: PatternKind, name: &str, key: &str) -> Value {
        let pattern = overrides.patterns().get(kind, name).unwrap();
        pattern.config_json()[key].clone()
    }

    const LIMIT: PatternKind = PatternKind::RateLimit;

    #[test]
    fn a_name_wins_over_default_and_both_can_be_taken_back() {
        let all = overrides();
        let text = "ratelimit:\n  getProduct: { max_executions: 7 }\n  default:\n    \
                    max_executions: 5\n    cost: 2\n";
        let changes = take(text, &all).expect("valid");
        assert_eq!(changes.len(), 2);
        let limits = |name: &str| {
            let value = |key| value(&all, LIMIT, name, key).as_u64();
            (value("max_executions"), value("cost"))
        };
        assert_eq!(limits("getProduct"), (Some(7), Some(2)));
        assert_eq!(limits("listProducts"), (Some(5), Some(2)));
        assert!(take(text, &all).expect("valid").is_empty());

        take("ratelimit:\n  getProduct: { cost: 3 }\n", &all).expect("valid");
        assert_eq!(limits("getProduct"), (Some(100), Some(3)));
        assert_eq!(limits("listProducts"), (Some(100), Some(1)));
        take("", &all).expect("valid");
        assert_eq!(limits("getProduct"), (Some(100), Some(1)));
    }

    #[test]
    fn all_faults_are_told_with_their_places_and_nothing_is_taken() {
        let all = overrides();
        let text = "\
ratelimit:
  get_product: { cost: 2 }
  listProducts:
    max_execution: 5
    cost: 2
  default:
    cost: many
timeouts: {}
timeout:
  getProduct: 5
  default: { seconds: 0 }
";
        let faults = take(text, &all).expect_err("faulty");
        let told: Vec<String> = faults
            .iter()
            .map(|it| format!("{}:{} {}", it.at.line, it.at.column, it.message))
            .collect();
        assert_eq!(
            told,
            [
                "2:3 no ratelimit is called \"get_product\", did you mean getProduct?",
                "4:5 ratelimit listProducts: unknown key \"max_execution\", did you mean \
                 max_executions?",
                "7:5 ratelimit getProduct: cost: invalid type: string \"many\", expected u32",
                "8:1 no type of pattern is called \"timeouts\", did you mean timeout?",
                "10:15 getProduct must hold `key: value`",
                "11:14 timeout getProduct: seconds must be more than 0 and at most ten years, not \
                 0ns",
            ]
        );
        assert_eq!(value(&all, LIMIT, "listProducts", "cost"), 1);
    }

    #[test]
    fn what_is_compiled_in_is_told_with_its_place() {
        let all = overrides();
        let text = "ratelimit:\n  getProduct: { cost: 2, backend: redis }\n";
        let faults = take(text, &all).expect_err("nothing can change it");
        let [fault] = faults.as_slice() else {
            panic!("{faults:?}");
        };
        assert_eq!((fault.at.line, fault.at.column), (2, 26));
        let words = "ratelimit getProduct: backend cannot be changed while the service runs: it is \
                     part of the service's code; change it in the document and generate again";
        assert_eq!(fault.message, words);
        assert_eq!(value(&all, LIMIT, "getProduct", "cost"), 1);
    }

    #[test]
    fn headings_may_be_empty() {
        let all = overrides();
        for text in [
            "",
            "# all\n",
            "ratelimit:\n",
            "ratelimit:\n  getProduct:\n",
            "{}",
        ] {
            assert!(take(text, &all).expect(text).is_empty());
        }
        for text in ["7", "[]", "ratelimit: 7", "ratelimit: { getProduct: [] }"] {
            assert_eq!(take(text, &all).expect_err(text).len(), 1, "{text}");
        }
    }
}
