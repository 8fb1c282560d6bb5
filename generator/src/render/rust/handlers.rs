//! `src/handlers`: what the person starts from. Laid out as rustfmt would, because it is theirs
//! from the first day on.

use super::{
    arguments::{Argument, Arguments},
    examples, layout,
    types::Scope,
};
use crate::{
    ir::{Api, Example, Operation, Service},
    render::{
        filters::one_line,
        stubs::{FALLBACK, HandlerApi, Import, Stub},
    },
};

/// The module that declares the others.
const ROOT: &str = "src/handlers/mod.rs";
const SERVICE: &str = "failsafe_runtime::service";

/// What the person has to write, API by API.
pub(crate) fn apis(service: &Service) -> Vec<HandlerApi> {
    let scope = Scope::outside(&service.models);
    let apis = service.apis.iter().map(|api| HandlerApi {
        trait_name: api.trait_name.clone(),
        module: api.module.clone(),
        stubs: (api.operations.iter())
            .flat_map(|operation| {
                let own = stub(scope, api, operation, &operation.rust_name);
                let fallback = operation.fallback_name.as_ref();
                [own]
                    .into_iter()
                    .chain(fallback.map(|name| stub(scope, api, operation, name)))
            })
            .collect(),
    });
    apis.collect()
}

/// Paths and texts of the files that the person starts from.
pub(super) fn files(service: &Service, apis: &[HandlerApi]) -> Vec<(String, String)> {
    let mut modules: Vec<&str> = apis.iter().map(|api| api.module.as_str()).collect();
    modules.sort_unstable();
    let mut root = String::from("//! What answers the operations: one file for each tag.\n");
    if !modules.is_empty() {
        root.push('\n');
    }
    for module in modules {
        root.push_str(&format!("mod {module};\n"));
    }
    let mut files = vec![(ROOT.to_owned(), root)];
    for (api, handlers) in service.apis.iter().zip(apis) {
        files.push((handlers.path(), file(&api.tag, handlers)));
    }
    files
}

fn file(tag: &str, api: &HandlerApi) -> String {
    let mut text = format!("//! Handlers of {}.\n\n", one_line(&layout::quoted(tag)));
    let of_api = Import {
        module: api.generated(),
        name: api.trait_name.clone(),
    };
    let of_stubs = api.stubs.iter().flat_map(|stub| stub.imports.clone());
    let mut imports: Vec<Import> = of_stubs.chain([of_api]).collect();
    // As rustfmt sorts them: by the whole path.
    imports.sort_by_cached_key(|import| format!("{}::{}", import.module, import.name));
    imports.dedup();
    let is_std = |import: &Import| import.module.starts_with("std::");
    let is_own = |import: &Import| import.module.starts_with("crate::");
    let (of_std, others): (Vec<_>, Vec<_>) = imports.into_iter().partition(is_std);
    let (own, of_runtime): (Vec<_>, Vec<_>) = others.into_iter().partition(is_own);
    for group in [of_std, of_runtime] {
        let lines = uses(&group);
        if !lines.is_empty() {
            text.push_str(&lines);
            text.push('\n');
        }
    }
    text.push_str("use crate::App;\n");
    text.push_str(&uses(&own));
    text.push_str(&format!("\nimpl {} for App {{\n", api.trait_name));
    let stubs: Vec<&str> = api.stubs.iter().map(|stub| stub.text.as_str()).collect();
    text.push_str(&stubs.join("\n"));
    text.push_str("}\n");
    text
}

/// A line for each module of sorted imports.
fn uses(imports: &[Import]) -> String {
    let mut modules: Vec<(&str, Vec<&str>)> = Vec::new();
    for Import { module, name } in imports {
        match modules.last_mut().filter(|(last, _)| last == module) {
            Some((_, names)) => names.push(name),
            None => modules.push((module, vec![name])),
        }
    }
    let lines = modules
        .iter()
        .map(|(module, names)| layout::import(module, names));
    lines.collect()
}

/// The method of an operation, or the one that answers in its place.
fn stub(scope: Scope<'_>, api: &Api, operation: &Operation, name: &str) -> Stub {
    let arguments = Arguments::of(operation);
    let mut list: Vec<(String, String)> = arguments
        .list()
        .iter()
        .map(|Argument { name, ty }| (name.clone(), layout::plain(&ty.tokens(scope))))
        .collect();
    let is_fallback = name != operation.rust_name;
    if is_fallback {
        list.insert(0, (arguments.failure_name(), "FailedCall".to_owned()));
    }
    let example = operation.example.as_ref().filter(|_| !is_fallback);
    let text = method(operation, name, example, &list);
    let mut names = vec![operation.response_name()];
    if arguments.path_is_struct() {
        names.push(arguments.path_name());
    }
    if !arguments.others.is_empty() {
        names.push(arguments.params_name());
    }
    match arguments.body.map(|body| body.contents.as_slice()) {
        Some([only]) if !only.parts().is_empty() => names.push(operation.form_name()),
        Some([_, _, ..]) => names.push(operation.body_name()),
        _ => {}
    }
    for headers in (operation.responses.iter()).filter_map(|it| it.headers.as_ref()) {
        let name = &headers.name;
        if !names.contains(name) && text.contains(&format!("let headers = {name}")) {
            names.push(name.clone());
        }
    }
    let own = format!("crate::generated::apis::{}", api.module);
    let mut imports: Vec<Import> = names.iter().map(|name| import(&own, name)).collect();
    for name in ["ApiError", "RequestContext"] {
        imports.push(import(SERVICE, name));
    }
    if is_fallback {
        imports.push(import(SERVICE, "FailedCall"));
    }
    if text.contains("service::") {
        imports.push(import(SERVICE, "self"));
    }
    if text.contains("examples::") {
        let name = format!("{} as examples", api.module);
        imports.push(import("crate::generated::examples", &name));
    }
    if list.iter().any(|(_, ty)| ty.contains("models::")) {
        imports.push(import("crate::generated", "models"));
    }
    if list.iter().any(|(_, ty)| ty.contains("BTreeMap<")) {
        imports.push(import("std::collections", "BTreeMap"));
    }
    let mut signature: Vec<String> = list.into_iter().map(|(_, ty)| ty).collect();
    signature.push(format!("Result<{}, ApiError>", operation.response_name()));
    Stub {
        http_method: operation.method.clone(),
        http_path: match is_fallback {
            true => format!("{}{FALLBACK}", operation.path),
            false => operation.path.clone(),
        },
        name: name.to_owned(),
        text,
        signature,
        imports,
    }
}

fn import(module: &str, name: &str) -> Import {
    Import {
        module: module.to_owned(),
        name: name.to_owned(),
    }
}

/// What stands below the arguments of a long signature.
fn ending(operation: &Operation) -> String {
    let response = operation.response_name();
    let single = format!("    ) -> Result<{response}, ApiError>");
    // Around its width rustfmt has ways of its own, found out by asking it.
    if single.len() < layout::WIDTH - 5 {
        single + " {"
    } else if single.len() <= layout::WIDTH + 2 {
        single + "\n    {"
    } else {
        format!("    ) -> Result<\n        {response},\n        ApiError,\n    > {{")
    }
}

fn method(
    operation: &Operation,
    name: &str,
    example: Option<&Example>,
    arguments: &[(String, String)],
) -> String {
    let answer = format!("Result<{}, ApiError>", operation.response_name());
    let mut list = vec!["&self".to_owned()];
    list.push(match example {
        None => "ctx: &RequestContext".to_owned(),
        Some(_) => "_ctx: &RequestContext".to_owned(),
    });
    for (name, ty) in arguments {
        // Nothing uses them yet.
        list.push(format!("_{}: {ty}", name.trim_start_matches("r#")));
    }
    let single = format!("    async fn {name}({}) -> {answer} {{", list.join(", "));
    let mut text = match single.len() <= layout::WIDTH {
        true => single,
        false => {
            let mut lines = format!("    async fn {name}(\n");
            for argument in &list {
                lines.push_str(&format!("        {argument},\n"));
            }
            lines.push_str(&ending(operation));
            lines
        }
    };
    text.push('\n');
    match example {
        None => text.push_str("        Err(ApiError::not_implemented(ctx.operation()))\n"),
        Some(example) => text.push_str(&examples::handler(operation, example)),
    }
    text.push_str("    }\n");
    text
}
