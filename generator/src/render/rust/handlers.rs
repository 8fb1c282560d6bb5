//! `src/handlers`: what the person starts from. Laid out as rustfmt would, because it is theirs
//! from the first day on.

use super::{
    arguments::{Argument, Arguments},
    layout,
    types::Scope,
};
use crate::{
    ir::{Api, Operation, Service},
    render::filters::one_line,
};

/// Paths and texts of the person's files.
pub(super) fn files(service: &Service) -> Vec<(String, String)> {
    let scope = Scope {
        models: &service.models,
        inside: None,
    };
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
        let list: Vec<(String, String)> = arguments
            .list()
            .iter()
            .map(|Argument { name, ty }| (name.clone(), layout::plain(&ty.tokens(scope))))
            .collect();
        uses_models |= list.iter().any(|(_, ty)| ty.contains("models::"));
        uses_maps |= list.iter().any(|(_, ty)| ty.contains("BTreeMap<"));
        methods.push(method(operation, &list));
    }
    let mut text = format!(
        "//! Handlers of {}.\n\n",
        one_line(&layout::quoted(&api.tag))
    );
    if uses_maps {
        text.push_str("use std::collections::BTreeMap;\n\n");
    }
    text.push_str("use failsafe_runtime::service::{ApiError, RequestContext};\n\n");
    text.push_str("use crate::App;\n");
    let path = format!("crate::generated::apis::{}", api.module);
    text.push_str(&layout::import(&path, &names));
    if uses_models {
        text.push_str("use crate::generated::models;\n");
    }
    text.push_str(&format!("\nimpl {} for App {{\n", api.trait_name));
    text.push_str(&methods.join("\n"));
    text.push_str("}\n");
    text
}

fn method(operation: &Operation, arguments: &[(String, String)]) -> String {
    let answer = format!("Result<{}, ApiError>", operation.response_name());
    let name = &operation.rust_name;
    let mut list = vec!["&self".to_owned(), "ctx: &RequestContext".to_owned()];
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
            lines.push_str(&format!("    ) -> {answer} {{"));
            lines
        }
    };
    text.push_str("\n        Err(ApiError::not_implemented(ctx.operation()))\n    }\n");
    text
}
