//! What several operations share: instances of one name, and the budget of all retries.

use std::collections::HashMap;

use super::{merge::Merged, value::Value};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Location},
    ir::{Pattern, Policy, RetryBudget},
};

/// What has been seen so far.
#[derive(Default)]
pub(super) struct Shared {
    instances: HashMap<(&'static str, String), Policy>,
    budget: Option<(RetryBudget, Location)>,
}

impl Shared {
    /// Compares a policy with those of the same pattern and name.
    pub(super) fn add(&mut self, merged: &Merged, policy: &Policy, found: &mut Diagnostics) {
        self.add_budget(merged, found);
        let key = (merged.pattern.name, policy.name.clone());
        let Some(first) = self.instances.get(&key) else {
            self.instances.insert(key, policy.clone());
            return;
        };
        if is_same(first, policy) {
            return;
        }
        found.push(
            Diagnostic::error(
                "shared-name-differs",
                format!(
                    "`{}` is another {} already, with other values",
                    policy.name.escape_debug(),
                    merged.pattern.name
                ),
            )
            .at(merged.place("name"))
            .related(first.location.clone(), "the first of this name")
            .help("patterns of one name are one instance: give both the same values, or one another name"),
        );
    }

    pub(super) fn retry_budget(&self) -> RetryBudget {
        self.budget
            .as_ref()
            .map_or_else(RetryBudget::default, |(budget, _)| *budget)
    }

    /// Where the document says it.
    pub(super) fn budget_place(&self) -> Option<&Location> {
        self.budget.as_ref().map(|(_, place)| place)
    }

    /// One service has one budget, wherever it is written.
    fn add_budget(&mut self, merged: &Merged, found: &mut Diagnostics) {
        let Some(written) = merged.written("budget") else {
            return;
        };
        let Value::Budget {
            ratio,
            min_per_second,
        } = written.value
        else {
            return;
        };
        let default = RetryBudget::default();
        let budget = RetryBudget {
            ratio: ratio.unwrap_or(default.ratio),
            min_per_second: min_per_second.unwrap_or(default.min_per_second),
        };
        match &self.budget {
            None => self.budget = Some((budget, written.location.clone())),
            Some((first, place)) if *first != budget && *place != written.location => found.push(
                Diagnostic::error(
                    "shared-budget-differs",
                    "the service has one retry budget, and this is another",
                )
                .at(written.location.clone())
                .related(place.clone(), "the first one")
                .help("write the budget once, at the root of the document"),
            ),
            Some(_) => {}
        }
    }
}

fn is_same(first: &Policy, second: &Policy) -> bool {
    first.mode == second.mode
        && match (&first.pattern, &second.pattern) {
            // Whether an operation is safe to repeat is the operation's own.
            (Pattern::Retry(first), Pattern::Retry(second)) => {
                let mut second = second.clone();
                second.without_idempotency_key = first.without_idempotency_key;
                *first == second
            }
            (first, second) => first == second,
        }
}
