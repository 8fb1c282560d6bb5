//! Who may call an operation.

use super::Place;

/// A scheme that some operation uses: a method of the authentication trait.
#[derive(Clone, Debug)]
pub struct SecurityScheme {
    /// As the document calls it.
    pub name: String,
    /// `api_key`: the method.
    pub rust_name: String,
    pub kind: SchemeKind,
    pub doc: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeKind {
    /// In a header, the query string or a cookie of this name.
    ApiKey(Place, String),
    Basic,
    /// `http` with `bearer`, `oauth2`, `openIdConnect`.
    Bearer,
    /// Another scheme of the `Authorization` header, in lower case.
    Http(String),
    ClientCertificate,
    /// Asked for and not described, or not in a way that can be understood: nothing meets it.
    Undeclared,
}

/// One way to be let in: all of these schemes together. Empty: everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    pub all: Vec<Need>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Index of the service's schemes.
    pub scheme: usize,
    pub scopes: Vec<String>,
}
