use super::*;
use crate::ConfigError;

#[test]
#[cfg(feature = "timeout")]
fn a_name_in_use_with_other_values_is_a_conflict() {
    use std::time::Duration;

    use crate::TimeoutConfig;

    let patterns = Patterns::new();
    patterns
        .timeout("a", TimeoutConfig::default())
        .expect("a new name");
    let other = TimeoutConfig {
        seconds: Duration::from_secs(1),
        ..TimeoutConfig::default()
    };
    let error = patterns
        .timeout("a", other)
        .expect_err("the same name with other values");
    assert_eq!(
        error,
        ConfigError::Conflict {
            pattern: "timeout",
            name: "a".to_owned()
        }
    );
    assert_eq!(
        error.to_string(),
        "timeout \"a\" exists already with other values"
    );
}

#[test]
#[cfg(all(
    feature = "ratelimit",
    feature = "retry",
    feature = "circuitbreaker",
    feature = "timeout"
))]
fn a_snapshot_lists_all_patterns_by_type_and_name() {
    let patterns = Patterns::new();
    for name in ["b", "a"] {
        patterns
            .timeout(name, crate::TimeoutConfig::default())
            .expect("defaults");
        patterns
            .retry(name, crate::RetryConfig::default())
            .expect("defaults");
        patterns
            .circuit_breaker(name, crate::CircuitBreakerConfig::default())
            .expect("defaults");
        patterns
            .rate_limit(name, crate::RateLimitConfig::default())
            .expect("defaults");
    }
    let snapshot = patterns.snapshot();
    let names = snapshot
        .patterns
        .iter()
        .map(|pattern| (pattern.kind, pattern.name.clone()));
    assert_eq!(patterns.list(), names.collect::<Vec<_>>());
    let listed: Vec<_> = snapshot
        .patterns
        .iter()
        .map(|pattern| {
            format!(
                "{} {} {}",
                pattern.kind.as_str(),
                pattern.name,
                pattern.state
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            "ratelimit a available",
            "ratelimit b available",
            "circuitbreaker a closed",
            "circuitbreaker b closed",
            "retry a ready",
            "retry b ready",
            "timeout a ready",
            "timeout b ready",
        ]
    );
}

#[cfg(feature = "circuitbreaker")]
mod of_a_circuit {
    use std::sync::Arc;

    use super::*;
    use crate::{CircuitBreaker, CircuitBreakerConfig};

    fn brittle(patterns: &Patterns) -> Arc<CircuitBreaker> {
        let config = CircuitBreakerConfig {
            failure_threshold: 1,
            ..CircuitBreakerConfig::default()
        };
        patterns.circuit_breaker("a", config).expect("in range")
    }

    #[test]
    fn a_pattern_that_is_switched_off_lets_pass_and_counts_nothing() {
        let patterns = Patterns::new();
        let breaker = brittle(&patterns);
        let pattern = patterns
            .get(PatternKind::CircuitBreaker, "a")
            .expect("listed");
        pattern.set_enabled(false);
        assert_eq!(pattern.snapshot().mode, "off");
        for _ in 0..3 {
            breaker.acquire().expect("it is off").failure();
        }
        pattern.set_enabled(true);
        assert_eq!(pattern.snapshot().mode, "enforce");
        breaker.acquire().expect("nothing was counted").failure();
        assert!(breaker.acquire().is_err(), "it is on again");
        pattern.reset();
        assert!(breaker.acquire().is_ok(), "it was reset");
    }

    #[test]
    fn counts_begin_again_from_zero() {
        let patterns = Patterns::new();
        let breaker = brittle(&patterns);
        breaker.acquire().expect("closed").success();
        let success = |patterns: &Patterns| patterns.snapshot().patterns[0].counters[0].value;
        assert_eq!(success(&patterns), 1);
        patterns.all()[0].forget_counts();
        assert_eq!(success(&patterns), 0);
    }

    #[tokio::test]
    async fn events_come_in_order_and_lag_is_counted() {
        let patterns = Patterns::new();
        let breaker = brittle(&patterns);
        breaker.acquire().expect("closed").failure();
        let mut events = patterns.subscribe();
        for _ in 0..1500 {
            breaker.acquire().expect_err("open");
        }
        let event = events.next().await;
        assert_eq!(event.pattern, PatternKind::CircuitBreaker);
        assert!(matches!(event.what, Occurrence::Rejected { .. }));
        assert_eq!(events.missed(), 1500 - 1024);
    }

    #[test]
    #[cfg(feature = "service")]
    fn keys_are_replaced_one_by_one_and_all_or_none() {
        use serde_json::json;

        let patterns = Patterns::new();
        let breaker = brittle(&patterns);
        let pattern = &patterns.all()[0];
        let keys = |value: serde_json::Value| value.as_object().expect("an object").clone();
        pattern
            .reconfigure_json(&keys(json!({ "recovery_timeout": "5s" })))
            .expect("in range");
        assert_eq!(breaker.config().recovery_timeout.as_secs(), 5);
        assert_eq!(breaker.config().failure_threshold, 1, "it was not named");
        for wrong in [
            json!({ "failure_threshold": 7, "nonsense": 1 }),
            json!({ "failure_threshold": "seven" }),
            json!({ "failure_threshold": 0 }),
        ] {
            pattern.reconfigure_json(&keys(wrong)).expect_err("wrong");
            assert_eq!(breaker.config().failure_threshold, 1);
        }
        assert_eq!(pattern.config_json()["recovery_timeout"], 5.0);
    }
}
