//! Which policies a document begins with.
//!
//! Nothing is chosen that could change what an operation does: no answer is kept, and only what is
//! safe to repeat is repeated. The numbers are wide; whoever knows the service narrows them.

use serde_json::{Value, json};

use crate::{
    ir::{ContentKind, Operation, Service},
    spec::{Document, FileId},
};

/// What is chosen.
#[derive(Debug)]
pub(crate) struct Plan {
    /// For every operation.
    pub(crate) root: Vec<Rule>,
    /// For some of them.
    pub(crate) some: Vec<Chosen>,
    /// How many operations stand in other files, and have what holds for all alone.
    pub(crate) elsewhere: usize,
    /// The extension's name: the one that the document does not use for something else.
    pub(crate) namespace: &'static str,
}

/// A pattern with its values, and why.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) pattern: &'static str,
    pub(crate) value: Value,
    /// Which operations it is for, in words.
    pub(crate) on: &'static str,
    pub(crate) why: &'static str,
    /// The methods of which all operations have it, but for exceptions; none where it depends on
    /// something else.
    pub(crate) methods: &'static [&'static str],
}

impl Rule {
    /// The key under which an operation has it.
    pub(super) fn key(&self) -> String {
        format!("x-{}", self.pattern)
    }
}

/// A rule, and the operations that it is for.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) rule: Rule,
    pub(crate) targets: Vec<Target>,
    /// Others that have one of its methods.
    pub(crate) others: Vec<Target>,
}

/// An operation in the first file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) path: String,
    /// Lower case.
    pub(crate) method: String,
    pub(crate) pointer: String,
}

impl Plan {
    pub(super) fn of(service: &Service, document: &Document) -> Self {
        let operations = service.apis.iter().flat_map(|api| &api.operations);
        let all: Vec<&Operation> = operations.collect();
        let here = |it: &&&Operation| it.location.file == FileId(0);
        let some = rules_of_some().into_iter().map(|(rule, is_meant)| {
            let (targets, others): (Vec<&Operation>, _) = (all.iter().filter(here).copied())
                .filter(|it| is_meant(it) || has_method(it, rule.methods))
                .partition(|it| is_meant(it));
            let [targets, others] = [targets, others].map(|those| those.into_iter().map(target));
            Chosen {
                rule,
                targets: targets.collect(),
                others: others.collect(),
            }
        });
        let root = document.root();
        Self {
            root: rules_of_all(),
            some: some.filter(|chosen| !chosen.targets.is_empty()).collect(),
            elsewhere: all.len() - all.iter().filter(here).count(),
            namespace: match root.get("x-telstra") {
                None => "x-telstra",
                Some(_) => "x-failsafe",
            },
        }
    }
}

fn target(operation: &Operation) -> Target {
    Target {
        path: operation.path.clone(),
        method: operation.method.to_lowercase(),
        pointer: operation.location.pointer.to_string(),
    }
}

fn rules_of_all() -> Vec<Rule> {
    let rule = |pattern, value, why| Rule {
        pattern,
        value,
        on: "every operation",
        why,
        methods: &[],
    };
    vec![
        rule(
            "ratelimit",
            json!({ "limit": "50/second", "enable_per_client_tracking": true }),
            "no client can take the service from the others",
        ),
        rule(
            "circuitbreaker",
            json!({ "failure_threshold": 5, "recovery_timeout": 30 }),
            "what keeps failing is left alone for a while, and callers are told at once",
        ),
        rule(
            "timeout",
            json!({ "seconds": 10 }),
            "no caller waits for ever",
        ),
    ]
}

type IsMeant = fn(&Operation) -> bool;

fn rules_of_some() -> Vec<(Rule, IsMeant)> {
    vec![
        (
            Rule {
                pattern: "ratelimit",
                value: json!({ "limit": "10/second" }),
                on: "POST, PUT, PATCH and DELETE",
                why: "changing something costs more than reading it",
                methods: WRITES,
            },
            |it| has_method(it, WRITES),
        ),
        (
            Rule {
                pattern: "bulkhead",
                value: json!({ "max_concurrent": 10, "max_queued": 20, "queue_timeout": 5 }),
                on: "uploads",
                why: "they hold memory and connections for long, so few run at a time",
                methods: &[],
            },
            is_upload,
        ),
        (
            Rule {
                pattern: "retry",
                value: json!({
                    "attempts": 2,
                    "delay": "100ms",
                    "exceptions": ["ConnectionError", "TimeoutError"],
                }),
                on: "GET and HEAD",
                why: "a call that failed on its way is safe to repeat where it only reads",
                methods: READS,
            },
            |it| has_method(it, READS) && !is_streamed(it),
        ),
        (
            Rule {
                pattern: "timeout",
                value: json!({ "seconds": 120 }),
                on: "uploads",
                why: "large bodies take their time",
                methods: &[],
            },
            is_upload,
        ),
    ]
}

const READS: &[&str] = &["get", "head"];
const WRITES: &[&str] = &["post", "put", "patch", "delete"];

fn has_method(operation: &Operation, methods: &[&str]) -> bool {
    methods
        .iter()
        .any(|method| operation.method.eq_ignore_ascii_case(method))
}

fn is_upload(operation: &Operation) -> bool {
    let contents = operation.body.iter().flat_map(|body| &body.contents);
    let mut kinds = contents.map(|content| content.kind());
    has_method(operation, WRITES)
        && kinds.any(|kind| matches!(kind, ContentKind::Multipart | ContentKind::Bytes))
}

/// Whether a body is read, or an answer sent, while it comes: there is nothing to repeat.
fn is_streamed(operation: &Operation) -> bool {
    let bodies = operation.body.iter().flat_map(|body| &body.contents);
    let answers = operation.responses.iter();
    let answers = answers.filter_map(|response| response.content.as_ref());
    (bodies.chain(answers)).any(|content| {
        matches!(
            content.kind(),
            ContentKind::Lines | ContentKind::Events | ContentKind::Bytes
        )
    })
}
