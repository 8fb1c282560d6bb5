//! Which of the runtime's features are on, and what a `cfg` says with them.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Meta, Token, punctuated::Punctuated};

/// What only the tests of a service turn on: it is there, and off.
pub(super) const FOR_TESTS: &str = "testing";

/// The features that a bundled runtime has, and what they turn on.
#[derive(Debug)]
pub(super) struct Features {
    /// In the order of their names.
    pub(super) on: BTreeSet<String>,
    /// Optional dependencies.
    pub(super) dependencies: BTreeSet<String>,
    /// Dependency and feature of it.
    pub(super) of_dependencies: BTreeSet<(String, String)>,
}

impl Features {
    /// What is asked for, and everything that this needs.
    pub(super) fn new(table: &BTreeMap<String, Vec<String>>, asked: &[&str]) -> Self {
        let mut features = Self {
            on: BTreeSet::new(),
            dependencies: BTreeSet::new(),
            of_dependencies: BTreeSet::new(),
        };
        let mut todo: Vec<&str> = asked.to_vec();
        while let Some(name) = todo.pop() {
            if let Some(dependency) = name.strip_prefix("dep:") {
                features.dependencies.insert(dependency.to_owned());
            } else if let Some((dependency, feature)) = name.split_once('/') {
                let pair = (dependency.to_owned(), feature.to_owned());
                features.of_dependencies.insert(pair);
            } else if features.on.insert(name.to_owned()) {
                todo.extend(table.get(name).into_iter().flatten().map(String::as_str));
            }
        }
        // Kept with the conditions on it. What it needs, it asks for itself when it is turned on.
        if table.contains_key(FOR_TESTS) {
            features.on.insert(FOR_TESTS.to_owned());
        }
        features
    }

    /// What a condition comes to.
    pub(super) fn evaluate(&self, condition: &Meta) -> syn::Result<Verdict> {
        let verdict = match condition {
            Meta::Path(path) if path.is_ident("test") || path.is_ident("loom") => Verdict {
                value: Some(false),
                is_cut: true,
            },
            Meta::NameValue(pair) if pair.path.is_ident("feature") => {
                let is_on = match &pair.value {
                    syn::Expr::Lit(syn::ExprLit {
                        lit: syn::Lit::Str(name),
                        ..
                    }) => self.on.contains(&name.value()),
                    _ => false,
                };
                Verdict {
                    value: Some(is_on),
                    is_cut: !is_on,
                }
            }
            Meta::List(list) => {
                let parts = list
                    .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?
                    .iter()
                    .map(|part| self.evaluate(part))
                    .collect::<syn::Result<Vec<_>>>()?;
                let is_cut = parts.iter().any(|part| part.is_cut);
                let any = |wanted| parts.iter().any(|part| part.value == Some(wanted));
                let all = |wanted| parts.iter().all(|part| part.value == Some(wanted));
                let value = if list.path.is_ident("not") {
                    parts
                        .first()
                        .and_then(|part| part.value)
                        .map(|value| !value)
                } else {
                    // `all` is decided by one that is false, `any` by one that is true.
                    let decisive = list.path.is_ident("any");
                    if any(decisive) {
                        Some(decisive)
                    } else if all(!decisive) {
                        Some(!decisive)
                    } else {
                        None
                    }
                };
                Verdict { value, is_cut }
            }
            _ => Verdict {
                value: None,
                is_cut: false,
            },
        };
        Ok(verdict)
    }
}

/// What a condition comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// None: only the compiler knows (a platform, for instance).
    pub(super) value: Option<bool>,
    /// Whether it asks for something that the bundled copy does not have.
    pub(super) is_cut: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features() -> Features {
        let table = [
            ("a", vec!["b", "dep:x", "y/z"]),
            ("b", vec![]),
            ("c", vec![]),
        ];
        let table = table.map(|(name, needs)| {
            (
                name.to_owned(),
                needs.into_iter().map(str::to_owned).collect(),
            )
        });
        Features::new(&table.into(), &["a"])
    }

    #[test]
    fn features_bring_what_they_need() {
        let features = features();
        assert_eq!(features.on, ["a", "b"].map(str::to_owned).into());
        assert_eq!(features.dependencies, ["x".to_owned()].into());
        assert_eq!(
            features.of_dependencies,
            [("y".to_owned(), "z".to_owned())].into()
        );
    }

    #[test]
    fn conditions_are_decided_where_they_can_be() {
        for (condition, value, is_cut) in [
            ("feature = \"a\"", Some(true), false),
            ("feature = \"c\"", Some(false), true),
            ("test", Some(false), true),
            ("unix", None, false),
            ("not(feature = \"c\")", Some(true), true),
            ("any(feature = \"c\", feature = \"b\")", Some(true), true),
            ("all(unix, feature = \"c\")", Some(false), true),
            ("any(unix, feature = \"c\")", None, true),
        ] {
            let meta: Meta = syn::parse_str(condition).expect(condition);
            let verdict = features().evaluate(&meta).expect(condition);
            assert_eq!(verdict, Verdict { value, is_cut }, "{condition}");
        }
    }
}
