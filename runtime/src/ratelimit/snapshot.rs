use std::sync::PoisonError;

use super::RateLimit;
use super::limit::Count;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};

const NANOS_A_SECOND: f64 = 1e9;

impl RateLimit {
    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let config = self.core.config();
        let now = self.clock.now();
        let shared = self.peek(now);
        let count = |count: Count| self.core.counters.get(count as usize);
        let clients = self
            .clients
            .get()
            .filter(|_| config.enable_per_client_tracking);
        let (named, of_clients) = clients.map_or((Vec::new(), None), |clients| clients.survey(now));
        // Of all buckets the one that has the fewest tokens.
        let tightest = of_clients.unwrap_or(shared);
        let (quota, left) = (tightest.quota, tightest.left());

        let mut numbers = Numbers::default();
        // What is not counted for a client by name is counted for nobody in particular.
        let allowed: u64 = named.iter().map(|client| client.allowed).sum();
        let rejected: u64 = named.iter().map(|client| client.rejected).sum();
        let would_reject = count(Count::WouldReject);
        let all_rejected = count(Count::Rejected);
        let mut client_counts = |client: &str, allowed: u64, rejected: u64| {
            for (status, n) in [("allowed", allowed), ("rejected", rejected)] {
                numbers.labelled_counter("requests", &[("client", client), ("status", status)], n);
            }
            let reason = ("reason", "tokens");
            numbers.labelled_counter("rejections", &[("client", client), reason], rejected);
        };
        client_counts(
            "",
            count(Count::Allowed).saturating_sub(allowed),
            all_rejected.saturating_sub(rejected),
        );
        for client in &named {
            client_counts(&client.name, client.allowed, client.rejected);
        }
        let backpressure = self.pressure.score(now);
        let tokens = f64::from(quota.tokens(left));
        let size = f64::from(quota.tokens(quota.span));
        numbers
            .counter("tokens_consumed", self.tokens_spent())
            .counter("shadow_rejected", would_reject)
            .counter("shared_bucket", count(Count::Shared))
            .gauge("tokens_available", tokens)
            .gauge("tokens_max", size)
            .gauge("bucket_utilization_ratio", 1.0 - tokens / size)
            .labelled_gauge("backpressure_score", &[("client", "")], backpressure)
            .gauge("token_refill_rate", NANOS_A_SECOND / quota.interval as f64)
            .gauge(
                "clients",
                clients.map_or(0.0, |clients| clients.len() as f64),
            )
            .histogram(
                self.pressure
                    .latencies()
                    .into_snapshot("request_latency_seconds", &[("client", "")]),
            )
            .histogram(
                self.waits
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone()
                    .into_snapshot("retry_after_seconds", &[("client", "")]),
            );
        let state = if left < quota.interval {
            "exhausted"
        } else {
            "available"
        };
        numbers.into_snapshot(
            PatternKind::RateLimit,
            self.name(),
            self.core.mode().as_str(),
            state,
        )
    }
}
