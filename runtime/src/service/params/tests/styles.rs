//! The table of styles in the OpenAPI specification, cell by cell, and what it leaves open.

use serde_json::{Value, json};

use super::*;

static OPERATION: Operation = Operation::new("op", Method::GET, "/{color}");

static COLOR: Schema = Schema {
    properties: &[
        ("R", &Schema::INTEGER),
        ("G", &Schema::INTEGER),
        ("B", &Schema::INTEGER),
    ],
    required: &["R"],
    additional: schema::Additional::None,
    ..Schema::OBJECT
};
static NAMES: Schema = Schema {
    items: Some(&Schema::STRING),
    ..Schema::ARRAY
};

/// What the parameter `color` of a request is read as, or what is wrong with it.
fn read(
    place: Place,
    style: Style,
    explode: bool,
    text: &str,
    schema: &'static Schema,
) -> Result<Option<Value>, Vec<String>> {
    let (uri, headers) = match place {
        Place::Path => (format!("/{text}"), vec![]),
        Place::Query => (format!("/x?{text}"), vec![]),
        Place::Header => ("/x".to_owned(), vec![("color", text)]),
        Place::Cookie => ("/x".to_owned(), vec![("cookie", text)]),
        Place::Body => unreachable!("no parameter stands there"),
    };
    let mut call = call(
        &OPERATION,
        PolicyStack::new(),
        request(Method::GET, &uri, &headers, ""),
    );
    let param = Param::new(&mut call, place, "color");
    let value = param.style(style).explode(explode).optional_value(schema);
    value.ok_or_else(|| {
        let found = call.violations.iter();
        found
            .map(|it| format!("{} {}", it.pointer, it.rule))
            .collect()
    })
}

#[track_caller]
fn reads(
    place: Place,
    style: Style,
    explode: bool,
    text: &str,
    schema: &'static Schema,
    expected: Value,
) {
    let found = read(place, style, explode, text, schema);
    assert_eq!(
        found,
        Ok(Some(expected)),
        "{place:?} {style:?} {explode} {text}"
    );
}

#[test]
fn a_single_text() {
    let string = &Schema::STRING;
    for explode in [false, true] {
        for (place, style, text) in [
            (Place::Path, Style::Matrix, ";color=blue"),
            (Place::Path, Style::Label, ".blue"),
            (Place::Path, Style::Simple, "blue"),
            (Place::Header, Style::Simple, "blue"),
            (Place::Query, Style::Form, "color=blue"),
            (Place::Query, Style::SpaceDelimited, "color=blue"),
            (Place::Query, Style::PipeDelimited, "color=blue"),
            (Place::Query, Style::DeepObject, "color=blue"),
            (Place::Cookie, Style::Form, "a=b; color=blue"),
        ] {
            reads(place, style, explode, text, string, json!("blue"));
        }
        for (place, style, text) in [
            (Place::Path, Style::Matrix, ";color"),
            (Place::Path, Style::Matrix, ";color="),
            (Place::Path, Style::Label, "."),
            (Place::Query, Style::Form, "color="),
            (Place::Query, Style::Form, "color"),
            (Place::Cookie, Style::Form, "color="),
        ] {
            reads(place, style, explode, text, string, json!(""));
        }
    }
}

#[test]
fn an_array() {
    for (place, style, explode, text) in [
        (Place::Path, Style::Matrix, false, ";color=blue,black,brown"),
        (
            Place::Path,
            Style::Matrix,
            true,
            ";color=blue;color=black;color=brown",
        ),
        (Place::Path, Style::Label, false, ".blue,black,brown"),
        // As 3.1.0 has it.
        (Place::Path, Style::Label, false, ".blue.black.brown"),
        (Place::Path, Style::Label, true, ".blue.black.brown"),
        (Place::Path, Style::Simple, false, "blue,black,brown"),
        (Place::Path, Style::Simple, true, "blue,black,brown"),
        (Place::Header, Style::Simple, false, "blue, black,brown"),
        (Place::Query, Style::Form, false, "color=blue,black,brown"),
        (
            Place::Query,
            Style::Form,
            true,
            "color=blue&color=black&color=brown",
        ),
        (
            Place::Query,
            Style::SpaceDelimited,
            false,
            "color=blue%20black%20brown",
        ),
        (
            Place::Query,
            Style::SpaceDelimited,
            false,
            "color=blue+black+brown",
        ),
        (
            Place::Query,
            Style::SpaceDelimited,
            true,
            "color=blue&color=black&color=brown",
        ),
        (
            Place::Query,
            Style::PipeDelimited,
            false,
            "color=blue%7Cblack|brown",
        ),
        (
            Place::Query,
            Style::PipeDelimited,
            true,
            "color=blue&color=black&color=brown",
        ),
        (
            Place::Query,
            Style::DeepObject,
            true,
            "color%5B0%5D=blue&color[1]=black&color[2]=brown",
        ),
        (
            Place::Query,
            Style::DeepObject,
            true,
            "color[]=blue&color[]=black&color[]=brown",
        ),
        (Place::Cookie, Style::Form, false, "color=blue,black,brown"),
        (
            Place::Cookie,
            Style::Form,
            true,
            "color=blue; color=black; color=brown",
        ),
        (
            Place::Cookie,
            Style::Form,
            true,
            "color=blue&color=black&color=brown",
        ),
    ] {
        reads(
            place,
            style,
            explode,
            text,
            &NAMES,
            json!(["blue", "black", "brown"]),
        );
    }
    for (place, style, explode, text, expected) in [
        (Place::Path, Style::Matrix, false, ";color", json!([])),
        (Place::Path, Style::Matrix, false, ";color=", json!([])),
        (Place::Path, Style::Label, true, ".", json!([])),
        (Place::Header, Style::Simple, false, "", json!([])),
        (Place::Query, Style::Form, false, "color=", json!([])),
        (Place::Query, Style::Form, true, "color=", json!([""])),
        // In several lots.
        (
            Place::Query,
            Style::Form,
            false,
            "color=a,b&color=c",
            json!(["a", "b", "c"]),
        ),
        // A comma that is escaped is no separator.
        (
            Place::Query,
            Style::Form,
            false,
            "color=a%2Cb,c",
            json!(["a,b", "c"]),
        ),
        (
            Place::Path,
            Style::Simple,
            false,
            "a%2Cb,c%2Fd",
            json!(["a,b", "c/d"]),
        ),
        // By number, not by text.
        (
            Place::Query,
            Style::DeepObject,
            true,
            "color[10]=b&color[2]=a",
            json!(["a", "b"]),
        ),
    ] {
        reads(place, style, explode, text, &NAMES, expected);
    }
}

#[test]
fn an_object() {
    for (place, style, explode, text) in [
        (
            Place::Path,
            Style::Matrix,
            false,
            ";color=R,100,G,200,B,150",
        ),
        (Place::Path, Style::Matrix, true, ";R=100;G=200;B=150"),
        (Place::Path, Style::Label, false, ".R,100,G,200,B,150"),
        (Place::Path, Style::Label, false, ".R.100.G.200.B.150"),
        (Place::Path, Style::Label, true, ".R=100.G=200.B=150"),
        (Place::Path, Style::Simple, false, "R,100,G,200,B,150"),
        (Place::Path, Style::Simple, true, "R=100,G=200,B=150"),
        (Place::Header, Style::Simple, false, "R,100, G,200, B,150"),
        (Place::Header, Style::Simple, true, "R=100, G=200, B=150"),
        (Place::Query, Style::Form, false, "color=R,100,G,200,B,150"),
        (Place::Query, Style::Form, true, "R=100&G=200&B=150&other=1"),
        (
            Place::Query,
            Style::SpaceDelimited,
            false,
            "color=R%20100%20G%20200%20B%20150",
        ),
        (
            Place::Query,
            Style::PipeDelimited,
            false,
            "color=R%7C100%7CG%7C200%7CB%7C150",
        ),
        (
            Place::Query,
            Style::DeepObject,
            true,
            "color[R]=100&color%5BG%5D=200&color[B]=150",
        ),
        (
            Place::Query,
            Style::DeepObject,
            false,
            "color[R]=100&color[G]=200&color[B]=150",
        ),
        (
            Place::Query,
            Style::Json,
            false,
            "color=%7B%22R%22:100,%22G%22:200,%22B%22:150%7D",
        ),
        (Place::Cookie, Style::Form, false, "color=R,100,G,200,B,150"),
        (Place::Cookie, Style::Form, true, "R=100; G=200; B=150"),
        (Place::Cookie, Style::Form, true, "R=100&G=200&B=150"),
    ] {
        let expected = json!({ "R": 100, "G": 200, "B": 150 });
        reads(place, style, explode, text, &COLOR, expected);
    }
}

#[test]
fn what_is_not_in_its_style() {
    for (place, style, explode, text, schema, rules) in [
        (
            Place::Path,
            Style::Label,
            false,
            "blue",
            &Schema::STRING,
            " style",
        ),
        (
            Place::Path,
            Style::Matrix,
            false,
            ";colour=blue",
            &Schema::STRING,
            " style",
        ),
        (
            Place::Path,
            Style::Matrix,
            true,
            "color=blue",
            &NAMES,
            " style",
        ),
        (
            Place::Path,
            Style::Matrix,
            true,
            ";color=a;colour=b",
            &NAMES,
            " style",
        ),
        (
            Place::Path,
            Style::Simple,
            false,
            "R,100,G",
            &COLOR,
            " style",
        ),
        (
            Place::Header,
            Style::Simple,
            true,
            "R,100",
            &COLOR,
            " style",
        ),
        (
            Place::Query,
            Style::Form,
            true,
            "color=a&color=b",
            &Schema::INTEGER,
            " duplicate",
        ),
        (
            Place::Query,
            Style::DeepObject,
            true,
            "color[R]=x",
            &COLOR,
            "/R type",
        ),
        (
            Place::Query,
            Style::DeepObject,
            true,
            "color[G]=1",
            &COLOR,
            "/R required",
        ),
        (
            Place::Query,
            Style::DeepObject,
            true,
            "color[R]=1&color[X]=1",
            &COLOR,
            "/X additionalProperties",
        ),
        (
            Place::Query,
            Style::DeepObject,
            true,
            "color[R][a]=1",
            &COLOR,
            "/R type",
        ),
        (Place::Query, Style::Json, false, "color={", &COLOR, " json"),
        (
            Place::Query,
            Style::Form,
            true,
            "color=%ff",
            &NAMES,
            " encoding",
        ),
    ] {
        let found = read(place, style, explode, text, schema);
        assert_eq!(
            found,
            Err(vec![rules.to_owned()]),
            "{place:?} {style:?} {text}"
        );
    }
}

#[test]
fn what_is_not_there() {
    for style in [
        Style::Form,
        Style::DeepObject,
        Style::SpaceDelimited,
        Style::Json,
    ] {
        for schema in [&COLOR, &NAMES, &Schema::STRING] {
            assert_eq!(
                read(Place::Query, style, true, "colors=1", schema),
                Ok(None)
            );
        }
    }
    // An object over several pairs may be without any, where none has to be there.
    static FREE: Schema = Schema {
        properties: &[("R", &Schema::INTEGER)],
        ..Schema::OBJECT
    };
    let mut call = called("/", &[]);
    assert_eq!(call.query("q").required_value(&FREE), Some(json!({})));
    assert_eq!(call.query("q").required_value::<Value>(&COLOR), None);
    assert_eq!(
        call.query("q")
            .explode(false)
            .required_value::<Value>(&FREE),
        None
    );
}

#[test]
fn a_schema_without_a_type_is_read_in_whichever_form_is_written() {
    static LOOSE: Schema = Schema {
        properties: &[("R", &Schema::INTEGER)],
        required: &["R"],
        ..Schema::ANY
    };
    for (style, text) in [
        (Style::Matrix, ";R=1;G=a"),
        (Style::Label, ".R=1.G=a"),
        (Style::Simple, "R=1,G=a"),
    ] {
        let expected = json!({ "R": 1, "G": "a" });
        reads(Place::Path, style, true, text, &LOOSE, expected);
    }
    // Nothing that begins otherwise is a matrix at all.
    let found = read(Place::Path, Style::Matrix, true, "R=1", &LOOSE);
    assert_eq!(found, Err(vec![" style".to_owned()]));
}
