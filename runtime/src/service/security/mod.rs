//! Who may call an operation.
//!
//! The document says what a request has to bring: `security` lists alternatives, and each of them
//! the schemes whose credentials it takes all of. Generated code hands that over as a table
//! ([`Operation::secured_by`](super::Operation::secured_by)); what is done with it is here, once
//! for all operations:
//!
//! 1. the credentials of an alternative are looked up. Where one is missing or malformed, nobody
//!    is asked;
//! 2. the person's code is asked about each of them, through the one function that
//!    [`Routes::authentication`](super::Routes::authentication) was given;
//! 3. the first alternative that is met lets the request through, and the handler is told who
//!    asks by [`RequestContext::identity`](super::RequestContext::identity). Otherwise the answer
//!    is 401 with the challenges of all schemes, or 403 where somebody is known who may not.
//!
//! All of this happens after the rate limit and before parameters and body are read: a failed
//! login spends a token, costs no decoding, and is never a failure to the patterns around the
//! handler.

mod answer;
mod authentication;
mod basic;
mod check;
mod credential;
mod find;
mod guard;
mod identity;
mod scheme;
#[cfg(test)]
mod tests;

pub use self::authentication::{AuthError, Authenticate, Login};
pub use self::credential::{
    ApiKey, Authorization, Basic, Bearer, ClientCertificate, Credential, Secret,
};
pub(crate) use self::guard::Guard;
pub(crate) use self::identity::Identities;
pub use self::identity::Identity;
pub use self::scheme::{Requirement, Scheme};
