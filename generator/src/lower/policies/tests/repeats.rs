//! What makes a call more than once, and where that may not be.

use super::*;

#[test]
fn a_retry_of_a_post_needs_a_key_or_a_wish() {
    let key = "parameters: [{ name: idempotency-key, in: header, schema: { type: string } }]";
    let post = |own: &str| {
        let (stack, codes) = policies_with_findings(ALL_AT_ROOT, &operation("post", own));
        (
            retry(&stack).map(|retry| retry.without_idempotency_key),
            codes,
        )
    };
    assert_eq!(post(""), (None, vec!["inherited-retry-left-out"]));
    assert_eq!(post(key), (Some(false), vec![]));
    assert_eq!(
        post("x-retry: {}"),
        (Some(true), vec!["retry-without-idempotency-key"])
    );
    assert_eq!(post(&format!("x-retry: {{}}\n{key}")), (Some(true), vec![]));
}

#[test]
fn what_needs_a_body_twice_is_left_out_where_it_is_streamed() {
    let of = |media_type: &str, own: &str| {
        let body = format!(
            "requestBody: {{ content: {{ {media_type}: {{ schema: {{ type: object }} }} }} }}\n{own}"
        );
        let root = "x-telstra: { resiliency: { timeout: {}, retry: {} } }";
        let (stack, codes) = policies_with_findings(root, &operation("put", &body));
        (names(&stack), codes)
    };
    for own in ["", "x-retry: {}"] {
        assert_eq!(
            of("application/json", own),
            (vec!["retry", "timeout"], vec![])
        );
        for media_type in ["application/x-ndjson", "application/jsonl"] {
            assert_eq!(
                of(media_type, own),
                (vec!["timeout"], vec!["streamed-body"])
            );
        }
    }
}

#[test]
fn the_worst_case_of_a_retry_is_counted() {
    let found = |retry: &str, total: &str| {
        codes(&format!(
            "x-retry: {retry}\nx-timeout: {{ seconds: 1, total: {total} }}"
        ))
    };
    // 3 * 1s, and 1s + 2s between.
    assert_eq!(found("{}", "6"), Vec::<&str>::new());
    assert_eq!(found("{}", "5.9"), ["retry-exceeds-total"]);
    assert_eq!(found("{ max_delay: 1 }", "5"), Vec::<&str>::new());
    assert_eq!(found("{ attempts: 1 }", "1"), Vec::<&str>::new());
    assert_eq!(found("{ attempts: 1 }", "500ms"), ["timeout-never-reached"]);
}

#[test]
fn the_budget_is_the_services() {
    let budgets = |first: &str, second: &str| {
        let path = format!(
            "get: {{ operationId: get, x-retry: {first} }}\n\
             put: {{ operationId: put, x-retry: {second} }}"
        );
        let (service, codes) = try_service("", &path);
        (service.map(|service| service.policies.retry_budget), codes)
    };
    let (budget, codes) = budgets("{}", "{ budget: { ratio: 0.5 } }");
    let budget = budget.expect("a service");
    assert_eq!((budget.ratio, budget.min_per_second), (0.5, 10));
    assert_eq!(codes, Vec::<&str>::new());
    let (_, codes) = budgets("{ budget: { ratio: 0.4 } }", "{ budget: { ratio: 0.5 } }");
    assert_eq!(codes, ["shared-budget-differs"]);
}
