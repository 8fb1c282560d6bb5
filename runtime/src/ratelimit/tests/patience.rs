//! When refused clients are told to come back.

use super::*;

#[tokio::test(start_paused = true)]
async fn whoever_waits_as_told_is_admitted() {
    for strategy in [
        RetryAfterStrategy::Fixed,
        RetryAfterStrategy::Backpressure,
        RetryAfterStrategy::Utilization,
    ] {
        let limit = limit(RateLimitConfig {
            retry_after_strategy: strategy,
            min_retry_delay: Duration::ZERO,
            max_retry_penalty: Duration::ZERO,
            max_executions: 7,
            ..five_a_minute()
        });
        for _ in 0..100 {
            if let Err(refusal) = limit.acquire(None) {
                advance(refusal.retry_after).await;
                limit.acquire(None).expect("the wait was long enough");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_never_before_the_next_token_even_under_backpressure() {
    let limit = limit(RateLimitConfig {
        retry_after_strategy: RetryAfterStrategy::Backpressure,
        max_executions: 1,
        ..five_a_minute()
    });
    limit.record_latency(Duration::from_secs(10));
    assert_eq!(spend(&limit, 1), 1);
    for _ in 0..1000 {
        let refusal = limit.acquire(None).expect_err("no token");
        assert_eq!(refusal.backpressure, 1.0);
        assert!(
            refusal.retry_after >= A_SECOND * 60,
            "{:?}",
            refusal.retry_after
        );
        assert!(
            refusal.retry_after <= A_SECOND * 72,
            "{:?}",
            refusal.retry_after
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_refusals_come_back_spread_over_a_fifth_of_the_wait() {
    let limit = limit(RateLimitConfig {
        retry_after_strategy: RetryAfterStrategy::Backpressure,
        ..five_a_minute()
    });
    spend(&limit, 5);
    let waits: Vec<_> = (0..1000)
        .map(|_| limit.acquire(None).expect_err("no token").retry_after)
        .collect();
    let (first, last) = (
        waits.iter().min().expect("some"),
        waits.iter().max().expect("some"),
    );
    assert!(*first >= A_SECOND * 12);
    assert!(
        *last - *first >= (A_SECOND * 12).mul_f64(0.19),
        "{first:?} to {last:?}"
    );
    let halfway = A_SECOND * 12 + A_SECOND * 12 / 10;
    let early = waits.iter().filter(|wait| **wait < halfway).count();
    assert!((400..600).contains(&early), "{early} in the first half");
}

#[tokio::test(start_paused = true)]
async fn backpressure_is_the_worse_of_slow_calls_and_their_mean() {
    let limit = limit(RateLimitConfig::default());
    assert_eq!(limit.backpressure(), 0.0);
    // Half of them are above the baseline of 200 ms; the mean is 130 ms, 80 ms above 50 ms.
    for _ in 0..10 {
        limit.record_latency(Duration::from_millis(10));
        limit.record_latency(Duration::from_millis(250));
    }
    let gradient: f64 = (0.130 - 0.050) / (0.050 * 2.0);
    assert!((limit.backpressure() - gradient).abs() < 1e-6);
    // Nine of ten quick ones: the mean is low, and what is slow counts.
    for n in 0..100 {
        limit.record_latency(Duration::from_millis(if n % 10 == 0 { 250 } else { 10 }));
    }
    assert!((limit.backpressure() - 0.1).abs() < 1e-6);
    for _ in 0..100 {
        limit.record_latency(Duration::from_secs(100_000));
    }
    assert_eq!(limit.backpressure(), 1.0);
}

#[tokio::test(start_paused = true)]
async fn latencies_count_for_a_minute() {
    let limit = limit(RateLimitConfig::default());
    limit.record_latency(A_SECOND);
    advance(A_SECOND * 60 - A_MILLI).await;
    assert_eq!(limit.backpressure(), 1.0);
    advance(A_MILLI).await;
    assert_eq!(limit.backpressure(), 0.0);
}

#[tokio::test(start_paused = true)]
async fn the_baseline_follows_what_is_observed_within_four_times() {
    let limit = limit(RateLimitConfig::default());
    let adapt = async |latency| {
        advance(A_SECOND * 10).await;
        limit.record_latency(latency);
    };
    adapt(A_SECOND).await;
    // 0.95 * 0.2 + 0.05 * 1.0
    assert!((limit.p95_baseline().as_secs_f64() - 0.24).abs() < 1e-9);
    limit.record_latency(A_SECOND);
    assert!(
        (limit.p95_baseline().as_secs_f64() - 0.24).abs() < 1e-9,
        "only every ten seconds"
    );
    for _ in 0..200 {
        adapt(A_SECOND * 10).await;
    }
    assert!((limit.p95_baseline().as_secs_f64() - 0.8).abs() < 1e-9);
    for _ in 0..200 {
        adapt(Duration::ZERO).await;
    }
    assert!((limit.p95_baseline().as_secs_f64() - 0.05).abs() < 1e-9);
}

#[tokio::test(start_paused = true)]
async fn utilization_is_the_mean_share_of_the_bucket_in_use() {
    let limit = limit(RateLimitConfig {
        retry_after_strategy: RetryAfterStrategy::Utilization,
        track_latency: false,
        ..five_a_minute()
    });
    spend(&limit, 5);
    // After each: 1/5, 2/5, 3/5, 4/5, 5/5 in use.
    assert!((limit.backpressure() - 0.6).abs() < 1e-5);
    let refusal = limit.acquire(None).expect_err("no token");
    assert!((refusal.backpressure - 4.0 / 6.0).abs() < 1e-5);
}
