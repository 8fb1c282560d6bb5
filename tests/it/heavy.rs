//! Bodies of many megabytes, deep or wrong in a hundred thousand places: answered soon, with a short
//! answer, and without more memory than their size lets expect.

use std::time::{Duration, Instant};

use failsafe_tests::{Server, Tree, http::Answer, paths, request};

const MANY: usize = 10 << 20;

/// Generous, because other tests run beside this one. What takes a time that grows with the square of
/// a body's size takes minutes.
const SOON: Duration = Duration::from_secs(20);

/// Of the whole service: a value of JSON is some ten times its text.
const MOST_MEMORY: u64 = 512 << 20;

fn post(server: &Server, target: &str, media_type: &str, body: &str) -> Answer {
    let headers = [("content-type", media_type)];
    let began = Instant::now();
    let answer = server.send(&request("POST", target, &headers, Some(body.as_bytes())));
    assert!(began.elapsed() < SOON, "{target}: {:?}", began.elapsed());
    assert!(answer.body.len() < 64 << 10, "{target}: a long answer");
    answer
}

/// The status, and how many violations are listed.
fn outcome(answer: &Answer) -> (u16, usize) {
    let problem = answer.json();
    let listed = problem["violations"].as_array().map_or(0, Vec::len);
    (answer.status, listed)
}

#[test]
fn heavy_bodies() {
    let spec = paths::repository().join("specs/heavy.yaml");
    let options = ["--telemetry", "NONE", "--no-dockerfile"];
    let tree = Tree::edited("heavy", &spec, &options, |_| {});
    let server = Server::start(&tree.build(), &[("MAX_BODY_BYTES", "20000000")]);
    const JSON: &str = "application/json";

    // Nested arrays, closed and not.
    let deep = "[".repeat(MANY / 2) + &"]".repeat(MANY / 2);
    for target in ["/anything", "/numbers", "/trees"] {
        for body in [&deep, &deep[..MANY / 2]] {
            assert_eq!(outcome(&post(&server, target, JSON, body)), (400, 1));
        }
    }
    let objects = "{\"a\":".repeat(MANY / 5);
    assert_eq!(outcome(&post(&server, "/anything", JSON, &objects)).0, 400);

    // Objects in objects, each of them large: refused before they end the process.
    for (depth, status) in [(1, 501), (20, 501), (60, 422), (126, 422)] {
        let body = format!("{}\"\"{}", "{\"child\":".repeat(depth), "}".repeat(depth));
        assert_eq!(post(&server, "/choices", JSON, &body).status, status);
        let body = body.replace("\"\"", "{}");
        assert_eq!(post(&server, "/nodes", JSON, &body).status, status);
    }

    // Many small ones, which fit, and reach a handler that is still to be written.
    let flat = format!("[{}[]]", "[],".repeat(MANY / 3));
    for target in ["/anything", "/trees"] {
        assert_eq!(post(&server, target, JSON, &flat).status, 501);
    }

    // A hundred thousand that do not fit.
    let wrong = format!("[{}10]", "\"x\",".repeat(100_000));
    assert_eq!(
        outcome(&post(&server, "/numbers", JSON, &wrong)),
        (422, 100)
    );
    let wrong = format!("[{}1]", "1,{},".repeat(50_000));
    assert_eq!(outcome(&post(&server, "/trees", JSON, &wrong)), (422, 100));
    let lines = "{}\n".repeat(100_000);
    let refused = post(&server, "/numbers", "application/x-ndjson", &lines);
    assert_eq!(outcome(&refused), (422, 1));
    let fields = "n=x&".repeat(100_000);
    let form = "application/x-www-form-urlencoded";
    assert!((400..500).contains(&post(&server, "/numbers", form, &fields).status));

    let peak = server.peak_memory().expect("the system tells");
    assert!(peak < MOST_MEMORY, "{} MiB", peak >> 20);
    // And it still stands.
    assert_eq!(post(&server, "/numbers", JSON, "[1]").status, 501);
    server.stop();
}
