//! A bucket for each of a million clients, and a flood of ten million names that nobody has: what
//! they take, and whether anybody gets around his limit.
//!
//! `cargo test --release -p failsafe-runtime --test clients -- --nocapture` prints the numbers.
#![cfg(feature = "ratelimit")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use failsafe_runtime::{Rate, RateLimit, RateLimitConfig};

static BYTES: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[allow(
    unsafe_code,
    reason = "the only way to count bytes is to be the allocator"
)]
// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const CLIENTS: usize = 1_000_000;
/// Ten million where it does not take a minute.
const INVENTED: usize = match cfg!(debug_assertions) {
    true => 1_000_000,
    false => 10_000_000,
};

/// Names of any length, in one buffer.
fn each(prefix: &str, names: usize, mut ask: impl FnMut(&str)) {
    let mut name = String::new();
    for n in 0..names {
        name.clear();
        write!(name, "{prefix} {n:07}").expect("into memory");
        ask(&name);
    }
}

fn limit(limit: Vec<Rate>) -> RateLimit {
    let config = RateLimitConfig {
        limit,
        enable_per_client_tracking: true,
        track_latency: false,
        max_clients: CLIENTS,
        ..RateLimitConfig::default()
    };
    RateLimit::new("test", config).expect("in range")
}

/// One test: what another one allocates meanwhile would be counted.
#[test]
fn a_million_clients_are_held_to_their_limits_through_a_flood_of_invented_names() {
    let before = BYTES.load(Relaxed);
    let per_client = |limits: Vec<Rate>| {
        let limit = limit(limits);
        let mut passed = 0;
        let prefix = "a customer with quite a long name of his own";
        each(prefix, CLIENTS, |name| {
            passed += usize::from(limit.acquire(Some(name)).is_ok());
        });
        assert_eq!(passed, CLIENTS, "everybody has a bucket of his own");
        (limit, (BYTES.load(Relaxed) - before) / CLIENTS)
    };
    let (several, bytes) = per_client(vec![Rate::per_minute(1), Rate::per_day(2)]);
    println!("{bytes} bytes a client with two limits");
    assert!(bytes < 100, "{bytes}");
    drop(several);
    let (limit, bytes) = per_client(vec![Rate::per_day(1)]);
    println!("{bytes} bytes a client");
    assert!(bytes < 100, "{bytes}");

    let (mut passed, mut slow, mut slowest) = (0, 0, Duration::ZERO);
    let started = Instant::now();
    let mut last = started;
    each("invented", INVENTED, |name| {
        passed += usize::from(limit.acquire(Some(name)).is_ok());
        let now = Instant::now();
        let took = now - last;
        slow += usize::from(took > Duration::from_millis(1));
        (slowest, last) = (slowest.max(took), now);
    });
    let nanos = started.elapsed().as_nanos() / INVENTED as u128;
    let bytes = (BYTES.load(Relaxed) - before) / CLIENTS;
    println!("{INVENTED} invented names: {nanos} ns each, {slow} above 1 ms, {slowest:?} at most");
    println!("{bytes} bytes a client after them");
    assert!(bytes < 100, "{bytes}");
    // Nobody's place is free, so they all share one bucket.
    assert!(passed <= 2, "{passed}");
    // A busy machine takes the processor away now and then. Sweeps through all clients, one for
    // as many newcomers as there is room for, would not be seen in a number but in the time.
    assert!(slow < INVENTED / 100, "{slow}");
    let mut passed = 0;
    let prefix = "a customer with quite a long name of his own";
    each(prefix, CLIENTS, |name| {
        passed += usize::from(limit.acquire(Some(name)).is_ok());
    });
    assert_eq!(passed, 0, "who has spent his token is known to have");
}
