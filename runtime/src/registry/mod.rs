//! All patterns of a service, by type and name.
//!
//! A pattern that is asked for twice under one name is one pattern: two operations that name the
//! same rate limit share its tokens. What all of them have counted is read in one
//! [`snapshot`](Patterns::snapshot), as plain data.
//!
//! ```
//! use failsafe_runtime::{Patterns, TimeoutConfig};
//!
//! let patterns = Patterns::new();
//! let timeout = patterns.timeout("search", TimeoutConfig::default())?;
//! let same = patterns.timeout("search", TimeoutConfig::default())?;
//! assert!(std::sync::Arc::ptr_eq(&timeout, &same));
//!
//! let snapshot = patterns.snapshot();
//! assert_eq!(snapshot.patterns[0].name, "search");
//! assert_eq!(snapshot.patterns[0].counters[0].name, "success");
//! # Ok::<(), failsafe_runtime::ConfigError>(())
//! ```

mod events;
#[cfg(feature = "service")]
pub(crate) mod json;
#[cfg(feature = "overrides")]
mod nearest;
mod numbers;
pub(crate) mod pattern;
mod patterns;
mod shelf;
mod snapshot;
mod statistics;
#[cfg(test)]
mod tests;

pub(crate) use self::events::Events;
pub use self::events::{Event, Occurrence, Subscription};
#[cfg(feature = "overrides")]
pub(crate) use self::nearest::nearest;
pub(crate) use self::numbers::Numbers;
pub use self::pattern::Pattern;
pub use self::patterns::Patterns;
pub use self::snapshot::{Counter, Gauge, Histogram, PatternKind, PatternSnapshot, Snapshot};
pub use self::statistics::{LoadLevel, Statistics};
