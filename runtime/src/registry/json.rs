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
