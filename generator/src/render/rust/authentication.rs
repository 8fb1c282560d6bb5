//! `src/authentication.rs`: where the person says who is let in. Nobody is, to begin with.

use super::{layout, security};
use crate::ir::{SecurityScheme, Service};

/// The file as it is born, laid out as rustfmt would.
pub(super) fn file(service: &Service) -> String {
    let mut names = security::credentials(&service.security);
    names.extend(["AuthError", "RequestContext"]);
    let methods: Vec<String> = service.security.iter().filter_map(method).collect();
    let imports = layout::import("failsafe_runtime::service", &names);
    let methods = methods.join("\n");
    format!("{WORDS}\n{imports}{CALLER}{methods}}}\n")
}

const WORDS: &str = "\
//! Who may call the service: one method for each security scheme of the document.
//!
//! Nobody may until these methods are written. A method that knows a caller says so:
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

impl Authentication for App {
    type Identity = Caller;

";

fn method(scheme: &SecurityScheme) -> Option<String> {
    let credential = security::credential(&scheme.kind)?;
    Some(format!(
        "    async fn {}(\n        \
         &self,\n        \
         _ctx: &RequestContext,\n        \
         _credential: {credential},\n        \
         _scopes: &[&str],\n    \
         ) -> Result<Caller, AuthError> {{\n        \
         Err(AuthError::Unauthorized)\n    \
         }}\n",
        scheme.rust_name
    ))
}
