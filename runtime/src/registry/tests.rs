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
