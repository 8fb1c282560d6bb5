//! `specs/patterns.yaml` with real handlers: each pattern refuses and recovers as it should, seen
//! from outside.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use failsafe_tests::{Server, Tree, http::Answer, paths};

/// A service, and the folder through which its handlers are told what to do.
fn start() -> (Server, tempfile::TempDir) {
    let tree = Tree::with_files(
        "patterns",
        &paths::repository().join("specs/patterns.yaml"),
        &["--telemetry", "NONE", "--no-dockerfile"],
        &[(
            "src/handlers/patterns.rs",
            include_str!("../handlers/patterns.rs"),
        )],
    );
    let control = tempfile::tempdir().expect("a folder");
    let folder = control.path().to_str().expect("UTF-8").to_owned();
    (
        Server::start(&tree.build(), &[("CONTROL", &folder)]),
        control,
    )
}

/// Sends the same request many times at once.
fn at_once(server: &Server, count: usize, target: &str) -> Vec<Answer> {
    thread::scope(|scope| {
        let calls: Vec<_> = (0..count)
            .map(|_| scope.spawn(|| server.get(target)))
            .collect();
        calls
            .into_iter()
            .map(|call| call.join().expect("an answer"))
            .collect()
    })
}

fn number(answer: &Answer, header: &str) -> f64 {
    let value = answer
        .header(header)
        .unwrap_or_else(|| panic!("no {header}: {answer:?}"));
    value
        .parse()
        .unwrap_or_else(|_| panic!("{header}: {value}"))
}

#[test]
fn of_twenty_requests_at_once_five_pass() {
    let (server, _control) = start();
    let answers = at_once(&server, 20, "/limited");
    let (passed, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|it| it.status == 200);
    assert_eq!(passed.len(), 5);
    for answer in passed {
        assert_eq!(number(answer, "ratelimit-limit"), 5.0);
        assert!((0.0..5.0).contains(&number(answer, "ratelimit-remaining")));
        assert!((0.0..=1.0).contains(&number(answer, "x-backpressure")));
        assert_eq!(answer.header("x-client-id"), Some("127.0.0.1"));
    }
    for answer in refused {
        assert_eq!(answer.status, 429);
        let seconds = answer
            .header("retry-after")
            .expect("it says when to come back");
        assert!(
            seconds.parse::<u32>().is_ok_and(|seconds| seconds >= 1),
            "{seconds}"
        );
        let milliseconds = number(answer, "x-ratelimit-retry-after-ms");
        assert!(milliseconds > 0.0);
        assert!((0.0..=1.0).contains(&number(answer, "x-backpressure")));
        assert_eq!(answer.header("x-client-id"), Some("127.0.0.1"));
        let body = answer.json();
        assert_eq!(body["error"], "rate_limit_exceeded");
        assert_eq!(body["retry_after_ms"].as_f64(), Some(milliseconds));
        assert_eq!(body["client_id"], "127.0.0.1");
        let message = format!("Rate limit exceeded. Retry after {milliseconds}ms");
        assert_eq!(body["message"], message.as_str());
        let seconds = body["retry_after_seconds"].as_f64().expect("a number");
        assert!((seconds * 1000.0 - milliseconds).abs() < 1.0, "{body}");
    }
    server.stop();
}

#[test]
fn a_client_that_waits_as_told_gets_through() {
    let (server, _control) = start();
    assert_eq!(server.get("/limited-soon").status, 200);
    let refused = server.get("/limited-soon");
    assert_eq!(refused.status, 429);
    let wait = number(&refused, "x-ratelimit-retry-after-ms");
    assert!(wait <= 600.0, "{wait}");
    thread::sleep(Duration::from_secs_f64(wait / 1000.0));
    assert_eq!(server.get("/limited-soon").status, 200);
}

#[test]
fn a_circuit_opens_probes_and_closes() {
    let (server, control) = start();
    let calls = || fs::read(control.path().join("calls")).map_or(0, |calls| calls.len());
    let tell = |word: &str| tell(control.path(), word);
    let wait_for_calls = |count: usize| {
        let end = Instant::now() + Duration::from_secs(10);
        while calls() != count {
            assert!(Instant::now() < end, "{} calls, not {count}", calls());
            thread::sleep(Duration::from_millis(2));
        }
    };
    let recovery = Duration::from_millis(320);

    tell("fails");
    for _ in 0..5 {
        assert!(server.get("/circuit").status >= 500);
    }
    let refused = server.get("/circuit");
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["error"], "circuit_open");
    assert!(number(&refused, "retry-after") >= 1.0);
    assert_eq!(calls(), 5, "the sixth call does not reach the handler");

    // Two probes at a time, and not more while they are on their way.
    thread::sleep(recovery);
    tell("hangs");
    thread::scope(|scope| {
        let probes: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| server.get("/circuit")))
            .collect();
        wait_for_calls(7);
        assert!(
            at_once(&server, 10, "/circuit")
                .iter()
                .all(|answer| answer.status == 503)
        );
        assert_eq!(calls(), 7);
        tell("fails");
        for probe in probes {
            assert_ne!(probe.join().expect("an answer").status, 200);
        }
    });
    assert_eq!(
        server.get("/circuit").status,
        503,
        "one failure opens it again"
    );
    assert_eq!(calls(), 7);

    // As many successes as there are probes close it.
    thread::sleep(recovery);
    tell("works");
    assert_eq!(server.get("/circuit").status, 200);
    assert_eq!(server.get("/circuit").status, 200);
    assert!(
        at_once(&server, 10, "/circuit")
            .iter()
            .all(|answer| answer.status == 200)
    );
    server.stop();
}

fn tell(control: &Path, word: &str) {
    // Renamed, so that the handler never reads half a word.
    let new = control.join("circuit.new");
    fs::write(&new, word)
        .and_then(|()| fs::rename(&new, control.join("circuit")))
        .expect("told");
}

#[test]
fn what_is_switched_off_is_not_there() {
    let (server, _control) = start();
    let answer = server.get("/hidden");
    assert_eq!(answer.status, 404);
    assert_eq!(answer.json()["error"], "feature_disabled");
    server.stop();
}

#[test]
fn a_circuit_with_a_window_opens_on_failures_that_are_spread() {
    let (server, _control) = start();
    let statuses: Vec<_> = (0..4).map(|_| server.get("/rated").status).collect();
    assert_eq!(statuses, [502, 200, 502, 200]);
    let refused = server.get("/rated");
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["error"], "circuit_open");
    server.stop();
}

#[test]
fn fail_fast_opens_after_failures_in_a_row_and_closes_in_time() {
    let (server, control) = start();
    for _ in 0..2 {
        assert_eq!(server.get("/fused").status, 502);
    }
    let refused = server.get("/fused");
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["error"], "fail_fast_open");
    assert!(number(&refused, "retry-after") >= 1.0);
    tell(control.path(), "works");
    thread::sleep(Duration::from_millis(320));
    assert_eq!(server.get("/fused").status, 200);
    server.stop();
}

/// Sends three requests whose handlers wait until one was refused: how often a handler was called
/// by then, and all answers by status.
fn three_at_once(server: &Server, control: &Path, target: &str) -> (usize, Vec<Answer>) {
    let calls = || fs::read(control.join("calls")).map_or(0, |calls| calls.len());
    thread::scope(|scope| {
        let sent: Vec<_> = (0..3).map(|_| scope.spawn(|| server.get(target))).collect();
        let end = Instant::now() + Duration::from_secs(10);
        while calls() == 0 || !sent.iter().any(|call| call.is_finished()) {
            assert!(Instant::now() < end, "nobody is refused");
            thread::sleep(Duration::from_millis(2));
        }
        let calls = calls();
        fs::write(control.join("room"), "").expect("told");
        let mut answers: Vec<_> = sent
            .into_iter()
            .map(|call| call.join().expect("an answer"))
            .collect();
        answers.sort_by_key(|answer| answer.status);
        (calls, answers)
    })
}

#[test]
fn a_bulkhead_serves_one_has_one_wait_and_refuses_the_third() {
    let (server, control) = start();
    let (calls, answers) = three_at_once(&server, control.path(), "/roomy");
    assert_eq!(calls, 1, "who waits has not reached the handler");
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 503]);
    assert_eq!(answers[2].json()["error"], "bulkhead_full");
    assert_eq!(server.get("/roomy").status, 200, "it has recovered");
    server.stop();
}

#[test]
fn backpressure_has_requests_wait_until_few_enough_are_pending() {
    let (server, control) = start();
    let (calls, answers) = three_at_once(&server, control.path(), "/pressed");
    assert_eq!(calls, 1, "who waits has not reached the handler");
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 503]);
    assert_eq!(answers[2].json()["error"], "backpressure_full");
    assert_eq!(server.get("/pressed").status, 200, "it has recovered");
    server.stop();
}

#[test]
fn load_is_shed_beyond_what_may_run() {
    let (server, control) = start();
    let (calls, answers) = three_at_once(&server, control.path(), "/shed");
    assert_eq!(calls, 1);
    let refused = answers.last().expect("three answers");
    assert_eq!(refused.status, 503);
    assert_eq!(refused.json()["error"], "load_shed");
    assert!(number(refused, "retry-after") >= 1.0);
    assert_eq!(server.get("/shed").status, 200, "it has recovered");
    server.stop();
}

#[test]
fn a_concurrency_limit_refuses_beyond_what_it_has_found() {
    let (server, control) = start();
    let (calls, answers) = three_at_once(&server, control.path(), "/adaptive");
    assert!(calls <= 2);
    assert_eq!(answers[2].status, 503);
    assert_eq!(answers[2].json()["error"], "concurrency_limited");
    // Failures have lowered the limit, and never to nothing.
    assert_eq!(server.get("/adaptive").status, 502);
    server.stop();
}

#[test]
fn a_slow_handler_is_cut_off() {
    let (server, _control) = start();
    let answer = server.get("/slow");
    assert_eq!(answer.status, 504);
    assert_eq!(answer.json()["error"], "timeout");
}

#[test]
fn what_fails_by_chance_is_tried_again() {
    let (server, _control) = start();
    let answer = server.get("/retried");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json()["text"],
        "3",
        "two failures, and a third attempt that works"
    );
}

#[test]
fn a_panic_is_a_problem_and_not_the_end() {
    let (server, _control) = start();
    let answer = server.get("/stacked");
    assert_eq!(answer.status, 500);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    assert!(
        !answer.text().contains("a fault of the handler"),
        "it is for the log alone"
    );
    assert_eq!(server.get("/livez").status, 200);
    server.stop();
}
