//! Answers that are given again.

use tokio::task::JoinSet;

use super::*;
use crate::service::fallback::Instead;
use crate::service::{JsonLines, json_lines};
use crate::{CacheConfig, FallbackConfig};

static SEVERAL: Operation =
    Operation::new("op", Method::GET, "/").produces(&["application/json", "text/plain"]);

fn cache() -> CacheConfig {
    CacheConfig {
        ttl: SECOND * 10,
        ..CacheConfig::default()
    }
}

fn cached(patterns: &Patterns, config: CacheConfig) -> PolicyStack {
    PolicyStack::new().cache(patterns.cache("op", config).unwrap())
}

async fn ask(
    operation: &'static Operation,
    stack: PolicyStack,
    script: &Script,
    (method, uri): (Method, &str),
    headers: &[(&str, &str)],
) -> Answer {
    let mut call = call(operation, stack, request(method, uri, headers, "body"));
    let _ = call.whole().await.optional_bytes();
    let mut handler = Handler::new(script.clone(), |_, script| Box::pin(script.handle()));
    Answer::read(call.respond(&mut handler).await).await
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_given_again_until_its_time_is_over() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Number]);
    let get = || run(cached(&patterns, cache()), &script);
    let first = get().await;
    assert_eq!(
        (first.text.as_str(), first.header("x-cache")),
        ("1", "MISS")
    );
    assert!(first.headers.get("age").is_none());
    sleep(SECOND * 7).await;
    let again = get().await;
    assert_eq!((again.text.as_str(), again.header("x-cache")), ("1", "HIT"));
    assert_eq!(again.header("age"), "7");
    assert_eq!(again.header("content-type"), "application/json");
    sleep(SECOND * 3).await;
    assert_eq!(get().await.text, "2");
}

#[tokio::test(start_paused = true)]
async fn many_who_ask_at_a_time_are_one_call() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::NumberAfter(1)]);
    let mut all = JoinSet::new();
    for _ in 0..20 {
        let (stack, script) = (cached(&patterns, cache()), script.clone());
        all.spawn(async move { run(stack, &script).await.text });
    }
    assert!(all.join_all().await.iter().all(|text| text == "1"));
    assert_eq!(script.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_makes_the_call_may_go_away() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::NumberAfter(2)]);
    let first = run(cached(&patterns, cache()), &script);
    let mut first = Box::pin(tokio::time::timeout(SECOND, first));
    let second = async {
        sleep(SECOND / 2).await;
        run(cached(&patterns, cache()), &script).await
    };
    let (first, second) = tokio::join!(first.as_mut(), second);
    assert!(first.is_err());
    assert_eq!((second.text.as_str(), script.calls()), ("1", 1));
}

#[tokio::test(start_paused = true)]
async fn when_nobody_waits_the_call_is_dropped_and_nothing_is_kept() {
    let patterns = Patterns::new();
    let breaker = patterns.circuit_breaker("op", breaker()).unwrap();
    let stack = || cached(&patterns, cache()).circuit_breaker(Arc::clone(&breaker));
    let script = Script::new(&[Step::NumberAfter(2), Step::Number]);
    assert!(
        tokio::time::timeout(SECOND, run(stack(), &script))
            .await
            .is_err()
    );
    sleep(SECOND * 5).await;
    assert_eq!(run(stack(), &script).await.text, "2");
    assert_eq!(
        counter(&patterns, PatternKind::CircuitBreaker, "success"),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn the_key_is_everything_that_the_answer_depends_on() {
    let patterns = Patterns::new();
    let config = CacheConfig {
        vary: vec!["X-Tenant".to_owned()],
        ..cache()
    };
    let script = Script::new(&[Step::Number]);
    let get = |uri: &'static str, headers: &'static [(&str, &str)]| {
        let stack = cached(&patterns, config.clone());
        let script = script.clone();
        async move {
            ask(&SEVERAL, stack, &script, (Method::GET, uri), headers)
                .await
                .text
        }
    };
    assert_eq!(get("/?a=1", &[]).await, "1");
    assert_eq!(get("/?a=2", &[]).await, "2");
    assert_eq!(get("/?a=1", &[("x-tenant", "b")]).await, "3");
    assert_eq!(get("/?a=1", &[("accept", "text/plain")]).await, "4");
    // What nobody names is nothing to it.
    assert_eq!(get("/?a=1", &[("x-other", "b")]).await, "1");
}

#[tokio::test(start_paused = true)]
async fn only_safe_methods_are_kept_unless_asked_and_then_by_their_bodies() {
    static CREATE: Operation = Operation::new("op", Method::POST, "/").consumes(&["*/*"]);
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Number]);
    for expected in ["1", "2"] {
        let stack = cached(&patterns, cache());
        let answer = ask(&CREATE, stack, &script, (Method::POST, "/"), &[]).await;
        assert_eq!(answer.text, expected);
        assert!(answer.headers.get("x-cache").is_none());
    }
    let patterns = Patterns::new();
    let config = CacheConfig {
        methods: vec!["POST".to_owned()],
        ..cache()
    };
    for (body, expected) in [("a", "3"), ("b", "4"), ("a", "3")] {
        let stack = cached(&patterns, config.clone());
        let named = [("content-type", "text/plain")];
        let mut call = call(&CREATE, stack, request(Method::POST, "/", &named, body));
        assert!(call.whole().await.bytes().is_some());
        let mut handler = Handler::new(script.clone(), |_, script| Box::pin(script.handle()));
        let answer = Answer::read(call.respond(&mut handler).await).await;
        assert_eq!(answer.text, expected, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn failures_and_refusals_of_the_handler_are_not_kept() {
    for step in [
        Step::Fail,
        Step::Answer(500),
        Step::Refuse,
        Step::Answer(206),
    ] {
        let patterns = Patterns::new();
        let steps: &'static [Step] = Box::leak(Box::new([step, Step::Number]));
        let script = Script::new(steps);
        run(cached(&patterns, cache()), &script).await;
        assert_eq!(run(cached(&patterns, cache()), &script).await.text, "2");
    }
}

#[tokio::test(start_paused = true)]
async fn failures_are_kept_for_as_long_as_is_asked() {
    let patterns = Patterns::new();
    let config = CacheConfig {
        error_ttl: Some(SECOND * 2),
        ..cache()
    };
    let script = Script::new(&[Step::Fail, Step::Number]);
    for _ in 0..2 {
        assert_eq!(
            run(cached(&patterns, config.clone()), &script).await.status,
            502
        );
    }
    sleep(SECOND * 2).await;
    assert_eq!(run(cached(&patterns, config), &script).await.text, "2");
}

#[tokio::test(start_paused = true)]
async fn an_old_answer_is_given_while_a_new_one_is_fetched() {
    let patterns = Patterns::new();
    let config = CacheConfig {
        stale_while_revalidate: Some(SECOND * 10),
        ..cache()
    };
    let script = Script::new(&[Step::NumberAfter(1)]);
    let get = || run(cached(&patterns, config.clone()), &script);
    get().await;
    sleep(SECOND * 12).await;
    let started = Instant::now();
    let old = get().await;
    assert_eq!((old.text.as_str(), old.header("x-cache")), ("1", "STALE"));
    assert_eq!(old.header("age"), "12");
    assert_eq!(started.elapsed(), Duration::ZERO);
    sleep(SECOND * 2).await;
    assert_eq!((get().await.text.as_str(), script.calls()), ("2", 2));
}

#[tokio::test(start_paused = true)]
async fn an_old_answer_is_given_in_place_of_a_failure() {
    let patterns = Patterns::new();
    let config = CacheConfig {
        stale_on_error: Some(SECOND * 60),
        ..cache()
    };
    let script = Script::new(&[Step::Number, Step::Fail]);
    let get = || run(cached(&patterns, config.clone()), &script);
    get().await;
    sleep(SECOND * 30).await;
    let old = get().await;
    assert_eq!((old.text.as_str(), old.header("x-cache")), ("1", "STALE"));
    sleep(SECOND * 60).await;
    assert_eq!(get().await.status, 502);
}

#[tokio::test(start_paused = true)]
async fn what_was_answered_in_place_of_something_is_not_kept() {
    let patterns = Patterns::new();
    let fallback = patterns.fallback("op", FallbackConfig::default()).unwrap();
    let constant = || Instead::body(200, "application/json", "0");
    let stack = || cached(&patterns, cache()).fallback(Arc::clone(&fallback), constant());
    let script = Script::new(&[Step::Fail, Step::Number]);
    let degraded = run(stack(), &script).await;
    assert_eq!(
        (degraded.text.as_str(), degraded.header("x-fallback")),
        ("0", "true")
    );
    assert_eq!(run(stack(), &script).await.text, "2");
}

#[tokio::test(start_paused = true)]
async fn the_last_good_answer_stands_in_for_a_failure_however_old() {
    let patterns = Patterns::new();
    let fallback = patterns.fallback("op", FallbackConfig::default()).unwrap();
    let stack = || cached(&patterns, cache()).fallback(Arc::clone(&fallback), Instead::LastGood);
    let script = Script::new(&[Step::Fail, Step::Number, Step::Fail]);
    assert_eq!(run(stack(), &script).await.status, 502, "there is none yet");
    assert_eq!(run(stack(), &script).await.text, "2");
    sleep(SECOND * 3600).await;
    let old = run(stack(), &script).await;
    assert_eq!((old.text.as_str(), old.header("x-fallback")), ("2", "true"));
}

/// A stream cannot be had twice: who made the call has it, and the others call for themselves.
#[tokio::test(start_paused = true)]
async fn streams_are_passed_on() {
    let patterns = Patterns::new();
    let calls = Arc::new(AtomicU32::new(0));
    let get = || async {
        let stack = cached(&patterns, cache());
        let call = call(&OPERATION, stack, request(Method::GET, "/", &[], ""));
        let mut handler = Handler::new(Arc::clone(&calls), |_, calls| {
            Box::pin(async move {
                sleep(SECOND).await;
                let number = calls.fetch_add(1, Ordering::Relaxed) + 1;
                let lines = JsonLines::from(vec![number]);
                Ok(json_lines(StatusCode::OK, "application/jsonl", lines))
            })
        });
        Answer::read(call.respond(&mut handler).await).await.text
    };
    let (first, second) = tokio::join!(get(), get());
    let mut both = [first.trim().to_owned(), second.trim().to_owned()];
    both.sort();
    assert_eq!(both, ["1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_all_attempts_holds_for_who_calls_and_for_who_waits() {
    let patterns = Patterns::new();
    let config = TimeoutConfig {
        total: Some(SECOND * 2),
        seconds: SECOND * 60,
        ..timeout()
    };
    let breaker = patterns.circuit_breaker("op", breaker()).unwrap();
    let stack = || {
        cached(&patterns, cache())
            .circuit_breaker(Arc::clone(&breaker))
            .timeout(patterns.timeout("op", config.clone()).unwrap())
    };
    let script = Script::new(&[Step::Sleep(60)]);
    let started = Instant::now();
    let later = async {
        sleep(SECOND).await;
        run(stack(), &script).await
    };
    let (first, second) = tokio::join!(run(stack(), &script), later);
    assert_eq!(first.json()["error"], "timeout");
    assert_eq!(second.status, 504);
    assert_eq!(
        started.elapsed(),
        SECOND * 2,
        "told of it when the call ends"
    );
    assert_eq!(
        counter(&patterns, PatternKind::CircuitBreaker, "failure"),
        1,
        "the call itself has failed, however it is waited for"
    );
}

#[tokio::test(start_paused = true)]
async fn in_shadow_every_call_is_made_and_nothing_shows() {
    let patterns = Patterns::new();
    let config = CacheConfig {
        mode: Mode::Shadow,
        ..cache()
    };
    let script = Script::new(&[Step::Number]);
    for expected in ["1", "2"] {
        let answer = run(cached(&patterns, config.clone()), &script).await;
        assert_eq!(answer.text, expected);
        assert!(answer.headers.get("x-cache").is_none());
    }
    assert_eq!(counter(&patterns, PatternKind::Cache, "hit"), 1);
}
