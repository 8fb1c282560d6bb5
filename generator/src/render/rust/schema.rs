//! Schemas as the static tables that the runtime interprets.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::{Number, Value};

use super::{
    types::{Scope, ident},
    values,
};
use crate::ir::{Additional, FORMATS, JsonType, Rare, Schema};

/// The reference to a table: a model's, a constant, or one written in place.
pub(super) fn reference(scope: Scope<'_>, schema: &Schema) -> TokenStream {
    match schema.reference {
        Some(id) => {
            let table = scope.table(id);
            quote! { &#table }
        }
        None => {
            let table = table(scope, schema);
            quote! { &#table }
        }
    }
}

/// The table itself.
pub(super) fn table(scope: Scope<'_>, schema: &Schema) -> TokenStream {
    if let Some(id) = schema.reference {
        // A table that is another one: static data is copied.
        let table = scope.table(id);
        return quote! { Schema { all_of: &[&#table], ..Schema::ANY } };
    }
    let (base, types) = base(&schema.types);
    let mut members: Vec<TokenStream> = Vec::new();
    let mut put = |name: &str, value: TokenStream| {
        let name = ident(name);
        members.push(quote! { #name: #value });
    };
    if let Some(types) = types {
        put("types", types);
    }
    if is_typed(schema) {
        put("typed", quote! { true });
    }
    if let Some(format) = schema.format.as_deref().and_then(format_name) {
        let format = ident(format);
        put("format", quote! { Some(schema::Format::#format) });
    }
    if !schema.values.is_empty() {
        let values = schema.values.iter().map(literal);
        put("enumeration", quote! { &[#(#values),*] });
    }
    let sizes = [
        ("min_length", schema.min_length),
        ("max_length", schema.max_length),
    ];
    for (name, size) in sizes {
        if let Some(size) = size {
            put(name, some_size(size));
        }
    }
    if let Some(pattern) = &schema.pattern {
        put("pattern", quote! { Some(#pattern) });
    }
    let numbers = [
        ("minimum", &schema.minimum),
        ("maximum", &schema.maximum),
        ("exclusive_minimum", &schema.exclusive_minimum),
        ("exclusive_maximum", &schema.exclusive_maximum),
        ("multiple_of", &schema.multiple_of),
    ];
    for (name, value) in numbers {
        if let Some(value) = value {
            let value = number(value);
            put(name, quote! { Some(#value) });
        }
    }
    if !schema.prefix_items.is_empty() {
        put("prefix_items", list(scope, &schema.prefix_items));
    }
    if let Some(items) = &schema.items {
        let items = reference(scope, items);
        put("items", quote! { Some(#items) });
    }
    let sizes = [
        ("min_items", schema.min_items),
        ("max_items", schema.max_items),
    ];
    for (name, size) in sizes {
        if let Some(size) = size {
            put(name, some_size(size));
        }
    }
    if schema.unique_items {
        put("unique_items", quote! { true });
    }
    object(scope, schema, &mut put);
    combinators(scope, schema, &mut put);
    if let Some(rare) = &schema.rare {
        let rare = self::rare(scope, rare);
        put("rare", quote! { Some(&#rare) });
    }
    if members.is_empty() {
        return quote! { Schema::#base };
    }
    quote! { Schema { #(#members,)* ..Schema::#base } }
}

fn object(scope: Scope<'_>, schema: &Schema, put: &mut dyn FnMut(&str, TokenStream)) {
    if !schema.properties.is_empty() {
        let properties = schema.properties.iter().map(|property| {
            let name = &property.name;
            let table = match property.read_only {
                true => read_only(scope, &property.schema),
                false => reference(scope, &property.schema),
            };
            quote! { (#name, #table) }
        });
        put("properties", quote! { &[#(#properties),*] });
    }
    if !schema.required.is_empty() {
        let required = &schema.required;
        put("required", quote! { &[#(#required),*] });
    }
    match &schema.additional {
        Additional::Any => {}
        Additional::None => put("additional", quote! { schema::Additional::None }),
        Additional::Schema(additional) => {
            let additional = reference(scope, additional);
            put(
                "additional",
                quote! { schema::Additional::Schema(#additional) },
            );
        }
    }
    let sizes = [
        ("min_properties", schema.min_properties),
        ("max_properties", schema.max_properties),
    ];
    for (name, size) in sizes {
        if let Some(size) = size {
            put(name, some_size(size));
        }
    }
}

fn combinators(scope: Scope<'_>, schema: &Schema, put: &mut dyn FnMut(&str, TokenStream)) {
    let branches = [
        ("all_of", &schema.all_of),
        ("any_of", &schema.any_of),
        ("one_of", &schema.one_of),
    ];
    for (name, branches) in branches {
        if !branches.is_empty() {
            put(name, list(scope, branches));
        }
    }
    if let Some(not) = &schema.not {
        let not = reference(scope, not);
        put("not", quote! { Some(#not) });
    }
    if let Some(discriminator) = &schema.discriminator {
        let property = &discriminator.property;
        let mapping = discriminator.mapping.iter().map(|(value, named)| {
            let table = reference(scope, named);
            quote! { (#value, #table) }
        });
        put(
            "discriminator",
            quote! {
                Some(schema::Discriminator { property: #property, mapping: &[#(#mapping),*] })
            },
        );
    }
}

/// The keywords that few schemas have.
fn rare(scope: Scope<'_>, rare: &Rare) -> TokenStream {
    let mut members: Vec<TokenStream> = Vec::new();
    let mut put = |name: &str, value: TokenStream| {
        let name = ident(name);
        members.push(quote! { #name: #value });
    };
    let named = [
        ("pattern_properties", &rare.pattern_properties),
        ("dependent_schemas", &rare.dependent_schemas),
    ];
    for (name, schemas) in named {
        if !schemas.is_empty() {
            let schemas = schemas.iter().map(|(name, schema)| {
                let table = reference(scope, schema);
                quote! { (#name, #table) }
            });
            put(name, quote! { &[#(#schemas),*] });
        }
    }
    let single = [
        ("property_names", &rare.property_names),
        ("contains", &rare.contains),
    ];
    for (name, schema) in single {
        if let Some(schema) = schema {
            let table = reference(scope, schema);
            put(name, quote! { Some(#table) });
        }
    }
    if !rare.dependent_required.is_empty() {
        let lists = rare.dependent_required.iter().map(|(name, needed)| {
            quote! { (#name, &[#(#needed),*]) }
        });
        put("dependent_required", quote! { &[#(#lists),*] });
    }
    if rare.is_closed {
        put("is_closed", quote! { true });
    }
    let sizes = [
        ("min_contains", rare.min_contains),
        ("max_contains", rare.max_contains),
    ];
    for (name, size) in sizes {
        if let Some(size) = size {
            put(name, some_size(size));
        }
    }
    if let Some(condition) = &rare.condition {
        let test = reference(scope, &condition.test);
        let branch = |schema: &Option<Schema>| match schema {
            Some(schema) => {
                let table = reference(scope, schema);
                quote! { Some(#table) }
            }
            None => quote! { None },
        };
        let then = branch(&condition.then);
        let otherwise = branch(&condition.otherwise);
        put(
            "condition",
            quote! { Some(schema::Condition { test: #test, then: #then, otherwise: #otherwise }) },
        );
    }
    quote! { schema::Rare { #(#members,)* ..schema::Rare::NONE } }
}

/// The same table, for a member that requests do not have.
fn read_only(scope: Scope<'_>, schema: &Schema) -> TokenStream {
    match schema.reference {
        Some(id) => {
            let table = scope.table(id);
            quote! { &Schema { read_only: true, all_of: &[&#table], ..Schema::ANY } }
        }
        None => {
            let table = table(scope, schema);
            quote! { &Schema { read_only: true, ..#table } }
        }
    }
}

fn list(scope: Scope<'_>, schemas: &[Schema]) -> TokenStream {
    let schemas = schemas.iter().map(|schema| reference(scope, schema));
    quote! { &[#(#schemas),*] }
}

/// The constant to start from, and the types where it does not have them.
fn base(types: &[JsonType]) -> (proc_macro2::Ident, Option<TokenStream>) {
    let name = |ty: JsonType| {
        ident(match ty {
            JsonType::Null => "NULL",
            JsonType::Boolean => "BOOLEAN",
            JsonType::Integer => "INTEGER",
            JsonType::Number => "NUMBER",
            JsonType::String => "STRING",
            JsonType::Array => "ARRAY",
            JsonType::Object => "OBJECT",
        })
    };
    match types {
        [] => (ident("ANY"), None),
        [single] => (name(*single), None),
        [first, others @ ..] => {
            let first_name = name(*first);
            let others = others.iter().map(|ty| name(*ty));
            (
                first_name.clone(),
                Some(quote! { schema::Types::#first_name #(.or(schema::Types::#others))* }),
            )
        }
    }
}

/// Whether reading the Rust type is check enough: a plain value without any constraint.
fn is_typed(schema: &Schema) -> bool {
    let plain = matches!(
        schema.types.as_slice(),
        [JsonType::String | JsonType::Boolean]
    );
    let text_enum = schema.types == [JsonType::String]
        && !schema.values.is_empty()
        && schema.values.iter().all(Value::is_string);
    let bare = Schema {
        types: schema.types.clone(),
        values: schema.values.clone(),
        ..Schema::default()
    };
    let unconstrained = *schema == bare;
    ((plain && schema.values.is_empty()) || text_enum) && unconstrained
}

fn some_size(size: u64) -> TokenStream {
    let size = Literal::u64_unsuffixed(size);
    quote! { Some(#size) }
}

fn number(number: &Number) -> TokenStream {
    match number.is_i64() || number.is_u64() {
        true => {
            let number = values::integer(number);
            quote! { schema::Number::Int(#number) }
        }
        false => {
            let number = values::float(number.as_f64().unwrap_or_default());
            quote! { schema::Number::Float(#number) }
        }
    }
}

fn literal(value: &Value) -> TokenStream {
    match value {
        Value::Null => quote! { schema::Literal::Null },
        Value::Bool(value) => quote! { schema::Literal::Bool(#value) },
        Value::Number(value) => {
            let number = number(value);
            quote! { schema::Literal::Number(#number) }
        }
        Value::String(text) => quote! { schema::Literal::Str(#text) },
        other => {
            let text = other.to_string();
            quote! { schema::Literal::Json(#text) }
        }
    }
}

fn format_name(format: &str) -> Option<&'static str> {
    let known = FORMATS.iter().find(|(name, _)| *name == format);
    known.map(|(_, variant)| *variant)
}
