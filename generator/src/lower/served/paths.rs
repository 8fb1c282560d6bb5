//! Keys of `paths` as the standard has them: what frameworks write between braces beside a name says
//! how the service reads the path, and no client would know what to put there.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::{
    ir::{Api, Place},
    lower::paths,
};

/// Takes from the keys whatever stands beside the names of parameters.
pub(super) fn simplify(root: &mut Value, apis: &[Api]) {
    let mut plain: HashMap<&str, String> = HashMap::new();
    for operation in apis.iter().flat_map(|api| &api.operations) {
        let parameters = operation.parameters.iter();
        let names: HashSet<&str> = parameters
            .filter(|parameter| parameter.place == Place::Path)
            .map(|parameter| parameter.name.as_str())
            .collect();
        let key = paths::plain(&operation.path, |name| names.contains(name));
        if key != operation.path {
            plain.insert(&operation.path, key);
        }
    }
    let Some(items) = root.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    let mut renamed = Map::new();
    for (path, item) in std::mem::take(items) {
        let key = plain.remove(path.as_str()).unwrap_or_else(|| path.clone());
        // Of paths that differ in nothing else both stay as they are written.
        let is_free = !renamed.contains_key(&key);
        renamed.insert(if is_free { key } else { path }, item);
    }
    *items = renamed;
}
