use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

use super::RateLimitConfig;
use super::pressure::Source;
use crate::Mode;

/// What a call must know of the configuration, beside the quota.
///
/// A call that reads some of it before a change and some after is as good as one that came
/// before, so every access is relaxed.
#[derive(Debug)]
pub(super) struct Hot {
    settings: AtomicU8,
    cost: AtomicU32,
}

/// The mode in the lowest two bits, and a bit for each yes or no: zero is the plainest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings(u8);

const MODE: u8 = 0b11;
const PER_CLIENT: u8 = 1 << 2;
const TRACKS_LATENCY: u8 = 1 << 3;
const HAS_BACKPRESSURE: u8 = 1 << 4;
const MEASURES_UTILIZATION: u8 = 1 << 5;
const IS_SEVERAL: u8 = 1 << 6;

impl Hot {
    pub(super) fn new(config: &RateLimitConfig) -> Self {
        Self {
            settings: AtomicU8::new(Settings::of(config, config.mode).0),
            cost: AtomicU32::new(config.cost),
        }
    }

    pub(super) fn set(&self, config: &RateLimitConfig, mode: Mode) {
        self.settings.store(Settings::of(config, mode).0, Relaxed);
        self.cost.store(config.cost, Relaxed);
    }

    #[inline]
    pub(super) fn get(&self) -> Settings {
        Settings(self.settings.load(Relaxed))
    }

    #[inline]
    pub(super) fn cost(&self) -> u32 {
        self.cost.load(Relaxed)
    }
}

impl Settings {
    fn of(config: &RateLimitConfig, mode: Mode) -> Self {
        let source = Source::of(config);
        let bit = |bit: u8, is_set: bool| if is_set { bit } else { 0 };
        Self(
            u8::from(mode)
                | bit(PER_CLIENT, config.enable_per_client_tracking)
                | bit(TRACKS_LATENCY, config.track_latency && mode != Mode::Off)
                | bit(HAS_BACKPRESSURE, source != Source::Nowhere)
                | bit(MEASURES_UTILIZATION, source == Source::Utilization)
                | bit(IS_SEVERAL, config.is_several()),
        )
    }

    /// Enforced, one limit, one bucket for all, and nothing measured.
    #[inline]
    pub(super) fn is_plain(self) -> bool {
        self.0 == 0
    }

    /// The same, but for a bucket for each client.
    #[inline]
    pub(super) fn is_plain_per_client(self) -> bool {
        self.0 == PER_CLIENT
    }

    #[inline]
    pub(super) fn mode(self) -> Mode {
        Mode::from(self.0 & MODE)
    }

    #[inline]
    pub(super) fn is_per_client(self) -> bool {
        self.0 & PER_CLIENT != 0
    }

    #[inline]
    pub(super) fn tracks_latency(self) -> bool {
        self.0 & TRACKS_LATENCY != 0
    }

    #[inline]
    pub(super) fn has_backpressure(self) -> bool {
        self.0 & HAS_BACKPRESSURE != 0
    }

    #[inline]
    pub(super) fn measures_utilization(self) -> bool {
        self.0 & MEASURES_UTILIZATION != 0
    }

    #[inline]
    pub(super) fn is_several(self) -> bool {
        self.0 & IS_SEVERAL != 0
    }
}
