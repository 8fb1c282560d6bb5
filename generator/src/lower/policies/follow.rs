//! Defaults that follow what is written: a default never contradicts the document. The runtime's
//! configurations follow in the same way, when they are changed while a service runs.

use std::time::Duration;

use super::{merge::Merged, value::Value};

/// As in the runtime: never less than a quarter above the marks.
pub(super) fn max_pending(merged: &Merged) -> Value {
    let mark = said(merged, "high_water_mark").or(said(merged, "low_water_mark"));
    let above = mark.map_or(0, |mark| mark.saturating_add((mark / 4).max(1)));
    Value::Count(above.max(1000))
}

/// 80 % of what may be pending, and more than the low mark.
pub(super) fn high_water_mark(merged: &Merged) -> Value {
    let max = value(merged, "max_pending");
    let low = said(merged, "low_water_mark").unwrap_or(0);
    Value::Count((max - max / 5).max(low.saturating_add(1).min(max)))
}

/// A quarter of the high mark.
pub(super) fn low_water_mark(merged: &Merged) -> Value {
    Value::Count(value(merged, "high_water_mark") / 4)
}

/// 100, or the nearest between the bounds.
pub(super) fn initial_limit(merged: &Merged) -> Value {
    let (low, high) = (value(merged, "min_limit"), value(merged, "max_limit"));
    Value::Count(100.max(low).min(high))
}

/// 10, or the lowest of the others.
pub(super) fn min_limit(merged: &Merged) -> Value {
    let others = ["initial_limit", "max_limit"].map(|key| said(merged, key));
    Value::Count(others.into_iter().flatten().fold(10, u64::min))
}

/// 1000, or the highest of the others.
pub(super) fn max_limit(merged: &Merged) -> Value {
    let others = ["initial_limit", "min_limit"].map(|key| said(merged, key));
    Value::Count(others.into_iter().flatten().fold(1000, u64::max))
}

/// A minute, or the first delay if that is longer.
pub(super) fn max_delay(merged: &Merged) -> Value {
    let delay = merged.time("delay").unwrap_or_default();
    Value::Time(delay.max(Duration::from_secs(60)))
}

/// Half a minute, or what all attempts may take if that is less.
pub(super) fn attempt_timeout(merged: &Merged) -> Value {
    let total = merged.time("total").unwrap_or(Duration::MAX);
    Value::Time(total.min(Duration::from_secs(30)))
}

fn said(merged: &Merged, key: &str) -> Option<u64> {
    merged.written(key)?;
    Some(value(merged, key))
}

fn value(merged: &Merged, key: &str) -> u64 {
    merged.count(key).map_or(0, u64::from)
}
