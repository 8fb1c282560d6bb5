//! The patterns' numbers, pushed to an OpenTelemetry collector.
//!
//! Every metric is an observable instrument that reads the patterns when the SDK collects, so a
//! call costs nothing more with telemetry than without. Names are
//! `failsafe.<service>.<pattern's name>.<pattern type>.<metric>`.
//!
//! OpenTelemetry has no observable histogram. A distribution is three instruments: `.count`,
//! `.sum`, and `.bucket` with the attribute `le`, counted as Prometheus does.

mod client;
mod reading;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry_otlp::{MetricExporter, Protocol, RetryPolicy, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use tokio::runtime::Handle;
use tokio::time::timeout;

use self::client::Client;
use self::reading::Reading;
use crate::Patterns;
use crate::registry::PatternSnapshot;

/// How long the end of the service waits for the last numbers to be sent.
const FLUSH: Duration = Duration::from_secs(5);

/// The way out, open until it is shut down.
#[derive(Debug)]
pub(super) struct Export {
    provider: SdkMeterProvider,
}

impl Export {
    /// Begins to push. A service is worth more than its metrics: what stands in the way of them is
    /// logged, and the service goes on.
    pub(super) fn start(endpoint: &str, service: &str, patterns: &Arc<Patterns>) -> Option<Export> {
        let started = Handle::try_current()
            .map_err(|error| error.to_string())
            .and_then(|runtime| Client::new(endpoint, runtime))
            .and_then(|client| {
                MetricExporter::builder()
                    .with_http()
                    .with_http_client(client)
                    .with_protocol(Protocol::HttpBinary)
                    .with_endpoint(endpoint)
                    // The numbers are totals: the next push says all that a lost one said.
                    .with_retry_policy(RetryPolicy::disabled())
                    .build()
                    .map_err(|error| error.to_string())
            });
        match started {
            Ok(exporter) => {
                let provider = SdkMeterProvider::builder()
                    .with_resource(
                        Resource::builder()
                            .with_service_name(service.to_owned())
                            .build(),
                    )
                    .with_periodic_exporter(exporter)
                    .build();
                observe(&provider.meter("failsafe"), service, patterns);
                Some(Export { provider })
            }
            Err(error) => {
                tracing::error!(endpoint, error, "no metrics: the exporter cannot be set up");
                None
            }
        }
    }

    /// Sends the last numbers. Waits no longer than [`FLUSH`] for a collector that does not take
    /// them.
    pub(super) async fn shutdown(self) {
        // The SDK waits for its own thread, which no worker of the runtime should do.
        let flushed = tokio::task::spawn_blocking(move || self.provider.shutdown());
        if !matches!(timeout(FLUSH, flushed).await, Ok(Ok(Ok(())))) {
            tracing::debug!("the last metrics were not taken");
        }
    }
}

/// One instrument for each metric of each pattern.
fn observe(meter: &Meter, service: &str, patterns: &Arc<Patterns>) {
    let reading = Arc::new(Reading::new(Arc::clone(patterns)));
    for pattern in &reading.now().patterns {
        let instrument = |metric: &str| instrument_name(service, pattern, metric);
        for metric in names(pattern.counters.iter().map(|counter| counter.name)) {
            let (reading, kind, name) = (Arc::clone(&reading), pattern.kind, pattern.name.clone());
            meter
                .u64_observable_counter(instrument(metric))
                .with_callback(move |observer| {
                    reading.of(kind, &name, |pattern| {
                        for counter in pattern.counters.iter().filter(|c| c.name == metric) {
                            observer.observe(counter.value, &attributes(&counter.labels));
                        }
                    });
                })
                .build();
        }
        for metric in names(pattern.gauges.iter().map(|gauge| gauge.name)) {
            let (reading, kind, name) = (Arc::clone(&reading), pattern.kind, pattern.name.clone());
            meter
                .f64_observable_gauge(instrument(metric))
                .with_callback(move |observer| {
                    reading.of(kind, &name, |pattern| {
                        for gauge in pattern.gauges.iter().filter(|g| g.name == metric) {
                            observer.observe(gauge.value, &attributes(&gauge.labels));
                        }
                    });
                })
                .build();
        }
        for metric in names(pattern.histograms.iter().map(|histogram| histogram.name)) {
            observe_histogram(meter, &reading, pattern, metric, &instrument(metric));
        }
    }
}

fn observe_histogram(
    meter: &Meter,
    reading: &Arc<Reading>,
    pattern: &PatternSnapshot,
    metric: &'static str,
    instrument: &str,
) {
    let (r, kind, name) = (Arc::clone(reading), pattern.kind, pattern.name.clone());
    meter
        .f64_observable_counter(format!("{instrument}.sum"))
        .with_callback(move |observer| {
            r.of(kind, &name, |pattern| {
                for histogram in pattern.histograms.iter().filter(|h| h.name == metric) {
                    observer.observe(histogram.sum, &attributes(&histogram.labels));
                }
            });
        })
        .build();
    let (r, name) = (Arc::clone(reading), pattern.name.clone());
    meter
        .u64_observable_counter(format!("{instrument}.count"))
        .with_callback(move |observer| {
            r.of(kind, &name, |pattern| {
                for histogram in pattern.histograms.iter().filter(|h| h.name == metric) {
                    observer.observe(
                        histogram.counts.iter().sum(),
                        &attributes(&histogram.labels),
                    );
                }
            });
        })
        .build();
    let (r, name) = (Arc::clone(reading), pattern.name.clone());
    meter
        .u64_observable_counter(format!("{instrument}.bucket"))
        .with_callback(move |observer| {
            r.of(kind, &name, |pattern| {
                for histogram in pattern.histograms.iter().filter(|h| h.name == metric) {
                    let mut below = 0;
                    for (index, count) in histogram.counts.iter().enumerate() {
                        below += count;
                        let bound = histogram.bounds.get(index);
                        let bound = bound.map_or("+Inf".to_owned(), ToString::to_string);
                        let mut attributes = attributes(&histogram.labels);
                        attributes.push(KeyValue::new("le", bound));
                        observer.observe(below, &attributes);
                    }
                }
            });
        })
        .build();
}

/// Every name once, in order.
fn names(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn attributes(labels: &[(&'static str, String)]) -> Vec<KeyValue> {
    labels
        .iter()
        .map(|(name, value)| KeyValue::new(*name, value.clone()))
        .collect()
}

/// Letters, digits and `_.-/` are what a name may hold; names of operations may hold more.
pub(super) fn instrument_name(service: &str, pattern: &PatternSnapshot, metric: &str) -> String {
    let plain = |text: &str| -> String {
        let keep = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        text.chars()
            .map(|c| if keep(c) { c } else { '_' })
            .collect()
    };
    let (service, name) = (plain(service), plain(&pattern.name));
    format!(
        "failsafe.{service}.{name}.{}.{metric}",
        pattern.kind.as_str()
    )
}

#[cfg(test)]
mod tests;
