//! Where null is a value. Documents say so in the words of another version, or beside a reference
//! where 3.0 reads nothing, and leave it out of the `enum` next to it; the service understands all
//! of them, and says it in the one way that every client does.

use serde_json::{Map, Value, json};

use crate::{lower::schemas, spec::At};

/// Says of a schema that takes null that it does.
pub(super) fn declare(at: &At<'_>, schema: &mut Map<String, Value>, is_3_0: bool) {
    if schemas::is_null_beside_forms(at) {
        schema.remove("type");
        let forms = std::mem::take(schema);
        schema.insert("anyOf".to_owned(), json!([{ "type": "null" }, forms]));
        return;
    }
    if schema.get("nullable") != Some(&Value::Bool(true)) {
        return;
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    if let Some(reference) = schema.remove("$ref") {
        let of_null = match is_3_0 {
            true => json!({ "nullable": true, "enum": [null] }),
            false => json!({ "type": "null" }),
        };
        schema.remove("nullable");
        schema.insert("anyOf".to_owned(), json!([{ "$ref": reference }, of_null]));
    } else if !is_3_0 && let Some(Value::String(name)) = schema.get("type") {
        let types = json!([name, "null"]);
        schema.remove("nullable");
        schema.insert("type".to_owned(), types);
    }
}
