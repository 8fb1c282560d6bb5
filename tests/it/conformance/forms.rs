//! Forms: every way in which clients write fields, and where what is wrong is found.

use failsafe_tests::{Echo, Outcome, paths};

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn forms() {
    let echo = Echo::start(
        "conformance-forms",
        &paths::repository().join("specs/conformance/forms.yaml"),
    );
    let post = |target: &str, body: &str| echo.post(target, FORM, body.as_bytes());
    orders(&post);
    encodings(&post);
    choices(&post);
    the_body_itself(&echo);
}

fn orders(post: &dyn Fn(&str, &str) -> Outcome) {
    let none = "body=Order { number: None, name: \"ab\", secret: None, count: 1, due: None, \
                paid: None, tags: None, address: None, metadata: None, items: None }";
    for (body, member, value) in [
        ("name=ab", "number: None", "number: None"),
        (
            "name=ab&secret=s+t%21",
            "secret: None",
            "secret: Some(\"s t!\")",
        ),
        ("name=ab&count=7", "count: 1", "count: 7"),
        (
            "name=ab&due=2024-02-29",
            "due: None",
            "due: Some(2024-02-29)",
        ),
        ("name=ab&paid=true", "paid: None", "paid: Some(true)"),
        (
            "name=ab&tags=a&tags=b,c",
            "tags: None",
            "tags: Some([\"a\", \"b,c\"])",
        ),
        (
            "name=ab&tags[]=a&tags[]=b",
            "tags: None",
            "tags: Some([\"a\", \"b\"])",
        ),
        (
            "tags[1]=b&name=ab&tags[0]=a",
            "tags: None",
            "tags: Some([\"a\", \"b\"])",
        ),
        (
            "name=ab&address[city]=Bern&address%5Bzip%5D=3000",
            "address: None",
            "address: Some(Address { city: \"Bern\", zip: Some(3000) })",
        ),
        (
            "name=ab&address=%7B%22city%22:%22Bern%22%7D",
            "address: None",
            "address: Some(Address { city: \"Bern\", zip: None })",
        ),
        (
            "name=ab&metadata[order]=5&metadata[b%20c]=d",
            "metadata: None",
            "metadata: Some({\"b c\": \"d\", \"order\": \"5\"})",
        ),
        (
            "name=ab&items[0][price]=p&items[0][quantity]=2&items[1][parts][]=1&items[1][parts][]=2",
            "items: None",
            "items: Some([OrderItemsItem { price: Some(\"p\"), quantity: Some(2), parts: None }, \
             OrderItemsItem { price: None, quantity: None, parts: Some([1, 2]) }])",
        ),
    ] {
        assert_eq!(
            post("/order", body).accepted(),
            none.replace(member, value),
            "{body}"
        );
    }
    post("/order", "name=a&count=x&tags=1&tags=2&tags=3&tags=4&address[zip]=y&items[0][quantity]=0&due=soon&unknown=1")
        .assert_rejected(
            422,
            &[
                "body /name: minLength",
                "body /count: type",
                "body /due: format",
                "body /tags: maxItems",
                "body /address/city: required",
                "body /address/zip: type",
                "body /items/0/quantity: minimum",
            ],
        );
    post("/order", "count=1").assert_rejected(422, &["body /name: required"]);
    post("/order", "name=ab&name=cd").assert_rejected(422, &["body /name: duplicate"]);
    post("/order", "name=%ff%fe").assert_rejected(400, &["body: encoding"]);
    post("/order", "").assert_rejected(400, &["body: required"]);
}

fn encodings(post: &dyn Fn(&str, &str) -> Outcome) {
    assert_eq!(
        post(
            "/encoded",
            "tags=a,b&words=c%7Cd&labels[e]=f&address=%7B%22city%22:%22g%22%7D&city=h&zip=1\
             &expand[]=i&expand[]=j"
        )
        .accepted(),
        "body=EncodedBody { tags: Some([\"a\", \"b\"]), words: Some([\"c\", \"d\"]), labels: \
         Some({\"e\": \"f\"}), address: Some(Address { city: \"g\", zip: None }), place: \
         Some(Address { city: \"h\", zip: Some(1) }), expand: Some([\"i\", \"j\"]) }"
    );
    post("/encoded", "address=city&zip=x").assert_rejected(
        422,
        &[
            "body /address: type",
            "body /place/city: required",
            "body /place/zip: type",
        ],
    );
}

fn choices(post: &dyn Fn(&str, &str) -> Outcome) {
    assert_eq!(
        post("/free", "a=1&b=&a.b=c").accepted(),
        "body={\"a\": \"1\", \"a.b\": \"c\", \"b\": \"\"}"
    );
    for (body, expected) in [
        ("metadata=", "metadata: Some(Variant2(Empty))"),
        ("metadata[a]=1", "metadata: Some(Map({\"a\": \"1\"}))"),
        ("end=now", "Now"),
        ("end=1700000000", "Integer(1700000000)"),
    ] {
        let outcome = post("/choice", body);
        assert!(outcome.accepted().contains(expected), "{outcome:?}");
    }
    for (body, expected) in [
        (
            "user=u&password=1",
            "Password(VariantsBodyPassword { user: \"u\", password: \"1\" })",
        ),
        ("code=1", "Code(VariantsBodyCode { code: 1 })"),
    ] {
        assert_eq!(
            post("/variants", body).accepted(),
            format!("body={expected}")
        );
    }
    post("/variants", "user=u").assert_rejected(422, &["body: oneOf"]);
}

fn the_body_itself(echo: &Echo) {
    assert_eq!(echo.ask("POST", "/optional", &[]).accepted(), "body=None");
    assert_eq!(
        echo.post(
            "/optional",
            "Application/X-WWW-Form-Urlencoded; charset=utf-8",
            b"token=t"
        )
        .accepted(),
        "body=Some(OptionalBody { token: \"t\" })"
    );
    for media_type in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
    ] {
        echo.post("/order", media_type, b"name=ab")
            .assert_rejected(415, &["body: contentType"]);
    }
    let long = format!("name={}", "a".repeat(3 << 20));
    echo.post("/order", FORM, long.as_bytes())
        .assert_rejected(413, &["body: maxBytes"]);
}
