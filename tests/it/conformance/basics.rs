//! One parameter, one body: the rest builds on these.

use failsafe_tests::{Echo, paths};

#[test]
fn parameters_and_bodies() {
    let echo = Echo::start(
        "conformance-basics",
        &paths::repository().join("specs/conformance/basics.yaml"),
    );

    assert_eq!(
        echo.get("/items/7?limit=3").accepted(),
        "id=7; params=ReadItemParams { limit: Some(3) }"
    );
    echo.get("/items/seven?limit=11")
        .assert_rejected(400, &["path id: type", "query limit: maximum"]);

    let post = |body: &str| echo.post("/items/7", "application/json", body.as_bytes());
    assert_eq!(
        post(r#"{"count": 2}"#).accepted(),
        "id=7; body=ChangeItemBody { count: 2 }"
    );
    post(r#"{"count": 0}"#).assert_rejected(422, &["body /count: minimum"]);
    post("{}").assert_rejected(422, &["body /count: required"]);

    // The document's own paths win over the service's.
    assert_eq!(echo.get("/metrics").accepted(), "");
    assert_eq!(echo.get("/livez").accepted(), "");
    assert_eq!(echo.server().get("/failsafe/livez").status, 200);
}
