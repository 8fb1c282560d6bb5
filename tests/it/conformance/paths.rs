//! Paths: what documents write in their keys, and what clients write in their targets.

use std::fs;

use failsafe_tests::{Echo, Server, Tree, paths};

/// A target without the base path, and what comes of it.
type Case = (&'static str, &'static str);

const NAMES: &[Case] = &[
    ("/one/1", "oneA(a=\"1\")"),
    ("/one/1/more", "oneB(b=\"1\")"),
    ("/one/1/less", "oneC(c=\"1\")"),
    ("/one/1/other", "404"),
    ("/equal/1", "equalRead(a=\"1\")"),
    ("DELETE /equal/1", "equalDelete(b=\"1\")"),
    ("PUT /equal/1", "405"),
    ("/told/12", "toldByNumber(number=12)"),
    ("/told/twelve", "toldByWord(word=\"twelve\")"),
];

const MIXED: &[Case] = &[
    ("/mixed/7", "mixedPlain(a=\"7\")"),
    ("/mixed/7:cancel", "mixedCancel(a=\"7\")"),
    ("/mixed/7%3Acancel", "mixedCancel(a=\"7\")"),
    ("/mixed/:cancel", "mixedPlain(a=\":cancel\")"),
    ("/mixed/a:b:cancel", "mixedCancel(a=\"a:b\")"),
    ("/mixed/a.b.tar", "mixedDot(a=\"a.b\"; b=\"tar\")"),
    ("/mixed/a.b%2Etar", "mixedDot(a=\"a\"; b=\"b.tar\")"),
    ("/mixed/a.", "mixedPlain(a=\"a.\")"),
    ("/mixed/.a", "mixedPlain(a=\".a\")"),
    ("/mixed/a.json", "mixedJson(a=\"a\")"),
    ("/mixed/Key(7)", "mixedKey(id=7)"),
    ("/mixed/Key('7')", "mixedText(b=\"7\")"),
    ("/mixed/Key%28%277%27%29", "mixedText(b=\"7\")"),
    ("/mixed/Key(x)", "400"),
    ("/mixed/Key()", "mixedPlain(a=\"Key()\")"),
    ("/mixed/1-2-3/end", "mixedThree(a=\"1\"; b=\"2\"; c=\"3\")"),
    (
        "/mixed/1-2-3-4/end",
        "mixedThree(a=\"1-2\"; b=\"3\"; c=\"4\")",
    ),
    ("/mixed/1-2/end", "404"),
];

const EXACT: &[Case] = &[
    ("/exact/me", "exactText()"),
    ("/exact/%6De", "exactText()"),
    ("/exact/you", "exactParameter(a=\"you\")"),
    ("/exact/ME", "exactParameter(a=\"ME\")"),
    ("/exact/me/posts", "exactBelow(a=\"me\")"),
    ("/exact/me/likes", "exactLast(a=\"exact\")"),
];

const SLASHES: &[Case] = &[
    ("/", "slashRoot()"),
    ("", "404"),
    ("//", "404"),
    ("/slash", "slashNone()"),
    ("/slash/", "slashOne()"),
    ("/slash//", "404"),
    ("/slash//double", "slashDouble()"),
    ("/slash/double", "404"),
    ("/slash/1/", "slashAfter(a=\"1\")"),
    ("/slash/1", "404"),
    ("/one/", "404"),
    ("/one//more", "404"),
];

const BEHIND: &[Case] = &[
    ("/hash?id=7", "hashById(params=HashByIdParams { id: 7 })"),
    (
        "/hash?name=x",
        "hashByName(params=HashByNameParams { name: \"x\" })",
    ),
    ("/hash", "400"),
    ("/hash%23by-id?id=7", "404"),
    ("/query", "queryNone()"),
    ("/query?other=1", "queryNone()"),
    ("/query?action=start", "queryStart()"),
    ("/query?action=stop&other=1", "queryStop()"),
    ("/query?action=%73top", "queryStop()"),
    ("/query?action=pause", "queryNone()"),
    ("/query?acl", "queryAcl()"),
    ("/query?acl=", "queryAcl()"),
    (
        "/query?lat=7",
        "queryValue(params=QueryValueParams { lat: 7 })",
    ),
];

const ESCAPES: &[Case] = &[
    ("/escapes/a%2Fb", "escapes(a=\"a/b\")"),
    ("/escapes/a%2fb%252F", "escapes(a=\"a/b%2F\")"),
    ("/escapes/a+b", "escapes(a=\"a+b\")"),
    ("/escapes/a%2Bb", "escapes(a=\"a+b\")"),
    ("/escapes/a%20b", "escapes(a=\"a b\")"),
    ("/escapes/%C3%A9%F0%9F%A6%80", "escapes(a=\"é🦀\")"),
    ("/escapes/%3F%23%26", "escapes(a=\"?#&\")"),
    ("/escapes/~a!$&'()*,;=:@", "escapes(a=\"~a!$&'()*,;=:@\")"),
    ("/escapes/%2E%2E", "escapes(a=\"..\")"),
    ("/escapes/100%", "escapes(a=\"100%\")"),
    ("/escapes/%zz", "escapes(a=\"%zz\")"),
    ("/escapes/%FF", "400"),
    ("/escapes/", "404"),
    ("/escapes/two%20words", "escapesSpace()"),
    ("/escapes/two+words", "escapes(a=\"two+words\")"),
    ("/escapes/gr%c3%b6%C3%9Fe", "escapesWritten()"),
    ("/escapes/l%C3%A4nge", "escapesPlain()"),
];

const RESTS: &[Case] = &[
    ("/rest/1", "restOne(a=\"1\")"),
    ("/rest/1/2", "rest(a=\"1\"; path=\"2\")"),
    ("/rest/1/2/3//4/", "rest(a=\"1\"; path=\"2/3//4/\")"),
    ("/rest/1/2%2F3/4", "rest(a=\"1\"; path=\"2/3/4\")"),
    ("/rest/1/", "404"),
    ("/verbs/a/b", "verbNone(name=\"a/b\")"),
    ("/verbs/a/b:cancel", "verbCancel(name=\"a/b\")"),
    ("/verbs/a:cancel", "verbCancel(name=\"a\")"),
    ("/verbs/a/b:other", "verbNone(name=\"a/b:other\")"),
    ("/verbs/a/b/items", "verbItems(parent=\"a/b\")"),
    ("/verbs/items", "verbNone(name=\"items\")"),
    ("/x/y/scoped/1", "scoped(scope=\"x/y\"; a=\"1\")"),
];

#[test]
fn every_form_of_path() {
    let echo = Echo::start(
        "conformance-paths",
        &paths::repository().join("specs/conformance/paths.yaml"),
    );
    let mut wrong = Vec::new();
    for (base, cases) in [
        ("/v1", NAMES),
        ("/v1", MIXED),
        ("/v1", EXACT),
        ("/v1", SLASHES),
        ("/v1", BEHIND),
        ("/v1", ESCAPES),
        ("/v1", RESTS),
        ("", OWN),
    ] {
        for (written, expected) in cases {
            let (method, target) = written.split_once(' ').unwrap_or(("GET", written));
            let outcome = echo.ask(method, &format!("{base}{target}"), &[]);
            if outcome.shown() != *expected {
                wrong.push(format!(
                    "{method} {base}{target}: {}, not {expected}",
                    outcome.shown()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Base paths: with variables, of one path, of one operation.
const OWN: &[Case] = &[
    ("/one/1", "404"),
    ("/v2/one/1", "404"),
    ("/%761/one/1", "oneA(a=\"1\")"),
    ("/elsewhere/own/1", "ownPath(a=\"1\")"),
    ("/v1/own/1", "404"),
    ("DELETE /own/1", "ownOperation(a=\"1\")"),
    ("PUT /v2/x%20y/own/1", "ownRelative(a=\"1\")"),
];

/// The operator may put the service elsewhere, and its document says so.
#[test]
fn the_base_path_is_a_setting() {
    let spec = paths::repository().join("specs/conformance/paths.yaml");
    let tree = Tree::new(
        "base-path",
        &spec,
        &["--telemetry", "NONE", "--no-dockerfile"],
    );
    let readme = fs::read_to_string(tree.path().join("README.md")).expect("a file");
    assert!(readme.contains("All of them are under `/v1`"), "{readme}");
    let binary = tree.build();
    for (value, base, elsewhere) in [
        ("/api/", "/api", "/v1"),
        ("/", "", "/v1"),
        ("", "/v1", "/api"),
    ] {
        let server = Server::start(&binary, &[("BASE_PATH", value)]);
        assert_eq!(server.get(&format!("{base}/one/1")).status, 501, "{value}");
        assert_eq!(
            server.get(&format!("{elsewhere}/one/1")).status,
            404,
            "{value}"
        );
        // A path with a server of its own stays there.
        assert_eq!(server.get("/elsewhere/own/1").status, 501, "{value}");
        let url = server.get("/openapi.json").json()["servers"][0]["url"].clone();
        assert_eq!(
            url.as_str().map(|url| url.trim_end_matches('/')),
            Some(base)
        );
    }
}
