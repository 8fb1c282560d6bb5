//! Time as the patterns see it: nanoseconds since a pattern was made.
//!
//! tokio's clock is the truth. It differs from the machine's only where tests may pause it, which
//! tokio decides when it is compiled (its feature `test-util`). In such a build every reading
//! asks tokio; in any other the two clocks are one, and a cheaper way of reading it is used.

mod ticks;

use tokio::time::Instant;

/// Nanoseconds since a [`Clock`] was started; they suffice for 584 years.
pub(crate) type Nanos = u64;

/// A clock that started when its pattern was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Instant,
    started_ticks: Nanos,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            started: Instant::now(),
            started_ticks: ticks::now(),
        }
    }

    /// The time since the start. Never fails: a clock that ran backwards reads as zero.
    #[inline]
    pub(crate) fn now(&self) -> Nanos {
        if CAN_BE_PAUSED {
            to_nanos(Instant::now().saturating_duration_since(self.started))
        } else {
            ticks::now().saturating_sub(self.started_ticks)
        }
    }
}

/// A duration in nanoseconds, at most as many as fit.
pub(crate) fn to_nanos(duration: std::time::Duration) -> Nanos {
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
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn follows_the_paused_clock_of_tokio() {
        const { assert!(CAN_BE_PAUSED) };
        let clock = Clock::start();
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(clock.now(), 3_600_000_000_000);
    }
}
