//! The last calls of a closed circuit: how many failed, and how many were slow.
//!
//! No more than arithmetic, with the time as an argument. A window of calls forgets the oldest
//! call with each new one; a window of time is made of buckets, one a second, and forgets them one
//! by one. The totals are kept beside, so that a call costs the same however large the window is.

use super::{CircuitBreakerConfig, CircuitWindow};

/// What is asked of a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    minimum_calls: u32,
    failure_rate: Option<f64>,
    slow_call_rate: Option<f64>,
}

/// How a call ended that had reached its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) failed: bool,
    pub(super) slow: bool,
}

/// Calls of one kind or another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) calls: u32,
    pub(super) failed: u32,
    pub(super) slow: u32,
}

#[derive(Debug)]
pub(super) struct Window {
    limits: Limits,
    total: Tally,
    places: Places,
}

#[derive(Debug)]
enum Places {
    /// Each of the last calls, used in turn.
    Calls {
        ended: Vec<Ended>,
        size: usize,
        next: usize,
    },
    /// Each of the last seconds, used in turn.
    Seconds { tallies: Vec<Tally>, now: u64 },
}

const MICROS: u64 = 1_000_000;

impl Window {
    /// An empty window of a kind.
    pub(super) fn new(config: &CircuitBreakerConfig, kind: CircuitWindow) -> Self {
        let size = config.window_size() as usize;
        Self {
            limits: Limits {
                minimum_calls: config.minimum_calls(),
                failure_rate: config.failure_rate(),
                slow_call_rate: config.slow_call_rate,
            },
            total: Tally::default(),
            places: match kind {
                CircuitWindow::Count => Places::Calls {
                    ended: Vec::with_capacity(size),
                    size,
                    next: 0,
                },
                CircuitWindow::Time => Places::Seconds {
                    tallies: vec![Tally::default(); size],
                    now: 0,
                },
            },
        }
    }

    /// Adds a call. Says whether there are now too many of those that failed, or were slow.
    pub(super) fn add(&mut self, call: Ended, now_micros: u64) -> bool {
        self.advance(now_micros);
        match &mut self.places {
            Places::Calls { ended, size, next } if ended.len() == *size => {
                let oldest = std::mem::replace(&mut ended[*next], call);
                *next = (*next + 1) % *size;
                self.total.remove(Tally::of(oldest));
            }
            Places::Calls { ended, .. } => ended.push(call),
            Places::Seconds { tallies, now } => {
                let place = place(*now, tallies.len());
                tallies[place].add(Tally::of(call));
            }
        }
        self.total.add(Tally::of(call));
        self.is_too_much()
    }

    /// What the window holds at a time.
    pub(super) fn tally(&mut self, now_micros: u64) -> Tally {
        self.advance(now_micros);
        self.total
    }

    /// Forgets the seconds that are over.
    fn advance(&mut self, now_micros: u64) {
        let Places::Seconds { tallies, now } = &mut self.places else {
            return;
        };
        let second = now_micros / MICROS;
        // Threads read their clocks a little apart: an earlier time changes nothing.
        let passed = second.saturating_sub(*now).min(tallies.len() as u64);
        for back in 0..passed {
            let place = place(second - back, tallies.len());
            self.total.remove(std::mem::take(&mut tallies[place]));
        }
        *now = second.max(*now);
    }

    fn is_too_much(&self) -> bool {
        let Tally {
            calls,
            failed,
            slow,
        } = self.total;
        let reaches = |part: u32, rate: Option<f64>| {
            rate.is_some_and(|rate| part > 0 && f64::from(part) >= rate * f64::from(calls))
        };
        calls >= self.limits.minimum_calls
            && (reaches(failed, self.limits.failure_rate)
                || reaches(slow, self.limits.slow_call_rate))
    }
}

impl Tally {
    fn of(call: Ended) -> Self {
        Self {
            calls: 1,
            failed: call.failed.into(),
            slow: call.slow.into(),
        }
    }

    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.failed += other.failed;
        self.slow += other.slow;
    }

    fn remove(&mut self, other: Self) {
        self.calls -= other.calls;
        self.failed -= other.failed;
        self.slow -= other.slow;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "less than the size")]
fn place(second: u64, size: usize) -> usize {
    (second % size as u64) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn window(kind: CircuitWindow, size: u32) -> Window {
        let config = CircuitBreakerConfig {
            window: Some(kind),
            window_size: Some(size),
            ..CircuitBreakerConfig::default()
        };
        Window::new(&config, kind)
    }

    proptest! {
        /// The totals are those of a list of all calls, looked through from its end.
        #[test]
        fn totals_are_those_of_the_last_calls(
            size in 1_u32..8,
            of_time: bool,
            calls in proptest::collection::vec((any::<bool>(), any::<bool>(), 0_u64..3_000_000), 0..60),
        ) {
            let kind = if of_time { CircuitWindow::Time } else { CircuitWindow::Count };
            let mut window = window(kind, size);
            let (mut all, mut now) = (Vec::new(), 5 * MICROS);
            for (failed, slow, wait) in calls {
                now += wait;
                let call = Ended { failed, slow };
                window.add(call, now);
                all.push((call, now / MICROS));
                let is_in = |(index, (_, second)): &(usize, &(Ended, u64))| match kind {
                    CircuitWindow::Count => all.len() - index <= size as usize,
                    CircuitWindow::Time => now / MICROS - second < u64::from(size),
                };
                let mut expected = Tally::default();
                for (_, (call, _)) in all.iter().enumerate().filter(is_in) {
                    expected.add(Tally::of(*call));
                }
                prop_assert_eq!(window.tally(now), expected);
            }
        }
    }
}
