//! Those that decide before a request is read.

use super::*;

#[tokio::test(start_paused = true)]
async fn rate_limit_refuses_before_the_service_is_called() {
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let mut service = RateLimitLayer::new(rate_limit(1)).layer(inner);
    ask(&mut service, Ask::Answer(1)).await.expect("a token");
    let refusal = ask(&mut service, Ask::Answer(1)).await;
    assert!(matches!(refusal, Err(RateLimitError::Limited(_))));
    assert_eq!(calls.load(Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn rate_limit_tells_clients_apart() {
    let config = RateLimitConfig {
        max_executions: 1,
        enable_per_client_tracking: true,
        ..RateLimitConfig::default()
    };
    let limit = Arc::new(RateLimit::new("test", config).expect("in range"));
    let layer = RateLimitLayer::new(limit).client_key(|client: &&'static str| Some(*client));
    let mut service = layer.layer(service_fn(|client: &'static str| async move {
        Ok::<_, ()>(client)
    }));
    for (client, is_allowed) in [("a", true), ("a", false), ("b", true), ("b", false)] {
        let answer = service.ready().await.expect("ready").call(client).await;
        assert_eq!(answer.is_ok(), is_allowed, "{client}");
    }
}

#[tokio::test(start_paused = true)]
async fn bulkhead_has_calls_wait_and_refuses_those_for_whom_there_is_no_place() {
    let bulkhead = bulkhead(1);
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = BulkheadLayer::new(Arc::clone(&bulkhead)).layer(inner);
    let inside = tokio::spawn(service.clone().oneshot(Ask::Wait));
    tokio::task::yield_now().await;
    let waiting = tokio::spawn(service.clone().oneshot(Ask::Answer(7)));
    tokio::task::yield_now().await;
    let refused = service.oneshot(Ask::Answer(8)).await;
    assert!(matches!(refused, Err(BulkheadError::Full(_))));
    assert_eq!(calls.load(Relaxed), 1, "who waits has not called yet");
    inside.abort();
    assert_eq!(waiting.await.expect("no panic"), Ok(7));
    assert_eq!((bulkhead.in_use(), bulkhead.queued()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn feature_toggle_refuses_clients_who_are_not_in_its_share() {
    let toggle = toggle(50.0);
    let layer =
        FeatureToggleLayer::new(Arc::clone(&toggle)).client_key(|n: &u32| Some(n.to_string()));
    let service = layer.layer(service_fn(|n: u32| async move { Ok::<_, ()>(n) }));
    for n in 0..100 {
        let answer = service.clone().oneshot(n).await;
        match toggle.check(Some(&n.to_string())) {
            Ok(()) => assert_eq!(answer, Ok(n)),
            Err(disabled) => assert_eq!(answer, Err(FeatureToggleError::Disabled(disabled))),
        }
    }
    toggle.turn_off();
    assert!(service.oneshot(1).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn backpressure_has_calls_wait_and_bounds_how_many() {
    let backpressure = backpressure(2);
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = BackpressureLayer::new(Arc::clone(&backpressure)).layer(inner);
    let inside = tokio::spawn(service.clone().oneshot(Ask::Wait));
    tokio::task::yield_now().await;
    let waiting = tokio::spawn(service.clone().oneshot(Ask::Answer(7)));
    tokio::task::yield_now().await;
    let refused = service.oneshot(Ask::Answer(8)).await;
    assert!(matches!(refused, Err(BackpressureError::Full(_))));
    assert_eq!(calls.load(Relaxed), 1, "who waits has not called yet");
    inside.abort();
    assert_eq!(waiting.await.expect("no panic"), Ok(7));
    assert_eq!((backpressure.in_use(), backpressure.queued()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn load_shedder_refuses_before_the_service_is_called() {
    let shedder = load_shedder();
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = LoadShedLayer::new(Arc::clone(&shedder)).layer(inner);
    let inside = tokio::spawn(service.clone().oneshot(Ask::Wait));
    tokio::task::yield_now().await;
    let refused = service.clone().oneshot(Ask::Answer(8)).await;
    assert!(matches!(refused, Err(LoadShedError::Shed(_))));
    assert_eq!(calls.load(Relaxed), 1);
    inside.abort();
    inside.await.expect_err("it was aborted");
    assert_eq!(service.oneshot(Ask::Answer(7)).await, Ok(7));
    assert_eq!(shedder.in_use(), 0);
}

#[tokio::test(start_paused = true)]
async fn concurrency_limit_refuses_at_once_and_learns_from_outcomes() {
    let limit = concurrency_limit();
    let service = ConcurrencyLayer::new(Arc::clone(&limit)).layer(Strict::default());
    let inside = tokio::spawn(service.clone().oneshot(Ask::Wait));
    tokio::task::yield_now().await;
    let refused = service.clone().oneshot(Ask::Answer(8)).await;
    assert!(matches!(refused, Err(ConcurrencyError::Limited(_))));
    inside.abort();
    inside.await.expect_err("it was aborted");
    assert_eq!(service.clone().oneshot(Ask::Answer(7)).await, Ok(7));
    assert_eq!(limit.limit(), 2, "a window of one has succeeded");
    let failure = service.oneshot(Ask::Error).await;
    assert_eq!(failure, Err(ConcurrencyError::Inner("its own error")));
    assert_eq!((limit.limit(), limit.in_use()), (1, 0));
}
