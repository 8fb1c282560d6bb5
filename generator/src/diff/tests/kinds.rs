//! Every kind of change, one by one.

use serde_json::{Value, json};

use super::{PET, PUT, compared, document, edited, told};

/// Edits, and what is told of them there and back.
type Case<'c> = (&'c [(String, Value)], &'c [&'c str], &'c [&'c str]);

#[test]
fn every_kind_of_change_there_and_back() {
    let put = |rest: &str| format!("{PUT}{rest}");
    let pet = |rest: &str| format!("{PET}{rest}");
    let hook = |rest: &str| {
        format!("/webhooks/born/post/requestBody/content/application~1json/schema{rest}")
    };
    let parameter = json!({ "name": "q", "in": "query", "schema": { "type": "string" } });
    let must =
        json!({ "name": "q", "in": "query", "required": true, "schema": { "type": "string" } });
    let other = json!({ "get": { "operationId": "other", "responses": { "204": { "description": "-" } } } });
    let text = json!({ "schema": { "type": "string" } });
    let key = json!({ "key": { "type": "apiKey", "in": "header", "name": "X-Key" } });
    let secured = [
        ("/components/securitySchemes".to_owned(), key.clone()),
        (put("/security"), json!([{ "key": [] }])),
    ];
    let optional = [
        secured[0].clone(),
        (put("/security"), json!([{ "key": [] }, {}])),
    ];
    let cases: &[Case<'_>] = &[
        // Operations.
        (
            &[("/paths/~1other".to_owned(), other)],
            &["operation-added"],
            &["breaking operation-removed"],
        ),
        (
            &[(put("/deprecated"), json!(true))],
            &["operation-deprecated"],
            &[],
        ),
        (
            &[("/servers".to_owned(), json!([{ "url": "/v2" }]))],
            &["breaking base-path-changed"],
            &["breaking base-path-changed"],
        ),
        (
            &secured,
            &["breaking security-added"],
            &["security-relaxed"],
        ),
        // A second way in takes none away.
        (&optional, &["security-relaxed"], &["security-relaxed"]),
        // Parameters.
        (
            &[(put("/parameters/-"), parameter)],
            &["parameter-added"],
            &["risky parameter-removed"],
        ),
        (
            &[(put("/parameters/-"), must)],
            &["breaking parameter-added"],
            &["risky parameter-removed"],
        ),
        (
            &[(put("/parameters/0/required"), json!(true))],
            &["breaking parameter-required"],
            &["parameter-required"],
        ),
        (
            &[(put("/parameters/0/explode"), json!(false))],
            &["breaking parameter-style-changed"],
            &["breaking parameter-style-changed"],
        ),
        (
            &[(put("/parameters/0/schema/maximum"), json!(5))],
            &["breaking bound-tightened received"],
            &["bound-loosened received"],
        ),
        (
            &[(put("/parameters/0/schema/default"), json!(5))],
            &["default-changed received"],
            &["risky default-changed received"],
        ),
        // Bodies and answers.
        (
            &[(put("/requestBody/required"), json!(false))],
            &["body-required"],
            &["breaking body-required"],
        ),
        (
            &[(put("/requestBody"), Value::Null)],
            &["risky body-removed"],
            &["breaking body-added"],
        ),
        (
            &[(put("/requestBody/content/text~1plain"), text.clone())],
            &["media-type-added"],
            &["breaking media-type-removed"],
        ),
        (
            &[(put("/responses/200/content/text~1plain"), text)],
            &["media-type-added"],
            &["breaking media-type-removed"],
        ),
        (
            &[(put("/responses/202"), json!({ "description": "Later." }))],
            &["risky status-added"],
            &["breaking status-removed"],
        ),
        (
            &[(put("/responses/409"), json!({ "description": "No." }))],
            &["status-added"],
            &["risky status-removed"],
        ),
        (
            &[(put("/responses/200/headers/X-Total"), Value::Null)],
            &["breaking header-removed"],
            &["header-added"],
        ),
        // Members.
        (
            &[(pet("/properties/age"), json!({ "type": "integer" }))],
            &["property-added received", "property-added sent"],
            &[
                "breaking property-removed sent",
                "risky property-removed received",
            ],
        ),
        (
            &[
                (pet("/properties/age"), json!({ "type": "integer" })),
                (pet("/required"), json!(["name", "age"])),
            ],
            &["breaking property-required received", "property-added sent"],
            &[
                "breaking property-removed sent",
                "risky property-removed received",
            ],
        ),
        (
            &[(pet("/required"), json!(["name", "kind"]))],
            &[
                "breaking property-required received",
                "property-required sent",
            ],
            &[
                "breaking property-optional sent",
                "property-optional received",
            ],
        ),
        // What is read-only is in no request, and its absence there is no change.
        (
            &[(
                pet("/properties/born"),
                json!({ "type": "string", "readOnly": true }),
            )],
            &["property-added sent"],
            &["breaking property-removed sent"],
        ),
        (
            &[(pet("/properties/kind/readOnly"), json!(true))],
            &["risky property-removed received"],
            &["property-added received"],
        ),
        (
            &[(pet("/additionalProperties"), json!(false))],
            &["breaking closed received", "closed sent"],
            &["opened both"],
        ),
        // Values.
        (
            &[(pet("/properties/kind/enum"), json!(["cat", "dog", "bird"]))],
            &["enum-value-added received", "risky enum-value-added sent"],
            &[
                "breaking enum-value-removed received",
                "enum-value-removed sent",
            ],
        ),
        (
            &[(pet("/properties/name/type"), json!(["string", "null"]))],
            &["breaking type-changed sent", "type-widened received"],
            &["breaking type-narrowed received", "type-narrowed sent"],
        ),
        (
            &[(pet("/properties/name/type"), json!("integer"))],
            &["breaking type-changed both"],
            &["breaking type-changed both"],
        ),
        (
            &[(pet("/properties/tags/items"), json!({ "type": "integer" }))],
            &["breaking type-changed both"],
            &["breaking type-changed both"],
        ),
        (
            &[(pet("/properties/name/maxLength"), json!(5))],
            &["bound-tightened sent", "breaking bound-tightened received"],
            &["bound-loosened received", "risky bound-loosened sent"],
        ),
        (
            &[(pet("/properties/name/format"), json!("uuid"))],
            &["breaking format-changed received", "format-changed sent"],
            &["format-changed received", "risky format-changed sent"],
        ),
        (
            &[(pet("/properties/name/pattern"), json!("^a"))],
            &["breaking pattern-changed received", "pattern-changed sent"],
            &["pattern-changed received", "risky pattern-changed sent"],
        ),
        (
            &[(pet("/properties/tags/uniqueItems"), json!(true))],
            &["bound-tightened sent", "breaking bound-tightened received"],
            &["bound-loosened received", "risky bound-loosened sent"],
        ),
        // What a webhook sends is what its receivers read.
        (
            &[(hook("/properties/again"), Value::Null)],
            &["breaking property-removed sent"],
            &["property-added sent"],
        ),
        (
            &[(hook("/required"), json!([]))],
            &["breaking property-optional sent"],
            &["property-required sent"],
        ),
        // Policies.
        (
            &[(put("/x-ratelimit/limit"), json!("50/second"))],
            &["stricter policy-changed"],
            &["policy-changed"],
        ),
        (
            &[(put("/x-ratelimit/limit"), json!("6000/minute"))],
            // The same in the long run, with a larger burst.
            &["policy-changed"],
            &["policy-changed"],
        ),
        (
            &[(put("/x-timeout/seconds"), json!(1))],
            &["stricter policy-changed"],
            &["policy-changed"],
        ),
        (
            &[(put("/x-bulkhead"), json!({ "max_concurrent": 3 }))],
            &["stricter policy-added"],
            &["policy-removed"],
        ),
        (
            &[(put("/x-retry"), json!({ "attempts": 3 }))],
            &["policy-added"],
            &["policy-removed"],
        ),
        (
            &[(
                put("/x-ratelimit"),
                json!({ "limit": "100/second", "mode": "shadow" }),
            )],
            &["policy-changed"],
            &["stricter policy-changed"],
        ),
    ];
    let old = document();
    for (edits, there, back) in cases {
        let edits: Vec<(&str, Value)> = edits
            .iter()
            .map(|(at, value)| (at.as_str(), value.clone()))
            .collect();
        let new = edited(&edits);
        assert_eq!(told(&compared(&old, &new)), *there, "there: {edits:?}");
        assert_eq!(told(&compared(&new, &old)), *back, "back: {edits:?}");
    }
}
