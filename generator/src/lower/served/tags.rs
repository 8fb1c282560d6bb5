//! The values by which a union's forms are told apart. A document that has no `mapping` says that
//! they are the names of the schemas; where those have a constant for the member, that is what
//! everybody sends, and what the service goes by.

use serde_json::{Map, Value};

use crate::{lower::schemas::Seen, spec::At};

/// Adds to a discriminator what is mapped by constants alone.
pub(super) fn declare(at: &At<'_>, schema: &mut Map<String, Value>) {
    let Some(discriminator) = at.get("discriminator") else {
        return;
    };
    let property = discriminator.get("propertyName");
    let Some(property) = property.and_then(|at| at.as_str()) else {
        return;
    };
    if discriminator.get("mapping").is_some() {
        return;
    }
    let mut mapping = Map::new();
    for keyword in ["oneOf", "anyOf"] {
        let branches = at.get(keyword);
        let branches = branches.iter().flat_map(At::items).enumerate();
        for (index, branch) in branches {
            let written = schema.get(keyword).and_then(|list| list.get(index));
            let Some(reference) = written.and_then(|branch| branch.get("$ref")) else {
                return;
            };
            let Ok(target) = branch.resolve() else {
                return;
            };
            for constant in constants(&target, property, &mut Seen::default()) {
                // What means two forms tells none apart.
                if mapping.insert(constant, reference.clone()).is_some() {
                    return;
                }
            }
        }
    }
    if let Some(Value::Object(discriminator)) = schema.get_mut("discriminator")
        && !mapping.is_empty()
    {
        discriminator.insert("mapping".to_owned(), mapping.into());
    }
}

/// The texts that a member may have, as far as `const` or `enum` says.
fn constants(at: &At<'_>, property: &str, seen: &mut Seen) -> Vec<String> {
    if !seen.is_new(at) {
        return Vec::new();
    }
    let members = at.get("properties");
    let member = members.and_then(|it| it.get(property)?.resolve().ok());
    let own: Vec<String> = member.map_or_else(Vec::new, |member| {
        let several = member.get("enum");
        let values = member.get("const").into_iter();
        let values = values.chain(several.iter().flat_map(At::items));
        values
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect()
    });
    if !own.is_empty() {
        return own;
    }
    let parts: Vec<At<'_>> = at.get("allOf").iter().flat_map(At::items).collect();
    // What is joined last knows most.
    (parts.iter().rev())
        .filter_map(|part| part.resolve().ok())
        .map(|part| constants(&part, property, seen))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}
