//! What each pattern costs a call that succeeds at once, next to its peers in the same run.
//!
//! Every case protects the same call and polls it once. What peers have as a layer alone is compared
//! with our layer. "Two threads" share one instance; its time is what one thread needs for one call
//! while the other does the same.

mod again;
mod answers;
mod bounds;
mod circuits;
mod common;
mod rates;
mod stacks;
mod two_threads;

use std::time::Duration;

use criterion::{Criterion, SamplingMode};
use failsafe_benches::{Pair, Sample, head, ready, rows};

use crate::common::work;

/// The groups of criterion, what each compares, and by which sample.
const ONE_THREAD: (&str, &[&[Pair]], Sample) = (
    "one_thread",
    &[
        rates::PAIRS,
        circuits::PAIRS,
        again::PAIRS,
        bounds::PAIRS,
        answers::PAIRS,
        stacks::PAIRS,
    ],
    Sample::Fastest,
);
const TWO_THREADS: (&str, &[&[Pair]], Sample) =
    ("two_threads", &[two_threads::PAIRS], Sample::Median);

fn main() {
    // Timers want a runtime, although none of them will fire.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .expect("a runtime with one worker");
    let _entered = runtime.enter();

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        // Short samples: some are not disturbed, and those count. Statistics of all do not.
        .sample_size(400)
        .nresamples(1001)
        .configure_from_args();

    let mut group = criterion.benchmark_group(ONE_THREAD.0);
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("plain", |b| b.iter(|| ready(work(1)).is_ok()));
    rates::bench(&mut group);
    circuits::bench(&mut group);
    again::bench(&mut group);
    bounds::bench(&mut group);
    answers::bench(&mut group);
    stacks::bench(&mut group);
    group.finish();

    let mut group = criterion.benchmark_group(TWO_THREADS.0);
    group.sampling_mode(SamplingMode::Flat).sample_size(50);
    two_threads::bench(&mut group);
    group.finish();
    criterion.final_summary();

    print!("{}", head());
    for (group, families, sample) in [ONE_THREAD, TWO_THREADS] {
        for pairs in families {
            print!("{}", rows(group, pairs, sample));
        }
    }
}
