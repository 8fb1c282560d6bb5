//! The patterns' numbers in the text form that Prometheus reads.
//!
//! Nothing is kept: a scrape reads the patterns as they are. Names are
//! `failsafe_<pattern type>_<metric>`, and the label `pattern` is the pattern's name.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use crate::Patterns;
use crate::registry::{Counter, Gauge, Histogram, PatternSnapshot, Snapshot};

/// What `/metrics` says its text is.
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What `/metrics` serves.
#[derive(Debug)]
pub(crate) struct Scrape {
    registry: Registry,
}

impl Scrape {
    pub(crate) fn new(patterns: Arc<Patterns>) -> Scrape {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Reader { patterns }));
        Scrape { registry }
    }

    /// All numbers at this moment.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[derive(Debug)]
struct Reader {
    patterns: Arc<Patterns>,
}

impl Collector for Reader {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let snapshot = self.patterns.snapshot();
        let counters = families(
            &snapshot,
            |pattern| &pattern.counters,
            |counter| counter.name,
        );
        for (name, samples) in counters {
            let mut family =
                encoder.encode_descriptor(&name, &help(&name), None, MetricType::Counter)?;
            for (pattern, Counter { labels, value, .. }) in samples {
                family
                    .encode_family(&named(pattern, labels))?
                    .encode_counter::<NoLabelSet, _, f64>(value, None)?;
            }
        }
        let gauges = families(&snapshot, |pattern| &pattern.gauges, |gauge| gauge.name);
        for (name, samples) in gauges {
            let mut family =
                encoder.encode_descriptor(&name, &help(&name), None, MetricType::Gauge)?;
            for (pattern, Gauge { labels, value, .. }) in samples {
                family
                    .encode_family(&named(pattern, labels))?
                    .encode_gauge(value)?;
            }
        }
        let histograms = families(&snapshot, |pattern| &pattern.histograms, |h| h.name);
        for (name, samples) in histograms {
            let mut family =
                encoder.encode_descriptor(&name, &help(&name), None, MetricType::Histogram)?;
            for (pattern, histogram) in samples {
                family
                    .encode_family(&named(pattern, &histogram.labels))?
                    .encode_histogram::<NoLabelSet>(
                        histogram.sum,
                        histogram.counts.iter().sum(),
                        &buckets(histogram),
                        None,
                    )?;
            }
        }
        Ok(())
    }
}

/// Samples by the name of their metric: the text form wants all of one name together, whatever
/// pattern they are of.
fn families<'s, T>(
    snapshot: &'s Snapshot,
    samples: impl Fn(&'s PatternSnapshot) -> &'s Vec<T>,
    name: impl Fn(&T) -> &'static str,
) -> BTreeMap<String, Vec<(&'s str, &'s T)>> {
    let mut families: BTreeMap<String, Vec<(&str, &T)>> = BTreeMap::new();
    for pattern in &snapshot.patterns {
        for sample in samples(pattern) {
            let metric = name(sample).replace('.', "_");
            let name = format!("failsafe_{}_{metric}", pattern.kind.as_str());
            families
                .entry(name)
                .or_default()
                .push((pattern.name.as_str(), sample));
        }
    }
    families
}

fn named<'s>(
    pattern: &'s str,
    labels: &'s [(&'static str, String)],
) -> Vec<(&'static str, &'s str)> {
    let labels = labels.iter().map(|(name, value)| (*name, value.as_str()));
    std::iter::once(("pattern", pattern))
        .chain(labels)
        .collect()
}

/// The name in words.
fn help(name: &str) -> String {
    name.trim_start_matches("failsafe_").replace('_', " ")
}

fn buckets(histogram: &Histogram) -> Vec<(f64, u64)> {
    let bounds = histogram
        .bounds
        .iter()
        .copied()
        .chain(std::iter::once(f64::INFINITY));
    bounds.zip(histogram.counts.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{CircuitBreakerConfig, RateLimitConfig};

    #[tokio::test(start_paused = true)]
    async fn a_scrape_says_what_the_patterns_counted() {
        let patterns = Arc::new(Patterns::new());
        let limit = patterns
            .rate_limit(
                "list",
                RateLimitConfig {
                    max_executions: 2,
                    ..RateLimitConfig::default()
                },
            )
            .unwrap();
        for _ in 0..3 {
            let _ = limit.acquire(Some("10.0.0.1"));
        }
        limit.record_latency(Duration::from_millis(20));
        patterns
            .circuit_breaker("list", CircuitBreakerConfig::default())
            .unwrap();

        let text = Scrape::new(Arc::clone(&patterns)).text();
        for line in [
            "# TYPE failsafe_ratelimit_requests counter",
            "failsafe_ratelimit_requests_total{pattern=\"list\",client=\"\",status=\"allowed\"} 2",
            "failsafe_ratelimit_requests_total{pattern=\"list\",client=\"\",status=\"rejected\"} 1",
            "failsafe_ratelimit_tokens_consumed_total{pattern=\"list\"} 2",
            "failsafe_ratelimit_tokens_max{pattern=\"list\"} 2.0",
            "failsafe_ratelimit_tokens_available{pattern=\"list\"} 0.0",
            "failsafe_circuitbreaker_transition_failing_total{pattern=\"list\"} 0",
            "failsafe_circuitbreaker_state{pattern=\"list\",state=\"closed\"} 1.0",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "no {line:?} in\n{text}"
            );
        }
        assert!(text.contains("request_latency_seconds_count{pattern=\"list\",client=\"\"} 1"));
        assert!(
            text.contains("_bucket{le=\"+Inf\",pattern=\"list\""),
            "{text}"
        );
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn a_service_without_patterns_has_an_empty_scrape() {
        assert_eq!(Scrape::new(Arc::default()).text(), "# EOF\n");
    }
}
