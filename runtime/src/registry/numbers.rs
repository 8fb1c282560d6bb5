use super::{Counter, Gauge, Histogram, PatternKind, PatternSnapshot, Statistics};

/// A pattern's numbers as it lists them for a snapshot.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    counters: Vec<Counter>,
    gauges: Vec<Gauge>,
    histograms: Vec<Histogram>,
}

impl Numbers {
    pub(crate) fn counter(&mut self, name: &'static str, value: u64) -> &mut Self {
        self.labelled_counter(name, &[], value)
    }

    pub(crate) fn labelled_counter(
        &mut self,
        name: &'static str,
        labels: &[(&'static str, &str)],
        value: u64,
    ) -> &mut Self {
        self.counters.push(Counter {
            name,
            labels: owned(labels),
            value,
        });
        self
    }

    pub(crate) fn gauge(&mut self, name: &'static str, value: f64) -> &mut Self {
        self.labelled_gauge(name, &[], value)
    }

    pub(crate) fn labelled_gauge(
        &mut self,
        name: &'static str,
        labels: &[(&'static str, &str)],
        value: f64,
    ) -> &mut Self {
        self.gauges.push(Gauge {
            name,
            labels: owned(labels),
            value,
        });
        self
    }

    pub(crate) fn histogram(&mut self, histogram: Histogram) -> &mut Self {
        self.histograms.push(histogram);
        self
    }

    pub(crate) fn into_snapshot(
        self,
        kind: PatternKind,
        name: &str,
        mode: &'static str,
        state: &'static str,
    ) -> PatternSnapshot {
        let Self {
            counters,
            gauges,
            histograms,
        } = self;
        PatternSnapshot {
            statistics: Statistics::of(kind, &counters, &gauges),
            kind,
            name: name.to_owned(),
            mode,
            state,
            counters,
            gauges,
            histograms,
        }
    }
}

fn owned(labels: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    labels
        .iter()
        .map(|(key, value)| (*key, (*value).to_owned()))
        .collect()
}
