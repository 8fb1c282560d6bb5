//! Closed objects that ask for what they shut out.
//!
//! `additionalProperties` sees no further than the `properties` beside it. Where the same schema
//! requires a member that is not among them, or one of its variants does, or where it is joined with
//! schemas that have other members, values that the document means fit no more to the letter. What is
//! asked for is let in then, and nothing else.

use std::collections::BTreeSet;

use super::{
    Lowering,
    overlap::{members, parts, required, target},
};
use crate::{
    diagnostic::Diagnostic,
    ir::{Property, Schema},
    spec::At,
};

/// How deep schemas are looked into that are joined within joined ones.
const MAX_DEPTH: u32 = 8;

type Names<'d> = BTreeSet<&'d str>;

/// The members that a closed schema requires and does not know.
pub(super) fn forgotten<'d>(at: &At<'d>) -> Vec<&'d str> {
    if !is_closed(at) {
        return Vec::new();
    }
    let mut names = required(std::slice::from_ref(at));
    names.retain(|name| !knows(at, name));
    names
}

/// A variant that requires members of its own which the closed schema around it does not know, or
/// that has any where that schema names none at all.
pub(super) fn shut_out<'d>(at: &At<'d>) -> Option<At<'d>> {
    if !is_closed(at) {
        return None;
    }
    let lists = ["oneOf", "anyOf"].into_iter().filter_map(|key| at.get(key));
    let mut branches = lists.flat_map(|list| list.items().collect::<Vec<_>>());
    let names_none = at.get("properties").is_none();
    branches.find(|branch| {
        let parts = parts(branch);
        let names = required(&parts);
        let has_any = || {
            let mut lists = parts.iter().filter_map(|part| part.get("properties"));
            lists.any(|list| list.entries().next().is_some())
        };
        (names.iter()).any(|name| members(&parts, name).next().is_some() && !knows(at, name))
            || (names_none && has_any())
    })
}

fn is_closed(at: &At<'_>) -> bool {
    at.get("additionalProperties").and_then(|at| at.as_bool()) == Some(false)
        && at.get("patternProperties").is_none()
}

/// Whether it says anything of members that it does not name.
fn restricts(at: &At<'_>) -> bool {
    at.get("additionalProperties")
        .is_some_and(|it| it.as_bool() == Some(false) || it.entries().next().is_some())
}

fn knows(at: &At<'_>, name: &str) -> bool {
    members(std::slice::from_ref(at), name).next().is_some()
}

/// The members of a schema that it declares or requires, with those of everything that it is joined
/// of and of its variants.
fn declared<'d>(at: &At<'d>, depth: u32, names: &mut Names<'d>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let parts = parts(at);
    names.extend(required(&parts));
    for part in parts {
        let properties = part.get("properties");
        names.extend(
            properties
                .iter()
                .flat_map(At::entries)
                .map(|(name, _)| name),
        );
        let variants = ["oneOf", "anyOf"]
            .into_iter()
            .filter_map(|key| part.get(key));
        for variant in variants.flat_map(|list| list.items().collect::<Vec<_>>()) {
            declared(&variant, depth, names);
        }
    }
}

impl<'d> Lowering<'d> {
    /// What a schema is joined of. A part that is closed takes the members of the others, too.
    pub(super) fn parts_of(&mut self, at: &At<'d>, schema: &mut Schema) {
        schema.all_of = self.branches(at, "allOf");
        let list: Vec<At<'d>> = at.get("allOf").iter().flat_map(At::items).collect();
        let may_shut_out = |part: &At<'d>| parts(part).iter().any(restricts);
        if !list.is_empty() && (restricts(at) || list.iter().any(may_shut_out)) {
            self.let_in(at, schema, &Names::new(), MAX_DEPTH);
        }
    }

    /// Lets `names` into a schema, and those of all parts into each part.
    fn let_in(&mut self, at: &At<'d>, schema: &mut Schema, names: &Names<'d>, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        let list: Vec<At<'d>> = at.get("allOf").iter().flat_map(At::items).collect();
        let of_parts = |without: Option<usize>| {
            let mut all = names.clone();
            for (index, part) in list.iter().enumerate() {
                if Some(index) != without {
                    declared(part, MAX_DEPTH, &mut all);
                }
            }
            all
        };
        if restricts(at) {
            let known = |name: &&str| schema.properties.iter().any(|own| own.name == **name);
            let unknown = of_parts(None).into_iter().filter(|name| !known(name));
            let unknown: Vec<&str> = unknown.collect();
            if !unknown.is_empty() {
                self.report_parted(at, &unknown);
                schema.properties.extend(unknown.into_iter().map(anything));
            }
        }
        let own = at.get("properties");
        for (index, part) in list.iter().enumerate() {
            let target = target(part);
            let mut others = of_parts(Some(index));
            others.extend(own.iter().flat_map(At::entries).map(|(name, _)| name));
            others.extend(required(std::slice::from_ref(at)));
            let shuts_out =
                |part: &At<'d>| restricts(part) && others.iter().any(|name| !knows(part, name));
            if parts(&target).iter().any(shuts_out) {
                let mut opened = self.nested(|this| this.table(&target)).unwrap_or_default();
                self.let_in(&target, &mut opened, &others, depth);
                schema.all_of[index] = opened;
            }
        }
    }

    fn report_parted(&mut self, at: &At<'d>, names: &[&str]) {
        let (first, others) = names.split_first().unwrap_or((&"", &[]));
        let names = match others.len() {
            0 => format!("`{first}` of a schema that it is joined with: it is"),
            1 => {
                format!("`{first}` and another member of schemas that it is joined with: they are")
            }
            others => format!(
                "`{first}` and {others} other members of schemas that it is joined with: they are"
            ),
        };
        self.report(
            Diagnostic::warning(
                "parted-schemas",
                format!("`additionalProperties` shuts out {names} let in"),
            )
            .at(at
                .get("additionalProperties")
                .unwrap_or_else(|| at.clone())
                .location())
            .help("write `unevaluatedProperties` beside the `allOf`, in place of it"),
        );
    }

    pub(super) fn report_forgotten(&mut self, at: &At<'d>, names: &[&str]) {
        let message = format!(
            "`{}` is required, and `additionalProperties: false` shuts it out: it is let in",
            names.join("`, `")
        );
        self.report(
            Diagnostic::warning("forgotten-property", message)
                .at(at.location())
                .help("declare it in `properties`, or take it out of `required`"),
        );
    }

    pub(super) fn report_shut_out(&mut self, at: &At<'d>, variant: &At<'d>) {
        self.report(
            Diagnostic::warning(
                "shut-out-variant",
                "`additionalProperties: false` shuts out what a variant requires: it is read as \
                 `unevaluatedProperties: false`",
            )
            .at(at.location())
            .related(variant.location(), "the variant")
            .help("close each variant, and not the schema around them"),
        );
    }
}

/// A member of which nothing is said here.
pub(super) fn anything(name: &str) -> Property {
    Property {
        name: name.to_owned(),
        schema: Box::default(),
        read_only: false,
        write_only: false,
    }
}
