//! Names: everything that Rust, our own code and the file system have taken, in every place where
//! a document names something; compiled in one service, and asked for by the names of the document.

use std::{fs, path::PathBuf};

use failsafe_tests::{Echo, Outcome, files, generate, paths, request};
use serde_json::{Map, Value, json};

/// Keywords of all editions.
const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else \
    enum extern false final fn for gen if impl in let loop macro macro_rules match mod move mut \
    override priv pub raw ref return safe self Self static struct super trait true try type typeof \
    union unsafe unsized use virtual where while yield";

/// What the prelude has, and what derives and generated code name beside it.
const PRELUDE: &str = "Option Some None Result Ok Err Vec String Box ToString ToOwned Clone Copy \
    Debug Default Drop drop Eq PartialEq Ord PartialOrd Hash From Into TryFrom TryInto Iterator \
    IntoIterator Extend Send Sync Sized Unpin Fn FnMut FnOnce AsRef AsMut Future IntoFuture str \
    bool char u8 i32 i64 f64 usize std core alloc test vec format println panic matches todo";

/// What the crates in reach and the service's own modules have.
const OURS: &str = "axum tokio serde serde_json http uuid tower bytes tracing failsafe_runtime \
    Router Json Method StatusCode Response IntoResponse Request Body Serialize Deserialize \
    Serializer Deserializer Display Formatter Value Arc HashMap BTreeMap Duration Service \
    Operation Call Context RequestContext ApiError Error error Schema schema Upload Headed Routes \
    PolicyStack Patterns ConfigError Identity App app ctx call body params path header query \
    models model handlers apis api generated router resilience security examples webhooks \
    callbacks settings Settings service store main lib openapi NAME REALM patterns default \
    DefaultApi Model Params Responses aux con nul prn com1 lpt9 runtime src build tests";

/// What is no identifier, and what is one twice.
const TEXTS: &[&str] = &[
    "foo_bar",
    "fooBar",
    "FooBar",
    "foo-bar",
    "foo bar",
    "foo.bar",
    "FOO_BAR",
    "foo__bar",
    "fooBar2",
    "2nd",
    "1",
    "01",
    "1.0",
    "-1",
    "+1",
    "3d-model",
    "größe",
    "GRÖSSE",
    "naïve",
    "имя",
    "名前",
    "اسم",
    "🦀",
    "👩‍👩‍👧",
    "e\u{301}",
    "é",
    "ﬁ",
    "K",
    "$",
    "_",
    "__",
    "-",
    "--",
    "@",
    "*",
    "<=",
    ">=",
    "a/b",
    "a\\b",
    "../x",
    "A B",
    "a-b",
    "a_b",
    " a ",
    "",
    " ",
    "\t",
    "a\"b",
    "a'b",
    "a`b",
    "a{b}",
    "a%20b",
    "a#b",
    "a?b",
    "a&b=c",
    "*/",
    "//",
    "\u{202e}rtl",
    "null",
    "undefined",
    "__proto__",
    "r#type",
    "type_",
    "self_",
    "n2nd",
    "Option2",
    "OptionModel",
];

/// Every name, long ones among them, without repetition.
fn names() -> Vec<String> {
    let long = "long".repeat(80);
    let words = [KEYWORDS, PRELUDE, OURS];
    let words = words.iter().flat_map(|words| words.split(' '));
    let mut names: Vec<String> = words
        .chain(TEXTS.iter().copied())
        .map(str::to_owned)
        .collect();
    names.extend([long.clone(), format!("{long}a"), format!("{long}b")]);
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

fn is_token(name: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(sign)
}

/// A document in which everything has a name of the list.
fn document(names: &[String]) -> Value {
    let nothing = json!({"204": {"description": "nothing"}});
    let integer = json!({"type": "integer", "format": "int32"});
    let map = |value: &dyn Fn(&String) -> Value| -> Value {
        names
            .iter()
            .map(|name| (name.clone(), value(name)))
            .collect::<Map<_, _>>()
            .into()
    };
    let parameter =
        |place: &str, name: &String| json!({"name": name, "in": place, "schema": integer});
    let parameters = |place: &str, fits: &dyn Fn(&str) -> bool| -> Value {
        names
            .iter()
            .filter(|name| fits(name))
            .map(|name| parameter(place, name))
            .collect()
    };
    let reference = |name: &str| {
        let token = name.replace('~', "~0").replace('/', "~1");
        let escaped: String = token
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect();
        json!({"$ref": format!("#/components/schemas/{escaped}")})
    };
    let mut all = Map::new();
    for (index, name) in names.iter().enumerate() {
        let headers: Map<String, Value> = Some(name)
            .filter(|name| is_token(name))
            .map(|name| (name.clone(), json!({"schema": {"type": "string"}})))
            .into_iter()
            .collect();
        all.insert(format!("/each/{index}"), json!({"post": {
            "operationId": name,
            "tags": [name],
            "requestBody": {"required": true, "content": {"application/json": {"schema": reference(name)}}},
            "responses": {"200": {"description": name, "headers": headers, "content": {"application/json": {"schema": reference(name)}}}},
        }}));
    }
    all.insert(
        "/all".into(),
        json!({"post": {
            "operationId": "all properties",
            "requestBody": {"required": true, "content": {"application/json": {"schema":
                {"type": "object", "properties": map(&|_| integer.clone())}}}},
            "responses": nothing,
        }}),
    );
    all.insert("/enum".into(), json!({"post": {
        "operationId": "all values",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"enum": names}}}},
        "responses": nothing,
    }}));
    all.insert("/query".into(), json!({"get": {"operationId": "all queries", "parameters": parameters("query", &|_| true), "responses": nothing}}));
    // Names of headers differ by more than their case.
    let mut seen = std::collections::HashSet::new();
    let headers: Vec<&String> = names
        .iter()
        .filter(|name| is_token(name) && seen.insert(name.to_lowercase()))
        .collect();
    let headers: Vec<Value> = headers
        .iter()
        .map(|name| parameter("header", name))
        .collect();
    all.insert(
        "/headers".into(),
        json!({"get": {"operationId": "all headers", "parameters": headers, "responses": nothing}}),
    );
    all.insert("/cookies".into(), json!({"get": {"operationId": "all cookies", "parameters": parameters("cookie", &is_token), "responses": nothing}}));
    // Without ids, with one id twice, and made-up names that are taken.
    for path in [
        "/users/{id}",
        "/users/{user-id}/posts",
        "/users/",
        "/users",
        "/{type}/{self}",
    ] {
        let parameters: Vec<Value> = path.split('{').skip(1).filter_map(|part| part.split('}').next())
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})).collect();
        all.insert(path.into(), json!({"parameters": parameters, "get": {"responses": nothing}, "delete": {"operationId": "twice", "responses": nothing}}));
    }
    all.insert(
        "/taken".into(),
        json!({"get": {"operationId": "getUsers", "responses": nothing}}),
    );
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Names", "version": "1"},
        "paths": all,
        "components": {"schemas": map(&|name| json!({"type": "object", "properties": {name: integer}}))},
    })
}

/// Writes the document down, where it is for whoever wants to look.
fn written(file: &str, document: &Value) -> PathBuf {
    let path = paths::made().join(file);
    fs::create_dir_all(paths::made()).expect("a folder");
    fs::write(&path, document.to_string()).expect("the document can be written");
    path
}

fn escaped(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[test]
fn every_name_compiles_and_is_understood() {
    let names = names();
    let spec = written("names.json", &document(&names));
    let echo = Echo::start("conformance-names", &spec);
    let mut wrong = Vec::new();
    let mut expect = |what: String, found: String, expected: &str| {
        if !found.contains(expected) {
            wrong.push(format!("{what}: {found}, not {expected}"));
        }
    };
    let post = |target: &str, body: &Value| {
        echo.post(target, "application/json", body.to_string().as_bytes())
    };
    for (index, name) in names.iter().enumerate() {
        let target = format!("/each/{index}");
        expect(
            name.clone(),
            post(&target, &json!({name: 4711})).shown(),
            "Some(4711) })",
        );
        let pointer = format!("body /{}: type", name.replace('~', "~0").replace('/', "~1"));
        post(&target, &json!({name: "x"})).assert_rejected(422, &[&pointer]);
        expect(
            format!("property {name:?}"),
            post("/all", &json!({name: 4711})).shown(),
            "Some(4711)",
        );
        post("/all", &json!({name: "x"})).assert_rejected(422, &[&pointer]);
        assert!(
            matches!(post("/enum", &json!(name)), Outcome::Accepted { .. }),
            "{name:?}"
        );
        expect(
            format!("query {name:?}"),
            echo.get(&format!("/query?{}=4711", escaped(name))).shown(),
            "Some(4711)",
        );
        if is_token(name) {
            expect(
                format!("header {name:?}"),
                echo.send(&request("GET", "/headers", &[(name, "4711")], None))
                    .shown(),
                "Some(4711)",
            );
            expect(
                format!("cookie {name:?}"),
                echo.send(&request(
                    "GET",
                    "/cookies",
                    &[("cookie", &format!("{name}=4711"))],
                    None,
                ))
                .shown(),
                "Some(4711)",
            );
        }
    }
    post("/enum", &json!("none of them")).assert_rejected(422, &["body: enum"]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(echo.get("/taken").shown(), "getUsers()");
    assert_ne!(echo.get("/users").shown(), "getUsers()");
}

#[test]
fn names_are_the_same_from_run_to_run() {
    let spec = written("names-twice.json", &document(&names()));
    let folders = ["one", "two"].map(|name| paths::made().join("new").join(name));
    for folder in &folders {
        let _ = fs::remove_dir_all(folder);
        // Each run is a process of its own.
        generate(&spec, folder, &["--no-dockerfile"]);
    }
    let [one, two] = &folders;
    assert_eq!(files(one), files(two));
    for file in files(one) {
        let [one, two] = [one, two].map(|folder| fs::read(folder.join(&file)).expect("a file"));
        assert!(one == two, "{}", file.display());
    }
}
