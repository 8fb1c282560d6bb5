//! Buckets of clients, and their bound.

use super::*;

#[tokio::test(start_paused = true)]
async fn every_client_has_a_bucket() {
    let limit = limit(per_client(10));
    assert_eq!(spend_as(&limit, "a", 20), 5);
    assert_eq!(spend_as(&limit, "b", 3), 3);
    assert_eq!(spend(&limit, 20), 5, "those without a name share one");
    assert_eq!(counter(&limit, "requests", "a", "rejected"), 15);
    assert_eq!(counter(&limit, "requests", "b", "allowed"), 3);
    assert_eq!(counter(&limit, "requests", "", "allowed"), 5);
    assert_eq!(gauge(&limit, "clients"), 2.0);
    // A change of the limit reaches them with their tokens.
    let raised = RateLimitConfig {
        max_executions: 60,
        ..per_client(10)
    };
    limit.reconfigure(raised).expect("in range");
    assert_eq!(spend_as(&limit, "a", 20), 0);
    assert_eq!(spend_as(&limit, "b", 20), 2);
}

#[tokio::test(start_paused = true)]
async fn beyond_the_bound_newcomers_share_a_bucket_and_only_full_buckets_are_given_up() {
    let limit = limit(per_client(3));
    for client in ["a", "b", "c"] {
        assert_eq!(spend_as(&limit, client, 5), 5);
    }
    assert_eq!(spend_as(&limit, "d", 3), 3);
    assert_eq!(
        spend_as(&limit, "e", 5),
        2,
        "what d has left in the shared bucket"
    );
    assert_eq!(spend_as(&limit, "a", 1), 0, "not forgotten");
    // When the others are full again, one of them makes room.
    advance(A_SECOND * 48).await;
    assert_eq!(spend_as(&limit, "a", 5), 4);
    advance(A_SECOND * 12).await;
    assert_eq!(spend_as(&limit, "f", 5), 5);
    assert_eq!(spend_as(&limit, "g", 5), 5);
    assert_eq!(
        spend_as(&limit, "a", 5),
        1,
        "the one that was not full is still known"
    );
    assert_eq!(gauge(&limit, "clients"), 3.0);
}

#[test]
fn a_million_invented_keys_stay_within_bounds_and_the_exhausted_stay_exhausted() {
    const BOUND: usize = 10_000;
    let quota = Quota::new(1_000_000_000, 5);
    let quotas = Quotas::new(quota, &[]);
    let clients = Clients::new(quotas, BOUND);
    let take = |client: &str, now| clients.take(client, now, 1, true);
    let exhausted: Vec<_> = (0..100).map(|n| format!("customer {n}")).collect();
    let mut now = 1;
    for client in &exhausted {
        for _ in 0..5 {
            assert!(matches!(
                take(client, now),
                Some(Decision {
                    taken: Taken::Yes { .. },
                    ..
                })
            ));
        }
    }
    let mut own = 0;
    for n in 0..1_000_000_u64 {
        now += 10_000;
        own += u64::from(take(&format!("invented {n}"), now).is_some());
        if n == 50_000 {
            // Half a second later, long before their next token.
            for client in &exhausted {
                assert!(matches!(
                    take(client, now),
                    Some(Decision {
                        taken: Taken::No { .. },
                        ..
                    })
                ));
            }
        }
    }
    assert_eq!(clients.len(), BOUND);
    assert!(
        own > 9_900,
        "the first had room, and idle ones made some: {own}"
    );
}
