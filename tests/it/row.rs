//! `specs/row.yaml`: generated services that call each other, in front of one that is down; and what
//! one of them refuses first when there is too much to do.

use std::{
    fs,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use failsafe_tests::{Server, Tree, http, http::Answer, paths, probe::Request};
use serde_json::{Value, json};

const TOKEN: &str = "a-token-nobody-guesses";
const CALLS: usize = 200;

fn build() -> PathBuf {
    let tree = Tree::with_files(
        "row",
        &paths::repository().join("specs/row.yaml"),
        &["--telemetry", "NONE", "--no-dockerfile"],
        &[(
            "src/handlers/default.rs",
            include_str!("../handlers/row.rs"),
        )],
    );
    tree.build()
}

#[test]
fn a_generated_service_that_is_down_behind_others_sees_a_fifth_more_calls() {
    let binary = build();
    // How many generated services stand in front of the one that is down.
    for (in_front, calls_elsewhere) in [(0, 3), (1, 0), (1, 3), (2, 0)] {
        let folder = tempfile::tempdir().expect("a folder");
        let control = folder.path().to_str().expect("UTF-8");
        let mut row = vec![Server::start(&binary, &[("CONTROL", control)])];
        for _ in 0..in_front {
            let next = format!("http://{}", row[row.len() - 1].address());
            row.push(Server::start(&binary, &[("NEXT", &next)]));
        }
        let first = row.last().expect("one");
        for _ in 0..CALLS {
            for _ in 0..calls_elsewhere {
                assert_eq!(first.get("/here").status, 200);
            }
            let status = first.get("/asked").status;
            assert!((500..=599).contains(&status), "{status}");
        }
        let seen = fs::read(folder.path().join("calls")).expect("calls").len();
        let what = format!("{seen} behind {in_front} beside {calls_elsewhere}");
        assert!(seen > CALLS * 11 / 10, "nothing is retried: {what}");
        assert!(seen <= CALLS * 12 / 10, "{what}");
        row.into_iter().for_each(Server::stop);
    }
}

fn admin(server: &Server, method: &str, path: &str, body: Option<Value>) -> Answer {
    let headers = [
        ("authorization", format!("Bearer {TOKEN}")),
        ("content-type", "application/json".to_owned()),
    ];
    let request = Request {
        method: method.to_owned(),
        target: format!("/failsafe/{path}"),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
        body: body.map(|body| body.to_string().into_bytes()),
    };
    http::send(server.address(), &request)
}

#[test]
fn of_too_much_what_is_urgent_is_served_and_the_rest_refused() {
    let server = Server::start(&build(), &[("FAILSAFE_ADMIN_TOKEN", TOKEN)]);
    // Memory is measured beside the requests, for the first time soon after the start.
    let end = Instant::now() + Duration::from_secs(10);
    while server.get("/usual").status == 200 {
        assert!(Instant::now() < end, "nobody has measured it");
        thread::sleep(Duration::from_millis(2));
    }
    for _ in 0..20 {
        let refused = server.get("/usual");
        assert_eq!(refused.status, 503);
        assert_eq!(refused.json()["error"], "load_shed");
        let after = refused.header("retry-after").expect("when to come back");
        assert!(after.parse::<u32>().is_ok_and(|after| after >= 1));
        assert_eq!(server.get("/urgent").status, 200);
    }
    // Its priority decides, and nothing else.
    let change = |priority: &str| {
        let body = Some(json!({ "priority": priority }));
        let answer = admin(&server, "PUT", "config/loadshed/readUrgent", body);
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    change("normal");
    assert_eq!(server.get("/urgent").status, 503);
    change("high");
    assert_eq!(server.get("/urgent").status, 200);
    // What all retries of the service share is no operation's to change.
    let body = Some(json!({ "budget": { "ratio": 1 } }));
    let answer = admin(&server, "PUT", "config/retry/shared", body);
    assert_eq!(answer.status, 422);
    let why = "change it in the document";
    assert!(answer.text().contains(why), "{}", answer.text());
    // With enough memory, everything is served again.
    let body = Some(json!({ "memory_threshold": 100 }));
    let answer = admin(&server, "PUT", "config/loadshed/readUsual", body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(server.get("/usual").status, 200);
    server.stop();
}
