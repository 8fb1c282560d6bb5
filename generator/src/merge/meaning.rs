//! Whether a merged text means what it should: merging lines knows nothing of tables and blocks,
//! and a dependency that lands below `[lints]` is still good TOML.

use serde_json::{Map, Value};

use crate::{lower, spec};

/// The texts of a merge.
pub(super) struct Merge<'t> {
    pub(super) path: &'t str,
    pub(super) base: &'t str,
    pub(super) new: &'t str,
    pub(super) there: &'t str,
}

impl Merge<'_> {
    /// Whether the merged text can be read, and has from either side what it changed.
    pub(super) fn is_met_by(&self, merged: &str) -> bool {
        let read = |text: &str| value(self.path, text);
        let Some(there) = read(self.there) else {
            // What was broken before may stay so.
            return true;
        };
        match (read(merged), read(self.base), read(self.new)) {
            (Some(merged), Some(base), Some(new)) => {
                meets(Some(&base), Some(&new), Some(&there), Some(&merged))
            }
            (merged, _, _) => merged.is_some(),
        }
    }
}

/// What a text says, as far as its kind is known; none where it is broken.
fn value(path: &str, text: &str) -> Option<Value> {
    match path.rsplit('.').next() {
        Some("rs") => syn::parse_file(text).is_ok().then_some(Value::Null),
        Some("toml") => toml::from_str(text).ok(),
        Some("yaml" | "yml") => spec::yaml_value(text).map(|node| lower::json_value(&node)),
        _ => Some(Value::Null),
    }
}

type At<'v> = Option<&'v Value>;

fn meets(base: At<'_>, new: At<'_>, there: At<'_>, merged: At<'_>) -> bool {
    if new == base || new == there {
        return merged == there;
    }
    if there == base {
        return merged == new;
    }
    match (new, there, merged) {
        (Some(Value::Object(new)), Some(Value::Object(there)), Some(Value::Object(merged))) => {
            let none = Map::new();
            let base = base.and_then(Value::as_object).unwrap_or(&none);
            let keys = new.keys().chain(there.keys()).chain(merged.keys());
            keys.chain(base.keys())
                .all(|key| meets(base.get(key), new.get(key), there.get(key), merged.get(key)))
        }
        // Lists that both have added to.
        (Some(Value::Array(_)), Some(Value::Array(_)), Some(Value::Array(_))) => true,
        _ => false,
    }
}
