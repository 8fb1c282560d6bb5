//! What a request writes, before a schema says what it means: texts, and texts below names.

use std::collections::BTreeMap;

use serde_json::Value;

/// Deeper than people nest, and an end to what a request can make the service recurse into.
const MAX_DEPTH: usize = 32;

/// What is written for one value. `a=1&a=2&a[b]=3&a[]=4` writes two texts for `a`, a text for its
/// member `b`, and one without a name.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Written {
    /// In the order of the request.
    pub(super) leaves: Vec<Leaf>,
    pub(super) members: BTreeMap<String, Written>,
    /// What stands behind `[]`, each an item of its own.
    pub(super) unnamed: Vec<Written>,
}

/// One value, as far as it is known.
#[derive(Debug, PartialEq)]
pub(super) enum Leaf {
    Text(String),
    /// JSON that the request itself says is JSON.
    Json(Value),
}

impl Written {
    pub(super) fn texts(texts: impl IntoIterator<Item = String>) -> Written {
        Written {
            leaves: texts.into_iter().map(Leaf::Text).collect(),
            ..Written::default()
        }
    }

    pub(super) fn json(value: Value) -> Written {
        Written {
            leaves: vec![Leaf::Json(value)],
            ..Written::default()
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.leaves.is_empty() && self.is_flat()
    }

    /// Whether it is nothing but several texts.
    pub(super) fn is_repeated(&self) -> bool {
        self.leaves.len() > 1 && self.is_flat()
    }

    /// What is written at a place in the value.
    pub(super) fn at(&self, pointer: &str) -> Option<&Written> {
        let mut tokens = pointer.split('/').skip(1);
        tokens.try_fold(self, |written, token| {
            let name = token.replace("~1", "/").replace("~0", "~");
            written.members.get(&name)
        })
    }

    /// Whether nothing is written below it.
    pub(super) fn is_flat(&self) -> bool {
        self.members.is_empty() && self.unnamed.is_empty()
    }

    /// Adds a value below `[a][b][]`, one step a bracket.
    pub(super) fn insert(&mut self, path: &[&str], leaf: Leaf) {
        match path {
            [] => self.leaves.push(leaf),
            ["", rest @ ..] => {
                // `items[][price]=1&items[][count]=2` goes on with an item until it repeats.
                let goes_on =
                    (self.unnamed.last()).is_some_and(|last| !rest.is_empty() && !last.has(rest));
                if !goes_on {
                    self.unnamed.push(Written::default());
                }
                if let Some(last) = self.unnamed.last_mut() {
                    last.insert(rest, leaf);
                }
            }
            [name, rest @ ..] => {
                let member = self.members.entry((*name).to_owned()).or_default();
                member.insert(rest, leaf);
            }
        }
    }

    /// Whether something is written at a path. A list (`tags[]`) takes more than one.
    fn has(&self, path: &[&str]) -> bool {
        match path {
            [] => !self.leaves.is_empty(),
            ["", ..] => false,
            [name, rest @ ..] => self
                .members
                .get(*name)
                .is_some_and(|member| member.has(rest)),
        }
    }
}

/// The steps of a key: `a`, `b` and `` for `a[b][]`. A key whose brackets do not match is a name
/// as it stands.
pub(super) fn path(key: &str) -> Vec<&str> {
    let brackets = key
        .find('[')
        .filter(|start| *start > 0 && key.ends_with(']'));
    let Some(start) = brackets else {
        return vec![key];
    };
    let inner = &key[start + 1..key.len() - 1];
    let mut path = vec![&key[..start]];
    path.extend(inner.splitn(MAX_DEPTH, "]["));
    path
}
