//! A generated service whose handlers answer with the body that they were given.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{Server, Tree};

/// Generates, builds and starts the service of a document in which every operation answers `200`
/// with the type of its body. The name is its package's.
pub fn mirror(name: &str, spec: &Path) -> Server {
    let words = ["--telemetry", "NONE", "--no-dockerfile"];
    let tree = Tree::edited(name, spec, &words, |tree| {
        for entry in fs::read_dir(tree.join("src/handlers")).expect("handlers") {
            let path = entry.expect("an entry").path();
            let text = fs::read_to_string(&path).expect("a handler file");
            fs::write(&path, mirroring(&text)).expect("the file can be written");
        }
    });
    Server::start(&tree.build(), &[])
}

fn mirroring(text: &str) -> String {
    let mut answer = "";
    let mut out = String::new();
    for line in text.lines() {
        if let Some((_, rest)) = line.split_once("Result<")
            && let Some((name, _)) = rest.split_once(", ApiError>")
        {
            answer = name;
        }
        if line.contains("ApiError::not_implemented(") {
            out.push_str(&format!(
                "        let _ = ctx;\n        Ok({answer}::Ok(_body))\n"
            ));
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Whether two values are the same JSON: numbers by value, members in any order.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stub_gives_its_body_back() {
        let stub = "    async fn a(&self, ctx: &RequestContext, _body: B) -> Result<AResponse, ApiError> {\n        \
                    Err(ApiError::not_implemented(ctx.operation()))\n    }\n";
        let text = mirroring(stub);
        assert!(text.contains("Ok(AResponse::Ok(_body))"), "{text}");
        assert!(!text.contains("not_implemented"), "{text}");
    }

    #[test]
    fn values_are_compared_and_not_their_spelling() {
        assert!(same(
            &json!({ "a": 1, "b": [2.0] }),
            &json!({ "b": [2], "a": 1.0 })
        ));
        assert!(!same(&json!({ "a": 1 }), &json!({ "a": 1, "b": null })));
        assert!(!same(&json!([1, 2]), &json!([2, 1])));
        assert!(!same(&json!("1"), &json!(1)));
    }
}
