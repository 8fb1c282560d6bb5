use serde_json::{Value, json};

use super::*;

/// The places and rules that are violated.
fn found(schema: &'static Schema, value: &Value) -> Vec<String> {
    check(schema, value)
        .into_iter()
        .map(|f| format!("{} {}", f.pointer, f.rule))
        .collect()
}

/// `fits` fit, and each of `breaks` breaks exactly this rule at the top.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "`json!` reads best where it is called"
)]
fn keyword(schema: &'static Schema, rule: &str, fits: Value, breaks: Value) {
    for value in fits.as_array().unwrap() {
        assert_eq!(found(schema, value), [""; 0], "{value}");
    }
    for value in breaks.as_array().unwrap() {
        assert_eq!(found(schema, value), [format!(" {rule}")], "{value}");
    }
}

#[test]
fn types() {
    keyword(
        &Schema::INTEGER,
        "type",
        json!([0, -5, u64::MAX]),
        json!([1.5, "1", null, [], {}]),
    );
    keyword(&Schema::NUMBER, "type", json!([0, 1.5]), json!(["1", true]));
    keyword(&Schema::STRING, "type", json!(["", "1"]), json!([1, null]));
    keyword(
        &Schema::ANY,
        "type",
        json!([1, "1", null, true, [], {}]),
        json!([]),
    );
    static NULLABLE: Schema = Schema {
        types: Types::STRING.or(Types::NULL),
        ..Schema::ANY
    };
    keyword(&NULLABLE, "type", json!([null, ""]), json!([1]));
    assert_eq!(
        check(&NULLABLE, &json!(1))[0].message,
        "must be a string or null"
    );
    assert_eq!(Types::NUMBER.to_string(), "a number");
}

#[test]
fn a_keyword_says_nothing_about_other_types() {
    static SCHEMA: Schema = Schema {
        min_length: Some(2),
        minimum: Some(Number::Int(2)),
        min_items: Some(1),
        required: &["a"],
        ..Schema::ANY
    };
    keyword(
        &SCHEMA,
        "",
        json!([null, true, "ab", 2, [1], { "a": 1 }]),
        json!([]),
    );
}

#[test]
fn strings() {
    static SCHEMA: Schema = Schema {
        min_length: Some(2),
        max_length: Some(3),
        ..Schema::STRING
    };
    keyword(
        &SCHEMA,
        "minLength",
        json!(["ab", "äöü", "😀😀😀"]),
        json!(["", "😀"]),
    );
    keyword(&SCHEMA, "maxLength", json!([]), json!(["abcd"]));
}

#[test]
fn numbers() {
    static RANGE: Schema = Schema {
        minimum: Some(Number::Int(1)),
        exclusive_maximum: Some(Number::Float(2.5)),
        ..Schema::NUMBER
    };
    keyword(&RANGE, "minimum", json!([1, 2, 2.4]), json!([0, 0.9, -3]));
    keyword(&RANGE, "exclusiveMaximum", json!([]), json!([2.5, 3]));
    // 2^53 + 1, which no f64 can hold.
    static EXACT: Schema = Schema {
        maximum: Some(Number::Int(9_007_199_254_740_992)),
        ..Schema::INTEGER
    };
    keyword(
        &EXACT,
        "maximum",
        json!([9_007_199_254_740_992_u64]),
        json!([9_007_199_254_740_993_u64]),
    );
    static CENTS: Schema = Schema {
        multiple_of: Some(Number::Float(0.01)),
        ..Schema::NUMBER
    };
    keyword(
        &CENTS,
        "multipleOf",
        json!([19.99, 0.07, 4, 0]),
        json!([0.001, 19.995]),
    );
    static EVEN: Schema = Schema {
        multiple_of: Some(Number::Int(2)),
        ..Schema::INTEGER
    };
    keyword(&EVEN, "multipleOf", json!([0, 4, -2]), json!([3]));
}

#[test]
fn arrays() {
    static SCHEMA: Schema = Schema {
        prefix_items: &[&Schema::STRING],
        items: Some(&Schema::INTEGER),
        min_items: Some(1),
        max_items: Some(3),
        unique_items: true,
        ..Schema::ARRAY
    };
    keyword(&SCHEMA, "minItems", json!([["a"], ["a", 1]]), json!([[]]));
    keyword(&SCHEMA, "maxItems", json!([]), json!([["a", 1, 2, 3]]));
    keyword(&SCHEMA, "uniqueItems", json!([]), json!([["a", 1, 1]]));
    assert_eq!(found(&SCHEMA, &json!([1, "a"])), ["/0 type", "/1 type"]);
}

#[test]
fn objects() {
    static CLOSED: Schema = Schema {
        properties: &[("a", &Schema::INTEGER), ("b/~", &Schema::STRING)],
        required: &["a"],
        additional: Additional::None,
        max_properties: Some(2),
        ..Schema::OBJECT
    };
    assert_eq!(found(&CLOSED, &json!({ "a": 1, "b/~": "x" })), [""; 0]);
    assert_eq!(found(&CLOSED, &json!({})), ["/a required"]);
    assert_eq!(
        found(&CLOSED, &json!({ "a": "1", "b/~": 2, "c": 3 })),
        [
            " maxProperties",
            "/a type",
            "/b~1~0 type",
            "/c additionalProperties"
        ]
    );
    static MAP: Schema = Schema {
        additional: Additional::Schema(&Schema::INTEGER),
        min_properties: Some(1),
        ..Schema::OBJECT
    };
    assert_eq!(found(&MAP, &json!({ "x": 1, "y": "2" })), ["/y type"]);
    assert_eq!(found(&MAP, &json!({})), [" minProperties"]);
}

#[test]
fn what_belongs_to_answers_is_passed_over_in_a_request() {
    static SCHEMA: Schema = Schema {
        properties: &[(
            "id",
            &Schema {
                read_only: true,
                ..Schema::INTEGER
            },
        )],
        required: &["id"],
        ..Schema::OBJECT
    };
    assert_eq!(found(&SCHEMA, &json!({})), [""; 0]);
    assert_eq!(found(&SCHEMA, &json!({ "id": "not looked at" })), [""; 0]);
}

#[test]
fn enums_and_constants() {
    static SCHEMA: Schema = Schema {
        enumeration: &[
            Literal::Null,
            Literal::Bool(true),
            Literal::Number(Number::Int(1)),
            Literal::Str("a"),
            Literal::Json(r#"{ "b": [1, 2], "a": null }"#),
        ],
        ..Schema::ANY
    };
    keyword(
        &SCHEMA,
        "enum",
        json!([null, true, 1, 1.0, "a", { "a": null, "b": [1, 2] }]),
        json!([false, 2, "b", {}]),
    );
    static CONSTANT: Schema = Schema {
        constant: Some(Literal::Str("x")),
        ..Schema::ANY
    };
    keyword(&CONSTANT, "const", json!(["x"]), json!(["y", 1]));
}

static CAT: Schema = Schema {
    properties: &[("kind", &Schema::STRING), ("lives", &Schema::INTEGER)],
    required: &["kind", "lives"],
    ..Schema::OBJECT
};
static DOG: Schema = Schema {
    properties: &[("kind", &Schema::STRING), ("tricks", &Schema::ARRAY)],
    required: &["kind", "tricks"],
    ..Schema::OBJECT
};

#[test]
fn unions() {
    static ONE: Schema = Schema {
        one_of: &[&CAT, &DOG],
        ..Schema::ANY
    };
    let both = json!({ "kind": "?", "lives": 9, "tricks": [] });
    assert_eq!(found(&ONE, &json!({ "kind": "cat", "lives": 9 })), [""; 0]);
    assert_eq!(found(&ONE, &both), [" oneOf"]);
    let neither = &check(&ONE, &json!({ "kind": "cat" }))[0];
    assert_eq!(
        neither.message,
        "fits no variant: variant 1: /lives is required; variant 2: /tricks is required"
    );
    static ANY: Schema = Schema {
        any_of: &[&CAT, &DOG],
        ..Schema::ANY
    };
    assert_eq!(found(&ANY, &both), [""; 0]);
    assert_eq!(found(&ANY, &json!({})), [" anyOf"]);
    static ALL: Schema = Schema {
        all_of: &[&CAT, &DOG],
        ..Schema::ANY
    };
    assert_eq!(
        found(&ALL, &json!({ "kind": 1 })),
        [
            "/lives required",
            "/kind type",
            "/tricks required",
            "/kind type"
        ]
    );
    static NOT: Schema = Schema {
        not: Some(&CAT),
        ..Schema::ANY
    };
    assert_eq!(found(&NOT, &both), [" not"]);
}

#[test]
fn a_discriminator_chooses_whose_violations_count() {
    static PET: Schema = Schema {
        one_of: &[&CAT, &DOG],
        discriminator: Some(Discriminator {
            property: "kind",
            mapping: &[("cat", &CAT), ("dog", &DOG)],
        }),
        ..Schema::ANY
    };
    assert_eq!(found(&PET, &json!({ "kind": "cat", "lives": 9 })), [""; 0]);
    assert_eq!(
        found(&PET, &json!({ "kind": "cat", "lives": "9" })),
        ["/lives type"]
    );
    for wrong in [json!({ "kind": "cow" }), json!({}), json!({ "kind": 1 })] {
        assert_eq!(found(&PET, &wrong), ["/kind discriminator"]);
    }
}

#[test]
fn a_base_that_leads_to_its_variants_is_looked_at_once() {
    static BASE: Schema = Schema {
        properties: &[("kind", &Schema::STRING), ("age", &Schema::INTEGER)],
        discriminator: Some(Discriminator {
            property: "kind",
            mapping: &[("bird", &BIRD)],
        }),
        ..Schema::OBJECT
    };
    static BIRD: Schema = Schema {
        all_of: &[
            &BASE,
            &Schema {
                required: &["wings"],
                ..Schema::OBJECT
            },
        ],
        ..Schema::ANY
    };
    for schema in [&BASE, &BIRD] {
        let found = found(schema, &json!({ "kind": "bird", "age": "old" }));
        assert_eq!(found, ["/age type", "/wings required"]);
    }
    // Nothing asks for the member: without it a value is no more than the base.
    assert_eq!(found(&BASE, &json!({ "age": 1 })), [""; 0]);
    assert_eq!(
        found(&BASE, &json!({ "kind": null })),
        ["/kind type", "/kind discriminator"]
    );
}

#[test]
fn recursion_ends() {
    static LOOP: Schema = Schema {
        all_of: &[&LOOP],
        ..Schema::ANY
    };
    assert!(check(&LOOP, &json!(1)).is_empty());
    static TREE: Schema = Schema {
        properties: &[(
            "children",
            &Schema {
                items: Some(&TREE),
                ..Schema::ARRAY
            },
        )],
        ..Schema::OBJECT
    };
    assert_eq!(
        found(&TREE, &json!({ "children": [{ "children": [1] }] })),
        ["/children/0/children/0 type"]
    );
}

#[test]
fn a_hostile_value_gets_a_short_answer() {
    static NUMBERS: Schema = Schema {
        items: Some(&Schema::INTEGER),
        ..Schema::ARRAY
    };
    let many = Value::Array(vec![Value::Null; 10_000]);
    assert_eq!(check(&NUMBERS, &many).len(), MAX_FINDINGS);
}

#[test]
fn formats() {
    #[track_caller]
    fn fits(format: Format, yes: &[&str], no: &[&str]) {
        for text in yes {
            assert!(format.fits_text(text), "{format:?} should fit {text:?}");
        }
        for text in no {
            assert!(
                !format.fits_text(text),
                "{format:?} should not fit {text:?}"
            );
        }
    }
    fits(
        Format::DateTime,
        &[
            "2024-02-29T12:30:00Z",
            "2024-12-31T23:59:60.123+05:30",
            "2024-01-01t00:00:00z",
        ],
        &[
            "2024-02-30T12:30:00Z",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T24:00:00Z",
            "",
        ],
    );
    fits(
        Format::Date,
        &["2024-02-29", "2000-02-29"],
        &["2023-02-29", "1900-02-29", "2024-13-01", "24-1-1"],
    );
    fits(
        Format::Time,
        &["12:30:00Z", "12:30:00.5-08:00"],
        &["12:30Z", "12:30:00", "12:30:00.Z"],
    );
    fits(
        Format::Duration,
        &["P3DT4H", "PT0.5S", "P2W", "P1Y2M"],
        &["P", "PT", "3D", "P1H", "PT1S2M", "P1.5D"],
    );
    fits(
        Format::Uuid,
        &["123e4567-E89B-12d3-a456-426614174000"],
        &["123e4567e89b12d3a456426614174000", ""],
    );
    fits(
        Format::Uri,
        &["https://example.com/a?b#c", "urn:isbn:1"],
        &["/relative", "http://a b", "1http:x", "http:"],
    );
    fits(
        Format::Email,
        &["a@b.c", "a.b+c@example.com", "\"a b\"@x.y"],
        &["a", "@b", "a@", "a b@c.d", ".a@b.c", "a..b@c.d"],
    );
    fits(
        Format::Hostname,
        &["example.com", "a", "xn--bcher-kva.de"],
        &["", "-a", "a..b", "a_b"],
    );
    fits(
        Format::Ipv4,
        &["192.0.2.1"],
        &["192.0.2", "192.0.2.256", "::1"],
    );
    fits(Format::Ipv6, &["::1", "2001:db8::1"], &["192.0.2.1", "g::"]);
    fits(
        Format::Byte,
        &["", "YQ==", "YWJj", "YQ"],
        &["a", "YQ=", "Y Q=", "===="],
    );
    assert!(Format::Int32.fits_number(Number::Int(i32::MAX.into())));
    assert!(!Format::Int32.fits_number(Number::Int(i128::from(i32::MAX) + 1)));
    assert!(!Format::UInt8.fits_number(Number::Int(-1)));
}

#[test]
fn text_becomes_the_narrowest_value() {
    let either = Schema {
        types: Types::INTEGER.or(Types::STRING),
        ..Schema::ANY
    };
    assert_eq!(value_of(&either, "5"), Some(json!(5)));
    assert_eq!(value_of(&either, "5.5"), Some(json!("5.5")));
    assert_eq!(value_of(&Schema::STRING, "5"), Some(json!("5")));
    assert_eq!(value_of(&Schema::NUMBER, "5.5"), Some(json!(5.5)));
    assert_eq!(value_of(&Schema::BOOLEAN, "true"), Some(json!(true)));
    assert_eq!(value_of(&Schema::NULL, "null"), Some(json!(null)));
    assert_eq!(value_of(&Schema::INTEGER, "five"), None);
}

/// Every answer is short, whatever a client sends and however long the document's own lists are.
#[test]
fn words_have_an_end() {
    static LEFT: Schema = Schema {
        types: Types::OBJECT,
        required: &["a"],
        properties: &[("a", &NODE)],
        ..Schema::ANY
    };
    static RIGHT: Schema = Schema {
        types: Types::OBJECT,
        required: &["a", "b"],
        properties: &[("a", &NODE)],
        ..Schema::ANY
    };
    static NODE: Schema = Schema {
        any_of: &[&LEFT, &RIGHT],
        ..Schema::ANY
    };
    static LONG: Schema = Schema {
        enumeration: &[Literal::Str("a word of a list that is long"); 1000],
        ..Schema::ANY
    };
    static LISTS: Schema = Schema {
        additional: Additional::Schema(&Schema {
            items: Some(&LONG),
            ..Schema::ANY
        }),
        ..Schema::ANY
    };
    // Each level would tell the reasons of the level below twice.
    let deep = (0..100).fold(json!(1), |value, _| json!({ "a": value }));
    let wide = json!({ "~é".repeat(200_000): vec![1; 100_000] });
    for (schema, value, expected) in [(&NODE, &deep, 1), (&LISTS, &wide, MAX_FINDINGS)] {
        let found = check(schema, value);
        assert_eq!(found.len(), expected);
        for finding in found {
            assert!(finding.pointer.len() < 1010 && finding.message.len() < 1010);
        }
    }
}

#[test]
fn listed_values_say_what_a_text_is() {
    static DIGITS: Schema = Schema {
        enumeration: &[Literal::Str("0"), Literal::Str("true")],
        ..Schema::ANY
    };
    static NUMBERS: Schema = Schema {
        constant: Some(Literal::Number(Number::Int(1))),
        ..Schema::ANY
    };
    assert_eq!(value_of(&DIGITS, "0"), Some(json!("0")));
    assert_eq!(value_of(&DIGITS, "true"), Some(json!("true")));
    assert_eq!(value_of(&NUMBERS, "1"), Some(json!(1)));
    assert_eq!(value_of(&NUMBERS, "a"), None);
}
