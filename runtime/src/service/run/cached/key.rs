//! What an answer is kept under.

use std::fmt;
use std::sync::Arc;

use http::Method;

use crate::CacheConfig;
use crate::service::call::{BodySeen, Call};

/// What an answer depends on: two requests of one key get the same answer.
///
/// That is the operation, the path, the query as it is written, the headers that the configuration
/// names, who asks (of a secured operation), what media types are wanted (where there is a choice)
/// and, of a method that has one, the body.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key(Arc<[u8]>);

impl Key {
    /// The key of a call; none when its answer is not for others.
    pub(in crate::service) fn of(call: &Call) -> Option<Key> {
        let config = call.stack.response_cache()?.settings();
        if !call.arrival.protected || !is_cached(&config, &call.parts.method) {
            return None;
        }
        let mut text = Text::default();
        let operation = call.context.operation;
        text.part(operation.id.as_bytes());
        text.part(call.parts.uri.path().as_bytes());
        text.part(call.parts.uri.query().unwrap_or_default().as_bytes());
        for name in &config.vary {
            text.headers(call, name);
        }
        // Content is negotiated among these.
        if operation.produces.len() > 1 {
            text.headers(call, "accept");
        }
        #[cfg(feature = "security")]
        if !operation.security.is_empty() {
            text.part(call.context.identities.key()?);
        }
        match call.body_seen {
            BodySeen::Nothing => {}
            BodySeen::Digest(digest) => text.part(&digest),
            #[cfg(feature = "multipart")]
            BodySeen::Stream => return None,
        }
        Some(Key(text.0.into()))
    }
}

fn is_cached(config: &CacheConfig, method: &Method) -> bool {
    let mut methods = config.methods.iter();
    methods.any(|name| name.eq_ignore_ascii_case(method.as_str()))
}

#[derive(Default)]
struct Text(Vec<u8>);

impl Text {
    /// With its length, so that no two lists of parts are the same text.
    fn part(&mut self, bytes: &[u8]) {
        self.0
            .extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn headers(&mut self, call: &Call, name: &str) {
        let values = call.parts.headers.get_all(name);
        let count = values.iter().count() as u64;
        self.0.extend_from_slice(&count.to_be_bytes());
        for value in values {
            self.part(value.as_bytes());
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It holds what clients sent.
        f.debug_struct("Key").finish_non_exhaustive()
    }
}
