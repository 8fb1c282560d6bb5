//! Switch a feature on and off without a release.
//!
//! What is new may be wrong. Behind a toggle it is switched off in the moment that this is seen,
//! and on again when it is repaired; or it is tried out on a share of the clients first.
//!
//! ```
//! use failsafe_runtime::{FeatureToggle, FeatureToggleConfig};
//!
//! let config = FeatureToggleConfig { percentage: 10.0, ..Default::default() };
//! let toggle = FeatureToggle::new("new-checkout", config)?;
//!
//! let is_on = toggle.check(Some("client 7")).is_ok();
//! assert_eq!(toggle.check(Some("client 7")).is_ok(), is_on, "and so it stays");
//!
//! toggle.turn_off();
//! assert!(toggle.check(Some("client 7")).is_err());
//! # Ok::<(), failsafe_runtime::ConfigError>(())
//! ```
//!
//! # The other ways to use it
//!
//! As a call, of a client or of nobody in particular:
//!
//! ```
//! use failsafe_runtime::{FeatureToggle, FeatureToggleConfig, FeatureToggleError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let toggle = FeatureToggle::new("new-checkout", FeatureToggleConfig::default())?;
//! let answer = toggle.call_for(Some("client 7"), || async { Ok::<_, &str>("new") }).await;
//! assert_eq!(answer, Ok("new"));
//!
//! toggle.turn_off();
//! let answer = toggle.call(|| async { Ok::<_, &str>("new") }).await;
//! assert!(matches!(answer, Err(FeatureToggleError::Disabled(_))));
//! # Ok(())
//! # }
//! ```
//!
//! As a layer of tower, alone and stacked with others: `FeatureToggleLayer` (feature `tower`) shows how.
//!
//! # When not to use it
//!
//! Not as a permission: whoever is refused today may be let in tomorrow, and a client picks its id
//! itself unless something else has checked it. And not for ever: a toggle that nobody switches
//! any more is a branch that nobody tests.
//!
//! # A share of the clients
//!
//! With a `percentage` a client is in or out by its id alone: it stays where it is from call to
//! call, in every process and after every release, and whoever is in stays in when the percentage
//! grows. The place of a client is the upper half of FNV-1a (64 bits) over the toggle's name, a
//! zero byte and the id, its bits mixed by the finalizer of MurmurHash3; so two toggles choose
//! different clients. Below 100 % a call without an id is out.
//!
//! # The switch
//!
//! `enabled` is the switch itself, so [`turn_off`](FeatureToggle::turn_off), `enabled: false` in a
//! new configuration and [`Pattern::set_enabled`](crate::registry::Pattern::set_enabled) all do
//! the same: nobody is let in. What takes the toggle away, as if the feature had none, is
//! `mode: off`.
//!
//! # OpenFeature
//!
//! With the cargo feature `open-feature` a toggle may leave the decision to a provider of
//! [OpenFeature](https://openfeature.dev), in place of `percentage`: see `set_provider`. Switched
//! off, it asks nobody.
//!
//! # Dropped calls and panics
//!
//! A toggle holds nothing while a call runs, so neither is of consequence.

mod config;
mod error;
mod event;
#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "tower")]
mod permit;
#[cfg(feature = "open-feature")]
mod provider;
#[cfg(feature = "tower")]
mod service;
mod share;
mod switch;
#[cfg(test)]
mod tests;
mod toggle;

pub use self::config::FeatureToggleConfig;
pub use self::error::{FeatureDisabled, FeatureToggleError};
pub use self::event::FeatureToggleEvent;
#[cfg(feature = "tower")]
pub use self::layer::FeatureToggleLayer;
#[cfg(feature = "tower")]
pub use self::service::FeatureToggleService;
pub use self::toggle::FeatureToggle;
pub use crate::key::{ClientKey, Everyone};

/// The answer of a service behind a feature toggle, or its refusal.
#[cfg(feature = "tower")]
pub type FeatureToggleFuture<S, Request> =
    crate::awaited::Awaited<S, Request, self::permit::Enabled>;
