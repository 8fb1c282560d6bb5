//! The values of a pattern one by one, and which of two is the stricter one.

use std::time::Duration;

use crate::ir::{HedgeDelay, Instead, Mode, Pattern, Policy, RateLimit, Window};

/// One value of a pattern.
#[derive(Debug, PartialEq)]
pub(super) struct Fact {
    pub(super) key: &'static str,
    /// None: there is none.
    pub(super) text: Option<String>,
    /// The higher, the more calls are refused or cut off. The same for all values of a key of which
    /// none is stricter.
    pub(super) weight: f64,
}

/// Whether a pattern refuses calls or cuts them off, rather than helping them.
pub(super) fn refuses(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::FeatureToggle(toggle) => !toggle.enabled || toggle.percentage < 100.0,
        Pattern::Cache(_) | Pattern::Fallback(_) | Pattern::Hedge(_) | Pattern::Retry(_) => false,
        Pattern::RateLimit(_)
        | Pattern::LoadShed(_)
        | Pattern::Concurrency(_)
        | Pattern::Backpressure(_)
        | Pattern::Bulkhead(_)
        | Pattern::FailFast(_)
        | Pattern::CircuitBreaker(_)
        | Pattern::Timeout(_)
        | Pattern::Chaos(_) => true,
    }
}

/// Gathers values.
#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn push(&mut self, key: &'static str, text: Option<String>, weight: f64) {
        self.0.push(Fact { key, text, weight });
    }

    /// A value that makes nothing stricter.
    fn plain(&mut self, key: &'static str, value: &impl ToString) {
        self.push(key, Some(value.to_string()), 0.0);
    }

    /// The less, the stricter.
    fn most(&mut self, key: &'static str, value: f64) {
        self.push(key, Some(value.to_string()), -value);
    }

    /// The less, the stricter; without one there is no bound.
    fn most_if(&mut self, key: &'static str, value: Option<f64>) {
        let weight = value.map_or(f64::NEG_INFINITY, |value| -value);
        self.push(key, value.map(|value| value.to_string()), weight);
    }

    /// The more, the stricter.
    fn least(&mut self, key: &'static str, value: f64) {
        self.push(key, Some(value.to_string()), value);
    }

    fn time(&mut self, key: &'static str, value: Duration) {
        self.push(key, Some(duration(value)), 0.0);
    }

    fn time_if(&mut self, key: &'static str, value: Option<Duration>) {
        self.push(key, value.map(duration), 0.0);
    }

    /// The shorter, the stricter; without one there is no bound.
    fn longest(&mut self, key: &'static str, value: Option<Duration>) {
        let weight = value.map_or(f64::NEG_INFINITY, |value| -value.as_secs_f64());
        self.push(key, value.map(duration), weight);
    }
}

fn duration(time: Duration) -> String {
    match time < Duration::from_secs(1) && !time.is_zero() {
        true => format!("{}ms", time.as_secs_f64() * 1000.0),
        false => format!("{}s", time.as_secs_f64()),
    }
}

fn rate(executions: u32, per: Duration) -> String {
    let per = match per.as_secs_f64() {
        1.0 => "second".to_owned(),
        60.0 => "minute".to_owned(),
        3600.0 => "hour".to_owned(),
        86400.0 => "day".to_owned(),
        _ => duration(per),
    };
    format!("{executions}/{per}")
}

/// Everything that a policy is set to, under the names of the extension.
pub(super) fn facts(policy: &Policy) -> Vec<Fact> {
    let mut facts = Facts::default();
    let (mode, weight) = match policy.mode {
        Mode::Off => ("off", 0.0),
        Mode::ForcedClosed => ("forced_closed", 0.0),
        Mode::Shadow => ("shadow", 0.0),
        Mode::Enforce => ("enforce", 1.0),
        Mode::ForcedOpen => ("forced_open", 2.0),
    };
    let acts = refuses(&policy.pattern);
    facts.push(
        "mode",
        Some(mode.to_owned()),
        if acts { weight } else { 0.0 },
    );
    of_pattern(&mut facts, &policy.pattern);
    facts.0
}

fn of_pattern(facts: &mut Facts, pattern: &Pattern) {
    match pattern {
        Pattern::FeatureToggle(it) => {
            let off = if it.enabled { 0.0 } else { 1.0 };
            facts.push("enabled", Some(it.enabled.to_string()), off);
            facts.plain("status", &it.status);
            facts.most("percentage", it.percentage);
        }
        Pattern::RateLimit(it) => rate_limit(facts, it),
        Pattern::LoadShed(it) => {
            facts.most("max_requests", f64::from(it.max_requests));
            facts.most_if("max_queue_depth", it.max_queue_depth.map(f64::from));
            facts.most_if("cpu_threshold", it.cpu_threshold);
            facts.most_if("memory_threshold", it.memory_threshold);
            let (word, weight) = match it.is_high_priority {
                true => ("high", 0.0),
                false => ("normal", 1.0),
            };
            facts.push("priority", Some(word.to_owned()), weight);
        }
        Pattern::Concurrency(it) => {
            facts.plain("initial_limit", &it.initial_limit.value);
            facts.most("min_limit", f64::from(it.min_limit.value));
            facts.most("max_limit", f64::from(it.max_limit.value));
            facts.plain("increase_rate", &it.increase_rate);
            facts.plain("decrease_factor", &it.decrease_factor);
            facts.plain("algorithm", &format!("{:?}", it.algorithm).to_lowercase());
        }
        Pattern::Backpressure(it) => {
            facts.most("max_pending", f64::from(it.max_pending.value));
            facts.most("high_water_mark", f64::from(it.high_water_mark.value));
            facts.plain("low_water_mark", &it.low_water_mark.value);
            facts.longest("timeout", Some(it.timeout));
        }
        Pattern::Retry(it) => {
            facts.plain("attempts", &it.attempts);
            facts.time("delay", it.delay);
            facts.plain("backoff", &it.backoff);
            facts.time("max_delay", it.max_delay);
            facts.plain("jitter", &format!("{:?}", it.jitter).to_lowercase());
            facts.plain("exceptions", &it.exceptions.join(", "));
        }
        Pattern::Bulkhead(it) => {
            facts.most("max_concurrent", f64::from(it.max_concurrent));
            facts.most("max_queued", f64::from(it.max_queued));
            facts.longest("queue_timeout", it.queue_timeout);
        }
        Pattern::Cache(it) => {
            facts.time("ttl", it.ttl);
            facts.plain("max_size", &it.max_size);
            facts.plain("vary", &it.vary.join(", "));
            facts.plain("methods", &it.methods.join(", "));
            facts.time_if("stale_while_revalidate", it.stale_while_revalidate);
            facts.time_if("stale_on_error", it.stale_on_error);
            facts.time_if("error_ttl", it.error_ttl);
        }
        Pattern::Fallback(it) => {
            let (status, body) = match &it.instead {
                Instead::Constant { status, body } => {
                    let body = body.as_ref().map(|body| body.text.clone());
                    (format!("a constant {status}"), body)
                }
                Instead::Handler => ("a method".to_owned(), None),
                Instead::LastGood => ("the last good answer".to_owned(), None),
            };
            facts.plain("answer", &status);
            facts.push("body", body, 0.0);
            facts.plain("on", &it.on.join(", "));
        }
        Pattern::FailFast(it) => {
            facts.most("failure_threshold", f64::from(it.failure_threshold));
            facts.time_if("recovery_timeout", it.recovery_timeout);
        }
        Pattern::CircuitBreaker(it) => {
            facts.most("failure_threshold", f64::from(it.failure_threshold));
            // The longer it stays open, the more it refuses.
            let open = it.recovery_timeout.as_secs_f64();
            facts.push(
                "recovery_timeout",
                Some(duration(it.recovery_timeout)),
                open,
            );
            facts.most("half_open_requests", f64::from(it.half_open_requests));
            facts.least("success_threshold", f64::from(it.success_threshold));
            window(facts, it.window.as_ref());
        }
        Pattern::Hedge(it) => {
            facts.plain("attempts", &it.attempts);
            facts.plain(
                "delay",
                &match it.delay {
                    HedgeDelay::After(delay) => duration(delay),
                    HedgeDelay::Percentile(percent) => format!("p{percent}"),
                },
            );
            facts.longest("timeout", it.timeout);
            facts.plain("max_extra", &it.max_extra);
        }
        Pattern::Timeout(it) => {
            facts.longest("seconds", Some(it.seconds));
            facts.longest("total", it.total);
        }
        Pattern::Chaos(it) => {
            facts.least("fault_rate", it.fault_rate);
            facts.time("latency", it.latency);
            facts.plain("status", &it.status);
            facts.plain("seed", &it.seed);
        }
    }
}

fn rate_limit(facts: &mut Facts, it: &RateLimit) {
    let per_second = |executions: u32, per: Duration| f64::from(executions) / per.as_secs_f64();
    let first = rate(it.max_executions, it.per_time);
    let further = it.further.iter().map(|it| rate(it.executions, it.per));
    let text: Vec<String> = std::iter::once(first).chain(further).collect();
    // The tightest of several in the long run decides.
    let further = (it.further.iter()).map(|it| per_second(it.executions, it.per));
    let slowest = further.fold(per_second(it.max_executions, it.per_time), f64::min);
    facts.push("limit", Some(text.join(" and ")), -slowest);
    // A burst that is as large as the limit follows it, and is no news of its own.
    let burst = (it.bucket_size != it.max_executions).then_some(it.bucket_size);
    let text = burst.map(|size| size.to_string());
    facts.push("bucket_size", text, -f64::from(it.bucket_size));
    facts.plain(
        "retry_after_strategy",
        &format!("{:?}", it.retry_after_strategy).to_lowercase(),
    );
    facts.plain("enable_per_client_tracking", &it.enable_per_client_tracking);
    facts.plain("track_latency", &it.track_latency);
    facts.time("p95_baseline", it.p95_baseline);
    facts.time("min_latency", it.min_latency);
    facts.time("min_retry_delay", it.min_retry_delay);
    facts.time("max_retry_penalty", it.max_retry_penalty);
    facts.plain("gradient_sensitivity", &it.gradient_sensitivity);
    facts.plain("window_size", &it.window_size);
    facts.plain("max_clients", &it.max_clients);
    facts.least("cost", f64::from(it.cost));
    let client_key = it.client_key.as_ref().map(|keys| format!("{keys:?}"));
    facts.push("client_key", client_key, 0.0);
}

fn window(facts: &mut Facts, window: Option<&Window>) {
    let kind = window.map(|it| format!("{:?}", it.kind).to_lowercase());
    facts.push("window", kind, 0.0);
    let size = window.and_then(|it| it.size);
    facts.push("window_size", size.map(|size| size.to_string()), 0.0);
    facts.most_if("failure_rate", window.and_then(|it| it.failure_rate));
    facts.most_if("slow_call_rate", window.and_then(|it| it.slow_call_rate));
    facts.longest(
        "slow_call_duration",
        window.and_then(|it| it.slow_call_duration),
    );
    let least = window.and_then(|it| it.minimum_calls).map(f64::from);
    facts.most_if("minimum_calls", least);
}
