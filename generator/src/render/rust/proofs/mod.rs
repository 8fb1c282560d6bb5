//! `tests/policies.rs`: the document's policies once more, as what a client sees of them.
//!
//! The values come straight from the document and not from the configurations in `resilience.rs`,
//! so the one is a proof of the other. A pattern is a table and one test that walks it: an
//! operation more is a row more.

mod fields;

use super::{layout, used::Used};
use crate::{
    ir::{Mode, Operation, Pattern, Service},
    render::{filters::rust_string, words},
};
use fields::{
    Fields, backpressure, bulkhead, cache, circuit_breaker, concurrency, fail_fast, fallback,
    feature_toggle, hedge, load_shed, machine, rate_limit, retry, timeout,
};

/// What is proved of one type of pattern.
struct Proof {
    table: &'static str,
    row: &'static str,
    /// The function of the runtime that walks the table, and the name of the test.
    function: &'static str,
    promise: &'static str,
    /// None where there is nothing to prove.
    fields: fn(&Pattern) -> Option<Fields>,
}

const PROOFS: &[Proof] = &[
    Proof {
        table: "FEATURE_TOGGLES",
        row: "FeatureTogglePolicy",
        function: "feature_toggles",
        promise: "On for `percentage` of the clients; `status` for everybody while it is off.",
        fields: |pattern| match pattern {
            Pattern::FeatureToggle(toggle) => Some(feature_toggle(toggle)),
            _ => None,
        },
    },
    Proof {
        table: "RATE_LIMITS",
        row: "RateLimitPolicy",
        function: "rate_limits",
        promise: "`calls` at once, 429 for the next one, and room again when it may come back.",
        fields: |pattern| match pattern {
            Pattern::RateLimit(limit) => rate_limit(limit),
            _ => None,
        },
    },
    Proof {
        table: "LOAD_SHEDDERS",
        row: "PlacesPolicy",
        function: "load_shedders",
        promise: "`running` at a time, 503 for all others.",
        fields: |pattern| match pattern {
            Pattern::LoadShed(shed) => load_shed(shed),
            _ => None,
        },
    },
    Proof {
        table: "MACHINE_LIMITS",
        row: "MachinePolicy",
        function: "machine_limits",
        promise: "503 from so many percent of the processor time or the memory on.",
        fields: |pattern| match pattern {
            Pattern::LoadShed(shed) => machine(shed),
            _ => None,
        },
    },
    Proof {
        table: "CONCURRENCY_LIMITS",
        row: "PlacesPolicy",
        function: "concurrency_limits",
        promise: "`running` at a time before anything was learned, 503 for all others.",
        fields: |pattern| match pattern {
            Pattern::Concurrency(limit) => concurrency(limit),
            _ => None,
        },
    },
    Proof {
        table: "BACKPRESSURES",
        row: "PlacesPolicy",
        function: "backpressures",
        promise: "`running` until new ones have to wait, 503 for who has waited too long.",
        fields: |pattern| match pattern {
            Pattern::Backpressure(backpressure) => self::backpressure(backpressure),
            _ => None,
        },
    },
    Proof {
        table: "BULKHEADS",
        row: "PlacesPolicy",
        function: "bulkheads",
        promise: "`running` at a time and `waiting` in the queue, 503 for all others.",
        fields: |pattern| match pattern {
            Pattern::Bulkhead(bulkhead) => self::bulkhead(bulkhead),
            _ => None,
        },
    },
    Proof {
        table: "CACHES",
        row: "CachePolicy",
        function: "caches",
        promise: "One call for all who ask within `keeps_for`.",
        fields: |pattern| match pattern {
            Pattern::Cache(cache) => self::cache(cache),
            _ => None,
        },
    },
    Proof {
        table: "FALLBACKS",
        row: "FallbackPolicy",
        function: "fallbacks",
        promise: "A failure is answered with `status`, and the answer says what it is.",
        fields: |pattern| match pattern {
            Pattern::Fallback(fallback) => self::fallback(fallback),
            _ => None,
        },
    },
    Proof {
        table: "FAIL_FASTS",
        row: "FusePolicy",
        function: "fail_fasts",
        promise: "503 after `opens_after` failures, until it is closed again.",
        fields: |pattern| match pattern {
            Pattern::FailFast(fail_fast) => self::fail_fast(fail_fast),
            _ => None,
        },
    },
    Proof {
        table: "CIRCUIT_BREAKERS",
        row: "FusePolicy",
        function: "circuit_breakers",
        promise: "503 after `opens_after` failures, closed again after `closes_after` successes.",
        fields: |pattern| match pattern {
            Pattern::CircuitBreaker(breaker) => circuit_breaker(breaker),
            _ => None,
        },
    },
    Proof {
        table: "RETRIES",
        row: "RetryPolicy",
        function: "retries",
        promise: "`attempts` of a call that fails, and then 503.",
        fields: |pattern| match pattern {
            Pattern::Retry(retry) => self::retry(retry),
            _ => None,
        },
    },
    Proof {
        table: "HEDGES",
        row: "HedgePolicy",
        function: "hedges",
        promise: "A call that hangs is made once more `after` so long, and its answer taken.",
        fields: |pattern| match pattern {
            Pattern::Hedge(hedge) => self::hedge(hedge),
            _ => None,
        },
    },
    Proof {
        table: "TIMEOUTS",
        row: "TimeoutPolicy",
        function: "timeouts",
        promise: "504 for what takes longer.",
        fields: |pattern| match pattern {
            Pattern::Timeout(timeout) => Some(self::timeout(timeout)),
            _ => None,
        },
    },
];

/// What is proved of patterns that are not enforced, whatever they are.
const MODES: Proof = Proof {
    table: "MODES",
    row: "ModePolicy",
    function: "modes",
    promise: "`shadow` counts and `off` does nothing; a circuit is forced to be open or closed.",
    fields: |_| None,
};

/// The file, where there is anything to prove.
pub(super) fn file(service: &Service, crate_name: &str) -> Option<String> {
    let mut tests = String::new();
    for proof in PROOFS {
        let rows: Vec<String> = service
            .apis
            .iter()
            .flat_map(|api| &api.operations)
            .flat_map(|operation| rows(proof, operation))
            .collect();
        if !rows.is_empty() {
            tests.push_str(&test(proof, &rows));
        }
    }
    let modes = modes(service);
    if !modes.is_empty() {
        tests.push_str(&test(&MODES, &modes));
    }
    if tests.is_empty() {
        return None;
    }
    let names = Used::of(&tests);
    let mut text = String::from(
        "//! The document's policies as clients meet them: `cargo test --test policies`.\n\
         //!\n\
         //! Each row holds the document's own values, and is tried on the operation's real stack of\n\
         //! patterns, with a clock that is paused.\n\n",
    );
    if names.name("Duration") {
        text.push_str("use std::time::Duration;\n\n");
    }
    let from_testing: Vec<&str> = [
        "CachePolicy",
        "Failure",
        "FallbackPolicy",
        "FeatureTogglePolicy",
        "FusePolicy",
        "HedgePolicy",
        "MachinePolicy",
        "ModePolicy",
        "PlacesPolicy",
        "RateLimitPolicy",
        "RetryPolicy",
        "TimeoutPolicy",
    ]
    .into_iter()
    .filter(|name| names.name(name))
    .chain(["self"])
    .collect();
    let mut imports = [
        layout::import("failsafe_runtime::testing", &from_testing),
        format!("use {crate_name}::generated::resilience;\n"),
    ];
    imports.sort();
    text.push_str(&imports.concat());
    text.push_str(&tests);
    Some(text)
}

/// A row for each policy that is not enforced.
fn modes(service: &Service) -> Vec<String> {
    let operations = service.apis.iter().flat_map(|api| &api.operations);
    let policies = operations.flat_map(|operation| {
        let policies = operation.policies.iter();
        policies.map(move |policy| (operation, policy))
    });
    // Chaos makes trouble, or it does not: there is nothing to be refused.
    let quiet = policies.filter(|(_, policy)| {
        policy.mode != Mode::Enforce && !matches!(policy.pattern, Pattern::Chaos(_))
    });
    quiet
        .map(|(operation, policy)| {
            let pattern = rust_string(words::pattern(&policy.pattern));
            let mode = rust_string(mode(policy.mode));
            row(&MODES, operation, &[("pattern", pattern), ("mode", mode)])
        })
        .collect()
}

/// A mode in the document's words.
fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "enforce",
        Mode::Shadow => "shadow",
        Mode::Off => "off",
        Mode::ForcedOpen => "forced_open",
        Mode::ForcedClosed => "forced_closed",
    }
}

/// The operation's policies of this type that are enforced.
fn rows(proof: &Proof, operation: &Operation) -> Vec<String> {
    let enforced = operation
        .policies
        .iter()
        .filter(|policy| policy.mode == Mode::Enforce);
    enforced
        .filter_map(|policy| (proof.fields)(&policy.pattern))
        .map(|fields| row(proof, operation, &fields))
        .collect()
}

fn row(proof: &Proof, operation: &Operation, fields: &[(&str, String)]) -> String {
    let mut row = format!(
        "{} {{\n    operation: {},\n    stack: resilience::{},\n",
        proof.row,
        rust_string(&operation.id),
        operation.rust_name
    );
    for (name, value) in fields {
        row.push_str(&format!("    {name}: {value},\n"));
    }
    row + "}"
}

fn test(proof: &Proof, rows: &[String]) -> String {
    let Proof {
        table,
        row,
        function,
        promise,
        ..
    } = proof;
    // rustfmt draws the brackets around a single row together.
    let rows = match rows {
        [only] => only.clone(),
        several => {
            let rows = several
                .iter()
                .map(|row| layout::indented(&format!("{row},")));
            format!("\n{}", rows.collect::<String>())
        }
    };
    format!(
        "\n/// {promise}\nconst {table}: &[{row}] = &[{rows}];\n\n\
         #[test]\nfn {function}() {{\n    testing::{function}({table});\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_row_is_drawn_together_with_its_brackets() {
        let text = test(&PROOFS[0], &["Row {\n    a: 1,\n}".to_owned()]);
        assert!(text.contains("&[Row {\n    a: 1,\n}];"), "{text}");
        let rows = ["Row {\n    a: 1,\n}", "Row {\n    a: 2,\n}"].map(str::to_owned);
        let text = test(&PROOFS[0], &rows);
        assert!(
            text.contains("&[\n    Row {\n        a: 1,\n    },\n"),
            "{text}"
        );
    }
}
