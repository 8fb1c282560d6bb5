//! Reads what criterion has measured and puts it into a table of ratios.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, Waker};

/// Polls a future that is ready at once.
///
/// # Panics
///
/// When it is not.
#[inline]
pub fn ready<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the call was not ready at once"),
    }
}

/// Ours, and the peer that it is compared with: names of benchmarks of one group.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// What the line is about.
    pub what: &'static str,
    /// The benchmark of ours.
    pub ours: &'static str,
    /// The name of the peer.
    pub peer: &'static str,
    /// The benchmark of the peer's.
    pub theirs: &'static str,
}

impl Pair {
    /// A line that compares two benchmarks of one group.
    pub const fn new(
        what: &'static str,
        ours: &'static str,
        peer: &'static str,
        theirs: &'static str,
    ) -> Self {
        Self {
            what,
            ours,
            peer,
            theirs,
        }
    }
}

/// The head of a Markdown table of times and ratios.
pub fn head() -> &'static str {
    "| what | ns | peer | its ns | ratio |\n|---|---:|---|---:|---:|\n"
}

/// Which of the samples of a benchmark stands for it.
#[derive(Clone, Copy, Debug)]
pub enum Sample {
    /// Whatever else a machine does makes a sample slower and none faster, so that of many short
    /// ones this is the least disturbed.
    Fastest,
    /// For calls that disturb each other, which is what is measured: they are fastest when they
    /// happen not to.
    Median,
}

/// The rows of those pairs of a group that were measured.
pub fn rows(group: &str, pairs: &[Pair], sample: Sample) -> String {
    let mut rows = String::new();
    for pair in pairs {
        let nanos = |name| nanos(&format!("{group}/{name}"), sample);
        if let (Some(ours), Some(theirs)) = (nanos(pair.ours), nanos(pair.theirs)) {
            let Pair { what, peer, .. } = pair;
            let ratio = ours / theirs;
            writeln!(
                rows,
                "| {what} | {ours:.1} | {peer} | {theirs:.1} | {ratio:.2} |"
            )
            .expect("a string takes every line");
        }
    }
    rows
}

/// The nanoseconds of a call in that sample of a benchmark's last run.
fn nanos(name: &str, sample: Sample) -> Option<f64> {
    let file = results().join(name).join("new/sample.json");
    let text = std::fs::read_to_string(file).ok()?;
    let samples: serde_json::Value = serde_json::from_str(&text).ok()?;
    let times = samples["times"].as_array()?.iter();
    let each = times.zip(samples["iters"].as_array()?);
    let each = each.filter_map(|(time, calls)| Some(time.as_f64()? / calls.as_f64()?));
    let mut all: Vec<f64> = each.collect();
    all.sort_by(f64::total_cmp);
    match sample {
        Sample::Fastest => all.first().copied(),
        Sample::Median => all.get(all.len() / 2).copied(),
    }
}

/// Where criterion keeps its results: beside the other things that cargo has built.
fn results() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    target.join("criterion")
}
