//! The proofs of a service's policies: what is so is proved, and what is not so is found.
#![cfg(feature = "testing")]

use std::panic::catch_unwind;
use std::time::Duration;

use failsafe_runtime::service::PolicyStack;
use failsafe_runtime::testing::{
    self, Failure, FeatureTogglePolicy, FusePolicy, MachinePolicy, ModePolicy, PlacesPolicy,
    RateLimitPolicy, RetryPolicy, TimeoutPolicy,
};
use failsafe_runtime::{
    BackpressureConfig, BulkheadConfig, CircuitBreakerConfig, CircuitMode, ConcurrencyConfig,
    ConfigError, Exceptions, FailFastConfig, FallbackConfig, FeatureToggleConfig, HedgeConfig,
    LoadShedConfig, Mode, Patterns, Priority, RateLimitConfig, RetryConfig, TimeoutConfig,
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
                cpu_threshold: Some(80.0),
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

const MACHINE: MachinePolicy = MachinePolicy {
    operation: "all",
    stack: all,
    cpu: Some(80.0),
    memory: None,
    spared: false,
};

/// A shedder that looks at the machine, for calls of low priority or of high.
fn spared(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
    let config = LoadShedConfig {
        cpu_threshold: Some(80.0),
        memory_threshold: Some(90.0),
        priority: Priority::High,
        ..LoadShedConfig::default()
    };
    Ok(PolicyStack::new().load_shedder(patterns.load_shedder("spared", config)?))
}

/// Every pattern in a mode in which it does not act.
fn quiet(
    patterns: &Patterns,
    mode: Mode,
    circuit: CircuitMode,
) -> Result<PolicyStack, ConfigError> {
    Ok(PolicyStack::new()
        .feature_toggle(patterns.feature_toggle(
            "quiet",
            FeatureToggleConfig {
                mode,
                ..FeatureToggleConfig::default()
            },
        )?)
        .rate_limit(patterns.rate_limit(
            "quiet",
            RateLimitConfig {
                mode,
                ..RateLimitConfig::default()
            },
        )?)
        .load_shedder(patterns.load_shedder(
            "quiet",
            LoadShedConfig {
                mode,
                ..LoadShedConfig::default()
            },
        )?)
        .concurrency_limit(patterns.concurrency_limit(
            "quiet",
            ConcurrencyConfig {
                mode,
                ..ConcurrencyConfig::default()
            },
        )?)
        .backpressure(patterns.backpressure(
            "quiet",
            BackpressureConfig {
                mode,
                ..BackpressureConfig::default()
            },
        )?)
        .bulkhead(patterns.bulkhead(
            "quiet",
            BulkheadConfig {
                mode,
                ..BulkheadConfig::default()
            },
        )?)
        .fallback(
            patterns.fallback(
                "quiet",
                FallbackConfig {
                    mode,
                    ..FallbackConfig::default()
                },
            )?,
            failsafe_runtime::service::Instead::status(204),
        )
        .fail_fast(patterns.fail_fast(
            "quiet",
            FailFastConfig {
                mode,
                ..FailFastConfig::default()
            },
        )?)
        .circuit_breaker(patterns.circuit_breaker(
            "quiet",
            CircuitBreakerConfig {
                mode: circuit,
                ..CircuitBreakerConfig::default()
            },
        )?)
        .retry(patterns.retry(
            "quiet",
            RetryConfig {
                mode,
                ..RetryConfig::default()
            },
        )?)
        .hedge(patterns.hedge(
            "quiet",
            HedgeConfig {
                mode,
                ..HedgeConfig::default()
            },
        )?)
        .timeout(patterns.timeout(
            "quiet",
            TimeoutConfig {
                mode,
                ..TimeoutConfig::default()
            },
        )?))
}

fn in_shadow(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
    quiet(patterns, Mode::Shadow, CircuitMode::Shadow)
}

fn switched_off(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
    quiet(patterns, Mode::Off, CircuitMode::Off)
}

fn held_open(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
    quiet(patterns, Mode::Off, CircuitMode::ForcedOpen)
}

fn held_closed(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
    quiet(patterns, Mode::Off, CircuitMode::ForcedClosed)
}

const SHADOW: ModePolicy = ModePolicy {
    operation: "all",
    stack: in_shadow,
    pattern: "ratelimit",
    mode: "shadow",
};

const QUIET: [&str; 12] = [
    "featuretoggle",
    "ratelimit",
    "loadshed",
    "concurrency",
    "backpressure",
    "bulkhead",
    "fallback",
    "failfast",
    "circuitbreaker",
    "retry",
    "hedge",
    "timeout",
];

#[test]
fn what_is_not_enforced_changes_nothing() {
    let shadow = QUIET.map(|pattern| ModePolicy { pattern, ..SHADOW });
    testing::modes(&shadow);
    let off = ModePolicy {
        stack: switched_off,
        mode: "off",
        ..SHADOW
    };
    testing::modes(&QUIET.map(|pattern| ModePolicy { pattern, ..off }));
    let pattern = "circuitbreaker";
    testing::modes(&[
        ModePolicy {
            stack: held_open,
            pattern,
            mode: "forced_open",
            ..SHADOW
        },
        ModePolicy {
            stack: held_closed,
            pattern,
            mode: "forced_closed",
            ..SHADOW
        },
    ]);
}

#[test]
fn what_is_so_is_proved() {
    testing::machine_limits(&[
        MACHINE,
        MachinePolicy {
            stack: spared,
            memory: Some(90.0),
            spared: true,
            ..MACHINE
        },
    ]);
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
    (MACHINE { $($change:tt)* }) => { MachinePolicy { $($change)*, ..MACHINE } };
    (SHADOW { $($change:tt)* }) => { ModePolicy { $($change)*, ..SHADOW } };
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
    a_higher_threshold: machine_limits(MACHINE { cpu: Some(90.0) }) "just below 90 % CPU was answered with 503 load_shed",
    a_lower_threshold: machine_limits(MACHINE { cpu: Some(70.0) }) "at 70 % CPU was answered with 200",
    no_threshold: machine_limits(MACHINE { cpu: None }) "with all CPU in use",
    who_is_spared: machine_limits(MACHINE { spared: true }) "not with 200",
    another_mode: modes(SHADOW { mode: "off" }) "its mode is \"shadow\"",
    a_mode_that_acts: modes(SHADOW { stack: all, mode: "enforce" }) "ratelimit in mode enforce: a call was answered with 429",
    another_time: timeouts(TIMEOUT { after: SECOND * 3 }) "given up after 2",
}
