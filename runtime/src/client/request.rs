//! A request on its way out: the generated code adds to it what the document says.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use serde::Serialize;
use serde_json::Value;

use super::answer::Answer;
use super::error::CallError;
use super::form::Form;
use super::send::Client;
use super::write::{self, Style};

/// A request that is being put together. What is wrong with a part of it is told when it is sent.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct Outgoing<'c> {
    client: &'c Client,
    method: Method,
    url: Result<Uri, CallError>,
    query: Vec<String>,
    headers: HeaderMap,
    cookies: Vec<String>,
    body: Bytes,
    wrong: Option<CallError>,
}

impl<'c> Outgoing<'c> {
    pub(super) fn new(client: &'c Client, method: Method, url: &str) -> Outgoing<'c> {
        Outgoing {
            client,
            method,
            url: parsed(url),
            query: Vec::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            body: Bytes::new(),
            wrong: None,
        }
    }

    /// Adds a query parameter. Null is left out.
    pub fn query<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        style: Style,
        explode: bool,
        value: &T,
    ) {
        if let Some(value) = self.value(name, value) {
            let pairs = write::pairs(name, style, explode, &value);
            self.query.extend(pairs);
        }
    }

    /// Adds a header. Null is left out.
    pub fn header<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        style: Style,
        explode: bool,
        value: &T,
    ) {
        let Some(value) = self.value(name, value) else {
            return;
        };
        let text = write::simple(style, explode, &value);
        match (
            HeaderName::try_from(name),
            HeaderValue::from_bytes(text.as_bytes()),
        ) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            _ => self.wrong = Some(CallError::Parameter(name)),
        }
    }

    /// Adds a cookie. Null is left out.
    pub fn cookie<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        style: Style,
        explode: bool,
        value: &T,
    ) {
        if let Some(value) = self.value(name, value) {
            let pairs = write::pairs(name, style, explode, &value);
            self.cookies.extend(pairs);
        }
    }

    /// Sets a JSON body.
    pub fn json<T: Serialize + ?Sized>(&mut self, media_type: &'static str, body: &T) {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.body(media_type, bytes),
            Err(error) => self.wrong = Some(CallError::Body(error)),
        }
    }

    /// Sets a body of one text: a string as it is, a number or a date as JSON has it.
    pub fn text<T: Serialize + ?Sized>(&mut self, media_type: &'static str, body: &T) {
        match serde_json::to_value(body) {
            Ok(value) => self.body(media_type, write::plain(&value)),
            Err(error) => self.wrong = Some(CallError::Body(error)),
        }
    }

    /// Sets a body of pairs, `application/x-www-form-urlencoded`.
    pub fn form<T: Serialize + ?Sized>(&mut self, body: &T) {
        match serde_json::to_value(body) {
            Ok(Value::Object(members)) => {
                let pairs: Vec<String> = members
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .flat_map(|(name, value)| write::pairs(name, Style::Form, true, value))
                    .collect();
                self.body("application/x-www-form-urlencoded", pairs.join("&"));
            }
            Ok(_) => self.wrong = Some(CallError::Parameter("body")),
            Err(error) => self.wrong = Some(CallError::Body(error)),
        }
    }

    /// Sets a body of parts, `multipart/form-data` or a media type that is written as that is.
    pub fn multipart(&mut self, media_type: &'static str, form: Form) {
        match form.written() {
            Ok((boundary, bytes)) => {
                let media_type = format!("{media_type}; boundary={boundary}");
                match HeaderValue::try_from(media_type) {
                    Ok(media_type) => self.headers.insert(header::CONTENT_TYPE, media_type),
                    Err(_) => return self.wrong = Some(CallError::Parameter("content_type")),
                };
                self.body = bytes;
            }
            Err(error) => self.wrong = Some(error),
        }
    }

    /// Sets a body of any media type.
    pub fn body(&mut self, media_type: &'static str, body: impl Into<Bytes>) {
        self.body = body.into();
        let media_type = HeaderValue::from_static(media_type);
        self.headers.insert(header::CONTENT_TYPE, media_type);
    }

    fn value<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Option<Value> {
        match serde_json::to_value(value) {
            Ok(Value::Null) => None,
            Ok(value) => Some(value),
            Err(_) => {
                self.wrong = Some(CallError::Parameter(name));
                None
            }
        }
    }

    /// Sends it, perhaps more than once.
    ///
    /// # Errors
    ///
    /// When a part of it cannot be written, or when there is no answer. An answer of any status
    /// is none.
    pub async fn send(self) -> Result<Answer, CallError> {
        let client = self.client;
        let request = self.finish()?;
        client.send(request).await
    }

    fn finish(mut self) -> Result<Request<Bytes>, CallError> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let url = with_query(self.url?, &self.query)?;
        if !self.cookies.is_empty() {
            let cookies = HeaderValue::try_from(self.cookies.join("; "))
                .map_err(|_| CallError::Parameter("cookie"))?;
            self.headers.insert(header::COOKIE, cookies);
        }
        let mut request = Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = url;
        *request.headers_mut() = self.headers;
        Ok(request)
    }
}

fn parsed(url: &str) -> Result<Uri, CallError> {
    let uri: Uri = url
        .parse()
        .map_err(|error: http::uri::InvalidUri| CallError::Url(error.to_string()))?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(_)) => Ok(uri),
        _ => Err(CallError::Url(
            "it is no http:// or https:// URL".to_owned(),
        )),
    }
}

/// The URL of the receiver may have a query of its own.
fn with_query(uri: Uri, pairs: &[String]) -> Result<Uri, CallError> {
    if pairs.is_empty() {
        return Ok(uri);
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let joint = if path.contains('?') { '&' } else { '?' };
    let path = format!("{path}{joint}{}", pairs.join("&"));
    let mut parts = uri.into_parts();
    let path = path.try_into();
    parts.path_and_query =
        Some(path.map_err(|error: http::uri::InvalidUri| CallError::Url(error.to_string()))?);
    Uri::from_parts(parts).map_err(|error| CallError::Url(error.to_string()))
}
