//! `security`: what an operation asks of its callers.
//!
//! Whatever is unclear about a scheme closes the operations that use it: a mistake in a document
//! must never open what its author meant to guard.

use indexmap::IndexMap;

use super::{Lowering, names};
use crate::{
    diagnostic::{Diagnostic, nearest},
    ir::{Need, Place, Requirement, SchemeKind, SecurityScheme},
    spec::At,
};

/// The schemes that operations have asked for, by their names in the document.
#[derive(Debug, Default)]
pub(super) struct Schemes {
    used: IndexMap<String, (SchemeKind, Option<String>)>,
}

impl<'d> Lowering<'d> {
    /// The alternatives of an operation: its own, or the document's. Empty: open to everybody.
    pub(super) fn requirements(&mut self, operation: &At<'d>) -> Vec<Requirement> {
        let own = operation.get("security").filter(|at| !at.is_null());
        let Some(at) = own.or_else(|| self.root.get("security")) else {
            return Vec::new();
        };
        if at.is_object() {
            self.report(
                Diagnostic::warning("security-not-a-list", "`security` is a list")
                    .at(at.location())
                    .help(
                        "write `- ` before the name of the scheme; it is read as if it were there",
                    ),
            );
            return vec![self.requirement(&at)];
        }
        if !at.is_array() && !at.is_null() {
            self.wrong_kind(&at, "security", "an array");
        }
        at.items().map(|at| self.requirement(&at)).collect()
    }

    fn requirement(&mut self, at: &At<'d>) -> Requirement {
        if let Some(name) = at.as_str() {
            self.report(
                Diagnostic::warning(
                    "security-without-scopes",
                    "a scheme is followed by its scopes",
                )
                .at(at.location())
                .help(format!(
                    "write `{name}: []`; it is read as if that were there"
                )),
            );
            let scheme = self.scheme(name, at);
            let scopes = Vec::new();
            return Requirement {
                all: vec![Need { scheme, scopes }],
            };
        }
        if !at.is_object() {
            self.wrong_kind(at, "a security requirement", "an object");
        }
        let needs = at.entries().map(|(name, scopes)| Need {
            scheme: self.scheme(name, &scopes),
            scopes: self.scopes(&scopes),
        });
        Requirement {
            all: needs.collect(),
        }
    }

    /// None may get lost: without one of its scopes an operation is open to more than it should be.
    fn scopes(&mut self, at: &At<'d>) -> Vec<String> {
        // `- key:` is how a list without items is often written.
        if at.is_null() {
            return Vec::new();
        }
        if !at.is_array() {
            self.wrong_kind(at, "the scopes of a security requirement", "an array");
        }
        let mut scopes = Vec::new();
        for item in at.items() {
            match (item.as_str(), item.as_number()) {
                (Some(text), _) => scopes.push(text.to_owned()),
                (None, Some(number)) => scopes.push(number.text.to_string()),
                (None, None) => self.wrong_kind(&item, "a scope", "a string"),
            }
        }
        scopes
    }

    /// The index of a scheme. `at` is where it is asked for.
    fn scheme(&mut self, name: &str, at: &At<'d>) -> usize {
        if let Some(known) = self.schemes.used.get_index_of(name) {
            return known;
        }
        let components = self.root.get("components");
        let all = components.and_then(|at| self.map(&at, "securitySchemes"));
        let described = all.as_ref().and_then(|all| all.get(name));
        let (kind, doc) = match described {
            Some(described) => match self.resolved(&described) {
                Some(described) => (self.scheme_kind(&described), self.doc_of(&described)),
                None => (SchemeKind::Undeclared, None),
            },
            None => {
                let found = Diagnostic::warning(
                    "unknown-security-scheme",
                    format!("no security scheme is called `{name}`, so nobody passes it"),
                )
                .at(at.key_location());
                let known: Vec<&str> = all.iter().flat_map(At::entries).map(|it| it.0).collect();
                self.report(found.help(match nearest(name, known) {
                    Some(near) => format!(
                        "write `{near}`, or describe `{name}` under `components/securitySchemes`"
                    ),
                    None => format!("describe `{name}` under `components/securitySchemes`"),
                }));
                (SchemeKind::Undeclared, None)
            }
        };
        self.schemes
            .used
            .insert_full(name.to_owned(), (kind, doc))
            .0
    }

    fn scheme_kind(&mut self, at: &At<'d>) -> SchemeKind {
        let word = |key: &str| at.get(key).and_then(|at| at.as_str()).unwrap_or_default();
        let ty = word("type").to_ascii_lowercase();
        match ty.as_str() {
            "apikey" => {
                let place = match word("in").to_ascii_lowercase().as_str() {
                    "header" => Some(Place::Header),
                    "query" => Some(Place::Query),
                    "cookie" => Some(Place::Cookie),
                    _ => None,
                };
                match (place, word("name")) {
                    (None, _) => self.closed(
                        at,
                        "an API key stands in a header, the query or a cookie",
                        "write `in: header`, `in: query` or `in: cookie`",
                    ),
                    (_, "") => self.closed(at, "an API key stands under a name", "add `name`"),
                    (Some(Place::Header), name) if !is_token(name) => self.closed(
                        at,
                        "the name of this API key cannot be that of a header",
                        "use letters, digits and `-` alone",
                    ),
                    (Some(place), name) => SchemeKind::ApiKey(place, name.to_owned()),
                }
            }
            "http" => match word("scheme").to_ascii_lowercase().as_str() {
                "basic" => SchemeKind::Basic,
                "bearer" => SchemeKind::Bearer,
                scheme if is_token(scheme) => SchemeKind::Http(scheme.to_owned()),
                _ => self.closed(
                    at,
                    "this is not the name of an HTTP authentication scheme",
                    "write `scheme: basic` or `scheme: bearer`",
                ),
            },
            "oauth2" | "openidconnect" => SchemeKind::Bearer,
            "mutualtls" => SchemeKind::ClientCertificate,
            "basic" => {
                self.understood(at, "http", "basic");
                SchemeKind::Basic
            }
            "bearer" => {
                self.understood(at, "http", "bearer");
                SchemeKind::Bearer
            }
            _ => self.closed(
                at,
                "a security scheme of an unknown type",
                "write apiKey, http, oauth2, openIdConnect or mutualTLS",
            ),
        }
    }

    /// What cannot be understood lets nobody in.
    fn closed(&mut self, at: &At<'d>, what: &str, help: &str) -> SchemeKind {
        self.report(
            Diagnostic::warning(
                "unusable-security-scheme",
                format!("{what}; nobody passes it"),
            )
            .at(at.location())
            .help(help),
        );
        SchemeKind::Undeclared
    }

    /// Another standard's words.
    fn understood(&mut self, at: &At<'d>, ty: &str, scheme: &str) {
        self.report(
            Diagnostic::warning(
                "foreign-security-type",
                format!("`{scheme}` is a scheme of type {ty}, not a type"),
            )
            .at(at
                .get("type")
                .map_or_else(|| at.location(), |at| at.location()))
            .help(format!(
                "write `type: {ty}` and `scheme: {scheme}`; it is read as if that were there"
            )),
        );
    }

    /// Everything that was asked for, named.
    pub(super) fn security_schemes(&mut self) -> Vec<SecurityScheme> {
        let mut methods = names::Taken::default();
        std::mem::take(&mut self.schemes.used)
            .into_iter()
            .map(|(name, (kind, doc))| SecurityScheme {
                rust_name: methods.claim(names::field_name(&name)),
                kind,
                doc,
                name,
            })
            .collect()
    }
}

/// Whether HTTP takes a text as a name (RFC 9110, 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
