//! Calls that the service makes: webhooks and callbacks.

use super::{Content, Parameter, Status, Type};
use crate::diagnostic::Location;

/// One call to somebody who wants to be told.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// `operationId`, or the name of the webhook or callback.
    pub id: String,
    /// `planet_created`: the method.
    pub rust_name: String,
    /// `PlanetCreated`: stem of the names of its types.
    pub type_stem: String,
    /// Upper case.
    pub method: String,
    pub summary: Option<String>,
    pub description: Option<String>,
    pub deprecated: bool,
    /// The security schemes whose credentials the receiver may ask for.
    pub credentials: Vec<String>,
    /// Of the query, headers and cookies.
    pub parameters: Vec<Parameter>,
    pub body: Option<OutgoingBody>,
    /// One a status.
    pub answers: Vec<OutgoingAnswer>,
    /// Whether one answer is much larger than the others.
    pub is_uneven: bool,
    /// Of a callback, where it goes.
    pub callback: Option<Callback>,
    pub location: Location,
}

impl Outgoing {
    /// Every type that is sent or comes back.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        let parameters = self.parameters.iter().map(|parameter| &parameter.ty);
        let sent = self.body.iter().map(|body| &body.content);
        let answers = self.answers.iter().filter_map(|it| it.content.as_ref());
        parameters.chain(sent.chain(answers).flat_map(Content::types))
    }

    /// The struct of its parameters.
    pub fn params_name(&self) -> String {
        format!("{}Params", self.type_stem)
    }

    /// The struct of the form with files that is sent.
    pub fn form_name(&self) -> String {
        format!("{}Form", self.type_stem)
    }

    /// The enum of its answers.
    pub fn answer_name(&self) -> String {
        format!("{}Response", self.type_stem)
    }
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct OutgoingBody {
    pub required: bool,
    pub content: Content,
}

/// What may come back.
#[derive(Clone, Debug)]
pub struct OutgoingAnswer {
    pub status: Status,
    /// `Ok`, `NotFound`: the variant.
    pub rust_name: String,
    pub doc: Option<String>,
    pub content: Option<Content>,
}

/// Where a callback goes.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The operation whose caller is called back.
    pub operation: String,
    /// The runtime expression as it is written.
    pub expression: String,
    /// What evaluates it; none where it cannot be understood.
    pub url: Option<CallbackUrl>,
}

/// A function from what the expression names to a URL.
#[derive(Clone, Debug)]
pub struct CallbackUrl {
    /// `planet_created_url`
    pub rust_name: String,
    pub parts: Vec<UrlPart>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlPart {
    Literal(String),
    /// A JSON pointer into the body of the request or the answer; `""` for the whole.
    Body(Message, String),
    /// A text that an argument of this name holds.
    Text(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    Request,
    Response,
}
