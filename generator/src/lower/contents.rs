//! Bodies and responses: which media types are spoken, and what they carry.
//!
//! Media types that carry the same schema share one type, whatever it looks like on the wire; one
//! that carries another schema, or bytes, becomes a variant of its own.

use super::{
    Lowering, json,
    media::{self, Family},
    multipart::Members,
    names,
    schemas::Seen,
    wish::Wish,
};
use crate::{
    diagnostic::Diagnostic,
    ir::{Body, Content, ContentKind, Form, MediaType, Schema, Type},
    spec::At,
};

/// Who writes a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Response,
}

/// What a media type carries, before it has a type.
#[derive(Clone, Debug)]
enum Carried<'d> {
    /// A value of this schema; none: any value.
    Value(Option<At<'d>>),
    /// Many such values.
    Items(Option<At<'d>>),
    /// A form with files, whose media type this is.
    Form(At<'d>),
    Text,
    Bytes,
}

impl Carried<'_> {
    /// Whether two media types carry the same.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value(Some(a)), Self::Value(Some(b)))
            | (Self::Items(Some(a)), Self::Items(Some(b))) => {
                json::value(a.node()) == json::value(b.node())
            }
            (Self::Value(None), Self::Value(None))
            | (Self::Items(None), Self::Items(None))
            | (Self::Text, Self::Text)
            | (Self::Bytes, Self::Bytes) => true,
            _ => false,
        }
    }
}

/// Media types that carry the same.
#[derive(Debug)]
struct Group<'d> {
    carried: Carried<'d>,
    media_types: Vec<MediaType>,
}

impl<'d> Lowering<'d> {
    /// The body of an operation.
    pub(super) fn body(&mut self, operation: &At<'d>, stem: &str) -> Option<Body> {
        let written = operation.get("requestBody")?;
        let at = self.resolved(&written)?;
        let contents = self.contents(&at, &Wish::text(stem), Side::Request);
        (!contents.is_empty()).then(|| Body {
            required: at.get("required").and_then(|at| at.as_bool()) == Some(true),
            contents,
            is_uneven: false,
            doc: self.doc_beside(&written, &at),
        })
    }

    /// What the media types under `content` carry, JSON first, otherwise in the document's order.
    /// `wish` names the types.
    pub(super) fn contents(&mut self, at: &At<'d>, wish: &Wish, side: Side) -> Vec<Content> {
        let Some(map) = self.map(at, "content") else {
            return Vec::new();
        };
        let mut groups: Vec<Group<'d>> = Vec::new();
        for (name, media) in map.entries() {
            let (carried, kinds) = self.carried(name, &media, side);
            for (name, kind) in kinds {
                let media_type = MediaType {
                    name: match side {
                        Side::Request => media::received(name, kind),
                        Side::Response => media::sent(name, kind),
                    },
                    kind,
                    encodings: match kind {
                        ContentKind::Form | ContentKind::Multipart => self.encodings(&media),
                        _ => Vec::new(),
                    },
                };
                let group = groups.iter_mut().find(|group| {
                    // A stream of events is none of lines.
                    let is_items = matches!(carried, Carried::Items(_));
                    group.carried.is_same(&carried)
                        && (!is_items || group.media_types[0].kind == kind)
                });
                match group {
                    Some(group) if group.media_types.contains(&media_type) => {}
                    Some(group) => group.media_types.push(media_type),
                    None => groups.push(Group {
                        carried: carried.clone(),
                        media_types: vec![media_type],
                    }),
                }
            }
        }
        let not_json = |media_type: &MediaType| media_type.kind != ContentKind::Json;
        for group in &mut groups {
            group.media_types.sort_by_key(not_json);
        }
        groups.sort_by_key(|group| not_json(&group.media_types[0]));
        let mut taken = names::Taken::default();
        groups
            .into_iter()
            .enumerate()
            .map(|(index, group)| {
                let rust_name = taken.claim(media::variant(&group.media_types));
                let wish = match index {
                    0 => wish.then("body"),
                    _ => wish.then(&rust_name).then("body"),
                };
                let mut form = None;
                let (ty, schema) = match &group.carried {
                    Carried::Value(Some(schema)) | Carried::Items(Some(schema)) => (
                        self.type_of(schema, &wish),
                        match side {
                            Side::Request => self.check(schema),
                            // What the service itself says is not checked.
                            Side::Response => Schema::default(),
                        },
                    ),
                    Carried::Form(media) => {
                        let members = self.form_members(media);
                        form = self.form(members, &wish);
                        let schema = media.get("schema").filter(|_| {
                            // What is not known of is not checked either.
                            matches!(form, Some(Form::Parts(_)))
                        });
                        let checked = schema.map_or_else(Schema::default, |at| self.check(&at));
                        (Type::Null, checked)
                    }
                    Carried::Value(None) | Carried::Items(None) => (Type::Any, Schema::default()),
                    Carried::Text => (Type::String, Schema::default()),
                    Carried::Bytes => (Type::Bytes, Schema::default()),
                };
                Content {
                    rust_name,
                    ty,
                    schema,
                    form,
                    media_types: group.media_types,
                }
            })
            .collect()
    }

    /// What a media type carries, and how that may be written.
    fn carried<'n>(
        &mut self,
        name: &'n str,
        at: &At<'d>,
        side: Side,
    ) -> (Carried<'d>, Vec<(&'n str, ContentKind)>) {
        let essence = media::essence(name);
        let schema = at.get("schema");
        let meaning = match &schema {
            Some(schema) => self.meaning(schema),
            None => Meaning::Nothing,
        };
        if let Some(kind) = media::items(&essence)
            && (side == Side::Response || kind == ContentKind::Lines)
            && let Some(items) = self.items(kind, at, meaning)
        {
            return (Carried::Items(items), vec![(name, kind)]);
        }
        let is_form = self.is_form(schema.as_ref());
        let value = Carried::Value(schema);
        if media::is_json(&essence) {
            return (value, vec![(name, ContentKind::Json)]);
        }
        let (carried, kind) = match (media::family(&essence), meaning) {
            (Family::Form, _) if side == Side::Request => match is_form {
                true => (value, ContentKind::Form),
                // A form that is no object is text that only looks like one.
                false => (Carried::Text, ContentKind::Text),
            },
            (Family::Multipart, _) if side == Side::Request => {
                let carried = match self.form_members(at) {
                    Members::Texts => value,
                    Members::Files(_) | Members::Unknown => Carried::Form(at.clone()),
                };
                (carried, ContentKind::Multipart)
            }
            (_, Meaning::Binary) => (Carried::Bytes, ContentKind::Bytes),
            // Where a document does not care what it is called, a string may be JSON or not.
            (Family::Any, Meaning::Text) => {
                let both = vec![
                    ("application/json", ContentKind::Json),
                    (name, ContentKind::Text),
                ];
                return (value, both);
            }
            (Family::Any, Meaning::Structure | Meaning::Unknown) => (value, ContentKind::Json),
            // A structure in plain text or bytes has to be written somehow.
            (Family::Plain | Family::Octets, Meaning::Structure) => (value, ContentKind::Json),
            (Family::Plain | Family::Text, Meaning::Text) => (value, ContentKind::Text),
            (Family::Plain | Family::Text, _) => {
                if meaning == Meaning::Structure {
                    self.not_read(&essence, "text", at);
                }
                (Carried::Text, ContentKind::Text)
            }
            (_, _) => {
                if meaning == Meaning::Structure {
                    self.not_read(&essence, "bytes", at);
                }
                (Carried::Bytes, ContentKind::Bytes)
            }
        };
        (carried, vec![(name, kind)])
    }

    /// The schema of each value of a stream. `None`: the values cannot be told from each other.
    fn items(
        &mut self,
        kind: ContentKind,
        at: &At<'d>,
        meaning: Meaning,
    ) -> Option<Option<At<'d>>> {
        // 3.2 says it in so many words.
        if let Some(item) = at.get("itemSchema") {
            let data = self
                .resolved(&item)
                .and_then(|item| item.get("properties")?.get("data"))
                .filter(|_| kind == ContentKind::Events);
            let written = data.as_ref().and_then(|data| data.get("contentSchema"));
            return Some(written.or(data).or(Some(item)));
        }
        let schema = at.get("schema");
        match (kind, meaning) {
            // A text of many lines is what the document describes, not a line. A number or a
            // truth is never more than one.
            (ContentKind::Lines, Meaning::Text) if !self.is_one_line(schema.as_ref()?) => None,
            (_, Meaning::Binary) => None,
            (ContentKind::Lines, _) => {
                let list = schema.as_ref().and_then(|schema| self.resolved(schema));
                let items = list.and_then(|list| list.get("items"));
                Some(items.filter(At::is_object).or(schema))
            }
            _ => Some(schema),
        }
    }

    /// Whether no value of a schema has a line break in it.
    fn is_one_line(&mut self, at: &At<'d>) -> bool {
        let Some(ty) = self.resolved(at).and_then(|at| at.get("type")) else {
            return false;
        };
        let is_short = |name: &str| matches!(name, "integer" | "number" | "boolean" | "null");
        match ty.as_str() {
            Some(name) => is_short(name),
            None => (ty.items()).all(|name| name.as_str().is_some_and(is_short)),
        }
    }

    fn not_read(&mut self, media_type: &str, has: &str, at: &At<'d>) {
        self.report(
            Diagnostic::warning(
                "media-type-not-read",
                format!("{media_type} is not written as types: handlers have its {has}"),
            )
            .at(at.key_location()),
        );
    }

    /// What a schema has in mind when it stands beside a media type without members.
    pub(super) fn meaning(&mut self, at: &At<'d>) -> Meaning {
        self.meaning_within(at, &mut Seen::default())
    }

    fn meaning_within(&mut self, at: &At<'d>, seen: &mut Seen) -> Meaning {
        let Some(at) = self.resolved(at).filter(|at| seen.is_new(at)) else {
            return Meaning::Unknown;
        };
        let text = |key: &str| at.get(key).and_then(|at| at.as_str());
        if text("format") == Some("binary") {
            return Meaning::Binary;
        }
        // The branches of 3.1's optional types tell as much as the one that is not null.
        let mut found = Meaning::Unknown;
        for keyword in ["allOf", "oneOf", "anyOf"] {
            for branch in at.get(keyword).into_iter().flat_map(|list| list.items()) {
                found = found.max(self.meaning_within(&branch, seen));
            }
        }
        let mut types = at.get("type").into_iter().flat_map(|ty| {
            let single = ty.as_str().into_iter();
            single.chain(ty.items().filter_map(|name| name.as_str()))
        });
        let ty = types.find(|name| *name != "null");
        // What a text has of them says nothing.
        let is_structure = ["properties", "additionalProperties", "items", "prefixItems"]
            .iter()
            .any(|keyword| at.get(keyword).is_some());
        if ty.is_none() && is_structure {
            return Meaning::Structure;
        }
        let own = match ty {
            Some("object" | "array") => Meaning::Structure,
            Some("string")
                if text("contentMediaType").is_some() && text("contentEncoding").is_none() =>
            {
                Meaning::Binary
            }
            Some(_) => Meaning::Text,
            None if at.get("enum").is_some() || at.get("const").is_some() => Meaning::Text,
            None if text("contentMediaType").is_some() => Meaning::Binary,
            None => Meaning::Unknown,
        };
        own.max(found)
    }
}

/// What kind of value a schema describes, the clearer ones last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// There is no schema.
    Nothing,
    /// It says nothing of types.
    Unknown,
    Text,
    Structure,
    Binary,
}
