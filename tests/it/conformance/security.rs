//! Who gets to a handler, as whom, and what everybody else is told.

use std::fs;

use failsafe_tests::{Server, Tree, http::Answer, paths, request};

/// Known callers are called after their credentials; whose name ends in `-guest` has no scope.
const JUDGE: &str = "
fn judge(credential: &str, scopes: &[&str]) -> Result<Caller, AuthError> {
    match credential {
        \"down\" => Err(std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into()),
        \"guest\" if !scopes.is_empty() => Err(AuthError::Forbidden),
        \"ann\" | \"guest\" => Ok(Caller { name: credential.to_owned() }),
        _ => Err(AuthError::Unauthorized),
    }
}
";

/// What each kind of credential says.
const CREDENTIALS: &[(&str, &str)] = &[
    ("ApiKey", "_credential.key.expose()"),
    ("Bearer", "_credential.token.expose()"),
    (
        "Basic",
        "if _credential.password.matches(\"secret\") { &_credential.user } else { \"\" }",
    ),
    ("Authorization", "_credential.parameters.expose()"),
    (
        "ClientCertificate",
        "_credential.header(\"x-client-cert\").unwrap_or(\"\")",
    ),
];

/// The service with an authentication, and handlers that say who asks.
fn start() -> Server {
    let spec = paths::repository().join("specs/conformance/security.yaml");
    let options = ["--telemetry", "NONE", "--no-dockerfile"];
    let tree = Tree::edited("conformance-security", &spec, &options, |tree| {
        let path = tree.join("src/authentication.rs");
        let mut text = fs::read_to_string(&path).expect("an authentication");
        for (kind, value) in CREDENTIALS {
            let stub = format!(
                "_credential: {kind},\n        _scopes: &[&str],\n    ) -> Result<Caller, AuthError> {{\n        \
                 Err(AuthError::Unauthorized)"
            );
            let judged = stub.replace(
                "Err(AuthError::Unauthorized)",
                &format!("judge({value}, _scopes)"),
            );
            assert!(text.contains(&stub), "no stub for {kind}");
            text = text.replace(&stub, &judged);
        }
        fs::write(&path, text + JUDGE).expect("the file can be written");
        let path = tree.join("src/handlers/default.rs");
        let text = fs::read_to_string(&path).expect("handlers");
        let text = text.replace(
            "Err(ApiError::not_implemented(ctx.operation()))",
            "let caller = ctx.identity::<crate::authentication::Caller>();\n        \
             let name = caller.map_or(\"nobody\", |caller| caller.name.as_str());\n        \
             Err(ApiError::status(failsafe_runtime::service::StatusCode::IM_A_TEAPOT, name))",
        );
        fs::write(&path, text).expect("the file can be written");
    });
    Server::start(&tree.build(), &[])
}

fn ask(server: &Server, target: &str, headers: &[(&str, &str)]) -> Answer {
    server.send(&request("GET", target, headers, None))
}

/// Who the handler was told is asking, or the status of the refusal.
fn who(server: &Server, target: &str, headers: &[(&str, &str)]) -> Result<String, u16> {
    let answer = ask(server, target, headers);
    match answer.status {
        418 => Ok(answer.json()["detail"].as_str().expect("a name").to_owned()),
        status => {
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json"),
                "{target} {headers:?}"
            );
            Err(status)
        }
    }
}

fn challenges(answer: &Answer) -> Vec<&str> {
    let headers = answer.headers.iter();
    headers
        .filter(|(name, _)| name == "www-authenticate")
        .map(|(_, value)| value.as_str())
        .collect()
}

#[test]
fn security() {
    let server = &start();
    every_scheme(server);
    alternatives(server);
    what_is_not_declared_is_closed(server);
    malformed(server);
    challenged(server);
    order(server);
    declared(server);
}

fn every_scheme(server: &Server) {
    // ann:secret, ann:wrong
    let (right, wrong) = ("Basic YW5uOnNlY3JldA==", "Basic YW5uOndyb25n");
    for (target, name, value, expected) in [
        ("/header", "X-API-Key", "ann", Ok("ann")),
        ("/header", "x-api-key", "ann", Ok("ann")),
        ("/header", "X-API-Key", "bob", Err(401)),
        ("/query?api+key=ann", "x", "", Ok("ann")),
        ("/query?api%20key=a%6En", "x", "", Ok("ann")),
        ("/query?other=1&api%20key=bob", "x", "", Err(401)),
        ("/query", "api-key", "ann", Err(401)),
        ("/cookie", "Cookie", "theme=dark; session=ann", Ok("ann")),
        ("/cookie", "Cookie", "session=bob", Err(401)),
        ("/basic", "Authorization", right, Ok("ann")),
        ("/basic", "Authorization", wrong, Err(401)),
        ("/foreign", "Authorization", right, Ok("ann")),
        ("/inherited", "Authorization", "Bearer ann", Ok("ann")),
        ("/inherited", "Authorization", "bEARER   ann", Ok("ann")),
        ("/inherited", "Authorization", right, Err(401)),
        ("/digest", "Authorization", "digest ann", Ok("ann")),
        ("/digest", "Authorization", "Bearer ann", Err(401)),
        ("/oauth", "Authorization", "Bearer ann", Ok("ann")),
        ("/oauth", "Authorization", "Bearer guest", Err(403)),
        ("/openid", "Authorization", "Bearer guest", Ok("guest")),
        ("/certificate", "X-Client-Cert", "ann", Ok("ann")),
        ("/certificate", "X-Client-Cert", "bob", Err(401)),
    ] {
        let found = who(server, target, &[(name, value)]);
        let expected = expected.map(str::to_owned);
        assert_eq!(found, expected, "{target} {name}: {value}");
    }
    for target in [
        "/header",
        "/query",
        "/cookie",
        "/basic",
        "/digest",
        "/oauth",
        "/inherited",
    ] {
        assert_eq!(who(server, target, &[]), Err(401), "{target}");
    }
}

fn alternatives(server: &Server) {
    let key = |value| ("X-API-Key", value);
    let token = |value| ("Authorization", value);
    for (target, headers, expected) in [
        ("/open", &[][..], Ok("nobody")),
        // A wrong credential is no reason to refuse where none is asked for.
        ("/open", &[token("Bearer bob")], Ok("nobody")),
        ("/optional", &[], Ok("nobody")),
        ("/optional", &[key("ann")], Ok("ann")),
        ("/optional", &[key("bob")], Err(401)),
        ("/maybe-certificate", &[], Ok("nobody")),
        ("/maybe-certificate", &[("X-Client-Cert", "ann")], Ok("ann")),
        ("/both", &[key("ann")], Err(401)),
        ("/both", &[token("Bearer ann")], Err(401)),
        ("/both", &[key("ann"), token("Bearer bob")], Err(401)),
        ("/both", &[key("ann"), token("Bearer guest")], Ok("ann")),
        ("/either", &[key("ann")], Ok("ann")),
        ("/either", &[key("bob"), token("Bearer ann")], Ok("ann")),
        ("/either", &[key("bob"), token("Bearer guest")], Err(403)),
        ("/either", &[key("guest"), token("Bearer bob")], Ok("guest")),
        ("/either", &[key("bob"), token("Bearer bob")], Err(401)),
        ("/either", &[key("down"), token("Bearer bob")], Err(502)),
        ("/either", &[key("down"), token("Bearer ann")], Ok("ann")),
    ] {
        let found = who(server, target, headers);
        assert_eq!(found, expected.map(str::to_owned), "{target} {headers:?}");
    }
}

fn what_is_not_declared_is_closed(server: &Server) {
    let all = [("X-API-Key", "ann"), ("Authorization", "Bearer ann")];
    assert_eq!(who(server, "/forgotten", &all), Err(401));
    let other = who(server, "/forgotten-or-header", &all);
    assert_eq!(other, Ok("ann".to_owned()));
}

fn malformed(server: &Server) {
    for (target, headers) in [
        ("/basic", &[("Authorization", "Basic")][..]),
        ("/basic", &[("Authorization", "Basic ann:secret")]),
        // `ann`, without a colon; bytes that are no UTF-8.
        ("/basic", &[("Authorization", "Basic YW5u")]),
        ("/basic", &[("Authorization", "Basic YW5uOv8=")]),
        ("/inherited", &[("Authorization", "Bearer")]),
        ("/inherited", &[("Authorization", "Bearer ann ann")]),
        ("/inherited", &[("Authorization", "ann")]),
        // Which of two would a proxy have looked at?
        (
            "/inherited",
            &[
                ("Authorization", "Bearer ann"),
                ("Authorization", "Bearer ann"),
            ],
        ),
        ("/header", &[("X-API-Key", "ann"), ("X-API-Key", "bob")]),
        ("/header", &[("X-API-Key", "")]),
        ("/query?api%20key=ann&api%20key=ann", &[]),
        ("/query?api%20key=%FF", &[]),
    ] {
        assert_eq!(
            who(server, target, headers),
            Err(401),
            "{target} {headers:?}"
        );
    }
}

fn challenged(server: &Server) {
    let realm = r#"realm="Who may \"call\"""#;
    let check = |target: &str, headers: &[(&str, &str)], status, expected: &[String]| {
        let answer = ask(server, target, headers);
        assert_eq!(answer.status, status, "{target}");
        assert_eq!(challenges(&answer), expected, "{target}");
        assert!(!answer.text().contains("bob"), "{}", answer.text());
    };
    let basic = format!("Basic {realm}, charset=\"UTF-8\"");
    check("/basic", &[], 401, &[basic]);
    let key = format!("ApiKey {realm}, in=\"cookie\", name=\"session\"");
    check("/cookie", &[], 401, &[key]);
    check("/digest", &[], 401, &[format!("digest {realm}")]);
    let token = format!("Bearer {realm}, scope=\"things:read things:write\"");
    check("/oauth", &[], 401, std::slice::from_ref(&token));
    let bob = [("Authorization", "Bearer bob")];
    check(
        "/oauth",
        &bob,
        401,
        &[format!("{token}, error=\"invalid_token\"")],
    );
    let guest = [("Authorization", "Bearer guest")];
    check(
        "/oauth",
        &guest,
        403,
        &[format!("{token}, error=\"insufficient_scope\"")],
    );
    let key = format!("ApiKey {realm}, in=\"header\", name=\"X-API-Key\"");
    let token = format!("Bearer {realm}, scope=\"things:write\"");
    check("/either", &[], 401, &[key, token]);
}

/// The rate limit, then the credentials, then the request's form; breakers see none of it.
fn order(server: &Server) {
    let status = |target: &str, headers: &[(&str, &str)]| ask(server, target, headers).status;
    let ann = ("X-API-Key", "ann");
    assert_eq!(status("/limited", &[]), 401);
    assert_eq!(status("/limited", &[("X-API-Key", "bob")]), 401);
    assert_eq!(status("/limited", &[ann]), 429);

    let post = |headers: &[(&str, &str)]| {
        let answer = server.send(&request("POST", "/decoded", headers, Some(b"no number")));
        answer.status
    };
    let json = ("content-type", "application/json");
    assert_eq!(post(&[json]), 401);
    assert_eq!(post(&[json, ann]), 400);

    // One failure would open it.
    assert_eq!(status("/guarded", &[]), 401);
    assert_eq!(status("/guarded", &[("X-API-Key", "down")]), 502);
    assert_eq!(status("/guarded", &[ann]), 418);

    let head = |headers: &[(&str, &str)]| server.send(&request("HEAD", "/header", headers, None));
    assert_eq!((head(&[]).status, head(&[]).body.len()), (401, 0));
    assert_eq!(head(&[ann]).status, 418);
}

fn declared(server: &Server) {
    let document = server.get("/openapi.json").json();
    let statuses = |path: &str| {
        let responses = &document["paths"][path]["get"]["responses"];
        let all = responses.as_object().expect("responses").keys();
        all.filter(|status| ["401", "403"].contains(&status.as_str()))
            .count()
    };
    assert_eq!(statuses("/header"), 2);
    assert_eq!(statuses("/inherited"), 2);
    assert_eq!(statuses("/open"), 0);
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["header"]["name"], "X-API-Key");
}
