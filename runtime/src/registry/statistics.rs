use super::{Counter, Gauge, PatternKind};

/// What the numbers of a pattern come to, in terms that are the same for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Calls that the pattern let through, or refused.
    pub total: u64,
    /// Calls that it refused.
    pub refused: u64,
    /// Calls that it let through and that failed, where it can tell.
    pub failed: u64,
    /// How much of what it has to give is in use: 0 to 1, and nothing where it gives nothing.
    pub utilization: Option<f64>,
}

/// How near a pattern is to the end of what it has to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LoadLevel {
    /// Below 60 % of it.
    Normal,
    /// From 60 %.
    Elevated,
    /// From 80 %.
    High,
    /// From 95 %.
    Critical,
}

impl LoadLevel {
    /// Its name in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Elevated => "elevated",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Statistics {
    /// The share of calls that were refused; 0 without calls.
    pub fn refusal_rate(&self) -> f64 {
        share(self.refused, self.total)
    }

    /// The share of calls that failed, of those that were let through; 0 without any.
    pub fn failure_rate(&self) -> f64 {
        share(self.failed, self.total.saturating_sub(self.refused))
    }

    /// How near the end of what it has to give the pattern is.
    pub fn load_level(&self) -> Option<LoadLevel> {
        self.utilization.map(|utilization| match utilization {
            at if at >= 0.95 => LoadLevel::Critical,
            at if at >= 0.8 => LoadLevel::High,
            at if at >= 0.6 => LoadLevel::Elevated,
            _ => LoadLevel::Normal,
        })
    }

    pub(super) fn of(kind: PatternKind, counters: &[Counter], gauges: &[Gauge]) -> Self {
        let row = Row::of(kind);
        let sum = |names: &[&str]| {
            let counted = counters.iter().filter(|counter| {
                let status = counter.labels.iter().find(|(label, _)| *label == "status");
                let status = status.map_or("", |(_, status)| status);
                names.contains(&counter.name) || names.contains(&status)
            });
            counted.map(|counter| counter.value).sum::<u64>()
        };
        let refused = sum(row.refused);
        let utilization = gauges
            .iter()
            .find(|gauge| gauge.name.ends_with("utilization_ratio"));
        Self {
            total: sum(row.passed) + refused,
            refused,
            failed: sum(row.failed),
            utilization: utilization.map(|gauge| gauge.value.clamp(0.0, 1.0)),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share is not looked at to its last digit"
)]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Which of a pattern's counters, or of the values of their label `status`, count what.
struct Row {
    passed: &'static [&'static str],
    refused: &'static [&'static str],
    failed: &'static [&'static str],
}

impl Row {
    const fn of(kind: PatternKind) -> Self {
        let (passed, refused, failed): (&[&str], &[&str], &[&str]) = match kind {
            PatternKind::FeatureToggle => (&["enabled"], &["disabled"], &[]),
            PatternKind::RateLimit => (&["allowed"], &["rejected"], &[]),
            PatternKind::LoadShed => (&["admitted"], &["shed"], &[]),
            PatternKind::Concurrency => (&["admitted"], &["rejected"], &["failure"]),
            PatternKind::Backpressure | PatternKind::Bulkhead => {
                (&["admitted"], &["full", "queue_timeout"], &[])
            }
            PatternKind::Cache => (&["hit", "miss", "stale", "failure_hit"], &[], &["failure"]),
            PatternKind::Fallback => (
                &["success", "invoked", "passed_on"],
                &[],
                &["failed", "passed_on"],
            ),
            PatternKind::FailFast | PatternKind::CircuitBreaker => {
                (&["success", "failure"], &["rejected"], &["failure"])
            }
            PatternKind::Retry => (&["success", "giveup"], &[], &["giveup"]),
            PatternKind::Hedge => (
                &["success", "all_failed", "timeout"],
                &[],
                &["all_failed", "timeout"],
            ),
            PatternKind::Timeout => (&["success", "fired"], &[], &["fired"]),
            PatternKind::Chaos => (&["passed", "fault"], &[], &["fault"]),
        };
        Self {
            passed,
            refused,
            failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(name: &'static str, labels: &[(&'static str, &str)], value: u64) -> Counter {
        let labels = labels
            .iter()
            .map(|(label, value)| (*label, (*value).to_owned()));
        Counter {
            name,
            labels: labels.collect(),
            value,
        }
    }

    #[test]
    fn what_is_counted_by_label_is_added_up() {
        let counters = [
            counter("requests", &[("client", ""), ("status", "allowed")], 5),
            counter("requests", &[("client", "a"), ("status", "allowed")], 10),
            counter("requests", &[("client", "a"), ("status", "rejected")], 5),
            counter("rejections", &[("client", "a"), ("reason", "tokens")], 5),
            counter("tokens_consumed", &[], 15),
        ];
        let gauges = [Gauge {
            name: "bucket_utilization_ratio",
            labels: Vec::new(),
            value: 0.8,
        }];
        let statistics = Statistics::of(PatternKind::RateLimit, &counters, &gauges);
        assert_eq!((statistics.total, statistics.refused), (20, 5));
        assert_eq!(statistics.refusal_rate(), 0.25);
        assert_eq!(statistics.load_level(), Some(LoadLevel::High));
    }

    #[test]
    fn rates_are_shares_of_what_could_be_refused_or_fail() {
        let counters = [
            counter("success", &[], 6),
            counter("failure", &[], 2),
            counter("rejected", &[], 8),
        ];
        let statistics = Statistics::of(PatternKind::CircuitBreaker, &counters, &[]);
        assert_eq!((statistics.total, statistics.failed), (16, 2));
        assert_eq!(statistics.refusal_rate(), 0.5);
        assert_eq!(statistics.failure_rate(), 0.25);
        assert_eq!(statistics.load_level(), None);
        let none = Statistics::of(PatternKind::Retry, &[], &[]);
        assert_eq!((none.refusal_rate(), none.failure_rate()), (0.0, 0.0));
    }
}
