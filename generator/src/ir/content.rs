//! What bodies and answers carry, and in which media types.

use super::{Encoding, Schema, Type};

/// The body of a request.
#[derive(Clone, Debug)]
pub struct Body {
    pub required: bool,
    /// At least one; several are the variants of an enum.
    pub contents: Vec<Content>,
    /// Whether one of several is much larger than the others.
    pub is_uneven: bool,
    pub doc: Option<String>,
}

impl Body {
    /// Every way in which the body may be written, with what it carries.
    pub fn media_types(&self) -> impl Iterator<Item = (&Content, &MediaType)> {
        self.contents
            .iter()
            .flat_map(|content| content.media_types.iter().map(move |it| (content, it)))
    }
}

/// A value of one type, in all media types that carry it.
#[derive(Clone, Debug)]
pub struct Content {
    /// `Json`: its variant where there are several.
    pub rust_name: String,
    pub ty: Type,
    pub schema: Schema,
    /// What a form with files is read into; its texts are checked by the schema.
    pub form: Option<Form>,
    /// At least one; the first is taken where the client has no wish.
    pub media_types: Vec<MediaType>,
}

/// A form with files.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A struct with these members.
    Parts(Vec<Part>),
    /// The document does not say what is in it.
    Unknown,
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub name: String,
    pub rust_name: String,
    pub doc: Option<String>,
    /// Of a text, what it means.
    pub ty: Type,
    pub kind: PartKind,
    pub required: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    Text,
    File,
    Files,
}

impl Content {
    /// The parts of a form with files.
    pub fn parts(&self) -> &[Part] {
        match &self.form {
            Some(Form::Parts(parts)) => parts,
            Some(Form::Unknown) | None => &[],
        }
    }

    /// Every type that it is made of.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        let parts = self.parts().iter().map(|part| &part.ty);
        std::iter::once(&self.ty).chain(parts)
    }

    /// How it is written where nobody has another wish.
    pub fn kind(&self) -> ContentKind {
        self.media_types[0].kind
    }

    /// Whether an answer of it is written while it is made, so that it is there only once.
    pub fn is_streamed(&self) -> bool {
        matches!(
            self.kind(),
            ContentKind::Bytes | ContentKind::Lines | ContentKind::Events
        )
    }

    /// Whether it can be made from JSON; otherwise it is text or bytes as they are.
    pub fn is_value(&self) -> bool {
        match self.kind() {
            ContentKind::Text => self.ty != Type::String,
            ContentKind::Json
            | ContentKind::Form
            | ContentKind::Multipart
            | ContentKind::Lines
            | ContentKind::Events => true,
            ContentKind::Bytes => false,
        }
    }
}

/// A media type and how it is read and written.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaType {
    /// As it stands in a header; in a request it may be a range such as `image/*`.
    pub name: String,
    pub kind: ContentKind,
    /// Of a form, the properties that are not written as usual.
    pub encodings: Vec<Encoding>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentKind {
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`
    Multipart,
    /// A string, or what a string is made of: a number, a date.
    Text,
    Bytes,
    /// JSON values one after another.
    Lines,
    /// Server-sent events.
    Events,
}
