//! Configurations as JSON, for those who change them from outside.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::ConfigError;

pub(crate) fn written<C: Serialize>(config: &C) -> Value {
    serde_json::to_value(config).expect("a configuration is numbers, texts and lists of them")
}

/// The configuration with these keys in place of its own.
pub(crate) fn patched<C: Serialize + DeserializeOwned>(
    config: &C,
    keys: &Map<String, Value>,
) -> Result<C, ConfigError> {
    let mut all = written(config);
    if let Value::Object(all) = &mut all {
        all.extend(keys.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    serde_json::from_value(all).map_err(|error| ConfigError::Unreadable(error.to_string()))
}

/// Everything that is wrong with these keys in place of the configuration's own.
#[cfg(feature = "overrides")]
pub(crate) fn check<C>(config: &C, keys: &Map<String, Value>) -> Result<(), Vec<ConfigError>>
where
    C: Serialize + DeserializeOwned + crate::core::Config,
{
    let Value::Object(own) = written(config) else {
        unreachable!("a configuration has keys");
    };
    let found = faults(&own, keys, &|all| {
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
    try_on: &dyn Fn(Value) -> Result<(), Refused>,
) -> Vec<ConfigError> {
    let mut found = Vec::new();
    for (key, value) in keys {
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
        let mut all = own.clone();
        all.extend(keys.iter().map(|(key, value)| (key.clone(), value.clone())));
        match try_on(Value::Object(all)) {
            Ok(()) => {}
            Err(Refused::Range(error)) => found.push(error),
            Err(Refused::Type(message)) => found.push(ConfigError::Unreadable(message)),
        }
    }
    found
}
