use std::time::Duration;

use crate::{ConfigError, Mode, duration};

/// The most answers that any cache may keep.
const LARGEST: u32 = 10_000_000;

/// What is kept, and for how long.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct CacheConfig {
    /// How long an answer is as good as a new one; more than 0. Default: 300 s.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
    pub ttl: Duration,
    /// The most answers that are kept; from 1 to ten million. Default: 1000.
    pub max_size: u32,
    /// The request headers that an HTTP answer depends on. Who makes the key of a request reads
    /// them; the cache does not. Default: none.
    pub vary: Vec<String>,
    /// The HTTP methods whose answers are kept. Who asks the cache reads them; the cache does
    /// not. Default: `GET` and `HEAD`.
    pub methods: Vec<String>,
    /// For so long after its `ttl` an answer is still given, while a new one is fetched in the
    /// background. By default it is not.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde::option"))]
    pub stale_while_revalidate: Option<Duration>,
    /// For so long after its `ttl` an answer is given in place of a failure. By default it is not.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde::option"))]
    pub stale_on_error: Option<Duration>,
    /// How long a failure is kept, and no new call made. By default it is not kept.
    #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde::option"))]
    pub error_ttl: Option<Duration>,
    /// Whether it acts. In shadow every call is made, and what would have been found is counted.
    pub mode: Mode,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            ttl: Duration::from_secs(300),
            max_size: 1000,
            vary: Vec::new(),
            methods: vec!["GET".to_owned(), "HEAD".to_owned()],
            stale_while_revalidate: None,
            stale_on_error: None,
            error_ttl: None,
            mode: Mode::Enforce,
        }
    }
}

impl CacheConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When `ttl` is zero, a duration is longer than ten years, or `max_size` is zero or more
    /// than ten million.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.ttl.is_zero() || self.ttl > duration::LONGEST {
            let rule = "more than 0 and at most ten years";
            return Err(ConfigError::out_of_range("ttl", rule, self.ttl));
        }
        if !(1..=LARGEST).contains(&self.max_size) {
            let rule = "from 1 to ten million";
            return Err(ConfigError::out_of_range("max_size", rule, self.max_size));
        }
        for (key, value) in [
            ("stale_while_revalidate", self.stale_while_revalidate),
            ("stale_on_error", self.stale_on_error),
            ("error_ttl", self.error_ttl),
        ] {
            match value {
                Some(value) if value > duration::LONGEST => {
                    return Err(ConfigError::out_of_range(key, "at most ten years", value));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
