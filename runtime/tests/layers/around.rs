//! Those that stand around the handler.

use super::*;

#[tokio::test(start_paused = true)]
async fn fallback_answers_the_failures_that_it_is_there_for() {
    let fallback = fallback();
    let layer = FallbackLayer::new(
        Arc::clone(&fallback),
        |failed: Result<u32, _>| match failed {
            Ok(number) => number + 1000,
            Err(_) => 0,
        },
    )
    .classify(|outcome: &Result<u32, _>| match outcome {
        Ok(500) => Some(FailureKind::Status(500)),
        Ok(_) => None,
        Err(_) => Some(FailureKind::Other),
    });
    let service = layer.layer(Strict::default());
    for (ask, answer) in [
        (Ask::Answer(1), 1),
        (Ask::Answer(500), 1500),
        (Ask::Error, 0),
    ] {
        assert_eq!(service.clone().oneshot(ask).await, Ok(answer));
    }
    let config = FallbackConfig {
        on: Exceptions::from([Exception::StatusClass(5)]),
        ..fallback.config()
    };
    fallback.reconfigure(config).expect("in range");
    assert_eq!(service.oneshot(Ask::Error).await, Err("its own error"));
}

#[tokio::test(start_paused = true)]
async fn fail_fast_refuses_until_it_is_closed() {
    let fail_fast = fail_fast();
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = FailFastLayer::new(Arc::clone(&fail_fast)).layer(inner);
    let failure = service.clone().oneshot(Ask::Error).await;
    assert_eq!(failure, Err(FailFastError::Inner("its own error")));
    let refusal = service.clone().oneshot(Ask::Answer(1)).await;
    assert!(matches!(refusal, Err(FailFastError::Open(_))));
    assert_eq!(calls.load(Relaxed), 1);
    fail_fast.close();
    assert_eq!(service.oneshot(Ask::Answer(1)).await, Ok(1));
}

#[cfg(feature = "cache")]
#[tokio::test(start_paused = true)]
async fn cache_calls_once_for_each_key() {
    use failsafe_runtime::cache::CacheLayer;
    use failsafe_runtime::{Cache, CacheConfig};

    let key = |ask: &Ask| match ask {
        Ask::Answer(number) => Some(*number),
        _ => None,
    };
    let cache = || Cache::new("test", CacheConfig::default()).expect("in range");
    keeps_the_contract(CacheLayer::new(cache(), key)).await;

    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = CacheLayer::new(cache(), key).layer(inner);
    for _ in 0..3 {
        assert_eq!(service.clone().oneshot(Ask::Answer(7)).await, Ok(7));
    }
    assert_eq!(calls.load(Relaxed), 1);
    for _ in 0..2 {
        let error = service.clone().oneshot(Ask::Error).await;
        assert_eq!(error, Err("its own error"));
    }
    assert_eq!(calls.load(Relaxed), 3, "it has no key");
}

#[tokio::test(start_paused = true)]
async fn circuit_breaker_opens_and_a_dropped_probe_gives_its_permit_back() {
    let breaker = breaker();
    let mut service = CircuitBreakerLayer::new(Arc::clone(&breaker)).layer(Strict::default());
    let failure = ask(&mut service, Ask::Error).await;
    assert!(matches!(
        failure,
        Err(CircuitBreakerError::Inner("its own error"))
    ));
    let refusal = ask(&mut service, Ask::Answer(1)).await;
    assert!(matches!(refusal, Err(CircuitBreakerError::Open(_))));

    tokio::time::advance(Duration::from_secs(30)).await;
    let probe = service.ready().await.expect("ready").call(Ask::Wait);
    tokio::time::timeout(Duration::from_millis(1), probe)
        .await
        .expect_err("it waits");
    let answer = ask(&mut service, Ask::Answer(1)).await;
    answer.expect("the permit came back");
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn circuit_breaker_takes_a_panic_for_a_failure() {
    let breaker = breaker();
    let service = CircuitBreakerLayer::new(Arc::clone(&breaker)).layer(service_fn(|()| async {
        panic!("on purpose") as Result<(), ()>
    }));
    let task = tokio::spawn(service.oneshot(()));
    assert!(task.await.expect_err("it panicked").is_panic());
    assert_eq!(breaker.state(), CircuitState::Open);
}

#[tokio::test(start_paused = true)]
async fn retry_makes_the_service_ready_for_every_attempt() {
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let mut service = RetryLayer::new(retry()).layer(inner);
    let started = tokio::time::Instant::now();
    let answer = ask(&mut service, Ask::ErrorUntilCall(3)).await;
    assert_eq!(answer, Ok(3));
    assert_eq!(started.elapsed(), Duration::from_secs(3));
    let answer = ask(&mut service, Ask::Error).await;
    assert!(matches!(answer, Err(RetryError::Exhausted(exhausted)) if exhausted.attempts == 3));
    assert_eq!(calls.load(Relaxed), 6);
}

#[tokio::test(start_paused = true)]
async fn hedge_makes_the_service_ready_for_every_attempt() {
    let inner = Strict::default();
    let calls = Arc::clone(&inner.calls);
    let service = HedgeLayer::new(hedge()).layer(inner);
    let answer = service.clone().oneshot(Ask::ErrorUntilCall(2)).await;
    assert_eq!(answer, Ok(2));
    assert_eq!(calls.load(Relaxed), 2);
    let answer = service.oneshot(Ask::Wait).await;
    assert!(matches!(answer, Err(HedgeError::TimedOut(_))));
}

#[tokio::test(start_paused = true)]
async fn timeout_drops_the_call() {
    let mut service = TimeoutLayer::new(timeout()).layer(Strict::default());
    let answer = ask(&mut service, Ask::Wait).await;
    assert!(matches!(answer, Err(TimeoutError::TimedOut(_))));
}
