//! Forms of `multipart/form-data` on their way out.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use serde::Serialize;
use serde_json::Value;

use super::error::CallError;
use super::write;

/// A form that is sent as `multipart/form-data`: texts and files, part by part.
///
/// It is kept in memory as a whole, because an attempt that fails is made once more.
///
/// ```
/// use failsafe_runtime::client::{File, Form};
///
/// let mut form = Form::new();
/// form.value("caption", "From above");
/// form.files("photo", &[File::new("planet.png", vec![0x89]).with_content_type("image/png")]);
/// ```
#[derive(Debug, Default)]
pub struct Form {
    parts: Vec<Part>,
    wrong: Option<CallError>,
}

/// A file that is sent as a part of a [`Form`]. Cheap to clone.
#[derive(Clone, PartialEq)]
pub struct File {
    name: String,
    content_type: String,
    bytes: Bytes,
}

#[derive(Debug)]
struct Part {
    name: String,
    file_name: Option<String>,
    /// None of a text, which needs none.
    content_type: Option<String>,
    bytes: Bytes,
}

impl File {
    /// A file as the receiver shall call it, of the type `application/octet-stream`.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: impl Into<Bytes>) -> File {
        File {
            name: name.into(),
            content_type: "application/octet-stream".to_owned(),
            bytes: bytes.into(),
        }
    }

    /// Says what is in it: a media type such as `image/png`.
    #[must_use]
    pub fn with_content_type(mut self, content_type: impl Into<String>) -> File {
        self.content_type = content_type.into();
        self
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

impl Form {
    /// A form without parts.
    #[must_use]
    pub fn new() -> Form {
        Form::default()
    }

    /// The form that has a part for each member of a value. What is wrong with it is told when the
    /// request is sent.
    #[must_use]
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Form {
        let mut form = Form::new();
        match serde_json::to_value(value) {
            Ok(Value::Object(members)) => {
                for (name, value) in members {
                    form.add(&name, value);
                }
            }
            Ok(_) => form.wrong = Some(CallError::Parameter("body")),
            Err(error) => form.wrong = Some(CallError::Body(error)),
        }
        form
    }

    /// Adds a value: a string as it is, an object as JSON, a list as a part for each item. Null is
    /// left out.
    pub fn value<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        match serde_json::to_value(value) {
            Ok(value) => self.add(name, value),
            Err(error) => self.wrong = Some(CallError::Body(error)),
        }
    }

    /// Adds files, each as a part of this name.
    pub fn files(&mut self, name: &str, files: &[File]) {
        for file in files {
            // What ends a line would begin another header.
            if HeaderValue::try_from(&file.content_type).is_err() {
                self.wrong = Some(CallError::Parameter("content_type"));
            }
            self.parts.push(Part {
                name: name.to_owned(),
                file_name: Some(file.name.clone()),
                content_type: Some(file.content_type.clone()),
                bytes: file.bytes.clone(),
            });
        }
    }

    fn add(&mut self, name: &str, value: Value) {
        let content_type = match value {
            Value::Null => return,
            Value::Array(items) => return items.into_iter().for_each(|item| self.add(name, item)),
            Value::Object(_) => Some("application/json".to_owned()),
            _ => None,
        };
        self.parts.push(Part {
            name: name.to_owned(),
            file_name: None,
            content_type,
            bytes: write::plain(&value).into(),
        });
    }

    /// The text that stands between the parts, and the whole as it is sent.
    pub(super) fn written(self) -> Result<(String, Bytes), CallError> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let boundary = self.boundary();
        let mut body = Vec::new();
        for part in &self.parts {
            let name = quoted(&part.name);
            body.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"")
                    .as_bytes(),
            );
            if let Some(file_name) = &part.file_name {
                body.extend_from_slice(format!("; filename=\"{}\"", quoted(file_name)).as_bytes());
            }
            if let Some(content_type) = &part.content_type {
                body.extend_from_slice(format!("\r\nContent-Type: {content_type}").as_bytes());
            }
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(&part.bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Ok((boundary, body.into()))
    }

    /// A text that no part has in it.
    fn boundary(&self) -> String {
        let mut number = 0_u32;
        loop {
            let boundary = format!("failsafe-{number:08x}");
            let is_inside = |part: &Part| {
                let mut windows = part.bytes.windows(boundary.len());
                windows.any(|window| window == boundary.as_bytes())
            };
            if !self.parts.iter().any(is_inside) {
                return boundary;
            }
            number += 1;
        }
    }
}

/// A name between quotes, as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}
