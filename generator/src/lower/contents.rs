//! Bodies and responses: which media type is spoken, and what it carries.

use super::{Lowering, names, wish::Wish};
use crate::{
    diagnostic::Diagnostic,
    ir::{Body, Content, ContentKind, Response, Schema, Status, Type},
    spec::At,
};

impl<'d> Lowering<'d> {
    /// The body of an operation, in the one media type that is read.
    pub(super) fn body(&mut self, operation: &At<'d>, stem: &str) -> Option<Body> {
        let written = operation.get("requestBody")?;
        let at = self.resolved(&written)?;
        let content = self.content(&at, &Wish::text(stem).then("body"), true)?;
        Some(Body {
            required: at.get("required").and_then(|at| at.as_bool()) == Some(true),
            content,
            doc: self.doc_beside(&written, &at),
        })
    }

    /// The responses of an operation, in the document's order.
    pub(super) fn responses(&mut self, operation: &At<'d>, stem: &str) -> Vec<Response> {
        let mut responses: Vec<Response> = Vec::new();
        let mut taken = names::Taken::default();
        for (code, written) in self
            .map(operation, "responses")
            .iter()
            .flat_map(At::entries)
        {
            if code.starts_with("x-") {
                continue;
            }
            let Some(status) = status(code) else {
                self.report(
                    Diagnostic::error("unknown-status", format!("`{code}` is no status"))
                        .at(written.key_location())
                        .help("write three digits, a class such as `4XX`, or `default`"),
                );
                continue;
            };
            let Some(at) = self.resolved(&written) else {
                continue;
            };
            let rust_name = taken.claim(variant(status));
            let wish = Wish::text(stem).then(&rust_name).then("body");
            responses.push(Response {
                status,
                doc: self.doc_beside(&written, &at),
                content: self.content(&at, &wish, false),
                rust_name,
            });
        }
        if responses.is_empty() {
            self.report(
                Diagnostic::warning("no-responses", "no response is declared")
                    .at(operation.key_location())
                    .help(
                        "declare what the operation answers; until then it may answer any status",
                    ),
            );
            responses.push(Response {
                status: Status::Default,
                rust_name: variant(Status::Default),
                doc: None,
                content: None,
            });
        }
        responses
    }

    /// Of several media types JSON is chosen, otherwise the first.
    fn content(&mut self, at: &At<'d>, wish: &Wish, is_request: bool) -> Option<Content> {
        let all: Vec<(&str, At<'d>)> = self.map(at, "content")?.entries().collect();
        let chosen = all
            .iter()
            .position(|(media_type, _)| kind(media_type) == ContentKind::Json)
            .unwrap_or(0);
        let (media_type, chosen) = all.get(chosen)?.clone();
        let does = if is_request { "read" } else { "written" };
        if all.len() > 1 {
            let others: Vec<&str> = all
                .iter()
                .map(|(name, _)| *name)
                .filter(|name| *name != media_type)
                .collect();
            self.report(
                Diagnostic::warning(
                    "media-types-left-out",
                    format!("only {media_type} is {does} yet, not {}", others.join(", ")),
                )
                .at(chosen.key_location()),
            );
        }
        let schema_at = chosen.get("schema");
        let mut kind = kind(media_type);
        if media_type.contains('*') && schema_at.as_ref().is_some_and(|schema| is_binary(schema)) {
            kind = ContentKind::Bytes;
        }
        // A form that is no object is text that only looks like one.
        if kind == ContentKind::Form && !(is_request && self.is_form(schema_at.as_ref())) {
            kind = match is_request {
                true => ContentKind::Text,
                false => ContentKind::Bytes,
            };
        }
        let (ty, schema) = match (kind, &schema_at) {
            (ContentKind::Json | ContentKind::Form, Some(schema)) => (
                self.type_of(schema, wish),
                match is_request {
                    true => self.check(schema),
                    // What the service itself says is not checked.
                    false => Schema::default(),
                },
            ),
            (ContentKind::Json | ContentKind::Form, None) => (Type::Any, Schema::default()),
            (ContentKind::Text, _) => (Type::String, Schema::default()),
            (ContentKind::Bytes, _) => (Type::Bytes, Schema::default()),
        };
        if kind == ContentKind::Bytes && is_structured(media_type) {
            self.report(
                Diagnostic::warning(
                    "media-type-not-read",
                    format!("{media_type} is not {does} as types yet: the handler has its bytes"),
                )
                .at(chosen.key_location()),
            );
        }
        Some(Content {
            media_type: spoken(media_type, kind),
            encodings: match kind {
                ContentKind::Form => self.encodings(&chosen),
                _ => Vec::new(),
            },
            kind,
            ty,
            schema,
        })
    }
}

/// How a media type is read and written.
fn kind(media_type: &str) -> ContentKind {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    match essence.as_str() {
        "application/json" | "text/json" | "*/*" | "application/*" => ContentKind::Json,
        other if other.ends_with("+json") => ContentKind::Json,
        "application/x-www-form-urlencoded" => ContentKind::Form,
        "text/event-stream" => ContentKind::Bytes,
        other if other.starts_with("text/") => ContentKind::Text,
        _ => ContentKind::Bytes,
    }
}

/// The media type as it is sent.
fn spoken(media_type: &str, kind: ContentKind) -> String {
    let sendable = !media_type.contains('*')
        && media_type.contains('/')
        && media_type.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    match kind {
        _ if sendable => media_type.trim().to_owned(),
        ContentKind::Json => "application/json".to_owned(),
        ContentKind::Form => "application/x-www-form-urlencoded".to_owned(),
        ContentKind::Text => "text/plain; charset=utf-8".to_owned(),
        ContentKind::Bytes => "application/octet-stream".to_owned(),
    }
}

/// Media types with members that the schema describes.
fn is_structured(media_type: &str) -> bool {
    ["form", "multipart", "xml", "event-stream", "ndjson"]
        .iter()
        .any(|word| media_type.contains(word))
}

fn is_binary(schema: &At<'_>) -> bool {
    schema.get("format").and_then(|at| at.as_str()) == Some("binary")
}

/// Whether a media type of the document became this content.
pub(super) fn is_spoken_as(media_type: &str, content: &Content) -> bool {
    spoken(media_type, content.kind) == content.media_type
}

pub(super) fn status(code: &str) -> Option<Status> {
    if code.eq_ignore_ascii_case("default") {
        return Some(Status::Default);
    }
    let class = code.strip_suffix("XX").or_else(|| code.strip_suffix("xx"));
    if let Some(class) = class {
        let class: u8 = class.parse().ok()?;
        return (1..=5).contains(&class).then_some(Status::Range(class));
    }
    let code: u16 = code.parse().ok()?;
    (100..=599).contains(&code).then_some(Status::Code(code))
}

/// The variant of a response: what its status is called.
fn variant(status: Status) -> String {
    match status {
        Status::Default => "Default".to_owned(),
        Status::Range(1) => "Informational".to_owned(),
        Status::Range(2) => "Success".to_owned(),
        Status::Range(3) => "Redirection".to_owned(),
        Status::Range(4) => "ClientError".to_owned(),
        Status::Range(_) => "ServerError".to_owned(),
        Status::Code(code) => match reason(code) {
            Some(reason) => names::pascal(reason),
            None => format!("Status{code}"),
        },
    }
}

/// The phrase that the registry of statuses has.
fn reason(code: u16) -> Option<&'static str> {
    Some(match code {
        100 => "Continue",
        101 => "Switching Protocols",
        102 => "Processing",
        103 => "Early Hints",
        200 => "Ok",
        201 => "Created",
        202 => "Accepted",
        203 => "Non Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi Status",
        208 => "Already Reported",
        226 => "Im Used",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        414 => "Uri Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        418 => "Im A Teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Entity",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "Http Version Not Supported",
        506 => "Variant Also Negotiates",
        507 => "Insufficient Storage",
        508 => "Loop Detected",
        510 => "Not Extended",
        511 => "Network Authentication Required",
        _ => return None,
    })
}
