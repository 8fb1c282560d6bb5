//! What stands between the rate limit and the endpoint of a secured operation.

use std::sync::Arc;

use axum::response::Response;

use super::super::call::Call;
use super::super::routes::Endpoint;
use super::authentication::{AuthError, Authenticate};
use super::check::check;

/// Who is asked about credentials, and what they are good for.
pub(crate) struct Guard<A> {
    realm: &'static str,
    authenticate: Authenticate<A>,
}

impl<A> Clone for Guard<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Guard<A> {}

impl<A> Guard<A> {
    pub(crate) fn new(realm: &'static str, authenticate: Authenticate<A>) -> Guard<A> {
        Guard {
            realm,
            authenticate,
        }
    }

    /// Knows nobody.
    pub(crate) fn closed() -> Guard<A> {
        Guard::new("", |_, _| {
            Box::pin(std::future::ready(Err(AuthError::Unauthorized)))
        })
    }
}

impl<A: Send + Sync + 'static> Guard<A> {
    /// The endpoint's answer to whom the operation is open for.
    pub(crate) async fn answer(
        self,
        app: Arc<A>,
        endpoint: Endpoint<A>,
        mut call: Call,
    ) -> Response {
        let ask = |login| (self.authenticate)(Arc::clone(&app), login);
        match check(&mut call, self.realm, &ask).await {
            Ok(identities) => {
                call.context.identities = identities;
                endpoint.answer(app, call).await
            }
            Err(response) => response,
        }
    }
}
