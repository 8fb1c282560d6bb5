//! The machine's monotonic clock, read cheaply.
//!
//! Asking the system for the time costs more than everything else that a rate limit does. The
//! processor's cycle counter costs a third of that. So a thread asks the system once in a
//! millisecond at most, and in between counts cycles from there. Nothing is assumed about the
//! counter but that it can be checked: its rate is measured against the system's clock, each
//! millisecond anew, and a counter that jumped or ran at another rate is not believed until it
//! has been measured again. What remains is an error far below a microsecond.

use std::sync::OnceLock;
use std::time::Instant;

use super::{Nanos, to_nanos};

/// Nanoseconds since the first reading in this process.
#[inline]
pub(super) fn now() -> Nanos {
    #[cfg(target_arch = "x86_64")]
    return counted::now();
    // Elsewhere the system's clock is as cheap as its counter.
    #[cfg(not(target_arch = "x86_64"))]
    return system();
}

/// Nanoseconds since the first reading in this process, as the system tells them.
fn system() -> Nanos {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    to_nanos(FIRST.get_or_init(Instant::now).elapsed())
}

#[cfg(target_arch = "x86_64")]
mod counted {
    use std::cell::Cell;

    use super::{Nanos, system};

    /// Cycles after which the system is asked again: less than a millisecond at 1 GHz and above.
    const MAX_CYCLES: u64 = 1 << 20;
    /// A reading of both clocks that took more cycles than this was interrupted.
    const MAX_READING: u64 = 1 << 12;
    /// The rate is measured over at least this long, in nanoseconds.
    const MIN_BASELINE: Nanos = 1_000_000;
    /// A count that is off by more than this, in nanoseconds, is not believed.
    const MAX_ERROR: Nanos = 20_000;
    /// Rates are fixed-point numbers with this many binary places.
    const PLACES: u32 = 24;

    /// Both clocks at one moment.
    #[derive(Clone, Copy)]
    struct Reading {
        cycles: u64,
        nanos: Nanos,
    }

    /// What a thread knows about its counter.
    #[derive(Clone, Copy)]
    struct Anchor {
        /// The rate is measured from here.
        baseline: Option<Reading>,
        /// Cycles are counted from here.
        last: Reading,
        /// Nanoseconds per cycle; zero when it is not known, which makes every count fail.
        rate: u64,
    }

    thread_local! {
        static ANCHOR: Cell<Anchor> = const {
            Cell::new(Anchor { baseline: None, last: Reading { cycles: 0, nanos: 0 }, rate: 0 })
        };
    }

    #[inline]
    pub(super) fn now() -> Nanos {
        ANCHOR
            .try_with(|anchor| {
                let known = anchor.get();
                // A counter that ran backwards wraps to a huge difference and asks the system, too.
                let since = cycles().wrapping_sub(known.last.cycles);
                if since < MAX_CYCLES && known.rate != 0 {
                    known.last.nanos + ((since * known.rate) >> PLACES)
                } else {
                    ask_the_system(anchor)
                }
            })
            // A thread that is being torn down.
            .unwrap_or_else(|_| system())
    }

    #[cold]
    fn ask_the_system(anchor: &Cell<Anchor>) -> Nanos {
        let before = cycles();
        let reading = Reading {
            nanos: system(),
            cycles: before,
        };
        if cycles().wrapping_sub(before) < MAX_READING {
            anchor.set(anchor.get().advanced_to(reading));
        }
        reading.nanos
    }

    impl Anchor {
        fn advanced_to(self, reading: Reading) -> Self {
            let unknown = Self {
                baseline: Some(reading),
                last: reading,
                rate: 0,
            };
            let Some(baseline) = self.baseline else {
                return unknown;
            };
            let cycles = reading.cycles.wrapping_sub(baseline.cycles);
            let nanos = reading.nanos.saturating_sub(baseline.nanos);
            if nanos < MIN_BASELINE {
                return Self {
                    last: reading,
                    ..self
                };
            }
            // A count from the baseline, at the rate known so far, must arrive here. The
            // longer ago the last check, the more a right rate may be off by its rounding.
            if self.rate != 0 {
                let elapsed = reading.cycles.wrapping_sub(self.last.cycles);
                let counted = scale(elapsed, self.rate);
                let real = u128::from(reading.nanos.saturating_sub(self.last.nanos));
                if counted.abs_diff(real) > u128::from(MAX_ERROR) + real / 1000 {
                    return unknown;
                }
            }
            let rate = (u128::from(nanos) << PLACES) / u128::from(cycles.max(1));
            // No processor counts faster than 16 GHz or slower than 1 MHz.
            match u64::try_from(rate) {
                Ok(rate) if (1 << (PLACES - 4)..=1000 << PLACES).contains(&rate) => Self {
                    baseline: Some(baseline),
                    last: reading,
                    rate,
                },
                _ => unknown,
            }
        }
    }

    fn scale(cycles: u64, rate: u64) -> u128 {
        (u128::from(cycles) * u128::from(rate)) >> PLACES
    }

    #[inline]
    #[allow(
        unsafe_code,
        reason = "the standard library has no safe way to read the counter"
    )]
    fn cycles() -> u64 {
        // SAFETY: every x86-64 processor has the instruction; it reads a register and no memory.
        unsafe { core::arch::x86_64::_rdtsc() }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn at(cycles: u64, nanos: Nanos) -> Reading {
            Reading { cycles, nanos }
        }

        fn measured() -> Anchor {
            Anchor {
                baseline: None,
                last: at(0, 0),
                rate: 0,
            }
            .advanced_to(at(1000, 0))
            .advanced_to(at(4_001_000, 2_000_000))
        }

        #[test]
        fn measures_the_rate_before_it_counts() {
            let first = Anchor {
                baseline: None,
                last: at(0, 0),
                rate: 0,
            }
            .advanced_to(at(1000, 0));
            assert_eq!(first.rate, 0);
            assert_eq!(measured().rate, 1 << (PLACES - 1));
        }

        #[test]
        fn does_not_believe_a_counter_that_jumped() {
            assert_eq!(measured().advanced_to(at(900_000_000, 4_000_000)).rate, 0);
            assert_eq!(measured().advanced_to(at(500, 4_000_000)).rate, 0);
        }

        #[test]
        fn keeps_step_with_the_system() {
            let mut worst = 0;
            for _ in 0..100_000 {
                let before = system();
                let counted = now();
                let after = system();
                let error = before
                    .saturating_sub(counted)
                    .max(counted.saturating_sub(after));
                worst = worst.max(error);
            }
            assert!(worst < 1_000_000, "off by {worst} ns");
        }
    }
}
