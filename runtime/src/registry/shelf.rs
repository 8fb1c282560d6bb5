use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::PatternKind;
use crate::ConfigError;

/// The patterns of one type, by name.
#[derive(Debug)]
pub(super) struct Shelf<T>(Mutex<BTreeMap<String, Arc<T>>>);

impl<T> Shelf<T> {
    /// The pattern of this name, which must have this configuration; made if there is none.
    pub(super) fn get_or_create<C: PartialEq>(
        &self,
        kind: PatternKind,
        name: &str,
        config: C,
        config_of: impl FnOnce(&T) -> C,
        create: impl FnOnce(C) -> Result<T, ConfigError>,
    ) -> Result<Arc<T>, ConfigError> {
        let mut shelf = self.lock();
        if let Some(existing) = shelf.get(name) {
            return if config_of(existing) == config {
                Ok(Arc::clone(existing))
            } else {
                Err(ConfigError::Conflict {
                    pattern: kind.as_str(),
                    name: name.to_owned(),
                })
            };
        }
        let created = Arc::new(create(config)?);
        shelf.insert(name.to_owned(), Arc::clone(&created));
        Ok(created)
    }

    /// All of them by name. The shelf is not kept locked while they are looked at.
    pub(super) fn all(&self) -> Vec<Arc<T>> {
        self.lock().values().cloned().collect()
    }

    /// The names of all of them.
    pub(super) fn names(&self, kind: PatternKind) -> Vec<(PatternKind, String)> {
        self.lock()
            .keys()
            .map(|name| (kind, name.clone()))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}
