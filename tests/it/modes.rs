//! Every pattern in every mode, from the document to the answer: enforced it acts, in shadow and
//! switched off it does not. Chaos makes the trouble, the handlers answer the document's examples.

use std::{fmt::Write as _, fs, thread};

use failsafe_tests::{Server, Tree, http::Answer, probe::Request};

/// How two requests are sent.
#[derive(Clone, Copy, PartialEq)]
enum Load {
    /// One after the other; the second one shows what the pattern does.
    Twice,
    /// Both at once; one of them does.
    AtOnce,
}

/// A pattern, the chaos that it needs, and the answer by which it is seen to act.
struct Row {
    pattern: &'static str,
    keys: &'static str,
    chaos: &'static str,
    send: Load,
    status: u16,
    /// The word of a refusal, or a header with its value.
    sign: &'static str,
    /// What is answered where the pattern does not act.
    otherwise: u16,
}

const fn row(
    (pattern, keys): (&'static str, &'static str),
    chaos: &'static str,
    send: Load,
    (status, sign): (u16, &'static str),
    otherwise: u16,
) -> Row {
    Row {
        pattern,
        keys,
        chaos,
        send,
        status,
        sign,
        otherwise,
    }
}

const FAILS: &str = "fault_rate: 1";
const SLOW: &str = "latency: 500ms";

use Load::{AtOnce, Twice};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(("featuretoggle", "enabled: false"), "", Twice, (403, "feature_disabled"), 200),
    row(("ratelimit", "limit: 1/hour"), "", Twice, (429, "rate_limit_exceeded"), 200),
    row(("loadshed", "max_requests: 1"), SLOW, AtOnce, (503, "load_shed"), 200),
    row(("concurrency", "max_limit: 1"), SLOW, AtOnce, (503, "concurrency_limited"), 200),
    row(("backpressure", "max_pending: 1"), SLOW, AtOnce, (503, "backpressure_full"), 200),
    row(("bulkhead", "max_concurrent: 1"), SLOW, AtOnce, (503, "bulkhead_full"), 200),
    row(("cache", "ttl: 60"), "", Twice, (200, "x-cache: HIT"), 200),
    row(("fallback", "status: 200, body: { text: less }"), FAILS, Twice, (200, "x-fallback: true"), 503),
    row(("failfast", "failure_threshold: 1"), FAILS, Twice, (503, "fail_fast_open"), 503),
    row(("circuitbreaker", "failure_threshold: 1"), FAILS, Twice, (503, "circuit_open"), 503),
    row(("retry", "attempts: 2, delay: 10ms"), FAILS, Twice, (503, "attempts_exceeded"), 503),
    row(("hedge", "delay: 20ms, timeout: 100ms"), SLOW, Twice, (504, "hedge_timeout"), 200),
    row(("timeout", "seconds: 100ms"), SLOW, Twice, (504, "timeout"), 200),
    row(("chaos", "fault_rate: 1, status: 500"), "", Twice, (500, "content-type: application/problem+json"), 200),
];

const MODES: [&str; 3] = ["enforce", "shadow", "off"];

fn document() -> String {
    let mut text = String::from(
        "openapi: 3.1.0\n\
         info: { title: Modes, version: 1.0.0 }\n\
         tags: [{ name: modes }]\n\
         paths:\n",
    );
    let mut operation = |path: &str, extensions: &[String]| {
        let name = path.replace('-', "_");
        let _ = write!(
            text,
            "  /{path}:\n    get:\n      operationId: {name}\n      tags: [modes]\n"
        );
        for extension in extensions {
            let _ = writeln!(text, "      {extension}");
        }
        text.push_str("      responses: { '200': { $ref: '#/components/responses/Text' } }\n");
    };
    for row in ROWS {
        for mode in MODES {
            let pattern = format!("x-{}: {{ {}, mode: {mode} }}", row.pattern, row.keys);
            let mut extensions = vec![pattern];
            if !row.chaos.is_empty() {
                extensions.push(format!("x-chaos: {{ {} }}", row.chaos));
            }
            operation(&format!("{}-{mode}", row.pattern), &extensions);
        }
    }
    for mode in ["forced_open", "forced_closed"] {
        let breaker = format!("x-circuitbreaker: {{ failure_threshold: 1, mode: {mode} }}");
        let chaos = match mode {
            "forced_closed" => format!("x-chaos: {{ {FAILS} }}"),
            _ => "summary: Nothing fails.".to_owned(),
        };
        operation(&format!("circuit-{mode}"), &[breaker, chaos]);
    }
    text.push_str(
        "components:\n  responses:\n    Text:\n      description: A text.\n      content:\n        \
         application/json:\n          schema: { type: object, properties: { text: { type: string } } }\n          \
         example: { text: all }\n",
    );
    text
}

fn sent(server: &Server, target: &str, send: Load) -> Vec<Answer> {
    match send {
        Twice => {
            server.get(target);
            vec![server.get(target)]
        }
        AtOnce => thread::scope(|scope| {
            let calls = [(); 2].map(|()| scope.spawn(|| server.get(target)));
            calls.map(|call| call.join().expect("an answer")).into()
        }),
    }
}

fn has_sign(answer: &Answer, sign: &str) -> bool {
    match sign.split_once(": ") {
        Some((name, value)) => answer.header(name) == Some(value),
        None => answer.status >= 400 && answer.json()["error"] == sign,
    }
}

#[test]
fn every_pattern_acts_in_its_mode_and_in_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec = folder.path().join("modes.yaml");
    fs::write(&spec, document()).expect("a file");
    let options = [
        "--telemetry",
        "NONE",
        "--no-dockerfile",
        "--stubs",
        "example",
    ];
    let tree = Tree::new("modes", &spec, &options);
    let server = Server::start(&tree.build(), &[("FAILSAFE_ADMIN_TOKEN", "let-me-in")]);
    for row in ROWS {
        for mode in MODES {
            let target = format!("/{}-{mode}", row.pattern);
            let answers = sent(&server, &target, row.send);
            let acted = |it: &&Answer| it.status == row.status && has_sign(it, row.sign);
            match mode {
                "enforce" => assert_eq!(answers.iter().filter(acted).count(), 1, "{answers:?}"),
                _ => {
                    assert_eq!(
                        answers.iter().filter(acted).count(),
                        0,
                        "{target} {answers:?}"
                    );
                    let usual = answers.iter().all(|it| it.status == row.otherwise);
                    assert!(usual, "{target} {answers:?}");
                }
            }
        }
    }
    let open = server.get("/circuit-forced_open");
    assert!(has_sign(&open, "circuit_open"), "{open:?}");
    let closed = sent(&server, "/circuit-forced_closed", Twice);
    assert!(
        closed[0].status == 503 && !has_sign(&closed[0], "circuit_open"),
        "{closed:?}"
    );

    // Chaos is in the registry, so it can be switched like the others.
    let switch = server.send(&Request {
        method: "POST".to_owned(),
        target: "/failsafe/control/chaos/chaos_enforce/disable".to_owned(),
        headers: vec![("authorization".to_owned(), "Bearer let-me-in".to_owned())],
        body: None,
    });
    assert_eq!(switch.status, 200, "{switch:?}");
    assert_eq!(server.get("/chaos-enforce").status, 200);
    server.stop();
}
