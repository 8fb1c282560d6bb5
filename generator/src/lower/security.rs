//! `security`: what an operation asks of its callers.
//!
//! Whatever is unclear about a scheme closes the operations that use it: a mistake in a document
//! must never open what its author meant to guard.

use indexmap::IndexMap;

use super::{Lowering, names};
use crate::{
    diagnostic::{Diagnostic, nearest},
    ir::{Api, Need, Pattern, Place, Policy, Requirement, SchemeKind, SecurityScheme},
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
        let Some(at) = own.or_else(|| self.root.get("security").filter(|at| !at.is_null())) else {
            return Vec::new();
        };
        let alternatives: Vec<Requirement> = if at.is_array() {
            at.items().map(|at| self.requirement(&at)).collect()
        } else if at.is_object() {
            self.report(
                Diagnostic::warning("security-not-a-list", "`security` is a list")
                    .at(at.location())
                    .help(
                        "write `- ` before the name of the scheme; it is read as if it were there",
                    ),
            );
            vec![self.requirement(&at)]
        } else {
            vec![self.nobody(&at, "`security` is a list")]
        };
        // Where nothing is asked for, there is nothing to look up.
        match alternatives.iter().all(|it| it.all.is_empty()) {
            true => Vec::new(),
            false => alternatives,
        }
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
            return self.nobody(at, "an alternative names schemes");
        }
        let mut all = Vec::new();
        for (name, scopes) in at.entries() {
            let scheme = self.scheme(name, &scopes);
            match scopes_of(&scopes) {
                Some(scopes) => all.push(Need { scheme, scopes }),
                None => return self.nobody(&scopes, "scopes are a list of texts"),
            }
        }
        Requirement { all }
    }

    /// What cannot be read is met by nobody.
    fn nobody(&mut self, at: &At<'d>, what: &str) -> Requirement {
        self.report(
            Diagnostic::warning(
                "unreadable-security",
                format!("{what}, this is {}; nobody passes it", at.kind_name()),
            )
            .at(at.location())
            .help("write `security: [{ scheme: [] }]` with the name of a security scheme"),
        );
        let unreadable = (SchemeKind::Undeclared, None);
        // No scheme is called like this.
        let scheme = self.schemes.used.insert_full(String::new(), unreadable).0;
        Requirement {
            all: vec![Need {
                scheme,
                scopes: Vec::new(),
            }],
        }
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

    /// Looks for caches that keep nothing, as all callers show certificates: what one of these says
    /// of its owner is known to the person's code alone, and nobody is to be given what another one
    /// was told.
    pub(super) fn check_caches(&mut self, apis: &[Api]) {
        for operation in apis.iter().flat_map(|api| &api.operations) {
            let is_cache = |policy: &&Policy| matches!(policy.pattern, Pattern::Cache(_));
            let Some(cache) = operation.policies.iter().find(is_cache) else {
                continue;
            };
            let mut alternatives = operation.security.iter();
            let all = !operation.security.is_empty()
                && alternatives.all(|it| it.all.iter().any(|need| self.is_certificate(need)));
            if all {
                let words = format!(
                    "who calls `{}` shows a certificate, and what he is answered is not kept",
                    operation.id
                );
                self.report(
                    Diagnostic::warning("cache-without-effect", words)
                        .at(operation.location.clone())
                        .related(cache.location.clone(), "the cache")
                        .help(
                            "remove the cache, or keep what is the same for all callers in the \
                             handler",
                        ),
                );
            }
        }
    }

    fn is_certificate(&self, need: &Need) -> bool {
        let scheme = self.schemes.used.get_index(need.scheme);
        scheme.is_some_and(|(_, (kind, _))| *kind == SchemeKind::ClientCertificate)
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

/// The scopes of a scheme, all or none: without one of them an operation is open to more than it
/// should be.
fn scopes_of(at: &At<'_>) -> Option<Vec<String>> {
    // `- key:` is how a list without items is often written.
    if at.is_null() {
        return Some(Vec::new());
    }
    if let Some(only) = at.as_str() {
        return Some(vec![only.to_owned()]);
    }
    let scope = |item: At<'_>| {
        let text = item.as_str().map(str::to_owned);
        text.or_else(|| item.as_number().map(|number| number.text.to_string()))
    };
    let is_list = at.is_array();
    is_list.then(|| at.items().map(scope).collect())?
}

/// Whether HTTP takes a text as a name (RFC 9110, 5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use crate::{diagnostic::Diagnostics, ir::Service, lower, spec};

    /// A service whose one operation says this of its security, and what was found.
    fn lower(security: &str, schemes: &str) -> (Service, Vec<&'static str>) {
        let text = format!(
            "openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\npaths: {{ /a: {{ get: {{ {security} \
             responses: {{ '204': {{ description: fine }} }} }} }} }}\n\
             components: {{ securitySchemes: {schemes} }}\n"
        );
        let document = spec::load(&spec::Input::Stdin(text.into_bytes())).expect("reads");
        let mut found = Diagnostics::default();
        let service = lower::lower(&document, &mut found);
        let codes = found.iter().map(|found| found.code).collect();
        (service.unwrap_or_else(|| panic!("{found:?}")), codes)
    }

    /// The alternatives in words: `a[read write] & b | `.
    fn words(service: &Service) -> String {
        let operation = &service.apis[0].operations[0];
        let alternatives = operation.security.iter().map(|requirement| {
            let all = requirement.all.iter().map(|need| {
                let scheme = &service.security[need.scheme];
                format!("{:?}[{}]", scheme.kind, need.scopes.join(" "))
            });
            all.collect::<Vec<_>>().join(" & ")
        });
        alternatives.collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn what_is_asked_of_callers() {
        let schemes = "{ b: { type: http, scheme: BASIC }, o: { type: oauth2, flows: {} } }";
        for (security, expected, codes) in [
            ("", "", &[][..]),
            ("security: [],", "", &[]),
            ("security: [{}],", "", &[]),
            ("security: [{ b: [] }],", "Basic[]", &[]),
            ("security: [{ b: null }],", "Basic[]", &[]),
            (
                "security: [{ o: [r, w], b: [] }, {}],",
                "Bearer[r w] & Basic[] | ",
                &[],
            ),
            ("security: [{ o: [1] }],", "Bearer[1]", &[]),
            ("security: [b],", "Basic[]", &["security-without-scopes"]),
            ("security: { o: r },", "Bearer[r]", &["security-not-a-list"]),
            (
                "security: [{ x: [] }],",
                "Undeclared[]",
                &["unknown-security-scheme"],
            ),
            ("security: 7,", "Undeclared[]", &["unreadable-security"]),
            ("security: [7],", "Undeclared[]", &["unreadable-security"]),
            (
                "security: [{ o: [{}] }],",
                "Undeclared[]",
                &["unreadable-security"],
            ),
        ] {
            let (service, found) = lower(security, schemes);
            assert_eq!(words(&service), expected, "{security}");
            assert_eq!(found, codes, "{security}");
        }
    }

    #[test]
    fn a_cache_for_nobody_is_told() {
        let schemes = "{ t: { type: mutualTLS }, b: { type: http, scheme: bearer } }";
        let codes = &["cache-without-effect"][..];
        for (security, codes) in [
            ("security: [{ t: [] }],", codes),
            ("security: [{ t: [], b: [] }],", codes),
            // Some are known by what can be kept under.
            ("security: [{ t: [] }, { b: [] }],", &[]),
            ("security: [{ t: [] }, {}],", &[]),
            ("security: [{ b: [] }],", &[]),
            ("", &[]),
        ] {
            let (_, found) = lower(&format!("x-cache: {{}}, {security}"), schemes);
            assert_eq!(found, codes, "{security}");
        }
    }

    #[test]
    fn what_schemes_are() {
        for (scheme, expected, codes) in [
            ("{ type: mutualTLS }", "ClientCertificate[]", &[][..]),
            (
                "{ type: apikey, in: Header, name: K }",
                "ApiKey(Header, \"K\")[]",
                &[],
            ),
            ("{ type: http, scheme: Hoba }", "Http(\"hoba\")[]", &[]),
            ("{ type: basic }", "Basic[]", &["foreign-security-type"]),
            (
                "{ type: http }",
                "Undeclared[]",
                &["unusable-security-scheme"],
            ),
            (
                "{ type: apiKey, in: body, name: k }",
                "Undeclared[]",
                &["unusable-security-scheme"],
            ),
            (
                "{ type: apiKey, in: header, name: a b }",
                "Undeclared[]",
                &["unusable-security-scheme"],
            ),
            ("{}", "Undeclared[]", &["unusable-security-scheme"]),
        ] {
            let (service, found) = lower("security: [{ s: [] }],", &format!("{{ s: {scheme} }}"));
            assert_eq!(words(&service), expected, "{scheme}");
            assert_eq!(found, codes, "{scheme}");
        }
    }
}
