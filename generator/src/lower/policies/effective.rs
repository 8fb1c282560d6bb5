//! Every value of a policy, and why it is that: for whoever asks what a document comes to.

use serde_json::{Value as Json, json};

use super::{
    merge::Merged,
    table::{Absent, Key, Takes},
    value::Value,
};
use crate::{
    diagnostic::Location,
    ir::{ClientKey, Effective, Operation, Origin, Pattern, Rate, RetryBudget, SharedPolicies},
};

/// The values of a policy in the order of the table; those that are none are left out.
pub(super) fn values(
    merged: &Merged,
    name: &str,
    service: &SharedPolicies,
    client_key: Option<&Location>,
) -> Vec<Effective> {
    let mut values = Vec::new();
    for key in merged.pattern.keys {
        let value = match (key.name, merged.written(key.name)) {
            // There is none that is switched off but a toggle, whose switch is what it is about.
            ("enabled", None) if merged.pattern.name != "featuretoggle" => continue,
            ("budget", _) => continue,
            ("name", None) => Some((json!(name), Origin::Default)),
            ("client_key", None) => Some(match client_key {
                Some(place) => (keys(&service.client_key), Origin::Written(place.clone())),
                None => (json!(["peer"]), Origin::Default),
            }),
            (_, Some(written)) => Some((
                plain(&written.value),
                Origin::Written(written.location.clone()),
            )),
            (_, None) => unwritten(merged, key),
        };
        if let Some((value, origin)) = value {
            values.push(Effective {
                key: key.name,
                is_time: matches!(key.takes, Takes::Time { .. } | Takes::WordOr(_))
                    && value.is_number(),
                value,
                origin,
            });
        }
    }
    values
}

fn unwritten(merged: &Merged, key: &Key) -> Option<(Json, Origin)> {
    if let Some(value) = merged.get(key.name) {
        let sources = sources(merged, key, &[]);
        let origin = match sources.is_empty() {
            true => Origin::Default,
            false => Origin::Derived(sources),
        };
        return Some((plain(&value), origin));
    }
    beyond(merged, key.name)
}

/// What the runtime takes where neither the document nor the table says anything.
fn beyond(merged: &Merged, key: &str) -> Option<(Json, Origin)> {
    let has_window = merged.written("window").is_some();
    let is_timed = merged.word("window") == "time";
    let counts_slow = merged.written("slow_call_rate").is_some();
    let derived = |value: Json, from| (value, Origin::Derived(vec![from]));
    match (merged.pattern.name, key) {
        ("cache", "methods") => Some((json!(["GET", "HEAD"]), Origin::Default)),
        ("circuitbreaker", "window_size") if has_window => {
            Some(derived(json!(if is_timed { 60 } else { 100 }), "window"))
        }
        ("circuitbreaker", "failure_rate") if has_window && !counts_slow => {
            Some(derived(json!(0.5), "window"))
        }
        ("circuitbreaker", "slow_call_duration") if has_window && counts_slow => {
            Some(derived(json!(60), "slow_call_rate"))
        }
        ("circuitbreaker", "minimum_calls") if has_window => {
            let size = merged.count("window_size").filter(|_| !is_timed);
            Some(match size {
                Some(size) if size < 10 => derived(json!(size), "window_size"),
                _ => derived(json!(10), "window"),
            })
        }
        _ => None,
    }
}

/// The keys that are written and make a default what it is. `seen`: what leads here; two keys may
/// follow each other.
fn sources(merged: &Merged, key: &Key, seen: &[&str]) -> Vec<&'static str> {
    let of_limit = ["max_executions", "per_time_secs"];
    if of_limit.contains(&key.name) && merged.written("limit").is_some() {
        return vec!["limit"];
    }
    let others = match &key.absent {
        Absent::Same(other) => std::slice::from_ref(other),
        // What is written may leave a default as it would be anyway.
        Absent::Follows(_, others) if merged.get(key.name) != merged.bare().get(key.name) => others,
        _ => &[],
    };
    let is_written = |other: &&str| merged.written(other).is_some();
    let written: Vec<&'static str> = others.iter().copied().filter(is_written).collect();
    if !written.is_empty() {
        return written;
    }
    let seen = [seen, &[key.name]].concat();
    let others = others.iter().filter(|other| !seen.contains(other));
    others
        .filter_map(|other| merged.pattern.key(other))
        .flat_map(|other| sources(merged, other, &seen))
        .collect()
}

/// The service's budget, which each of its retries takes from.
pub(super) fn add_budget(operation: &mut Operation, budget: RetryBudget, place: Option<&Location>) {
    let of_retries = |it: &&mut crate::ir::Policy| matches!(it.pattern, Pattern::Retry(_));
    for policy in operation.policies.iter_mut().filter(of_retries) {
        policy.values.push(Effective {
            key: "budget",
            value: json!({ "ratio": budget.ratio, "min_per_second": budget.min_per_second }),
            is_time: false,
            origin: place.map_or(Origin::Default, |place| Origin::Written(place.clone())),
        });
    }
}

/// A value as JSON; times are seconds.
fn plain(value: &Value) -> Json {
    match value {
        Value::Flag(flag) => json!(flag),
        Value::Count(count) => json!(count),
        Value::Number(number) => json!(number),
        Value::Time(time) => json!(time.as_secs_f64()),
        Value::Word(word) => json!(word),
        Value::Text(text) => json!(text),
        Value::Texts(texts) => json!(texts),
        Value::Rates(rates) => match rates.as_slice() {
            [rate] => json!(self::rate(*rate)),
            rates => rates.iter().map(|rate| self::rate(*rate)).collect(),
        },
        Value::Budget {
            ratio,
            min_per_second,
        } => json!({ "ratio": ratio, "min_per_second": min_per_second }),
        Value::Json(value) => value.clone(),
    }
}

/// As a document writes it.
fn rate(rate: Rate) -> String {
    let per = match rate.per.as_secs() {
        1 => "second",
        60 => "minute",
        3600 => "hour",
        _ => "day",
    };
    format!("{}/{per}", rate.executions)
}

fn keys(keys: &[ClientKey]) -> Json {
    let word = |key: &ClientKey| match key {
        ClientKey::XClientId => "x-client-id",
        ClientKey::Authorization => "authorization",
        ClientKey::Peer => "peer",
    };
    keys.iter().map(word).collect()
}
