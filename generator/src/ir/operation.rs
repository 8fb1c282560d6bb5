//! Operations, grouped into APIs.

use super::{Body, Content, Example, Headers, Policy, Presence, Requirement, Schema, Type};
use crate::diagnostic::Location;

/// The operations of one tag: a trait, a handler file.
#[derive(Clone, Debug)]
pub struct Api {
    /// The tag as it is written.
    pub tag: String,
    /// `InventoriesApi`
    pub trait_name: String,
    /// `inventories`
    pub module: String,
    pub doc: Option<String>,
    pub operations: Vec<Operation>,
}

#[derive(Clone, Debug)]
pub struct Operation {
    /// `operationId`, or one made from method and path.
    pub id: String,
    /// `get_inventory`
    pub rust_name: String,
    /// `GetInventory`: stem of the names of its types.
    pub type_stem: String,
    /// Upper case.
    pub method: String,
    /// The path as it is written.
    pub path: String,
    /// The path as the router takes it, where that is another text: `/{bucket}/{*key}`.
    pub matching: Option<String>,
    /// The path under which it is, where that is not the service's: `/v2`.
    pub base_path: Option<String>,
    /// What a request shows that means it and not another one with its route.
    pub signs: Vec<Sign>,
    pub summary: Option<String>,
    pub description: Option<String>,
    pub deprecated: bool,
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
    /// A status whose answers differ by media type is there once for each type of value.
    pub responses: Vec<Response>,
    /// Whether one response is much larger than the others.
    pub has_uneven_responses: bool,
    /// Any of these lets a caller in. Empty: everybody may call.
    pub security: Vec<Requirement>,
    /// Outermost first.
    pub policies: Vec<Policy>,
    /// `get_inventory_fallback`: the method that answers in place of a call that failed.
    pub fallback_name: Option<String>,
    /// What it answers until its handler is written; none: that it is not implemented.
    pub example: Option<Example>,
    pub location: Location,
}

impl Operation {
    /// Every type that a handler receives or answers with.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        let parameters = self.parameters.iter().map(|parameter| &parameter.ty);
        let bodies = self.body.iter().flat_map(|body| &body.contents);
        let answers = (self.responses.iter()).filter_map(|response| response.content.as_ref());
        let headers = (self.responses.iter()).filter_map(|response| response.headers.as_ref());
        let headers = headers.flat_map(|headers| &headers.members);
        parameters
            .chain(bodies.chain(answers).flat_map(Content::types))
            .chain(headers.map(|header| &header.ty))
    }

    /// The media types of the answers that a client hopes for; none where any may be.
    pub fn produces(&self) -> Vec<&str> {
        let mut media_types: Vec<&str> = Vec::new();
        for response in &self.responses {
            let hoped_for = match response.status {
                Status::Code(code) => code < 300,
                Status::Range(class) => class < 3,
                Status::Default => true,
            };
            let Some(content) = response.content.as_ref().filter(|_| hoped_for) else {
                continue;
            };
            for media_type in &content.media_types {
                // Bytes of an unknown kind may be what the client wants.
                if media_type.name == "application/octet-stream" {
                    return Vec::new();
                }
                if !media_types.contains(&media_type.name.as_str()) {
                    media_types.push(&media_type.name);
                }
            }
        }
        media_types
    }

    /// The enum of its answers.
    pub fn response_name(&self) -> String {
        format!("{}Response", self.type_stem)
    }

    /// The enum of its bodies, where they differ by media type.
    pub fn body_name(&self) -> String {
        format!("{}Body", self.type_stem)
    }

    /// The struct of a form with files.
    pub fn form_name(&self) -> String {
        format!("{}Form", self.type_stem)
    }
}

/// A sign by which a request shows that it means an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A parameter of this name is there.
    Has(Place, String),
    /// It is there with this text.
    Is(Place, String, String),
    /// The parameter at this index is there and fits its schema.
    Fits(usize),
    /// The body is of one of these media types.
    MediaType(Vec<String>),
    /// The body is JSON that fits the schema of its content at this index.
    Body(usize),
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub place: Place,
    /// As it stands on the wire.
    pub name: String,
    pub rust_name: String,
    pub doc: Option<String>,
    pub ty: Type,
    pub reading: Reading,
    pub style: Style,
    pub explode: bool,
    /// Whether an empty text stands for no value.
    pub allows_empty: bool,
    /// An object over several pairs that takes those which nobody names: the names of the other
    /// parameters, whose pairs it leaves alone.
    pub beside: Option<Vec<String>>,
    pub presence: Presence,
    pub default: Option<serde_json::Value>,
    /// The default as JSON text, where Rust has no expression for it.
    pub json_default: Option<String>,
    pub schema: Schema,
    pub location: Location,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

/// How text becomes the value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// One text, one value that reads itself from text.
    Single,
    /// An array of such values.
    List,
    /// Whatever the schema says the text means.
    Value,
}

/// How values are written, in the words of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Matrix,
    Label,
    Simple,
    Form,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
    /// One JSON text.
    Json,
}

impl Style {
    /// What is meant where a document says nothing.
    pub fn usual(place: Place) -> Self {
        match place {
            Place::Path | Place::Header => Self::Simple,
            Place::Query | Place::Cookie => Self::Form,
        }
    }

    /// Whether items and members stand apart where a document does not say.
    pub fn explodes(self) -> bool {
        matches!(self, Self::Form | Self::DeepObject)
    }
}

/// How a property of a form is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoding {
    pub property: String,
    pub style: Style,
    pub explode: bool,
}

#[derive(Clone, Debug)]
pub struct Response {
    pub status: Status,
    /// `Ok`, `NotFound`: what the status is called.
    pub status_name: String,
    /// The variant: the same, with the name of the content where the status has several.
    pub rust_name: String,
    pub doc: Option<String>,
    pub content: Option<Content>,
    pub headers: Option<Headers>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Code(u16),
    /// `4XX` is `Range(4)`.
    Range(u8),
    Default,
}
