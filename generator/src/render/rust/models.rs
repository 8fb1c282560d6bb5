//! `src/generated/models`: a file for each named type and what is written inside it.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::{
    layout, schema,
    types::{Scope, ident},
    used::Used,
    values,
};
use crate::{
    ir::{Field, Model, Presence, Service, Shape, Struct, Type, Union, Variant},
    parallel,
    render::RenderError,
};

/// Adds the files of all models and the module that gathers them.
pub(super) fn render(
    service: &Service,
    add: &mut dyn FnMut(&str, String) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let mut modules: BTreeMap<&str, Vec<&Model>> = BTreeMap::new();
    for model in service.models.iter().filter(|model| model.is_needed) {
        modules.entry(&model.module).or_default().push(model);
    }
    let parts: Vec<(&str, &[&Model])> = modules
        .iter()
        .map(|(module, models)| (*module, models.as_slice()))
        .collect();
    let texts = parallel::map(&parts, |(_, models)| file(&service.models, models));
    for ((module, _), text) in parts.into_iter().zip(texts) {
        add(&format!("models/{module}.rs"), text?)?;
    }
    add("models/mod.rs", root(&modules))
}

fn root(modules: &BTreeMap<&str, Vec<&Model>>) -> String {
    let mut text = String::from(
        "//! The document's schemas: a type for each, and a table of what its JSON must satisfy.\n\n",
    );
    for module in modules.keys() {
        text.push_str(&format!("mod {module};\n"));
    }
    text.push('\n');
    for (module, models) in modules {
        let mut names: Vec<&str> = Vec::new();
        for model in models {
            names.push(&model.rust_name);
            if model.schema.is_some() {
                names.push(&model.static_name);
            }
        }
        text.push_str(&format!("pub {}", layout::import(module, &names)));
    }
    text
}

fn file(all: &[Model], models: &[&Model]) -> Result<String, RenderError> {
    let named = RefCell::new(BTreeSet::new());
    let scope = Scope {
        models: all,
        inside: Some(&named),
    };
    let mut items = Vec::new();
    for model in models {
        items.extend(model_items(scope, model));
    }
    let mut named = named.borrow().clone();
    for model in models {
        named.remove(model.rust_name.as_str());
        if model.schema.is_some() {
            named.remove(model.static_name.as_str());
        }
    }
    let items = layout::items(items)?;
    let mut text = imports(&items, &named);
    text.push_str(&items);
    Ok(text)
}

/// Everything that the items name without a path; `named` are the models among it.
fn imports(items: &str, named: &BTreeSet<&str>) -> String {
    let found = Used::of(items);
    let mut text = String::new();
    if found.name("BTreeMap") {
        text.push_str("use std::collections::BTreeMap;\n\n");
    }
    let mut schema = Vec::new();
    if found.head("schema") {
        schema.push("self");
    }
    if found.head("Schema") {
        schema.push("Schema");
    }
    text.push_str(&layout::import("failsafe_runtime::schema", &schema));
    if found.head("service") {
        text.push_str("use failsafe_runtime::service;\n");
    }
    let mut serde = vec!["Deserialize", "Deserializer", "Serialize"];
    serde.retain(|name| found.name(name));
    text.push_str(&layout::import("serde", &serde));
    let others: Vec<&str> = named.iter().copied().collect();
    if !others.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&layout::import("super", &others));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn model_items(scope: Scope<'_>, model: &Model) -> Vec<TokenStream> {
    let docs = model.doc.as_deref().map(layout::docs);
    let name = ident(&model.rust_name);
    let mut items = match &model.shape {
        Shape::Alias(ty) => {
            let ty = scope.ty(ty);
            vec![quote! { #docs pub type #name = #ty; }]
        }
        Shape::Newtype(ty) => {
            let ty = scope.ty(ty);
            vec![quote! {
                #docs
                #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
                #[serde(transparent)]
                pub struct #name(pub #ty);
            }]
        }
        Shape::Struct(shape) => struct_items(scope, model, shape, docs.as_ref()),
        Shape::Enum(variants) => enum_items(model, variants, docs.as_ref()),
        Shape::Union(union) => union_items(scope, model, union, docs.as_ref()),
    };
    if let Some(schema) = &model.schema {
        let table_name = ident(&model.static_name);
        let table = schema::table(scope, schema);
        let doc = format!("What the JSON of [`{}`] must satisfy.", model.rust_name);
        let doc = layout::docs_as_they_are(&doc);
        items.push(quote! { #doc pub static #table_name: Schema = #table; });
    }
    items
}

fn struct_items(
    scope: Scope<'_>,
    model: &Model,
    shape: &Struct,
    docs: Option<&TokenStream>,
) -> Vec<TokenStream> {
    let name = ident(&model.rust_name);
    let mut functions = Vec::new();
    let fields: Vec<TokenStream> = shape
        .fields
        .iter()
        .map(|field| struct_field(scope, field))
        .collect();
    let additional = shape.additional.as_ref().map(|(name, ty)| {
        let (name, ty) = (ident(name), scope.ty(ty));
        quote! {
            /// Members that the document does not name.
            pub #name: BTreeMap<String, #ty>,
        }
    });
    let default = shape
        .fields
        .iter()
        .all(|field| has_natural_default(scope, field))
        .then(|| quote! { Default, });
    let mut items = vec![quote! {
        #docs
        #[derive(Clone, Debug, #default PartialEq)]
        pub struct #name { #(#fields)* #additional }
    }];
    let members = (shape.fields.iter()).map(|field| member(scope, model, field, &mut functions));
    let members: Vec<TokenStream> = members.collect();
    let rest = shape.additional.as_ref().map(|(name, _)| {
        let name = ident(name);
        quote! { .. => #name }
    });
    items.push(quote! { service::members!(#name { #(#members,)* #rest }); });
    items.extend(functions);
    items
}

/// How a member is read and written.
fn member(
    scope: Scope<'_>,
    model: &Model,
    field: &Field,
    functions: &mut Vec<TokenStream>,
) -> TokenStream {
    let (json, name) = (&field.json_name, ident(&field.rust_name));
    let how = match (field.presence, &field.default) {
        (Presence::Required | Presence::RequiredNullable, _) => quote! { required },
        // An option alone would take null for absent.
        (Presence::Optional, _) if takes_null(scope, &field.ty) => quote! { nullable },
        (Presence::Optional, _) => quote! { optional },
        (Presence::OptionalNullable, _) => quote! { nullable },
        (Presence::Defaulted, Some(value)) if !values::is_natural(scope, &field.ty, value) => {
            let function = default_function(scope, model, field, value, functions);
            quote! { default(#function) }
        }
        (Presence::Defaulted, _) => quote! { default },
    };
    let only = field.write_only.then(|| quote! { write_only });
    quote! { #json => #name: #how #only }
}

fn struct_field(scope: Scope<'_>, field: &Field) -> TokenStream {
    let name = ident(&field.rust_name);
    let ty = scope.present(&field.ty, field.presence);
    let docs = field_docs(field).map(|text| layout::docs(&text));
    quote! { #docs pub #name: #ty, }
}

/// Whether null is a value like others of a type.
fn takes_null(scope: Scope<'_>, ty: &Type) -> bool {
    match ty {
        Type::Any | Type::Null => true,
        Type::Model(id) => match &scope.models[id.0].shape {
            Shape::Alias(inner) => takes_null(scope, inner),
            _ => false,
        },
        _ => false,
    }
}

fn default_function(
    scope: Scope<'_>,
    model: &Model,
    field: &Field,
    value: &serde_json::Value,
    functions: &mut Vec<TokenStream>,
) -> Ident {
    let plain = field.rust_name.trim_start_matches("r#");
    let prefix = model.static_name.to_ascii_lowercase();
    let function_name = format_ident!("default_{prefix}_{plain}");
    let ty = scope.ty(&field.ty);
    let value = values::default(scope, &field.ty, value);
    functions.push(quote! { fn #function_name() -> #ty { #value } });
    function_name
}

fn field_docs(field: &Field) -> Option<String> {
    let mut text = field.doc.clone().unwrap_or_default();
    let mut note = |words: &str| {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(words);
    };
    if field.deprecated {
        note("Deprecated.");
    }
    if field.read_only {
        note("Read-only: answers have it, requests need not.");
    }
    if field.write_only {
        note("Write-only: never part of an answer.");
    }
    (!text.is_empty()).then_some(text)
}

fn has_natural_default(scope: Scope<'_>, field: &Field) -> bool {
    match field.presence {
        Presence::Optional | Presence::OptionalNullable => true,
        Presence::Defaulted => field
            .default
            .as_ref()
            .is_some_and(|value| values::is_natural(scope, &field.ty, value)),
        Presence::Required | Presence::RequiredNullable => false,
    }
}

fn enum_items(model: &Model, variants: &[Variant], docs: Option<&TokenStream>) -> Vec<TokenStream> {
    let name = ident(&model.rust_name);
    let names: Vec<_> = variants.iter().map(|v| ident(&v.rust_name)).collect();
    if variants.iter().all(|variant| variant.value.is_i64()) {
        return number_enum(model, variants, docs);
    }
    let texts: Vec<&str> = variants
        .iter()
        .map(|variant| variant.value.as_str().unwrap_or_default())
        .collect();
    vec![
        quote! {
            #docs
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub enum #name { #(#names),* }
        },
        quote! { service::texts!(#name { #(#names = #texts,)* }); },
    ]
}

fn number_enum(
    model: &Model,
    variants: &[Variant],
    docs: Option<&TokenStream>,
) -> Vec<TokenStream> {
    let name = ident(&model.rust_name);
    let names: Vec<_> = variants.iter().map(|v| ident(&v.rust_name)).collect();
    let numbers: Vec<TokenStream> = variants
        .iter()
        .filter_map(|variant| match &variant.value {
            serde_json::Value::Number(number) => Some(values::integer(number)),
            _ => None,
        })
        .collect();
    let mut items = vec![
        quote! {
            #docs
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
            #[serde(try_from = "i64", into = "i64")]
            pub enum #name { #(#names),* }
        },
        quote! {
            impl From<#name> for i64 {
                fn from(value: #name) -> i64 {
                    match value { #(#name::#names => #numbers,)* }
                }
            }
        },
        quote! {
            impl TryFrom<i64> for #name {
                type Error = service::UnknownValue;

                fn try_from(number: i64) -> Result<Self, service::UnknownValue> {
                    match number {
                        #(#numbers => Ok(Self::#names),)*
                        _ => Err(service::UnknownValue),
                    }
                }
            }
        },
    ];
    if model.is_parameter {
        items.push(quote! {
            impl std::str::FromStr for #name {
                type Err = service::UnknownValue;

                fn from_str(text: &str) -> Result<Self, service::UnknownValue> {
                    let number: i64 = text.parse().map_err(|_| service::UnknownValue)?;
                    Self::try_from(number)
                }
            }
        });
    }
    items
}

fn union_items(
    scope: Scope<'_>,
    model: &Model,
    union: &Union,
    docs: Option<&TokenStream>,
) -> Vec<TokenStream> {
    let name = ident(&model.rust_name);
    let names: Vec<_> = union.variants.iter().map(|v| ident(&v.rust_name)).collect();
    let types: Vec<_> = union.variants.iter().map(|v| scope.ty(&v.ty)).collect();
    let uneven = union
        .is_uneven
        .then(|| layout::uneven("one form is larger than the others"));
    let (representation, renames) = match (&union.discriminator, union.writes_tag) {
        (Some(tag), true) => {
            let renames: Vec<_> = union
                .variants
                .iter()
                .map(|variant| {
                    let tag = variant.tags.first();
                    quote! { #[serde(rename = #tag)] }
                })
                .collect();
            (quote! { tag = #tag }, renames)
        }
        _ => (quote! { untagged }, vec![TokenStream::new(); names.len()]),
    };
    let found = match &union.discriminator {
        Some(property) => by_tag(union, property),
        None => by_trial(scope, union),
    };
    let mut arms: Vec<TokenStream> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let index = Literal::usize_unsuffixed(index);
            quote! { #index => form.read().map(Self::#name) }
        })
        .collect();
    if let (Some(last), Some(name)) = (arms.last_mut(), names.last()) {
        *last = quote! { _ => form.read().map(Self::#name) };
    }
    vec![
        quote! {
            #docs
            #uneven
            #[derive(Clone, Debug, PartialEq, Serialize)]
            #[serde(#representation)]
            pub enum #name { #(#renames #names(#types)),* }
        },
        quote! {
            impl<'de> Deserialize<'de> for #name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let form = service::Form::of(deserializer)?;
                    match #found { #(#arms,)* }
                }
            }
        },
    ]
}

/// The number of the form that the member names.
fn by_tag(union: &Union, property: &str) -> TokenStream {
    let tags = union.variants.iter().enumerate().flat_map(|(index, form)| {
        let index = Literal::usize_unsuffixed(index);
        form.tags.iter().map(move |tag| quote! { (#tag, #index) })
    });
    match union.may_lack_tag {
        true => {
            let last = Literal::usize_unsuffixed(union.variants.len().saturating_sub(1));
            quote! { form.tagged_or(#property, &[#(#tags),*], #last)? }
        }
        false => quote! { form.tagged(#property, &[#(#tags),*])? },
    }
}

/// The number of the form whose schema fits.
fn by_trial(scope: Scope<'_>, union: &Union) -> TokenStream {
    let forms = union.variants.iter().map(|variant| {
        let name = &variant.rust_name;
        let table = schema::reference(scope, &variant.schema);
        quote! { (#name, #table) }
    });
    // A constant: what a table is made of in place has to live as long as the others.
    quote! { form.fitting(const { &[#(#forms),*] })? }
}
