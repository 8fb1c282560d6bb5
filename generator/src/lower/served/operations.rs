//! The served document has the operations that the service has, and no others.

use std::collections::HashSet;

use serde_json::Value;

use crate::{ir::Api, lower::operations::METHODS};

/// Takes away what was left out.
pub(super) fn retain(root: &mut Value, apis: &[Api]) {
    let operations = apis.iter().flat_map(|api| &api.operations);
    let served: HashSet<(&str, String)> = operations
        .map(|operation| (operation.path.as_str(), operation.method.to_lowercase()))
        .collect();
    let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    for (path, item) in paths.iter_mut() {
        let Some(item) = item.as_object_mut() else {
            continue;
        };
        for method in METHODS {
            if !served.contains(&(path.as_str(), (*method).to_owned())) {
                item.shift_remove(*method);
            }
        }
    }
}
