//! Orders that a document asks for and would not if it knew what comes of them.

use super::{merge::Merged, place::Order};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    ir::{Mode, Policy},
};

/// A pattern outside of another one that usually stands outside of it, and what that means.
struct Wrong {
    outer: &'static str,
    inner: &'static str,
    means: &'static str,
}

const fn wrong(outer: &'static str, inner: &'static str, means: &'static str) -> Wrong {
    Wrong {
        outer,
        inner,
        means,
    }
}

const HELD_BY_REFUSED: &str = "a request takes its place, or waits for it, before the limit refuses it: whoever \
     sends too much keeps others out";
const SPENT_ON_NOTHING: &str =
    "requests for a feature that is off use up what is there for those that are answered";
const NEVER_SEES_FAILURES: &str =
    "the fallback has answered each failure before it is counted, so that it never opens";
const COUNTS_EACH_ATTEMPT: &str = "each attempt is counted for itself: one call of which all attempts fail may \
     open it, and an open one refuses the attempts that are left";
const NEVER_SEES_TIMEOUTS: &str =
    "what the timeout cuts off is dropped before it is counted: what hangs never opens it";

static WRONG: &[Wrong] = &[
    wrong("ratelimit", "featuretoggle", SPENT_ON_NOTHING),
    wrong("loadshed", "featuretoggle", SPENT_ON_NOTHING),
    wrong("concurrency", "featuretoggle", SPENT_ON_NOTHING),
    wrong("backpressure", "featuretoggle", SPENT_ON_NOTHING),
    wrong("bulkhead", "featuretoggle", SPENT_ON_NOTHING),
    wrong(
        "loadshed",
        "ratelimit",
        "requests that the limit refuses count as load: whoever sends too much has others shed",
    ),
    wrong(
        "concurrency",
        "ratelimit",
        "quick refusals of the limit are taken for answers, and the limit of concurrency rises by \
         them",
    ),
    wrong("backpressure", "ratelimit", HELD_BY_REFUSED),
    wrong("bulkhead", "ratelimit", HELD_BY_REFUSED),
    wrong(
        "backpressure",
        "loadshed",
        "a request waits for its turn and is shed then",
    ),
    wrong(
        "bulkhead",
        "loadshed",
        "a request waits for its place and is shed then",
    ),
    wrong(
        "bulkhead",
        "concurrency",
        "a request waits for its place and is refused then",
    ),
    wrong(
        "bulkhead",
        "backpressure",
        "requests that wait for their turn hold places in which others could be answered",
    ),
    wrong(
        "failfast",
        "cache",
        "an open one refuses what the cache could answer, and each hit ends a row of failures",
    ),
    wrong(
        "circuitbreaker",
        "cache",
        "an open one refuses what the cache could answer, and hits count as successes of what is \
         down",
    ),
    wrong(
        "retry",
        "cache",
        "the cache is asked anew at each attempt, and all who wait for one call retry it each for \
         themselves",
    ),
    wrong(
        "hedge",
        "cache",
        "the attempts ask for one key, which is fetched once: all of them wait for the same call",
    ),
    wrong(
        "timeout",
        "cache",
        "a call that the timeout cuts off goes on for the cache, and is not answered by what is \
         stale",
    ),
    wrong("failfast", "fallback", NEVER_SEES_FAILURES),
    wrong("circuitbreaker", "fallback", NEVER_SEES_FAILURES),
    wrong(
        "retry",
        "fallback",
        "the fallback answers the first failure, so that nothing is ever retried",
    ),
    wrong(
        "hedge",
        "fallback",
        "an attempt that fails fast is answered by the fallback, which wins over the others",
    ),
    wrong(
        "timeout",
        "fallback",
        "what the timeout cuts off is not answered by the fallback",
    ),
    wrong("retry", "failfast", COUNTS_EACH_ATTEMPT),
    wrong("retry", "circuitbreaker", COUNTS_EACH_ATTEMPT),
    wrong("hedge", "failfast", COUNTS_EACH_ATTEMPT),
    wrong("hedge", "circuitbreaker", COUNTS_EACH_ATTEMPT),
    wrong("timeout", "failfast", NEVER_SEES_TIMEOUTS),
    wrong("timeout", "circuitbreaker", NEVER_SEES_TIMEOUTS),
    wrong(
        "hedge",
        "retry",
        "each of the attempts beside each other retries for itself: their numbers multiply",
    ),
    wrong(
        "timeout",
        "retry",
        "`seconds` bounds all attempts and the waits between them together: one that hangs leaves \
         no time for another",
    ),
    wrong(
        "timeout",
        "hedge",
        "`seconds` bounds all attempts together: the later ones have less of it",
    ),
];

/// Tells of what stands inside of what it should stand outside of.
pub(super) fn check(stack: &[(Merged, Policy)], order: &Order, found: &mut Diagnostics) {
    let standing: Vec<&str> = stack
        .iter()
        .filter(|(_, policy)| policy.mode != Mode::Off)
        .map(|(merged, _)| merged.pattern.name)
        .collect();
    for wrong in WRONG {
        let place = |name| standing.iter().position(|standing| *standing == name);
        let (Some(outer), Some(inner)) = (place(wrong.outer), place(wrong.inner)) else {
            continue;
        };
        if outer < inner {
            let (outer, inner) = (wrong.outer, wrong.inner);
            found.push(
                Diagnostic::warning(
                    "dubious-order",
                    format!("`{outer}` stands outside of `{inner}`: {}", wrong.means),
                )
                .at(order.location.clone())
                .help(format!(
                    "write `{inner}` before `{outer}`, as without an `order`"
                )),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::{PATTERNS, pattern};
    use super::*;

    /// A warning is of what an order can bring about and the usual one does not.
    #[test]
    fn what_is_wrong_is_another_order_than_the_usual_one() {
        let place = |name: &str| PATTERNS.iter().position(|pattern| pattern.name == name);
        for wrong in WRONG {
            let (outer, inner) = (pattern(wrong.outer), pattern(wrong.inner));
            let groups = outer
                .zip(inner)
                .map(|(outer, inner)| (outer.group, inner.group));
            let (outer, inner) = groups.expect("both are patterns");
            assert_eq!(outer, inner, "{} {}", wrong.outer, wrong.inner);
            assert!(
                place(wrong.outer) > place(wrong.inner),
                "{} {}",
                wrong.outer,
                wrong.inner
            );
        }
    }
}
