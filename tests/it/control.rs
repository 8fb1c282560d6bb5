//! `specs/control.yaml`: its patterns are read and changed while it runs, over HTTP and through
//! its file.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use failsafe_tests::{Server, Tree, generate, http, http::Answer, paths, probe::Request};
use serde_json::{Value, json};

const TOKEN: &str = "a-token-nobody-guesses";

/// A service, and the folder with its file.
struct Controlled {
    server: Server,
    folder: tempfile::TempDir,
}

impl Controlled {
    fn start(variables: &[(&str, &str)]) -> Controlled {
        Controlled::with_file(None, variables)
    }

    fn with_file(text: Option<&str>, variables: &[(&str, &str)]) -> Controlled {
        let tree = Tree::new(
            "control",
            &paths::repository().join("specs/control.yaml"),
            &[
                "--telemetry",
                "PROMETHEUS",
                "--no-dockerfile",
                "--stubs",
                "example",
            ],
        );
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("failsafe.yaml");
        if let Some(text) = text {
            fs::write(&file, text).expect("written");
        }
        let mut all = vec![("FAILSAFE_CONFIG", file.to_str().expect("UTF-8"))];
        all.extend(variables);
        let server = Server::start(&tree.check(&[]).build(), &all);
        Controlled { server, folder }
    }

    /// Puts another file into the place of the old one, as editors do.
    fn write(&self, text: &str) {
        let file: PathBuf = self.folder.path().join("failsafe.yaml");
        let new = self.folder.path().join("new");
        fs::write(&new, text)
            .and_then(|()| fs::rename(&new, file))
            .expect("written");
    }

    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let token = format!("Bearer {TOKEN}");
        asked(
            self.server.address(),
            method,
            path,
            &[("authorization", &token)],
            body,
        )
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, None);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    fn put(&self, path: &str, body: Value) -> Value {
        let answer = self.ask("PUT", path, Some(body));
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    fn post(&self, path: &str) -> Value {
        let answer = self.ask("POST", path, None);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// Waits until a value is so.
    fn until(&self, path: &str, key: &str, value: &Value) {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let config = self.get(path);
            if config[key] == *value {
                return;
            }
            assert!(Instant::now() < end, "{path}: {config}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn asked(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Answer {
    let mut headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    if body.is_some() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let request = Request {
        method: method.to_owned(),
        target: format!("/failsafe/{path}"),
        headers,
        body: body.map(|body| body.to_string().into_bytes()),
    };
    http::send(address, &request)
}

#[test]
fn with_a_token_only_who_shows_it_gets_in() {
    let service = Controlled::start(&[("FAILSAFE_ADMIN_TOKEN", TOKEN)]);
    let address = service.server.address();
    let change = || Some(json!({ "max_executions": 5 }));
    let path = "config/ratelimit/listLimited";
    for headers in [
        &[][..],
        &[("authorization", "Bearer another")],
        &[("authorization", "Basic YTph")],
    ] {
        for (method, body) in [("GET", None), ("PUT", change())] {
            let answer = asked(address, method, path, headers, body);
            assert_eq!(answer.status, 401, "{method} {headers:?}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    assert_eq!(service.get(path)["max_executions"], 2);
    let changed = service.put(path, json!({ "max_executions": 5 }));
    assert_eq!(
        changed["changed"],
        json!({ "max_executions": { "from": 2, "to": 5 } })
    );
    // Every change has its line, and the token has none.
    let lines = service.server.will_log("pattern changed");
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line: Value = serde_json::from_str(&lines[0]).expect("JSON");
    assert_eq!(line["key"], "max_executions");
    assert!(
        line["by"]
            .as_str()
            .is_some_and(|by| by.starts_with("request "))
    );
    assert!(service.server.logged(TOKEN).is_empty());
    assert!(
        service
            .server
            .logged("without FAILSAFE_ADMIN_TOKEN")
            .is_empty()
    );
    service.server.stop();
}

#[test]
fn without_a_token_this_machine_reads_and_nobody_changes_anything() {
    let service = Controlled::start(&[]);
    let address = service.server.address();
    assert_eq!(
        service.server.logged("without FAILSAFE_ADMIN_TOKEN").len(),
        1
    );
    assert_eq!(asked(address, "GET", "patterns", &[], None).status, 200);
    let change = Some(json!({ "max_executions": 5 }));
    let path = "config/ratelimit/listLimited";
    let answer = asked(address, "PUT", path, &[], change.clone());
    assert_eq!(answer.status, 403, "{}", answer.text());
    // No token is the right one.
    let shown = [("authorization", "Bearer ")];
    assert_eq!(asked(address, "PUT", path, &shown, change).status, 403);
    // A proxy on this machine passes on what comes from elsewhere.
    let passed_on = [("x-forwarded-for", "203.0.113.7")];
    assert_eq!(asked(address, "GET", path, &passed_on, None).status, 403);
    service.server.stop();
}

#[test]
fn a_change_takes_effect_at_once() {
    let service = Controlled::start(&[("FAILSAFE_ADMIN_TOKEN", TOKEN)]);
    let path = "config/featuretoggle/listItems";
    for (on, status) in [(false, 403), (true, 200), (false, 403)] {
        let begun = Instant::now();
        service.put(path, json!({ "enabled": on }));
        assert_eq!(service.server.get("/items").status, status);
        let took = begun.elapsed();
        assert!(took < Duration::from_millis(100), "{took:?}");
    }
    let back = service.ask("DELETE", path, None);
    assert_eq!(back.json()["config"]["enabled"], true);

    let circuit = "control/circuitbreaker/listItems";
    assert_eq!(service.post(&format!("{circuit}/open"))["state"], "open");
    assert_eq!(service.server.get("/items").status, 503);
    assert_eq!(service.get("health")["status"], "degraded");
    assert_eq!(service.post(&format!("{circuit}/reset"))["state"], "closed");
    assert_eq!(service.server.get("/items").status, 200);

    for _ in 0..2 {
        assert_eq!(service.server.get("/limited").status, 204);
    }
    assert_eq!(service.server.get("/limited").status, 429);
    let limit = "control/ratelimit/listLimited";
    service.post(&format!("{limit}/disable"));
    assert_eq!(service.server.get("/limited").status, 204);
    service.post(&format!("{limit}/enable"));
    assert_eq!(service.server.get("/limited").status, 429);
    let counted = service.get("metrics/ratelimit/listLimited");
    assert_eq!(counted["counters"]["tokens_consumed"], 2);
    let forgotten = service.ask("DELETE", "metrics/ratelimit/listLimited", None);
    assert_eq!(forgotten.status, 204);
    // Whatever was done stands in the log, with the request by which it was.
    for (word, of) in [
        ("\"open\"", "circuitbreaker"),
        ("\"reset\"", "circuitbreaker"),
        ("\"disable\"", "ratelimit"),
        ("\"enable\"", "ratelimit"),
        ("\"forget counts\"", "ratelimit"),
    ] {
        let lines = service.server.will_log(word);
        let line: Value = serde_json::from_str(&lines[0]).expect("JSON");
        assert_eq!(line["pattern"], of, "{line}");
        assert!(line["request_id"].is_string(), "{line}");
    }
    let keys = |line: &String| -> Value { serde_json::from_str(line).expect("JSON") };
    let changed: Vec<Value> = service
        .server
        .will_log("pattern changed")
        .iter()
        .map(keys)
        .collect();
    let of_toggle = |line: &&Value| line["pattern"] == "featuretoggle" && line["key"] == "enabled";
    assert_eq!(changed.iter().filter(of_toggle).count(), 4, "{changed:?}");
    service.server.stop();
}

#[test]
fn what_is_too_long_is_refused_and_the_service_goes_on() {
    let service = Controlled::start(&[("FAILSAFE_ADMIN_TOKEN", TOKEN)]);
    let token = format!("Bearer {TOKEN}");
    for (headers, status) in [
        (vec![("authorization", token.as_str())], 413),
        (vec![], 401),
    ] {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(service.server.address()).expect("it listens");
        let mut head = "PUT /failsafe/config/ratelimit/listLimited HTTP/1.1\r\nhost: localhost\r\n\
                        content-type: application/json\r\ncontent-length: 100000000\r\n"
            .to_owned();
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream
            .write_all(format!("{head}\r\n{{").as_bytes())
            .expect("sent");
        // The answer comes before the body has.
        let mut answer = String::new();
        BufReader::new(&stream)
            .read_line(&mut answer)
            .expect("an answer");
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        assert!(begun.elapsed() < Duration::from_secs(1));
    }
    let huge = json!({ "name": "x".repeat(100_000_000) });
    let token = [("authorization".to_owned(), token)];
    let request = Request {
        method: "PUT".to_owned(),
        target: "/failsafe/config/ratelimit/listLimited".to_owned(),
        headers: token.to_vec(),
        body: Some(huge.to_string().into_bytes()),
    };
    // The service may have closed the connection while it was still being sent to.
    if let Ok(answer) = service.server.try_send(&request) {
        assert_eq!(answer.status, 413);
    }
    assert_eq!(service.get("liveness")["status"], "alive");
    assert_eq!(service.server.get("/items").status, 200);
    service.server.stop();
}

#[test]
fn the_file_is_followed_and_a_bad_one_changes_nothing() {
    let file = "timeout:\n  listItems: { seconds: 11 }\n";
    let service = Controlled::with_file(Some(file), &[("FAILSAFE_ADMIN_TOKEN", TOKEN)]);
    let path = "config/timeout/listItems";
    assert_eq!(service.get(path)["seconds"], 11.0);

    service.write("timeout:\n  default: { seconds: 12 }\n");
    service.until(path, "seconds", &json!(12.0));

    service.write("timeout:\n  listItems:\n    second: 13\n");
    service.server.hang_up();
    let reported = service.server.will_log("did you mean seconds?");
    assert!(
        reported[0].contains("failsafe.yaml:3:5: timeout listItems: unknown key"),
        "{reported:?}"
    );
    assert_eq!(service.get(path)["seconds"], 12.0);
    let faults = service.get("health")["config_faults"].clone();
    assert_eq!(faults.as_array().map(Vec::len), Some(1), "{faults}");

    // What is said live wins, and what the file says waits below.
    service.put(path, json!({ "seconds": 5 }));
    service.write("timeout:\n  listItems: { seconds: 14 }\n");
    service.server.hang_up();
    let healthy = Instant::now() + Duration::from_secs(10);
    while service.get("health")["config_faults"] != json!([]) {
        assert!(Instant::now() < healthy, "the file is still refused");
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(service.get(path)["seconds"], 5.0);
    service.ask("DELETE", path, None);
    assert_eq!(service.get(path)["seconds"], 14.0);

    // Out of the file, the document's holds again.
    service.write("timeout: {}\n");
    service.until(path, "seconds", &json!(20.0));
    service.server.stop();
}

#[test]
fn a_thousand_changes_under_load_cost_no_request() {
    let service = Controlled::start(&[("FAILSAFE_ADMIN_TOKEN", TOKEN)]);
    let (ended, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    let answer = service.server.get("/items");
                    assert_eq!(answer.status, 200, "{}", answer.text());
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for n in 0..1000 {
            let more = n % 2 == 0;
            match n % 10 {
                0 | 5 => {
                    let seconds = 10 + n;
                    service.write(&format!(
                        "timeout: {{ default: {{ seconds: {seconds} }} }}\n"
                    ));
                    service.server.hang_up();
                }
                1 | 6 => {
                    let path = "config/ratelimit/listItems";
                    let limit = if more { 900_000 } else { 1_000_000 };
                    service.put(path, json!({ "max_executions": limit }));
                }
                2 | 7 => {
                    let limit = if more { 400 } else { 500 };
                    service.put(
                        "config/bulkhead/listItems",
                        json!({ "max_concurrent": limit }),
                    );
                }
                3 | 8 => {
                    let command = if more { "disable" } else { "enable" };
                    service.post(&format!("control/ratelimit/listItems/{command}"));
                }
                _ => {
                    let command = if more { "disable" } else { "enable" };
                    for kind in ["circuitbreaker", "retry", "concurrency"] {
                        service.post(&format!("control/{kind}/listItems/{command}"));
                    }
                }
            }
        }
        ended.store(true, Ordering::Relaxed);
    });
    assert!(asked.load(Ordering::Relaxed) > 500);
    // The last one of the file's holds in the end.
    let path = "config/timeout/listItems";
    service.until(path, "seconds", &json!(1005.0));
    service.server.stop();
}

#[test]
fn events_tell_what_happens_and_do_not_keep_the_service_from_ending() {
    let service = Controlled::start(&[("FAILSAFE_ADMIN_TOKEN", TOKEN)]);
    let mut stream = TcpStream::connect(service.server.address()).expect("it listens");
    let head = format!(
        "GET /failsafe/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("sent");
    let mut lines = BufReader::new(stream)
        .lines()
        .map(|line| line.expect("a line"));
    let begun = lines.find(|line| line.starts_with("content-type:"));
    assert_eq!(begun.as_deref(), Some("content-type: text/event-stream"));

    service.post("control/timeout/listItems/disable");
    for _ in 0..3 {
        service.server.get("/limited");
    }
    let mut data = lines.filter_map(|line| {
        let data = line.strip_prefix("data: ")?;
        Some(serde_json::from_str::<Value>(data).expect("JSON"))
    });
    let switched = data.next().expect("an event");
    assert_eq!(
        switched,
        json!({ "type": "timeout", "name": "listItems", "event": "switched", "enabled": false })
    );
    let rejected = data.next().expect("an event");
    assert_eq!(rejected["event"], "rejected");
    assert_eq!(rejected["name"], "listLimited");

    let begun = Instant::now();
    service.server.stop();
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn an_admin_port_takes_the_service_s_own_paths_along() {
    let service = Controlled::start(&[("FAILSAFE_ADMIN_TOKEN", TOKEN), ("ADMIN_PORT", "0")]);
    let admin = service.server.admin().expect("it says where");
    let own = service.server.address();
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(http::get(admin, path).status, 200, "{path}");
        assert_eq!(http::get(own, path).status, 404, "{path}");
    }
    let token = format!("Bearer {TOKEN}");
    let shown = [("authorization", token.as_str())];
    assert_eq!(asked(admin, "GET", "health", &shown, None).status, 200);
    assert_eq!(asked(own, "GET", "health", &shown, None).status, 404);
    assert_eq!(http::get(own, "/items").status, 200);
    assert_eq!(http::get(admin, "/items").status, 404);
    service.server.stop();
}

#[test]
fn its_own_document_is_one_that_a_service_can_be_generated_from() {
    let service = Controlled::start(&[("FAILSAFE_ADMIN_TOKEN", TOKEN)]);
    let document = service.get("openapi.json");
    let folder = tempfile::tempdir().expect("a folder");
    let spec = folder.path().join("openapi.json");
    fs::write(&spec, document.to_string()).expect("written");
    generate(&spec, &folder.path().join("svc"), &[]);
    service.server.stop();
}
