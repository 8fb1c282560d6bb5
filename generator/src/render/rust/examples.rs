//! `src/generated/examples`: the answers of handlers that nobody has written yet, and the lines
//! that give them.

use serde_json::Value;

use super::{layout, types::shouty};
use crate::{
    ir::{Api, ContentKind, Example, ExampleBody, Headers, Operation, Service, Status},
    render::{RenderError, filters::rust_string},
};

/// Adds the files of all APIs and the module that gathers them.
pub(super) fn render(
    service: &Service,
    add: &mut dyn FnMut(&str, String) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let mut modules = Vec::new();
    for api in service.apis.iter().filter(|api| has_texts(api)) {
        add(&format!("examples/{}.rs", api.module), file(api))?;
        modules.push(api.module.as_str());
    }
    if modules.is_empty() {
        return Ok(());
    }
    modules.sort_unstable();
    let mut root = String::from(
        "//! What the operations answer until their handlers are written: the document's examples, and\n\
         //! values made to fit where it has none.\n\n",
    );
    for module in modules {
        root.push_str(&format!("pub mod {module};\n"));
    }
    add("examples/mod.rs", root)
}

/// Whether any operation of the service has the text of an answer.
pub(in crate::render) fn is_needed(service: &Service) -> bool {
    service.apis.iter().any(has_texts)
}

/// The same of one API.
pub(super) fn has_texts(api: &Api) -> bool {
    api.operations
        .iter()
        .any(|operation| text(operation).is_some())
}

fn text(operation: &Operation) -> Option<String> {
    match operation.example.as_ref()?.body.as_ref()? {
        ExampleBody::Json(value) => {
            Some(serde_json::to_string_pretty(value).expect("a JSON value is JSON"))
        }
        ExampleBody::Text(text) => Some(text.clone()),
    }
}

fn file(api: &Api) -> String {
    let mut file = layout::module_docs(&format!("Answers of {}.", layout::quoted(&api.tag)));
    for operation in &api.operations {
        let Some(text) = text(operation) else {
            continue;
        };
        file.push_str(&format!(
            "\n/// Of {}.\npub const {}: &str = {};\n",
            layout::quoted(&operation.id),
            shouty(&operation.type_stem),
            literal(&text),
        ));
    }
    file
}

/// A text as a person would paste it into Rust; one with invisible characters as an escaped one.
fn literal(text: &str) -> String {
    let is_visible = |c: char| c == '\n' || !(c.is_control() || is_invisible(c));
    if !text.chars().all(is_visible) || !text.contains(['"', '\\', '\n']) {
        return rust_string(text);
    }
    // As many marks as no quote of the text has behind it.
    let behind = |rest: &str| rest.bytes().take_while(|byte| *byte == b'#').count() + 1;
    let marks = text.split('"').skip(1).map(behind).max().unwrap_or(0);
    let marks = "#".repeat(marks);
    format!("r{marks}\"{text}\"{marks}")
}

/// Characters that make a line look like another one.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The lines of a handler that answers its example, as rustfmt would have them.
pub(super) fn handler(operation: &Operation, example: &Example) -> String {
    let response = &operation.responses[example.response];
    let mut lines = String::new();
    let mut members = Vec::new();
    if !matches!(response.status, Status::Code(_)) {
        lines.push_str(&bound(
            "status",
            "service::status",
            &example.status.to_string(),
            "",
        ));
        members.push("status");
    }
    let name = format!("examples::{}", shouty(&operation.type_stem));
    if let (Some(content), Some(_)) = (&response.content, &example.body) {
        let (function, mark) = match content.kind() {
            ContentKind::Lines => ("service::JsonLines::example", "?"),
            ContentKind::Events => ("service::EventStream::example", "?"),
            ContentKind::Bytes => ("service::Payload::from", ""),
            _ if content.is_value() => ("service::example", "?"),
            ContentKind::Text => ("String::from", ""),
            _ => ("Vec::from", ""),
        };
        lines.push_str(&bound("body", function, &name, mark));
        members.push("body");
    }
    if let Some(headers) = &response.headers {
        lines.push_str(&self::headers(headers, &example.headers));
        members.push("headers");
    }
    let variant = format!("{}::{}", operation.response_name(), response.rust_name);
    lines.push_str(&answered(&variant, &members.join(", ")));
    lines
}

/// The headers of an answer: those that have to be there by their examples, the others not at all.
fn headers(headers: &Headers, shown: &[(usize, Value)]) -> String {
    let name = &headers.name;
    if shown.is_empty() {
        return format!("        let headers = {name}::default();\n");
    }
    let mut lines = format!("        let headers = {name} {{\n");
    for (index, header) in headers.members.iter().enumerate() {
        let field = &header.rust_name;
        let example = shown.iter().find(|(at, _)| *at == index);
        let line = match example.map(|(_, value)| rust_string(&value.to_string())) {
            Some(json) => format!("            {field}: service::example({json})?,\n"),
            None => format!("            {field}: None,\n"),
        };
        match line.len() > layout::WIDTH + 1 {
            true => lines.push_str(&line.replacen(": service", ":\n                service", 1)),
            false => lines.push_str(&line),
        }
    }
    lines.push_str("        };\n");
    lines
}

/// A variable that a function of one argument gives.
fn bound(variable: &str, function: &str, argument: &str, mark: &str) -> String {
    let single = format!("        let {variable} = {function}({argument}){mark};\n");
    let below = format!("            {function}({argument}){mark};\n");
    let inside = format!("            {argument},\n");
    let fits = |text: &str| text.len() <= layout::WIDTH + 1;
    if fits(&single) || !fits(&inside) {
        single
    } else if fits(&below) {
        format!("        let {variable} =\n{below}")
    } else {
        format!("        let {variable} = {function}(\n{inside}        ){mark};\n")
    }
}

/// The last line. rustfmt breaks a call inside a call in ways that depend on both lengths.
fn answered(variant: &str, members: &str) -> String {
    /// The width of what stands between a call's parentheses.
    const CALL_WIDTH: usize = 60;
    if members.is_empty() {
        return format!("        Ok({variant})\n");
    }
    let call = format!("{variant}({members})");
    let single = format!("        Ok({call})\n");
    let inside = format!("            {variant}(\n");
    if call.len() > CALL_WIDTH && variant.len() < CALL_WIDTH {
        format!("        Ok({variant}(\n            {members},\n        ))\n")
    } else if single.len() <= layout::WIDTH || inside.len() > layout::WIDTH + 1 {
        single
    } else {
        format!("        Ok(\n{inside}                {members},\n            ),\n        )\n")
    }
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn no_text_ends_its_literal() {
        for text in [
            "",
            "a",
            "\"",
            "\"#",
            "#\"##\"#",
            "a\nb",
            "\\",
            "\u{202e}",
            "\r",
            "{\"a\": \"\\\"#\"}",
        ] {
            let written: syn::LitStr = syn::parse_str(&literal(text)).expect(text);
            assert_eq!(written.value(), text, "{}", literal(text));
        }
    }
}
