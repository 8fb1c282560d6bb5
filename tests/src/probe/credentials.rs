//! Credentials of the form that an operation asks for: those that a service lets in whose stubs
//! answer examples.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{Request, value::Document};

/// What a request has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Nothing.
    Open,
    /// Credentials, or it may be without.
    Optional,
    /// One of these lists, of which the first one that can be shown is here.
    Asked(Vec<Credential>),
    /// What a request of ours cannot show, such as a certificate.
    Barred,
}

/// One credential and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    Header(String, String),
    Query(String),
    Cookie(String),
}

/// Whether a certificate alone would do, which nobody but a person's code can ask for: stubs that
/// answer examples let everybody in.
pub(super) fn takes_certificate(at: Document<'_>, operation: &Value) -> bool {
    let asked = operation.get("security").or_else(|| at.0.get("security"));
    let mut alternatives = asked.and_then(Value::as_array).into_iter().flatten();
    alternatives.any(|alternative| {
        let mut names = alternative.as_object().into_iter().flatten();
        names.all(|(name, _)| {
            at.resolve(&at.0["components"]["securitySchemes"][name])["type"] == "mutualTLS"
        })
    })
}

/// What an operation asks for.
pub(super) fn access(at: Document<'_>, operation: &Value) -> Access {
    let asked = operation.get("security").or_else(|| at.0.get("security"));
    let alternatives: Vec<&Value> = asked
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .collect();
    let is_empty = |alternative: &&Value| alternative.as_object().is_some_and(|all| all.is_empty());
    if alternatives.is_empty() {
        return Access::Open;
    }
    if alternatives.iter().any(is_empty) {
        return Access::Optional;
    }
    alternatives
        .iter()
        .find_map(|alternative| all(at, alternative))
        .map_or(Access::Barred, Access::Asked)
}

/// Every credential of an alternative; none where one of them cannot be shown, or where two would
/// have to stand in one place.
fn all(at: Document<'_>, alternative: &Value) -> Option<Vec<Credential>> {
    let mut shown = Vec::new();
    for name in alternative.as_object()?.keys() {
        let scheme = at.resolve(&at.0["components"]["securitySchemes"][name]);
        let credential = one(scheme)?;
        if shown.contains(&credential) {
            return None;
        }
        shown.push(credential);
    }
    let in_header = |credential: &&Credential| matches!(credential, Credential::Header(name, _) if name.eq_ignore_ascii_case("authorization"));
    (shown.iter().filter(in_header).count() < 2).then_some(shown)
}

fn one(scheme: &Value) -> Option<Credential> {
    let of = |key: &str| scheme[key].as_str().unwrap_or_default().to_owned();
    let authorization = |value: String| Credential::Header("authorization".to_owned(), value);
    Some(match of("type").as_str() {
        "apiKey" => match of("in").as_str() {
            "header" if is_token(&of("name")) => {
                Credential::Header(of("name"), "example".to_owned())
            }
            "query" => Credential::Query(of("name")),
            "cookie" => Credential::Cookie(of("name")),
            _ => return None,
        },
        "oauth2" | "openIdConnect" => authorization("Bearer example".to_owned()),
        "http" => match of("scheme").to_ascii_lowercase().as_str() {
            // `example:example`
            "basic" => authorization("Basic ZXhhbXBsZTpleGFtcGxl".to_owned()),
            other => authorization(format!("{other} example")),
        },
        _ => return None,
    })
}

/// Whether a header can have this name.
fn is_token(name: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(is_sign)
}

/// Whether a request shows one of the credentials already: some documents declare them as
/// parameters, too.
pub(super) fn shows(request: &Request, credentials: &[Credential]) -> bool {
    let has_header = |wanted: &str| {
        let mut names = request.headers.iter().map(|(name, _)| name);
        names.any(|name| name.eq_ignore_ascii_case(wanted))
    };
    credentials.iter().any(|credential| match credential {
        Credential::Header(name, _) => has_header(name),
        Credential::Query(name) => request.target.contains(&format!("{name}=")),
        Credential::Cookie(_) => has_header("cookie"),
    })
}

/// Whether a parameter is one of the credentials, which every request shows.
pub(super) fn is_credential(access: &Access, parameter: &Value) -> bool {
    let Access::Asked(credentials) = access else {
        return false;
    };
    let is_in = |place: &str, name: &str| parameter["in"] == place && parameter["name"] == name;
    credentials.iter().any(|credential| match credential {
        Credential::Header(name, _) => {
            let own = parameter["name"].as_str().unwrap_or_default();
            parameter["in"] == "header" && own.eq_ignore_ascii_case(name)
        }
        Credential::Query(name) => is_in("query", name),
        Credential::Cookie(name) => is_in("cookie", name),
    })
}

/// The request with the credentials added to it.
pub(super) fn show(mut request: Request, credentials: &[Credential]) -> Request {
    for credential in credentials {
        match credential {
            Credential::Header(name, value) => {
                request
                    .headers
                    .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
                request.headers.push((name.clone(), value.clone()));
            }
            // Some documents declare it as a parameter, too.
            Credential::Query(name) if request.target.contains(&format!("{name}=")) => {}
            Credential::Query(name) => {
                let mark = if request.target.contains('?') {
                    '&'
                } else {
                    '?'
                };
                let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
                request.target.push_str(&format!("{mark}{name}=example"));
            }
            Credential::Cookie(name) => {
                let pair = format!("{name}=example");
                match request
                    .headers
                    .iter_mut()
                    .find(|(name, _)| name == "cookie")
                {
                    Some((_, cookies)) => cookies.push_str(&format!("; {pair}")),
                    None => request.headers.push(("cookie".to_owned(), pair)),
                }
            }
        }
    }
    request
}
