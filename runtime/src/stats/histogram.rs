//! Distributions in fixed buckets.

use crate::registry;

/// Bounds of call times, in seconds.
const LATENCIES: &[f64] = &[
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// Bounds of waits, in seconds.
const WAITS: &[f64] = &[0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 300.0];

/// A histogram that its owner keeps under a lock.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    bounds: &'static [f64],
    counts: Vec<u64>,
    sum: f64,
}

impl Histogram {
    pub(crate) fn of_latencies() -> Self {
        Self::new(LATENCIES)
    }

    pub(crate) fn of_waits() -> Self {
        Self::new(WAITS)
    }

    fn new(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            counts: vec![0; bounds.len() + 1],
            sum: 0.0,
        }
    }

    /// Counts a value in the first bucket whose bound it does not exceed.
    pub(crate) fn record(&mut self, value: f64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket] += 1;
        self.sum += value;
    }

    pub(crate) fn into_snapshot(
        self,
        name: &'static str,
        labels: &[(&'static str, &str)],
    ) -> registry::Histogram {
        let Self {
            bounds,
            counts,
            sum,
        } = self;
        registry::Histogram {
            name,
            labels: labels
                .iter()
                .map(|(key, value)| (*key, (*value).to_owned()))
                .collect(),
            bounds,
            counts,
            sum,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let mut histogram = Histogram::new(&[1.0, 2.0]);
        for value in [0.5, 1.0, 1.5, 2.0, 9.0] {
            histogram.record(value);
        }
        assert_eq!(histogram.counts, [2, 2, 1]);
        assert_eq!(histogram.sum, 14.0);
    }
}
