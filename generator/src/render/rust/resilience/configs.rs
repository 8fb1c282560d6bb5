//! The configuration of each pattern as Rust: the members that are not as they are by default.

use std::time::Duration;

use crate::{
    ir::{
        Backpressure, Bulkhead, Cache, Chaos, CircuitBreaker, Concurrency, FailFast, Fallback,
        FeatureToggle, Following, Hedge, HedgeDelay, Jitter, LimitAlgorithm, LoadShed, Mode,
        Pattern, Policy, Rate, RateLimit, Retry, RetryAfterStrategy, Timeout, WindowKind,
    },
    render::filters::rust_string,
};

/// What a key has when the document does not say it.
const DEFAULTS: Defaults = Defaults {
    per_time: Duration::from_secs(60),
    p95_baseline: Duration::from_millis(200),
    min_latency: Duration::from_millis(50),
    min_retry_delay: Duration::from_secs(1),
    max_retry_penalty: Duration::from_secs(15),
};

struct Defaults {
    per_time: Duration,
    p95_baseline: Duration,
    min_latency: Duration,
    min_retry_delay: Duration,
    max_retry_penalty: Duration,
}

/// The configuration of a policy.
pub(super) fn of(policy: &Policy) -> Config {
    let mut config = match &policy.pattern {
        Pattern::FeatureToggle(toggle) => feature_toggle(toggle),
        Pattern::RateLimit(limit) => rate_limit(limit),
        Pattern::LoadShed(shed) => load_shed(shed),
        Pattern::Backpressure(backpressure) => self::backpressure(backpressure),
        Pattern::Concurrency(limit) => concurrency(limit),
        Pattern::Bulkhead(bulkhead) => self::bulkhead(bulkhead),
        Pattern::Cache(cache) => self::cache(cache),
        Pattern::Fallback(fallback) => self::fallback(fallback),
        Pattern::Hedge(hedge) => self::hedge(hedge),
        Pattern::Chaos(chaos) => self::chaos(chaos),
        Pattern::FailFast(fail_fast) => self::fail_fast(fail_fast),
        Pattern::CircuitBreaker(breaker) => circuit_breaker(breaker),
        Pattern::Retry(retry) => self::retry(retry),
        Pattern::Timeout(timeout) => self::timeout(timeout),
    };
    let modes = match policy.pattern {
        Pattern::CircuitBreaker(_) => "CircuitMode",
        _ => "Mode",
    };
    config.put(
        policy.mode != Mode::Enforce,
        "mode",
        format!("{modes}::{}", mode_name(policy.mode)),
    );
    config
}

/// The members of a configuration that are not as they are by default.
pub(super) struct Config {
    name: &'static str,
    members: Vec<String>,
}

impl Config {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            members: Vec::new(),
        }
    }

    fn put(&mut self, differs: bool, name: &str, value: impl std::fmt::Display) {
        if differs {
            self.members.push(format!("{name}: {value}"));
        }
    }

    fn put_some(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.members.push(format!("{name}: Some({value})"));
        }
    }

    /// What is not written follows from the others, also when these are changed at run time.
    fn put_written(&mut self, name: &str, number: Following) {
        let written = number.is_written.then(|| number.value.to_string());
        self.put_some(name, written);
    }

    pub(super) fn text(self) -> String {
        let name = self.name;
        if self.members.is_empty() {
            return format!("{name}::default()");
        }
        let mut text = format!("{name} {{\n");
        for member in self.members {
            text.push_str(&format!("                {member},\n"));
        }
        text.push_str(&format!(
            "                ..{name}::default()\n            }}"
        ));
        text
    }
}

fn feature_toggle(toggle: &FeatureToggle) -> Config {
    let mut config = Config::new("FeatureToggleConfig");
    config.put(!toggle.enabled, "enabled", false);
    config.put(toggle.status != 403, "status", toggle.status);
    config.put(
        toggle.percentage != 100.0,
        "percentage",
        format!("{:?}", toggle.percentage),
    );
    config
}

fn load_shed(shed: &LoadShed) -> Config {
    let mut config = Config::new("LoadShedConfig");
    config.put(shed.max_requests != 1000, "max_requests", shed.max_requests);
    let depth = shed.max_queue_depth.map(|depth| depth.to_string());
    config.put_some("max_queue_depth", depth);
    let percent = |percent: f64| format!("{percent:?}");
    config.put_some("cpu_threshold", shed.cpu_threshold.map(percent));
    config.put_some("memory_threshold", shed.memory_threshold.map(percent));
    config.put(shed.is_high_priority, "priority", "Priority::High");
    config
}

fn backpressure(backpressure: &Backpressure) -> Config {
    let mut config = Config::new("BackpressureConfig");
    for (name, number) in [
        ("max_pending", backpressure.max_pending),
        ("high_water_mark", backpressure.high_water_mark),
        ("low_water_mark", backpressure.low_water_mark),
    ] {
        config.put_written(name, number);
    }
    config.put(
        backpressure.timeout != Duration::from_secs(5),
        "timeout",
        duration(backpressure.timeout),
    );
    config
}

fn concurrency(limit: &Concurrency) -> Config {
    let mut config = Config::new("ConcurrencyConfig");
    for (name, number) in [
        ("initial_limit", limit.initial_limit),
        ("min_limit", limit.min_limit),
        ("max_limit", limit.max_limit),
    ] {
        config.put_written(name, number);
    }
    for (name, value, default) in [
        ("increase_rate", limit.increase_rate, 1.0),
        ("decrease_factor", limit.decrease_factor, 0.9),
    ] {
        config.put(value != default, name, format!("{value:?}"));
    }
    config.put(
        limit.algorithm == LimitAlgorithm::Gradient,
        "algorithm",
        "LimitAlgorithm::Gradient",
    );
    config
}

fn rate_limit(limit: &RateLimit) -> Config {
    let mut config = Config::new("RateLimitConfig");
    if limit.further.is_empty() {
        config.put(
            limit.max_executions != 100,
            "max_executions",
            limit.max_executions,
        );
        config.put(
            limit.per_time != DEFAULTS.per_time,
            "per_time_secs",
            duration(limit.per_time),
        );
    } else {
        let first = Rate {
            executions: limit.max_executions,
            per: limit.per_time,
        };
        let rates: Vec<String> = [first].iter().chain(&limit.further).map(rate).collect();
        config.put(true, "limit", format!("vec![{}]", rates.join(", ")));
    }
    config.put(
        limit.bucket_size != limit.max_executions,
        "bucket_size",
        format!("Some({})", limit.bucket_size),
    );
    let strategy = match limit.retry_after_strategy {
        RetryAfterStrategy::Backpressure => "Backpressure",
        RetryAfterStrategy::Fixed => "Fixed",
        RetryAfterStrategy::Utilization => "Utilization",
    };
    config.put(
        strategy != "Backpressure",
        "retry_after_strategy",
        format!("RetryAfterStrategy::{strategy}"),
    );
    config.put(
        limit.enable_per_client_tracking,
        "enable_per_client_tracking",
        true,
    );
    config.put(!limit.track_latency, "track_latency", false);
    let times = [
        ("p95_baseline", limit.p95_baseline, DEFAULTS.p95_baseline),
        ("min_latency", limit.min_latency, DEFAULTS.min_latency),
        (
            "min_retry_delay",
            limit.min_retry_delay,
            DEFAULTS.min_retry_delay,
        ),
        (
            "max_retry_penalty",
            limit.max_retry_penalty,
            DEFAULTS.max_retry_penalty,
        ),
    ];
    for (name, time, default) in times {
        config.put(time != default, name, duration(time));
    }
    config.put(
        limit.gradient_sensitivity != 2.0,
        "gradient_sensitivity",
        format!("{:?}", limit.gradient_sensitivity),
    );
    config.put(limit.window_size != 100, "window_size", limit.window_size);
    config.put(
        limit.max_clients != 10_000,
        "max_clients",
        limit.max_clients,
    );
    config.put(limit.cost != 1, "cost", limit.cost);
    config
}

fn rate(rate: &Rate) -> String {
    let executions = rate.executions;
    match rate.per.as_secs() {
        1 => format!("Rate::per_second({executions})"),
        60 => format!("Rate::per_minute({executions})"),
        3600 => format!("Rate::per_hour({executions})"),
        86400 => format!("Rate::per_day({executions})"),
        _ => format!("Rate::new({executions}, {})", duration(rate.per)),
    }
}

fn retry(retry: &Retry) -> Config {
    let mut config = Config::new("RetryConfig");
    config.put(retry.attempts != 3, "attempts", retry.attempts);
    config.put(
        retry.delay != Duration::from_secs(1),
        "delay",
        duration(retry.delay),
    );
    config.put(
        retry.backoff != 2.0,
        "backoff",
        format!("{:?}", retry.backoff),
    );
    let usual = retry.delay.max(Duration::from_secs(60));
    let longest = (retry.max_delay != usual).then(|| duration(retry.max_delay));
    config.put_some("max_delay", longest);
    let jitter = match retry.jitter {
        Jitter::None => "None",
        Jitter::Full => "Full",
        Jitter::Equal => "Equal",
        Jitter::Decorrelated => "Decorrelated",
    };
    config.put(
        retry.jitter != Jitter::Full,
        "jitter",
        format!("Jitter::{jitter}"),
    );
    exceptions(&mut config, "exceptions", &retry.exceptions);
    config
}

fn exceptions(config: &mut Config, name: &str, kinds: &[String]) {
    let list: Vec<String> = kinds.iter().map(|it| rust_string(it)).collect();
    config.put(
        kinds != ["Exception"],
        name,
        format!("Exceptions::parse([{}])?", list.join(", ")),
    );
}

fn cache(cache: &Cache) -> Config {
    let mut config = Config::new("CacheConfig");
    config.put(
        cache.ttl != Duration::from_secs(300),
        "ttl",
        duration(cache.ttl),
    );
    config.put(cache.max_size != 1000, "max_size", cache.max_size);
    for (name, texts, usual) in [
        ("vary", &cache.vary, &[][..]),
        ("methods", &cache.methods, &["GET", "HEAD"]),
    ] {
        let list: Vec<String> = texts
            .iter()
            .map(|text| format!("{}.to_owned()", rust_string(text)))
            .collect();
        config.put(texts != usual, name, format!("vec![{}]", list.join(", ")));
    }
    for (name, time) in [
        ("stale_while_revalidate", cache.stale_while_revalidate),
        ("stale_on_error", cache.stale_on_error),
        ("error_ttl", cache.error_ttl),
    ] {
        config.put_some(name, time.map(duration));
    }
    config
}

fn fallback(fallback: &Fallback) -> Config {
    let mut config = Config::new("FallbackConfig");
    exceptions(&mut config, "on", &fallback.on);
    config
}

fn hedge(hedge: &Hedge) -> Config {
    let mut config = Config::new("HedgeConfig");
    config.put(hedge.attempts != 2, "attempts", hedge.attempts);
    let delay = match hedge.delay {
        HedgeDelay::After(delay) => format!("HedgeDelay::After({})", duration(delay)),
        HedgeDelay::Percentile(percent) => format!("HedgeDelay::Percentile({percent})"),
    };
    config.put(
        hedge.delay != HedgeDelay::After(Duration::from_millis(30)),
        "delay",
        delay,
    );
    config.put_some("timeout", hedge.timeout.map(duration));
    config.put(
        hedge.max_extra != 0.1,
        "max_extra",
        format!("{:?}", hedge.max_extra),
    );
    config
}

fn bulkhead(bulkhead: &Bulkhead) -> Config {
    let mut config = Config::new("BulkheadConfig");
    config.put(
        bulkhead.max_concurrent != 10,
        "max_concurrent",
        bulkhead.max_concurrent,
    );
    config.put(bulkhead.max_queued != 0, "max_queued", bulkhead.max_queued);
    config.put_some("queue_timeout", bulkhead.queue_timeout.map(duration));
    config
}

fn chaos(chaos: &Chaos) -> Config {
    let mut config = Config::new("ChaosConfig");
    let rate = chaos.fault_rate;
    config.put(rate != 0.0, "fault_rate", format!("{rate:?}"));
    config.put(!chaos.latency.is_zero(), "latency", duration(chaos.latency));
    config.put(chaos.status != 503, "status", chaos.status);
    config.put(chaos.seed != 0, "seed", chaos.seed);
    config
}

fn fail_fast(fail_fast: &FailFast) -> Config {
    let mut config = Config::new("FailFastConfig");
    config.put(
        fail_fast.failure_threshold != 3,
        "failure_threshold",
        fail_fast.failure_threshold,
    );
    config.put_some("recovery_timeout", fail_fast.recovery_timeout.map(duration));
    config
}

fn circuit_breaker(breaker: &CircuitBreaker) -> Config {
    let mut config = Config::new("CircuitBreakerConfig");
    config.put(
        breaker.failure_threshold != 5,
        "failure_threshold",
        breaker.failure_threshold,
    );
    config.put(
        breaker.recovery_timeout != Duration::from_secs(30),
        "recovery_timeout",
        duration(breaker.recovery_timeout),
    );
    config.put(
        breaker.half_open_requests != 3,
        "half_open_requests",
        breaker.half_open_requests,
    );
    config.put(
        breaker.success_threshold != breaker.half_open_requests,
        "success_threshold",
        format!("Some({})", breaker.success_threshold),
    );
    if let Some(window) = &breaker.window {
        let kind = match window.kind {
            WindowKind::Count => "CircuitWindow::Count",
            WindowKind::Time => "CircuitWindow::Time",
        };
        let rate = |rate: f64| format!("{rate:?}");
        config.put_some("window", Some(kind.to_owned()));
        config.put_some("window_size", window.size.map(|size| size.to_string()));
        config.put_some("failure_rate", window.failure_rate.map(rate));
        config.put_some("slow_call_rate", window.slow_call_rate.map(rate));
        config.put_some(
            "slow_call_duration",
            window.slow_call_duration.map(duration),
        );
        let minimum = window.minimum_calls.map(|calls| calls.to_string());
        config.put_some("minimum_calls", minimum);
    }
    config
}

fn timeout(timeout: &Timeout) -> Config {
    let mut config = Config::new("TimeoutConfig");
    // An attempt never takes longer than all of them may.
    let usual = Duration::from_secs(30);
    let usual = timeout.total.map_or(usual, |total| total.min(usual));
    config.put(
        timeout.seconds != usual,
        "seconds",
        duration(timeout.seconds),
    );
    config.put_some("total", timeout.total.map(duration));
    config
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "Enforce",
        Mode::Shadow => "Shadow",
        Mode::Off => "Off",
        Mode::ForcedOpen => "ForcedOpen",
        Mode::ForcedClosed => "ForcedClosed",
    }
}

/// A duration in the largest unit that tells it whole.
pub(in crate::render::rust) fn duration(time: Duration) -> String {
    let nanos = time.as_nanos();
    let (function, number) = if nanos.is_multiple_of(1_000_000_000) {
        ("from_secs", u128::from(time.as_secs()))
    } else if nanos.is_multiple_of(1_000_000) {
        ("from_millis", time.as_millis())
    } else if nanos.is_multiple_of(1_000) {
        ("from_micros", time.as_micros())
    } else {
        ("from_nanos", nanos)
    };
    format!("Duration::{function}({number})")
}
