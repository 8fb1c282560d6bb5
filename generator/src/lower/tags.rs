//! What tells the branches of a `oneOf` or `anyOf` apart: a member, and its value in each branch.

use super::{
    Lowering,
    families::extension,
    json,
    schemas::{Seen, key, speaks},
};
use crate::{diagnostic::Diagnostic, spec::At};

/// Branches inside branches; deeper is no document that anybody wrote.
const MAX_DEPTH: u32 = 16;

/// Branches of one branch, all levels taken together: unions that list each other have more paths
/// than anybody can walk.
const MAX_BRANCHES: u32 = 512;

/// The member that names a branch.
#[derive(Debug)]
pub(super) struct Tags<'d> {
    pub(super) property: &'d str,
    /// Each branch with the values that mean it.
    pub(super) branches: Vec<(At<'d>, Vec<String>)>,
}

impl<'d> Lowering<'d> {
    /// The branches under a keyword that say of which type a value is, `null` left out.
    pub(super) fn forms(&self, at: &At<'d>, keyword: &str) -> Vec<At<'d>> {
        let list = at.get(keyword);
        list.iter()
            .flat_map(At::items)
            .filter(|branch| speaks(branch) && !is_null(branch))
            .collect()
    }

    /// How the branches of a union are told apart; none where each has to be tried.
    pub(super) fn tags(&mut self, at: &At<'d>) -> Option<Tags<'d>> {
        let keyword = ["oneOf", "anyOf"]
            .into_iter()
            .find(|keyword| at.get(keyword).is_some())?;
        let branches = self.forms(at, keyword);
        let Some(discriminator) = at.get("discriminator") else {
            return (self.told_by_constants(&branches)).or_else(|| self.told_by_base(&branches));
        };
        let property = discriminator.get("propertyName")?.as_str()?;
        let mapping = self.mapping(&discriminator);
        let mut found = Vec::new();
        for branch in branches {
            let tags = self.tags_of(&branch, property, &mapping, MAX_DEPTH, &mut {
                MAX_BRANCHES
            });
            if tags.is_empty() {
                self.report(
                    Diagnostic::warning(
                        "inline-discriminated",
                        format!("nothing says which `{property}` means this schema"),
                    )
                    .at(branch.location())
                    .help(format!(
                        "move it to components/schemas, or make `{property}` a const in it; \
                         until then each form is tried"
                    )),
                );
                return None;
            }
            if self.is_contradicted(&branch, property, &tags) {
                self.report(
                    Diagnostic::warning(
                        "contradicted-mapping",
                        format!("this schema allows no `{property}` that means it"),
                    )
                    .at(branch.location())
                    .help(format!(
                        "let its `{property}` be one of {}; until then each form is tried",
                        tags.join(", ")
                    )),
                );
                return None;
            }
            found.push((branch, tags));
        }
        let named: Vec<_> = found.iter().flat_map(|(_, tags)| tags).collect();
        for (value, target) in &mapping {
            if !named.contains(&value) {
                self.report(
                    Diagnostic::warning(
                        "unknown-mapping",
                        format!("`{value}` is mapped to a schema that is none of the branches"),
                    )
                    .at(target.location()),
                );
            }
        }
        is_unique(&found).then_some(Tags {
            property,
            branches: found,
        })
    }

    /// Whether a branch lists the values of its discriminator, and none of those that mean it.
    fn is_contradicted(&mut self, branch: &At<'d>, property: &str, tags: &[String]) -> bool {
        let target = self.target(branch);
        let allowed = self.constants(&target, property, &mut Seen::default());
        !allowed.is_empty() && !tags.iter().any(|tag| allowed.contains(tag))
    }

    /// A member that every branch requires and of which each has values of its own.
    fn told_by_constants(&mut self, branches: &[At<'d>]) -> Option<Tags<'d>> {
        if branches.len() < 2 {
            return None;
        }
        let first = self.target(branches.first()?);
        let candidates: Vec<&'d str> = self.constant_members(&first, &mut Seen::default());
        candidates.into_iter().find_map(|property| {
            let mut found = Vec::new();
            for branch in branches {
                let target = self.target(branch);
                let values = self.constants(&target, property, &mut Seen::default());
                if values.is_empty() || !self.requires(&target, property, &mut Seen::default()) {
                    return None;
                }
                found.push((branch.clone(), values));
            }
            is_unique(&found).then_some(Tags {
                property,
                branches: found,
            })
        })
    }

    /// The discriminator of a schema that every branch extends, and of which each has values of its
    /// own.
    fn told_by_base(&mut self, branches: &[At<'d>]) -> Option<Tags<'d>> {
        if branches.len() < 2 {
            return None;
        }
        let mut common: Option<At<'d>> = None;
        for branch in branches {
            let target = self.target(branch);
            let id = self.arena.slot(&target)?;
            let own = self.families.discriminator(id)?;
            if common.is_some_and(|common| !std::ptr::eq(common.node(), own.node())) {
                return None;
            }
            common = Some(own.clone());
        }
        let discriminator = common?;
        let property = discriminator.get("propertyName")?.as_str()?;
        let mapping = self.mapping(&discriminator);
        let mut found = Vec::new();
        for branch in branches {
            let tags = self.tags_of(branch, property, &mapping, MAX_DEPTH, &mut { MAX_BRANCHES });
            let target = self.target(branch);
            if tags.is_empty()
                || self.is_contradicted(branch, property, &tags)
                || !self.requires(&target, property, &mut Seen::default())
            {
                return None;
            }
            found.push((branch.clone(), tags));
        }
        is_unique(&found).then_some(Tags {
            property,
            branches: found,
        })
    }

    /// The values of a discriminator's mapping, and the schemas that they name.
    pub(super) fn mapping(&mut self, discriminator: &At<'d>) -> Vec<(String, At<'d>)> {
        let entries = discriminator.get("mapping");
        let entries: Vec<_> = entries.iter().flat_map(At::entries).collect();
        let mut found = Vec::new();
        for (value, written) in entries {
            if let Some(target) = self.mapped(&written) {
                found.push((value.to_owned(), target));
            }
        }
        found
    }

    /// The schema that a value of `mapping` names: by its bare name or by reference.
    fn mapped(&mut self, written: &At<'d>) -> Option<At<'d>> {
        let text = written.as_str()?;
        let schemas = (self.root.get("components")).and_then(|at| at.get("schemas"));
        if let Some(named) = schemas.and_then(|schemas| schemas.get(text)) {
            return Some(named);
        }
        match written.follow() {
            Ok(found) => Some(found),
            // It was told when the files were opened.
            Err(found) if found.code != "unknown-reference" => None,
            Err(_) => {
                self.report(
                    Diagnostic::warning("unknown-mapping", format!("there is no schema `{text}`"))
                        .at(written.location())
                        .help("write the name of a schema, or a reference to it"),
                );
                None
            }
        }
    }

    /// The values that mean a branch: those mapped to it; else what an extension says; else its
    /// constants; else its name.
    pub(super) fn tags_of(
        &mut self,
        branch: &At<'d>,
        property: &str,
        mapping: &[(String, At<'d>)],
        depth: u32,
        left: &mut u32,
    ) -> Vec<String> {
        let (Some(depth), Some(rest)) = (depth.checked_sub(1), left.checked_sub(1)) else {
            return Vec::new();
        };
        *left = rest;
        let target = self.target(branch);
        let mapped: Vec<String> = mapping
            .iter()
            .filter(|(_, mapped)| key(mapped) == key(&target))
            .map(|(value, _)| value.clone())
            .collect();
        if !mapped.is_empty() {
            return mapped;
        }
        if let Some(value) = extension(&target) {
            return vec![value];
        }
        let constants = self.constants(&target, property, &mut Seen::default());
        if !constants.is_empty() {
            return constants;
        }
        for keyword in ["oneOf", "anyOf"] {
            let inner = self.forms(&target, keyword);
            if inner.is_empty() {
                continue;
            }
            let own = target.get("discriminator");
            let own = own.map_or_else(Vec::new, |own| self.mapping(&own));
            let all: Vec<Vec<String>> = inner
                .iter()
                .map(|branch| self.tags_of(branch, property, &own, depth, left))
                .collect();
            return match all.iter().any(Vec::is_empty) {
                true => Vec::new(),
                false => all.concat(),
            };
        }
        if let Some(id) = self.arena.slot(&target) {
            let heirs = self.tags_of_heirs(id);
            if !heirs.is_empty() {
                return heirs;
            }
            if let Some(name) = self.arena.drafts[id.0].component() {
                return vec![name.to_owned()];
            }
        }
        Vec::new()
    }

    /// The texts that a member may have, as far as `const` or `enum` says.
    pub(super) fn constants(
        &mut self,
        at: &At<'d>,
        property: &str,
        seen: &mut Seen,
    ) -> Vec<String> {
        if !seen.is_new(at) {
            return Vec::new();
        }
        let own = self.member_constants(at, property);
        if !own.is_empty() {
            return own;
        }
        let parts: Vec<At<'d>> = at.get("allOf").iter().flat_map(At::items).collect();
        // What is joined last knows most.
        for part in parts.iter().rev() {
            let part = self.target(part);
            let found = self.constants(&part, property, seen);
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// The same as far as the schema itself says, without those that it joins.
    pub(super) fn member_constants(&mut self, at: &At<'d>, property: &str) -> Vec<String> {
        if let Some(member) = self.map(at, "properties").and_then(|it| it.get(property)) {
            let member = self.target(&member);
            let values = match member.get("const") {
                Some(only) => vec![json::value(only.node())],
                None => (member.get("enum").iter().flat_map(At::items))
                    .map(|value| json::value(value.node()))
                    .collect(),
            };
            let texts: Option<Vec<String>> = values
                .iter()
                .map(|value| value.as_str().map(str::to_owned))
                .collect();
            if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
                return texts;
            }
        }
        Vec::new()
    }

    /// The members of which a schema says the values.
    fn constant_members(&mut self, at: &At<'d>, seen: &mut Seen) -> Vec<&'d str> {
        if !seen.is_new(at) {
            return Vec::new();
        }
        let members = self.map(at, "properties");
        let members: Vec<_> = members.iter().flat_map(At::entries).collect();
        let mut found = Vec::new();
        for (name, member) in members {
            let member = self.target(&member);
            if member.get("const").is_some() || member.get("enum").is_some() {
                found.push(name);
            }
        }
        let parts: Vec<At<'d>> = at.get("allOf").iter().flat_map(At::items).collect();
        for part in &parts {
            let part = self.target(part);
            found.extend(self.constant_members(&part, seen));
        }
        found
    }

    /// Whether a schema or one that it joins requires a member.
    pub(super) fn requires(&mut self, at: &At<'d>, property: &str, seen: &mut Seen) -> bool {
        if !seen.is_new(at) {
            return false;
        }
        let own = at.get("required");
        if (own.iter().flat_map(At::items)).any(|name| name.as_str() == Some(property)) {
            return true;
        }
        let parts: Vec<At<'d>> = at.get("allOf").iter().flat_map(At::items).collect();
        parts.iter().any(|part| {
            let part = self.target(part);
            self.requires(&part, property, seen)
        })
    }

    /// The schema itself, or the one that it stands for.
    pub(super) fn target(&mut self, at: &At<'d>) -> At<'d> {
        match self.reference(at) {
            Some(Some(target)) => target,
            _ => at.clone(),
        }
    }
}

fn is_unique(branches: &[(At<'_>, Vec<String>)]) -> bool {
    let mut seen = std::collections::HashSet::new();
    branches
        .iter()
        .flat_map(|(_, tags)| tags)
        .all(|tag| seen.insert(tag))
}

pub(super) fn is_null(at: &At<'_>) -> bool {
    at.get("type").and_then(|ty| ty.as_str()) == Some("null")
        || at.get("const").is_some_and(|value| value.is_null())
        || at
            .get("enum")
            .is_some_and(|values| values.items().all(|value| value.is_null()))
}
