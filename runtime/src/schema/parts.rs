//! What a schema is combined of.

use super::Schema;

/// Schemas that are combined of each other in a circle end here.
const MAX_COMBINED: u32 = 16;

/// The schema of a property by its name.
pub(super) fn property(schema: &Schema, name: &str) -> Option<&'static Schema> {
    schema
        .properties
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, schema)| *schema)
}

/// A schema and everything that it is combined of.
pub(super) fn gather<'s>(schema: &'s Schema, parts: &mut Vec<&'s Schema>) {
    within(schema, MAX_COMBINED, parts);
}

fn within<'s>(schema: &'s Schema, depth: u32, parts: &mut Vec<&'s Schema>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    if parts.iter().any(|part| std::ptr::eq(*part, schema)) {
        return;
    }
    parts.push(schema);
    let rare = schema.rare.iter();
    let conditional = rare.clone().filter_map(|rare| rare.condition);
    let others = conditional
        .flat_map(|it| [Some(it.test), it.then, it.otherwise])
        .flatten()
        .chain(rare.flat_map(|rare| rare.dependent_schemas.iter().map(|(_, schema)| *schema)));
    let all = [schema.all_of, schema.any_of, schema.one_of];
    for part in all.into_iter().flatten().copied().chain(others) {
        within(part, depth, parts);
    }
}
