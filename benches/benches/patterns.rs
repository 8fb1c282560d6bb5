//! What each pattern costs a call that succeeds at once, next to its peers in the same run.
//!
//! Every case protects the same call and polls it once. "Two threads" share one instance; its
//! time is what one thread needs for one call while the other does the same.

use std::convert::Infallible;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use failsafe_benches::{Pair, ready, table};
use failsafe_runtime::{
    Backpressure, BackpressureConfig, Bulkhead, BulkheadConfig, Cache, CacheConfig, CircuitBreaker,
    CircuitBreakerConfig, ConcurrencyConfig, ConcurrencyLimit, FailFast, FailFastConfig, Fallback,
    FallbackConfig, FeatureToggle, FeatureToggleConfig, Hedge, HedgeConfig, LoadShedConfig,
    LoadShedder, RateLimit, RateLimitConfig, Retry, RetryConfig, Timeout, TimeoutConfig,
};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use recloser::{AsyncRecloser, Recloser};
use tokio::sync::Semaphore;
use tower::{Service, ServiceBuilder, service_fn};

const A_MINUTE: Duration = Duration::from_secs(60);

/// The call that all cases protect.
#[inline(never)]
async fn work(x: u64) -> Result<u64, Infallible> {
    Ok(black_box(x).wrapping_mul(3))
}

/// Keys of a thousand clients.
fn keys() -> Vec<String> {
    (0..1024_u32)
        .map(|n| format!("10.{}.{}.7", n / 256, n % 256))
        .collect()
}

/// A limit that a benchmark does not reach.
fn rate_limit(mut config: RateLimitConfig) -> RateLimit {
    config.max_executions = 1_000_000;
    config.per_time_secs = Duration::from_secs(1);
    config.bucket_size = Some(u32::MAX);
    RateLimit::new("bench", config).expect("in range")
}

fn direct() -> RateLimit {
    rate_limit(RateLimitConfig {
        track_latency: false,
        ..RateLimitConfig::default()
    })
}

fn quota() -> Quota {
    Quota::per_second(NonZeroU32::MAX)
}

fn recloser() -> AsyncRecloser {
    AsyncRecloser::from(Recloser::custom().build())
}

/// Our four, as a user would nest them.
struct Ours {
    limit: RateLimit,
    breaker: CircuitBreaker,
    retry: Retry,
    timeout: Timeout,
}

impl Ours {
    fn new() -> Self {
        Self {
            limit: direct(),
            breaker: CircuitBreaker::new("bench", CircuitBreakerConfig::default())
                .expect("in range"),
            retry: Retry::new("bench", RetryConfig::default()).expect("in range"),
            timeout: Timeout::new("bench", TimeoutConfig::default()).expect("in range"),
        }
    }

    fn call(&self, x: u64) -> bool {
        let Self {
            limit,
            breaker,
            retry,
            timeout,
        } = self;
        ready(limit.call(|| breaker.call(|| retry.call(|| timeout.call(|| work(x)))))).is_ok()
    }
}

/// The same four, joined by hand from the best peers.
struct Joined {
    governor: DefaultDirectRateLimiter,
    recloser: AsyncRecloser,
    backoff: ExponentialBuilder,
}

impl Joined {
    fn new() -> Self {
        Self {
            governor: RateLimiter::direct(quota()),
            recloser: recloser(),
            backoff: ExponentialBuilder::default(),
        }
    }

    fn call(&self, x: u64) -> bool {
        if self.governor.check().is_err() {
            return false;
        }
        let attempt = || tokio::time::timeout(A_MINUTE, work(x));
        let retried = async { attempt.retry(self.backoff).await };
        ready(self.recloser.call(retried)).is_ok()
    }
}

fn one_thread(c: &mut Criterion) {
    let mut group = c.benchmark_group("one_thread");
    group.bench_function("plain", |b| b.iter(|| ready(work(1)).is_ok()));

    let limit = direct();
    group.bench_function("ratelimit", |b| {
        b.iter(|| ready(limit.call(|| work(1))).is_ok());
    });
    let governor = RateLimiter::direct(quota());
    group.bench_function("governor", |b| {
        b.iter(|| governor.check().is_ok() && ready(work(1)).is_ok());
    });
    let tracking = rate_limit(RateLimitConfig::default());
    group.bench_function("ratelimit_latency", |b| {
        b.iter(|| ready(tracking.call(|| work(1))).is_ok());
    });

    keyed(&mut group);

    let Ours {
        breaker,
        retry,
        timeout,
        ..
    } = Ours::new();
    group.bench_function("circuitbreaker", |b| {
        b.iter(|| ready(breaker.call(|| work(1))).is_ok());
    });
    let recloser = recloser();
    group.bench_function("recloser", |b| {
        b.iter(|| ready(recloser.call(work(1))).is_ok());
    });

    group.bench_function("retry", |b| {
        b.iter(|| ready(retry.call(|| work(1))).is_ok());
    });
    let backoff = ExponentialBuilder::default();
    group.bench_function("backon", |b| {
        b.iter(|| ready(async { (|| work(1)).retry(backoff).await }).is_ok());
    });

    group.bench_function("timeout", |b| {
        b.iter(|| ready(timeout.call(|| work(1))).is_ok());
    });
    group.bench_function("tokio_timeout", |b| {
        b.iter(|| ready(tokio::time::timeout(A_MINUTE, work(1))).is_ok());
    });

    let ours = Ours::new();
    group.bench_function("stack", |b| b.iter(|| ours.call(1)));
    let joined = Joined::new();
    group.bench_function("joined", |b| b.iter(|| joined.call(1)));
    layers(&mut group);
    tower_resilience(&mut group);
    bounds(&mut group);
    others(&mut group);
    let ten = Ten::new();
    group.bench_function("ten", |b| b.iter(|| ten.call(1)));
    group.finish();
}

/// What bounds how many calls run.
fn bounds(group: &mut BenchmarkGroup<'_, WallTime>) {
    let Ten {
        bulkhead,
        backpressure,
        concurrency,
        shedder,
        ..
    } = Ten::new();
    group.bench_function("bulkhead", |b| {
        b.iter(|| ready(bulkhead.call(|| work(1))).is_ok());
    });
    group.bench_function("backpressure", |b| {
        b.iter(|| ready(backpressure.call(|| work(1))).is_ok());
    });
    group.bench_function("concurrency", |b| {
        b.iter(|| ready(concurrency.call(|| work(1))).is_ok());
    });
    group.bench_function("loadshed", |b| {
        b.iter(|| ready(shedder.call(|| work(1))).is_ok());
    });
    let semaphore = Semaphore::new(1000);
    group.bench_function("semaphore", |b| {
        b.iter(|| {
            ready(async {
                let _permit = semaphore.acquire().await.expect("it is never closed");
                work(1).await
            })
            .is_ok()
        });
    });
}

/// What stands in no row of its own above.
fn others(group: &mut BenchmarkGroup<'_, WallTime>) {
    let Ten {
        toggle, fail_fast, ..
    } = Ten::new();
    group.bench_function("featuretoggle", |b| {
        b.iter(|| ready(toggle.call(|| work(1))).is_ok());
    });
    group.bench_function("failfast", |b| {
        b.iter(|| ready(fail_fast.call(|| work(1))).is_ok());
    });
    let fallback = Fallback::new("bench", FallbackConfig::default()).expect("in range");
    group.bench_function("fallback", |b| {
        b.iter(|| ready(fallback.call(|| work(1), || 0)).is_ok());
    });

    let hedge = Hedge::new("bench", HedgeConfig::default()).expect("in range");
    group.bench_function("hedge", |b| {
        b.iter(|| ready(hedge.call(|| work(1))).is_ok());
    });
    group.bench_function("select", |b| {
        b.iter(|| {
            ready(async {
                tokio::select! {
                    biased;
                    answer = work(1) => answer,
                    answer = async {
                        tokio::time::sleep(Duration::from_millis(30)).await;
                        work(1).await
                    } => answer,
                }
            })
            .is_ok()
        });
    });

    let cache: Cache<u64, u64, Infallible> =
        Cache::new("bench", CacheConfig::default()).expect("in range");
    let filled = cache.get_or_call(1, || work(1));
    tokio::runtime::Handle::current()
        .block_on(filled)
        .expect("it succeeds");
    group.bench_function("cache", |b| {
        b.iter(|| ready(cache.get_or_call(1, || work(1))).is_ok());
    });
    let moka: moka::sync::Cache<u64, u64> = moka::sync::Cache::builder()
        .max_capacity(1000)
        .time_to_live(Duration::from_secs(300))
        .build();
    moka.insert(1, 3);
    group.bench_function("moka", |b| b.iter(|| moka.get(black_box(&1)) == Some(3)));
}

/// Ten of ours, each within the next.
struct Ten {
    toggle: FeatureToggle,
    shedder: LoadShedder,
    concurrency: ConcurrencyLimit,
    backpressure: Backpressure,
    bulkhead: Bulkhead,
    fail_fast: FailFast,
    four: Ours,
}

impl Ten {
    fn new() -> Self {
        Self {
            toggle: FeatureToggle::new("bench", FeatureToggleConfig::default()).expect("in range"),
            shedder: LoadShedder::new("bench", LoadShedConfig::default()).expect("in range"),
            concurrency: ConcurrencyLimit::new("bench", ConcurrencyConfig::default())
                .expect("in range"),
            backpressure: Backpressure::new("bench", BackpressureConfig::default())
                .expect("in range"),
            bulkhead: Bulkhead::new("bench", BulkheadConfig::default()).expect("in range"),
            fail_fast: FailFast::new("bench", FailFastConfig::default()).expect("in range"),
            four: Ours::new(),
        }
    }

    fn call(&self, x: u64) -> bool {
        let Ours {
            limit,
            breaker,
            retry,
            timeout,
        } = &self.four;
        let around = || breaker.call(|| retry.call(|| timeout.call(|| work(x))));
        let inside = || self.bulkhead.call(|| self.fail_fast.call(around));
        let within = || self.concurrency.call(|| self.backpressure.call(inside));
        let behind = || limit.call(|| self.shedder.call(within));
        ready(self.toggle.call(behind)).is_ok()
    }
}

fn keyed(group: &mut BenchmarkGroup<'_, WallTime>) {
    let keys = keys();
    let limit = rate_limit(RateLimitConfig {
        enable_per_client_tracking: true,
        track_latency: false,
        ..RateLimitConfig::default()
    });
    let mut next = 0;
    group.bench_function("ratelimit_keyed", |b| {
        b.iter(|| {
            next = (next + 1) % keys.len();
            ready(limit.call_for(Some(&keys[next]), || work(1))).is_ok()
        });
    });
    let governor: DefaultKeyedRateLimiter<String> = RateLimiter::keyed(quota());
    group.bench_function("governor_keyed", |b| {
        b.iter(|| {
            next = (next + 1) % keys.len();
            let key = &keys[next];
            governor.check_key(key).is_ok() && ready(work(1)).is_ok()
        });
    });
}

/// Our four as tower layers.
fn layers(group: &mut BenchmarkGroup<'_, WallTime>) {
    use failsafe_runtime::{
        circuitbreaker::CircuitBreakerLayer, ratelimit::RateLimitLayer, retry::RetryLayer,
        timeout::TimeoutLayer,
    };

    let Ours {
        limit,
        breaker,
        retry,
        timeout,
    } = Ours::new();
    let mut counted = ServiceBuilder::new()
        .layer(RateLimitLayer::new(limit))
        .layer(CircuitBreakerLayer::new(breaker))
        .layer(RetryLayer::new(retry))
        .layer(TimeoutLayer::new(timeout))
        .service(service_fn(work));
    group.bench_function("stack_layers_counted", |b| {
        b.iter(|| call_ready(&mut counted, 1).is_ok());
    });

    let ours: &'static Ours = Box::leak(Box::new(Ours::new()));
    let mut of_the_program = ServiceBuilder::new()
        .layer(RateLimitLayer::new(&ours.limit))
        .layer(CircuitBreakerLayer::new(&ours.breaker))
        .layer(RetryLayer::new(&ours.retry))
        .layer(TimeoutLayer::new(&ours.timeout))
        .service(service_fn(work));
    group.bench_function("stack_layers", |b| {
        b.iter(|| call_ready(&mut of_the_program, 1).is_ok());
    });
}

fn tower_resilience(group: &mut BenchmarkGroup<'_, WallTime>) {
    use tower_resilience::{
        circuitbreaker::CircuitBreakerLayer, ratelimiter::RateLimiterLayer, retry::RetryLayer,
        timelimiter::TimeLimiterLayer,
    };

    // Its layers each have an error of their own, which the next one takes as it is.
    let mut service = ServiceBuilder::new()
        .layer(
            RateLimiterLayer::per_second(usize::MAX / 2)
                .build()
                .expect("in range"),
        )
        .layer(CircuitBreakerLayer::standard().build().expect("in range"))
        .layer(RetryLayer::exponential_backoff().build())
        .layer(TimeLimiterLayer::standard().build())
        .service(service_fn(|x| async move {
            work(x).await.map_err(|_| PeerError)
        }));
    group.bench_function("tower_resilience", |b| {
        b.iter(|| call_ready(&mut service, 1).is_ok());
    });
}

#[derive(Clone, Debug)]
struct PeerError;

impl std::fmt::Display for PeerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for PeerError {}

/// Calls a service that is ready at once and answers at once. No future around its own: that would
/// be moved, at a cost that is not the service's.
#[inline]
fn call_ready<S: Service<u64>>(service: &mut S, x: u64) -> Result<S::Response, S::Error> {
    match service.poll_ready(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(())) => ready(service.call(x)),
        Poll::Ready(Err(error)) => Err(error),
        Poll::Pending => panic!("the service was not ready at once"),
    }
}

/// Times `n` calls in each of two threads.
fn on_two_threads(n: u64, call: impl Fn() -> bool + Sync) -> Duration {
    let start = Barrier::new(2);
    let runtime = tokio::runtime::Handle::current();
    let work = || {
        let _entered = runtime.enter();
        start.wait();
        let started = Instant::now();
        for _ in 0..n {
            black_box(call());
        }
        started.elapsed()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let own = work();
        (own + other.join().expect("the calls do not panic")) / 2
    })
}

fn two_threads(c: &mut Criterion) {
    let mut group = c.benchmark_group("two_threads");
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
    group.finish();
}

const PAIRS: &[Pair] = &[
    pair(
        "rate limit",
        "one_thread/ratelimit",
        "governor",
        "one_thread/governor",
    ),
    pair(
        "per client",
        "one_thread/ratelimit_keyed",
        "governor keyed",
        "one_thread/governor_keyed",
    ),
    pair(
        "with latencies",
        "one_thread/ratelimit_latency",
        "governor",
        "one_thread/governor",
    ),
    pair(
        "circuit breaker",
        "one_thread/circuitbreaker",
        "recloser",
        "one_thread/recloser",
    ),
    pair("retry", "one_thread/retry", "backon", "one_thread/backon"),
    pair(
        "timeout",
        "one_thread/timeout",
        "tokio timeout",
        "one_thread/tokio_timeout",
    ),
    pair(
        "all four",
        "one_thread/stack",
        "joined by hand",
        "one_thread/joined",
    ),
    pair(
        "all four",
        "one_thread/stack",
        "tower-resilience",
        "one_thread/tower_resilience",
    ),
    pair(
        "four layers, counted",
        "one_thread/stack_layers_counted",
        "joined by hand",
        "one_thread/joined",
    ),
    pair(
        "four layers",
        "one_thread/stack_layers",
        "joined by hand",
        "one_thread/joined",
    ),
    pair(
        "bulkhead",
        "one_thread/bulkhead",
        "tokio semaphore",
        "one_thread/semaphore",
    ),
    pair(
        "backpressure",
        "one_thread/backpressure",
        "tokio semaphore",
        "one_thread/semaphore",
    ),
    pair(
        "concurrency limit",
        "one_thread/concurrency",
        "tokio semaphore",
        "one_thread/semaphore",
    ),
    pair(
        "load shedder",
        "one_thread/loadshed",
        "tokio semaphore",
        "one_thread/semaphore",
    ),
    pair(
        "fail-fast",
        "one_thread/failfast",
        "recloser",
        "one_thread/recloser",
    ),
    pair(
        "feature toggle",
        "one_thread/featuretoggle",
        "plain call",
        "one_thread/plain",
    ),
    pair(
        "fallback",
        "one_thread/fallback",
        "plain call",
        "one_thread/plain",
    ),
    pair(
        "hedge",
        "one_thread/hedge",
        "select by hand",
        "one_thread/select",
    ),
    pair("cache hit", "one_thread/cache", "moka", "one_thread/moka"),
    pair(
        "all ten",
        "one_thread/ten",
        "four joined by hand",
        "one_thread/joined",
    ),
    pair(
        "rate limit, two threads",
        "two_threads/ratelimit",
        "governor",
        "two_threads/governor",
    ),
    pair(
        "circuit breaker, two threads",
        "two_threads/circuitbreaker",
        "recloser",
        "two_threads/recloser",
    ),
    pair(
        "retry, two threads",
        "two_threads/retry",
        "backon",
        "two_threads/backon",
    ),
    pair(
        "timeout, two threads",
        "two_threads/timeout",
        "tokio timeout",
        "two_threads/tokio_timeout",
    ),
    pair(
        "all four, two threads",
        "two_threads/stack",
        "joined by hand",
        "two_threads/joined",
    ),
    pair(
        "plain call",
        "one_thread/plain",
        "itself, two threads",
        "two_threads/plain",
    ),
];

const fn pair(
    what: &'static str,
    ours: &'static str,
    peer: &'static str,
    theirs: &'static str,
) -> Pair {
    Pair {
        what,
        ours,
        peer,
        theirs,
    }
}

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
        .sample_size(60)
        .configure_from_args();
    one_thread(&mut criterion);
    two_threads(&mut criterion);
    criterion.final_summary();

    println!("{}", table(PAIRS));
}
