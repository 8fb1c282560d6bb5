//! 401 and 403, and what they ask of the client.

use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use super::super::call::Call;
use super::super::problem::Problem;
use super::super::violation::Place;
use super::check::Unmet;
use super::scheme::{Kind, Requirement, Scheme};

/// The answer to somebody who may not.
pub(super) fn refuse(call: &Call, realm: &str, unmet: Unmet) -> Response {
    let operation = call.context.operation;
    let problem = |status, detail| {
        Problem::new(status)
            .operation(operation.id)
            .detail(detail)
            .into_response()
    };
    match unmet {
        Unmet::Missing => {
            let detail = "the request has not the credentials that the operation asks for";
            let response = problem(StatusCode::UNAUTHORIZED, detail);
            challenged(response, operation.security, realm, None)
        }
        Unmet::Refused(scheme) => {
            let detail = "the credentials of the request are not accepted";
            let response = problem(StatusCode::UNAUTHORIZED, detail);
            challenged(response, operation.security, realm, Some(scheme))
        }
        Unmet::Forbidden(requirement) => {
            let detail = "the caller may not do this";
            insufficient(problem(StatusCode::FORBIDDEN, detail), requirement, realm)
        }
        Unmet::Failed(error) => {
            let request_id = call.context.request_id();
            tracing::error!(operation = operation.id, request_id, %error, "authentication failed");
            error.into_response()
        }
    }
}

/// Adds a challenge for each scheme that would open the operation.
fn challenged(
    mut response: Response,
    alternatives: &[Requirement],
    realm: &str,
    refused: Option<&Scheme>,
) -> Response {
    let mut challenges: Vec<String> = Vec::new();
    for (scheme, scopes) in alternatives.iter().flat_map(|all| all.iter()) {
        let is_refused = refused.is_some_and(|refused| std::ptr::eq(refused, *scheme));
        let error = is_refused.then_some("invalid_token");
        if let Some(challenge) = challenge(scheme, scopes, realm, error)
            && !challenges.contains(&challenge)
        {
            challenges.push(challenge);
        }
    }
    add(&mut response, &challenges);
    response
}

/// Only tokens have a challenge that says what they lack (RFC 6750).
fn insufficient(mut response: Response, requirement: Requirement, realm: &str) -> Response {
    let tokens = requirement
        .iter()
        .filter(|(scheme, _)| scheme.kind == Kind::Bearer);
    let challenges: Vec<String> = tokens
        .filter_map(|(scheme, scopes)| challenge(scheme, scopes, realm, Some("insufficient_scope")))
        .collect();
    add(&mut response, &challenges);
    response
}

fn add(response: &mut Response, challenges: &[String]) {
    for challenge in challenges {
        let value = HeaderValue::from_str(challenge).expect("challenges are made of visible ASCII");
        let name = header::WWW_AUTHENTICATE;
        response.headers_mut().append(name, value);
    }
}

/// None for schemes that HTTP has no word for.
fn challenge(scheme: &Scheme, scopes: &[&str], realm: &str, error: Option<&str>) -> Option<String> {
    let realm = quoted(realm);
    Some(match scheme.kind {
        Kind::Basic => format!("Basic realm={realm}, charset=\"UTF-8\""),
        Kind::Bearer => {
            let mut text = format!("Bearer realm={realm}");
            if !scopes.is_empty() {
                let _ = write!(text, ", scope={}", quoted(&scopes.join(" ")));
            }
            if let Some(error) = error {
                let _ = write!(text, ", error=\"{error}\"");
            }
            text
        }
        Kind::Http(name) => format!("{name} realm={realm}"),
        // No registered scheme, but a 401 has to have a challenge, and this one says what to do.
        Kind::ApiKey { place, name } => {
            let place = match place {
                Place::Query => "query",
                Place::Cookie => "cookie",
                _ => "header",
            };
            let name = quoted(name);
            format!("ApiKey realm={realm}, in=\"{place}\", name={name}")
        }
        Kind::ClientCertificate | Kind::Undeclared => return None,
    })
}

/// A quoted string of the letters that a header may have.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            ' '..='~' => quoted.push(letter),
            _ => quoted.push('?'),
        }
    }
    quoted.push('"');
    quoted
}
