//! Arrays whose items differ by position.

use super::{Lowering, wish::Wish};
use crate::{
    ir::Type,
    spec::{At, Kind},
};

/// Beyond so many, tuples have none of the traits that models need.
const MAX_ITEMS: usize = 12;

/// The schemas of the first items: `prefixItems`, or `items` in the manner of older drafts.
pub(super) fn prefix<'d>(at: &At<'d>) -> Option<At<'d>> {
    at.get("prefixItems")
        .or_else(|| at.get("items"))
        .filter(|list| list.is_array())
}

impl<'d> Lowering<'d> {
    /// The tuple of an array that always has as many items as it has schemas for; none for other
    /// arrays.
    pub(super) fn tuple(&mut self, at: &At<'d>, wish: &Wish) -> Option<Type> {
        let items: Vec<At<'d>> = prefix(at)?.items().collect();
        let length = items.len() as u64;
        let size = |keyword| at.get(keyword).and_then(|at: At<'_>| at.as_u64());
        let rest = match at.get("prefixItems") {
            Some(_) => at.get("items"),
            None => at.get("additionalItems"),
        };
        let is_closed = rest.is_some_and(|rest| matches!(rest.node().kind, Kind::Bool(false)));
        let is_fixed = size("minItems") == Some(length)
            && (size("maxItems") == Some(length) || (is_closed && size("maxItems").is_none()));
        if !is_fixed || !(1..=MAX_ITEMS).contains(&items.len()) {
            return None;
        }
        let types = items.iter().enumerate().map(|(index, item)| {
            let label = format!("item {}", index + 1);
            self.type_of(item, &wish.then(&label))
        });
        Some(Type::Tuple(types.collect()))
    }
}
