//! Endpoints: from a call of the runtime to the arguments of a handler and back.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{
    arguments::Arguments,
    layout, schema, security, signs,
    types::{Scope, ident, shouty},
    values,
};
use crate::{
    ir::{
        Api, Body, Content, ContentKind, Encoding, Form, MediaType, Operation, Parameter, PartKind,
        Place, Presence, Reading, Schema, SecurityScheme, Style,
    },
    render::{RenderError, filters::rust_string},
};

/// The operation as the runtime knows it, and the function that serves it.
pub(super) fn text(
    scope: Scope<'_>,
    schemes: &[SecurityScheme],
    api: &Api,
    operation: &Operation,
) -> Result<String, RenderError> {
    let mut text = signs::text(scope, operation)?;
    text.push_str(&description(schemes, operation));
    text.push('\n');
    text.push_str(&endpoint(scope, api, operation)?);
    Ok(text)
}

fn description(schemes: &[SecurityScheme], operation: &Operation) -> String {
    let name = shouty(&operation.type_stem);
    let new = format!(
        "Operation::new({}, Method::{}, {})",
        rust_string(&operation.id),
        operation.method,
        rust_string(&operation.path)
    );
    let mut text = format!("pub(crate) static {name}: Operation =\n    {new}");
    for (name, media_types) in [
        ("consumes", consumes(operation)),
        ("produces", operation.produces()),
    ] {
        if !media_types.is_empty() {
            let list: Vec<String> = media_types.into_iter().map(rust_string).collect();
            text.push_str(&format!("\n        .{name}(&[{}])", list.join(", ")));
        }
    }
    // Without a scheme there is nobody to ask.
    if operation.security.iter().any(|it| !it.all.is_empty()) {
        text.push_str(&format!(
            "\n        .secured_by({})",
            security::requirements(schemes, operation)
        ));
    }
    if !operation.signs.is_empty() {
        text.push_str(&format!("\n        .when(&{name}_WHEN)"));
    }
    if let Some(base_path) = &operation.base_path {
        text.push_str(&format!("\n        .under({})", rust_string(base_path)));
    }
    if let Some(template) = &operation.matching {
        text.push_str(&format!("\n        .matching({})", rust_string(template)));
    }
    text.push_str(";\n");
    text
}

/// The media types of the body.
fn consumes(operation: &Operation) -> Vec<&str> {
    let all = operation.body.iter().flat_map(Body::media_types);
    all.map(|(_, media_type)| media_type.name.as_str())
        .collect()
}

/// Whether the body is read part by part, by a function that waits for them. Where nothing waits,
/// the function is a plain one, which is much less work for the compiler.
pub(in crate::render) fn is_streamed(operation: &Operation) -> bool {
    let mut all = operation.body.iter().flat_map(Body::media_types);
    all.any(|(_, media_type)| comes_in_parts(media_type.kind))
}

fn comes_in_parts(kind: ContentKind) -> bool {
    matches!(kind, ContentKind::Multipart | ContentKind::Lines)
}

fn endpoint(scope: Scope<'_>, api: &Api, operation: &Operation) -> Result<String, RenderError> {
    let name = &operation.rust_name;
    let arguments = Arguments::of(operation);
    let read = Reader::of(scope, &arguments);
    let list: Vec<String> = arguments.list().into_iter().map(|a| a.name).collect();
    let streamed = is_streamed(operation);
    let (asynchronous, call, output) = match (streamed, list.is_empty()) {
        (true, _) => ("async ", "mut call: Call", "Response"),
        (false, true) => ("", "_: &mut Call", "Option<Prepared>"),
        (false, false) => ("", "call: &mut Call", "Option<Prepared>"),
    };
    let head = format!("pub(crate) {asynchronous}fn {name}<A: {}>(", api.trait_name);
    let line = format!("{head}app: Arc<A>, {call}) -> {output} {{\n");
    let mut text = match line.trim_end().len() <= layout::WIDTH {
        true => line,
        false => format!("{head}\n    app: Arc<A>,\n    {call},\n) -> {output} {{\n"),
    };
    if !read.statics.is_empty() {
        text.push_str(&layout::indented(&layout::items(read.statics)?));
        text.push('\n');
    }
    for reading in &read.readings {
        text.push_str(&format!("    {reading}\n"));
    }
    text.push_str(&reject(&read.names, streamed));
    text.push_str(&structs(scope, &arguments));
    let args = match list.is_empty() {
        true => "app".to_owned(),
        false => format!("(app, {})", list.join(", ")),
    };
    let (function, receiver) = match METHODS_OF_ARC.contains(&name.as_str()) {
        true => (format!("A::{name}"), Some("&app")),
        false => (format!("app.{name}"), None),
    };
    let handed: Vec<&str> = (receiver.into_iter().chain(["&ctx"]))
        .chain(list.iter().map(String::as_str))
        .collect();
    let attempt = attempt(&function, &handed);
    let handler = format!("Handler::new({args}, |ctx, {args}| {{\n        {attempt}\n    }})");
    let fallback = operation.fallback_name.as_ref().map(|fallback| {
        let failed = arguments.failure_name();
        let mut handed = vec!["&ctx", &failed];
        handed.extend(list.iter().map(String::as_str));
        let attempt = self::attempt(&format!("app.{fallback}"), &handed);
        format!(".or_else(|ctx, {failed}, {args}| {{\n        {attempt}\n    }})")
    });
    text.push_str(&match (streamed, fallback) {
        (false, fallback) => {
            let fallback = fallback.unwrap_or_default();
            format!("    {handler}{fallback}\n    .prepared()\n}}\n")
        }
        (true, None) => format!("    call.respond(&mut {handler})\n    .await\n}}\n"),
        (true, Some(fallback)) => format!(
            "    let handler = {handler};\n    let mut handler = handler{fallback};\n    \
             call.respond(&mut handler).await\n}}\n"
        ),
    });
    Ok(text)
}

/// A call of a method, its answer written as the client wants it.
fn attempt(function: &str, handed: &[&str]) -> String {
    let answer = format!(
        "service::answer(&ctx, {function}({}).await)",
        handed.join(", ")
    );
    match answer.len() <= layout::WIDTH - "        Box::pin(async move {  })".len() {
        true => format!("Box::pin(async move {{ {answer} }})"),
        false => format!("Box::pin(async move {{\n            {answer}\n        }})"),
    }
}

/// What an `Arc` around the app has by the traits of the prelude: an operation of such a name is
/// called by its path.
const METHODS_OF_ARC: &[&str] = &[
    "as_ref",
    "clone",
    "clone_from",
    "drop",
    "into",
    "to_owned",
    "try_into",
];

/// What has to be read before a handler can be called.
#[derive(Default)]
struct Reader {
    statics: Vec<TokenStream>,
    readings: Vec<String>,
    names: Vec<String>,
    /// How many tables of encodings there are.
    encodings: usize,
}

impl Reader {
    fn of(scope: Scope<'_>, arguments: &Arguments<'_>) -> Self {
        let mut reader = Self::default();
        for parameter in arguments.path.iter().chain(&arguments.others) {
            reader.parameter(scope, parameter);
        }
        if let Some(body) = arguments.body {
            reader.body(scope, arguments.operation, body);
        }
        reader
    }

    fn parameter(&mut self, scope: Scope<'_>, parameter: &Parameter) {
        let name = &parameter.rust_name;
        let wire = rust_string(&parameter.name);
        let place = match parameter.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
            Place::Cookie => "cookie",
        };
        let table = self.table(scope, &parameter.rust_name, &parameter.schema);
        let style = style(parameter);
        // What has a default of the runtime's making is always there.
        let required = parameter.presence == Presence::Required || parameter.json_default.is_some();
        let read = match (&parameter.reading, required) {
            (Reading::Single, true) => "required",
            (Reading::Single, false) => "optional",
            (Reading::List, true) => "required_list",
            (Reading::List, false) => "optional_list",
            (Reading::Value, true) => "required_value",
            (Reading::Value, false) => "optional_value",
        };
        self.readings.push(format!(
            "let {name} = call.{place}({wire}){style}.{read}({table});"
        ));
        self.names.push(name.clone());
    }

    fn body(&mut self, scope: Scope<'_>, operation: &Operation, body: &Body) {
        let several = body.contents.len() > 1;
        let streamed = is_streamed(operation);
        let mut reads: Vec<String> = Vec::new();
        for content in &body.contents {
            let table = match (several, &content.schema) {
                // Two tables of one function have two names.
                (true, schema) => self.table(scope, &content.rust_name, schema),
                (false, schema) => self.table(scope, "body", schema),
            };
            for media_type in &content.media_types {
                let encodings = self.encodings(&media_type.encodings);
                let read = read(content, media_type, body.required, &table, &encodings);
                let read = match (comes_in_parts(media_type.kind), streamed) {
                    (true, _) => format!("call.{read}.await"),
                    (false, true) => format!("call.whole().await.{read}"),
                    (false, false) => format!("call.{read}"),
                };
                reads.push(match (several, body.required) {
                    (false, _) => read,
                    (true, required) => {
                        let variant = format!("{}::{}", operation.body_name(), content.rust_name);
                        match required {
                            true => format!("{read}.map({variant})"),
                            false => format!("{read}.map(|body| body.map({variant}))"),
                        }
                    }
                });
            }
        }
        // What is not told apart is read in one way.
        let first = reads.first().cloned().unwrap_or_default();
        let mut arms = String::new();
        for (index, read) in reads.iter().enumerate().skip(1) {
            if *read != first {
                arms.push_str(&format!("        {index} => {read},\n"));
            }
        }
        self.readings.push(match arms.is_empty() {
            true => format!("let body = {first};"),
            false => {
                format!("let body = match call.content() {{\n{arms}        _ => {first},\n    }};")
            }
        });
        self.names.push("body".to_owned());
    }

    /// How the properties of a form are written, as a static of the function.
    fn encodings(&mut self, encodings: &[Encoding]) -> String {
        if encodings.is_empty() {
            return "&[]".to_owned();
        }
        let list = encodings.iter().map(|encoding| {
            let property = &encoding.property;
            let style = style_name(encoding.style);
            let explode = (encoding.explode != encoding.style.explodes()).then(|| {
                let explode = encoding.explode;
                quote! { .explode(#explode) }
            });
            quote! { service::Encoding::new(#property, service::Style::#style) #explode }
        });
        let name = match self.encodings {
            0 => "BODY_ENCODINGS".to_owned(),
            others => format!("BODY_ENCODINGS_{}", others + 1),
        };
        self.encodings += 1;
        let static_name = ident(&name);
        self.statics
            .push(quote! { static #static_name: &[service::Encoding] = &[#(#list),*]; });
        name
    }

    /// A reference to a table; one that is more than a name becomes a static of the function.
    fn table(&mut self, scope: Scope<'_>, name: &str, schema: &Schema) -> String {
        if schema.reference.is_some() || *schema == Schema::default() {
            return layout::plain(&schema::reference(scope, schema));
        }
        let name = shouty(name);
        let (static_name, table) = (ident(&name), schema::table(scope, schema));
        self.statics
            .push(quote! { static #static_name: Schema = #table; });
        format!("&{name}")
    }
}

/// What the runtime does not take for granted of how a parameter is written.
fn style(parameter: &Parameter) -> String {
    let mut text = String::new();
    if parameter.style != Style::usual(parameter.place) {
        let style = style_name(parameter.style);
        text.push_str(&format!(".style(service::Style::{style})"));
    }
    if parameter.explode != parameter.style.explodes() {
        text.push_str(&format!(".explode({})", parameter.explode));
    }
    if parameter.allows_empty {
        text.push_str(".allow_empty()");
    }
    if let Some(json) = &parameter.json_default {
        text.push_str(&format!(".default_json({})", rust_string(json)));
    }
    if let Some(others) = &parameter.beside {
        let others: Vec<String> = others.iter().map(|name| rust_string(name)).collect();
        text.push_str(&format!(".beside(&[{}])", others.join(", ")));
    }
    text
}

fn style_name(style: Style) -> Ident {
    ident(match style {
        Style::Matrix => "Matrix",
        Style::Label => "Label",
        Style::Simple => "Simple",
        Style::Form => "Form",
        Style::SpaceDelimited => "SpaceDelimited",
        Style::PipeDelimited => "PipeDelimited",
        Style::DeepObject => "DeepObject",
        Style::Json => "Json",
    })
}

/// How a body of a kind is read.
fn read(
    content: &Content,
    media_type: &MediaType,
    required: bool,
    table: &str,
    encodings: &str,
) -> String {
    let (word, table) = match media_type.kind {
        ContentKind::Json => ("json", table.to_owned()),
        ContentKind::Form => ("form", format!("{table}, {encodings}")),
        ContentKind::Multipart => match &content.form {
            None => ("multipart_texts", format!("{table}, {encodings}")),
            Some(Form::Unknown) => ("multipart", format!("{table}, {encodings}, None")),
            Some(Form::Parts(parts)) => {
                let files = parts.iter().filter(|part| part.kind != PartKind::Text);
                let files: Vec<String> = files.map(|part| rust_string(&part.name)).collect();
                let files = files.join(", ");
                (
                    "multipart",
                    format!("{table}, {encodings}, Some(&[{files}])"),
                )
            }
        },
        ContentKind::Text => ("text", table.to_owned()),
        ContentKind::Lines => ("lines", table.to_owned()),
        // Nobody sends events to a service.
        ContentKind::Bytes | ContentKind::Events => ("bytes", String::new()),
    };
    let optional = if required { "" } else { "optional_" };
    format!("{optional}{word}({table})")
}

fn reject(names: &[String], streamed: bool) -> String {
    let answer = match streamed {
        true => "else {\n        return call.reject();\n    };\n",
        false => "else {\n        return None;\n    };\n",
    };
    let some: Vec<String> = names.iter().map(|name| format!("Some({name})")).collect();
    match names {
        [] => String::new(),
        [only] if !streamed => format!("    let {only} = {only}?;\n"),
        [only] => format!("    let Some({only}) = {only} {answer}"),
        several => {
            let single = format!(
                "    let ({}) = ({}) else {{",
                some.join(", "),
                several.join(", ")
            );
            if single.len() <= layout::WIDTH {
                return format!(
                    "    let ({}) = ({}) {answer}",
                    some.join(", "),
                    several.join(", ")
                );
            }
            format!(
                "    let (\n        {},\n    ) = (\n        {},\n    ) {answer}",
                some.join(",\n        "),
                several.join(",\n        ")
            )
        }
    }
}

fn structs(scope: Scope<'_>, arguments: &Arguments<'_>) -> String {
    let mut text = String::new();
    let mut put = |variable: &str, name: &str, parameters: &[&Parameter]| {
        let members: Vec<String> = parameters.iter().map(|p| member(scope, p)).collect();
        let single = format!("    let {variable} = {name} {{ {} }};", members.join(", "));
        match single.len() <= layout::WIDTH && members.len() <= 3 {
            true => text.push_str(&single),
            false => text.push_str(&format!(
                "    let {variable} = {name} {{\n        {},\n    }};",
                members.join(",\n        ")
            )),
        }
        text.push('\n');
    };
    if arguments.path_is_struct() {
        put("path", &arguments.path_name(), &arguments.path);
    }
    if !arguments.others.is_empty() {
        put("params", &arguments.params_name(), &arguments.others);
    }
    text
}

fn member(scope: Scope<'_>, parameter: &Parameter) -> String {
    let name = &parameter.rust_name;
    let (Presence::Defaulted, Some(default), None) = (
        parameter.presence,
        &parameter.default,
        &parameter.json_default,
    ) else {
        return name.clone();
    };
    if values::is_natural(scope, &parameter.ty, default) {
        return format!("{name}: {name}.unwrap_or_default()");
    }
    let plain = values::is_plain(scope, &parameter.ty);
    let default = values::default(scope, &parameter.ty, default);
    let default = layout::expression(&default);
    match plain {
        true => format!("{name}: {name}.unwrap_or({default})"),
        false => format!("{name}: {name}.unwrap_or_else(|| {default})"),
    }
}
