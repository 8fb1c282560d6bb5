//! The one question to the person's code: whose credential is this, and may he?

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::super::context::RequestContext;
use super::super::error::ApiError;
use super::super::routes::BoxFuture;
use super::credential::Credential;
use super::identity::Identity;

/// The generated function that calls the method of a scheme: one for the whole service.
pub type Authenticate<A> = fn(Arc<A>, Login) -> BoxFuture<Result<Identity, AuthError>>;

/// A credential that has to be judged.
#[derive(Debug)]
pub struct Login {
    /// The circumstances of the request.
    pub ctx: RequestContext,
    /// The scheme's name in the document.
    pub scheme: &'static str,
    /// What the request shows.
    pub credential: Credential,
    /// What the operation asks of the caller.
    pub scopes: &'static [&'static str],
}

/// Why a credential does not open an operation.
///
/// Any other error turns into [`Failed`](AuthError::Failed) with `?`, so that a database which is
/// down is not answered with 401.
///
/// ```
/// use failsafe_runtime::service::{AuthError, Bearer};
///
/// struct User { scopes: Vec<String> }
///
/// fn judge(user: Option<User>, scopes: &[&str]) -> Result<User, AuthError> {
///     let user = user.ok_or(AuthError::Unauthorized)?;
///     let may = |scope: &&str| user.scopes.iter().any(|has| has == scope);
///     if !scopes.iter().all(may) {
///         return Err(AuthError::Forbidden);
///     }
///     Ok(user)
/// }
/// # assert!(judge(None, &[]).is_err());
/// ```
#[derive(Debug)]
pub enum AuthError {
    /// Nobody is known by it, or no longer: 401.
    Unauthorized,
    /// Somebody is known, who may not: 403.
    Forbidden,
    /// It could not be found out: 500, 502 or 504, as a handler's error would be.
    Failed(ApiError),
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuthError::Unauthorized => f.write_str("unauthorized"),
            AuthError::Forbidden => f.write_str("forbidden"),
            AuthError::Failed(error) => error.fmt(f),
        }
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for AuthError {
    fn from(error: E) -> AuthError {
        AuthError::Failed(error.into())
    }
}
