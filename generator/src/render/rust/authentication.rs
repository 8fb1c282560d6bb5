//! `src/authentication.rs`: where the person says who is let in. Nobody is, to begin with; with
//! examples for handlers, whoever shows the example of a credential.

use super::{layout, security};
use crate::{
    ir::{SchemeKind, SecurityScheme, Service},
    options::Stubs,
};

/// The file as it is born, laid out as rustfmt would.
pub(super) fn file(service: &Service, stubs: Stubs) -> String {
    let mut names = security::credentials(&service.security);
    names.extend(["AuthError", "RequestContext"]);
    let schemes = service.security.iter();
    let methods = schemes.filter_map(|scheme| method(scheme, stubs));
    let methods: Vec<String> = methods.collect();
    let (words, example) = match stubs {
        Stubs::Todo => (NOBODY, ""),
        Stubs::Example => (SOMEBODY, EXAMPLE),
    };
    let words = WORDS.replace("WHO", words);
    let imports = layout::import("failsafe_runtime::service", &names);
    let methods = methods.join("\n");
    format!("{words}\n{imports}{CALLER}{example}{IMPL}{methods}}}\n")
}

const NOBODY: &str =
    "Nobody may until these methods are written. A method that knows a caller says so:";

const SOMEBODY: &str = "\
Until these methods are written, a key or a token that is `example` is let in, and so is the user
//! `example` with that password. Everybody knows them: write the methods before strangers call. One
//! that knows a caller says so:";

const WORDS: &str = "\
//! Who may call the service: one method for each security scheme of the document.
//!
//! WHO
//!
//! ```ignore
//! match self.users.find(&credential) {
//!     Some(user) if user.may(scopes) => Ok(Caller { name: user.name }),
//!     Some(_) => Err(AuthError::Forbidden),
//!     None => Err(AuthError::Unauthorized),
//! }
//! ```
//!
//! Secrets are compared by `Secret::matches`, whose time does not tell how near a guess was.
";

const CALLER: &str = "
use crate::App;
use crate::generated::security::Authentication;

/// What is known about a caller. Handlers ask for it by `ctx.identity::<Caller>()`.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is.
    pub name: String,
}
";

const EXAMPLE: &str = "
/// The credential that is let in for want of a better one.
const EXAMPLE: &str = \"example\";

/// Whoever shows it.
fn example(is_shown: bool) -> Result<Caller, AuthError> {
    match is_shown {
        true => Ok(Caller {
            name: EXAMPLE.to_owned(),
        }),
        false => Err(AuthError::Unauthorized),
    }
}
";

const IMPL: &str = "
impl Authentication for App {
    type Identity = Caller;

";

fn method(scheme: &SecurityScheme, stubs: Stubs) -> Option<String> {
    let credential = security::credential(&scheme.kind)?;
    let (argument, answer) = match stubs {
        Stubs::Todo => ("_credential", "Err(AuthError::Unauthorized)".to_owned()),
        Stubs::Example => ("credential", format!("example({})", shown(&scheme.kind))),
    };
    Some(format!(
        "    async fn {}(\n        \
         &self,\n        \
         _ctx: &RequestContext,\n        \
         {argument}: {credential},\n        \
         _scopes: &[&str],\n    \
         ) -> Result<Caller, AuthError> {{\n        \
         {answer}\n    \
         }}\n",
        scheme.rust_name
    ))
}

/// Whether the credential is the example.
fn shown(kind: &SchemeKind) -> &'static str {
    match kind {
        SchemeKind::ApiKey(..) => "credential.key.matches(EXAMPLE)",
        SchemeKind::Basic => "credential.user == EXAMPLE && credential.password.matches(EXAMPLE)",
        SchemeKind::Bearer => "credential.token.matches(EXAMPLE)",
        SchemeKind::Http(_) => "credential.parameters.matches(EXAMPLE)",
        SchemeKind::ClientCertificate => {
            "credential.header(\"x-forwarded-client-cert\") == Some(EXAMPLE)"
        }
        SchemeKind::Undeclared => "false",
    }
}
