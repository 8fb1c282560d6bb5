//! Configurations as JSON, for those who change them from outside.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::ConfigError;
use crate::core::Config;

/// Pairs of keys that say a thing in two ways; see [`Config::DISPLACED`].
type Displaced = &'static [(&'static str, &'static str)];

/// Keys that are no part of a running configuration, and why; see [`Config::FIXED`].
#[cfg(feature = "overrides")]
type Fixed = &'static [(&'static str, &'static str)];

/// The configuration with the keys of the document; of two that say the same, the one in force.
pub(crate) fn written<C: Config + Serialize>(config: &C) -> Value {
    let mut keys = whole(config);
    for (key, displaced) in C::DISPLACED {
        if is_given(&keys, key) {
            keys.remove(*displaced);
        }
    }
    Value::Object(keys)
}

/// The configuration with these keys in place of its own.
pub(crate) fn patched<C: Config + Serialize + DeserializeOwned>(
    config: &C,
    keys: &Map<String, Value>,
) -> Result<C, ConfigError> {
    if let Some((key, why)) = C::FIXED.iter().find(|(key, _)| keys.contains_key(*key)) {
        return Err(ConfigError::Fixed { key, why });
    }
    let all = combined(whole(config), keys, C::DISPLACED)?;
    serde_json::from_value(all).map_err(|error| ConfigError::Unreadable(error.to_string()))
}

/// All keys that the configuration has.
fn whole<C: Serialize>(config: &C) -> Map<String, Value> {
    match serde_json::to_value(config) {
        Ok(Value::Object(keys)) => keys,
        _ => unreachable!("a configuration is a struct of numbers, texts and lists of them"),
    }
}

/// All keys with these in place of those that stand there, or that say the same.
fn combined(
    mut all: Map<String, Value>,
    keys: &Map<String, Value>,
    displaced: Displaced,
) -> Result<Value, ConfigError> {
    for (key, displaced) in displaced {
        if !is_given(keys, key) {
            continue;
        }
        if is_given(keys, displaced) {
            return Err(ConfigError::Unreadable(format!(
                "`{key}` and `{displaced}` say the same thing in two ways: leave one of them out"
            )));
        }
        all.remove(*displaced);
    }
    all.extend(keys.iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(Value::Object(all))
}

fn is_given(keys: &Map<String, Value>, key: &str) -> bool {
    match keys.get(key) {
        None | Some(Value::Null) => false,
        Some(Value::Array(list)) => !list.is_empty(),
        Some(_) => true,
    }
}

/// Everything that is wrong with these keys in place of the configuration's own.
#[cfg(feature = "overrides")]
pub(crate) fn check<C>(config: &C, keys: &Map<String, Value>) -> Result<(), Vec<ConfigError>>
where
    C: Serialize + DeserializeOwned + crate::core::Config,
{
    let rules = (C::DISPLACED, C::FIXED);
    let found = faults(&whole(config), keys, rules, &|all| {
        let config: C =
            serde_json::from_value(all).map_err(|error| Refused::Type(error.to_string()))?;
        config.validate().map_err(Refused::Range)
    });
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// Why a configuration is none.
#[cfg(feature = "overrides")]
enum Refused {
    /// It cannot be read.
    Type(String),
    /// It can be read, and a value breaks a rule.
    Range(ConfigError),
}

/// The part of [`check`] that is the same for all configurations.
#[cfg(feature = "overrides")]
fn faults(
    own: &Map<String, Value>,
    keys: &Map<String, Value>,
    (displaced, fixed): (Displaced, Fixed),
    try_on: &dyn Fn(Value) -> Result<(), Refused>,
) -> Vec<ConfigError> {
    let mut found = Vec::new();
    for (key, value) in keys {
        if let Some((key, why)) = fixed.iter().find(|(it, _)| it == key) {
            found.push(ConfigError::Fixed { key, why });
            continue;
        }
        if !own.contains_key(key) {
            let nearest = super::nearest(key, own.keys().map(String::as_str));
            found.push(ConfigError::UnknownKey {
                key: key.clone(),
                nearest: nearest.map(str::to_owned),
            });
            continue;
        }
        // One at a time: serde does not say which key a value of the wrong type stands under.
        let mut one = own.clone();
        one.insert(key.clone(), value.clone());
        if let Err(Refused::Type(problem)) = try_on(Value::Object(one)) {
            let key = key.clone();
            found.push(ConfigError::WrongValue { key, problem });
        }
    }
    if found.is_empty() {
        match combined(own.clone(), keys, displaced).map(try_on) {
            Ok(Ok(())) => {}
            Err(error) | Ok(Err(Refused::Range(error))) => found.push(error),
            Ok(Err(Refused::Type(message))) => found.push(ConfigError::Unreadable(message)),
        }
    }
    found
}
