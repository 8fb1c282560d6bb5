//! Who has been recognised.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// What the person's code knows of a caller, of a type of its own. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<dyn Any + Send + Sync>);

impl Identity {
    /// Keeps what is known.
    #[must_use]
    pub fn new<T: Send + Sync + 'static>(known: T) -> Identity {
        Identity(Arc::new(known))
    }

    /// What is known, as the type that it was made from.
    #[must_use]
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a person knows of his callers is not for logs.
        f.write_str("Identity")
    }
}

/// The identities of the alternative that was met, by the names of their schemes. Without any,
/// somebody whom nobody has asked who he is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identities {
    all: Arc<[(&'static str, Identity)]>,
    /// What tells the caller from others: a digest of what he has shown.
    #[cfg(feature = "cache")]
    shown: Option<Arc<[u8]>>,
}

impl Identities {
    pub(super) fn new(all: Vec<(&'static str, Identity)>) -> Identities {
        Identities {
            all: all.into(),
            #[cfg(feature = "cache")]
            shown: None,
        }
    }

    #[cfg(feature = "cache")]
    pub(super) fn with_shown(mut self, shown: Option<Vec<u8>>) -> Identities {
        self.shown = shown.map(Arc::from);
        self
    }

    /// What tells the caller from others; nothing does where a credential is not a text.
    #[cfg(feature = "cache")]
    pub(crate) fn key(&self) -> Option<&[u8]> {
        match self.all.is_empty() {
            true => Some(&[]),
            false => self.shown.as_deref(),
        }
    }

    pub(crate) fn first(&self) -> Option<&Identity> {
        self.all.first().map(|(_, identity)| identity)
    }

    pub(crate) fn of(&self, scheme: &str) -> Option<&Identity> {
        let mut all = self.all.iter();
        all.find(|(name, _)| *name == scheme)
            .map(|(_, identity)| identity)
    }
}
