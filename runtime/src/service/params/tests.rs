mod styles;
mod values;

use std::fmt::Debug;
use std::str::FromStr;

use http::Method;
use proptest::prelude::{any, prop_assert_eq, proptest};

use super::*;
use crate::schema::{Format, Literal, Number};
use crate::service::operation::Operation;
use crate::service::stack::PolicyStack;
use crate::service::testing::{Answer, call, request};

static OPERATION: Operation = Operation::new("op", Method::GET, "/a/{x}/b/{y}");

static TEXT: Schema = Schema {
    typed: true,
    ..Schema::STRING
};
static INTEGER: Schema = Schema {
    typed: true,
    ..Schema::INTEGER
};
static TEXTS: Schema = Schema {
    items: Some(&TEXT),
    typed: true,
    ..Schema::ARRAY
};
static INTEGERS: Schema = Schema {
    items: Some(&INTEGER),
    typed: true,
    ..Schema::ARRAY
};

const REPEATED: (Style, bool) = (Style::Form, true);
const COMMA: (Style, bool) = (Style::Form, false);
const SPACE: (Style, bool) = (Style::SpaceDelimited, false);
const PIPE: (Style, bool) = (Style::PipeDelimited, false);

fn called(uri: &str, headers: &[(&str, &str)]) -> Call {
    call(
        &OPERATION,
        PolicyStack::new(),
        request(Method::GET, uri, headers, ""),
    )
}

#[track_caller]
fn reads<T: FromStr + PartialEq + Debug>(
    uri: &str,
    schema: &'static Schema,
    expected: impl Into<Option<T>>,
) {
    let mut call = called(uri, &[]);
    let read = call.query("q").optional::<T>(schema);
    assert_eq!(read, Some(expected.into()), "{uri} {:?}", call.violations);
}

#[track_caller]
fn lists<T: FromStr + PartialEq + Debug>(
    uri: &str,
    (style, explode): (Style, bool),
    schema: &'static Schema,
    expected: impl Into<Option<Vec<T>>>,
) {
    let mut call = called(uri, &[]);
    let param = call.query("q").style(style).explode(explode);
    let read = param.optional_list::<T>(schema);
    assert_eq!(read, Some(expected.into()), "{uri} {:?}", call.violations);
}

/// Reads `q` from the query and expects one violation of this rule, and this status.
async fn refuses<T: FromStr + Debug>(uri: &str, schema: &'static Schema, rule: &str, status: u16) {
    let mut call = called(uri, &[]);
    assert!(call.query("q").required::<T>(schema).is_none(), "{uri}");
    let answer = Answer::read(call.reject()).await;
    assert_eq!(answer.violations(), [format!("query q {rule}")], "{uri}");
    assert_eq!(answer.status, status, "{uri}");
}

#[test]
fn a_query_is_decoded() {
    reads("/?q=a%20b+c", &TEXT, "a b c".to_owned());
    reads("/?q=%C3%A4", &TEXT, "ä".to_owned());
    reads("/?q=1%2B1%3D2%26", &TEXT, "1+1=2&".to_owned());
    reads("/?%71=x", &TEXT, "x".to_owned());
    // A percent sign that escapes nothing stands for itself.
    reads("/?q=100%", &TEXT, "100%".to_owned());
    reads("/?q=%zz%4", &TEXT, "%zz%4".to_owned());
    reads("/?q=a=b", &TEXT, "a=b".to_owned());
}

#[test]
fn what_is_not_there_and_what_is_empty_differ() {
    reads::<String>("/", &TEXT, None);
    reads::<String>("/?", &TEXT, None);
    reads::<String>("/?other=1&qq=2", &TEXT, None);
    reads("/?q=", &TEXT, String::new());
    reads("/?q", &TEXT, String::new());
    reads("/?other=1&q=2", &INTEGER, 2);
}

#[tokio::test]
async fn numbers_follow_jsons_grammar() {
    reads("/?q=-5", &INTEGER, -5_i64);
    reads("/?q=1.0", &INTEGER, 1_i64);
    reads("/?q=1e2", &INTEGER, 100_i64);
    reads(
        "/?q=1e3",
        &Schema {
            typed: true,
            ..Schema::NUMBER
        },
        1000.0_f64,
    );
    reads(
        "/?q=5",
        &Schema {
            typed: true,
            ..Schema::NUMBER
        },
        5.0_f64,
    );
    for text in ["abc", "", "%201", "+1", "1.5", "0x10", "01", "1,2"] {
        refuses::<i64>(&format!("/?q={text}"), &INTEGER, "type", 400).await;
    }
    static NUMBER: Schema = Schema {
        typed: true,
        ..Schema::NUMBER
    };
    for text in ["inf", "NaN", "-infinity", "1.", ".5"] {
        refuses::<f64>(&format!("/?q={text}"), &NUMBER, "type", 400).await;
    }
    static BOOLEAN: Schema = Schema {
        typed: true,
        ..Schema::BOOLEAN
    };
    reads("/?q=true", &BOOLEAN, true);
    for text in ["TRUE", "1", "yes", ""] {
        refuses::<bool>(&format!("/?q={text}"), &BOOLEAN, "type", 400).await;
    }
}

#[tokio::test]
async fn constraints_and_formats_are_checked() {
    static LIMIT: Schema = Schema {
        minimum: Some(Number::Int(1)),
        maximum: Some(Number::Int(100)),
        format: Some(Format::Int32),
        ..Schema::INTEGER
    };
    reads("/?q=100", &LIMIT, 100_i32);
    refuses::<i32>("/?q=0", &LIMIT, "minimum", 422).await;
    refuses::<i32>("/?q=101", &LIMIT, "maximum", 422).await;
    static INT32: Schema = Schema {
        format: Some(Format::Int32),
        typed: true,
        ..Schema::INTEGER
    };
    refuses::<i32>("/?q=4294967296", &INT32, "format", 422).await;
    static NAME: Schema = Schema {
        max_length: Some(3),
        ..Schema::STRING
    };
    reads("/?q=%C3%A4%C3%B6%C3%BC", &NAME, "äöü".to_owned());
    refuses::<String>("/?q=abcd", &NAME, "maxLength", 422).await;
    static DATE: Schema = Schema {
        format: Some(Format::Date),
        ..Schema::STRING
    };
    refuses::<String>("/?q=2023-02-29", &DATE, "format", 422).await;
}

#[derive(Debug, PartialEq)]
enum Color {
    Red,
}

impl FromStr for Color {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Color, UnknownValue> {
        if text == "red" {
            Ok(Color::Red)
        } else {
            Err(UnknownValue)
        }
    }
}

#[tokio::test]
async fn an_enum_says_what_it_takes() {
    static COLOR: Schema = Schema {
        enumeration: &[Literal::Str("red")],
        typed: true,
        ..Schema::STRING
    };
    reads("/?q=red", &COLOR, Color::Red);
    refuses::<Color>("/?q=blue", &COLOR, "enum", 422).await;
    // A type that is stricter than its schema.
    refuses::<Color>("/?q=blue", &TEXT, "format", 400).await;
}

#[tokio::test]
async fn a_schema_may_be_combined_of_others() {
    static DIGITS: Schema = Schema {
        min_length: Some(2),
        ..Schema::STRING
    };
    static ALL: Schema = Schema {
        all_of: &[&DIGITS],
        ..Schema::ANY
    };
    // Digits of a string are no number.
    reads("/?q=12", &ALL, "12".to_owned());
    refuses::<String>("/?q=1", &ALL, "minLength", 422).await;
    static ONE: Schema = Schema {
        one_of: &[&Schema::INTEGER, &Schema::BOOLEAN],
        ..Schema::ANY
    };
    reads("/?q=true", &ONE, "true".to_owned());
    refuses::<String>("/?q=x", &ONE, "type", 400).await;
    static LIST: Schema = Schema {
        all_of: &[&INTEGERS],
        ..Schema::ANY
    };
    lists("/?q=1,2", COMMA, &LIST, vec![1, 2]);
}

#[tokio::test]
async fn missing_doubled_and_broken_values_are_refused() {
    refuses::<String>("/", &TEXT, "required", 400).await;
    refuses::<String>("/?q=1&q=2", &TEXT, "duplicate", 400).await;
    refuses::<String>("/?q=%ff", &TEXT, "encoding", 400).await;
}

#[test]
fn arrays_come_in_every_style() {
    let texts = |items: &[&str]| {
        items
            .iter()
            .map(|item| (*item).to_owned())
            .collect::<Vec<_>>()
    };
    lists("/?q=a&x=1&q=b,c", REPEATED, &TEXTS, texts(&["a", "b,c"]));
    lists("/?q=", REPEATED, &TEXTS, texts(&[""]));
    lists("/?q=a,b", COMMA, &TEXTS, texts(&["a", "b"]));
    // An escaped comma is part of an item where an item may have one.
    lists("/?q=a%2Cb,c", COMMA, &TEXTS, texts(&["a,b", "c"]));
    lists("/?q=1%2C2,3", COMMA, &INTEGERS, vec![1, 2, 3]);
    lists("/?q=", COMMA, &TEXTS, texts(&[]));
    lists("/?q=a%20b+c", SPACE, &TEXTS, texts(&["a", "b", "c"]));
    lists("/?q=a%7Cb|c", PIPE, &TEXTS, texts(&["a", "b", "c"]));
    lists::<String>("/?x=1", REPEATED, &TEXTS, None);
}

#[tokio::test]
async fn every_bad_item_is_named() {
    let mut call = called("/?q=1&q=b&q=3&q=d", &[]);
    assert_eq!(call.query("q").optional_list::<i64>(&INTEGERS), None);
    let answer = Answer::read(call.reject()).await;
    assert_eq!(answer.violations(), ["query q/1 type", "query q/3 type"]);

    static FEW: Schema = Schema {
        items: Some(&Schema {
            min_length: Some(2),
            ..Schema::STRING
        }),
        max_items: Some(2),
        unique_items: true,
        ..Schema::ARRAY
    };
    let mut call = called("/?q=aa&q=b", &[]);
    assert_eq!(call.query("q").optional_list::<String>(&FEW), None);
    let answer = Answer::read(call.reject()).await;
    assert_eq!(
        (answer.violations(), answer.status.as_u16()),
        (vec!["query q/1 minLength".into()], 422)
    );

    let mut call = called("/?q=aa&q=bb&q=aa", &[]);
    assert_eq!(call.query("q").required_list::<String>(&FEW), None);
    let answer = Answer::read(call.reject()).await;
    assert_eq!(
        answer.violations(),
        ["query q maxItems", "query q uniqueItems"]
    );
}

#[test]
fn a_path_is_split_before_it_is_decoded() {
    let mut call = called("/a/1%2F2/b/%C3%A4+?q=1", &[]);
    assert_eq!(
        call.path("x").required::<String>(&TEXT),
        Some("1/2".to_owned())
    );
    // A plus is a plus there.
    assert_eq!(
        call.path("y").required::<String>(&TEXT),
        Some("ä+".to_owned())
    );
    let mut call = called("/a/1,2,3/b/4", &[]);
    assert_eq!(
        call.path("x").required_list::<i32>(&INTEGERS),
        Some(vec![1, 2, 3])
    );
    assert_eq!(call.path("y").required::<i32>(&INTEGER), Some(4));
}

#[test]
fn headers_are_taken_as_they_are() {
    let mut call = called(
        "/",
        &[("X-Tag", "a%20b"), ("X-List", "1, 2,3"), ("x-list", "4")],
    );
    assert_eq!(
        call.header("x-tag").required::<String>(&TEXT),
        Some("a%20b".to_owned())
    );
    assert_eq!(
        call.header("X-List").required_list::<i32>(&INTEGERS),
        Some(vec![1, 2, 3, 4])
    );
    assert_eq!(call.header("X-None").optional::<String>(&TEXT), Some(None));
}

#[test]
fn the_first_cookie_of_a_name_counts() {
    let cookies = [
        ("cookie", "session=a%20b; theme=\"dark\"; session=c"),
        ("cookie", "n=5"),
    ];
    let mut call = called("/", &cookies);
    assert_eq!(
        call.cookie("session").required::<String>(&TEXT),
        Some("a b".to_owned())
    );
    assert_eq!(
        call.cookie("theme").required::<String>(&TEXT),
        Some("dark".to_owned())
    );
    assert_eq!(call.cookie("n").required::<i32>(&INTEGER), Some(5));
    assert_eq!(call.cookie("none").optional::<i32>(&INTEGER), Some(None));
    // Of a list all count.
    let all = vec!["a b".to_owned(), "c".to_owned()];
    assert_eq!(
        call.cookie("session").required_list::<String>(&TEXTS),
        Some(all)
    );
}

#[tokio::test]
async fn the_violations_of_all_places_come_together() {
    let mut call = called("/a/x/b/y?q=z", &[("x-count", "many")]);
    assert_eq!(call.path("x").required::<i32>(&INTEGER), None);
    assert_eq!(call.query("q").required::<i32>(&INTEGER), None);
    assert_eq!(call.header("X-Count").required::<i32>(&INTEGER), None);
    assert_eq!(call.cookie("c").required::<i32>(&INTEGER), None);
    let answer = Answer::read(call.reject()).await;
    assert_eq!(
        answer.violations(),
        [
            "path x type",
            "query q type",
            "header X-Count type",
            "cookie c required"
        ]
    );
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["status"], 400);
    assert_eq!(problem["title"], "Bad Request");
    assert_eq!(problem["detail"], "x must be an integer (and 3 more)");
    assert_eq!(problem["operation"], "op");
}

proptest! {
    /// Whatever a client escapes comes back as it was.
    #[test]
    fn what_is_escaped_is_read_as_it_was(text in any::<String>()) {
        let escaped: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let mut call = called(&format!("/a/{escaped}/b/1?q={escaped}"), &[]);
        prop_assert_eq!(call.query("q").required::<String>(&TEXT), Some(text.clone()));
        // No text in a path is no value.
        let value = Some(text).filter(|text| !text.is_empty());
        prop_assert_eq!(call.path("x").required::<String>(&TEXT), value);
    }

    /// No query makes a reader fall over.
    #[test]
    fn any_query_can_be_read(query in "[a-zA-Z0-9%&=+,;|q\\[\\]]{0,40}") {
        let mut call = called(&format!("/?{query}").replace('[', "%5B").replace(']', "%5D").replace('|', "%7C"), &[]);
        let _ = call.query("q").optional::<i64>(&INTEGER);
        for (style, explode) in [REPEATED, COMMA, SPACE, PIPE] {
            let _ = call.query("q").style(style).explode(explode).optional_list::<String>(&TEXTS);
        }
    }
}
