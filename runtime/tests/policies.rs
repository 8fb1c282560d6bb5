//! The proofs of a service's policies: what is so is proved, and what is not so is found.
#![cfg(feature = "testing")]

use std::panic::catch_unwind;
use std::time::Duration;

use failsafe_runtime::service::PolicyStack;
use failsafe_runtime::testing::{
    self, Failure, FeatureTogglePolicy, FusePolicy, PlacesPolicy, RateLimitPolicy, RetryPolicy,
    TimeoutPolicy,
};
use failsafe_runtime::{
    BackpressureConfig, BulkheadConfig, CircuitBreakerConfig, ConcurrencyConfig, ConfigError,
    Exceptions, FailFastConfig, FeatureToggleConfig, LoadShedConfig, Patterns, RateLimitConfig,
    RetryConfig, TimeoutConfig,
};

const SECOND: Duration = Duration::from_secs(1);

/// Every pattern at once: each proof has to find its own.
fn all(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
    Ok(PolicyStack::new()
        .feature_toggle(patterns.feature_toggle(
            "all",
            FeatureToggleConfig {
                status: 404,
                percentage: 25.0,
                ..FeatureToggleConfig::default()
            },
        )?)
        .rate_limit(patterns.rate_limit(
            "all",
            RateLimitConfig {
                max_executions: 6,
                cost: 2,
                enable_per_client_tracking: true,
                ..RateLimitConfig::default()
            },
        )?)
        .load_shedder(patterns.load_shedder(
            "all",
            LoadShedConfig {
                max_requests: 4,
                ..LoadShedConfig::default()
            },
        )?)
        .concurrency_limit(patterns.concurrency_limit(
            "all",
            ConcurrencyConfig {
                initial_limit: Some(3),
                min_limit: Some(1),
                max_limit: Some(5),
                ..ConcurrencyConfig::default()
            },
        )?)
        .backpressure(patterns.backpressure(
            "all",
            BackpressureConfig {
                max_pending: Some(5),
                high_water_mark: Some(2),
                low_water_mark: Some(1),
                timeout: SECOND,
                ..BackpressureConfig::default()
            },
        )?)
        .bulkhead(patterns.bulkhead(
            "all",
            BulkheadConfig {
                max_concurrent: 2,
                max_queued: 1,
                queue_timeout: Some(SECOND * 2),
                ..BulkheadConfig::default()
            },
        )?)
        .fail_fast(patterns.fail_fast("all", FailFastConfig::default())?)
        .circuit_breaker(patterns.circuit_breaker(
            "all",
            CircuitBreakerConfig {
                failure_threshold: 4,
                success_threshold: Some(2),
                ..CircuitBreakerConfig::default()
            },
        )?)
        .retry_keyed(patterns.retry(
            "all",
            RetryConfig {
                exceptions: Exceptions::parse(["TimeoutError", "502"])?,
                ..RetryConfig::default()
            },
        )?)
        .timeout(patterns.timeout(
            "all",
            TimeoutConfig {
                seconds: SECOND * 3,
                total: Some(SECOND * 2),
                ..TimeoutConfig::default()
            },
        )?))
}

const RATE_LIMIT: RateLimitPolicy = RateLimitPolicy {
    operation: "all",
    stack: all,
    calls: 3,
    refill: Duration::from_secs(20),
    per_client: true,
};
const TOGGLE: FeatureTogglePolicy = FeatureTogglePolicy {
    operation: "all",
    stack: all,
    enabled: true,
    status: 404,
    percentage: 25.0,
};
const BULKHEAD: PlacesPolicy = PlacesPolicy {
    operation: "all",
    stack: all,
    running: 2,
    waiting: 1,
    patience: Some(Duration::from_secs(2)),
};
const BACKPRESSURE: PlacesPolicy = PlacesPolicy {
    waiting: 3,
    patience: Some(SECOND),
    ..BULKHEAD
};
const CONCURRENCY: PlacesPolicy = PlacesPolicy {
    running: 3,
    waiting: 0,
    patience: None,
    ..BULKHEAD
};
const LOAD_SHED: PlacesPolicy = PlacesPolicy {
    running: 4,
    ..CONCURRENCY
};
const CIRCUIT: FusePolicy = FusePolicy {
    operation: "all",
    stack: all,
    opens_after: 4,
    stays_open: Some(Duration::from_secs(30)),
    closes_after: 2,
};
const FAIL_FAST: FusePolicy = FusePolicy {
    opens_after: 3,
    stays_open: None,
    closes_after: 1,
    ..CIRCUIT
};
const RETRY: RetryPolicy = RetryPolicy {
    operation: "all",
    stack: all,
    attempts: 3,
    after: Failure::Status(502),
    only_keyed: true,
};
const TIMEOUT: TimeoutPolicy = TimeoutPolicy {
    operation: "all",
    stack: all,
    after: Duration::from_secs(2),
};

#[test]
fn what_is_so_is_proved() {
    testing::rate_limits(&[RATE_LIMIT]);
    testing::feature_toggles(&[TOGGLE]);
    testing::bulkheads(&[BULKHEAD]);
    testing::backpressures(&[BACKPRESSURE]);
    testing::concurrency_limits(&[CONCURRENCY]);
    testing::load_shedders(&[LOAD_SHED]);
    testing::circuit_breakers(&[CIRCUIT]);
    testing::fail_fasts(&[FAIL_FAST]);
    testing::retries(&[
        RETRY,
        RetryPolicy {
            after: Failure::Timeout,
            ..RETRY
        },
    ]);
    testing::timeouts(&[TIMEOUT]);
}

/// The words with which a proof fails.
#[track_caller]
fn fault(proof: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = catch_unwind(proof).expect_err("what is not so is found");
    *panic.downcast::<String>().expect("a panic with words")
}

macro_rules! finds {
    ($($test:ident: $proof:ident($row:ident { $($change:tt)* }) $words:literal,)*) => {$(
        #[test]
        fn $test() {
            #[allow(clippy::needless_update, reason = "rows differ in how many members they have")]
            let words = fault(|| testing::$proof(&[$row, row!($row { $($change)* })]));
            assert!(words.contains("1 of 2 policies"), "{words}");
            assert!(words.contains($words), "{words}");
        }
    )*};
}
macro_rules! row {
    (RATE_LIMIT { $($change:tt)* }) => { RateLimitPolicy { $($change)*, ..RATE_LIMIT } };
    (TOGGLE { $($change:tt)* }) => { FeatureTogglePolicy { $($change)*, ..TOGGLE } };
    (CIRCUIT { $($change:tt)* }) => { FusePolicy { $($change)*, ..CIRCUIT } };
    (FAIL_FAST { $($change:tt)* }) => { FusePolicy { $($change)*, ..FAIL_FAST } };
    (RETRY { $($change:tt)* }) => { RetryPolicy { $($change)*, ..RETRY } };
    (TIMEOUT { $($change:tt)* }) => { TimeoutPolicy { $($change)*, ..TIMEOUT } };
    ($row:ident { $($change:tt)* }) => { PlacesPolicy { $($change)*, ..$row } };
}

finds! {
    a_limit_that_is_tighter: rate_limits(RATE_LIMIT { calls: 4 }) "call 4 of 4",
    a_limit_that_is_wider: rate_limits(RATE_LIMIT { calls: 2 }) "call 3 of 2 was answered with 200",
    a_limit_that_refills_sooner: rate_limits(RATE_LIMIT { refill: SECOND * 30 }) "Retry-After",
    a_limit_that_refills_later: rate_limits(RATE_LIMIT { refill: SECOND * 10 }) "when there is a token again",
    another_share: feature_toggles(TOGGLE { percentage: 50.0 }) "% of the clients",
    another_switch: feature_toggles(TOGGLE { enabled: false }) "at first",
    another_status: feature_toggles(TOGGLE { status: 403 }) "404 feature_disabled",
    more_places: bulkheads(BULKHEAD { running: 1 }) "not with 503",
    fewer_places: bulkheads(BULKHEAD { running: 3 }) "a call waited 0",
    less_patience: bulkheads(BULKHEAD { patience: Some(SECOND * 3) }) "a call waited 2",
    a_shorter_queue: backpressures(BACKPRESSURE { waiting: 4 }) "did not wait",
    a_wider_limit: concurrency_limits(CONCURRENCY { running: 2 }) "call 3 of 2",
    a_tighter_limit: load_shedders(LOAD_SHED { running: 5 }) "503 load_shed",
    a_circuit_that_opens_sooner: circuit_breakers(CIRCUIT { opens_after: 5 }) "failure 5 of 5",
    a_circuit_that_opens_later: circuit_breakers(CIRCUIT { opens_after: 3 }) "after 3 failures",
    a_shorter_recovery: circuit_breakers(CIRCUIT { stays_open: Some(SECOND * 40) }) "Retry-After",
    a_circuit_that_closes_later: circuit_breakers(CIRCUIT { closes_after: 1 }) "after one failure",
    a_fuse_that_recovers: fail_fasts(FAIL_FAST { stays_open: Some(SECOND) }) "Retry-After",
    fewer_attempts: retries(RETRY { attempts: 4 }) "3 times, not 4",
    another_failure: retries(RETRY { after: Failure::Status(503) }) "not with 503 attempts_exceeded",
    another_time: timeouts(TIMEOUT { after: SECOND * 3 }) "given up after 2",
}
