//! Bodies of `application/x-www-form-urlencoded`: the fields of a form as a type.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::body::{self, Requirement};
use super::call::Call;
use super::params::{Encoding, Fields, NotUtf8, decoded, split_pairs};
use super::violation::{Place, Severity};
use crate::schema::{self, Finding, Schema};

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// The value of a form that fits its schema. `None`: violations were noted. `Some(None)`: no body.
pub(crate) fn value(
    call: &mut Call,
    schema: &'static Schema,
    encodings: &'static [Encoding],
    requirement: Requirement,
) -> Option<Option<Value>> {
    let Some(bytes) = body::raw(call, &[MEDIA_TYPE], Requirement::Optional)? else {
        return match requirement {
            Requirement::Optional => Some(None),
            // A form of which every field is left out has no bytes.
            Requirement::Required => nothing(call, schema).map(Some),
        };
    };
    fitting(call, schema, encodings, &bytes).map(Some)
}

fn nothing(call: &mut Call, schema: &'static Schema) -> Option<Value> {
    let empty = Value::Object(serde_json::Map::new());
    if schema::check(schema, &empty).is_empty() {
        return Some(empty);
    }
    body::note(
        call,
        Severity::Unreadable,
        "required",
        "is required".to_owned(),
    );
    None
}

/// The value that the bytes of a form mean, if it fits.
pub(crate) fn fitting(
    call: &mut Call,
    schema: &'static Schema,
    encodings: &'static [Encoding],
    bytes: &Bytes,
) -> Option<Value> {
    let Ok((value, findings)) = read(schema, encodings, bytes) else {
        body::note(
            call,
            Severity::Unreadable,
            "encoding",
            "must be UTF-8".to_owned(),
        );
        return None;
    };
    let fits = findings.is_empty();
    call.violations.add_findings(Place::Body, None, findings);
    fits.then_some(value)
}

fn read(
    schema: &'static Schema,
    encodings: &'static [Encoding],
    bytes: &[u8],
) -> Result<(Value, Vec<Finding>), NotUtf8> {
    let text = std::str::from_utf8(bytes).map_err(|_| NotUtf8)?;
    let mut fields = Fields::new(schema, encodings);
    for (name, text) in split_pairs(text) {
        fields.escaped(&decoded(Place::Body, name)?, text)?;
    }
    Ok(fields.into_checked())
}

/// The value as the handler's type. `None`: a violation was noted.
pub(crate) fn typed<T: DeserializeOwned>(call: &mut Call, value: Value) -> Option<T> {
    match serde_json::from_value(value) {
        Ok(value) => Some(value),
        Err(error) => {
            body::note_misfit(call, &error);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::super::operation::Operation;
    use super::super::params::Style;
    use super::super::stack::PolicyStack;
    use super::super::testing::{Answer, call, request};
    use super::*;
    use crate::schema::{Additional, Types};

    static POST: Operation = Operation::new("post", Method::POST, "/");

    static ITEM: Schema = Schema {
        properties: &[("price", &Schema::STRING), ("quantity", &Schema::INTEGER)],
        ..Schema::OBJECT
    };
    static ORDER: Schema = Schema {
        properties: &[
            ("name", &Schema::STRING),
            ("count", &Schema::INTEGER),
            (
                "tags",
                &Schema {
                    items: Some(&Schema::STRING),
                    ..Schema::ARRAY
                },
            ),
            (
                "expand[]",
                &Schema {
                    items: Some(&Schema::STRING),
                    ..Schema::ARRAY
                },
            ),
            (
                "items",
                &Schema {
                    items: Some(&ITEM),
                    ..Schema::ARRAY
                },
            ),
            ("item", &ITEM),
            (
                "metadata",
                &Schema {
                    additional: Additional::Schema(&Schema::STRING),
                    ..Schema::OBJECT
                },
            ),
        ],
        ..Schema::OBJECT
    };

    async fn read(
        body: &'static str,
        schema: &'static Schema,
        encodings: &'static [Encoding],
    ) -> Result<Value, (u16, Vec<String>)> {
        let headers = [(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )];
        let request = request(Method::POST, "/", &headers, body);
        let mut call = call(&POST, PolicyStack::new(), request);
        match call.whole().await.form(schema, encodings) {
            Some(value) => Ok(value),
            None => {
                let answer = Answer::read(call.reject()).await;
                Err((answer.status.as_u16(), answer.violations()))
            }
        }
    }

    #[tokio::test]
    async fn fields_are_read_as_their_properties() {
        for (body, expected) in [
            ("name=a+b%26&count=3", json!({ "name": "a b&", "count": 3 })),
            ("name=", json!({ "name": "" })),
            ("tags=a&tags=b", json!({ "tags": ["a", "b"] })),
            ("tags=a", json!({ "tags": ["a"] })),
            ("tags[]=a&tags[]=b", json!({ "tags": ["a", "b"] })),
            ("tags%5B1%5D=b&tags[0]=a", json!({ "tags": ["a", "b"] })),
            ("expand[]=a&expand[]=b", json!({ "expand[]": ["a", "b"] })),
            (
                "metadata[a]=1&metadata[b]=2",
                json!({ "metadata": { "a": "1", "b": "2" } }),
            ),
            (
                "items[0][price]=p&items[0][quantity]=2&items[1][price]=q",
                json!({ "items": [{ "price": "p", "quantity": 2 }, { "price": "q" }] }),
            ),
            (
                "items[][price]=p&items[][quantity]=2&items[][price]=q",
                json!({ "items": [{ "price": "p", "quantity": 2 }, { "price": "q" }] }),
            ),
            (
                "item=%7B%22quantity%22:2%7D&items=%7B%22price%22:%22p%22%7D",
                json!({ "item": { "quantity": 2 }, "items": [{ "price": "p" }] }),
            ),
            ("&&a=1&", json!({ "a": "1" })),
        ] {
            assert_eq!(read(body, &ORDER, &[]).await, Ok(expected), "{body}");
        }
    }

    #[tokio::test]
    async fn a_form_without_a_field_is_an_object() {
        // Without a `type` as a list would be one of its values, too.
        static LOOSE: Schema = Schema {
            types: Types::ANY,
            ..ORDER
        };
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let request = request(Method::POST, "/", &headers, "");
        let mut call = call(&POST, PolicyStack::new(), request);
        assert_eq!(
            call.whole().await.form::<Value>(&LOOSE, &[]),
            Some(json!({}))
        );
    }

    #[tokio::test]
    async fn encodings_count() {
        static ENCODINGS: &[Encoding] = &[
            Encoding::new("tags", Style::PipeDelimited),
            Encoding::new("metadata", Style::Form).explode(false),
            Encoding::new("item", Style::Form),
            Encoding::new("items", Style::Json),
        ];
        let body = "tags=a%7Cb&metadata=a,1,b,2&quantity=5&items=[%7B%22quantity%22:1%7D]";
        let expected = json!({
            "tags": ["a", "b"],
            "metadata": { "a": "1", "b": "2" },
            "item": { "quantity": 5 },
            "items": [{ "quantity": 1 }],
        });
        assert_eq!(read(body, &ORDER, ENCODINGS).await, Ok(expected));
    }

    #[tokio::test]
    async fn what_does_not_fit_is_named() {
        static STRICT: Schema = Schema {
            required: &["name", "item"],
            ..ORDER
        };
        for (body, expected) in [
            (
                "count=x&items[0][quantity]=y",
                vec![
                    "body /name required",
                    "body /item required",
                    "body /count type",
                    "body /items/0/quantity type",
                ],
            ),
            (
                "name=a&name=b&item={",
                vec!["body /name duplicate", "body /item type"],
            ),
            (
                "name=a&item[quantity]=1&item[quantity]=2",
                vec!["body /item/quantity duplicate"],
            ),
        ] {
            let expected = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(
                read(body, &STRICT, &[]).await,
                Err((422, expected)),
                "{body}"
            );
        }
        let unreadable = Err((400, vec!["body  encoding".to_owned()]));
        assert_eq!(read("name=%ff", &STRICT, &[]).await, unreadable);
        let missing = Err((400, vec!["body  required".to_owned()]));
        assert_eq!(read("", &STRICT, &[]).await, missing);
        // A form of which every field is left out is empty.
        assert_eq!(read("", &ORDER, &[]).await, Ok(json!({})));
    }

    #[tokio::test]
    async fn only_forms_are_taken_and_no_longer_ones_than_the_limit() {
        let long = format!("name={}", "a".repeat(1000));
        for (media_type, body, status) in [
            ("application/json", "{}".to_owned(), 415),
            ("application/x-www-form-urlencoded", long, 413),
        ] {
            let headers = [("content-type", media_type)];
            let request = request(Method::POST, "/", &headers, body);
            let mut call = call(&POST, PolicyStack::new(), request);
            assert_eq!(call.whole().await.form::<Value>(&ORDER, &[]), None);
            assert_eq!(call.reject().status().as_u16(), status);
        }
        let mut call = call(
            &POST,
            PolicyStack::new(),
            request(Method::POST, "/", &[], ""),
        );
        assert_eq!(
            call.whole().await.optional_form::<Value>(&ORDER, &[]),
            Some(None)
        );
    }

    #[tokio::test]
    async fn many_fields_take_little_time() {
        let mut call = call(
            &POST,
            PolicyStack::new(),
            request(Method::POST, "/", &[], ""),
        );
        let body: String = (0..50_000).map(|n| format!("f{n}[a{n}]=&")).collect();
        assert!(fitting(&mut call, &ORDER, &[], &body.into()).is_some());
    }
}
