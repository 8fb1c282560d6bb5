use std::time::Duration;

use super::bucket::Quota;
use crate::clock::Nanos;

/// Leave to make a call, and how things stand after it. Of several limits, the one with the fewest
/// tokens left is told of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimitGrant {
    pub(super) place: usize,
    pub(super) quota: Quota,
    pub(super) left: Nanos,
    pub(super) backpressure: f64,
}

impl RateLimitGrant {
    /// The tokens that an idle bucket holds.
    pub fn limit(&self) -> u32 {
        self.quota.tokens(self.quota.span)
    }

    /// The whole tokens that are left in the bucket that decided.
    pub fn remaining(&self) -> u32 {
        self.quota.tokens(self.left)
    }

    /// How long it takes until there are more tokens: until the next one where none is left, and
    /// until the bucket is full where some are.
    pub fn until_more(&self) -> Duration {
        let enough = match self.remaining() {
            0 => self.quota.interval,
            _ => self.quota.span,
        };
        Duration::from_nanos(enough.saturating_sub(self.left))
    }

    /// Which of several limits this is, by its place in `limit`.
    pub fn place(&self) -> usize {
        self.place
    }

    /// How hard the service is pressed, 0 to 1.
    pub fn backpressure(&self) -> f64 {
        self.backpressure
    }
}
