//! Security schemes as the document declares them.

use super::super::violation::Place;

/// One alternative of an operation's `security`: the schemes that all have to be met, each with
/// the scopes that it is asked for. Without any scheme it is met by everybody.
pub type Requirement = &'static [(&'static Scheme, &'static [&'static str])];

/// Where a credential stands in a request. Generated code holds one `static` for each scheme that
/// some operation uses.
///
/// ```
/// use failsafe_runtime::service::{Method, Operation, Scheme};
///
/// static API_KEY: Scheme = Scheme::api_key_in_header("apiKey", "X-API-Key");
/// static LOGIN: Scheme = Scheme::bearer("login");
///
/// // Either a key, or a token that may write.
/// static CREATE: Operation = Operation::new("create", Method::POST, "/things")
///     .secured_by(&[&[(&API_KEY, &[])], &[(&LOGIN, &["things:write"])]]);
/// ```
#[derive(Debug)]
pub struct Scheme {
    /// The name that the document gives it.
    pub name: &'static str,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    ApiKey {
        place: Place,
        name: &'static str,
    },
    Basic,
    Bearer,
    /// Another scheme of the `Authorization` header.
    Http(&'static str),
    ClientCertificate,
    /// The document does not say what it is, so nothing is a credential of it.
    Undeclared,
}

impl Scheme {
    const fn new(name: &'static str, kind: Kind) -> Scheme {
        Scheme { name, kind }
    }

    /// A key in a header (`type: apiKey`, `in: header`).
    #[must_use]
    pub const fn api_key_in_header(name: &'static str, header: &'static str) -> Scheme {
        let place = Place::Header;
        Scheme::new(
            name,
            Kind::ApiKey {
                place,
                name: header,
            },
        )
    }

    /// A key in the query string (`in: query`).
    #[must_use]
    pub const fn api_key_in_query(name: &'static str, parameter: &'static str) -> Scheme {
        let place = Place::Query;
        Scheme::new(
            name,
            Kind::ApiKey {
                place,
                name: parameter,
            },
        )
    }

    /// A key in a cookie (`in: cookie`).
    #[must_use]
    pub const fn api_key_in_cookie(name: &'static str, cookie: &'static str) -> Scheme {
        let place = Place::Cookie;
        Scheme::new(
            name,
            Kind::ApiKey {
                place,
                name: cookie,
            },
        )
    }

    /// User and password (`type: http`, `scheme: basic`).
    #[must_use]
    pub const fn basic(name: &'static str) -> Scheme {
        Scheme::new(name, Kind::Basic)
    }

    /// A token (`scheme: bearer`, `type: oauth2`, `type: openIdConnect`).
    #[must_use]
    pub const fn bearer(name: &'static str) -> Scheme {
        Scheme::new(name, Kind::Bearer)
    }

    /// Any other scheme of the `Authorization` header, `digest` for instance.
    #[must_use]
    pub const fn http(name: &'static str, scheme: &'static str) -> Scheme {
        Scheme::new(name, Kind::Http(scheme))
    }

    /// A client's certificate (`type: mutualTLS`).
    #[must_use]
    pub const fn client_certificate(name: &'static str) -> Scheme {
        Scheme::new(name, Kind::ClientCertificate)
    }

    /// A scheme that the document asks for and nowhere describes: nothing meets it.
    #[must_use]
    pub const fn undeclared(name: &'static str) -> Scheme {
        Scheme::new(name, Kind::Undeclared)
    }
}
