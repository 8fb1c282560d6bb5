//! `specs/limits.yaml` with handlers that answer its examples.

use std::{thread, time::Duration};

use failsafe_tests::{Server, Tree, http::Answer, paths, probe::Request};

fn start() -> Server {
    let spec = paths::repository().join("specs/limits.yaml");
    let options = [
        "--telemetry",
        "NONE",
        "--no-dockerfile",
        "--stubs",
        "example",
    ];
    let tree = Tree::new("limits", &spec, &options);
    Server::start(&tree.build(), &[])
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer
        .header(name)
        .unwrap_or_else(|| panic!("no {name}: {answer:?}"))
}

#[test]
fn several_limits_hold_as_one_and_say_so_in_both_forms() {
    let server = start();
    let passed = server.get("/several");
    assert_eq!(passed.status, 200);
    let policy = r#""readSeveral:3/second";q=3;w=1, "readSeveral:5/hour";q=5;w=3600"#;
    assert_eq!(header(&passed, "ratelimit-policy"), policy);
    assert_eq!(
        header(&passed, "ratelimit"),
        r#""readSeveral:3/second";r=2;t=1"#
    );
    assert_eq!(header(&passed, "ratelimit-limit"), "3");
    assert_eq!(header(&passed, "ratelimit-remaining"), "2");

    // Whatever the second lets pass, the hour ends it after five, and no refusal spends of it.
    let mut statuses = vec![passed.status];
    for _ in 0..3 {
        statuses.extend((0..6).map(|_| server.get("/several").status));
        thread::sleep(Duration::from_millis(1100));
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 5);
    let refused = server.get("/several");
    assert_eq!(refused.status, 429);
    assert_eq!(header(&refused, "ratelimit-policy"), policy);
    let standing = header(&refused, "ratelimit");
    let until = standing
        .strip_prefix(r#""readSeveral:5/hour";r=0;t="#)
        .unwrap_or_else(|| panic!("{standing}"));
    let until: u64 = until.parse().expect("whole seconds");
    let retry_after: u64 = header(&refused, "retry-after")
        .parse()
        .expect("whole seconds");
    assert!((600..=720).contains(&until), "{until}");
    assert!(retry_after >= until, "{retry_after} {until}");
    server.stop();
}

fn as_client(server: &Server, target: &str, name: &str) -> Answer {
    server.send(&Request {
        method: "GET".to_owned(),
        target: target.to_owned(),
        headers: vec![("x-client-id".to_owned(), name.to_owned())],
        body: None,
    })
}

#[test]
fn one_operation_knows_its_clients_by_name() {
    let server = start();
    let names = ["a", "a", "a", "b", "b", "b"];
    let statuses = names.map(|name| as_client(&server, "/named", name).status);
    assert_eq!(statuses, [200, 200, 429, 200, 200, 429]);
    let refused = as_client(&server, "/named", "a");
    assert_eq!(header(&refused, "x-client-id"), "a");
    // The others know them by their address, whatever they call themselves.
    let elsewhere = as_client(&server, "/dear", "a");
    assert_eq!(header(&elsewhere, "x-client-id"), "127.0.0.1");
    server.stop();
}

#[test]
fn a_request_costs_what_the_document_says() {
    let server = start();
    let first = server.get("/dear");
    assert_eq!(header(&first, "ratelimit-remaining"), "6");
    let statuses: Vec<u16> = (0..3).map(|_| server.get("/dear").status).collect();
    assert_eq!(statuses, [200, 429, 429]);
    // Two tokens are missing, six minutes each.
    let refused = server.get("/dear");
    let wait: u64 = header(&refused, "retry-after")
        .parse()
        .expect("whole seconds");
    assert!((700..=720).contains(&wait), "{wait}");
    server.stop();
}
