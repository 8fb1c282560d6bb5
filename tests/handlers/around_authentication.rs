//! Everybody is who his token says.

use failsafe_runtime::service::{AuthError, Bearer, RequestContext};

use crate::App;
use crate::generated::security::Authentication;

/// What is known about a caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is.
    pub name: String,
}

impl Authentication for App {
    type Identity = Caller;

    async fn token(
        &self,
        _ctx: &RequestContext,
        credential: Bearer,
        _scopes: &[&str],
    ) -> Result<Caller, AuthError> {
        match credential.token.expose() {
            "nobody" => Err(AuthError::Unauthorized),
            name => Ok(Caller {
                name: name.to_owned(),
            }),
        }
    }
}
