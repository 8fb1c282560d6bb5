//! What a rate limit says of itself in HTTP, as the IETF's draft of the RateLimit fields has it:
//! structured fields with a name for each limit.

use std::fmt::Write as _;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::{RateLimit, RateLimitGrant, RateLimited};
use crate::clock::{Nanos, to_nanos};

impl RateLimit {
    /// The value of `RateLimit-Policy`: for each limit its tokens (`q`) and the time in seconds in
    /// which so many are refilled (`w`).
    ///
    /// ```
    /// use failsafe_runtime::{RateLimit, RateLimitConfig};
    ///
    /// # fn main() -> Result<(), failsafe_runtime::ConfigError> {
    /// let limit = RateLimit::new("search", RateLimitConfig::default())?;
    /// assert_eq!(limit.policy_field(), r#""search";q=100;w=60"#);
    ///
    /// let grant = limit.acquire(None).expect("the bucket is full");
    /// assert_eq!(limit.grant_field(&grant), r#""search";r=99;t=1"#);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn policy_field(&self) -> String {
        self.policy().as_ref().to_owned()
    }

    /// The same, shared.
    pub(crate) fn policy(&self) -> Arc<str> {
        let policy = self.policy.read();
        Arc::clone(&policy.unwrap_or_else(PoisonError::into_inner))
    }

    /// Says what the configuration has become.
    pub(super) fn write_policy(&self) {
        // The lock first: of two changes at once, whoever comes last writes what holds.
        let policy = self.policy.write();
        *policy.unwrap_or_else(PoisonError::into_inner) = self.worded().into();
    }

    fn worded(&self) -> String {
        let quotas = self.core.config().quotas();
        let mut field = String::new();
        for (place, quota) in quotas.as_slice().iter().enumerate() {
            if place > 0 {
                field.push_str(", ");
            }
            self.push_name(&mut field, place);
            let tokens = quota.tokens(quota.span);
            let _ = write!(field, ";q={tokens};w={}", secs(quota.span).max(1));
        }
        field
    }

    /// The value of `RateLimit` for a call that passed: the tokens that are left (`r`), and in how
    /// many seconds there will be more (`t`): the next one if none is left, or else all of them.
    #[must_use]
    pub fn grant_field(&self, grant: &RateLimitGrant) -> String {
        self.field(grant.place(), grant.remaining(), grant.until_more())
    }

    /// The value of `RateLimit` for a call that was refused. Its `t` is when the tokens exist, and
    /// so never later than `Retry-After`.
    #[must_use]
    pub fn refusal_field(&self, refused: &RateLimited) -> String {
        self.field(refused.place, refused.remaining, refused.until_tokens)
    }

    fn field(&self, place: usize, remaining: u32, until_more: Duration) -> String {
        let mut field = String::new();
        self.push_name(&mut field, place);
        let until_more = secs(to_nanos(until_more));
        let _ = write!(field, ";r={remaining};t={until_more}");
        field
    }

    /// The name of a limit: that of the pattern, and of several the limit itself behind it. What a
    /// structured field's string may not hold becomes `_`.
    fn push_name(&self, field: &mut String, place: usize) {
        field.push('"');
        for letter in self.name().chars() {
            match letter {
                '"' | '\\' => field.extend(['\\', letter]),
                ' '..='~' => field.push(letter),
                _ => field.push('_'),
            }
        }
        if self.hot.get().is_several() {
            let config = self.core.config();
            if let Some(rate) = config.limit.get(place) {
                let _ = write!(field, ":{rate}");
            }
        }
        field.push('"');
    }
}

/// Rounded up: whoever comes back a moment too early is refused.
fn secs(time: Nanos) -> u64 {
    time.div_ceil(1_000_000_000)
}
