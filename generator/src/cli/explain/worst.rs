//! The worst that the policies of an operation allow.

use crate::ir::{HedgeDelay, Jitter, Mode, Pattern, Policy, Retry};

/// What one request may cost.
#[derive(Debug, PartialEq)]
pub(super) struct Worst {
    /// Of the handler, retries and hedges together.
    pub(super) calls: u64,
    /// Seconds until the answer's head; none where nothing bounds it.
    pub(super) latency: Option<f64>,
}

impl Worst {
    /// Policies stand outermost first.
    pub(super) fn of(policies: &[Policy]) -> Self {
        let mut worst = Self {
            calls: 1,
            latency: None,
        };
        let mut total: Option<f64> = None;
        // What only counts what it would refuse bounds nothing.
        let acting = policies.iter().rev();
        for policy in acting.filter(|it| !matches!(it.mode, Mode::Off | Mode::Shadow)) {
            match &policy.pattern {
                Pattern::Timeout(timeout) => {
                    worst.bound(timeout.seconds.as_secs_f64());
                    total = timeout.total.map(|total| total.as_secs_f64());
                }
                Pattern::Retry(retry) => {
                    worst.calls *= u64::from(retry.attempts);
                    let attempts = f64::from(retry.attempts);
                    worst.latency = worst.latency.map(|one| one * attempts + waits(retry));
                }
                Pattern::Hedge(hedge) => {
                    worst.calls *= u64::from(hedge.attempts);
                    let others = f64::from(hedge.attempts - 1);
                    worst.latency = match hedge.delay {
                        HedgeDelay::After(delay) => {
                            worst.latency.map(|one| one + others * delay.as_secs_f64())
                        }
                        // A share of the calls took longer than this, up to all that is allowed.
                        HedgeDelay::Percentile(_) => worst.latency.map(|one| one * (others + 1.0)),
                    };
                    if let Some(timeout) = hedge.timeout {
                        worst.bound(timeout.as_secs_f64());
                    }
                }
                Pattern::Bulkhead(bulkhead) if bulkhead.max_queued > 0 => {
                    let queue = bulkhead.queue_timeout.map(|it| it.as_secs_f64());
                    worst.latency = worst.latency.zip(queue).map(|(one, queue)| one + queue);
                }
                Pattern::Backpressure(backpressure) => {
                    let wait = backpressure.timeout.as_secs_f64();
                    worst.latency = worst.latency.map(|one| one + wait);
                }
                _ => {}
            }
        }
        if let Some(total) = total {
            worst.bound(total);
        }
        worst
    }

    fn bound(&mut self, seconds: f64) {
        self.latency = Some(self.latency.map_or(seconds, |one| one.min(seconds)));
    }
}

/// The longest that a retry waits between its attempts.
fn waits(retry: &Retry) -> f64 {
    let factor = match retry.jitter {
        // Each wait is up to three times the one before it.
        Jitter::Decorrelated => 3.0,
        Jitter::None | Jitter::Full | Jitter::Equal => retry.backoff,
    };
    let longest = retry.max_delay.as_secs_f64();
    let mut wait = retry.delay.as_secs_f64();
    let mut sum = 0.0;
    for _ in 1..retry.attempts {
        sum += wait.min(longest);
        wait *= factor;
    }
    sum
}
