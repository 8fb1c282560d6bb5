//! What is read.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::Plane;
use super::route::Target;
use crate::registry::{LoadLevel, Pattern, PatternKind, PatternSnapshot};
use crate::service::answer;

impl Plane {
    pub(super) fn health(&self) -> Response {
        let all = self.overrides.patterns().all();
        let off = all.iter().filter(|pattern| !pattern.is_enabled()).count();
        let troubled: Vec<Value> = all
            .iter()
            .filter(|pattern| pattern.is_enabled())
            .map(|pattern| pattern.snapshot())
            .filter(is_troubled)
            .map(|it| json!({ "type": it.kind.as_str(), "name": it.name, "state": it.state }))
            .collect();
        let (status, word) = match (self.readiness.is_ready(), troubled.is_empty()) {
            (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
            (true, false) => (StatusCode::OK, "degraded"),
            (true, true) => (StatusCode::OK, "healthy"),
        };
        #[cfg(feature = "config-file")]
        let config_faults = self.config_state.faults();
        #[cfg(not(feature = "config-file"))]
        let config_faults: [String; 0] = [];
        let health = json!({
            "status": word,
            "service": self.service,
            "uptime_seconds": self.started.elapsed().as_secs(),
            "config_faults": config_faults,
            "patterns": { "total": all.len(), "disabled": off, "troubled": troubled },
        });
        answer::json(status, &health)
    }

    pub(super) fn patterns(&self) -> Response {
        let all = self.overrides.patterns().all();
        let patterns: Vec<Value> = all.iter().map(|it| self.listed(&**it)).collect();
        answer::json(StatusCode::OK, &json!({ "patterns": patterns }))
    }

    fn listed(&self, pattern: &dyn Pattern) -> Value {
        let snapshot = pattern.snapshot();
        let (_, sources) = self.overrides.values(pattern);
        let sources: Map<String, Value> = sources
            .into_iter()
            .map(|(key, source)| (key, source.as_str().into()))
            .collect();
        json!({
            "type": snapshot.kind.as_str(),
            "name": snapshot.name,
            "enabled": pattern.is_enabled(),
            "mode": snapshot.mode,
            "state": snapshot.state,
            "overridden": sources,
        })
    }

    /// By type and name, as the operator's file has them.
    pub(super) fn config(&self) -> Response {
        let mut types: Map<String, Value> = Map::new();
        for pattern in self.overrides.patterns().all() {
            let (values, _) = self.overrides.values(&*pattern);
            types
                .entry(pattern.kind().as_str())
                .or_insert_with(|| Value::Object(Map::new()))[pattern.name()] = values.into();
        }
        answer::json(StatusCode::OK, &types)
    }

    pub(super) fn config_of(&self, target: &Target) -> Response {
        match self.find(target) {
            Ok(pattern) => answer::json(StatusCode::OK, &self.overrides.values(&*pattern).0),
            Err(problem) => problem.into_response(),
        }
    }

    pub(super) fn metrics(&self) -> Response {
        let snapshot = self.overrides.patterns().snapshot();
        let patterns: Vec<Value> = snapshot.patterns.iter().map(counted).collect();
        answer::json(StatusCode::OK, &json!({ "patterns": patterns }))
    }

    pub(super) fn metrics_of(&self, target: &Target) -> Response {
        match self.find(target) {
            Ok(pattern) => answer::json(StatusCode::OK, &counted(&pattern.snapshot())),
            Err(problem) => problem.into_response(),
        }
    }
}

/// Whether a pattern refuses calls that it would not refuse on a good day. A rate limit that is
/// spent does its work, and a feature that is off is off on purpose.
fn is_troubled(pattern: &PatternSnapshot) -> bool {
    let states: &[&str] = match pattern.kind {
        PatternKind::CircuitBreaker => &["open", "half_open"],
        PatternKind::FailFast => &["open"],
        PatternKind::LoadShed => &["shedding"],
        PatternKind::Backpressure => &["closed"],
        PatternKind::Bulkhead | PatternKind::Concurrency => &["full"],
        _ => &[],
    };
    pattern.mode != "off" && states.contains(&pattern.state)
}

/// A snapshot as JSON. Numbers of one name are a list where labels tell them apart.
fn counted(pattern: &PatternSnapshot) -> Value {
    let counters = pattern
        .counters
        .iter()
        .map(|it| (it.name, &it.labels, json!(it.value)));
    let gauges = pattern
        .gauges
        .iter()
        .map(|it| (it.name, &it.labels, json!(it.value)));
    let histograms = pattern.histograms.iter().map(|it| {
        let count: u64 = it.counts.iter().sum();
        let value = json!({
            "count": count,
            "sum": it.sum,
            "bounds": it.bounds,
            "counts": it.counts,
        });
        (it.name, &it.labels, value)
    });
    let statistics = &pattern.statistics;
    json!({
        "type": pattern.kind.as_str(),
        "name": pattern.name,
        "mode": pattern.mode,
        "state": pattern.state,
        "statistics": {
            "total": statistics.total,
            "refused": statistics.refused,
            "failed": statistics.failed,
            "refusal_rate": statistics.refusal_rate(),
            "failure_rate": statistics.failure_rate(),
            "utilization": statistics.utilization,
            "load_level": statistics.load_level().map(LoadLevel::as_str),
        },
        "counters": by_name(counters),
        "gauges": by_name(gauges),
        "histograms": by_name(histograms),
    })
}

type Labels = Vec<(&'static str, String)>;

fn by_name<'s>(numbers: impl Iterator<Item = (&'static str, &'s Labels, Value)>) -> Value {
    let mut named: Map<String, Value> = Map::new();
    for (name, labels, value) in numbers {
        if labels.is_empty() {
            named.insert(name.to_owned(), value);
            continue;
        }
        let labels: Map<String, Value> = labels
            .iter()
            .map(|(label, value)| ((*label).to_owned(), value.as_str().into()))
            .collect();
        let list = named.entry(name).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(json!({ "labels": labels, "value": value }));
        }
    }
    Value::Object(named)
}
