//! Whoever reads the document from the service finds the service by it.

use serde_json::{Value, json};

use crate::{ir::Api, lower::operations::METHODS};

/// Replaces the servers of the document by the service's own base path.
pub(super) fn replace(root: &mut Value, base_path: &str, apis: &[Api]) {
    let Some(members) = root.as_object_mut() else {
        return;
    };
    if members.contains_key("servers") {
        let url = if base_path.is_empty() { "/" } else { base_path };
        members.insert("servers".to_owned(), json!([{ "url": url }]));
    }
    let Some(paths) = members.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    for item in paths.values_mut().filter_map(Value::as_object_mut) {
        item.shift_remove("servers");
        for method in METHODS {
            if let Some(operation) = item.get_mut(*method).and_then(Value::as_object_mut) {
                operation.shift_remove("servers");
            }
        }
    }
    for operation in apis.iter().flat_map(|api| &api.operations) {
        let Some(base_path) = &operation.base_path else {
            continue;
        };
        let url = if base_path.is_empty() { "/" } else { base_path };
        let item = paths.get_mut(&operation.path);
        let there = item.and_then(|item| item.get_mut(operation.method.to_lowercase()));
        if let Some(there) = there.and_then(Value::as_object_mut) {
            there.insert("servers".to_owned(), json!([{ "url": url }]));
        }
    }
}
