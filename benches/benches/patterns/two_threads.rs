//! Two threads that call one instance without a pause.

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use failsafe_benches::{Pair, ready};
use governor::RateLimiter;

use crate::common::{A_MINUTE, Group, quota, recloser, work};
use crate::stacks::{Joined, Ours};

pub(crate) const PAIRS: &[Pair] = &[
    Pair::new(
        "rate limit, two threads",
        "ratelimit",
        "governor",
        "governor",
    ),
    Pair::new(
        "circuit breaker, two threads",
        "circuitbreaker",
        "recloser",
        "recloser",
    ),
    Pair::new("retry, two threads", "retry", "backon", "backon"),
    Pair::new(
        "timeout, two threads",
        "timeout",
        "tokio timeout",
        "tokio_timeout",
    ),
    Pair::new("all four, two threads", "stack", "joined by hand", "joined"),
];

/// What a thread does before it is timed: the patterns learn in a millisecond how fast its cycles
/// are counted.
const WARM_UP: Duration = Duration::from_millis(3);

/// Times that two threads are given to run beside each other.
const ATTEMPTS: usize = 8;
/// With fewer calls, what one thread does before the other has begun would count.
const FEWEST: u64 = 50_000;

/// What `n` calls take in each of two threads, beside each other: where one came late because the machine
/// had something else to do, each has had the instance for itself, and that is no measurement.
fn on_two_threads(n: u64, call: impl Fn() -> bool + Sync) -> Duration {
    let calls = n.max(FEWEST);
    let mut last = Duration::ZERO;
    for _ in 0..ATTEMPTS {
        let [own, other] = once_on_two_threads(calls, &call);
        last = (own.time() + other.time()) / 2;
        if own.is_beside(&other) {
            break;
        }
    }
    last.mul_f64(n as f64 / calls as f64)
}

/// When a thread began its calls, and when it had made them.
struct Span(Instant, Instant);

impl Span {
    fn time(&self) -> Duration {
        self.1 - self.0
    }

    /// Whether both began and ended at about the same time.
    fn is_beside(&self, other: &Self) -> bool {
        let apart = |one: Instant, other: Instant| one.max(other) - one.min(other);
        let little = self.time().min(other.time()) / 4;
        apart(self.0, other.0) < little / 8 && apart(self.1, other.1) < little
    }
}

fn once_on_two_threads(n: u64, call: &(impl Fn() -> bool + Sync)) -> [Span; 2] {
    let waiting = AtomicU32::new(2);
    let runtime = tokio::runtime::Handle::current();
    let work = || {
        let _entered = runtime.enter();
        let started = Instant::now();
        while started.elapsed() < WARM_UP {
            black_box(call());
        }
        // Not asleep: who is woken comes late.
        waiting.fetch_sub(1, SeqCst);
        while waiting.load(SeqCst) > 0 {
            std::hint::spin_loop();
        }
        let started = Instant::now();
        for _ in 0..n {
            black_box(call());
        }
        Span(started, Instant::now())
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let own = work();
        [own, other.join().expect("the calls do not panic")]
    })
}

pub(crate) fn bench(group: &mut Group<'_>) {
    macro_rules! case {
        ($name:literal, $call:expr) => {
            group.bench_function($name, |b| b.iter_custom(|n| on_two_threads(n, $call)));
        };
    }

    case!("plain", || ready(work(1)).is_ok());
    let Ours {
        limit,
        breaker,
        retry,
        timeout,
    } = Ours::new();
    case!("ratelimit", || ready(limit.call(|| work(1))).is_ok());
    let governor = RateLimiter::direct(quota());
    case!("governor", || governor.check().is_ok()
        && ready(work(1)).is_ok());
    case!("circuitbreaker", || ready(breaker.call(|| work(1))).is_ok());
    let recloser = recloser();
    case!("recloser", || ready(recloser.call(work(1))).is_ok());
    case!("retry", || ready(retry.call(|| work(1))).is_ok());
    let backoff = ExponentialBuilder::default();
    case!("backon", || ready(async {
        (|| work(1)).retry(backoff).await
    })
    .is_ok());
    case!("timeout", || ready(timeout.call(|| work(1))).is_ok());
    case!("tokio_timeout", || ready(tokio::time::timeout(
        A_MINUTE,
        work(1)
    ))
    .is_ok());
    let ours = Ours::new();
    case!("stack", || ours.call(1));
    let joined = Joined::new();
    case!("joined", || joined.call(1));
}
