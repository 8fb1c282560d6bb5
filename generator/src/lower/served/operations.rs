//! The served document has the operations that the service has, and no others, and calls them what
//! the service calls them.

use std::collections::HashMap;

use serde_json::Value;

use crate::{ir::Api, lower::operations::METHODS};

/// Takes away what was left out. An id that another operation has, or that is none, gives way to the
/// one that the service's problems, logs and metrics know; one that is not there stays away.
pub(super) fn retain(root: &mut Value, apis: &[Api]) {
    let operations = apis.iter().flat_map(|api| &api.operations);
    let served: HashMap<(&str, String), &str> = operations
        .map(|operation| {
            let key = (operation.path.as_str(), operation.method.to_lowercase());
            (key, operation.id.as_str())
        })
        .collect();
    let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    for (path, item) in paths.iter_mut() {
        let Some(item) = item.as_object_mut() else {
            continue;
        };
        for method in METHODS {
            let Some(id) = served.get(&(path.as_str(), (*method).to_owned())) else {
                item.shift_remove(*method);
                continue;
            };
            let written = item
                .get_mut(*method)
                .and_then(|operation| operation.get_mut("operationId"));
            if let Some(written) = written.filter(|written| written.as_str() != Some(*id)) {
                *written = Value::from(*id);
            }
        }
    }
}
