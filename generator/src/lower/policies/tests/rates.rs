//! Rate limits: several as one, their buckets, their clients.

use super::*;

#[test]
fn several_limits_are_one_rate_limit() {
    let with = |root: &str, own: &str| {
        let own = format!("get: {{ operationId: get, x-ratelimit: {own} }}");
        policies_with_findings(root, &own)
    };
    let root = "x-ratelimit: { bucket_size: 7, max_executions: 50 }";
    let (stack, found) = with(root, "{ limit: [3/second, 50/hour] }");
    assert_eq!(found, Vec::<&str>::new());
    let limit = rate_limit(&stack);
    assert_eq!((limit.max_executions, limit.bucket_size), (3, 3));
    let hour = Rate {
        executions: 50,
        per: Duration::from_secs(3600),
    };
    assert_eq!(limit.further, [hour]);
    // One limit leaves an inherited bucket as it is.
    assert_eq!(
        rate_limit(&with(root, "{ limit: [3/second] }").0).bucket_size,
        7
    );
    let root = "x-ratelimit: { limit: [3/second, 50/hour] }";
    let limit = rate_limit(&with(root, "{ max_executions: 4 }").0);
    assert_eq!((limit.max_executions, limit.further), (4, vec![]));
    let own = "get: { operationId: get, x-ratelimit: { bucket_size: 4 } }";
    assert_eq!(try_service(root, own).1, ["said-twice"]);
}

#[test]
fn a_bucket_holds_at_least_one_token() {
    for size in ["0", "0.5"] {
        let own = format!("get: {{ operationId: get, x-ratelimit: {{ bucket_size: {size} }} }}");
        let (stack, found) = policies_with_findings("", &own);
        assert_eq!(found, ["bucket-raised"], "{size}");
        assert_eq!(rate_limit(&stack).bucket_size, 1);
    }
}

#[test]
fn a_rate_limit_may_know_its_clients_by_other_names() {
    let root = "x-telstra: { client_key: [authorization] }";
    let own = "get: { operationId: get, x-ratelimit: { client_key: [X-Client-Id, peer] } }";
    let limit = rate_limit(&policies(root, own));
    let names = vec![ClientKey::XClientId, ClientKey::Peer];
    assert_eq!(limit.client_key, Some(names));
}

#[test]
fn a_bucket_may_not_outlive_everybody() {
    assert_eq!(
        codes("x-ratelimit: { max_executions: 1, per_time_secs: 100d, bucket_size: 30 }"),
        Vec::<&str>::new()
    );
}
