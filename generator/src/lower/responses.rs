//! Responses: their statuses, what these are called, and what they carry.

use super::{Lowering, contents::Side, headers, names, wish::Wish};
use crate::{
    diagnostic::Diagnostic,
    ir::{Response, Status},
    spec::At,
};

impl<'d> Lowering<'d> {
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
            let status_name = variant(status);
            let rust_name = taken.claim(status_name.clone());
            let doc = self.doc_beside(&written, &at);
            let contents = match self.may_have_body(status, &at) {
                true => self.contents(&at, &Wish::text(stem).then(&rust_name), Side::Response),
                false => Vec::new(),
            };
            let wish = Wish::text(stem).then(&rust_name).then("header");
            let members = self.response_headers(&at, &wish);
            let mut contents = contents.into_iter();
            let response = |rust_name, content| Response {
                status,
                status_name: status_name.clone(),
                rust_name,
                doc: doc.clone(),
                content,
                headers: headers::some(members.clone()),
            };
            responses.push(response(rust_name.clone(), contents.next()));
            for content in contents {
                let rust_name = taken.claim(format!("{rust_name}{}", content.rust_name));
                responses.push(response(rust_name, Some(content)));
            }
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
                status_name: variant(Status::Default),
                rust_name: variant(Status::Default),
                doc: None,
                content: None,
                headers: None,
            });
        }
        headers::name(stem, &mut responses);
        responses
    }

    /// Whether HTTP lets an answer of this status have a body.
    fn may_have_body(&mut self, status: Status, at: &At<'d>) -> bool {
        let bare = matches!(status, Status::Code(100..=199 | 204 | 205 | 304));
        if bare && let Some(content) = at.get("content") {
            self.report(
                Diagnostic::warning(
                    "body-not-allowed",
                    "an answer of this status has no body: its content is left out",
                )
                .at(content.key_location())
                .help("remove `content`, or choose another status"),
            );
        }
        !bare
    }
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
