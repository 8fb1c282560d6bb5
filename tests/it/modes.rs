//! Every pattern in every mode, from the document to the answer: enforced it acts, and lets pass again
//! when it is time; in shadow and switched off it does not act. Chaos makes the trouble, the handlers
//! answer the document's examples.

use std::{
    fmt::Write as _,
    fs, thread,
    time::{Duration, Instant},
};

use failsafe_tests::{Server, Tree, http::Answer, probe::Request};

/// How two requests are sent.
#[derive(Clone, Copy, PartialEq)]
enum Load {
    /// One after the other; the second one shows what the pattern does.
    Twice,
    /// Both at once; one of them does.
    AtOnce,
}

/// What has to be done before a pattern that has acted lets pass again.
#[derive(Clone, Copy)]
enum Repair {
    /// Nothing: time passes, or the calls end that it was full of.
    Waiting,
    TurningOn,
    EndingChaos,
    /// The same, and closing it by hand.
    Closing,
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
    repair: Repair,
}

const fn row(
    (pattern, keys): (&'static str, &'static str),
    chaos: &'static str,
    send: Load,
    (status, sign): (u16, &'static str),
    otherwise: u16,
    repair: Repair,
) -> Row {
    Row {
        pattern,
        keys,
        chaos,
        send,
        status,
        sign,
        otherwise,
        repair,
    }
}

const FAILS: &str = "fault_rate: 1";
const SLOW: &str = "latency: 500ms";

use Load::{AtOnce, Twice};
use Repair::{Closing, EndingChaos, TurningOn, Waiting};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(("featuretoggle", "enabled: false"), "", Twice, (403, "feature_disabled"), 200, TurningOn),
    row(("ratelimit", "limit: 10/minute, bucket_size: 1"), "", Twice, (429, "rate_limit_exceeded"), 200, Waiting),
    row(("loadshed", "max_requests: 1"), SLOW, AtOnce, (503, "load_shed"), 200, Waiting),
    row(("concurrency", "max_limit: 1"), SLOW, AtOnce, (503, "concurrency_limited"), 200, Waiting),
    row(("backpressure", "max_pending: 1"), SLOW, AtOnce, (503, "backpressure_full"), 200, Waiting),
    row(("bulkhead", "max_concurrent: 1"), SLOW, AtOnce, (503, "bulkhead_full"), 200, Waiting),
    row(("cache", "ttl: 5"), "", Twice, (200, "x-cache: HIT"), 200, Waiting),
    row(("fallback", "status: 200, body: { text: less }"), FAILS, Twice, (200, "x-fallback: true"), 503, EndingChaos),
    row(("failfast", "failure_threshold: 1"), FAILS, Twice, (503, "fail_fast_open"), 503, Closing),
    row(("circuitbreaker", "failure_threshold: 1, recovery_timeout: 5"), FAILS, Twice, (503, "circuit_open"), 503, EndingChaos),
    row(("retry", "attempts: 2, delay: 10ms"), FAILS, Twice, (503, "attempts_exceeded"), 503, EndingChaos),
    row(("hedge", "delay: 20ms, timeout: 100ms"), SLOW, Twice, (504, "hedge_timeout"), 200, EndingChaos),
    row(("timeout", "seconds: 100ms"), SLOW, Twice, (504, "timeout"), 200, EndingChaos),
    row(("chaos", "fault_rate: 1, status: 500"), "", Twice, (500, "content-type: application/problem+json"), 200, EndingChaos),
];

const TOKEN: &str = "let-me-in";

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

/// A refusal that knows when says it in its header and in its body, and they agree.
fn says_when_to_come_back(refused: &Answer) {
    if refused.status < 400 || refused.json()["error"].is_null() {
        return;
    }
    let body = refused.json();
    assert!(body["message"].is_string(), "{body}");
    let seconds = body["retry_after_seconds"].as_f64();
    let knows = ["rate_limit_exceeded", "load_shed", "circuit_open"];
    let word = body["error"].as_str().expect("a word");
    assert!(seconds.is_some() || !knows.contains(&word), "{body}");
    let header = seconds.map(|seconds| seconds.ceil().max(1.0).to_string());
    assert_eq!(refused.header("retry-after"), header.as_deref(), "{body}");
}

fn admin(server: &Server, method: &str, path: &str, body: Option<&str>) {
    let mut headers = vec![("authorization".to_owned(), format!("Bearer {TOKEN}"))];
    if body.is_some() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let answer = server.send(&Request {
        method: method.to_owned(),
        target: format!("/failsafe/{path}"),
        headers,
        body: body.map(|body| body.as_bytes().to_vec()),
    });
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Repairs what is wrong, and asks until the pattern lets pass.
fn recovers(server: &Server, row: &Row, target: &str) {
    let name = format!("{}_enforce", row.pattern);
    let end_chaos = || {
        let path = format!("control/chaos/{name}/disable");
        admin(server, "POST", &path, None);
    };
    match row.repair {
        Waiting => {}
        TurningOn => {
            let path = format!("config/{}/{name}", row.pattern);
            admin(server, "PUT", &path, Some(r#"{ "enabled": true }"#));
        }
        EndingChaos => end_chaos(),
        Closing => {
            end_chaos();
            let path = format!("control/{}/{name}/close", row.pattern);
            admin(server, "POST", &path, None);
        }
    }
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = server.get(target);
        if answer.status == 200 && !has_sign(&answer, row.sign) {
            break;
        }
        assert!(Instant::now() < end, "{target}: {answer:?}");
        thread::sleep(Duration::from_millis(20));
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
    let server = Server::start(&tree.build(), &[("FAILSAFE_ADMIN_TOKEN", TOKEN)]);
    for row in ROWS {
        for mode in MODES {
            let target = format!("/{}-{mode}", row.pattern);
            let answers = sent(&server, &target, row.send);
            let acted = |it: &&Answer| it.status == row.status && has_sign(it, row.sign);
            match mode {
                "enforce" => {
                    assert_eq!(answers.iter().filter(acted).count(), 1, "{answers:?}");
                    answers
                        .iter()
                        .filter(acted)
                        .for_each(says_when_to_come_back);
                    recovers(&server, row, &target);
                }
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

    server.stop();
}
