//! Following `$ref`.

use super::Lowering;
use crate::spec::At;

/// Keywords beside `$ref` that say more than what is referred to.
pub(super) const EXTENDING: &[&str] = &[
    "type",
    "enum",
    "const",
    "properties",
    "patternProperties",
    "required",
    "additionalProperties",
    "minProperties",
    "maxProperties",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];

/// The reference that a schema has. A dynamic one means its anchor's own schema: nothing is known
/// here of the way that led to it.
fn written<'d>(at: &At<'d>) -> Option<At<'d>> {
    at.get("$ref").or_else(|| at.get("$dynamicRef"))
}

impl<'d> Lowering<'d> {
    /// What a schema stands for when it is a reference: `None` when it is none, `Some(None)` when
    /// it leads nowhere, which has been reported.
    pub(super) fn reference(&mut self, at: &At<'d>) -> Option<Option<At<'d>>> {
        let target = written(at).filter(|_| !self.is_extended(at))?;
        target.as_str()?;
        Some(self.follow(&target))
    }

    /// What a schema says more about, when it is a reference with keywords beside it.
    pub(super) fn extended(&mut self, at: &At<'d>) -> Option<Option<At<'d>>> {
        let target = written(at).filter(|_| self.is_extended(at))?;
        target.as_str()?;
        Some(self.follow(&target))
    }

    /// 3.0 takes no notice of what stands beside a reference.
    fn is_extended(&self, at: &At<'d>) -> bool {
        !self.is_3_0 && EXTENDING.iter().any(|keyword| at.get(keyword).is_some())
    }

    /// The node itself, or the one at the end of its references; none where they lead nowhere.
    pub(super) fn resolved(&mut self, at: &At<'d>) -> Option<At<'d>> {
        match at.resolve() {
            Ok(found) => Some(found),
            Err(found) => {
                self.report(found);
                None
            }
        }
    }

    /// A map under a key, where the whole of it may stand elsewhere.
    pub(super) fn map(&mut self, at: &At<'d>, key: &str) -> Option<At<'d>> {
        let map = at.get(key)?;
        match map.reference() {
            Some(_) => self.resolved(&map),
            None => Some(map),
        }
    }

    /// What is said of a thing where it is referred to, or else where it stands.
    pub(super) fn doc_beside(&self, written: &At<'d>, at: &At<'d>) -> Option<String> {
        self.doc_of(written).or_else(|| self.doc_of(at))
    }

    /// The node that the text of a reference names.
    pub(super) fn follow(&mut self, reference: &At<'d>) -> Option<At<'d>> {
        match reference.follow() {
            Ok(found) => Some(found),
            Err(found) => {
                self.report(found);
                None
            }
        }
    }
}
