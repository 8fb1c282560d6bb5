use std::any::Any;
use std::fmt;

use super::{PatternKind, PatternSnapshot};
#[cfg(feature = "service")]
use crate::ConfigError;

/// What can be done with every pattern, whatever it is.
///
/// The patterns of this crate implement it, and nothing else can: what a registry may ask of a
/// pattern grows with time.
pub trait Pattern: Any + fmt::Debug + Send + Sync + sealed::Sealed {
    /// Its type.
    fn kind(&self) -> PatternKind;

    /// Its name.
    fn name(&self) -> &str;

    /// State and numbers at this moment.
    fn snapshot(&self) -> PatternSnapshot;

    /// Whether it is switched on. It may still do nothing, if its mode is `off`.
    fn is_enabled(&self) -> bool;

    /// Switches it off, or on again. Switched off, it lets every call pass and counts none, and
    /// keeps its configuration and its state.
    ///
    /// A feature toggle is the one exception. Its switch is the feature's own: switched off, it
    /// refuses every call.
    fn set_enabled(&self, enabled: bool);

    /// Takes it back to the state in which it was made: full buckets, closed circuits, nothing
    /// remembered. What calls hold they keep, and counts go on.
    fn reset(&self);

    /// Lets its counts begin from zero.
    fn forget_counts(&self);

    /// The configuration in force, with the keys of the document.
    #[cfg(feature = "service")]
    fn config_json(&self) -> serde_json::Value;

    /// Replaces the keys that are given and keeps the others.
    ///
    /// # Errors
    ///
    /// When a key is not known, or a value is of another type or out of range. Then nothing
    /// changes.
    #[cfg(feature = "service")]
    fn reconfigure_json(
        &self,
        keys: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), ConfigError>;

    /// Finds what [`reconfigure_json`](Self::reconfigure_json) would refuse, and changes nothing.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the keys and their values.
    #[cfg(feature = "overrides")]
    fn check_json(
        &self,
        keys: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), Vec<ConfigError>>;
}

pub(crate) mod sealed {
    use crate::registry::Events;

    pub trait Sealed {
        /// Passes on what happens to it from now on. A listener that was there first stays the
        /// only one.
        fn report_to(&self, events: Events);
    }
}

/// Implements [`Pattern`] by the methods of these names that the pattern has anyway. The
/// parameters of a generic one come first, in brackets.
macro_rules! pattern {
    ([$($parameters:tt)*] $pattern:ty, $kind:ident) => {
        impl<$($parameters)*> $crate::registry::Pattern for $pattern {
            fn kind(&self) -> $crate::registry::PatternKind {
                $crate::registry::PatternKind::$kind
            }

            fn name(&self) -> &str {
                <$pattern>::name(self)
            }

            fn snapshot(&self) -> $crate::registry::PatternSnapshot {
                <$pattern>::snapshot(self)
            }

            fn is_enabled(&self) -> bool {
                <$pattern>::is_enabled(self)
            }

            fn set_enabled(&self, enabled: bool) {
                <$pattern>::set_enabled(self, enabled);
            }

            fn reset(&self) {
                <$pattern>::reset(self);
            }

            fn forget_counts(&self) {
                <$pattern>::forget_counts(self);
            }

            #[cfg(feature = "service")]
            fn config_json(&self) -> serde_json::Value {
                $crate::registry::json::written(&<$pattern>::config(self))
            }

            #[cfg(feature = "service")]
            fn reconfigure_json(
                &self,
                keys: &serde_json::Map<String, serde_json::Value>,
            ) -> Result<(), $crate::ConfigError> {
                let config = $crate::registry::json::patched(&<$pattern>::config(self), keys)?;
                <$pattern>::reconfigure(self, config)
            }

            $crate::registry::pattern::check_json!($pattern);
        }

        impl<$($parameters)*> $crate::registry::pattern::sealed::Sealed for $pattern {
            fn report_to(&self, events: $crate::registry::Events) {
                let name: std::sync::Arc<str> = <$pattern>::name(self).into();
                self.on_event(move |event| {
                    events.emit($crate::registry::PatternKind::$kind, &name, || event.into());
                });
            }
        }
    };
    ($pattern:ty, $kind:ident) => {
        $crate::registry::pattern::pattern!([] $pattern, $kind);
    };
}
pub(crate) use pattern;

/// The method that only those ask for who change configurations from outside. A macro of its own,
/// because a bundled runtime that has no such feature may have no condition on it either, and
/// conditions are cut from items, not from what macros write.
#[cfg(feature = "overrides")]
macro_rules! check_json {
    ($pattern:ty) => {
        fn check_json(
            &self,
            keys: &serde_json::Map<String, serde_json::Value>,
        ) -> Result<(), Vec<$crate::ConfigError>> {
            $crate::registry::json::check(&<$pattern>::config(self), keys)
        }
    };
}
#[cfg(not(feature = "overrides"))]
macro_rules! check_json {
    ($pattern:ty) => {};
}
pub(crate) use check_json;
