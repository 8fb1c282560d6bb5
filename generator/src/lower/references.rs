//! Following `$ref`.

use super::Lowering;
use crate::spec::At;

/// Keywords beside `$ref` that say more than what is referred to.
const EXTENDING: &[&str] = &[
    "type",
    "enum",
    "const",
    "properties",
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

impl<'d> Lowering<'d> {
    /// What a schema stands for when it is a reference: `None` when it is none, `Some(None)` when
    /// it leads nowhere, which has been reported.
    pub(super) fn reference(&mut self, at: &At<'d>) -> Option<Option<At<'d>>> {
        let target = at.get("$ref").filter(|_| !self.is_extended(at))?;
        target.as_str()?;
        Some(self.follow(&target))
    }

    /// What a schema says more about, when it is a reference with keywords beside it.
    pub(super) fn extended(&mut self, at: &At<'d>) -> Option<Option<At<'d>>> {
        let target = at.get("$ref").filter(|_| self.is_extended(at))?;
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
        let is_reference = map
            .get("$ref")
            .is_some_and(|target| target.as_str().is_some());
        match is_reference {
            true => self.resolved(&map),
            false => Some(map),
        }
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
