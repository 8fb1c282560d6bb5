//! One reading of all patterns for one collection.
//!
//! The SDK asks each instrument on its own. A reading is kept for the moment that this takes, so
//! that a collection reads each pattern once, not once for each of its metrics.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Patterns;
use crate::registry::{PatternKind, PatternSnapshot, Snapshot};

/// Longer than a collection takes, shorter than the time between two.
const FRESH: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Reading {
    patterns: Arc<Patterns>,
    last: Mutex<Option<(Instant, Arc<Snapshot>)>>,
}

impl Reading {
    pub(super) fn new(patterns: Arc<Patterns>) -> Reading {
        Reading {
            patterns,
            last: Mutex::default(),
        }
    }

    /// All patterns as they are, or as they were a moment ago.
    pub(super) fn now(&self) -> Arc<Snapshot> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((at, snapshot)) if at.elapsed() < FRESH => Arc::clone(snapshot),
            _ => {
                let snapshot = Arc::new(self.patterns.snapshot());
                *last = Some((Instant::now(), Arc::clone(&snapshot)));
                snapshot
            }
        }
    }

    /// All patterns as they are, with those that came into being a moment ago.
    pub(super) fn anew(&self) -> Arc<Snapshot> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.now()
    }

    /// Looks at one pattern.
    pub(super) fn of(&self, kind: PatternKind, name: &str, look: impl FnOnce(&PatternSnapshot)) {
        let snapshot = self.now();
        // They are in order, and each of thousands of instruments asks.
        let place = snapshot
            .patterns
            .binary_search_by(|pattern| (pattern.kind, pattern.name.as_str()).cmp(&(kind, name)));
        if let Ok(place) = place {
            look(&snapshot.patterns[place]);
        }
    }
}
