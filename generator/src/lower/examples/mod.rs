//! What the operations answer until their handlers are written.
//!
//! The document's own examples come first: of the media type, then of the schema; where none
//! fits, a value is made that does. Everything is checked here, against the tables that the
//! service checks requests with, so that a service never meets an example that it cannot read.

mod facets;
mod fallbacks;
mod fits;
mod make;
mod pattern;
mod scalars;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::{fits::fits, make::Maker};
use super::{Lowering, json, media, responses, schemas::Draft};
use crate::{
    diagnostic::Diagnostic,
    ir::{
        Api, Example, ExampleBody, HeaderStyle, JsonType, ModelId, Operation, Response, Schema,
        Shown, ShownValue, Status,
    },
    options::Stubs,
    spec::At,
};

/// The schemas of all models.
#[derive(Clone, Copy, Debug)]
struct Tables<'s> {
    drafts: &'s [Draft<'s>],
}

impl<'s> Tables<'s> {
    fn schema(self, id: ModelId) -> &'s Schema {
        &self.drafts[id.0].schema
    }

    /// The schema itself, or the one at the end of its references.
    fn own(self, mut schema: &'s Schema) -> &'s Schema {
        // A circle of references has been reported, and stands for anything.
        for _ in 0..self.drafts.len() {
            match schema.reference {
                Some(id) => schema = self.schema(id),
                None => break,
            }
        }
        schema
    }
}

/// Whether a value fits a schema.
pub(super) fn is_fit(drafts: &[Draft<'_>], schema: &Schema, value: &Value) -> bool {
    fits(Tables { drafts }, schema, value).is_ok()
}

/// A value that fits a schema, where one is found.
#[cfg(test)]
pub(super) fn made(drafts: &[Draft<'_>], schema: &Schema) -> Option<Value> {
    Maker::new(Tables { drafts }).value(schema)
}

/// One response that an operation could answer.
struct Offer {
    response: usize,
    status: u16,
    /// Its schema, and whether it is written as JSON here.
    content: Option<(bool, Schema)>,
    /// The examples of its media type.
    shown: Vec<ShownValue>,
    /// The headers that have to be there.
    headers: Vec<Offered>,
}

/// A header that an answer has to have.
struct Offered {
    /// Its place among those of the response.
    index: usize,
    schema: Schema,
    shown: Vec<ShownValue>,
}

impl<'d> Lowering<'d> {
    /// Gives every operation its example.
    pub(super) fn examples(&mut self, apis: &mut [Api]) {
        let mut found = Vec::new();
        for operation in apis.iter_mut().flat_map(|api| &mut api.operations) {
            let offers = self.offers(operation);
            let tables = Tables {
                drafts: &self.arena.drafts,
            };
            let example = offers
                .iter()
                .find_map(|offer| example(tables, offer, &mut found));
            if example.is_none() {
                found.push(
                    Diagnostic::warning(
                        "no-example",
                        format!("no value was found that `{}` could answer", operation.id),
                    )
                    .at(operation.location.clone())
                    .help("write an `example` beside the schema; until then it answers 501"),
                );
            }
            operation.example = example;
        }
        for diagnostic in found {
            self.report(diagnostic);
        }
    }

    /// What the operation could answer, the best first: success, where it is declared at all.
    fn offers(&mut self, operation: &Operation) -> Vec<Offer> {
        let mut order: Vec<usize> = (0..operation.responses.len()).collect();
        order.sort_by_key(|index| rank(operation.responses[*index].status));
        let best = order
            .first()
            .map(|first| rank(operation.responses[*first].status));
        if best.is_some_and(|best| best <= rank(Status::Default)) {
            order.retain(|index| rank(operation.responses[*index].status) <= rank(Status::Default));
        }
        let offers = order
            .into_iter()
            .map(|index| self.offer_of(operation, index));
        offers.collect()
    }

    /// One response, by its place.
    fn offer_of(&mut self, operation: &Operation, index: usize) -> Offer {
        let root = self.document.root_of(operation.location.file);
        let responses = root
            .at_pointer(&operation.location.pointer)
            .and_then(|at| self.map(&at, "responses"));
        let response = &operation.responses[index];
        let written = responses.iter().flat_map(At::entries);
        let written = written
            .filter(|(code, _)| responses::status(code) == Some(response.status))
            .find_map(|(_, at)| self.resolved(&at));
        self.offer(index, response, written.as_ref())
    }

    fn offer(&mut self, index: usize, response: &Response, written: Option<&At<'d>>) -> Offer {
        let media = response.content.as_ref().and_then(|content| {
            let all = self.map(written?, "content")?;
            let mut all = all.entries();
            all.find(|(name, _)| media::is_spoken_as(name, content))
                .map(|(_, at)| at)
        });
        let content = response.content.as_ref().map(|content| {
            let schema = media
                .as_ref()
                .and_then(|media| media.get("itemSchema").or_else(|| media.get("schema")));
            let schema = schema.map_or_else(Schema::default, |at| self.check(&at));
            (content.is_value(), schema)
        });
        Offer {
            response: index,
            status: match response.status {
                Status::Code(code) => code,
                Status::Range(class) => u16::from(class) * 100,
                Status::Default => 200,
            },
            content,
            headers: written.map_or_else(Vec::new, |at| self.offered_headers(response, at)),
            shown: media.map_or_else(Vec::new, |media| self.shown_beside(&media)),
        }
    }

    fn offered_headers(&mut self, response: &Response, written: &At<'d>) -> Vec<Offered> {
        let declared = response.headers.iter().flat_map(|it| &it.members);
        let required = declared.enumerate().filter(|(_, header)| header.required);
        let mut offered = Vec::new();
        for (index, header) in required {
            let all = self.map(written, "headers");
            let mut all = all.iter().flat_map(At::entries);
            let at = all.find(|(name, _)| name.eq_ignore_ascii_case(&header.name));
            let Some(at) = at.and_then(|(_, at)| self.resolved(&at)) else {
                continue;
            };
            let content = self.map(&at, "content");
            let content = content.and_then(|it| it.entries().next());
            let holder = content.map_or_else(|| at.clone(), |(_, media)| media);
            let schema = holder.get("schema");
            let schema = schema.map_or_else(Schema::default, |at| self.check(&at));
            // The header that is written several times is a list of what its schema describes.
            let schema = match header.style {
                HeaderStyle::Each => Schema {
                    types: vec![JsonType::Array],
                    items: Some(Box::new(schema)),
                    ..Schema::default()
                },
                _ => schema,
            };
            offered.push(Offered {
                index,
                schema,
                shown: self.shown_beside(&holder),
            });
        }
        offered
    }

    /// The examples of a media type or a header.
    fn shown_beside(&mut self, media: &At<'d>) -> Vec<ShownValue> {
        let mut written: Vec<At<'d>> = media.get("example").into_iter().collect();
        for (_, example) in self.map(media, "examples").iter().flat_map(At::entries) {
            written.extend(self.resolved(&example).and_then(|at| at.get("value")));
        }
        written.iter().map(example_at).collect()
    }

    /// What a schema shows of itself; nothing where nobody asks.
    pub(super) fn shown(&self, at: &At<'d>) -> Shown {
        if self.stubs != Stubs::Example {
            return Shown::default();
        }
        let single = at.get("example").into_iter();
        let several = at.get("examples").into_iter().flat_map(|list| list.items());
        let mut shown: Vec<ShownValue> = single.chain(several).map(|at| example_at(&at)).collect();
        let default = at.get("default").map(|at| json::value(at.node()));
        // An empty list or object fits and shows nothing.
        let telling = default.filter(|it| it.is_string() || it.is_number() || it.is_boolean());
        shown.extend(telling.map(|value| ShownValue {
            value,
            example: None,
        }));
        Shown(shown)
    }
}

fn example_at(at: &At<'_>) -> ShownValue {
    ShownValue {
        value: json::value(at.node()),
        example: Some(at.location()),
    }
}

/// Success first, then what may be one.
fn rank(status: Status) -> u8 {
    match status {
        Status::Code(200..=299) => 0,
        Status::Range(2) => 1,
        Status::Default => 2,
        Status::Code(300..=399) | Status::Range(3) => 3,
        _ => 4,
    }
}

fn example(tables: Tables<'_>, offer: &Offer, found: &mut Vec<Diagnostic>) -> Option<Example> {
    let body = match &offer.content {
        None => None,
        Some((is_value, schema)) => {
            let value = chosen(tables, schema, &offer.shown, found)?;
            Some(match (is_value, value) {
                (true, value) => ExampleBody::Json(value),
                (_, Value::String(text)) => ExampleBody::Text(text),
                (_, other) => ExampleBody::Text(other.to_string()),
            })
        }
    };
    let headers = offer.headers.iter().map(|header| {
        let value = chosen(tables, &header.schema, &header.shown, found)?;
        Some((header.index, value))
    });
    Some(Example {
        response: offer.response,
        status: offer.status,
        headers: headers.collect::<Option<_>>()?,
        body,
    })
}

/// The first example that fits, or a value that is made to.
fn chosen(
    tables: Tables<'_>,
    schema: &Schema,
    shown: &[ShownValue],
    found: &mut Vec<Diagnostic>,
) -> Option<Value> {
    if let Some(value) = shown_value(tables, schema, shown, found) {
        return Some(value);
    }
    let mut maker = Maker::new(tables);
    let value = maker.value(schema);
    found.extend(maker.misfits);
    value
}

/// The first of the values that fits; of the examples that do not, the place is noted.
fn shown_value<'a>(
    tables: Tables<'_>,
    schema: &Schema,
    shown: impl IntoIterator<Item = &'a ShownValue>,
    found: &mut Vec<Diagnostic>,
) -> Option<Value> {
    shown.into_iter().find_map(|shown| {
        match (fits(tables, schema, &shown.value), &shown.example) {
            (Ok(()), _) => return Some(shown.value.clone()),
            (Err(misfit), Some(location)) => {
                let place = match misfit.pointer.as_str() {
                    "" => String::new(),
                    pointer => format!("{pointer} "),
                };
                found.push(
                    Diagnostic::warning(
                        "example-does-not-fit",
                        format!(
                            "the example does not fit its schema: {place}{}",
                            misfit.words
                        ),
                    )
                    .at(location.clone())
                    .help("correct one of the two; until then another value is answered"),
                );
            }
            (Err(_), None) => {}
        }
        None
    })
}
