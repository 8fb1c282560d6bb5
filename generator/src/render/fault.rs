//! What is wrong with a template of the person's: the place in it, and what was likely meant.

use std::{error::Error as _, ops::Range};

use minijinja::{Error, ErrorKind, Value};

use super::filters;
use crate::{
    diagnostic::{Diagnostic, nearest},
    templates::{Own, Template},
};

/// What is said of a value that no filter has seen.
pub(super) const UNFINISHED: &str = "a filter must say how to print";

/// The diagnostic of an error; none where no template of the person's is concerned.
pub(super) fn of(error: &Error, own: &Own, context: &Value) -> Option<Diagnostic> {
    // What a template includes is at the end of the chain, where the fault is.
    let mut found = None;
    let mut cause: Option<&Error> = Some(error);
    while let Some(error) = cause {
        let template = error.name().and_then(|name| own.get(name));
        found = template.map(|template| (template, error)).or(found);
        cause = error.source().and_then(|source| source.downcast_ref());
    }
    let (template, error) = found?;
    let range = match error.kind() {
        ErrorKind::UndefinedError => error.range().map(|range| path(&template.text, range)),
        _ => error.range(),
    };
    let source = (range.clone()).and_then(|range| template.text.get(range));
    let location = match range.filter(|_| source.is_some_and(|source| !source.is_empty())) {
        Some(range) => template.at(range.start, range.end),
        None => template.line(error.line().unwrap_or(1)),
    };
    let code = match error.kind() {
        ErrorKind::SyntaxError => "template-syntax",
        ErrorKind::UndefinedError => "template-unknown-variable",
        ErrorKind::UnknownFilter => "template-unknown-filter",
        _ => "template-render",
    };
    let message = match (error.kind(), source) {
        (ErrorKind::UndefinedError, Some(source)) => format!("there is no `{source}`"),
        _ => message(error),
    };
    let found = Diagnostic::error(code, message).at(location);
    Some(match help(error, template, source, context) {
        Some(help) => found.help(help),
        None => found,
    })
}

/// The whole of a variable: an error may be about its last part, or about the filter behind it.
fn path(text: &str, range: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let is_part = |&byte: &u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    let mut end = range.end.min(bytes.len());
    let mut start = range.start.min(end);
    let before = text.get(..start).unwrap_or_default().trim_end();
    if let Some(piped) = before.strip_suffix('|') {
        end = piped.trim_end().len();
        start = end;
    }
    while start > 0 && is_part(&bytes[start - 1]) {
        start -= 1;
    }
    start..end
}

/// The innermost reason, as a fragment.
fn message(error: &Error) -> String {
    let reason = |error: &Error| match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    };
    let mut message = reason(error);
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error
            .downcast_ref::<Error>()
            .map_or_else(|| error.to_string(), reason);
        message = format!("{message}: {reason}");
        cause = error.source();
    }
    message
}

fn help(
    error: &Error,
    template: &Template,
    source: Option<&str>,
    context: &Value,
) -> Option<String> {
    match error.kind() {
        ErrorKind::UndefinedError => {
            let near = source.and_then(|source| variable(source, context));
            Some(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "`README.md` of `failsafe templates export DIR` lists what there is".to_owned()
                }
            })
        }
        ErrorKind::UnknownFilter => {
            let name = error.detail()?.split_whitespace().nth(1)?;
            let near = nearest(name, filters::NAMES.iter().copied());
            Some(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the filters for text are {}", filters::NAMES.join(", ")),
            })
        }
        ErrorKind::TemplateNotFound => Some(format!(
            "what `{}` includes is looked for from the folder's root, as in `partials/name.j2`",
            template.name
        )),
        ErrorKind::InvalidOperation => {
            let is_bare = error.detail().is_some_and(|it| it.starts_with(UNFINISHED));
            let source = source.filter(|_| is_bare)?;
            Some(format!(
                "write `{{{{ {source}|comment }}}}`, or whichever of {} is for the place where it \
                 goes",
                filters::NAMES.join(", ")
            ))
        }
        _ => None,
    }
}

/// The variable nearest to one that is not there: `tree.titel` is `tree.title`.
fn variable(source: &str, context: &Value) -> Option<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let path: &str = source
        .split(|c| !is_part(c))
        .find(|part| !part.is_empty())?;
    let mut value = context.clone();
    let mut known = String::new();
    for part in path.split('.') {
        let next = value.get_attr(part).unwrap_or_default();
        if next.is_undefined() {
            let names: Vec<String> = value.try_iter().ok()?.map(|it| it.to_string()).collect();
            let near = nearest(part, names.iter().map(String::as_str))?;
            return Some(format!("{known}{near}"));
        }
        known.push_str(part);
        known.push('.');
        value = next;
    }
    None
}
