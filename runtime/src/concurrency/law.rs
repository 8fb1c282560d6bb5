//! By what laws the limit moves: plain arithmetic.

/// The settings that the laws know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rules {
    pub(crate) initial: u32,
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) increase_rate: f64,
    pub(crate) decrease_factor: f64,
    pub(crate) follows_latency: bool,
}

/// Successful calls that are judged together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) calls: u32,
    /// The mean of their latencies, in microseconds.
    pub(crate) mean: f64,
    /// Whether so many were running that the limit mattered.
    pub(crate) is_well_used: bool,
}

/// The most calls of a window; a limit above it grows by a part of its rate with each.
const LARGEST_WINDOW: u32 = 1024;
/// Latencies of fewer or more calls than these tell nothing, or too late.
const LATENCY_WINDOW: (u32, u32) = (10, 100);

/// Windows that the short average remembers.
const SHORT: f64 = 4.0;
/// Windows that the long average remembers.
const LONG: f64 = 100.0;
/// A latency may be so many times the usual one before it counts as longer.
const TOLERANCE: f64 = 1.5;
/// The share of a new limit in the next one.
const SMOOTHING: f64 = 0.2;
/// A usual latency that is more than so many times the present one has outlived its time ...
const OUTLIVED: f64 = 2.0;
/// ... and is let down by this factor with each window.
const FORGETTING: f64 = 0.95;

/// What was found so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Estimate {
    limit: f64,
    /// Averages of the latency, in microseconds; zero before the first window.
    short: f64,
    long: f64,
    windows: u32,
}

impl Estimate {
    pub(crate) fn new(rules: &Rules) -> Self {
        Self {
            limit: f64::from(rules.initial),
            short: 0.0,
            long: 0.0,
            windows: 0,
        }
    }

    /// The limit in whole calls.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is within the bounds, which are whole and positive"
    )]
    pub(crate) fn limit(&self) -> u32 {
        self.limit as u32
    }

    pub(crate) fn short_micros(&self) -> f64 {
        self.short
    }

    pub(crate) fn long_micros(&self) -> f64 {
        self.long
    }

    /// How many successes make the next window.
    pub(crate) fn window_size(&self, rules: &Rules) -> u32 {
        if rules.follows_latency {
            let (least, most) = LATENCY_WINDOW;
            self.limit().clamp(least, most)
        } else {
            self.limit().min(LARGEST_WINDOW)
        }
    }

    /// A call failed.
    pub(crate) fn decrease(&mut self, rules: &Rules) {
        self.set(self.limit * rules.decrease_factor, rules);
    }

    /// So many calls succeeded.
    pub(crate) fn advance(&mut self, window: Window, rules: &Rules) {
        if !rules.follows_latency {
            if window.is_well_used {
                let share = f64::from(window.calls) / self.limit;
                self.set(self.limit + rules.increase_rate * share.min(1.0), rules);
            }
            return;
        }
        let gradient = self.gradient(window.mean, rules);
        if window.is_well_used {
            let next = self.limit * gradient + self.limit.sqrt();
            self.set(self.limit + (next - self.limit) * SMOOTHING, rules);
        }
    }

    /// Takes the latency into both averages, and tells by which factor the limit is too high:
    /// 1 while calls take no longer than usual, and never less than one half.
    fn gradient(&mut self, mean: f64, rules: &Rules) -> f64 {
        // The first windows are averaged alike, so that the first of all is not the measure.
        self.windows = self.windows.saturating_add(1);
        let seen = f64::from(self.windows);
        self.short += (mean - self.short) / seen.min(SHORT);
        let is_usual = self.short <= self.long * TOLERANCE;
        // A service that is overloaded for long must not take its long latencies for the usual
        // ones: they are learnt only where they cannot be of our making, at the lowest limit.
        if is_usual || seen <= SHORT || self.limit <= f64::from(rules.min) {
            self.long += (self.short - self.long) / seen.min(LONG);
        }
        if self.long > self.short * OUTLIVED {
            self.long *= FORGETTING;
        }
        if self.short > 0.0 {
            (TOLERANCE * self.long / self.short).clamp(0.5, 1.0)
        } else {
            1.0
        }
    }

    /// Keeps the limit within other bounds. Latencies are forgotten when they are not followed.
    pub(crate) fn fit(&mut self, rules: &Rules) {
        self.set(self.limit, rules);
        if !rules.follows_latency {
            *self = Self {
                limit: self.limit,
                ..Self::new(rules)
            };
        }
    }

    fn set(&mut self, limit: f64, rules: &Rules) {
        self.limit = limit.clamp(f64::from(rules.min), f64::from(rules.max));
    }
}
