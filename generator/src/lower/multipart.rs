//! Forms of `multipart/form-data`: which parts are texts and which are files.

use super::{
    Lowering, contents::Meaning, media, names, objects::Property, schemas::Seen, wish::Wish,
};
use crate::{
    ir::{Form, Part, PartKind, Type},
    spec::At,
};

/// What is known of a form before its members have types.
pub(super) enum Members<'d> {
    /// All are texts, which can be read as any other form.
    Texts,
    Files(Vec<Member<'d>>),
    Unknown,
}

pub(super) struct Member<'d> {
    property: Property<'d>,
    kind: PartKind,
}

impl<'d> Lowering<'d> {
    /// The members of a form, told by its media type.
    pub(super) fn form_members(&mut self, media: &At<'d>) -> Members<'d> {
        let Some(schema) = media.get("schema").and_then(|at| self.resolved(&at)) else {
            return Members::Unknown;
        };
        let properties = self.properties(&schema);
        if properties.is_empty() {
            return match self.is_form(Some(&schema)) && !self.mentions_files(&schema) {
                true => Members::Texts,
                false => Members::Unknown,
            };
        }
        let encoding = self.map(media, "encoding");
        let mut members = Vec::new();
        for property in properties {
            let content_type = encoding
                .as_ref()
                .and_then(|all| all.get(property.name)?.get("contentType")?.as_str());
            members.push(Member {
                kind: self.part_kind(&property.at, content_type),
                property,
            });
        }
        match members.iter().any(|member| member.kind != PartKind::Text) {
            true => Members::Files(members),
            false => Members::Texts,
        }
    }

    /// The form that these members make.
    pub(super) fn form(&mut self, members: Members<'d>, wish: &Wish) -> Option<Form> {
        let members = match members {
            Members::Texts => return None,
            Members::Unknown => return Some(Form::Unknown),
            Members::Files(members) => members,
        };
        let mut taken = names::Taken::default();
        // What the members are read from has a name, too.
        taken.insert("form");
        let parts = members.into_iter().map(|Member { property, kind }| Part {
            name: property.name.to_owned(),
            rust_name: taken.claim(names::field_name(property.name)),
            doc: self.doc_of(&property.at),
            ty: match kind {
                // A text cannot be null, only be left out.
                PartKind::Text => match self.type_of_property(&property, wish) {
                    Type::Nullable(inner) => *inner,
                    ty => ty,
                },
                PartKind::File | PartKind::Files => Type::Null,
            },
            kind,
            required: property.required,
        });
        Some(Form::Parts(parts.collect()))
    }

    fn part_kind(&mut self, at: &At<'d>, content_type: Option<&str>) -> PartKind {
        let meaning = self.meaning(at);
        let is_file = match (meaning, content_type) {
            (Meaning::Binary, _) => true,
            (Meaning::Structure, _) => return self.list_kind(at, &mut Seen::default()),
            // 3.1 takes what it knows nothing of for bytes.
            (Meaning::Unknown, None) => !self.is_3_0,
            (_, Some(content_type)) => {
                let mut all = content_type.split(',').map(media::essence);
                !all.all(|essence| essence.starts_with("text/") || media::is_json(&essence))
            }
            (_, None) => false,
        };
        match is_file {
            true => PartKind::File,
            false => PartKind::Text,
        }
    }

    /// Whether the items of a list, which may be null as well, are files.
    fn list_kind(&mut self, at: &At<'d>, seen: &mut Seen) -> PartKind {
        let Some(at) = self.resolved(at).filter(|at| seen.is_new(at)) else {
            return PartKind::Text;
        };
        if let Some(items) = at.get("items").filter(At::is_object) {
            return match self.meaning(&items) {
                Meaning::Binary => PartKind::Files,
                _ => PartKind::Text,
            };
        }
        let branches = ["oneOf", "anyOf", "allOf"]
            .into_iter()
            .filter_map(|keyword| at.get(keyword));
        let branches: Vec<At<'d>> = branches.flat_map(|list| list.items()).collect();
        let mut kinds = branches.iter().map(|branch| self.list_kind(branch, seen));
        kinds
            .find(|kind| *kind != PartKind::Text)
            .unwrap_or(PartKind::Text)
    }

    /// Whether members of any name are files.
    fn mentions_files(&mut self, schema: &At<'d>) -> bool {
        let any = schema.get("additionalProperties").filter(At::is_object);
        any.is_some_and(|any| self.part_kind(&any, None) != PartKind::Text)
    }
}
