use crate::{ConfigError, Mode};

/// How much a call matters when the system is overloaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Priority {
    /// Refused when a threshold is reached.
    #[default]
    Normal,
    /// Let in whatever the load of processor and memory; the number of calls and the depth of
    /// the queue bound it all the same.
    High,
}

/// The load at which calls are refused.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct LoadShedConfig {
    /// The most calls that run at a time; at least 1. Default: 1000.
    pub max_requests: u32,
    /// Calls are refused while so much waits in the queue whose depth the owner reports; at least
    /// 1. By default the queue does not matter.
    pub max_queue_depth: Option<u32>,
    /// Calls are refused while so much of the processor time that the process may use is used, in
    /// percent; above 0 and at most 100. By default it does not matter.
    pub cpu_threshold: Option<f64>,
    /// Calls are refused while so much of the memory that the process may use is used, in
    /// percent; above 0 and at most 100. By default it does not matter.
    pub memory_threshold: Option<f64>,
    /// The priority of calls that do not say theirs. Default: `normal`.
    pub priority: Priority,
    /// Whether it acts. In shadow nobody is refused; what would have been refused is counted.
    pub mode: Mode,
}

impl Default for LoadShedConfig {
    fn default() -> Self {
        Self {
            max_requests: 1000,
            max_queue_depth: None,
            cpu_threshold: None,
            memory_threshold: None,
            priority: Priority::Normal,
            mode: Mode::Enforce,
        }
    }
}

impl LoadShedConfig {
    /// Checks every value against its range.
    ///
    /// # Errors
    ///
    /// When `max_requests` or `max_queue_depth` is zero, or a threshold is not above 0 or is more
    /// than 100.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.max_requests == 0 {
            return Err(ConfigError::out_of_range("max_requests", "at least 1", 0));
        }
        if self.max_queue_depth == Some(0) {
            return Err(ConfigError::out_of_range(
                "max_queue_depth",
                "at least 1",
                0,
            ));
        }
        for (key, threshold) in [
            ("cpu_threshold", self.cpu_threshold),
            ("memory_threshold", self.memory_threshold),
        ] {
            match threshold {
                Some(percent) if !(percent > 0.0 && percent <= 100.0) => {
                    let rule = "above 0 and at most 100";
                    return Err(ConfigError::out_of_range(key, rule, percent));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the load of the system matters.
    pub(super) fn looks_at_the_system(&self) -> bool {
        self.cpu_threshold.is_some() || self.memory_threshold.is_some()
    }
}
