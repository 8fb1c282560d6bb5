//! The one who is told of a pattern's events.

use std::fmt;
use std::sync::OnceLock;

/// A place for one listener, a function of some event.
///
/// Events are rare, and made only when somebody listens.
pub(crate) struct Listener<F: ?Sized>(OnceLock<Box<F>>);

impl<F: ?Sized> Listener<F> {
    /// Whether the listener found the place free.
    pub(crate) fn set(&self, listener: Box<F>) -> bool {
        self.0.set(listener).is_ok()
    }

    pub(crate) fn get(&self) -> Option<&F> {
        self.0.get().map(|listener| &**listener)
    }
}

impl<F: ?Sized> Default for Listener<F> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<F: ?Sized> fmt::Debug for Listener<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listener")
            .field(&self.get().is_some())
            .finish()
    }
}
