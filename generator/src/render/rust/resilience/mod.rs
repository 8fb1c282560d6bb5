//! `src/generated/resilience.rs`: the patterns of every operation, as plainly as stacked
//! decorators.

pub(super) mod configs;

use super::{layout, used::Used};
use crate::{
    ir::{ClientKey, Instead, Operation, Pattern, Policy, Service},
    render::filters::rust_string,
};

pub(super) fn file(service: &Service) -> String {
    let of_all = &service.policies.client_key;
    let mut stacks = String::new();
    for operation in service.apis.iter().flat_map(|api| &api.operations) {
        if !operation.policies.is_empty() {
            stacks.push('\n');
            stacks.push_str(&stack(operation, of_all));
        }
    }
    let names = Used::of(&stacks);
    let used = |candidates: &[&'static str]| -> Vec<&'static str> {
        let used = candidates.iter().filter(|name| names.name(name));
        used.copied().collect()
    };
    let mut text = String::from(
        "//! The patterns around each operation, outermost first. Values that are not spelled are\n\
         //! the defaults.\n\n",
    );
    if names.name("Duration") {
        text.push_str("use std::time::Duration;\n\n");
    }
    let from_service = used(&["ClientKey", "Instead", "PolicyStack"]);
    text.push_str(&layout::import("failsafe_runtime::service", &from_service));
    let from_runtime = used(&[
        "BackpressureConfig",
        "BulkheadConfig",
        "CacheConfig",
        "ChaosConfig",
        "CircuitBreakerConfig",
        "CircuitMode",
        "CircuitWindow",
        "ConcurrencyConfig",
        "ConfigError",
        "Exceptions",
        "FailFastConfig",
        "FallbackConfig",
        "FeatureToggleConfig",
        "HedgeConfig",
        "HedgeDelay",
        "Jitter",
        "LimitAlgorithm",
        "LoadShedConfig",
        "Mode",
        "Patterns",
        "Priority",
        "Rate",
        "RateLimitConfig",
        "RetryAfterStrategy",
        "RetryConfig",
        "TimeoutConfig",
    ]);
    text.push_str(&layout::import("failsafe_runtime", &from_runtime));
    text.push_str(&stacks);
    text
}

/// How clients are told apart, where that is not by their addresses.
fn client_keys(operation: &Operation, of_all: &[ClientKey]) -> Option<String> {
    let limit = operation
        .policies
        .iter()
        .find_map(|policy| match &policy.pattern {
            Pattern::RateLimit(limit) => Some(limit),
            _ => None,
        });
    let keys = limit?.client_key.as_deref().unwrap_or(of_all);
    let names: Vec<&str> = keys
        .iter()
        .map(|key| match key {
            ClientKey::XClientId => "ClientKey::XClientId",
            ClientKey::Authorization => "ClientKey::Authorization",
            ClientKey::Peer => "ClientKey::Peer",
        })
        .collect();
    let usual = matches!(keys, [] | [ClientKey::Peer]);
    (!usual).then(|| format!("\n        .client_keys(&[{}])", names.join(", ")))
}

fn stack(operation: &Operation, of_all: &[ClientKey]) -> String {
    let route = layout::quoted(&format!("{} {}", operation.method, operation.path));
    let mut text = format!(
        "/// {route}\npub fn {}(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {{\n    \
         Ok(PolicyStack::new()",
        operation.rust_name
    );
    text.push_str(&client_keys(operation, of_all).unwrap_or_default());
    for policy in &operation.policies {
        text.push_str(&layer(policy));
    }
    text.push_str(")\n}\n");
    text
}

fn layer(policy: &Policy) -> String {
    // What a pattern is called by the registry and by the stack.
    let pattern = match &policy.pattern {
        Pattern::FeatureToggle(_) => "feature_toggle",
        Pattern::RateLimit(_) => "rate_limit",
        Pattern::LoadShed(_) => "load_shedder",
        Pattern::Backpressure(_) => "backpressure",
        Pattern::Concurrency(_) => "concurrency_limit",
        Pattern::Bulkhead(_) => "bulkhead",
        Pattern::FailFast(_) => "fail_fast",
        Pattern::CircuitBreaker(_) => "circuit_breaker",
        Pattern::Retry(_) => "retry",
        Pattern::Cache(_) => "cache",
        Pattern::Chaos(_) => "chaos",
        Pattern::Fallback(_) => "fallback",
        Pattern::Hedge(_) => "hedge",
        Pattern::Timeout(_) => "timeout",
    };
    let method = match &policy.pattern {
        Pattern::Retry(retry) if !retry.without_idempotency_key => "retry_keyed",
        _ => pattern,
    };
    let further = match &policy.pattern {
        Pattern::Fallback(fallback) => format!(", {}", instead(&fallback.instead)),
        _ => String::new(),
    };
    format!(
        "\n        .{method}(patterns.{pattern}(\n            {},\n            {},\n        )?{further})",
        rust_string(&policy.name),
        configs::of(policy).text()
    )
}

fn instead(instead: &Instead) -> String {
    match instead {
        Instead::Constant { status, body: None } => format!("Instead::status({status})"),
        Instead::Constant {
            status,
            body: Some(body),
        } => format!(
            "Instead::body({status}, {}, {})",
            rust_string(&body.media_type),
            rust_string(&body.text)
        ),
        Instead::Handler => "Instead::Handler".to_owned(),
        Instead::LastGood => "Instead::LastGood".to_owned(),
    }
}
