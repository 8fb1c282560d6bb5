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

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry_otlp::{MetricExporter, Protocol, RetryPolicy, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::client::Client;
use self::reading::Reading;
use crate::Patterns;
use crate::registry::{PatternKind, PatternSnapshot};

/// How long the end of the service waits for the last numbers to be sent.
const FLUSH: Duration = Duration::from_secs(5);

/// How often it is looked for patterns and metrics that came into being while the service runs.
const CATCH_UP: Duration = Duration::from_secs(10);

/// The way out, open until it is shut down.
#[derive(Debug)]
pub(super) struct Export {
    provider: SdkMeterProvider,
    instruments: Arc<Instruments>,
    /// Makes instruments for what is new.
    catching_up: JoinHandle<()>,
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
                let meter = provider.meter("failsafe");
                let instruments = Arc::new(Instruments::new(meter, service, patterns));
                instruments.catch_up();
                let catching_up = tokio::spawn(Arc::clone(&instruments).catch_up_forever());
                Some(Export {
                    provider,
                    instruments,
                    catching_up,
                })
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
        self.catching_up.abort();
        // The SDK waits for its own thread, which no worker of the runtime should do.
        let flushed = tokio::task::spawn_blocking(move || {
            self.instruments.catch_up();
            self.provider.shutdown()
        });
        if !matches!(timeout(FLUSH, flushed).await, Ok(Ok(Ok(())))) {
            tracing::debug!("the last metrics were not taken");
        }
    }
}

/// One instrument for each metric of each pattern.
struct Instruments {
    meter: Meter,
    service: String,
    reading: Arc<Reading>,
    known: Mutex<HashSet<Id>>,
}

/// A metric of a pattern.
type Id = (PatternKind, String, &'static str);

impl Instruments {
    fn new(meter: Meter, service: &str, patterns: &Arc<Patterns>) -> Instruments {
        Instruments {
            meter,
            service: service.to_owned(),
            reading: Arc::new(Reading::new(Arc::clone(patterns))),
            known: Mutex::default(),
        }
    }

    async fn catch_up_forever(self: Arc<Self>) {
        loop {
            tokio::time::sleep(CATCH_UP).await;
            self.catch_up();
        }
    }

    /// Makes those that are missing. A pattern may be made by a handler, and a metric come with a
    /// change of configuration or with the first client that it is about.
    fn catch_up(&self) {
        for pattern in &self.reading.anew().patterns {
            let counters = pattern.counters.iter().map(|counter| counter.name);
            for metric in self.new_ones(pattern, counters) {
                self.observe_counter(pattern, metric);
            }
            let gauges = pattern.gauges.iter().map(|gauge| gauge.name);
            for metric in self.new_ones(pattern, gauges) {
                self.observe_gauge(pattern, metric);
            }
            let histograms = pattern.histograms.iter().map(|histogram| histogram.name);
            for metric in self.new_ones(pattern, histograms) {
                let instrument = instrument_name(&self.service, pattern, metric);
                observe_histogram(&self.meter, &self.reading, pattern, metric, &instrument);
            }
        }
    }

    /// The metrics that have no instrument yet, each once and in order.
    fn new_ones(
        &self,
        pattern: &PatternSnapshot,
        metrics: impl Iterator<Item = &'static str>,
    ) -> Vec<&'static str> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new =
            |metric: &&'static str| known.insert((pattern.kind, pattern.name.clone(), *metric));
        let mut new: Vec<_> = metrics.filter(is_new).collect();
        new.sort_unstable();
        new
    }

    fn observe_counter(&self, pattern: &PatternSnapshot, metric: &'static str) {
        let (reading, kind) = (Arc::clone(&self.reading), pattern.kind);
        let name = pattern.name.clone();
        self.meter
            .u64_observable_counter(instrument_name(&self.service, pattern, metric))
            .with_callback(move |observer| {
                reading.of(kind, &name, |pattern| {
                    for counter in pattern.counters.iter().filter(|c| c.name == metric) {
                        observer.observe(counter.value, &attributes(&counter.labels));
                    }
                });
            })
            .build();
    }

    fn observe_gauge(&self, pattern: &PatternSnapshot, metric: &'static str) {
        let (reading, kind) = (Arc::clone(&self.reading), pattern.kind);
        let name = pattern.name.clone();
        self.meter
            .f64_observable_gauge(instrument_name(&self.service, pattern, metric))
            .with_callback(move |observer| {
                reading.of(kind, &name, |pattern| {
                    for gauge in pattern.gauges.iter().filter(|g| g.name == metric) {
                        observer.observe(gauge.value, &attributes(&gauge.labels));
                    }
                });
            })
            .build();
    }
}

impl fmt::Debug for Instruments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instruments")
            .field("service", &self.service)
            .finish_non_exhaustive()
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
