use serde_json::json;

use super::*;
use crate::{BulkheadConfig, FeatureToggleConfig, RateLimitConfig, TimeoutConfig};

fn keys(value: &Value) -> Keys {
    value.as_object().expect("an object").clone()
}

fn overrides() -> Overrides {
    let patterns = Patterns::new();
    patterns
        .rate_limit("list", RateLimitConfig::default())
        .unwrap();
    patterns.timeout("list", TimeoutConfig::default()).unwrap();
    patterns
        .feature_toggle("list", FeatureToggleConfig::default())
        .unwrap();
    patterns
        .bulkhead("list", BulkheadConfig::default())
        .unwrap();
    Overrides::new(Arc::new(patterns))
}

fn value(overrides: &Overrides, kind: PatternKind, key: &str) -> Value {
    let pattern = overrides.patterns().get(kind, "list").unwrap();
    overrides.values(&*pattern).0[key].clone()
}

fn file(of: &[(PatternKind, Value)]) -> BTreeMap<Id, Keys> {
    of.iter()
        .map(|(kind, value)| ((*kind, "list".to_owned()), keys(value)))
        .collect()
}

const LIMIT: PatternKind = PatternKind::RateLimit;

#[test]
fn live_wins_over_the_file_and_that_over_the_document() {
    let all = overrides();
    let at_present = || value(&all, LIMIT, "max_executions");
    assert_eq!(at_present(), 100);
    all.set_file(file(&[(LIMIT, json!({ "max_executions": 50 }))]), true)
        .unwrap();
    assert_eq!(at_present(), 50);
    let change = all
        .put(LIMIT, "list", &keys(&json!({ "max_executions": 20 })))
        .unwrap();
    assert_eq!(
        change.changed.into_iter().collect::<Vec<_>>(),
        [("max_executions".to_owned(), (json!(50), json!(20)))]
    );
    // The file moves below, and is not seen.
    all.set_file(file(&[(LIMIT, json!({ "max_executions": 60 }))]), true)
        .unwrap();
    assert_eq!(at_present(), 20);
    all.take_back(LIMIT, "list", |_, _| true).unwrap();
    assert_eq!(at_present(), 60);
    all.set_file(BTreeMap::new(), true).unwrap();
    assert_eq!(at_present(), 100);
}

#[test]
fn it_is_told_where_a_value_comes_from() {
    let all = overrides();
    all.set_file(
        file(&[(LIMIT, json!({ "max_executions": 50, "cost": 2 }))]),
        true,
    )
    .unwrap();
    all.put(LIMIT, "list", &keys(&json!({ "cost": 3 })))
        .unwrap();
    let pattern = all.patterns().get(LIMIT, "list").unwrap();
    let sources: Vec<_> = all.values(&*pattern).1.into_iter().collect();
    assert_eq!(
        sources,
        [
            ("cost".to_owned(), Source::Live),
            ("max_executions".to_owned(), Source::File)
        ]
    );
}

#[test]
fn of_a_file_with_a_fault_nothing_is_taken() {
    let all = overrides();
    let wrong = file(&[
        (LIMIT, json!({ "max_executions": 50 })),
        (
            PatternKind::Timeout,
            json!({ "second": 1, "total": "soon" }),
        ),
        (PatternKind::Bulkhead, json!({ "max_concurrent": 0 })),
    ]);
    let mut faults: Vec<_> = all
        .set_file(wrong, true)
        .unwrap_err()
        .into_iter()
        .map(|((kind, _), fault)| format!("{} {fault}", kind.as_str()))
        .collect();
    // In which order a JSON object has its keys is up to features that others may turn on.
    faults.sort();
    assert_eq!(
        faults,
        [
            "bulkhead max_concurrent must be at least 1, not 0",
            "timeout total: unknown duration \"soon\": expected a number of seconds or text with \
             a unit such as 250ms, 1.5s, 2m, 1h",
            "timeout unknown key \"second\", did you mean seconds?",
        ]
    );
    assert_eq!(value(&all, LIMIT, "max_executions"), 100);
}

#[test]
fn values_are_judged_together() {
    let all = overrides();
    let refused = all.put(LIMIT, "list", &keys(&json!({ "cost": 101 })));
    let Err(Refused::Faults(faults)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(
        faults[0].to_string(),
        "cost must be at most bucket_size, not 101"
    );
    let both = json!({ "cost": 101, "bucket_size": 200 });
    all.put(LIMIT, "list", &keys(&both)).unwrap();
}

#[test]
fn every_pattern_can_be_switched() {
    let all = overrides();
    for pattern in all.patterns().all() {
        let (kind, name) = (pattern.kind(), pattern.name());
        let off = all
            .put(kind, name, &keys(&json!({ "enabled": false })))
            .unwrap();
        assert_eq!(off.changed["enabled"], (json!(true), json!(false)));
        assert!(!pattern.is_enabled(), "{pattern:?}");
        all.take_back(kind, name, |_, _| true).unwrap();
        assert!(pattern.is_enabled());
        let wrong = all.put(kind, name, &keys(&json!({ "enabled": 1 })));
        assert!(matches!(wrong, Err(Refused::Faults(_))), "{wrong:?}");
    }
}

#[tokio::test]
async fn changes_are_events() {
    use crate::registry::Occurrence;

    let all = overrides();
    let mut events = all.patterns().subscribe();
    let change = json!({ "enabled": false, "seconds": 2 });
    all.put(PatternKind::Timeout, "list", &keys(&change))
        .unwrap();
    assert_eq!(
        events.next().await.what,
        Occurrence::Switched { enabled: false }
    );
    assert_eq!(events.next().await.what, Occurrence::Reconfigured);
}

#[test]
fn who_is_not_there_is_not_changed() {
    let all = overrides();
    let refused = all.put(LIMIT, "other", &Keys::new());
    assert_eq!(refused.unwrap_err(), Refused::NoSuchPattern);
}

#[test]
fn of_two_ways_to_say_a_rate_the_upper_one_counts() {
    let patterns = Patterns::new();
    let said: RateLimitConfig = serde_json::from_value(json!({ "limit": "100/second" })).unwrap();
    let limit = patterns.rate_limit("list", said).unwrap();
    let all = Overrides::new(Arc::new(patterns));
    let rate = || limit.config().refill_per_second();
    let put = |change: Value| all.put(LIMIT, "list", &keys(&change)).unwrap();
    assert_eq!(rate(), 100.0);
    put(json!({ "max_executions": 5, "per_time_secs": 1 }));
    assert_eq!(rate(), 5.0);
    put(json!({ "limit": "7/second" }));
    assert_eq!(rate(), 7.0);
    put(json!({ "max_executions": 3, "per_time_secs": 1 }));
    assert_eq!(rate(), 3.0);
    all.take_back(LIMIT, "list", |_, _| true).unwrap();
    assert_eq!(rate(), 100.0);
}

#[test]
fn what_every_pattern_says_can_be_said_to_it() {
    let patterns = Patterns::new();
    let name = "it";
    let made = [
        patterns.backpressure(name, Default::default()).is_ok(),
        patterns.bulkhead(name, Default::default()).is_ok(),
        patterns.chaos(name, Default::default()).is_ok(),
        patterns.circuit_breaker(name, Default::default()).is_ok(),
        patterns.concurrency_limit(name, Default::default()).is_ok(),
        patterns.fail_fast(name, Default::default()).is_ok(),
        patterns.fallback(name, Default::default()).is_ok(),
        patterns.feature_toggle(name, Default::default()).is_ok(),
        patterns.hedge(name, Default::default()).is_ok(),
        patterns.load_shedder(name, Default::default()).is_ok(),
        patterns.rate_limit(name, Default::default()).is_ok(),
        patterns.retry(name, Default::default()).is_ok(),
        patterns.timeout(name, Default::default()).is_ok(),
        patterns
            .cache::<u8, u8, u8>(name, Default::default())
            .is_ok(),
    ];
    assert_eq!(made, [true; PatternKind::ALL.len()]);
    let all = Overrides::new(Arc::new(patterns));
    for pattern in all.patterns().all() {
        let kind = pattern.kind();
        let (said, _) = all.values(&*pattern);
        let change = all.put(kind, name, &said).unwrap();
        assert!(change.changed.is_empty(), "{change:?}");
        // In shadow, and back.
        let change = all
            .put(kind, name, &keys(&json!({ "mode": "shadow" })))
            .unwrap();
        assert_eq!(change.changed.len(), 1, "{change:?}");
        assert_eq!(pattern.snapshot().mode, "shadow");
        all.take_back(kind, name, |_, _| true).unwrap();
        assert_eq!(all.values(&*pattern).0, said);
    }
}
