//! What the service shows to say who it is.

use http::header::{AUTHORIZATION, InvalidHeaderValue};
use http::{HeaderName, HeaderValue};

use super::send::Client;
use crate::schema::Base64;

impl Client {
    /// Sends this header with every request: a key, for instance.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, mut value: HeaderValue) -> Client {
        // Whoever prints a request may not know that it is a secret.
        value.set_sensitive(true);
        self.headers_mut().insert(name, value);
        self
    }

    /// Sends user and password with every request (HTTP's basic authentication). The user has no
    /// colon, which would end it.
    #[must_use]
    pub fn with_basic(self, user: &str, password: &str) -> Client {
        let pair = Base64::from(format!("{user}:{password}").into_bytes());
        let value = HeaderValue::try_from(format!("Basic {pair}"));
        self.with_header(AUTHORIZATION, value.expect("base64 is visible ASCII"))
    }

    /// Sends a token with every request.
    ///
    /// # Errors
    ///
    /// When the token has letters that a header cannot have.
    pub fn with_bearer(self, token: &str) -> Result<Client, InvalidHeaderValue> {
        let value = HeaderValue::try_from(format!("Bearer {token}"))?;
        Ok(self.with_header(AUTHORIZATION, value))
    }
}
