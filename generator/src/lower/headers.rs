//! Headers of responses.

use super::{Lowering, media, names, wish::Wish};
use crate::{
    diagnostic::Diagnostic,
    ir::{Header, HeaderStyle, Headers, Response, Type},
    spec::At,
};

/// Headers that HTTP or the media type of the answer decide.
const DECIDED: &[&str] = &[
    "connection",
    "content-length",
    "content-type",
    "transfer-encoding",
];

impl<'d> Lowering<'d> {
    /// The headers that a response declares.
    pub(super) fn response_headers(&mut self, response: &At<'d>, wish: &Wish) -> Vec<Header> {
        let mut headers: Vec<Header> = Vec::new();
        let mut taken = names::Taken::default();
        for (written, at) in self.map(response, "headers").iter().flat_map(At::entries) {
            let name = written.to_ascii_lowercase();
            if DECIDED.contains(&name.as_str()) || headers.iter().any(|known| known.name == name) {
                continue;
            }
            if !is_token(&name) {
                self.report(
                    Diagnostic::warning(
                        "invalid-header-name",
                        format!("`{written}` cannot be the name of a header: it is left out"),
                    )
                    .at(at.key_location()),
                );
                continue;
            }
            let Some(at) = self.resolved(&at) else {
                continue;
            };
            let (ty, style) = self.header_type(&name, &at, &wish.then(&name));
            headers.push(Header {
                rust_name: taken.claim(names::field_name(&name)),
                doc: self.doc_of(&at),
                ty,
                style,
                required: at.get("required").and_then(|at| at.as_bool()) == Some(true),
                name,
            });
        }
        headers
    }

    fn header_type(&mut self, name: &str, at: &At<'d>, wish: &Wish) -> (Type, HeaderStyle) {
        // The one header that is written several times.
        if name == "set-cookie" {
            return (Type::List(Box::new(Type::String)), HeaderStyle::Each);
        }
        let content = self.map(at, "content");
        let content = content.and_then(|content| content.entries().next());
        let (schema, style) = match content {
            Some((media_type, content)) => (
                content.get("schema"),
                match media::is_json(&media::essence(media_type)) {
                    true => HeaderStyle::Json,
                    false => HeaderStyle::Simple,
                },
            ),
            None => {
                let explode = at.get("explode").and_then(|at| at.as_bool());
                let style = match explode {
                    Some(true) => HeaderStyle::Exploded,
                    _ => HeaderStyle::Simple,
                };
                (at.get("schema"), style)
            }
        };
        let ty = match schema.map(|schema| self.type_of(&schema, wish)) {
            Some(Type::Nullable(inner)) => *inner,
            // Whatever it is, it is written as text.
            Some(Type::Any) | None => Type::String,
            Some(ty) => ty,
        };
        (ty, style)
    }
}

/// Names the structs of headers: one for the operation where all its answers have the same.
pub(super) fn name(stem: &str, responses: &mut [Response]) {
    let mut all = responses.iter().filter_map(|it| it.headers.as_ref());
    let first = all.next().map(|headers| headers.members.clone());
    let same = all.all(|headers| Some(&headers.members) == first.as_ref());
    for response in responses {
        if let Some(headers) = &mut response.headers {
            headers.name = match same {
                true => format!("{stem}Headers"),
                false => format!("{stem}{}Headers", response.status_name),
            };
        }
    }
}

/// Headers, if there are any.
pub(super) fn some(members: Vec<Header>) -> Option<Headers> {
    (!members.is_empty()).then(|| Headers {
        name: String::new(),
        members,
    })
}

fn is_token(name: &str) -> bool {
    let is_char = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_char)
}
