//! `src/handlers`: what the person starts from. Laid out as rustfmt would, because it is theirs
//! from the first day on.

use super::{
    arguments::{Argument, Arguments},
    examples, layout,
    types::Scope,
};
use crate::{
    ir::{Api, Operation, Service},
    render::filters::one_line,
};

/// Paths and texts of the person's files.
pub(super) fn files(service: &Service) -> Vec<(String, String)> {
    let scope = Scope::outside(&service.models);
    let mut modules: Vec<&str> = service.apis.iter().map(|api| api.module.as_str()).collect();
    modules.sort_unstable();
    let mut root = String::from("//! What answers the operations: one file for each tag.\n");
    if !modules.is_empty() {
        root.push('\n');
    }
    for module in modules {
        root.push_str(&format!("mod {module};\n"));
    }
    let mut files = vec![("src/handlers/mod.rs".to_owned(), root)];
    for api in &service.apis {
        files.push((format!("src/handlers/{}.rs", api.module), file(scope, api)));
    }
    files
}

fn file(scope: Scope<'_>, api: &Api) -> String {
    let mut names = vec![api.trait_name.clone()];
    let mut methods = Vec::new();
    let mut uses_models = false;
    let mut uses_maps = false;
    for operation in &api.operations {
        names.push(operation.response_name());
        let arguments = Arguments::of(operation);
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
        let list: Vec<(String, String)> = arguments
            .list()
            .iter()
            .map(|Argument { name, ty }| (name.clone(), layout::plain(&ty.tokens(scope))))
            .collect();
        uses_models |= list.iter().any(|(_, ty)| ty.contains("models::"));
        uses_maps |= list.iter().any(|(_, ty)| ty.contains("BTreeMap<"));
        methods.push(method(operation, &list));
    }
    let body = methods.join("\n");
    let responses = api.operations.iter().flat_map(|it| &it.responses);
    for headers in responses.filter_map(|it| it.headers.as_ref()) {
        let name = &headers.name;
        if !names.contains(name) && body.contains(&format!("let headers = {name}")) {
            names.push(name.clone());
        }
    }
    let mut text = format!(
        "//! Handlers of {}.\n\n",
        one_line(&layout::quoted(&api.tag))
    );
    if uses_maps {
        text.push_str("use std::collections::BTreeMap;\n\n");
    }
    let mut of_service = vec!["ApiError", "RequestContext"];
    if body.contains("service::") {
        of_service.push("self");
    }
    text.push_str(&layout::import("failsafe_runtime::service", &of_service));
    text.push_str("\nuse crate::App;\n");
    let path = format!("crate::generated::apis::{}", api.module);
    text.push_str(&layout::import(&path, &names));
    if body.contains("examples::") {
        let module = &api.module;
        text.push_str(&format!(
            "use crate::generated::examples::{module} as examples;\n"
        ));
    }
    if uses_models {
        text.push_str("use crate::generated::models;\n");
    }
    text.push_str(&format!("\nimpl {} for App {{\n", api.trait_name));
    text.push_str(&body);
    text.push_str("}\n");
    text
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

fn method(operation: &Operation, arguments: &[(String, String)]) -> String {
    let answer = format!("Result<{}, ApiError>", operation.response_name());
    let name = &operation.rust_name;
    let mut list = vec!["&self".to_owned()];
    list.push(match operation.example {
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
    match &operation.example {
        None => text.push_str("        Err(ApiError::not_implemented(ctx.operation()))\n"),
        Some(example) => text.push_str(&examples::handler(operation, example)),
    }
    text.push_str("    }\n");
    text
}
