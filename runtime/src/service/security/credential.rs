//! What a request shows to say who asks.
//!
//! Nothing here shows a secret when it is debug-printed: credentials end up in logs by accident.

use std::fmt;

use http::{Extensions, HeaderMap};

use crate::service::secrecy::same;

/// A text that is not to be seen by others.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether this is the secret that is expected, found out in a time that depends on the
    /// lengths alone: `==` returns at the first difference, and how soon it does tells an
    /// attacker how much he has guessed.
    ///
    /// ```
    /// use failsafe_runtime::service::Secret;
    ///
    /// assert!(Secret::new("s3cr3t").matches("s3cr3t"));
    /// assert!(!Secret::new("s3cr3t").matches("s3cr3d"));
    /// ```
    #[must_use]
    pub fn matches(&self, expected: &str) -> bool {
        same(self.0.as_bytes(), expected.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A key that was given to a client once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The key.
    pub key: Secret,
}

/// A token: the holder may do what the token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The token. Whether it is signed, expired or revoked is for the person's code to find out.
    pub token: Secret,
}

/// User and password of HTTP's basic authentication (RFC 7617).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basic {
    /// The user, who may have an empty name.
    pub user: String,
    /// The password, which may be empty.
    pub password: Secret,
}

/// What stands in the `Authorization` header for a scheme that is not taken apart here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// Everything behind the name of the scheme.
    pub parameters: Secret,
}

/// Where the certificate of a client can be found.
///
/// The service does not end TLS itself: what does (a proxy, a mesh) vouches for the certificate,
/// mostly in a header, or, where the router is served by other means, in an extension of the
/// request. A header is worth what the network is worth behind it: take it only where nobody but
/// that proxy reaches the service. Because it is not known where the certificate stands, the
/// person's code is asked of every request.
#[derive(Clone)]
pub struct ClientCertificate {
    pub(super) headers: HeaderMap,
    pub(super) extensions: Extensions,
}

impl ClientCertificate {
    /// A header, `X-Forwarded-Client-Cert` for instance. `None` when it is not there, is there
    /// twice, or is no text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.get_all(name).iter();
        let value = all.next().filter(|_| all.next().is_none())?;
        value.to_str().ok()
    }

    /// What the server that ended TLS left with the request.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<&T> {
        self.extensions.get()
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCertificate")
    }
}

/// A credential of any scheme.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Credential {
    /// Of an `apiKey` scheme.
    ApiKey(ApiKey),
    /// Of `http` with `basic`.
    Basic(Basic),
    /// Of `http` with `bearer`, `oauth2`, `openIdConnect`.
    Bearer(Bearer),
    /// Of `http` with any other scheme.
    Authorization(Authorization),
    /// Of `mutualTLS`.
    ClientCertificate(ClientCertificate),
}

#[cfg(feature = "cache")]
impl Credential {
    /// All of what was shown, where it is a text.
    pub(super) fn text(&self) -> Option<Vec<u8>> {
        let text = match self {
            Credential::ApiKey(it) => it.key.expose(),
            Credential::Bearer(it) => it.token.expose(),
            Credential::Authorization(it) => it.parameters.expose(),
            Credential::Basic(it) => {
                // A user has no colon in his name.
                let both = format!("{}:{}", it.user, it.password.expose());
                return Some(both.into_bytes());
            }
            Credential::ClientCertificate(_) => return None,
        };
        Some(text.as_bytes().to_vec())
    }
}
