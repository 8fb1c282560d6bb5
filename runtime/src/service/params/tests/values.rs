//! What texts mean to a schema, and that what is written is what is read.

use std::collections::BTreeMap;

use proptest::prelude::{Just, Strategy, prop, prop_assert_eq, prop_oneof, proptest};
use serde_json::{Map, Value, json};

use super::*;
use crate::schema::{Additional, Literal};

fn query(uri: &str, schema: &'static Schema) -> Option<Option<Value>> {
    called(uri, &[]).query("q").optional_value(schema)
}

#[track_caller]
fn means(uri: &str, schema: &'static Schema, expected: Value) {
    assert_eq!(query(uri, schema), Some(Some(expected)), "{uri}");
}

#[test]
fn of_several_types_the_most_exact_counts() {
    static EITHER: Schema = Schema {
        one_of: &[&Schema::STRING, &Schema::INTEGER, &Schema::BOOLEAN],
        ..Schema::ANY
    };
    means("/?q=12", &EITHER, json!(12));
    means("/?q=012", &EITHER, json!("012"));
    means("/?q=true", &EITHER, json!(true));
    means("/?q=1.5", &EITHER, json!("1.5"));
    static TYPES: Schema = Schema {
        types: Types::STRING.or(Types::NUMBER).or(Types::NULL),
        ..Schema::ANY
    };
    means("/?q=1.5", &TYPES, json!(1.5));
    means("/?q=x", &TYPES, json!("x"));
    static MIXED: Schema = Schema {
        enumeration: &[
            Literal::Number(Number::Int(1)),
            Literal::Str("auto"),
            Literal::Str("2"),
            Literal::Bool(true),
        ],
        ..Schema::ANY
    };
    means("/?q=1", &MIXED, json!(1));
    means("/?q=2", &MIXED, json!("2"));
    means("/?q=auto", &MIXED, json!("auto"));
    means("/?q=true", &MIXED, json!(true));
    assert_eq!(query("/?q=3", &MIXED), None);
    static ONE_OR_MORE: Schema = Schema {
        one_of: &[&TEXTS, &Schema::STRING, &POINT],
        ..Schema::ANY
    };
    means("/?q=a", &ONE_OR_MORE, json!("a"));
    means("/?q=a&q=b", &ONE_OR_MORE, json!(["a", "b"]));
    means("/?q=%5B%22a%22%5D", &ONE_OR_MORE, json!(["a"]));
    means("/?q=%7B%22x%22:1%7D", &ONE_OR_MORE, json!({ "x": 1 }));
    // Nothing is asked of it, so nothing is made of it.
    means("/?q=12", &Schema::ANY, json!("12"));
}

#[test]
fn what_has_members_is_an_object_without_being_called_one() {
    static POINT: Schema = Schema {
        properties: &[("x", &Schema::INTEGER)],
        ..Schema::ANY
    };
    static POINTS: Schema = Schema {
        items: Some(&POINT),
        ..Schema::ARRAY
    };
    means("/?q=%7B%22x%22:1%7D", &POINTS, json!([{ "x": 1 }]));
    means("/?q=%7B%22x%22:1%7D", &POINT, json!({ "x": 1 }));
    means("/?x=1", &POINT, json!({ "x": 1 }));
}

#[test]
fn what_is_nested_is_json_where_it_is_one_text() {
    static TREE: Schema = Schema {
        properties: &[("name", &TEXT), ("points", &POINTS)],
        ..Schema::OBJECT
    };
    static POINTS: Schema = Schema {
        items: Some(&POINT),
        ..Schema::ARRAY
    };
    let header = |schema, text| {
        called("/", &[("q", text)])
            .header("q")
            .optional_value(schema)
    };
    let tree = r#"{"name": "a,b", "points": [{"x": 1, "y": 2}, {"x": 3}]}"#;
    let expected = json!({ "name": "a,b", "points": [{ "x": 1, "y": 2 }, { "x": 3 }] });
    assert_eq!(header(&TREE, tree), Some(Some(expected.clone())));
    assert_eq!(header(&TREE, "name,a"), Some(Some(json!({ "name": "a" }))));
    let points = r#"[{"x": 1}, {"x": 3}]"#;
    assert_eq!(
        header(&POINTS, points),
        Some(Some(json!([{ "x": 1 }, { "x": 3 }])))
    );
    let read = called("/?q=%7B%22name%22:%22a,b%22%7D", &[])
        .query("q")
        .explode(false)
        .optional_value(&TREE);
    assert_eq!(read, Some(Some(json!({ "name": "a,b" }))));
    assert_eq!(header(&TREE, r#"{"name": 1}"#), None::<Option<Value>>);
}

#[test]
fn null_is_nothing_or_its_name() {
    static NULLABLE: Schema = Schema {
        types: Types::INTEGER.or(Types::NULL),
        ..Schema::ANY
    };
    for uri in ["/?q=", "/?q", "/?q=null", "/"] {
        assert_eq!(query(uri, &NULLABLE), Some(None), "{uri}");
        let typed = called(uri, &[]).query("q").optional::<i64>(&NULLABLE);
        assert_eq!(typed, Some(None), "{uri}");
    }
    let required = called("/?q=", &[]).query("q").required_value(&NULLABLE);
    assert_eq!(required, Some(None::<i64>));
    let absent = called("/", &[])
        .query("q")
        .required_value::<Option<i64>>(&NULLABLE);
    assert_eq!(absent, None);
}

#[test]
fn an_empty_value_may_be_allowed() {
    for uri in ["/?q=", "/?q"] {
        let optional = called(uri, &[])
            .query("q")
            .allow_empty()
            .optional::<bool>(&Schema::BOOLEAN);
        assert_eq!(optional, Some(None));
        let required = called(uri, &[])
            .query("q")
            .allow_empty()
            .required_value::<Option<bool>>(&Schema::BOOLEAN);
        assert_eq!(required, Some(None));
        assert_eq!(
            called(uri, &[])
                .query("q")
                .optional::<bool>(&Schema::BOOLEAN),
            None
        );
    }
}

#[test]
fn an_empty_text_that_is_no_value_is_none() {
    static DATE: Schema = Schema {
        format: Some(schema::Format::Date),
        ..Schema::STRING
    };
    let of = |schema| {
        let mut call = called("/?q=", &[]);
        call.query("q").allow_empty().optional::<String>(schema)
    };
    assert_eq!(of(&DATE), Some(None));
    assert_eq!(of(&Schema::STRING), Some(Some(String::new())));
}

static POINT: Schema = Schema {
    properties: &[("x", &Schema::INTEGER), ("y", &Schema::INTEGER)],
    required: &["x"],
    ..Schema::OBJECT
};
static CIRCLE: Schema = Schema {
    properties: &[("radius", &Schema::NUMBER), ("at", &POINT)],
    required: &["radius"],
    ..Schema::OBJECT
};
static SHAPE: Schema = Schema {
    any_of: &[&POINT, &CIRCLE],
    ..Schema::ANY
};

#[test]
fn variants_read_their_members_each_in_its_way() {
    let deep = |uri: &str| {
        called(uri, &[])
            .query("q")
            .style(Style::DeepObject)
            .optional_value::<Value>(&SHAPE)
    };
    assert_eq!(deep("/?q[x]=1"), Some(Some(json!({ "x": 1 }))));
    assert_eq!(
        deep("/?q[radius]=1&q[at][x]=2"),
        Some(Some(json!({ "radius": 1, "at": { "x": 2 } })))
    );
    assert_eq!(deep("/?q[y]=1"), None);
}

#[test]
fn objects_and_arrays_nest() {
    static POINTS: Schema = Schema {
        items: Some(&POINT),
        ..Schema::ARRAY
    };
    let expected = json!([{ "x": 1, "y": 2 }, { "x": 3 }]);
    for uri in [
        "/?q[0][x]=1&q[0][y]=2&q[1][x]=3",
        "/?q[][x]=1&q[][y]=2&q[][x]=3",
        "/?q=%7B%22x%22:1,%22y%22:2%7D&q=%7B%22x%22:3%7D",
        "/?q=[%7B%22x%22:1,%22y%22:2%7D,%7B%22x%22:3%7D]",
    ] {
        let uri = uri.replace('[', "%5B").replace(']', "%5D");
        means(&uri, &POINTS, expected.clone());
    }
    static FREE: Schema = Schema {
        additional: Additional::Schema(&Schema::ANY),
        ..Schema::OBJECT
    };
    let deep = called("/?q[a][]=1&q[a][]=2&q[b][c]=d&q[e", &[])
        .query("q")
        .style(Style::DeepObject)
        .optional_value(&FREE);
    assert_eq!(
        deep,
        Some(Some(json!({ "a": ["1", "2"], "b": { "c": "d" } })))
    );
}

#[test]
fn an_object_leaves_others_their_names() {
    static LIMITS: Schema = Schema {
        properties: &[("min", &Schema::INTEGER)],
        additional: Additional::Schema(&Schema::INTEGER),
        ..Schema::OBJECT
    };
    let mut call = called("/?min=1&page=x&max=5&tags[]=1", &[]);
    let named = call
        .query("q")
        .required_value::<BTreeMap<String, i64>>(&LIMITS);
    assert_eq!(named, Some([("min".to_owned(), 1)].into()));
    let others = call.query("q").beside(&["page", "tags"]);
    let all = others.required_value::<BTreeMap<String, i64>>(&LIMITS);
    assert_eq!(
        all,
        Some([("min".to_owned(), 1), ("max".to_owned(), 5)].into())
    );
}

#[test]
fn nesting_ends() {
    static TREE: Schema = Schema {
        additional: Additional::Schema(&TREE),
        items: Some(&TREE),
        types: Types::OBJECT.or(Types::ARRAY),
        ..Schema::ANY
    };
    let deep = format!("/?q{}=1", "%5Ba%5D".repeat(5000));
    let _ = called(&deep, &[])
        .query("q")
        .style(Style::DeepObject)
        .optional_value::<Value>(&TREE);
    let _ = query("/?q=1", &TREE);
    // Variants of variants of themselves.
    static MANY: Schema = Schema {
        any_of: &[&TREE, &MANY, &WIDE, &MANY],
        ..Schema::ANY
    };
    static WIDE: Schema = Schema {
        one_of: &[&MANY, &MANY, &TREE],
        additional: Additional::Schema(&MANY),
        ..Schema::OBJECT
    };
    let wide: String = (0..200)
        .map(|n| format!("&q%5B{n}%5D%5Ba%5D%5Bb%5D=1"))
        .collect();
    let _ = called(&format!("/?{wide}"), &[])
        .query("q")
        .style(Style::DeepObject)
        .optional_value::<Value>(&MANY);
}

// -- what a client writes is what is read -----------------------------------------------------

static ANYTHING: Schema = Schema {
    types: Types::OBJECT,
    properties: &[
        ("text", &Schema::STRING),
        ("count", &Schema::INTEGER),
        ("ratio", &Schema::NUMBER),
        ("flag", &Schema::BOOLEAN),
    ],
    additional: Additional::Schema(&Schema::STRING),
    ..Schema::ANY
};

fn word() -> impl Strategy<Value = String> {
    // What needs an escape, and what looks like another type, and anything else.
    prop_oneof![
        "[a-z]{1,6}",
        "[,.;=&|%+ \\[\\]/?#0-9\"]{1,6}",
        "\\PC{1,6}",
        Just("true".to_owned())
    ]
}

fn object() -> impl Strategy<Value = Value> {
    let optional = |name: &'static str, value: proptest::strategy::BoxedStrategy<Value>| {
        prop::option::of(value).prop_map(move |value| value.map(|value| (name.to_owned(), value)))
    };
    (
        optional("text", word().prop_map(Value::from).boxed()),
        optional(
            "count",
            proptest::prelude::any::<i32>()
                .prop_map(Value::from)
                .boxed(),
        ),
        optional("ratio", (-1e6..1e6_f64).prop_map(Value::from).boxed()),
        optional(
            "flag",
            proptest::prelude::any::<bool>()
                .prop_map(Value::from)
                .boxed(),
        ),
    )
        .prop_map(|(a, b, c, d)| {
            Value::Object([a, b, c, d].into_iter().flatten().collect::<Map<_, _>>())
        })
        .prop_filter("an empty object is written as nothing", |value| {
            value != &json!({})
        })
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Every byte but letters and digits: more than RFC 6570 asks for, and what `label` needs for dots.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

fn members(value: &Value) -> Vec<(String, String)> {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(name, value)| (escaped(name), escaped(&text(value))))
        .collect()
}

fn joined(pairs: &[(String, String)], inner: &str, outer: &str) -> String {
    let pieces: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}{inner}{value}"))
        .collect();
    pieces.join(outer)
}

proptest! {
    #[test]
    fn an_object_is_read_as_it_was_written(value in object()) {
        let pairs = members(&value);
        let deep: Vec<_> = pairs.iter().map(|(name, text)| (format!("q%5B{name}%5D"), text.clone())).collect();
        for (style, explode, query) in [
            (Style::Form, true, joined(&pairs, "=", "&")),
            (Style::Form, false, format!("q={}", joined(&pairs, ",", ","))),
            (Style::DeepObject, true, joined(&deep, "=", "&")),
            (Style::Json, false, format!("q={}", escaped(&value.to_string()))),
        ] {
            let mut call = called(&format!("/?{query}"), &[]);
            let read = call.query("q").style(style).explode(explode).required_value::<Value>(&ANYTHING);
            prop_assert_eq!(read.as_ref(), Some(&value), "{} {:?}", query, call.violations);
        }
        for (style, explode, path) in [
            (Style::Simple, true, joined(&pairs, "=", ",")),
            (Style::Simple, false, joined(&pairs, ",", ",")),
            (Style::Label, true, format!(".{}", joined(&pairs, "=", "."))),
            (Style::Label, false, format!(".{}", joined(&pairs, ",", ","))),
            (Style::Matrix, true, format!(";{}", joined(&pairs, "=", ";"))),
            (Style::Matrix, false, format!(";x={}", joined(&pairs, ",", ","))),
        ] {
            let mut call = called(&format!("/a/{path}/b/1"), &[]);
            let read = call.path("x").style(style).explode(explode).required_value::<Value>(&ANYTHING);
            prop_assert_eq!(read.as_ref(), Some(&value), "{} {:?}", path, call.violations);
        }
    }

    #[test]
    fn an_array_is_read_as_it_was_written(items in prop::collection::vec(word(), 1..5)) {
        // One text that is a JSON array is taken for all of the items.
        let is_json = |text: &String| serde_json::from_str::<Vec<Value>>(text).is_ok();
        proptest::prop_assume!(items.len() > 1 || !is_json(&items[0]));
        let all: Vec<String> = items.iter().map(|item| escaped(item)).collect();
        for (style, explode, query) in [
            (Style::Form, true, format!("q={}", all.join("&q="))),
            (Style::Form, false, format!("q={}", all.join(","))),
            (Style::SpaceDelimited, true, format!("q={}", all.join("&q="))),
            (Style::DeepObject, true, format!("q%5B%5D={}", all.join("&q%5B%5D="))),
        ] {
            let mut call = called(&format!("/?{query}"), &[]);
            let read = call.query("q").style(style).explode(explode).required_value::<Vec<String>>(&TEXTS);
            prop_assert_eq!(read.as_ref(), Some(&items), "{} {:?}", query, call.violations);
            if style != Style::DeepObject {
                let read = call.query("q").style(style).explode(explode).required_list::<String>(&TEXTS);
                prop_assert_eq!(read.as_ref(), Some(&items), "{} {:?}", query, call.violations);
            }
        }
        for (style, explode, path) in [
            (Style::Simple, false, all.join(",")),
            (Style::Label, true, format!(".{}", all.join("."))),
            (Style::Matrix, true, format!(";x={}", all.join(";x="))),
            (Style::Matrix, false, format!(";x={}", all.join(","))),
        ] {
            let mut call = called(&format!("/a/{path}/b/1"), &[]);
            let read = call.path("x").style(style).explode(explode).required_list::<String>(&TEXTS);
            prop_assert_eq!(read.as_ref(), Some(&items), "{} {:?}", path, call.violations);
            let read = call.path("x").style(style).explode(explode).required_value::<Vec<String>>(&TEXTS);
            prop_assert_eq!(read.as_ref(), Some(&items), "{} {:?}", path, call.violations);
        }
    }

    /// No request makes a reader fall over.
    #[test]
    fn any_text_can_be_read(text in "[a-z0-9%&=+,.;|q\\[\\]{}\":]{0,40}") {
        let uri: String = text.chars().map(|c| if "[]{}|\"".contains(c) { format!("%{:02X}", c as u32) } else { c.to_string() }).collect();
        for schema in [&ANYTHING, &SHAPE, &TEXTS, &INTEGERS, &Schema::ANY] {
            for style in [Style::Matrix, Style::Label, Style::Simple, Style::Form, Style::SpaceDelimited, Style::PipeDelimited, Style::DeepObject, Style::Json] {
                for explode in [true, false] {
                    let mut call = called(&format!("/a/{uri}/b/1?{uri}"), &[]);
                    let _ = call.query("q").style(style).explode(explode).beside(&[]).optional_value::<Value>(schema);
                    let _ = call.path("x").style(style).explode(explode).optional_value::<Value>(schema);
                    let _ = call.path("x").style(style).explode(explode).optional_list::<String>(schema);
                    let _ = call.path("x").style(style).explode(explode).optional::<String>(schema);
                }
            }
        }
    }
}
