//! Whether a request meets the `security` of its operation.

use axum::response::Response;

use super::super::call::Call;
#[cfg(feature = "cache")]
use super::super::digest;
use super::super::error::ApiError;
use super::super::routes::BoxFuture;
use super::answer;
use super::authentication::{AuthError, Login};
#[cfg(feature = "cache")]
use super::credential::Credential;
use super::find::{Found, find};
use super::identity::{Identities, Identity};
use super::scheme::{Kind, Requirement, Scheme};

/// Asks the person's code.
pub(super) type Ask<'a> =
    dyn Fn(Login) -> BoxFuture<Result<Identity, AuthError>> + Send + Sync + 'a;

/// Why an alternative was not met; what says more about the caller is greater.
#[derive(Debug)]
pub(super) enum Unmet {
    /// A credential is missing.
    Missing,
    /// A credential is malformed, or nobody is known by it.
    Refused(&'static Scheme),
    /// The caller is known, and may not.
    Forbidden(Requirement),
    /// It could not be found out.
    Failed(ApiError),
}

impl Unmet {
    fn rank(&self) -> u8 {
        match self {
            Unmet::Missing => 0,
            Unmet::Refused(_) => 1,
            Unmet::Forbidden(_) => 2,
            Unmet::Failed(_) => 3,
        }
    }
}

/// Who asks, or the answer to somebody who may not.
///
/// The call is borrowed for writing, though it is only read: a body is `Send`, not `Sync`.
///
/// Where `security` has an empty alternative, everybody who shows no credential passes without
/// an identity. Who shows a wrong one meant to be somebody, and is told that he is not.
pub(super) async fn check(
    call: &mut Call,
    realm: &str,
    ask: &Ask<'_>,
) -> Result<Identities, Response> {
    let mut unmet = Unmet::Missing;
    let alternatives = call.context.operation.security;
    for requirement in alternatives.iter().filter(|it| !it.is_empty()) {
        match meet(requirement, call, ask).await {
            Ok(identities) => return Ok(identities),
            Err(found) if found.rank() > unmet.rank() => unmet = found,
            Err(_) => {}
        }
    }
    let is_optional = alternatives.iter().any(|it| it.is_empty());
    match unmet {
        Unmet::Missing if is_optional => Ok(Identities::default()),
        unmet => Err(answer::refuse(call, realm, unmet)),
    }
}

async fn meet(
    requirement: Requirement,
    call: &mut Call,
    ask: &Ask<'_>,
) -> Result<Identities, Unmet> {
    // All of them are there before anybody is asked about one.
    let mut credentials = Vec::with_capacity(requirement.len());
    let mut malformed = None;
    for (scheme, scopes) in requirement {
        match find(scheme, call) {
            Found::Nothing => return Err(Unmet::Missing),
            Found::Malformed => malformed = Some(*scheme),
            Found::Credential(credential) => credentials.push((*scheme, *scopes, credential)),
        }
    }
    if let Some(scheme) = malformed {
        return Err(Unmet::Refused(scheme));
    }
    #[cfg(feature = "cache")]
    let shown = call
        .stack
        .response_cache()
        .and_then(|_| shown(&credentials));
    let mut identities = Vec::with_capacity(credentials.len());
    for (scheme, scopes, credential) in credentials {
        let login = Login {
            ctx: call.context.clone(),
            scheme: scheme.name,
            credential,
            scopes,
        };
        match ask(login).await {
            Ok(identity) => identities.push((scheme.name, identity)),
            // Only the person's code knows whether there was a certificate at all.
            Err(AuthError::Unauthorized) if scheme.kind == Kind::ClientCertificate => {
                return Err(Unmet::Missing);
            }
            Err(AuthError::Unauthorized) => return Err(Unmet::Refused(scheme)),
            Err(AuthError::Forbidden) => return Err(Unmet::Forbidden(requirement)),
            Err(AuthError::Failed(error)) => return Err(Unmet::Failed(error)),
        }
    }
    let identities = Identities::new(identities);
    #[cfg(feature = "cache")]
    let identities = identities.with_shown(shown);
    Ok(identities)
}

/// Digests of everything that was shown, by scheme. None where something is not a text: nobody
/// but the person's code knows what such a caller is told by.
#[cfg(feature = "cache")]
fn shown(credentials: &[Shown]) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    for (scheme, _, credential) in credentials {
        all.extend_from_slice(&digest::of(scheme.name.as_bytes()));
        all.extend_from_slice(&digest::of(&credential.text()?));
    }
    Some(all)
}

/// A credential, its scheme, and what is asked of who shows it.
#[cfg(feature = "cache")]
type Shown = (&'static Scheme, &'static [&'static str], Credential);
