use super::bucket::Quota;
use crate::clock::Nanos;

/// Leave to make a call, and how things stand after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimitGrant {
    pub(super) limit: u32,
    pub(super) quota: Quota,
    pub(super) left: Nanos,
    pub(super) backpressure: f64,
}

impl RateLimitGrant {
    /// The tokens that an idle bucket holds.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// The whole tokens that are left in the bucket that decided.
    pub fn remaining(&self) -> u32 {
        self.quota.tokens(self.left)
    }

    /// How hard the service is pressed, 0 to 1.
    pub fn backpressure(&self) -> f64 {
        self.backpressure
    }
}
