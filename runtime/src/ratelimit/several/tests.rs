use std::time::Duration;

use proptest::prelude::*;
use tokio::time::advance;

use super::super::bucket::{Bucket, Quota, Taken};
use super::super::{Rate, RateLimit, RateLimitConfig, RetryAfterStrategy};
use super::Further;
use crate::Mode;

const A_SECOND: Duration = Duration::from_secs(1);

fn config(limit: &[Rate]) -> RateLimitConfig {
    RateLimitConfig {
        limit: limit.to_vec(),
        retry_after_strategy: RetryAfterStrategy::Fixed,
        ..RateLimitConfig::default()
    }
}

fn limit(rates: &[Rate]) -> RateLimit {
    RateLimit::new("test", config(rates)).expect("in range")
}

fn spend(limit: &RateLimit, client: Option<&str>, calls: usize) -> usize {
    (0..calls).filter(|_| limit.acquire(client).is_ok()).count()
}

#[tokio::test(start_paused = true)]
async fn every_limit_holds_and_a_refusal_spends_of_none() {
    let limit = limit(&[Rate::per_second(3), Rate::per_hour(5)]);
    assert_eq!(spend(&limit, None, 100), 3);
    advance(A_SECOND).await;
    // Had the refused ones used up the hour, nothing would be left of it.
    assert_eq!(spend(&limit, None, 100), 2);
    advance(A_SECOND).await;
    let refused = limit.acquire(None).expect_err("the hour is over its limit");
    assert_eq!((refused.place, refused.limit, refused.remaining), (1, 5, 0));
    assert!(refused.until_tokens > A_SECOND * 700, "{refused:?}");
    // And those that the hour refused left the second full.
    spend(&limit, None, 100);
    advance(refused.until_tokens).await;
    assert_eq!(spend(&limit, None, 100), 1);
}

#[tokio::test(start_paused = true)]
async fn the_limit_that_is_nearest_to_its_end_is_told_of() {
    let limit = limit(&[Rate::per_second(3), Rate::per_minute(4)]);
    let told = |_| {
        let grant = limit.acquire(None).expect("a token");
        (grant.place(), grant.limit(), grant.remaining())
    };
    let first: Vec<_> = (0..3).map(told).collect();
    assert_eq!(first, [(0, 3, 2), (0, 3, 1), (0, 3, 0)]);
    // Of two that refuse, the one that has to be waited for longest.
    advance(A_SECOND).await;
    assert_eq!(told(0), (1, 4, 0));
    spend(&limit, None, 2);
    let refused = limit.acquire(None).expect_err("both are empty");
    assert_eq!(refused.place, 1);
    assert_eq!(
        limit.policy_field(),
        r#""test:3/second";q=3;w=1, "test:4/minute";q=4;w=60"#
    );
    assert_eq!(limit.refusal_field(&refused), r#""test:4/minute";r=0;t=14"#);
}

#[tokio::test(start_paused = true)]
async fn each_client_has_all_of_the_limits() {
    let limit = RateLimit::new(
        "test",
        RateLimitConfig {
            enable_per_client_tracking: true,
            max_clients: 2,
            ..config(&[Rate::per_second(2), Rate::per_hour(3)])
        },
    )
    .expect("in range");
    assert_eq!(spend(&limit, Some("a"), 9), 2);
    assert_eq!(spend(&limit, Some("b"), 9), 2);
    // No place for a third, who gets what all share, and that has both limits, too.
    assert_eq!(spend(&limit, Some("c"), 9), 2);
    advance(A_SECOND).await;
    for client in ["a", "b", "c"] {
        assert_eq!(spend(&limit, Some(client), 9), 1, "{client}");
    }
    // Full by the second, but not by the hour: nobody may take the place.
    advance(A_SECOND * 60).await;
    assert_eq!(spend(&limit, Some("d"), 9), 0);
    advance(A_SECOND * 3600).await;
    assert_eq!(spend(&limit, Some("d"), 9), 2);
}

#[tokio::test(start_paused = true)]
async fn limits_come_and_go_and_the_others_keep_their_tokens() {
    for is_per_client in [false, true] {
        let with = |rates: &[Rate]| RateLimitConfig {
            enable_per_client_tracking: is_per_client,
            ..config(rates)
        };
        let limit = RateLimit::new("test", with(&[Rate::per_minute(10)])).expect("in range");
        assert_eq!(spend(&limit, Some("a"), 4), 4);
        let two = with(&[Rate::per_minute(10), Rate::per_hour(8)]);
        limit.reconfigure(two).expect("in range");
        assert_eq!(spend(&limit, Some("a"), 99), 6);
        let raised = with(&[Rate::per_minute(100), Rate::per_hour(80)]);
        limit.reconfigure(raised).expect("in range");
        assert_eq!(
            limit.policy_field(),
            r#""test:100/minute";q=100;w=60, "test:80/hour";q=80;w=3600"#
        );
        assert_eq!(spend(&limit, Some("a"), 99), 0, "the minute has none");
        advance(A_SECOND * 60).await;
        assert_eq!(spend(&limit, Some("a"), 99), 2 + 1, "the hour has its two");
        limit
            .reconfigure(with(&[Rate::per_minute(100)]))
            .expect("in range");
        assert_eq!(spend(&limit, Some("a"), 199), 97);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_costs_of_each_and_shadow_and_off_let_it_pass() {
    let dear = RateLimitConfig {
        cost: 2,
        ..config(&[Rate::per_second(100), Rate::per_minute(5)])
    };
    let limit = RateLimit::new("test", dear).expect("in range");
    assert_eq!(spend(&limit, None, 9), 2);
    limit.set_mode(Mode::Shadow);
    assert_eq!(spend(&limit, None, 9), 9);
    limit.set_mode(Mode::Off);
    let grant = limit.acquire(None).expect("it is off");
    assert_eq!((grant.limit(), grant.remaining()), (5, 1));
    limit.reset();
    limit.set_mode(Mode::Enforce);
    assert_eq!(spend(&limit, None, 9), 2);
}

#[test]
fn two_threads_spend_of_all_or_of_none() {
    let limit = limit(&[Rate::per_day(500), Rate::per_hour(800)]);
    let allowed: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| spend(&limit, None, 2000)))
            .collect();
        threads
            .into_iter()
            .map(|it| it.join().expect("no panic"))
            .sum()
    });
    assert_eq!(allowed, 500);
    // What was refused by the day is still there by the hour.
    let more = RateLimitConfig {
        limit: vec![Rate::per_day(900), Rate::per_hour(800)],
        ..limit.config()
    };
    limit.reconfigure(more).expect("in range");
    limit.bucket.fill();
    assert_eq!(spend(&limit, None, 2000), 300);
}

#[cfg(feature = "service")]
#[test]
fn what_is_said_in_two_ways_is_said_by_the_last() {
    use crate::registry::Pattern;
    use serde_json::{Value, json};

    let limit = RateLimit::new("test", RateLimitConfig::default()).expect("in range");
    let put = |keys: Value| limit.reconfigure_json(keys.as_object().expect("an object"));
    assert_eq!(limit.config_json().get("limit"), None);
    put(json!({ "limit": ["100/second", "5000/hour"] })).expect("in range");
    let written = limit.config_json();
    assert_eq!(written["limit"], json!(["100/second", "5000/hour"]));
    assert_eq!(written.get("max_executions"), None);
    put(json!({ "cost": 2 })).expect("in range");
    assert_eq!(limit.config().limit.len(), 2, "the others stay");
    put(written).expect("what it says can be said to it");
    put(json!({ "max_executions": 7 })).expect("in range");
    assert_eq!(limit.config().limit, []);
    assert_eq!((limit.config().burst(), limit.config().cost), (7, 1));
    put(json!({ "limit": "9/minute" })).expect("in range");
    assert_eq!(limit.config().limit, [Rate::per_minute(9)]);
    for (wrong, message) in [
        (
            json!({ "limit": "9/minute", "max_executions": 3 }),
            "`limit` and `max_executions` say the same thing in two ways: leave one of them out",
        ),
        (json!({ "limit": "9" }), "unknown rate \"9\""),
        (json!({ "limit": "9/5" }), "unknown rate \"9/5\""),
        (json!({ "limit": 9 }), "a rate such as 100/minute"),
        (
            json!({ "limit": ["9/minute", "3/hour"], "bucket_size": 3 }),
            "bucket_size must be left out where there are several limits",
        ),
        (
            json!({ "limit": ["9/minute", "3/hour"], "cost": 4 }),
            "cost must be at most bucket_size, not 4",
        ),
        (
            json!({ "limit": vec!["1/hour"; 5] }),
            "limit must be at most four limits, not 5",
        ),
        (
            json!({ "limit": ["9/minute", "0/hour"] }),
            "limit must be at least 1, not 0",
        ),
    ] {
        let error = put(wrong.clone()).expect_err("wrong").to_string();
        assert!(error.contains(message), "{wrong}: {error}");
    }
}

proptest! {
    /// A call passes if and only if every bucket alone would let it pass.
    #[test]
    fn a_call_passes_where_each_bucket_alone_would_let_it(
        intervals in prop::collection::vec((1..1_000_000_u64, 4..50_u32), 2..=4),
        arrivals in prop::collection::vec((0..2_000_000_u64, 1..4_u32), 1..200),
    ) {
        let quotas: Vec<Quota> = intervals
            .iter()
            .map(|(interval, burst)| Quota::new(*interval, *burst))
            .collect();
        let first = Bucket::new(quotas[0]);
        let further = Further::new(&quotas[1..]);
        let alone: Vec<Bucket> = quotas.iter().copied().map(Bucket::new).collect();
        let mut now = 1 << 40;
        for (later, cost) in arrivals {
            now += later;
            let would: Vec<Taken> = alone.iter().map(|it| it.would_take(now, cost).1).collect();
            let passes = would.iter().all(|it| matches!(it, Taken::Yes { .. }));
            let decision = further.take(&first, now, cost);
            match decision.taken {
                Taken::Yes { left } => {
                    prop_assert!(passes);
                    let least = alone.iter().zip(&quotas).map(|(bucket, quota)| {
                        let (_, Taken::Yes { left } | Taken::No { left, .. }) = bucket.take(now, cost);
                        quota.tokens(left)
                    });
                    prop_assert_eq!(Some(decision.quota.tokens(left)), least.min());
                }
                Taken::No { wait, .. } => {
                    prop_assert!(!passes);
                    let longest = would.iter().map(|it| match it {
                        Taken::Yes { .. } => 0,
                        Taken::No { wait, .. } => *wait,
                    });
                    prop_assert_eq!(Some(wait), longest.max());
                }
            }
        }
    }
}
