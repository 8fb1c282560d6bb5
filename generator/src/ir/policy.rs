//! The patterns of an operation, with every value filled in.

use std::time::Duration;

use crate::diagnostic::Location;

/// What the document's root says of all operations.
#[derive(Clone, Debug, Default)]
pub struct SharedPolicies {
    pub otel: Otel,
    pub protection: Option<Said<ProtectionType>>,
    pub controller: Controller,
    /// Names by which a client may be told apart, first that is there.
    pub client_key: Vec<ClientKey>,
    pub retry_budget: RetryBudget,
}

/// How many retries the whole service may make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryBudget {
    /// As a share of the calls.
    pub ratio: f64,
    /// A second, however few calls there are.
    pub min_per_second: u32,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self {
            ratio: 0.2,
            min_per_second: 10,
        }
    }
}

/// A value, and where the document says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T> {
    pub value: T,
    pub place: Location,
}

/// The control plane of the service.
#[derive(Clone, Debug, Default)]
pub struct Controller {
    pub enabled: Option<Said<bool>>,
    pub url: Option<Said<String>>,
    pub prefix: Option<Said<String>>,
}

#[derive(Clone, Debug, Default)]
pub struct Otel {
    pub enabled: Option<bool>,
    pub endpoint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtectionType {
    Ingress,
    Egress,
    Full,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKey {
    XClientId,
    Authorization,
    Peer,
}

/// One pattern of one operation.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Patterns of one kind and name are one instance.
    pub name: String,
    pub mode: Mode,
    pub pattern: Pattern,
    pub location: Location,
    /// Where each value comes from, where somebody asked for that.
    pub values: Vec<Effective>,
}

/// A value of a policy.
#[derive(Clone, Debug)]
pub struct Effective {
    /// As the extension calls it.
    pub key: &'static str,
    /// Times are seconds.
    pub value: serde_json::Value,
    pub is_time: bool,
    pub origin: Origin,
}

/// Why a value is what it is.
#[derive(Clone, Debug)]
pub enum Origin {
    /// The document says it.
    Written(Location),
    Default,
    /// It follows from what the document says of these keys.
    Derived(Vec<&'static str>),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Enforce,
    Shadow,
    Off,
    ForcedOpen,
    ForcedClosed,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    FeatureToggle(FeatureToggle),
    RateLimit(RateLimit),
    LoadShed(LoadShed),
    Concurrency(Concurrency),
    Backpressure(Backpressure),
    Retry(Retry),
    Bulkhead(Bulkhead),
    Cache(Cache),
    Fallback(Fallback),
    FailFast(FailFast),
    CircuitBreaker(CircuitBreaker),
    Hedge(Hedge),
    Timeout(Timeout),
    Chaos(Chaos),
}

#[derive(Clone, Debug, PartialEq)]
pub struct FeatureToggle {
    /// The switch itself.
    pub enabled: bool,
    pub status: u32,
    pub percentage: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LoadShed {
    pub max_requests: u32,
    pub max_queue_depth: Option<u32>,
    /// In percent.
    pub cpu_threshold: Option<f64>,
    /// In percent.
    pub memory_threshold: Option<f64>,
    /// Whether the load of processor and memory is nothing to the operation.
    pub is_high_priority: bool,
}

/// A number that follows others where the document does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Following {
    pub value: u32,
    pub is_written: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Backpressure {
    pub max_pending: Following,
    pub high_water_mark: Following,
    pub low_water_mark: Following,
    pub timeout: Duration,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Concurrency {
    pub initial_limit: Following,
    pub min_limit: Following,
    pub max_limit: Following,
    pub increase_rate: f64,
    pub decrease_factor: f64,
    pub algorithm: LimitAlgorithm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitAlgorithm {
    Aimd,
    Gradient,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RateLimit {
    pub max_executions: u32,
    pub per_time: Duration,
    pub bucket_size: u32,
    /// Further limits, which are checked as one with the first; each has a bucket of its size.
    pub further: Vec<Rate>,
    pub retry_after_strategy: RetryAfterStrategy,
    pub enable_per_client_tracking: bool,
    pub track_latency: bool,
    pub p95_baseline: Duration,
    pub min_latency: Duration,
    pub min_retry_delay: Duration,
    pub max_retry_penalty: Duration,
    pub gradient_sensitivity: f64,
    pub window_size: u32,
    pub max_clients: u32,
    pub cost: u32,
    /// Names by which a client may be told apart, if not by those of the service.
    pub client_key: Option<Vec<ClientKey>>,
}

/// So many calls in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub executions: u32,
    pub per: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfterStrategy {
    Backpressure,
    Fixed,
    Utilization,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    pub attempts: u32,
    pub delay: Duration,
    pub backoff: f64,
    pub max_delay: Duration,
    pub jitter: Jitter,
    pub exceptions: Vec<String>,
    /// Whether the operation is safe to repeat without an `Idempotency-Key`.
    pub without_idempotency_key: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    None,
    Full,
    Equal,
    Decorrelated,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bulkhead {
    pub max_concurrent: u32,
    pub max_queued: u32,
    pub queue_timeout: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FailFast {
    pub failure_threshold: u32,
    pub recovery_timeout: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CircuitBreaker {
    pub failure_threshold: u32,
    pub recovery_timeout: Duration,
    pub half_open_requests: u32,
    pub success_threshold: u32,
    pub window: Option<Window>,
}

/// The last calls of a circuit, judged together.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    pub kind: WindowKind,
    pub size: Option<u32>,
    pub failure_rate: Option<f64>,
    pub slow_call_rate: Option<f64>,
    pub slow_call_duration: Option<Duration>,
    pub minimum_calls: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowKind {
    Count,
    Time,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Timeout {
    pub seconds: Duration,
    pub total: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Cache {
    pub ttl: Duration,
    pub max_size: u32,
    pub vary: Vec<String>,
    /// Upper case.
    pub methods: Vec<String>,
    pub stale_while_revalidate: Option<Duration>,
    pub stale_on_error: Option<Duration>,
    pub error_ttl: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Fallback {
    pub instead: Instead,
    pub on: Vec<String>,
}

/// What a fallback answers with.
#[derive(Clone, Debug, PartialEq)]
pub enum Instead {
    Constant {
        status: u16,
        body: Option<InsteadBody>,
    },
    /// A method of the handlers.
    Handler,
    /// The last good answer of the cache.
    LastGood,
}

/// A body that is always the same.
#[derive(Clone, Debug)]
pub struct InsteadBody {
    pub media_type: String,
    pub value: serde_json::Value,
    /// As it goes over the wire.
    pub text: String,
    pub location: Location,
}

/// Written at two places, it is the same all the same.
impl PartialEq for InsteadBody {
    fn eq(&self, other: &Self) -> bool {
        (&self.media_type, &self.text) == (&other.media_type, &other.text)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Hedge {
    pub attempts: u32,
    pub delay: HedgeDelay,
    pub timeout: Option<Duration>,
    pub max_extra: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HedgeDelay {
    After(Duration),
    /// That of so many percent of the calls.
    Percentile(u8),
}

/// Faults on purpose.
#[derive(Clone, Debug, PartialEq)]
pub struct Chaos {
    /// The share of attempts that fail, 0 to 1.
    pub fault_rate: f64,
    pub latency: Duration,
    pub status: u32,
    pub seed: u32,
}
