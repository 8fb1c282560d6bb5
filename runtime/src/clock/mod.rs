//! Time as the patterns see it: a number of nanoseconds that grows.
//!
//! tokio's clock is the truth. It differs from the machine's only where tests may pause it, which
//! tokio decides when it is compiled (its feature `test-util`). In such a build every reading
//! asks tokio; in any other the two clocks are one, and a cheaper way of reading it is used.

mod ticks;

use std::time::Duration;

use tokio::time::Instant;

/// Nanoseconds since some moment that a [`Clock`] has chosen; they suffice for 584 years.
pub(crate) type Nanos = u64;

/// A pattern's clock. Its times mean nothing to another one's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        // A paused clock may stand at a time before this pattern was made: an hour is spared for
        // it, if the machine has been up so long.
        let now = Instant::now();
        Self {
            started: now.checked_sub(Duration::from_secs(3600)).unwrap_or(now),
        }
    }

    /// The time now. Never fails: a clock that ran backwards reads as its beginning.
    #[inline]
    pub(crate) fn now(&self) -> Nanos {
        if CAN_BE_PAUSED {
            // Clocks that are paused apart, each in its test, have no common beginning.
            to_nanos(Instant::now().saturating_duration_since(self.started))
        } else {
            ticks::now()
        }
    }
}

/// A duration in nanoseconds, at most as many as fit.
pub(crate) fn to_nanos(duration: Duration) -> Nanos {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Whether tokio was compiled with `test-util`, so that its clock may be paused.
///
/// Only then does tokio have a function `pause`. The glob finds it and hides the one out here;
/// without it the name falls through to ours, which returns something else.
const CAN_BE_PAUSED: bool = {
    #[allow(
        unused_imports,
        reason = "finds nothing unless tokio can pause its clock"
    )]
    use tokio::time::*;

    const fn returns_nothing<R>(_: fn() -> R) -> bool {
        size_of::<R>() == 0
    }
    returns_nothing(pause)
};

#[allow(dead_code, reason = "hidden where tokio has a function of this name")]
fn pause() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn follows_the_paused_clock_of_tokio() {
        const { assert!(CAN_BE_PAUSED) };
        let clock = Clock::start();
        let before = clock.now();
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(clock.now() - before, 3_600_000_000_000);
    }
}
