//! Requests for the operations of a document.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::body::{essence, is_json};
use super::credentials::{Access, access, is_credential, show, shows, takes_certificate};
use super::form::nested;
use super::value::{Document, Extent, written_out};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

const FORBIDDEN: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A request, ready to be sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// Path and query, percent-encoded.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

/// What is asked of one operation.
#[derive(Clone, Debug)]
pub struct Probe {
    /// `GET /pets`
    pub operation: String,
    /// The operation's id, where no other one has such paths: it is the one that has to answer.
    pub id: Option<String>,
    /// Everything that is required, and no more.
    pub fits: Request,
    /// What is optional as well; none where nothing is.
    pub full: Option<Request>,
    /// None where everything fits: no typed parameter, no body.
    pub breaks: Option<Request>,
    /// Fits but for credentials that it lacks; none where none are asked for.
    pub anonymous: Option<Request>,
    /// Whether the operation asks for what no request of ours can show.
    pub is_barred: bool,
}

/// A probe for every operation of the document.
pub fn probes(document: &Value) -> Vec<Probe> {
    let at = Document(document);
    let mut probes = Vec::new();
    let paths = document["paths"].as_object().into_iter().flatten();
    let shapes: Vec<String> = paths.map(|(path, _)| shape(path)).collect();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let item = at.resolve(item);
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                let mut probe = probe(at, path, method, item, operation);
                // It is served under another name than the first one that is called so.
                let id = &operation["operationId"];
                if all_operations(document)
                    .filter(|other| other["operationId"] == *id)
                    .count()
                    > 1
                {
                    probe.id = None;
                }
                // What does not fit it may fit one that it shares its path with.
                if shapes.iter().filter(|known| **known == shape(path)).count() > 1 {
                    probe.breaks = None;
                    probe.id = None;
                }
                probes.push(probe);
            }
        }
    }
    probes
}

fn all_operations(document: &Value) -> impl Iterator<Item = &Value> {
    let at = Document(document);
    let items = document["paths"].as_object().into_iter().flatten();
    items.flat_map(move |(_, item)| {
        let item = at.resolve(item);
        METHODS.iter().filter_map(|method| item.get(method))
    })
}

/// What two paths have in common when one request may match both.
fn shape(path: &str) -> String {
    let path = path.split(['#', '?']).next().unwrap_or_default();
    let mut segments = path.split('/').map(|segment| match segment.contains('{') {
        true => "{}",
        false => segment,
    });
    let first = segments.next().unwrap_or_default().to_owned();
    segments.fold(first, |shape, segment| shape + "/" + segment)
}

fn probe(at: Document<'_>, path: &str, method: &str, item: &Value, operation: &Value) -> Probe {
    let parameters = parameters(at, item, operation);
    let body = operation.get("requestBody").map(|body| at.resolve(body));
    let least = Wish {
        fault: None,
        extent: Extent::Least,
    };
    let fits = build(at, path, method, &parameters, body, &least);
    let full = Wish {
        fault: None,
        extent: Extent::Full,
    };
    let full = build(at, path, method, &parameters, body, &full);
    let faulty = |fault| Wish {
        fault: Some(fault),
        extent: Extent::Least,
    };
    let access = access(at, operation);
    let breaks = parameters
        .iter()
        .filter(|parameter| !is_behind_path(path, parameter))
        .find_map(|parameter| break_parameter(at, parameter))
        .map(|fault| build(at, path, method, &parameters, body, &faulty(fault)))
        .or_else(|| body.and_then(|body| break_body(&fits, body)))
        .or_else(|| {
            let missing = parameters.iter().find(|parameter| {
                parameter["required"] == json!(true)
                    && parameter["in"] != json!("path")
                    && !is_spread(at, parameter)
                    && !is_credential(&access, parameter)
            })?;
            let fault = Fault {
                place: &missing["in"],
                name: &missing["name"],
                value: None,
            };
            Some(build(at, path, method, &parameters, body, &faulty(fault)))
        });
    let anonymous = match &access {
        Access::Asked(credentials)
            if !shows(&fits, credentials) && !takes_certificate(at, operation) =>
        {
            Some(fits.clone())
        }
        _ => None,
    };
    let known = |request| match &access {
        Access::Asked(credentials) => show(request, credentials),
        Access::Open | Access::Optional | Access::Barred => request,
    };
    Probe {
        operation: format!("{} {path}", method.to_uppercase()),
        id: operation["operationId"]
            .as_str()
            .filter(|id| !id.is_empty())
            .map(str::to_owned),
        full: (full != fits).then_some(full).map(known),
        fits: known(fits),
        breaks: breaks.map(known),
        anonymous,
        is_barred: access == Access::Barred,
    }
}

/// What a request should be like.
struct Wish<'d> {
    fault: Option<Fault<'d>>,
    extent: Extent,
}

/// One parameter that is sent otherwise than the document asks; without a value: not at all.
struct Fault<'d> {
    place: &'d Value,
    name: &'d Value,
    value: Option<String>,
}

/// Those of the path and the operation; the operation's own win.
fn parameters<'d>(at: Document<'d>, item: &'d Value, operation: &'d Value) -> Vec<&'d Value> {
    let mut list: Vec<&Value> = Vec::new();
    for level in [operation, item] {
        for parameter in level["parameters"].as_array().into_iter().flatten() {
            let parameter = at.resolve(parameter);
            if is_described_elsewhere(parameter) {
                continue;
            }
            let same = |other: &&Value| {
                other["name"] == parameter["name"] && other["in"] == parameter["in"]
            };
            if !list.iter().any(same) {
                list.push(parameter);
            }
        }
    }
    list
}

/// Headers that OpenAPI describes by other means, or that belong to the connection.
fn is_described_elsewhere(parameter: &Value) -> bool {
    let name = parameter["name"].as_str().unwrap_or_default();
    parameter["in"] == json!("header")
        && [
            "accept",
            "content-type",
            "authorization",
            "content-length",
            "transfer-encoding",
            "connection",
            "host",
            "cookie",
        ]
        .contains(&name.to_lowercase().as_str())
}

fn schema_of(parameter: &Value) -> &Value {
    parameter.get("schema").unwrap_or_else(|| {
        let content = parameter["content"]
            .as_object()
            .and_then(|content| content.values().next());
        // In Swagger 2 a parameter is its own schema, which some still write in 3.
        content.map_or(parameter, |media| &media["schema"])
    })
}

/// A text that no value of the parameter's type can be read from.
fn break_parameter<'d>(at: Document<'d>, parameter: &'d Value) -> Option<Fault<'d>> {
    let schema = at.resolve(schema_of(parameter));
    let is = |name: &str| {
        let named = &schema["type"];
        *named == json!(name) || *named == json!([name, "null"]) || *named == json!(["null", name])
    };
    let format = schema["format"].as_str().unwrap_or_default();
    let closed = schema.get("enum").is_some() && is("string");
    let typed = is("integer") || is("number") || is("boolean");
    let formatted = is("string") && ["uuid", "date", "date-time"].contains(&format);
    (closed || typed || formatted).then(|| Fault {
        place: &parameter["in"],
        name: &parameter["name"],
        value: Some("!no!".to_owned()),
    })
}

/// Whether a path's parameter stands in the query or fragment that some write into the path's key.
fn is_behind_path(path: &str, parameter: &Value) -> bool {
    let name = format!("{{{}}}", parameter["name"].as_str().unwrap_or_default());
    let behind = path.find(['?', '#']).map(|mark| &path[mark..]);
    parameter["in"] == json!("path") && behind.is_some_and(|behind| behind.contains(&name))
}

/// Whether a parameter has no name of its own in the query: its members stand there, and where all
/// of them are left out nothing is missing.
fn is_spread(at: Document<'_>, parameter: &Value) -> bool {
    let schema = at.resolve(schema_of(parameter));
    let is_object = schema["type"] != json!("array") && schema.get("properties").is_some();
    let style = parameter["style"].as_str().unwrap_or("form");
    is_object && style == "form" && parameter["explode"] != json!(false)
}

/// Broken JSON, or a media type that nobody asked for.
fn break_body(fits: &Request, body: &Value) -> Option<Request> {
    let media_type = content(body)?.0;
    let mut request = fits.clone();
    if is_json(&essence(media_type)) {
        request.body = Some(b"{\"".to_vec());
        request.headers.retain(|(name, _)| name != "content-type");
        request
            .headers
            .push(("content-type".to_owned(), media_type.to_owned()));
        return Some(request);
    }
    let known = body["content"].as_object()?;
    if known.keys().any(|known| known.contains('*')) {
        return None;
    }
    request.body = Some(b"?".to_vec());
    request.headers.retain(|(name, _)| name != "content-type");
    request.headers.push((
        "content-type".to_owned(),
        "application/x-unheard-of".to_owned(),
    ));
    Some(request)
}

/// JSON if the body may be JSON, else its first media type.
fn content(body: &Value) -> Option<(&str, &Value)> {
    let content = body["content"].as_object()?;
    let json = content
        .iter()
        .find(|(media_type, _)| is_json(&essence(media_type)));
    json.or_else(|| content.iter().next())
        .map(|(name, media)| (name.as_str(), media))
}

fn build(
    at: Document<'_>,
    path: &str,
    method: &str,
    parameters: &[&Value],
    body: Option<&Value>,
    wish: &Wish<'_>,
) -> Request {
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut target = format!("{}{slash}{path}", base(at, path, method));
    let mut query: Vec<String> = Vec::new();
    let mut cookies: Vec<String> = Vec::new();
    let mut request = Request {
        method: method.to_uppercase(),
        ..Request::default()
    };
    for parameter in parameters {
        let name = parameter["name"].as_str().unwrap_or_default();
        let fault = wish.fault.as_ref();
        let broken = fault
            .filter(|fault| *fault.name == parameter["name"] && *fault.place == parameter["in"]);
        let required = parameter["required"] == json!(true);
        let in_path = parameter["in"] == json!("path");
        if broken.is_none() && !required && !in_path && wish.extent == Extent::Least {
            continue;
        }
        let value = match broken {
            Some(Fault { value: None, .. }) => continue,
            Some(Fault {
                value: Some(text), ..
            }) => json!(text),
            // An empty object leaves nothing of a segment.
            None if in_path => written_out(at, schema_of(parameter), Extent::Full),
            None => written_out(at, schema_of(parameter), wish.extent),
        };
        match parameter["in"].as_str().unwrap_or_default() {
            "path" => {
                let text = path_text(parameter, name, &value);
                target = target.replace(&format!("{{{name}}}"), &text);
            }
            "query" => query.extend(query_pairs(parameter, name, &value)),
            "header" => {
                let text = match &value {
                    value if parameter.get("content").is_some() || is_nested(value) => {
                        value.to_string()
                    }
                    Value::Object(members) if parameter["explode"] == json!(true) => {
                        pairs(members, ",", str::to_owned)
                    }
                    value => plain(value, ","),
                };
                request.headers.push((name.to_owned(), text));
            }
            "cookie" => cookies.extend(query_pairs(parameter, name, &value)),
            _ => {}
        }
    }
    let target = target.split('#').next().unwrap_or_default();
    // Some signs of a template may not stand in a request.
    request.target = utf8_percent_encode(target, FORBIDDEN).to_string();
    if !query.is_empty() {
        let mark = if request.target.contains('?') {
            '&'
        } else {
            '?'
        };
        request.target.push(mark);
        request.target.push_str(&query.join("&"));
    }
    if !cookies.is_empty() {
        request
            .headers
            .push(("cookie".to_owned(), cookies.join("; ")));
    }
    if let Some((media_type, media)) = body.and_then(content) {
        let (media_type, bytes) = super::body::body(at, media_type, media, wish.extent);
        request
            .headers
            .push(("content-type".to_owned(), media_type));
        request.body = Some(bytes);
    }
    request
}

/// Where the service says that a path begins.
fn base<'d>(at: Document<'d>, path: &str, method: &str) -> &'d str {
    let own = &at.0["paths"][path][method]["servers"][0]["url"];
    let url = own.as_str().or(at.0["servers"][0]["url"].as_str());
    let url = url.unwrap_or_default();
    match url.starts_with('/') {
        true => url.trim_end_matches('/'),
        // Where somebody else's server is says nothing of this one.
        false => "",
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Whether the standard has no form for a value in one text, so that it is JSON.
fn is_nested(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(Value::is_object),
        Value::Object(members) => members
            .values()
            .any(|member| member.is_object() || member.is_array()),
        _ => false,
    }
}

pub(super) fn plain(value: &Value, separator: &str) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items
            .iter()
            .map(|item| plain(item, separator))
            .collect::<Vec<_>>()
            .join(separator),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| [name.clone(), plain(value, separator)])
            .collect::<Vec<_>>()
            .join(separator),
        other => other.to_string(),
    }
}

/// A path parameter in the style that it asks for.
fn path_text(parameter: &Value, name: &str, value: &Value) -> String {
    if parameter.get("content").is_some() {
        return encode(&value.to_string());
    }
    let explode = parameter["explode"].as_bool().unwrap_or(false);
    let joined = |separator: &str| match value {
        Value::Object(members) if explode => pairs(members, separator, encode),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| [encode(name), encode(&plain(member, ","))])
            .collect::<Vec<_>>()
            .join(","),
        Value::Array(items) => items
            .iter()
            .map(|item| encode(&plain(item, ",")))
            .collect::<Vec<_>>()
            .join(separator),
        other => encode(&plain(other, ",")),
    };
    match parameter["style"].as_str() {
        Some("label") => format!(".{}", joined(if explode { "." } else { "," })),
        Some("matrix") => match value {
            Value::Object(_) if explode => format!(";{}", joined(";")),
            Value::Array(_) if explode => format!(";{name}={}", joined(&format!(";{name}="))),
            _ => format!(";{name}={}", joined(",")),
        },
        _ => joined(","),
    }
}

/// `a=1,b=2`
fn pairs(members: &Map<String, Value>, separator: &str, encode: fn(&str) -> String) -> String {
    members
        .iter()
        .map(|(name, member)| format!("{}={}", encode(name), encode(&plain(member, ","))))
        .collect::<Vec<_>>()
        .join(separator)
}

pub(super) fn pair(name: &str, text: &str) -> String {
    format!("{}={}", encode(name), encode(text))
}

fn separator(style: &str) -> &'static str {
    match style {
        "spaceDelimited" => "%20",
        "pipeDelimited" => "|",
        _ => ",",
    }
}

/// A query parameter in the style that it asks for.
pub(super) fn query_pairs(parameter: &Value, name: &str, value: &Value) -> Vec<String> {
    let style = parameter["style"].as_str().unwrap_or("form");
    let explode = parameter["explode"].as_bool().unwrap_or(style == "form");
    if parameter.get("content").is_some() {
        return vec![pair(name, &value.to_string())];
    }
    match value {
        value if style == "deepObject" => nested(name, value),
        Value::Object(members) if explode => members
            .iter()
            .map(|(key, member)| match member {
                // Nor for objects in objects.
                member if member.is_object() || is_nested(member) => pair(key, &member.to_string()),
                member => pair(key, &plain(member, ",")),
            })
            .collect(),
        Value::Object(members) => {
            let pieces: Vec<String> = members
                .iter()
                .flat_map(|(key, member)| [encode(key), encode(&plain(member, ","))])
                .collect();
            vec![format!(
                "{}={}",
                encode(name),
                pieces.join(separator(style))
            )]
        }
        Value::Array(items) if explode => items
            .iter()
            .map(|item| match item {
                // The standard has no form for objects in lists.
                Value::Object(_) => pair(name, &item.to_string()),
                item => pair(name, &plain(item, ",")),
            })
            .collect(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| encode(&plain(item, ","))).collect();
            vec![format!("{}={}", encode(name), items.join(separator(style)))]
        }
        other => vec![pair(name, &plain(other, ","))],
    }
}

#[cfg(test)]
mod tests;
