//! How hard a service is pressed: a number from 0 to 1.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::window::Window;
use super::{RateLimitConfig, RetryAfterStrategy};
use crate::clock::{Nanos, to_nanos};
use crate::stats::Histogram;

/// The baseline is adapted so often.
const ADAPT_EVERY: Nanos = 10_000_000_000;
/// The share of what was observed in the new baseline.
const ADAPT_BY: f64 = 0.05;
/// The baseline stays within this factor of the configured one.
const ADAPT_WITHIN: f64 = 4.0;
/// A longer call counts as one of an hour: a sum of 10,000 of them still fits.
const LONGEST_LATENCY: Nanos = 3_600_000_000_000;
/// Nanoseconds in a second.
const NANOS: f64 = 1e9;
/// Utilization is kept in millionths.
const WHOLE: f64 = 1e6;

/// The samples, and the number that they amount to.
///
/// Samples are kept under a lock that is held for a few instructions. The number is kept beside
/// it, with the time until which it holds, so that most readers never see the lock.
#[derive(Debug)]
pub(super) struct Pressure {
    score: Score,
    samples: Mutex<Samples>,
}

#[derive(Debug)]
struct Samples {
    source: Source,
    /// In nanoseconds, as the window's mean is.
    min_latency: f64,
    /// How much of full pressure a nanosecond of mean latency above `min_latency` is.
    per_excess_nano: f64,
    configured_baseline: f64,
    baseline: f64,
    adapted_at: Nanos,
    window: Window,
    scratch: Vec<u64>,
    histogram: Histogram,
}

/// Where backpressure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Latency,
    Utilization,
    Nowhere,
}

impl Source {
    pub(super) fn of(config: &RateLimitConfig) -> Self {
        match config.retry_after_strategy {
            RetryAfterStrategy::Utilization => Self::Utilization,
            _ if config.track_latency => Self::Latency,
            _ => Self::Nowhere,
        }
    }
}

impl Pressure {
    pub(super) fn new(config: &RateLimitConfig, now: Nanos) -> Self {
        Self {
            score: Score::default(),
            samples: Mutex::new(Samples::new(config, now)),
        }
    }

    /// Follows a changed configuration; samples are kept where they still mean the same.
    pub(super) fn reconfigure(&self, config: &RateLimitConfig, now: Nanos) {
        let mut samples = self.lock();
        if samples.source == Source::of(config) {
            samples.follow(config);
        } else {
            samples.begin_anew(config, now);
        }
        self.publish(&mut samples, now);
    }

    /// Forgets every sample.
    pub(super) fn reset(&self, config: &RateLimitConfig, now: Nanos) {
        let mut samples = self.lock();
        samples.begin_anew(config, now);
        self.publish(&mut samples, now);
    }

    /// Lets the distribution begin from nothing; the samples stay.
    pub(super) fn forget_latencies(&self) {
        self.lock().histogram = Histogram::of_latencies();
    }

    /// Adds the latency of a call.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a latency need not be exact beyond 2^53"
    )]
    pub(super) fn record_latency(&self, now: Nanos, latency: Nanos) {
        let mut samples = self.lock();
        samples.histogram.record(latency as f64 * (1.0 / NANOS));
        if samples.source == Source::Latency {
            samples.window.push(now, latency.min(LONGEST_LATENCY));
            samples.adapt(now);
            self.publish(&mut samples, now);
        }
    }

    /// Adds how much of a bucket was in use when it decided, 0 to 1.
    pub(super) fn record_utilization(&self, now: Nanos, utilization: f64) {
        let mut samples = self.lock();
        if samples.source == Source::Utilization {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "0 to 10^6"
            )]
            samples
                .window
                .push(now, (utilization.clamp(0.0, 1.0) * WHOLE) as u64);
            self.publish(&mut samples, now);
        }
    }

    /// The number at this moment.
    #[inline]
    pub(super) fn score(&self, now: Nanos) -> f64 {
        self.score
            .get(now)
            .unwrap_or_else(|| self.publish(&mut self.lock(), now))
    }

    pub(super) fn latencies(&self) -> Histogram {
        self.lock().histogram.clone()
    }

    /// The baseline that latencies are compared with at this moment.
    pub(super) fn baseline(&self) -> Duration {
        Duration::from_secs_f64(self.lock().baseline)
    }

    fn publish(&self, samples: &mut Samples, now: Nanos) -> f64 {
        samples.window.expire(now);
        let score = samples.score();
        self.score.set(score, samples.window.expires_at());
        score
    }

    fn lock(&self) -> MutexGuard<'_, Samples> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Samples {
    fn new(config: &RateLimitConfig, now: Nanos) -> Self {
        let source = Source::of(config);
        let baseline = config.p95_baseline.as_secs_f64();
        let size = if source == Source::Nowhere {
            0
        } else {
            config.window_size
        };
        Self {
            source,
            min_latency: config.min_latency.as_secs_f64() * NANOS,
            per_excess_nano: per_excess_nano(config),
            configured_baseline: baseline,
            baseline,
            adapted_at: now,
            window: Window::new(size, to_nanos(config.p95_baseline)),
            scratch: Vec::with_capacity(size),
            histogram: Histogram::of_latencies(),
        }
    }

    fn begin_anew(&mut self, config: &RateLimitConfig, now: Nanos) {
        let histogram = std::mem::replace(&mut self.histogram, Histogram::of_latencies());
        *self = Self {
            histogram,
            ..Self::new(config, now)
        };
    }

    fn follow(&mut self, config: &RateLimitConfig) {
        self.min_latency = config.min_latency.as_secs_f64() * NANOS;
        self.per_excess_nano = per_excess_nano(config);
        if self.source != Source::Nowhere {
            self.window.resize(config.window_size);
        }
        let baseline = config.p95_baseline.as_secs_f64();
        if (baseline - self.configured_baseline).abs() > f64::EPSILON {
            self.configured_baseline = baseline;
            self.set_baseline(baseline);
        }
    }

    fn set_baseline(&mut self, baseline: f64) {
        self.baseline = baseline;
        self.window
            .set_limit(to_nanos(Duration::from_secs_f64(baseline)));
    }

    /// Every ten seconds the baseline takes a small step towards what is observed.
    fn adapt(&mut self, now: Nanos) {
        if now.saturating_sub(self.adapted_at) < ADAPT_EVERY {
            return;
        }
        self.adapted_at = now;
        self.window.expire(now);
        if let Some(p95) = self.window.p95(&mut self.scratch) {
            let observed = Duration::from_nanos(p95).as_secs_f64();
            let adapted = (1.0 - ADAPT_BY) * self.baseline + ADAPT_BY * observed;
            let (low, high) = (
                self.configured_baseline / ADAPT_WITHIN,
                self.configured_baseline * ADAPT_WITHIN,
            );
            self.set_baseline(adapted.clamp(low, high));
        }
    }

    fn score(&self) -> f64 {
        let Some((mean, slow)) = self.window.mean_and_share_above() else {
            return 0.0;
        };
        match self.source {
            Source::Nowhere => 0.0,
            Source::Utilization => mean / WHOLE,
            Source::Latency => {
                let gradient = (mean - self.min_latency) * self.per_excess_nano;
                slow.max(gradient).clamp(0.0, 1.0)
            }
        }
    }
}

fn per_excess_nano(config: &RateLimitConfig) -> f64 {
    1.0 / (config.min_latency.as_secs_f64() * NANOS * config.gradient_sensitivity)
}

/// A number from 0 to 1 and the time until which it holds, in one word.
///
/// ```text
///      64                                    24                           0
///      ┌─────────────────────────────────────┬────────────────────────────┐
///      │ holds before this millisecond       │ score, in 2^24 - 1 parts   │
///      └─────────────────────────────────────┴────────────────────────────┘
/// ```
#[derive(Debug)]
struct Score(AtomicU64);

const SCORE_BITS: u32 = 24;
const FULL_SCORE: f64 = 0xff_ffff as f64;
const FOR_EVER: u64 = u64::MAX >> SCORE_BITS;

impl Score {
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit exactly")]
    fn get(&self, now: Nanos) -> Option<f64> {
        let word = self.0.load(Relaxed);
        if word >> SCORE_BITS == FOR_EVER {
            return Some(0.0);
        }
        // A multiplication rather than a division: this is read for every call.
        (now < (word >> SCORE_BITS) * 1_000_000)
            .then(|| (word & 0xff_ffff) as f64 * (1.0 / FULL_SCORE))
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 2^24 - 1"
    )]
    fn set(&self, score: f64, holds_until: Option<Nanos>) {
        // Without samples there is nothing to grow old, and nothing to be pressed by.
        let until = holds_until.map_or(FOR_EVER, |until| (until / 1_000_000).min(FOR_EVER - 1));
        self.0.store(
            until << SCORE_BITS | (score * FULL_SCORE + 0.5) as u64,
            Relaxed,
        );
    }
}

impl Default for Score {
    fn default() -> Self {
        Self(AtomicU64::new(FOR_EVER << SCORE_BITS))
    }
}
