//! Which client a request comes from.

/// Finds the client of a request.
///
/// Every closure `Fn(&Request) -> Option<K>` with a `K` that is text finds one.
pub trait ClientKey<Request> {
    /// The client's name.
    type Key: AsRef<str>;

    /// The client of this request, if it can be told.
    fn client(&self, request: &Request) -> Option<Self::Key>;
}

impl<F, K, Request> ClientKey<Request> for F
where
    F: Fn(&Request) -> Option<K>,
    K: AsRef<str>,
{
    type Key = K;

    fn client(&self, request: &Request) -> Option<K> {
        self(request)
    }
}

/// All requests come from the same client.
#[derive(Clone, Copy, Debug, Default)]
pub struct Everyone;

impl<Request> ClientKey<Request> for Everyone {
    type Key = &'static str;

    fn client(&self, _: &Request) -> Option<&'static str> {
        None
    }
}
