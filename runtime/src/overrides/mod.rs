//! What stands above the document while a service runs: the operator's file, and above that what
//! was changed live.
//!
//! The layers are kept, not only what they come to. A value that leaves the file goes back to what
//! the document says, and one that leaves both was never lost.

mod layers;
#[cfg(test)]
#[cfg(all(feature = "config-file", feature = "controlplane"))]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

#[cfg(feature = "controlplane")]
pub(crate) use self::layers::Source;
use self::layers::{Layers, checked, enforce};
#[cfg(feature = "controlplane")]
use self::layers::{current, lay};
use crate::registry::{Pattern, PatternKind};
use crate::{ConfigError, Patterns};

/// Keys of a configuration with their values, and `enabled`.
pub(crate) type Keys = Map<String, Value>;

/// One pattern.
pub(crate) type Id = (PatternKind, String);

/// The layers above every pattern of a service.
#[derive(Debug)]
pub(crate) struct Overrides {
    patterns: Arc<Patterns>,
    /// Locked for as long as a change takes, so that changes come one after the other.
    layers: Mutex<BTreeMap<Id, Layers>>,
}

/// What became of a pattern's values.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) id: Id,
    /// Each value that is another one, before and after.
    pub(crate) changed: BTreeMap<String, (Value, Value)>,
}

/// Why values were not taken.
#[cfg(feature = "controlplane")]
#[derive(Debug, PartialEq)]
pub(crate) enum Refused {
    /// There is no pattern of this type and name.
    NoSuchPattern,
    /// Something is wrong with them.
    Faults(Vec<ConfigError>),
}

impl Overrides {
    /// Takes what the patterns are now for what the document says.
    pub(crate) fn new(patterns: Arc<Patterns>) -> Overrides {
        let all = patterns.all();
        let layers = all
            .iter()
            .map(|pattern| (id_of(&**pattern), Layers::of(&**pattern)))
            .collect();
        Overrides {
            patterns,
            layers: Mutex::new(layers),
        }
    }

    pub(crate) fn patterns(&self) -> &Patterns {
        &self.patterns
    }

    /// The values in force, and where those come from that are not the document's.
    #[cfg(feature = "controlplane")]
    pub(crate) fn values(&self, pattern: &dyn Pattern) -> (Keys, BTreeMap<String, Source>) {
        let layers = self.lock();
        let sources = layers.get(&id_of(pattern)).map(Layers::sources);
        (current(pattern), sources.unwrap_or_default())
    }

    /// Changes some values of a pattern live.
    ///
    /// # Errors
    ///
    /// When there is no such pattern, or something is wrong with a value. Then nothing changes.
    #[cfg(feature = "controlplane")]
    pub(crate) fn put(
        &self,
        kind: PatternKind,
        name: &str,
        keys: &Keys,
    ) -> Result<Change, Refused> {
        self.change_live(kind, name, |live| lay(live, keys))
    }

    /// Takes back those live changes of a pattern that `which` picks.
    ///
    /// # Errors
    ///
    /// When there is no such pattern, or what stands below no longer goes together.
    #[cfg(feature = "controlplane")]
    pub(crate) fn take_back(
        &self,
        kind: PatternKind,
        name: &str,
        which: impl Fn(&str, &Value) -> bool,
    ) -> Result<Change, Refused> {
        self.change_live(kind, name, |live| {
            live.retain(|key, value| !which(key, value));
        })
    }

    #[cfg(feature = "controlplane")]
    fn change_live(
        &self,
        kind: PatternKind,
        name: &str,
        change: impl FnOnce(&mut Keys),
    ) -> Result<Change, Refused> {
        let pattern = self.patterns.get(kind, name);
        let pattern = pattern.ok_or(Refused::NoSuchPattern)?;
        let mut layers = self.lock();
        let layers = layers
            .entry((kind, name.to_owned()))
            .or_insert_with(|| Layers::of(&*pattern));
        let mut live = layers.live.clone();
        change(&mut live);
        let keys = layers.with(&layers.file, &live);
        checked(&*pattern, &keys).map_err(Refused::Faults)?;
        layers.live = live;
        Ok(enforce(&self.patterns, &*pattern, &keys))
    }

    /// Replaces what the file says, all of it or, when anything is wrong or it is not to
    /// be taken, nothing.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, with the pattern that it is wrong for.
    #[cfg(feature = "config-file")]
    pub(crate) fn set_file(
        &self,
        mut file: BTreeMap<Id, Keys>,
        is_taken: bool,
    ) -> Result<Vec<Change>, Vec<(Id, ConfigError)>> {
        let all = self.patterns.all();
        let mut layers = self.lock();
        let mut wrong = Vec::new();
        let mut plan = Vec::new();
        for pattern in &all {
            let id = id_of(&**pattern);
            let said = file.remove(&id).unwrap_or_default();
            let layers = layers
                .entry(id.clone())
                .or_insert_with(|| Layers::of(&**pattern));
            // Whoever is not spoken of anew is left alone.
            if said == layers.file {
                continue;
            }
            let keys = layers.with(&said, &layers.live);
            match checked(&**pattern, &keys) {
                Ok(()) => plan.push((id, pattern, said, keys)),
                Err(faults) => wrong.extend(faults.into_iter().map(|it| (id.clone(), it))),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        if !is_taken {
            return Ok(Vec::new());
        }
        let mut changes = Vec::new();
        for (id, pattern, said, keys) in plan {
            if let Some(layers) = layers.get_mut(&id) {
                layers.file = said;
            }
            let change = enforce(&self.patterns, &**pattern, &keys);
            if !change.changed.is_empty() {
                changes.push(change);
            }
        }
        Ok(changes)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Id, Layers>> {
        self.layers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn id_of(pattern: &dyn Pattern) -> Id {
    (pattern.kind(), pattern.name().to_owned())
}

/// Whether a pattern's switch is a value of its configuration anyway.
fn has_own_switch(kind: PatternKind) -> bool {
    kind == PatternKind::FeatureToggle
}

impl Change {
    /// Who changed what, for the log.
    pub(crate) fn log(&self, by: &str) {
        let (kind, name) = &self.id;
        for (key, (from, to)) in &self.changed {
            tracing::info!(
                pattern = kind.as_str(),
                name,
                key,
                %from,
                %to,
                by,
                "pattern changed"
            );
        }
    }
}
