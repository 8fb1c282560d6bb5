//! The keys of a configuration are those of the document, letter by letter.
#![cfg(all(
    feature = "backpressure",
    feature = "concurrency",
    feature = "loadshed",
    feature = "failfast",
    feature = "fallback",
    feature = "featuretoggle",
    feature = "hedge",
    feature = "ratelimit",
    feature = "retry",
    feature = "circuitbreaker",
    feature = "timeout",
    feature = "serde"
))]

use std::time::Duration;

use failsafe_runtime::{
    BackpressureConfig, CircuitBreakerConfig, CircuitMode, CircuitWindow, ConcurrencyConfig,
    Exception, Exceptions, FailFastConfig, FallbackConfig, FeatureToggleConfig, HedgeConfig,
    HedgeDelay, Jitter, LimitAlgorithm, LoadShedConfig, Mode, Priority, RateLimitConfig,
    RetryAfterStrategy, RetryConfig, TimeoutConfig,
};

fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn nothing_at_all_is_the_default() {
    assert_eq!(read::<RateLimitConfig>("{}"), RateLimitConfig::default());
    assert_eq!(read::<RetryConfig>("{}"), RetryConfig::default());
    assert_eq!(
        read::<CircuitBreakerConfig>("{}"),
        CircuitBreakerConfig::default()
    );
    assert_eq!(read::<TimeoutConfig>("{}"), TimeoutConfig::default());
    assert_eq!(
        read::<BackpressureConfig>("{}"),
        BackpressureConfig::default()
    );
    assert_eq!(read::<LoadShedConfig>("{}"), LoadShedConfig::default());
    assert_eq!(
        read::<ConcurrencyConfig>("{}"),
        ConcurrencyConfig::default()
    );
    assert_eq!(read::<FailFastConfig>("{}"), FailFastConfig::default());
    assert_eq!(read::<HedgeConfig>("{}"), HedgeConfig::default());
    assert_eq!(read::<FallbackConfig>("{}"), FallbackConfig::default());
    assert_eq!(
        read::<FeatureToggleConfig>("{}"),
        FeatureToggleConfig::default()
    );
}

#[test]
fn every_key_is_read() {
    let config: RateLimitConfig = read(
        r#"{ "max_executions": 5, "per_time_secs": "1m", "bucket_size": 10,
             "retry_after_strategy": "utilization", "enable_per_client_tracking": true,
             "track_latency": false, "p95_baseline": 0.1, "min_latency": "20ms",
             "min_retry_delay": 2, "max_retry_penalty": 30, "gradient_sensitivity": 3,
             "window_size": 50, "max_clients": 7, "cost": 2, "mode": "shadow" }"#,
    );
    let expected = RateLimitConfig {
        max_executions: 5,
        per_time_secs: Duration::from_secs(60),
        limit: Vec::new(),
        bucket_size: Some(10),
        retry_after_strategy: RetryAfterStrategy::Utilization,
        enable_per_client_tracking: true,
        track_latency: false,
        p95_baseline: Duration::from_millis(100),
        min_latency: Duration::from_millis(20),
        min_retry_delay: Duration::from_secs(2),
        max_retry_penalty: Duration::from_secs(30),
        gradient_sensitivity: 3.0,
        window_size: 50,
        max_clients: 7,
        cost: 2,
        mode: Mode::Shadow,
    };
    assert_eq!(config, expected);

    let config: RetryConfig = read(
        r#"{ "attempts": 5, "delay": "100ms", "backoff": 3, "max_delay": 10,
             "jitter": "decorrelated", "exceptions": ["TimeoutError", 503], "mode": "off" }"#,
    );
    let expected = RetryConfig {
        attempts: 5,
        delay: Duration::from_millis(100),
        backoff: 3.0,
        max_delay: Some(Duration::from_secs(10)),
        jitter: Jitter::Decorrelated,
        exceptions: Exceptions::from([Exception::Timeout, Exception::Status(503)]),
        mode: Mode::Off,
    };
    assert_eq!(config, expected);

    let config: CircuitBreakerConfig = read(
        r#"{ "failure_threshold": 2, "recovery_timeout": 5, "half_open_requests": 1,
             "success_threshold": 4, "window": "time", "window_size": 30, "failure_rate": 0.25,
             "slow_call_rate": 1, "slow_call_duration": "2s", "minimum_calls": 20,
             "mode": "forced_open" }"#,
    );
    let expected = CircuitBreakerConfig {
        failure_threshold: 2,
        recovery_timeout: Duration::from_secs(5),
        half_open_requests: 1,
        success_threshold: Some(4),
        window: Some(CircuitWindow::Time),
        window_size: Some(30),
        failure_rate: Some(0.25),
        slow_call_rate: Some(1.0),
        slow_call_duration: Some(Duration::from_secs(2)),
        minimum_calls: Some(20),
        mode: CircuitMode::ForcedOpen,
    };
    assert_eq!(config, expected);

    let config: TimeoutConfig = read(r#"{ "seconds": 0.5, "total": "2s", "mode": "enforce" }"#);
    let expected = TimeoutConfig {
        seconds: Duration::from_millis(500),
        total: Some(Duration::from_secs(2)),
        mode: Mode::Enforce,
    };
    assert_eq!(config, expected);

    let config: HedgeConfig = read(
        r#"{ "attempts": 3, "delay": "p95", "timeout": 2, "max_extra": 0.5, "mode": "shadow" }"#,
    );
    let expected = HedgeConfig {
        attempts: 3,
        delay: HedgeDelay::Percentile(95),
        timeout: Some(Duration::from_secs(2)),
        max_extra: 0.5,
        mode: Mode::Shadow,
    };
    assert_eq!(config, expected);
    for (delay, millis) in [("0.05", 50), ("2", 2000), (r#""50ms""#, 50)] {
        let config: HedgeConfig = read(&format!(r#"{{ "delay": {delay} }}"#));
        let expected = HedgeDelay::After(Duration::from_millis(millis));
        assert_eq!(config.delay, expected);
    }

    let config: FallbackConfig = read(r#"{ "on": ["TimeoutError", "5xx"], "mode": "off" }"#);
    let expected = FallbackConfig {
        on: Exceptions::from([Exception::Timeout, Exception::StatusClass(5)]),
        mode: Mode::Off,
    };
    assert_eq!(config, expected);

    let config: FeatureToggleConfig =
        read(r#"{ "enabled": false, "status": 404, "percentage": 25, "mode": "shadow" }"#);
    let expected = FeatureToggleConfig {
        enabled: false,
        status: 404,
        percentage: 25.0,
        mode: Mode::Shadow,
    };
    assert_eq!(config, expected);

    let config: FailFastConfig =
        read(r#"{ "failure_threshold": 5, "recovery_timeout": "1m", "mode": "shadow" }"#);
    let expected = FailFastConfig {
        failure_threshold: 5,
        recovery_timeout: Some(Duration::from_secs(60)),
        mode: Mode::Shadow,
    };
    assert_eq!(config, expected);
}

#[test]
fn every_key_of_what_bounds_calls_is_read() {
    let config: LoadShedConfig = read(
        r#"{ "max_requests": 20, "max_queue_depth": 15, "cpu_threshold": 80,
             "memory_threshold": 92.5, "priority": "high", "mode": "shadow" }"#,
    );
    let expected = LoadShedConfig {
        max_requests: 20,
        max_queue_depth: Some(15),
        cpu_threshold: Some(80.0),
        memory_threshold: Some(92.5),
        priority: Priority::High,
        mode: Mode::Shadow,
    };
    assert_eq!(config, expected);

    let config: BackpressureConfig = read(
        r#"{ "max_pending": 20, "high_water_mark": 15, "low_water_mark": 5, "timeout": "250ms",
             "mode": "off" }"#,
    );
    let expected = BackpressureConfig {
        max_pending: Some(20),
        high_water_mark: Some(15),
        low_water_mark: Some(5),
        timeout: Duration::from_millis(250),
        mode: Mode::Off,
    };
    assert_eq!(config, expected);

    let config: ConcurrencyConfig = read(
        r#"{ "initial_limit": 20, "min_limit": 5, "max_limit": 50, "increase_rate": 2,
             "decrease_factor": 0.5, "algorithm": "gradient", "mode": "shadow" }"#,
    );
    let expected = ConcurrencyConfig {
        initial_limit: Some(20),
        min_limit: Some(5),
        max_limit: Some(50),
        increase_rate: 2.0,
        decrease_factor: 0.5,
        algorithm: LimitAlgorithm::Gradient,
        mode: Mode::Shadow,
    };
    assert_eq!(config, expected);
}

#[cfg(feature = "cache")]
#[test]
fn every_key_of_a_cache_is_read() {
    use failsafe_runtime::CacheConfig;

    assert_eq!(read::<CacheConfig>("{}"), CacheConfig::default());
    let config: CacheConfig = read(
        r#"{ "ttl": "1m", "max_size": 5, "vary": ["accept"], "methods": ["GET"],
             "stale_while_revalidate": 10, "stale_on_error": "1h", "error_ttl": 0.5,
             "mode": "shadow" }"#,
    );
    let expected = CacheConfig {
        ttl: Duration::from_secs(60),
        max_size: 5,
        vary: vec!["accept".to_owned()],
        methods: vec!["GET".to_owned()],
        stale_while_revalidate: Some(Duration::from_secs(10)),
        stale_on_error: Some(Duration::from_secs(3600)),
        error_ttl: Some(Duration::from_millis(500)),
        mode: Mode::Shadow,
    };
    assert_eq!(config, expected);
}

#[test]
fn what_is_written_is_read_again() {
    let config = RateLimitConfig {
        max_executions: 5,
        ..RateLimitConfig::default()
    };
    let text = serde_json::to_string(&config).expect("plain values");
    assert_eq!(read::<RateLimitConfig>(&text), config);
    let config = HedgeConfig {
        delay: HedgeDelay::Percentile(95),
        ..HedgeConfig::default()
    };
    let text = serde_json::to_string(&config).expect("plain values");
    assert_eq!(read::<HedgeConfig>(&text), config);
    let text = serde_json::to_string(&RetryConfig::default()).expect("plain values");
    assert_eq!(read::<RetryConfig>(&text), RetryConfig::default());
}

#[test]
fn an_unknown_key_is_an_error() {
    let error = serde_json::from_str::<TimeoutConfig>(r#"{ "second": 1 }"#).expect_err("unknown");
    assert!(
        error.to_string().starts_with("unknown field `second`"),
        "{error}"
    );
}
