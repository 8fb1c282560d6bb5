//! The credential of a scheme in a request.

use http::{HeaderMap, header};

use super::super::call::Call;
use super::super::params;
use super::basic;
use super::credential::{ApiKey, Authorization, Bearer, ClientCertificate, Credential, Secret};
use super::scheme::{Kind, Scheme};

/// What a request has of a scheme.
#[derive(Debug)]
pub(super) enum Found {
    Nothing,
    /// Something that is no credential of the scheme, or more than one of them: whoever stands
    /// before the service may have looked at another one than the service would.
    Malformed,
    Credential(Credential),
}

pub(super) fn find(scheme: &Scheme, call: &Call) -> Found {
    let headers = &call.parts.headers;
    match scheme.kind {
        Kind::ApiKey { place, name } => match params::texts_of(call, place, name).as_deref() {
            Ok([]) => Found::Nothing,
            Ok([key]) if key.is_empty() => Found::Nothing,
            Ok([key]) => Found::Credential(Credential::ApiKey(ApiKey {
                key: Secret::new(key),
            })),
            Ok(_) | Err(_) => Found::Malformed,
        },
        Kind::Basic => authorization(headers, "basic", |text| {
            basic::parse(text).map(Credential::Basic)
        }),
        Kind::Bearer => authorization(headers, "bearer", |text| {
            let is_token = !text.is_empty() && !text.contains(char::is_whitespace);
            is_token.then(|| {
                Credential::Bearer(Bearer {
                    token: Secret::new(text),
                })
            })
        }),
        Kind::Http(scheme) => authorization(headers, scheme, |text| {
            let parameters = Secret::new(text);
            Some(Credential::Authorization(Authorization { parameters }))
        }),
        Kind::ClientCertificate => {
            Found::Credential(Credential::ClientCertificate(ClientCertificate {
                headers: headers.clone(),
                extensions: call.parts.extensions.clone(),
            }))
        }
        Kind::Undeclared => Found::Nothing,
    }
}

/// What stands in the `Authorization` header behind the name of a scheme, in any case. Headers of
/// other schemes are for other schemes.
fn authorization(
    headers: &HeaderMap,
    scheme: &str,
    parse: impl Fn(&str) -> Option<Credential>,
) -> Found {
    let mut found = Found::Nothing;
    for value in headers.get_all(header::AUTHORIZATION) {
        let bytes = value.as_bytes().trim_ascii();
        let end = bytes.iter().position(|byte| byte.is_ascii_whitespace());
        let (name, text) = bytes.split_at(end.unwrap_or(bytes.len()));
        if !name.eq_ignore_ascii_case(scheme.as_bytes()) {
            continue;
        }
        let text = std::str::from_utf8(text.trim_ascii()).ok();
        found = match (found, text.and_then(&parse)) {
            (Found::Nothing, Some(credential)) => Found::Credential(credential),
            _ => Found::Malformed,
        };
    }
    found
}
