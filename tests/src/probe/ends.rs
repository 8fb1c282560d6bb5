//! How far it is to the end of a schema that may contain itself.

use serde_json::{Value, json};

use super::value::Document;

/// Farther than anybody looks.
const FAR: u32 = 1000;

/// So many levels are looked at.
const LEVELS: u32 = 4;

/// The least number of levels of the values of a schema, as far as can be seen from here: the way
/// out is where it is small.
pub(super) fn distance(document: Document<'_>, schema: &Value) -> u32 {
    within(document, schema, LEVELS)
}

fn within(document: Document<'_>, schema: &Value, levels: u32) -> u32 {
    let schema = document.resolve(schema);
    if schema.get("const").is_some() || schema.get("enum").is_some() {
        return 0;
    }
    if levels == 0 {
        return FAR;
    }
    let further = |schema: &Value| within(document, schema, levels - 1).saturating_add(1);
    let list = |key: &str| schema[key].as_array().into_iter().flatten();
    let nearest = |schemas: &mut dyn Iterator<Item = &Value>| {
        let mut nearest = None;
        for schema in schemas {
            let distance = further(schema);
            nearest = Some(nearest.map_or(distance, |known: u32| known.min(distance)));
            if distance <= 1 {
                break;
            }
        }
        nearest
    };
    let all_of = list("allOf").map(further).max().unwrap_or(0);
    let one_of = nearest(&mut list("oneOf").chain(list("anyOf"))).unwrap_or(0);
    let properties = &schema["properties"];
    let required = list("required").filter_map(|name| properties.get(name.as_str()?));
    let required = required.map(further).max().unwrap_or(0);
    let members = match schema["minProperties"].as_u64() {
        Some(1..) if required == 0 => {
            let members = properties.as_object().into_iter().flatten();
            nearest(&mut members.map(|(_, member)| member)).unwrap_or(0)
        }
        _ => 0,
    };
    let items = match schema["minItems"].as_u64() {
        Some(1..) if schema["type"] == json!("array") => further(&schema["items"]),
        _ => 0,
    };
    [all_of, one_of, required, members, items]
        .into_iter()
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_out_is_nearer_than_the_way_around() {
        let document = json!({ "node": {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "both": { "type": "object", "required": ["left"], "properties": {
                    "left": { "$ref": "#/node" },
                } },
                "leaf": { "type": "string" },
            },
        } });
        let node = &document["node"];
        let distance = |schema| distance(Document(&document), schema);
        let (around, out) = (&node["properties"]["both"], &node["properties"]["leaf"]);
        assert_eq!(distance(out), 0);
        assert!(distance(around) > distance(node));
        assert_eq!(distance(node), 1);
        assert!(distance(&json!({ "anyOf": [around, out] })) < distance(around));
    }
}
