//! Forms: `application/x-www-form-urlencoded` bodies, and how their properties are written.

use super::Lowering;
use crate::{
    ir::{Encoding, JsonType, Style},
    spec::At,
};

impl<'d> Lowering<'d> {
    /// Whether a schema describes fields. Without a schema there are fields of any name.
    pub(super) fn is_form(&mut self, schema: Option<&At<'d>>) -> bool {
        let Some(at) = schema.and_then(|schema| self.resolved(schema)) else {
            return true;
        };
        self.types(&at).iter().all(|ty| *ty == JsonType::Object)
    }

    /// The properties of a form that are not written as usual.
    pub(super) fn encodings(&mut self, content: &At<'d>) -> Vec<Encoding> {
        let written = self.map(content, "encoding");
        let mut encodings = Vec::new();
        for (property, at) in written.iter().flat_map(At::entries) {
            let text = |key: &str| at.get(key).and_then(|at| at.as_str());
            let explode = at.get("explode").and_then(|at| at.as_bool());
            let style = match text("style") {
                Some("form") => Some(Style::Form),
                Some("spaceDelimited") => Some(Style::SpaceDelimited),
                Some("pipeDelimited") => Some(Style::PipeDelimited),
                Some("deepObject") => Some(Style::DeepObject),
                // `explode` alone speaks of the default style.
                _ if explode.is_some() => Some(Style::Form),
                _ => text("contentType")
                    .filter(|it| it.contains("json"))
                    .map(|_| Style::Json),
            };
            if let Some(style) = style {
                encodings.push(Encoding {
                    property: property.to_owned(),
                    style,
                    explode: explode.unwrap_or(style.explodes()),
                });
            }
        }
        encodings
    }
}
