//! Headers that a document declares for an answer.

use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::answer;

/// An answer that is given its headers. One whose text cannot stand in a header is the service's
/// fault: it is logged, and the answer becomes an empty 500.
///
/// ```
/// use failsafe_runtime::service::{Headed, StatusCode, empty};
///
/// let response = Headed::new(empty(StatusCode::NO_CONTENT))
///     .set("etag", &Some("\"a\""))
///     .set("x-tags", &["b", "c"])
///     .set("x-absent", &None::<u32>)
///     .into_response();
/// assert_eq!(response.headers()["etag"], "\"a\"");
/// assert_eq!(response.headers()["x-tags"], "b,c");
/// ```
#[derive(Debug)]
pub struct Headed {
    response: Response,
    failed: bool,
}

impl Headed {
    /// An answer without headers yet.
    #[must_use]
    pub fn new(response: Response) -> Headed {
        Headed {
            response,
            failed: false,
        }
    }

    /// A value as text, the items of a list and the names and values of an object with commas
    /// between them. What is null is left out.
    #[must_use]
    pub fn set<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Headed {
        self.put(name, serde_json::to_value(value), ",")
    }

    /// The same, with `=` between the names and values of an object.
    #[must_use]
    pub fn exploded<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Headed {
        self.put(name, serde_json::to_value(value), "=")
    }

    /// A value as JSON.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Headed {
        let written = serde_json::to_value(value).map(|value| match value {
            Value::Null => Value::Null,
            other => Value::String(other.to_string()),
        });
        self.put(name, written, ",")
    }

    /// A header for each text.
    #[must_use]
    pub fn each(self, name: &'static str, texts: &[String]) -> Headed {
        texts
            .iter()
            .fold(self, |headed, text| headed.append(name, text))
    }

    /// The answer with its headers.
    #[must_use]
    pub fn into_response(self) -> Response {
        match self.failed {
            true => answer::empty(StatusCode::INTERNAL_SERVER_ERROR),
            false => self.response,
        }
    }

    /// The part that is the same for all types.
    fn put(
        self,
        name: &'static str,
        written: Result<Value, serde_json::Error>,
        between: &str,
    ) -> Headed {
        match written {
            Ok(Value::Null) => self,
            Ok(value) => self.append(name, &text(&value, between)),
            Err(error) => self.fail(name, &error),
        }
    }

    fn append(mut self, name: &'static str, text: &str) -> Headed {
        match (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(text.as_bytes()),
        ) {
            (Ok(name), Ok(value)) => {
                self.response.headers_mut().append(name, value);
                self
            }
            (Err(error), _) => self.fail(name, &error),
            (_, Err(error)) => self.fail(name, &error),
        }
    }

    fn fail(mut self, name: &str, error: &dyn std::error::Error) -> Headed {
        tracing::error!(header = name, %error, "a header could not be written");
        self.failed = true;
        self
    }
}

fn text(value: &Value, between: &str) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| text(item, between)).collect();
            items.join(",")
        }
        Value::Object(members) => {
            let members = members.iter();
            let pairs =
                members.map(|(name, value)| format!("{name}{between}{}", text(value, between)));
            pairs.collect::<Vec<_>>().join(",")
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headed() -> Headed {
        Headed::new(answer::empty(StatusCode::OK))
    }

    #[test]
    fn values_are_written_in_the_simple_style() {
        let object = json!({ "a": 1, "b": true });
        let response = headed()
            .set("x-object", &object)
            .exploded("x-exploded", &object)
            .json("x-json", &object)
            .each("set-cookie", &["a=1".to_owned(), "b=2".to_owned()])
            .into_response();
        let headers = response.headers();
        assert_eq!(headers["x-object"], "a,1,b,true");
        assert_eq!(headers["x-exploded"], "a=1,b=true");
        assert_eq!(headers["x-json"], r#"{"a":1,"b":true}"#);
        assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
    }

    #[test]
    fn what_is_no_header_is_an_error_and_no_panic() {
        let response = headed()
            .set("location", "a\r\nset-cookie: b")
            .into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(response.headers().is_empty());
    }
}
