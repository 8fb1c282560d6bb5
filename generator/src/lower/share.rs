//! Equal schemas that are written in several places: one type, under the names of all of them.
//!
//! Documents that are themselves generated repeat one object in a hundred bodies. A type for each
//! would cost the compiler as much again and again, and a person the conversions between them. But
//! a name that depends on what else a document holds would change when the document grows. So each
//! place keeps the name that it would have alone: the first in the document is the type, the others
//! are other names for it. What is equal by chance is not meant to be one thing: only what is called
//! alike in its place is shared, so that the name in an error message of the compiler still tells.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
};

use super::schemas::Draft;
use crate::ir::{ModelId, Schema, Shape, Type};

/// Makes equal models that are written inside others, or inside operations, one type. Returns what
/// each model stands for, which for most is itself.
pub(super) fn equal(drafts: &mut [Draft<'_>], needed: &HashSet<ModelId>) -> Vec<ModelId> {
    let mut types: Vec<ModelId> = (0..drafts.len()).map(ModelId).collect();
    let mut names: Vec<Vec<ModelId>> = vec![Vec::new(); drafts.len()];
    let state = RandomState::new();
    let mut known: HashMap<u64, Vec<ModelId>> = HashMap::new();
    for index in 0..drafts.len() {
        if !needed.contains(&ModelId(index)) || !may_be_shared(&drafts[index]) {
            continue;
        }
        // What is written inside a schema is found before the schema, so what stands for what is
        // known of it already. Two schemas are equal when what they hold stands for the same.
        let draft = &mut drafts[index];
        draft.shape.redirect(&mut |id| {
            names[index].push(id);
            types[id.0]
        });
        redirect_tables(draft, &types);
        let alike = known
            .entry(state.hash_one((draft.wish.last(), &draft.shape, &draft.schema)))
            .or_default();
        let draft = &drafts[index];
        let first = alike.iter().find(|id| {
            let other = &drafts[id.0];
            draft.wish.last() == other.wish.last()
                && draft.shape == other.shape
                && draft.schema == other.schema
        });
        match first {
            Some(first) => types[index] = *first,
            None => alike.push(ModelId(index)),
        }
    }
    for (index, names) in names.into_iter().enumerate() {
        let draft = &mut drafts[index];
        if types[index] != ModelId(index) {
            draft.shape = Shape::Alias(Type::Model(types[index]));
            draft.schema = Schema::of(types[index]);
            continue;
        }
        // A member is of the type that is named after its own place.
        let mut names = names.into_iter();
        draft.shape.redirect(&mut |id| names.next().unwrap_or(id));
    }
    types
}

/// Whether a second name can stand for the model wherever its own could.
fn may_be_shared(draft: &Draft<'_>) -> bool {
    // One field without a name is not made through another name.
    let has_other_names = matches!(
        draft.shape,
        Shape::Struct(_) | Shape::Enum(_) | Shape::Union(_)
    );
    has_other_names && draft.wish.is_inside()
}

fn redirect_tables(draft: &mut Draft<'_>, types: &[ModelId]) {
    let to = |id: ModelId| types[id.0];
    draft.schema.redirect(&to);
    if let Shape::Union(union) = &mut draft.shape {
        for variant in &mut union.variants {
            variant.schema.redirect(&to);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        diagnostic::Diagnostics,
        ir::{Model, Service, Shape, Type},
        lower, spec,
    };

    /// A service whose operations take bodies of these schemas, each at a path of its own.
    fn service(bodies: &[(&str, &str)]) -> Service {
        let mut text = "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths:\n".to_owned();
        for (name, schema) in bodies {
            text.push_str(&format!(
                "  /{name}: {{ post: {{ operationId: {name}, requestBody: {{ content: {{ \
                 application/json: {{ schema: {schema} }} }} }}, \
                 responses: {{ '204': {{ description: d }} }} }} }}\n"
            ));
        }
        let document = spec::load(&spec::Input::Stdin(text.into())).expect("reads");
        let mut found = Diagnostics::default();
        lower::lower(&document, &mut found).unwrap_or_else(|| panic!("{found:?}"))
    }

    fn model<'s>(service: &'s Service, name: &str) -> &'s Model {
        let found = service.models.iter().find(|model| model.rust_name == name);
        found.unwrap_or_else(|| panic!("no {name}"))
    }

    /// What a name stands for.
    fn is(service: &Service, name: &str) -> String {
        match &model(service, name).shape {
            Shape::Alias(Type::Model(id)) => service.models[id.0].rust_name.clone(),
            _ => name.to_owned(),
        }
    }

    const ADDRESS: &str = "{ properties: { shipping: { description: d, properties: { \
                           to: { properties: { city: { type: string, maxLength: 9 } } } } } } }";

    #[test]
    fn equal_schemas_are_one_type_under_all_names() {
        let more = ADDRESS.replacen("shipping", "gift: { type: boolean }, shipping", 1);
        let service = service(&[("a", ADDRESS), ("b", &more), ("c", "{ type: string }")]);
        assert_eq!(is(&service, "BBodyShippingTo"), "ABodyShippingTo");
        assert_eq!(is(&service, "BBodyShipping"), "ABodyShipping");
        assert_eq!(is(&service, "BBody"), "BBody", "it has another member");
        // Each place says its own name, and both are checked against one table.
        let Shape::Struct(body) = &model(&service, "BBody").shape else {
            panic!("a struct");
        };
        let Type::Model(id) = &body.fields[1].ty else {
            panic!("{:?}", body.fields[1].ty);
        };
        assert_eq!(service.models[id.0].rust_name, "BBodyShipping");
        assert_eq!(service.models[id.0].static_name, "A_BODY_SHIPPING");
        assert!(service.models[id.0].schema.is_none());
        assert!(model(&service, "ABodyShipping").schema.is_some());
    }

    #[test]
    fn a_name_stays_when_another_place_is_added_before() {
        let names = |service: &Service| -> Vec<String> {
            let names = service.models.iter().map(|model| model.rust_name.clone());
            names.filter(|name| name.starts_with("BBody")).collect()
        };
        let alone = service(&[("b", ADDRESS)]);
        let second = service(&[("a", ADDRESS), ("b", ADDRESS)]);
        assert_eq!(names(&alone), names(&second));
        assert!(second.models.iter().all(|model| model.is_needed));
    }

    #[test]
    fn what_differs_in_anything_that_is_seen_is_not_shared() {
        let limit = ADDRESS.replace("9", "8");
        let words = ADDRESS.replace("type: string", "type: string, description: other");
        let member = ADDRESS.replace("shipping", "billing");
        let service = service(&[("a", ADDRESS), ("b", &limit), ("c", &words), ("d", &member)]);
        for name in ["BBodyShipping", "CBodyShipping", "DBodyBilling"] {
            assert_eq!(is(&service, name), name);
        }
        assert_eq!(is(&service, "DBodyBillingTo"), "ABodyShippingTo");
    }
}
