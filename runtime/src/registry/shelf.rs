use std::any::Any;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Events, Pattern, PatternKind};
use crate::ConfigError;

/// All patterns by type and name.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<BTreeMap<(PatternKind, String), Arc<dyn Pattern>>>);

impl Shelf {
    /// The pattern of this name, which must have this configuration; made if there is none.
    pub(super) fn get_or_create<P: Pattern, C: PartialEq>(
        &self,
        kind: PatternKind,
        name: &str,
        events: &Events,
        config: C,
        config_of: impl FnOnce(&P) -> C,
        create: impl FnOnce(C) -> Result<P, ConfigError>,
    ) -> Result<Arc<P>, ConfigError> {
        match self.lock().entry((kind, name.to_owned())) {
            Entry::Occupied(entry) => {
                let existing: Arc<dyn Any + Send + Sync> = Arc::clone(entry.get()) as _;
                existing
                    .downcast()
                    .ok()
                    .filter(|existing| config_of(existing) == config)
                    .ok_or_else(|| ConfigError::Conflict {
                        pattern: kind.as_str(),
                        name: name.to_owned(),
                    })
            }
            Entry::Vacant(entry) => {
                let created = Arc::new(create(config)?);
                created.report_to(events.clone());
                entry.insert(Arc::clone(&created) as _);
                Ok(created)
            }
        }
    }

    pub(super) fn get(&self, kind: PatternKind, name: &str) -> Option<Arc<dyn Pattern>> {
        self.lock().get(&(kind, name.to_owned())).cloned()
    }

    /// All of them by type and name. The shelf is not kept locked while they are looked at.
    pub(super) fn all(&self) -> Vec<Arc<dyn Pattern>> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(PatternKind, String), Arc<dyn Pattern>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
