//! Parameters: every style, with and without `explode`, of a text, an array and an object, in
//! every place.

use failsafe_tests::{Echo, Outcome, paths};

const TEXT: &str = "\"blue\"";
const ARRAY: &str = "[\"blue\", \"black\", \"brown\"]";
const OBJECT: &str = "Color { r: 100, g: Some(200), b: Some(150) }";

/// The table of the specification: the path of the cell, and what is written there.
const PATHS: &[(&str, &str, &str)] = &[
    ("matrix/joined/text", ";color=blue", TEXT),
    ("matrix/joined/text", ";color", "\"\""),
    ("matrix/joined/array", ";color=blue,black,brown", ARRAY),
    ("matrix/joined/array", ";color", "[]"),
    ("matrix/joined/object", ";color=R,100,G,200,B,150", OBJECT),
    ("matrix/exploded/text", ";color=blue", TEXT),
    (
        "matrix/exploded/array",
        ";color=blue;color=black;color=brown",
        ARRAY,
    ),
    ("matrix/exploded/object", ";R=100;G=200;B=150", OBJECT),
    ("label/joined/text", ".blue", TEXT),
    ("label/joined/text", ".", "\"\""),
    ("label/joined/array", ".blue,black,brown", ARRAY),
    ("label/joined/array", ".blue.black.brown", ARRAY),
    ("label/joined/object", ".R,100,G,200,B,150", OBJECT),
    ("label/exploded/text", ".blue", TEXT),
    ("label/exploded/array", ".blue.black.brown", ARRAY),
    ("label/exploded/object", ".R=100.G=200.B=150", OBJECT),
    ("simple/joined/text", "blue", TEXT),
    ("simple/joined/text", "a%20b%2Fc", "\"a b/c\""),
    ("simple/joined/array", "blue,black,brown", ARRAY),
    ("simple/joined/array", "a%2Cb,c", "[\"a,b\", \"c\"]"),
    ("simple/joined/object", "R,100,G,200,B,150", OBJECT),
    ("simple/exploded/text", "blue", TEXT),
    ("simple/exploded/array", "blue,black,brown", ARRAY),
    ("simple/exploded/object", "R=100,G=200,B=150", OBJECT),
];

const QUERIES: &[(&str, &str, &str)] = &[
    ("form/joined/text", "color=blue", TEXT),
    ("form/joined/text", "color=", "\"\""),
    ("form/joined/array", "color=blue,black,brown", ARRAY),
    ("form/joined/array", "color=", "[]"),
    ("form/joined/array", "color=blue,black&color=brown", ARRAY),
    ("form/joined/object", "color=R,100,G,200,B,150", OBJECT),
    ("form/exploded/text", "color=a+b%26", "\"a b&\""),
    (
        "form/exploded/array",
        "color=blue&color=black&color=brown",
        ARRAY,
    ),
    ("form/exploded/array", "color=blue", "[\"blue\"]"),
    ("form/exploded/object", "R=100&G=200&B=150&other=1", OBJECT),
    ("spaceDelimited/joined/text", "color=blue", TEXT),
    (
        "spaceDelimited/joined/array",
        "color=blue%20black%20brown",
        ARRAY,
    ),
    (
        "spaceDelimited/joined/object",
        "color=R%20100%20G%20200%20B%20150",
        OBJECT,
    ),
    ("pipeDelimited/joined/text", "color=blue", TEXT),
    (
        "pipeDelimited/joined/array",
        "color=blue%7Cblack%7Cbrown",
        ARRAY,
    ),
    (
        "pipeDelimited/joined/object",
        "color=R%7C100%7CG%7C200%7CB%7C150",
        OBJECT,
    ),
    (
        "deepObject/exploded/object",
        "color%5BR%5D=100&color[G]=200&color[B]=150",
        OBJECT,
    ),
    // What the specification leaves open.
    ("spaceDelimited/exploded/text", "color=blue", TEXT),
    (
        "spaceDelimited/exploded/array",
        "color=blue&color=black&color=brown",
        ARRAY,
    ),
    (
        "spaceDelimited/exploded/object",
        "R=100&G=200&B=150",
        OBJECT,
    ),
    ("pipeDelimited/exploded/text", "color=blue", TEXT),
    (
        "pipeDelimited/exploded/array",
        "color=blue&color=black&color=brown",
        ARRAY,
    ),
    ("pipeDelimited/exploded/object", "R=100&G=200&B=150", OBJECT),
    ("deepObject/exploded/text", "color=blue", TEXT),
    (
        "deepObject/exploded/array",
        "color[]=blue&color[]=black&color[]=brown",
        ARRAY,
    ),
    (
        "deepObject/exploded/array",
        "color[0]=blue&color[2]=brown&color[1]=black",
        ARRAY,
    ),
];

const HEADERS: &[(&str, &str, &str)] = &[
    ("joined/text", "blue", TEXT),
    ("joined/text", "a%20b", "\"a%20b\""),
    ("joined/array", "blue, black,brown", ARRAY),
    ("joined/object", "R,100, G,200, B,150", OBJECT),
    ("exploded/text", "blue", TEXT),
    ("exploded/array", "blue,black,brown", ARRAY),
    ("exploded/object", "R=100, G=200, B=150", OBJECT),
];

const COOKIES: &[(&str, &str, &str)] = &[
    ("joined/text", "other=1; color=blue", TEXT),
    ("joined/array", "color=blue,black,brown", ARRAY),
    ("joined/object", "color=R,100,G,200,B,150", OBJECT),
    ("exploded/text", "color=blue", TEXT),
    (
        "exploded/array",
        "color=blue; color=black; color=brown",
        ARRAY,
    ),
    (
        "exploded/array",
        "color=blue&color=black&color=brown",
        ARRAY,
    ),
    ("exploded/object", "R=100; G=200; B=150", OBJECT),
];

#[test]
fn parameters() {
    let echo = Echo::start(
        "conformance-parameters",
        &paths::repository().join("specs/conformance/parameters.yaml"),
    );
    the_table(&echo);
    what_is_no_cell_of_it(&echo);
    types(&echo);
    choices(&echo);
    null_and_nothing(&echo);
    objects(&echo);
    content(&echo);
}

fn the_table(echo: &Echo) {
    let check = |outcome: Outcome, place: &str, (cell, written, expected): (&str, &str, &str)| {
        let Outcome::Accepted {
            arguments: shown, ..
        } = &outcome
        else {
            panic!("{place}/{cell} {written}: {outcome:?}");
        };
        let value = shown
            .strip_prefix("color=")
            .or_else(|| shown.split_once("{ color: ")?.1.strip_suffix(" }"));
        assert_eq!(value, Some(expected), "{place}/{cell} {written}");
    };
    for &(cell, written, expected) in PATHS {
        let outcome = echo.get(&format!("/path/{cell}/{written}"));
        check(outcome, "path", (cell, written, expected));
    }
    for &(cell, written, expected) in QUERIES {
        let outcome = echo.get(&format!("/query/{cell}?{written}"));
        check(outcome, "query", (cell, written, expected));
    }
    for &(cell, written, expected) in HEADERS {
        let outcome = echo.ask(
            "GET",
            &format!("/header/simple/{cell}"),
            &[("Color", written)],
        );
        check(outcome, "header", (cell, written, expected));
    }
    for &(cell, written, expected) in COOKIES {
        let outcome = echo.ask(
            "GET",
            &format!("/cookie/form/{cell}"),
            &[("cookie", written)],
        );
        check(outcome, "cookie", (cell, written, expected));
    }
}

fn what_is_no_cell_of_it(echo: &Echo) {
    for (target, status, rules) in [
        ("/path/matrix/joined/text/blue", 400, ["path color: style"]),
        ("/path/label/joined/text/blue", 400, ["path color: style"]),
        (
            "/path/simple/joined/object/R,1,G",
            400,
            ["path color: style"],
        ),
        (
            "/path/simple/joined/object/R,x",
            400,
            ["path color /R: type"],
        ),
        (
            "/path/simple/joined/object/G,1",
            422,
            ["path color /R: required"],
        ),
        (
            "/path/simple/joined/object/R,1,G,256",
            422,
            ["path color /G: maximum"],
        ),
        ("/query/form/exploded/text", 400, ["query color: required"]),
        (
            "/query/form/exploded/text?color=a&color=b",
            400,
            ["query color: duplicate"],
        ),
        (
            "/query/form/exploded/object?G=1",
            422,
            ["query color /R: required"],
        ),
        (
            "/query/form/exploded/object?other=1",
            400,
            ["query color: required"],
        ),
        (
            "/query/deepObject/exploded/object?color[R]=1&color[R]=2",
            400,
            ["query color /R: type"],
        ),
        (
            "/header/simple/joined/text",
            400,
            ["header color: required"],
        ),
        ("/cookie/form/joined/text", 400, ["cookie color: required"]),
    ] {
        echo.get(target).assert_rejected(status, &rules);
    }
}

fn types(echo: &Echo) {
    let none = "TypesParams { integer: None, wide: None, number: None, flag: None, date: None, \
                time: None, id: None, size: None, level: None, days: None, sizes: None, \
                untyped: None, path: None }";
    let with = |member: &str, value: &str| {
        none.replace(
            &format!(" {member}: None"),
            &format!(" {member}: Some({value})"),
        )
    };
    assert_eq!(echo.get("/types").accepted(), format!("params={none}"));
    for (query, member, value) in [
        ("integer=-5", "integer", "-5"),
        ("integer=1.0", "integer", "1"),
        ("wide=18446744073709551615", "wide", "18446744073709551615"),
        ("number=1e3", "number", "1000.0"),
        ("flag=true", "flag", "true"),
        ("date=2024-02-29", "date", "2024-02-29"),
        (
            "time=2024-02-29T12:30:00%2B01:00",
            "time",
            "2024-02-29T12:30:00+01:00",
        ),
        (
            "id=123e4567-e89b-12d3-a456-426614174000",
            "id",
            "123e4567-e89b-12d3-a456-426614174000",
        ),
        ("size=large", "size", "Large"),
        (
            "days=2024-02-29&days=2024-03-01",
            "days",
            "[2024-02-29, 2024-03-01]",
        ),
        ("sizes=small,large", "sizes", "[Small, Large]"),
        // Many clients escape the comma, and no value of an enum has one.
        ("sizes=small%2Clarge", "sizes", "[Small, Large]"),
        ("untyped=12", "untyped", "\"12\""),
        ("path=/a?b:c@d!$'()*", "path", "\"/a?b:c@d!$'()*\""),
    ] {
        let expected = format!("params={}", with(member, value));
        assert_eq!(
            echo.get(&format!("/types?{query}")).accepted(),
            expected,
            "{query}"
        );
    }
    for (query, status, rule) in [
        ("integer=1.5", 400, "query integer: type"),
        ("integer=+1", 400, "query integer: type"),
        ("integer=", 400, "query integer: type"),
        ("integer=2147483648", 422, "query integer: format"),
        ("number=NaN", 400, "query number: type"),
        ("flag=1", 400, "query flag: type"),
        ("flag=TRUE", 400, "query flag: type"),
        ("date=2023-02-29", 422, "query date: format"),
        ("time=2024-02-29", 422, "query time: format"),
        ("id=123", 422, "query id: format"),
        ("size=middle", 422, "query size: enum"),
        ("level=3", 422, "query level: enum"),
        (
            "days=2024-02-29&days=tomorrow",
            422,
            "query days /1: format",
        ),
        (
            "days=2024-02-29&days=2024-02-29",
            422,
            "query days: uniqueItems",
        ),
        ("sizes=small,huge", 422, "query sizes /1: enum"),
    ] {
        echo.get(&format!("/types?{query}"))
            .assert_rejected(status, &[rule]);
    }
}

fn choices(echo: &Echo) {
    let none = "ChoicesParams { mixed: None, union: None, several: None, one_or_more: None, \
                nullable: None }";
    for (query, member, value) in [
        ("mixed=1", "mixed", "Number(1)"),
        ("mixed=2", "mixed", "String(\"2\")"),
        ("mixed=auto", "mixed", "String(\"auto\")"),
        ("mixed=true", "mixed", "Bool(true)"),
        ("union=12", "union", "Integer(12)"),
        ("union=twelv", "union", "String(\"twelv\")"),
        ("several=true", "several", "Bool(true)"),
        ("several=7", "several", "Integer(7)"),
        ("several=seven", "several", "String(\"seven\")"),
        ("one-or-more=a", "one_or_more", "String(\"a\")"),
        (
            "one-or-more=a&one-or-more=b",
            "one_or_more",
            "StringList([\"a\", \"b\"])",
        ),
        ("nullable=3", "nullable", "3"),
    ] {
        let expected = none.replace(
            &format!(" {member}: None"),
            &format!(" {member}: Some({value})"),
        );
        assert_eq!(
            echo.get(&format!("/choices?{query}")).accepted(),
            format!("params={expected}")
        );
    }
    for (query, status, rule) in [
        ("mixed=3", 422, "query mixed: enum"),
        ("union=longer", 422, "query union: maxLength"),
        ("nullable=x", 400, "query nullable: type"),
    ] {
        echo.get(&format!("/choices?{query}"))
            .assert_rejected(status, &[rule]);
    }
}

fn null_and_nothing(echo: &Echo) {
    for (target, expected) in [
        (
            "/nullable?number=1",
            "NullableParams { number: Some(1), date: None, object: None }",
        ),
        (
            "/nullable?number=",
            "NullableParams { number: None, date: None, object: None }",
        ),
        (
            "/nullable?number=null&date=&object=null",
            "NullableParams { number: None, date: None, object: None }",
        ),
        (
            "/nullable?number=1&date=2024-02-29&object=R,1",
            "NullableParams { number: Some(1), date: Some(2024-02-29), object: Some(Color { r: 1, g: None, b: None }) }",
        ),
        (
            "/empty?count",
            "EmptyParams { flag: None, count: None, text: None }",
        ),
        (
            "/empty?count=5&flag=&text=",
            "EmptyParams { flag: None, count: Some(5), text: Some(\"\") }",
        ),
        (
            "/defaults",
            "DefaultsParams { limit: 20, sort: Down, tags: [], sizes: [Large, Small], since: \
             2024-02-29, color: Color { r: 1, g: None, b: Some(2) }, flag: true }",
        ),
        (
            "/defaults?limit=1&sort=up&tags=a&sizes=small&since=2024-03-01&color[R]=3&flag=false",
            "DefaultsParams { limit: 1, sort: Up, tags: [\"a\"], sizes: [Small], since: 2024-03-01, \
             color: Color { r: 3, g: None, b: None }, flag: false }",
        ),
    ] {
        assert_eq!(
            echo.get(target).accepted(),
            format!("params={expected}"),
            "{target}"
        );
    }
    echo.get("/nullable")
        .assert_rejected(400, &["query number: required"]);
    echo.get("/empty")
        .assert_rejected(400, &["query count: required"]);
    echo.get("/empty?count=x&flag=yes")
        .assert_rejected(400, &["query flag: type", "query count: type"]);
}

fn objects(echo: &Echo) {
    let filter = "filter[name]=n&filter[age][gt]=3&filter[tags][]=a&filter[tags][]=b&filter[ids]=1\
                  &filter[active]=true";
    assert_eq!(
        echo.get(&format!("/nested?{filter}")).accepted(),
        "params=NestedParams { filter: Some(Filter { name: Some(\"n\"), age: Some(FilterAge { gt: \
         Some(3), lt: None }), tags: Some([\"a\", \"b\"]), ids: Some([1]), active: Some(true) }) }"
    );
    echo.get("/nested?filter[age][gt]=x&filter[ids][0]=1&filter[ids][1]=y&filter[active]=1")
        .assert_rejected(
            400,
            &[
                "query filter /age/gt: type",
                "query filter /ids/1: type",
                "query filter /active: type",
            ],
        );
    for (target, expected) in [
        (
            "/maps?page=1&a=2&b=3",
            "MapsParams { page: Some(1), others: Some({\"a\": 2, \"b\": 3}) }",
        ),
        ("/maps?page=1", "MapsParams { page: Some(1), others: None }"),
        (
            "/deep-maps?labels[a]=1&labels[b%20c]=&d=2",
            "DeepMapsParams { labels: {\"a\": \"1\", \"b c\": \"\"} }",
        ),
        (
            "/many?colors[0][R]=1&colors[1][R]=2&rows=[1,2]&rows=[]",
            "ManyParams { colors: Some([Color { r: 1, g: None, b: None }, Color { r: 2, g: None, b: None }]), rows: Some([[1, 2], []]) }",
        ),
        (
            "/many?colors=%7B%22R%22:1%7D",
            "ManyParams { colors: Some([Color { r: 1, g: None, b: None }]), rows: None }",
        ),
    ] {
        assert_eq!(
            echo.get(target).accepted(),
            format!("params={expected}"),
            "{target}"
        );
    }
    echo.get("/maps?a=x")
        .assert_rejected(400, &["query others /a: type"]);
    echo.get("/deep-maps")
        .assert_rejected(400, &["query labels: required"]);
}

fn content(echo: &Echo) {
    let ask = |target: &str, words: &str| echo.ask("GET", target, &[("X-Words", words)]);
    assert_eq!(
        ask("/content?color=%7B%22R%22:1%7D&note=abc", "[\"ab\"]").accepted(),
        "params=ContentParams { color: Some(Color { r: 1, g: None, b: None }), x_words: \
         Some([\"ab\"]), note: Some(\"abc\") }"
    );
    ask("/content?color=R&note=abcd", "[\"ab\", \"c\", 1]").assert_rejected(
        400,
        &[
            "query color: json",
            "header X-Words /1: minLength",
            "header X-Words /2: type",
            "query note: maxLength",
        ],
    );
    echo.get("/content?color=%7B%22R%22:%22x%22%7D")
        .assert_rejected(422, &["query color /R: type"]);
}
