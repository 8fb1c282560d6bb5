//! `specs/around.yaml` with real handlers: what is answered in a handler's place, seen from outside.

use std::{
    fs,
    io::Write as _,
    net::TcpStream,
    path::PathBuf,
    sync::LazyLock,
    thread,
    time::{Duration, Instant},
};

use failsafe_tests::{Server, Tree, http::Answer, paths, probe::Request};

/// A service, and the folder through which its handlers are told what to do.
struct Service {
    server: Server,
    control: tempfile::TempDir,
}

fn start() -> Service {
    static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
        let spec = paths::repository().join("specs/around.yaml");
        let options = ["--telemetry", "NONE", "--no-dockerfile"];
        let handlers = [
            (
                "src/handlers/around.rs",
                include_str!("../handlers/around.rs"),
            ),
            (
                "src/authentication.rs",
                include_str!("../handlers/around_authentication.rs"),
            ),
        ];
        Tree::with_files("around", &spec, &options, &handlers).build()
    });
    let control = tempfile::tempdir().expect("a folder");
    let folder = control.path().to_str().expect("UTF-8").to_owned();
    Service {
        server: Server::start(&BINARY, &[("CONTROL", &folder)]),
        control,
    }
}

impl Service {
    fn tell(&self, word: &str) {
        // A handler that looks meanwhile sees one or the other.
        let new = self.control.path().join("new");
        fs::write(&new, word).expect("a folder of the test");
        fs::rename(new, self.control.path().join("call")).expect("a folder of the test");
    }

    fn get(&self, target: &str) -> Answer {
        self.server.get(target)
    }

    fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.server.send(&Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers.iter().map(owned).collect(),
            body: (!body.is_empty()).then(|| body.as_bytes().to_vec()),
        })
    }

    /// Asks until the answer is as it should be.
    fn get_until(&self, target: &str, is_right: impl Fn(&Answer) -> bool) -> Answer {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let answer = self.get(target);
            if is_right(&answer) {
                return answer;
            }
            assert!(Instant::now() < end, "{answer:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn text(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["text"].as_str().expect("a text").to_owned()
}

#[test]
fn an_answer_is_given_again_to_whoever_asks_the_same() {
    let service = start();
    let first = service.get("/cached/a");
    assert_eq!(text(&first), "a  1");
    assert_eq!(first.header("x-cache"), Some("MISS"));
    let again = service.get("/cached/a");
    assert_eq!(
        (text(&again).as_str(), again.header("x-cache")),
        ("a  1", Some("HIT"))
    );
    assert!(
        again
            .header("age")
            .is_some_and(|age| age.parse::<u64>().is_ok())
    );
    let head = service.send("HEAD", "/cached/b", &[], "");
    assert_eq!((head.status, head.text().as_str()), (200, ""));
    assert_eq!(
        text(&service.get("/cached/b")),
        "b  2",
        "HEAD is answered as GET is"
    );
    let other = service.send("GET", "/cached/a", &[("x-tenant", "blue")], "");
    assert_eq!(text(&other), "a blue 3");
    assert_eq!(text(&service.get("/cached/a?page=2")), "a  4");
    service.server.stop();
}

#[test]
fn many_who_ask_at_once_are_one_call_and_none_is_stranded() {
    let service = start();
    service.tell("hangs");
    // The first to ask goes away.
    let mut first = TcpStream::connect(service.server.address()).expect("a connection");
    first
        .write_all(b"GET /cached/a HTTP/1.1\r\nhost: test\r\n\r\n")
        .expect("a request");
    thread::sleep(Duration::from_millis(100));
    thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| service.get("/cached/a")))
            .collect();
        thread::sleep(Duration::from_millis(200));
        drop(first);
        thread::sleep(Duration::from_millis(100));
        service.tell("works");
        for call in calls {
            assert_eq!(text(&call.join().expect("an answer")), "a  1");
        }
    });
    service.server.stop();
}

#[test]
fn nobody_is_given_what_another_was_told() {
    let service = start();
    let mine = |token: &str| {
        let bearer = format!("Bearer {token}");
        service.send("GET", "/mine", &[("authorization", &bearer)], "")
    };
    assert_eq!(text(&mine("ann")), "ann 1");
    assert_eq!(text(&mine("bob")), "bob 2");
    assert_eq!(text(&mine("ann")), "ann 1");
    assert_eq!(mine("nobody").status, 401);
    assert_eq!(service.get("/mine").status, 401);
    service.server.stop();
}

#[test]
fn what_is_sent_is_a_part_of_the_question() {
    let service = start();
    let search = |body: &str| {
        let headers = [("content-type", "application/json")];
        text(&service.send("POST", "/search", &headers, body))
    };
    assert_eq!(search(r#"{"text":"a"}"#), "a 1");
    assert_eq!(search(r#"{"text":"b"}"#), "b 2");
    assert_eq!(search(r#"{"text":"a"}"#), "a 1");
    service.server.stop();
}

#[test]
fn an_old_answer_is_given_while_a_new_one_is_fetched() {
    let service = start();
    assert_eq!(text(&service.get("/fresh")), "1");
    service.tell("fails");
    let old = service.get_until("/fresh", |it| it.header("x-cache") == Some("STALE"));
    assert_eq!(text(&old), "1");
    service.tell("works");
    let new = service.get_until("/fresh", |it| text(it) != "1");
    assert_eq!(new.status, 200);
    service.server.stop();
}

#[test]
fn failures_are_not_kept() {
    let service = start();
    service.tell("fails");
    assert_eq!(service.get("/cached/a").status, 502);
    service.tell("works");
    assert_eq!(text(&service.get("/cached/a")), "a  2");
    service.server.stop();
}

#[test]
fn a_failure_is_answered_with_something_else_that_says_so() {
    let service = start();
    let own = service.get("/constant");
    assert_eq!((text(&own).as_str(), own.header("x-fallback")), ("1", None));
    service.tell("fails");
    let degraded = service.get("/constant");
    assert_eq!(text(&degraded), "nothing new");
    assert_eq!(degraded.header("x-fallback"), Some("true"));
    assert_eq!(degraded.header("content-type"), Some("application/json"));

    let replica = |expected: &str| {
        let answer = service.get("/replica/7");
        assert_eq!(text(&answer), expected);
        assert_eq!(answer.header("x-fallback"), Some("true"));
    };
    replica("7: the handler 502");
    replica("7: the handler 502");
    replica("7: circuit_open 503");
    service.tell("works");
    assert_eq!(service.get("/constant").header("x-fallback"), None);
    service.server.stop();
}

#[test]
fn the_last_good_answer_stands_in_for_the_failures_that_are_named() {
    let service = start();
    service.tell("fails");
    assert_eq!(service.get("/last").status, 502, "there is none yet");
    service.tell("works");
    assert_eq!(text(&service.get("/last")), "2");
    thread::sleep(Duration::from_millis(5));
    service.tell("fails");
    let old = service.get("/last");
    assert_eq!(
        (text(&old).as_str(), old.header("x-fallback")),
        ("2", Some("true"))
    );
    service.tell("breaks");
    assert_eq!(service.get("/last").status, 500, "another failure");
    service.server.stop();
}

#[test]
fn a_slow_call_is_made_again_and_all_of_them_have_an_end() {
    let service = start();
    service.tell("first hangs");
    let started = Instant::now();
    let answer = service.get("/hedged");
    assert_eq!(text(&answer), "2");
    assert!(
        started.elapsed() < Duration::from_millis(900),
        "not when the first one ends"
    );
    service.tell("hangs");
    let late = service.get("/hedged");
    assert_eq!(late.status, 504);
    assert_eq!(late.json()["error"], "hedge_timeout");
    service.tell("works");
    assert_eq!(service.get("/hedged").status, 200);
    service.server.stop();
}

#[test]
fn the_served_document_says_what_they_answer() {
    let service = start();
    let document = service.get("/openapi.json").json();
    let operation = |path: &str| &document["paths"][path]["get"]["responses"];
    let said = |path: &str, header: &str| operation(path)["200"]["headers"][header].is_object();
    assert!(said("/cached/{id}", "Age") && said("/cached/{id}", "X-Cache"));
    assert!(said("/constant", "X-Fallback") && !said("/constant", "Age"));
    assert!(operation("/hedged")["504"].is_object());
    service.server.stop();
}
