//! Which OpenAPI a document says it is.

use std::fmt;

use super::node::{FileId, Kind, Node};
use super::object::Object;
use crate::diagnostic::{Diagnostic, Location};

/// A version that is read; its patch releases differ in wording alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenApiVersion {
    V3_0,
    #[default]
    V3_1,
}

impl fmt::Display for OpenApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V3_0 => "3.0",
            Self::V3_1 => "3.1",
        })
    }
}

/// Reads `openapi` at the root of a document, with a warning where it says something else.
pub(super) fn read(root: &mut Node) -> Result<(OpenApiVersion, Option<Diagnostic>), Diagnostic> {
    let said = called_swagger(root);
    let (version, is_newer) = version(root)?;
    let newer = is_newer.map(|at| {
        Diagnostic::warning("newer-version", "OpenAPI 3.2 is read as 3.1")
            .at(at)
            .help(
                "what 3.2 has more is not read: `query` and `additionalOperations`, `in: querystring`, \
                 `prefixEncoding`, `itemEncoding` and `mediaTypes`; only `itemSchema` is",
            )
    });
    Ok((version, said.or(newer)))
}

/// Some tools write `swagger: 3.0.0`, and mean it.
fn called_swagger(root: &mut Node) -> Option<Diagnostic> {
    let Kind::Object(object) = &mut root.kind else {
        return None;
    };
    let swagger = object.get("swagger")?;
    let text = match &swagger.value.kind {
        Kind::String(text) => text,
        Kind::Number(number) => &number.text,
        _ => return None,
    };
    if !text.trim().starts_with("3.") || object.contains_key("openapi") {
        return None;
    }
    let found = Diagnostic::warning("misspelt-key", "`swagger` is read as `openapi`")
        .at(Location {
            file: FileId(0),
            span: swagger.key_span,
            pointer: "/openapi".into(),
        })
        .help(format!("write `openapi: {}`", text.trim().escape_debug()));
    object.rename("swagger", "openapi");
    Some(found)
}

/// The version, and where it is written if it is a newer one.
fn version(root: &Node) -> Result<(OpenApiVersion, Option<Location>), Diagnostic> {
    let place = |span, pointer: &str| Location {
        file: FileId(0),
        span,
        pointer: pointer.into(),
    };
    let Kind::Object(object) = &root.kind else {
        return Err(
            Diagnostic::error("not-openapi", "an OpenAPI document is an object")
                .at(place(root.span, ""))
                .help("a document begins with `openapi: 3.1.0`, `info:` and `paths:`"),
        );
    };
    let Some(entry) = object.get("openapi") else {
        return Err(without_version(object, root, place));
    };
    let at = place(entry.value.span, "/openapi");
    let text = match &entry.value.kind {
        Kind::String(text) => text,
        // `openapi: 3.1` without quotes.
        Kind::Number(number) => &number.text,
        _ => {
            return Err(
                Diagnostic::error("openapi-version", "`openapi` must be a text")
                    .at(at)
                    .help("write `openapi: 3.1.0` or `openapi: 3.0.3`"),
            );
        }
    };
    // `v3.0.1` and ` 3.0.1` are one of them, and `3` is the first.
    let plain = text.trim().trim_start_matches(['v', 'V']);
    let mut parts = plain.split('.');
    match (parts.next(), parts.next()) {
        (Some("3"), Some("0") | None) => Ok((OpenApiVersion::V3_0, None)),
        (Some("3"), Some("1")) => Ok((OpenApiVersion::V3_1, None)),
        (Some("3"), Some("2")) => Ok((OpenApiVersion::V3_1, Some(at))),
        _ => Err(Diagnostic::error(
            "openapi-version",
            format!(
                "only OpenAPI 3.0 and 3.1 are read, this is `{}`",
                text.escape_debug()
            ),
        )
        .at(at)
        .help("write the document in OpenAPI 3.1 and say `openapi: 3.1.0`")),
    }
}

fn without_version(
    object: &Object,
    root: &Node,
    place: impl Fn(super::Span, &str) -> Location,
) -> Diagnostic {
    if let Some(swagger) = object.get("swagger") {
        return Diagnostic::error(
            "swagger-2",
            "this is a Swagger 2.0 document; OpenAPI 3 is read",
        )
        .at(place(swagger.key_span, "/swagger"))
        .help("convert it once: `npx swagger2openapi old.yaml -o api.yaml`");
    }
    if let Some(other) = object.get("asyncapi") {
        return Diagnostic::error(
            "not-openapi",
            "this is an AsyncAPI document; OpenAPI is read",
        )
        .at(place(other.key_span, "/asyncapi"));
    }
    let first = object
        .values()
        .next()
        .map_or(root.span, |entry| entry.key_span);
    Diagnostic::error(
        "not-openapi",
        "the document does not say which OpenAPI it is",
    )
    .at(place(first, ""))
    .help("begin it with `openapi: 3.1.0`")
}
