//! Who may read, and who may change.
//!
//! With a token, whoever shows it may do both and nobody else either. Without one, what comes from
//! the same machine may read, and nobody may change anything.

use std::fmt;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};

use crate::service::controller::Peer;
use crate::service::problem::Problem;
use crate::service::secrecy;

/// What a caller of the control plane has to show. It is not shown when it is printed, and compared
/// with another in a time that says nothing of how much of it is right.
#[derive(Clone, Eq)]
pub struct AdminToken(String);

impl AdminToken {
    /// A token; spaces around it are none of it.
    #[must_use]
    pub fn new(token: impl AsRef<str>) -> AdminToken {
        AdminToken(token.as_ref().trim().to_owned())
    }

    fn is_shown(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(header::AUTHORIZATION).and_then(bearer);
        // Nobody shows an empty token, and nobody has one.
        shown.is_some_and(|shown| !shown.is_empty() && secrecy::same(shown, self.0.as_bytes()))
    }
}

impl PartialEq for AdminToken {
    fn eq(&self, other: &Self) -> bool {
        secrecy::same(self.0.as_bytes(), other.0.as_bytes())
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What stands behind `Bearer`.
fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = value.as_bytes().split_at_checked("Bearer ".len())?;
    scheme
        .eq_ignore_ascii_case(b"Bearer ")
        .then(|| token.trim_ascii())
}

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// No token, or another one.
    Unknown,
    /// It comes from elsewhere, and there is no token.
    Remote,
    /// It would change something, and there is no token.
    ReadOnly,
}

pub(super) fn check(
    token: Option<&AdminToken>,
    request: &Request<Body>,
    peer: &Peer,
) -> Result<(), Refused> {
    match token {
        Some(token) if token.is_shown(request.headers()) => Ok(()),
        Some(_) => Err(Refused::Unknown),
        None if !is_local(request.headers(), peer) => Err(Refused::Remote),
        None if !matches!(*request.method(), Method::GET | Method::HEAD) => Err(Refused::ReadOnly),
        None => Ok(()),
    }
}

/// Whether a request was made on this machine. The address alone does not say so: a proxy on this
/// machine passes on what others ask, and a page on the internet can have a browser on this machine
/// ask whatever host name it makes point here.
fn is_local(headers: &HeaderMap, peer: &Peer) -> bool {
    let is_passed_on = ["forwarded", "via", "x-forwarded-for", "x-real-ip"]
        .iter()
        .any(|name| headers.contains_key(*name));
    let host = headers.get(header::HOST).map(HeaderValue::as_bytes);
    peer.is_loopback() && !is_passed_on && host.is_none_or(is_own_name)
}

fn is_own_name(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Refused::Unknown => (
                StatusCode::UNAUTHORIZED,
                "send the service's FAILSAFE_ADMIN_TOKEN as `Authorization: Bearer`",
            ),
            Refused::Remote => (
                StatusCode::FORBIDDEN,
                "the service has no FAILSAFE_ADMIN_TOKEN, so the control plane can be read on its \
                 own machine alone",
            ),
            Refused::ReadOnly => (
                StatusCode::FORBIDDEN,
                "the service has no FAILSAFE_ADMIN_TOKEN, so the control plane changes nothing",
            ),
        };
        let is_unknown = self == Refused::Unknown;
        let mut response = Problem::new(status).detail(detail).into_response();
        if is_unknown {
            let challenge = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::testing::request;

    const HERE: [u8; 4] = [127, 0, 0, 1];
    const ELSEWHERE: [u8; 4] = [192, 0, 2, 7];

    fn asked(
        token: Option<&str>,
        method: Method,
        peer: [u8; 4],
        headers: &[(&str, &str)],
    ) -> Result<(), Refused> {
        let token = token.map(AdminToken::new);
        let request = request(method, "/failsafe/config", headers, "");
        check(token.as_ref(), &request, &Peer::of_address(peer.into()))
    }

    #[test]
    fn a_token_opens_everything_and_nothing_else_does() {
        for method in [Method::GET, Method::PUT] {
            for peer in [HERE, ELSEWHERE] {
                let with = |value: &str| {
                    let headers = [("authorization", value)];
                    asked(Some("s3cr3t"), method.clone(), peer, &headers)
                };
                assert_eq!(with("Bearer s3cr3t"), Ok(()));
                assert_eq!(with("bearer  s3cr3t"), Ok(()));
                for wrong in [
                    "Bearer s3cr3",
                    "Bearer s3cr3tt",
                    "Bearer S3CR3T",
                    "Bearer ",
                    "Bearer",
                    "Basic s3cr3t",
                    "s3cr3t",
                    "",
                ] {
                    assert_eq!(with(wrong), Err(Refused::Unknown), "{wrong}");
                }
                let none = asked(Some("s3cr3t"), method.clone(), peer, &[]);
                assert_eq!(none, Err(Refused::Unknown));
            }
        }
    }

    #[test]
    fn a_token_that_is_wrong_anywhere_is_wrong() {
        let right = "0123456789abcdef0123456789abcdef";
        for place in 0..right.len() {
            let mut wrong = right.to_owned();
            wrong.replace_range(place..=place, "x");
            let header = format!("Bearer {wrong}");
            let headers = [("authorization", header.as_str())];
            let answer = asked(Some(right), Method::PUT, HERE, &headers);
            assert_eq!(answer, Err(Refused::Unknown), "{wrong}");
            assert!(AdminToken::new(right) != AdminToken::new(&wrong));
        }
        assert!(AdminToken::new(right) == AdminToken::new(format!(" {right} ")));
    }

    #[test]
    fn without_a_token_this_machine_reads_and_nobody_writes() {
        assert_eq!(asked(None, Method::GET, HERE, &[]), Ok(()));
        assert_eq!(asked(None, Method::PUT, HERE, &[]), Err(Refused::ReadOnly));
        assert_eq!(
            asked(None, Method::GET, ELSEWHERE, &[]),
            Err(Refused::Remote)
        );
        assert_eq!(
            asked(None, Method::POST, ELSEWHERE, &[]),
            Err(Refused::Remote)
        );
    }

    #[test]
    fn what_is_passed_on_is_not_from_this_machine() {
        for header in [
            ("x-forwarded-for", "127.0.0.1"),
            ("forwarded", "for=127.0.0.1"),
            ("via", "1.1 proxy"),
            ("host", "evil.example"),
            ("host", "evil.example:8080"),
            ("host", "localhost.evil.example"),
        ] {
            let answer = asked(None, Method::GET, HERE, &[header]);
            assert_eq!(answer, Err(Refused::Remote), "{header:?}");
        }
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:80", "[::1]:8080"] {
            let answer = asked(None, Method::GET, HERE, &[("host", host)]);
            assert_eq!(answer, Ok(()), "{host}");
        }
    }

    #[test]
    fn a_token_is_not_printed() {
        assert_eq!(format!("{:?}", AdminToken::new("s3cr3t")), "***");
    }
}
