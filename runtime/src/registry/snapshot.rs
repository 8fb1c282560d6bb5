use super::Statistics;

/// The type of a pattern, in the order in which they stand around a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PatternKind {
    /// `featuretoggle`
    FeatureToggle,
    /// `ratelimit`
    RateLimit,
    /// `loadshed`
    LoadShed,
    /// `concurrency`
    Concurrency,
    /// `backpressure`
    Backpressure,
    /// `bulkhead`
    Bulkhead,
    /// `cache`
    Cache,
    /// `fallback`
    Fallback,
    /// `failfast`
    FailFast,
    /// `circuitbreaker`
    CircuitBreaker,
    /// `retry`
    Retry,
    /// `hedge`
    Hedge,
    /// `timeout`
    Timeout,
    /// `chaos`
    Chaos,
}

impl PatternKind {
    /// Every type.
    pub const ALL: [Self; 14] = [
        Self::FeatureToggle,
        Self::RateLimit,
        Self::LoadShed,
        Self::Concurrency,
        Self::Backpressure,
        Self::Bulkhead,
        Self::Cache,
        Self::Fallback,
        Self::FailFast,
        Self::CircuitBreaker,
        Self::Retry,
        Self::Hedge,
        Self::Timeout,
        Self::Chaos,
    ];

    /// The name that documents and metrics use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FeatureToggle => "featuretoggle",
            Self::RateLimit => "ratelimit",
            Self::LoadShed => "loadshed",
            Self::Concurrency => "concurrency",
            Self::Backpressure => "backpressure",
            Self::Bulkhead => "bulkhead",
            Self::Cache => "cache",
            Self::Fallback => "fallback",
            Self::FailFast => "failfast",
            Self::CircuitBreaker => "circuitbreaker",
            Self::Retry => "retry",
            Self::Hedge => "hedge",
            Self::Timeout => "timeout",
            Self::Chaos => "chaos",
        }
    }

    /// The type of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Every pattern of a service at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// By type and then by name.
    pub patterns: Vec<PatternSnapshot>,
}

/// One pattern at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct PatternSnapshot {
    /// Its type.
    pub kind: PatternKind,
    /// Its name.
    pub name: String,
    /// Its mode, as documents write it.
    pub mode: &'static str,
    /// Its state in one word, such as `closed`.
    pub state: &'static str,
    /// Numbers that only grow.
    pub counters: Vec<Counter>,
    /// Numbers that rise and fall.
    pub gauges: Vec<Gauge>,
    /// Distributions.
    pub histograms: Vec<Histogram>,
    /// What the numbers come to.
    pub statistics: Statistics,
}

/// A number that only grows.
#[derive(Clone, Debug, PartialEq)]
pub struct Counter {
    /// What is counted, such as `requests`; a dot separates parts (`transition.failing`).
    pub name: &'static str,
    /// What tells it from others of the same name.
    pub labels: Vec<(&'static str, String)>,
    /// How many.
    pub value: u64,
}

/// A number that rises and falls.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    /// What is measured, such as `tokens_available`.
    pub name: &'static str,
    /// What tells it from others of the same name.
    pub labels: Vec<(&'static str, String)>,
    /// How much.
    pub value: f64,
}

/// A distribution in buckets.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// What is measured, such as `request_latency_seconds`.
    pub name: &'static str,
    /// What tells it from others of the same name.
    pub labels: Vec<(&'static str, String)>,
    /// The upper bounds of all buckets but the last, which has none.
    pub bounds: &'static [f64],
    /// How many values fell into each bucket; one more than bounds.
    pub counts: Vec<u64>,
    /// The sum of all values.
    pub sum: f64,
}
