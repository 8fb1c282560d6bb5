use crate::{ConfigError, Exceptions, Mode};

/// Which failures are answered with something else.
///
/// With what they are answered is no configuration but code: the document's `status` and `body`,
/// `handler` and `stale` are part of what a service is generated from.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct FallbackConfig {
    /// The failures that are answered with something else. Default: all.
    pub on: Exceptions,
    /// Whether the fallback acts. In shadow, failures are passed on; what would have been answered
    /// with something else is counted.
    pub mode: Mode,
}

impl FallbackConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// Never: everything that can be written is in range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        Ok(())
    }
}
