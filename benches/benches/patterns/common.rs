//! What all cases share: the call that they protect, and how it is made.

use std::convert::Infallible;
use std::hint::black_box;
use std::num::NonZeroU32;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use failsafe_benches::ready;
use failsafe_runtime::{RateLimit, RateLimitConfig};
use governor::Quota;
use recloser::{AsyncRecloser, Recloser};
use tower::Service;

pub(crate) type Group<'a> = BenchmarkGroup<'a, WallTime>;

pub(crate) const A_MINUTE: Duration = Duration::from_secs(60);

/// The call that all cases protect.
#[inline(never)]
pub(crate) async fn work(x: u64) -> Result<u64, Infallible> {
    Ok(black_box(x).wrapping_mul(3))
}

/// The same with an error that peers take: they want one that is cloned.
pub(crate) async fn peers_work(x: u64) -> Result<u64, PeerError> {
    work(x).await.map_err(|_| PeerError)
}

#[derive(Clone, Debug)]
pub(crate) struct PeerError;

impl std::fmt::Display for PeerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for PeerError {}

/// Measures a service that is ready at once and answers at once. No future around its own: that
/// would be moved, at a cost that is not the service's.
pub(crate) fn service<S>(group: &mut Group<'_>, name: &str, mut service: S)
where
    S: Service<u64>,
{
    group.bench_function(name, |b| b.iter(|| call_ready(&mut service, 1).is_ok()));
}

#[inline]
fn call_ready<S: Service<u64>>(service: &mut S, x: u64) -> Result<S::Response, S::Error> {
    match service.poll_ready(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(())) => ready(service.call(x)),
        Poll::Ready(Err(error)) => Err(error),
        Poll::Pending => panic!("the service was not ready at once"),
    }
}

/// A limit that a benchmark does not reach.
pub(crate) fn rate_limit(mut config: RateLimitConfig) -> RateLimit {
    config.max_executions = 1_000_000;
    config.per_time_secs = Duration::from_secs(1);
    config.bucket_size = Some(u32::MAX);
    RateLimit::new("bench", config).expect("in range")
}

/// One that measures nothing.
pub(crate) fn direct() -> RateLimit {
    rate_limit(RateLimitConfig {
        track_latency: false,
        ..RateLimitConfig::default()
    })
}

pub(crate) fn quota() -> Quota {
    Quota::per_second(NonZeroU32::MAX)
}

pub(crate) fn recloser() -> AsyncRecloser {
    AsyncRecloser::from(Recloser::custom().build())
}
