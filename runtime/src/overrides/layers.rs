//! The values of one pattern, layer by layer.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Change, Keys, has_own_switch, id_of};
use crate::registry::{Occurrence, Pattern};
use crate::{ConfigError, Patterns};

/// The key that switches any pattern off and on.
pub(super) const ENABLED: &str = "enabled";

/// Where a value comes from that is not the document's.
#[cfg(feature = "controlplane")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    File,
    Live,
}

#[cfg(feature = "controlplane")]
impl Source {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Source::File => "file",
            Source::Live => "live",
        }
    }
}

/// Each layer wins over those before it.
#[derive(Debug)]
pub(super) struct Layers {
    document: Keys,
    pub(super) file: Keys,
    pub(super) live: Keys,
}

impl Layers {
    pub(super) fn of(pattern: &dyn Pattern) -> Layers {
        Layers {
            document: current(pattern),
            file: Keys::new(),
            live: Keys::new(),
        }
    }

    /// What the document comes to below these.
    pub(super) fn with(&self, file: &Keys, live: &Keys) -> Keys {
        let mut keys = self.document.clone();
        lay(&mut keys, file);
        lay(&mut keys, live);
        keys
    }

    #[cfg(feature = "controlplane")]
    pub(super) fn sources(&self) -> BTreeMap<String, Source> {
        let from = |keys: &Keys, source| {
            let keys = keys.keys().cloned();
            keys.map(move |key| (key, source)).collect::<Vec<_>>()
        };
        let file = from(&self.file, Source::File);
        file.into_iter()
            .chain(from(&self.live, Source::Live))
            .collect()
    }
}

/// A rate limit's rate is said in one of two ways, and that which is said above counts.
const RATE: &str = "limit";
const SPELLED_RATE: [&str; 2] = ["max_executions", "per_time_secs"];

/// Puts values above others.
pub(super) fn lay(below: &mut Keys, above: &Keys) {
    let is_spelled = SPELLED_RATE.iter().any(|key| above.contains_key(*key));
    if above.contains_key(RATE) {
        SPELLED_RATE.iter().for_each(|key| drop(below.remove(*key)));
    } else if is_spelled && below.contains_key(RATE) {
        below.insert(RATE.to_owned(), Value::Array(Vec::new()));
    }
    below.extend(
        above
            .iter()
            .map(|(key, value)| (key.clone(), value.clone())),
    );
}

/// The values in force.
pub(super) fn current(pattern: &dyn Pattern) -> Keys {
    let mut keys = match pattern.config_json() {
        Value::Object(keys) => keys,
        _ => Keys::new(),
    };
    if !has_own_switch(pattern.kind()) {
        keys.insert(ENABLED.to_owned(), pattern.is_enabled().into());
    }
    keys
}

/// The switch, and the keys of the configuration.
fn apart(pattern: &dyn Pattern, keys: &Keys) -> (Option<Value>, Keys) {
    let mut keys = keys.clone();
    if has_own_switch(pattern.kind()) {
        return (None, keys);
    }
    (keys.remove(ENABLED), keys)
}

/// Looks for everything that is wrong with values.
pub(super) fn checked(pattern: &dyn Pattern, keys: &Keys) -> Result<(), Vec<ConfigError>> {
    let (switch, keys) = apart(pattern, keys);
    let mut faults = pattern.check_json(&keys).err().unwrap_or_default();
    if let Some(value) = switch.filter(|value| !value.is_boolean()) {
        faults.push(ConfigError::WrongValue {
            key: ENABLED.to_owned(),
            problem: format!("must be true or false, not {value}"),
        });
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// Has a pattern work by values that were checked, and tells what became of them.
pub(super) fn enforce(patterns: &Patterns, pattern: &dyn Pattern, keys: &Keys) -> Change {
    let before = current(pattern);
    let (switch, keys) = apart(pattern, keys);
    if let Err(error) = pattern.reconfigure_json(&keys) {
        // They were checked under the same lock.
        tracing::error!(
            pattern = pattern.kind().as_str(),
            name = pattern.name(),
            %error,
            "checked values were refused"
        );
    }
    if let Some(on) = switch.as_ref().and_then(Value::as_bool)
        && on != pattern.is_enabled()
    {
        pattern.set_enabled(on);
    }
    let after = current(pattern);
    let mut changed = BTreeMap::new();
    for (key, to) in after {
        let from = before.get(&key).cloned().unwrap_or_default();
        if from != to {
            changed.insert(key, (from, to));
        }
    }
    if let Some((_, to)) = changed.get(ENABLED) {
        let enabled = *to == Value::Bool(true);
        patterns.announce(pattern, Occurrence::Switched { enabled });
    }
    if changed.keys().any(|key| key != ENABLED) {
        patterns.announce(pattern, Occurrence::Reconfigured);
    }
    Change {
        id: id_of(pattern),
        changed,
    }
}
