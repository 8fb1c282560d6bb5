mod each_client;
mod patience;

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::advance;

use super::bucket::{Bucket, Quota, Taken};
use super::clients::Clients;
use super::several::{Decision, Quotas};
use super::*;
use crate::Mode;

const A_SECOND: Duration = Duration::from_secs(1);
const A_MILLI: Duration = Duration::from_millis(1);

/// Five tokens, one every twelve seconds.
fn five_a_minute() -> RateLimitConfig {
    RateLimitConfig {
        max_executions: 5,
        retry_after_strategy: RetryAfterStrategy::Fixed,
        ..RateLimitConfig::default()
    }
}

fn limit(config: RateLimitConfig) -> RateLimit {
    RateLimit::new("test", config).expect("in range")
}

fn spend(limit: &RateLimit, calls: usize) -> usize {
    (0..calls).filter(|_| limit.acquire(None).is_ok()).count()
}

fn counter(limit: &RateLimit, name: &str, client: &str, status: &str) -> u64 {
    let snapshot = limit.snapshot();
    let found = snapshot.counters.iter().find(|counter| {
        counter.name == name
            && counter.labels.iter().all(|(key, value)| match *key {
                "client" => value == client,
                "status" => value == status,
                _ => true,
            })
    });
    found.map_or(0, |counter| counter.value)
}

fn gauge(limit: &RateLimit, name: &str) -> f64 {
    let snapshot = limit.snapshot();
    let found = snapshot.gauges.iter().find(|gauge| gauge.name == name);
    found.unwrap_or_else(|| panic!("a gauge {name}")).value
}

fn per_client(max_clients: usize) -> RateLimitConfig {
    RateLimitConfig {
        enable_per_client_tracking: true,
        max_clients,
        ..five_a_minute()
    }
}

fn spend_as(limit: &RateLimit, client: &str, calls: usize) -> usize {
    (0..calls)
        .filter(|_| limit.acquire(Some(client)).is_ok())
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_burst_passes_and_then_a_steady_rate() {
    let limit = limit(five_a_minute());
    assert_eq!(spend(&limit, 20), 5);
    advance(A_SECOND * 12 - A_MILLI).await;
    assert_eq!(spend(&limit, 1), 0);
    advance(A_MILLI).await;
    assert_eq!(spend(&limit, 2), 1);
    advance(A_SECOND * 36).await;
    assert_eq!(spend(&limit, 20), 3);
}

#[tokio::test(start_paused = true)]
async fn an_idle_bucket_is_full_and_not_more_than_full() {
    let limit = limit(five_a_minute());
    assert_eq!(spend(&limit, 20), 5);
    advance(A_SECOND * 100_000).await;
    assert_eq!(spend(&limit, 20), 5);
}

#[tokio::test(start_paused = true)]
async fn a_grant_says_what_is_left() {
    let limit = limit(five_a_minute());
    let left: Vec<_> = (0..5)
        .map(|_| limit.acquire(None).expect("a token").remaining())
        .collect();
    assert_eq!(left, [4, 3, 2, 1, 0]);
    let refusal = limit.acquire(None).expect_err("no token");
    assert_eq!((refusal.limit, refusal.remaining), (5, 0));
    assert_eq!(refusal.retry_after, A_SECOND * 12);
    assert_eq!(
        refusal.to_string(),
        "rate limit exceeded, retry after 12000ms"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_may_cost_more_than_a_token_and_a_refusal_costs_nothing() {
    let limit = limit(RateLimitConfig {
        cost: 2,
        ..five_a_minute()
    });
    assert_eq!(spend(&limit, 20), 2);
    let refusal = limit.acquire(None).expect_err("one token is too few");
    assert_eq!((refusal.remaining, refusal.retry_after), (1, A_SECOND * 12));
    advance(A_SECOND * 12).await;
    assert_eq!(spend(&limit, 20), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_is_timed_and_a_dropped_one_is_not() {
    let limit = limit(RateLimitConfig::default());
    let call = limit.call(|| async {
        tokio::time::sleep(A_SECOND).await;
        Ok::<_, ()>(())
    });
    tokio::time::timeout(A_MILLI, call)
        .await
        .expect_err("dropped");
    assert_eq!(limit.backpressure(), 0.0);
    limit
        .call(|| async {
            tokio::time::sleep(A_SECOND).await;
            Ok::<_, ()>(())
        })
        .await
        .expect("allowed");
    assert_eq!(limit.backpressure(), 1.0);
    let snapshot = limit.snapshot();
    assert_eq!(snapshot.histograms[0].name, "request_latency_seconds");
    assert_eq!(snapshot.histograms[0].sum, 1.0);
}

#[tokio::test(start_paused = true)]
async fn raised_while_in_use_it_keeps_its_tokens() {
    let limit = limit(five_a_minute());
    spend(&limit, 3);
    let raised = RateLimitConfig {
        max_executions: 60,
        ..five_a_minute()
    };
    limit.reconfigure(raised.clone()).expect("in range");
    assert_eq!(gauge(&limit, "tokens_available"), 2.0);
    assert_eq!(spend(&limit, 60), 2);
    advance(A_SECOND * 10).await;
    assert_eq!(spend(&limit, 60), 10);
    // Lowered, it holds no more than its new size.
    advance(A_SECOND * 60).await;
    limit.reconfigure(five_a_minute()).expect("in range");
    assert_eq!(spend(&limit, 60), 5);
    let wrong = RateLimitConfig {
        bucket_size: Some(0),
        ..raised
    };
    let error = limit.reconfigure(wrong).expect_err("out of range");
    assert_eq!(error.to_string(), "bucket_size must be at least 1, not 0");
}

#[tokio::test(start_paused = true)]
async fn tokens_are_counted_at_the_cost_of_their_time() {
    let limit = limit(RateLimitConfig {
        max_executions: 100,
        ..five_a_minute()
    });
    spend(&limit, 3);
    let dearer = RateLimitConfig {
        cost: 10,
        ..limit.config()
    };
    limit.reconfigure(dearer).expect("in range");
    spend(&limit, 2);
    assert_eq!(counter(&limit, "tokens_consumed", "", ""), 23);
    assert_eq!(counter(&limit, "requests", "", "allowed"), 5);
}

#[tokio::test(start_paused = true)]
async fn shadow_counts_what_it_would_refuse_and_off_does_nothing() {
    let limit = limit(RateLimitConfig {
        mode: Mode::Shadow,
        ..five_a_minute()
    });
    assert_eq!(spend(&limit, 20), 20);
    assert_eq!(counter(&limit, "shadow_rejected", "", ""), 15);
    limit.set_mode(Mode::Off);
    assert_eq!(spend(&limit, 20), 20);
    assert_eq!(counter(&limit, "shadow_rejected", "", ""), 15);
    limit.set_mode(Mode::Enforce);
    assert_eq!(spend(&limit, 20), 0);
}

#[tokio::test(start_paused = true)]
async fn events_name_the_client() {
    let limit = limit(RateLimitConfig {
        max_executions: 1,
        ..per_client(3)
    });
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    limit.on_event(move |event| {
        let RateLimitEvent::Rejected {
            client,
            retry_after,
        } = event;
        let client = client.map(str::to_owned);
        log.lock().expect("no panic").push((client, *retry_after));
    });
    spend_as(&limit, "a", 2);
    let expected = [(Some("a".to_owned()), A_SECOND * 60)];
    assert_eq!(*seen.lock().expect("no panic"), expected);
}

#[test]
fn two_threads_admit_no_more_than_one_would() {
    let limit = limit(RateLimitConfig {
        max_executions: 10_000,
        ..five_a_minute()
    });
    let admitted: usize = std::thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(|| spend(&limit, 10_000)));
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .sum()
    });
    // A token comes every 6 ms; the threads may take a while on a busy machine.
    assert!((10_000..10_500).contains(&admitted), "{admitted}");
}

#[test]
fn reconfigured_a_thousand_times_under_load_no_token_is_lost_or_made() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    // No time passes, so only the tokens of the beginning can be spent.
    let size = |max_executions| RateLimitConfig {
        max_executions,
        bucket_size: Some(1_000_000),
        ..five_a_minute()
    };
    let limit = {
        let _entered = runtime.enter();
        limit(size(1000))
    };
    let done = std::sync::atomic::AtomicBool::new(false);
    let spent: usize = std::thread::scope(|scope| {
        let spend = || {
            let _entered = runtime.enter();
            let mut spent = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) && spent < 400_000 {
                spent += spend(&limit, 100);
            }
            spent
        };
        let threads = [(); 2].map(|()| scope.spawn(spend));
        let _entered = runtime.enter();
        for n in 0..1000 {
            limit
                .reconfigure(size(if n % 2 == 0 { 3000 } else { 1000 }))
                .expect("in range");
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .sum()
    });
    let _entered = runtime.enter();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole tokens"
    )]
    let left = gauge(&limit, "tokens_available") as usize;
    // Each change rounds a part of a token away.
    assert!(
        (999_000..=1_000_000).contains(&(left + spent)),
        "{left} + {spent}"
    );
    assert_eq!(counter(&limit, "tokens_consumed", "", ""), spent as u64);
}

#[test]
fn wrong_values_are_refused_with_their_key() {
    let base = RateLimitConfig::default;
    for (config, message) in [
        (
            RateLimitConfig {
                max_executions: 0,
                ..base()
            },
            "max_executions must be at least 1, not 0",
        ),
        (
            RateLimitConfig {
                cost: 6,
                bucket_size: Some(5),
                ..base()
            },
            "cost must be at most bucket_size, not 6",
        ),
        (
            RateLimitConfig {
                per_time_secs: Duration::ZERO,
                ..base()
            },
            "per_time_secs must be more than 0 and at most ten years, not 0ns",
        ),
        (
            RateLimitConfig {
                gradient_sensitivity: f64::NAN,
                ..base()
            },
            "gradient_sensitivity must be more than 0, not NaN",
        ),
        (
            RateLimitConfig {
                window_size: 10_001,
                ..base()
            },
            "window_size must be 1 to 10000, not 10001",
        ),
        (
            RateLimitConfig {
                max_executions: u32::MAX,
                ..base()
            },
            "max_executions must be at most 1000000 a second, not 4294967295",
        ),
        (
            RateLimitConfig {
                max_executions: 1,
                bucket_size: Some(u32::MAX),
                ..base()
            },
            "bucket_size must be refilled in at most ten years, not 4294967295",
        ),
    ] {
        assert_eq!(
            config.validate().expect_err("out of range").to_string(),
            message
        );
    }
}

proptest! {
    /// The law of the token bucket: in no interval are more tokens spent than the burst and what
    /// was refilled in it, and none is refused that was there.
    #[test]
    fn admits_what_the_law_allows_and_no_less(
        interval in 1..1_000_000_u64,
        burst in 1..50_u32,
        arrivals in prop::collection::vec((0..5_000_000_u64, 1..5_u32), 1..200),
    ) {
        let quota = Quota::new(interval, burst);
        let bucket = Bucket::new(quota);
        let mut now = 1 << 40;
        // Tokens as time, by the book: grow with it, up to the burst.
        let (mut tokens, mut at) = (u128::from(quota.span), now);
        let mut spent: Vec<(u64, u32)> = Vec::new();
        for (later, cost) in arrivals {
            now += later;
            tokens = (tokens + u128::from(now - at)).min(u128::from(quota.span));
            at = now;
            let price = u128::from(interval) * u128::from(cost);
            match bucket.take(now, cost).1 {
                Taken::Yes { left } => {
                    prop_assert!(price <= tokens);
                    tokens -= price;
                    prop_assert_eq!(u128::from(left), tokens);
                    spent.push((now, cost));
                }
                Taken::No { wait, left } => {
                    prop_assert!(price > tokens);
                    prop_assert_eq!(u128::from(left), tokens);
                    if cost <= burst {
                        // Whoever waits that long is admitted, and not a nanosecond earlier.
                        prop_assert_eq!(u128::from(wait), price - tokens);
                    }
                }
            }
        }
        for (first, (from, _)) in spent.iter().enumerate() {
            let mut sum = 0;
            for (to, cost) in &spent[first..] {
                sum += u128::from(*cost);
                let most = u128::from(quota.span) + u128::from(to - from);
                prop_assert!(sum * u128::from(interval) <= most);
            }
        }
    }

    /// A clock that steps back harms nothing: the bucket only waits until it is back.
    #[test]
    fn clock_steps_harm_nothing(times in prop::collection::vec(0..u64::MAX >> 5, 1..100)) {
        let quota = Quota::new(1_000_000, 10);
        let bucket = Bucket::new(quota);
        for now in times {
            for _ in 0..11 {
                bucket.take(now, 1);
            }
            let (_, taken) = bucket.take(now, 1);
            let is_refused = matches!(taken, Taken::No { .. });
            prop_assert!(is_refused);
        }
    }

    #[test]
    fn a_change_of_the_quota_keeps_the_tokens(
        (interval, other) in (1..1_000_000_u64, 1..1_000_000_u64),
        (burst, size) in (1..50_u32, 1..50_u32),
        spent in 0..50_u32,
    ) {
        let quota = Quota::new(interval, burst);
        let bucket = Bucket::new(quota);
        let now = 1 << 40;
        let spent = (0..spent).filter(|_| matches!(bucket.take(now, 1).1, Taken::Yes { .. }));
        let tokens = burst - u32::try_from(spent.count()).expect("at most 50");
        bucket.replace(Quota::new(other, size), now);
        let (quota, left) = bucket.peek(now);
        prop_assert_eq!(quota.tokens(left), tokens.min(size));
    }
}
