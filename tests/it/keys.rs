//! Every key of every pattern, with a value that is not its default: what the document says is what the
//! running service works by.

use std::fs;

use failsafe_tests::{Server, Tree};
use serde_json::{Map, Value, json};

/// For two operations, since some keys exclude each other.
fn said() -> [Value; 2] {
    let first = json!({
        "ratelimit": {
            "max_executions": 7, "per_time_secs": 30.0, "bucket_size": 9,
            "retry_after_strategy": "utilization", "enable_per_client_tracking": true,
            "track_latency": false, "p95_baseline": 0.3, "min_latency": 0.02,
            "min_retry_delay": 2.0, "max_retry_penalty": 9.0, "gradient_sensitivity": 3.0,
            "window_size": 50, "cost": 2, "max_clients": 77,
        },
        "retry": {
            "attempts": 4, "delay": 0.5, "backoff": 3.0, "max_delay": 20.0, "jitter": "equal",
            "exceptions": ["ConnectionError", "503"],
        },
        "circuitbreaker": {
            "failure_threshold": 7, "recovery_timeout": 12.0, "half_open_requests": 2,
            "success_threshold": 4,
        },
        "timeout": { "seconds": 3.0, "total": 9.0 },
        "bulkhead": { "max_concurrent": 4, "max_queued": 6, "queue_timeout": 0.75 },
        "fallback": { "on": ["TimeoutError", "5xx"] },
        "hedge": { "attempts": 3, "delay": 0.2, "timeout": 4.0, "max_extra": 0.3 },
        "failfast": { "failure_threshold": 8, "recovery_timeout": 6.0 },
        "featuretoggle": { "enabled": false, "status": 404, "percentage": 40.0 },
        "cache": {
            "ttl": 30.0, "max_size": 50, "vary": ["x-tenant"], "methods": ["GET"],
            "stale_while_revalidate": 5.0, "stale_on_error": 90.0, "error_ttl": 2.0,
        },
        "loadshed": {
            "max_requests": 70, "max_queue_depth": 7, "cpu_threshold": 91.0,
            "memory_threshold": 92.0, "priority": "high",
        },
        "backpressure": {
            "max_pending": 90, "high_water_mark": 60, "low_water_mark": 30, "timeout": 2.5,
        },
        "concurrency": {
            "initial_limit": 40, "min_limit": 20, "max_limit": 400, "increase_rate": 2.0,
            "decrease_factor": 0.7, "algorithm": "gradient",
        },
        "chaos": { "fault_rate": 0.25, "latency": 0.125, "status": 504, "seed": 11 },
    });
    let second = json!({
        "ratelimit": { "limit": ["9/second", "99/hour"] },
        "circuitbreaker": {
            "window": "count", "window_size": 40, "failure_rate": 0.4, "slow_call_rate": 0.6,
            "slow_call_duration": 3.0, "minimum_calls": 8,
        },
        "hedge": { "delay": "p90" },
    });
    [first, second]
}

/// The keys of a pattern, with those that all of them have.
fn with_what_all_have(keys: &Value, name: &str) -> Value {
    let mut keys = keys.clone();
    keys["name"] = json!(name);
    keys["mode"] = json!("shadow");
    keys
}

fn document() -> Value {
    let answer = json!({
        "description": "Something.",
        "content": { "application/json": { "schema": { "type": "object" } } },
    });
    let paths = said()
        .into_iter()
        .zip(["first", "second"])
        .map(|(patterns, name)| {
            let patterns = patterns.as_object().expect("patterns");
            let mut resiliency: Map<String, Value> = patterns
                .iter()
                .map(|(kind, keys)| (kind.clone(), with_what_all_have(keys, name)))
                .collect();
            if let Some(fallback) = resiliency.get_mut("fallback") {
                // Its answer is code, and no value to be changed.
                fallback["body"] = json!({});
            }
            let operation = json!({
                "operationId": name,
                "x-failsafe": { "resiliency": resiliency },
                "responses": { "200": answer },
            });
            (format!("/{name}"), json!({ "get": operation }))
        });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Keys", "version": "1.0.0" },
        "paths": paths.collect::<Map<_, _>>(),
    })
}

#[test]
fn what_the_document_says_is_what_the_service_works_by() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec = folder.path().join("keys.json");
    fs::write(&spec, document().to_string()).expect("a file");
    let options = ["--telemetry", "NONE", "--no-dockerfile"];
    let tree = Tree::new("keys", &spec, &options);
    let server = Server::start(&tree.build(), &[]);
    let works_by = server.get("/failsafe/config").json();
    for (patterns, name) in said().into_iter().zip(["first", "second"]) {
        let patterns = patterns.as_object().expect("patterns");
        for (kind, keys) in patterns {
            let works_by = &works_by[kind][name];
            let mut said = with_what_all_have(keys, name);
            said.as_object_mut().expect("keys").remove("name");
            for (key, value) in said.as_object().expect("keys") {
                assert_eq!(works_by[key], *value, "{kind} {key}");
            }
        }
    }
    // And no key has been forgotten here: whatever can be changed was said.
    let said = said();
    for (kind, named) in works_by.as_object().expect("types") {
        for key in named["first"].as_object().expect("keys").keys() {
            let is_said = said
                .iter()
                .any(|patterns| patterns[kind].get(key).is_some());
            let all_have = ["enabled", "mode"].contains(&key.as_str());
            assert!(is_said || all_have, "{kind} {key}");
        }
    }
    server.stop();
}
