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

/// Ours, and the peer that it is compared with: names of benchmarks.
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

/// A Markdown table of medians and ratios, for the pairs that were measured.
pub fn table(pairs: &[Pair]) -> String {
    let mut table =
        String::from("| what | ns | peer | its ns | ratio |\n|---|---:|---|---:|---:|\n");
    for pair in pairs {
        if let (Some(ours), Some(theirs)) = (median(pair.ours), median(pair.theirs)) {
            let Pair { what, peer, .. } = pair;
            let ratio = ours / theirs;
            writeln!(
                table,
                "| {what} | {ours:.1} | {peer} | {theirs:.1} | {ratio:.2} |"
            )
            .expect("a string takes every line");
        }
    }
    table
}

/// The median of a benchmark's last run, in nanoseconds.
fn median(name: &str) -> Option<f64> {
    let file = results().join(name).join("new/estimates.json");
    let text = std::fs::read_to_string(file).ok()?;
    let estimates: serde_json::Value = serde_json::from_str(&text).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

/// Where criterion keeps its results: beside the other things that cargo has built.
fn results() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    target.join("criterion")
}
