//! Something in place of a failure.

use super::*;
use crate::FallbackConfig;
use crate::service::fallback::Instead;

const EMPTY: &str = r#"{"items":[]}"#;

fn constant() -> Instead {
    Instead::body(200, "application/json", EMPTY)
}

fn falling_back(patterns: &Patterns, instead: Instead) -> PolicyStack {
    let fallback = patterns.fallback("op", FallbackConfig::default()).unwrap();
    PolicyStack::new().fallback(fallback, instead)
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_answered_with_the_constant_and_says_so() {
    for steps in [&[Step::Fail][..], &[Step::Answer(500)], &[Step::Panic]] {
        let patterns = Patterns::new();
        let answer = run(falling_back(&patterns, constant()), &Script::new(steps)).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, EMPTY));
        assert_eq!(answer.header("x-fallback"), "true");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(counter(&patterns, PatternKind::Fallback, "invoked"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn answers_are_passed_on_as_they_are() {
    for steps in [&[Step::Work][..], &[Step::Refuse], &[Step::Answer(501)]] {
        let patterns = Patterns::new();
        let answer = run(falling_back(&patterns, constant()), &Script::new(steps)).await;
        assert!(answer.headers.get("x-fallback").is_none(), "{steps:?}");
        assert_eq!(counter(&patterns, PatternKind::Fallback, "success"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_on_names_is_answered() {
    let patterns = Patterns::new();
    let config = FallbackConfig {
        on: Exceptions::parse(["TimeoutError"]).unwrap(),
        ..FallbackConfig::default()
    };
    let fallback = patterns.fallback("op", config).unwrap();
    let stack = || {
        PolicyStack::new()
            .fallback(Arc::clone(&fallback), constant())
            .timeout(patterns.timeout("op", timeout()).unwrap())
    };
    assert_eq!(run(stack(), &Script::new(&[Step::Fail])).await.status, 502);
    let late = run(stack(), &Script::new(&[Step::Sleep(60)])).await;
    assert_eq!((late.status.as_u16(), late.text.as_str()), (200, EMPTY));
}

#[tokio::test(start_paused = true)]
async fn what_refuses_inside_is_a_reason_to_fall_back() {
    let patterns = Patterns::new();
    let around = || {
        falling_back(&patterns, constant())
            .circuit_breaker(patterns.circuit_breaker("op", breaker()).unwrap())
    };
    let script = Script::new(&[Step::Fail]);
    for _ in 0..3 {
        assert_eq!(run(around(), &script).await.text, EMPTY);
    }
    assert_eq!(script.calls(), 2, "the circuit is open");
}

async fn with_handler(
    stack: PolicyStack,
    script: &Script,
    fallback: fn(
        crate::service::RequestContext,
        crate::service::FailedCall,
        Script,
    ) -> crate::service::BoxFuture<Result<Response, ApiError>>,
) -> Answer {
    let call = call(&OPERATION, stack, request(Method::GET, "/", &[], ""));
    let handler = Handler::new(script.clone(), |_, script| Box::pin(script.handle()));
    Answer::read(call.respond(&mut handler.or_else(fallback)).await).await
}

#[tokio::test(start_paused = true)]
async fn the_handlers_fallback_learns_what_failed_and_has_the_arguments() {
    let patterns = Patterns::new();
    let stack =
        falling_back(&patterns, Instead::Handler).retry(patterns.retry("op", retry()).unwrap());
    let script = Script::new(&[Step::Fail]);
    let answer = with_handler(stack, &script, |ctx, failed, script| {
        Box::pin(async move {
            assert_eq!(failed.refused_by(), Some("attempts_exceeded"));
            assert_eq!((failed.status().as_u16(), script.calls()), (503, 3));
            assert_eq!(ctx.attempt(), 3);
            Ok(answer::json(StatusCode::OK, &"from the replica"))
        })
    })
    .await;
    assert_eq!(answer.text, "\"from the replica\"");
    assert_eq!(answer.header("x-fallback"), "true");
}

#[tokio::test(start_paused = true)]
async fn a_fallback_that_fails_leaves_the_failure_as_it_was() {
    let patterns = Patterns::new();
    let stack = || falling_back(&patterns, Instead::Handler);
    let script = Script::new(&[Step::Fail]);
    let failing = with_handler(stack(), &script, |ctx, _, _| {
        Box::pin(async move { Err(ApiError::not_implemented(ctx.operation())) })
    });
    assert_eq!(failing.await.status, 502);
    let panicking = with_handler(stack(), &script, |_, _, _| {
        Box::pin(async { panic!("a bug in the fallback") })
    });
    assert_eq!(panicking.await.status, 502);
    assert_eq!(run(stack(), &script).await.status, 502, "there is none");
    assert_eq!(counter(&patterns, PatternKind::Fallback, "failed"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_outside_bounds_the_fallback_as_well() {
    let patterns = Patterns::new();
    let stack = PolicyStack::new()
        .timeout(patterns.timeout("op", timeout()).unwrap())
        .fallback(
            patterns.fallback("op", FallbackConfig::default()).unwrap(),
            Instead::Handler,
        );
    let script = Script::new(&[Step::Fail]);
    let started = Instant::now();
    let answer = with_handler(stack, &script, |_, _, _| {
        Box::pin(async {
            sleep(SECOND * 60).await;
            Ok(answer::empty(StatusCode::OK))
        })
    })
    .await;
    assert_eq!(
        (answer.status.as_u16(), started.elapsed()),
        (504, SECOND * 2)
    );
}

#[tokio::test(start_paused = true)]
async fn in_shadow_the_failure_is_passed_on() {
    let patterns = Patterns::new();
    let stack = falling_back(&patterns, constant());
    patterns
        .fallback("op", FallbackConfig::default())
        .unwrap()
        .set_mode(Mode::Shadow);
    assert_eq!(run(stack, &Script::new(&[Step::Fail])).await.status, 502);
    let counted = counter(&patterns, PatternKind::Fallback, "shadow_invoked");
    assert_eq!(counted, 1);
}
