//! What a check reads of a configuration: one atomic word, so that no check sees the half of two.
//!
//! ```text
//!  64        48            34   33                               0
//!  ┌─────────┬─────────────┬────┬────────────────────────────────┐
//!  │ status  │             │ on │ share of clients               │
//!  └─────────┴─────────────┴────┴────────────────────────────────┘
//! ```

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::FeatureToggleConfig;
use super::share::Share;

const STATUS_AT: u32 = 48;
const ON: u64 = 1 << 33;
const SHARE: u64 = ON - 1;

#[derive(Debug)]
pub(super) struct Switch(AtomicU64);

#[derive(Clone, Copy, Debug)]
pub(super) struct Position(u64);

impl Switch {
    pub(super) fn new(config: &FeatureToggleConfig) -> Self {
        Self(AtomicU64::new(Position::of(config).0))
    }

    #[inline]
    pub(super) fn get(&self) -> Position {
        Position(self.0.load(Relaxed))
    }

    /// Gives the position before.
    pub(super) fn set(&self, config: &FeatureToggleConfig) -> Position {
        Position(self.0.swap(Position::of(config).0, Relaxed))
    }
}

impl Position {
    fn of(config: &FeatureToggleConfig) -> Self {
        let on = if config.enabled { ON } else { 0 };
        Self(u64::from(config.status) << STATUS_AT | on | config.share().0)
    }

    #[inline]
    pub(super) fn is_on(self) -> bool {
        self.0 & ON != 0
    }

    #[inline]
    pub(super) fn share(self) -> Share {
        Share(self.0 & SHARE)
    }

    pub(super) fn status(self) -> u16 {
        (self.0 >> STATUS_AT) as u16
    }
}
