//! 7 to 10: rates, and who is asking.

use super::*;

#[tokio::test(start_paused = true)]
async fn trap_07_a_bucket_never_gives_more_than_burst_and_rate() {
    let limit = rate_limit(RateLimitConfig {
        max_executions: 10,
        per_time_secs: SECOND,
        bucket_size: Some(20),
        track_latency: false,
        ..RateLimitConfig::default()
    });
    let start = Instant::now();
    let mut admitted: Vec<f64> = Vec::new();
    // Arrivals that are bursts now and then, and pauses.
    let mut random = 7_u64;
    for _ in 0..5_000 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let pause = match random >> 60 {
            0 => 1500,
            1..4 => random >> 33 & 127,
            _ => 0,
        };
        advance(Duration::from_millis(pause)).await;
        if limit.acquire(None).is_ok() {
            admitted.push(start.elapsed().as_secs_f64());
        }
    }
    assert!(admitted.len() > 1000);
    // In every interval that begins and ends with a call: at most burst and rate * time.
    for (first, from) in admitted.iter().enumerate() {
        for (count, to) in (1_u32..).zip(&admitted[first..]) {
            assert!(f64::from(count) <= 20.0 + 10.0 * (to - from) + 1e-6);
            if to - from > 30.0 {
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn trap_07_an_idle_bucket_is_full_and_a_refusal_costs_nothing() {
    let limit = rate_limit(RateLimitConfig {
        max_executions: 10,
        per_time_secs: SECOND,
        bucket_size: Some(20),
        cost: 6,
        ..RateLimitConfig::default()
    });
    for _ in 0..3 {
        let admitted = (0..100).filter(|_| limit.acquire(None).is_ok()).count();
        assert_eq!(admitted, 3, "of twenty tokens each takes six");
        // Two are left, however often somebody was refused: four more take 400 ms.
        advance(Duration::from_millis(399)).await;
        assert!(limit.acquire(None).is_err());
        advance(Duration::from_millis(1)).await;
        assert!(limit.acquire(None).is_ok());
        // However long it was idle, it holds no more than it can.
        advance(3600 * SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn trap_08_retry_after_is_true_and_spread_out() {
    let limit = rate_limit(RateLimitConfig {
        max_executions: 1,
        ..RateLimitConfig::default()
    });
    limit.acquire(None).expect("the first");
    let mut waits: Vec<f64> = (0..1000)
        .map(|_| limit.acquire(None).expect_err("there was one token"))
        .map(|refused| {
            assert!(refused.retry_after >= refused.until_tokens);
            refused.retry_after.as_secs_f64()
        })
        .collect();
    waits.sort_by(f64::total_cmp);
    let (first, last) = (waits[0], waits[999]);
    assert!(last - first >= 0.19 * 60.0, "between {first} and {last}");
    advance(Duration::from_secs_f64(first)).await;
    assert!(
        limit.acquire(None).is_ok(),
        "whoever waits as told is let in"
    );
}

#[tokio::test(start_paused = true)]
async fn trap_09_invented_names_push_nobody_out() {
    let limit = rate_limit(RateLimitConfig {
        max_executions: 1,
        enable_per_client_tracking: true,
        max_clients: 1000,
        track_latency: false,
        ..RateLimitConfig::default()
    });
    limit.acquire(Some("spent")).expect("the first");
    for name in 0..20_000 {
        let _ = limit.acquire(Some(&format!("invented-{name}")));
    }
    assert!(limit.acquire(Some("spent")).is_err());
}

/// What a client says of itself never makes it another one.
#[tokio::test]
async fn trap_10_forwarded_addresses_count_from_the_right() {
    use axum::body::Body;
    use axum::extract::ConnectInfo;
    use failsafe_runtime::Patterns;
    use failsafe_runtime::service::{FailsafeController, PolicyStack, Protect, Router};
    use http::Request;
    use tower::ServiceExt;

    let limit = Patterns::new().rate_limit("trap", RateLimitConfig::default());
    let stack = PolicyStack::new().rate_limit(limit.expect("in range"));
    let app = Router::new()
        .route("/", axum::routing::get(async || ()))
        .layer(Protect::by(stack));
    for (hops, forwarded, client) in [
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (1, "8.8.8.8, 203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (1, "not an address", "192.0.2.1"),
        (2, "198.51.100.1", "192.0.2.1"),
    ] {
        let app = FailsafeController::new(app.clone(), "trap").with_trusted_hops(hops);
        let address = std::net::SocketAddr::from(([192, 0, 2, 1], 4000));
        let request = Request::get("/")
            .header("x-forwarded-for", forwarded)
            .extension(ConnectInfo(address))
            .body(Body::empty())
            .expect("a request");
        let answer = app.into_router().oneshot(request).await.expect("an answer");
        assert_eq!(
            answer.headers()["x-client-id"],
            client,
            "{hops} {forwarded}"
        );
    }
}

/// A customer with IPv6 has more addresses than anybody can count.
#[tokio::test]
async fn trap_10_an_ipv6_customer_is_one_client() {
    use axum::extract::ConnectInfo;
    use failsafe_runtime::Patterns;
    use failsafe_runtime::service::{PolicyStack, Protect, Router};
    use http::Request;
    use tower::ServiceExt;

    let config = RateLimitConfig {
        max_executions: 2,
        enable_per_client_tracking: true,
        ..RateLimitConfig::default()
    };
    let limit = Patterns::new().rate_limit("trap", config);
    let stack = PolicyStack::new().rate_limit(limit.expect("in range"));
    let app = Router::new()
        .route("/", axum::routing::get(async || ()))
        .layer(Protect::by(stack));
    for (address, status) in [
        ("[2001:db8:0:1::1]:4000", 200),
        ("[2001:db8:0:1:ffff::2]:4000", 200),
        ("[2001:db8:0:1:1:2:3:4]:4000", 429),
        ("[2001:db8:0:2::1]:4000", 200),
    ] {
        let address: std::net::SocketAddr = address.parse().expect("an address");
        let request = Request::get("/")
            .extension(ConnectInfo(address))
            .body(axum::body::Body::empty())
            .expect("a request");
        let answer = app.clone().oneshot(request).await.expect("an answer");
        assert_eq!(answer.status(), status, "{address}");
    }
}
