//! A second call beside a slow one.

use super::*;
use crate::{HedgeConfig, HedgeDelay};

fn hedge() -> HedgeConfig {
    HedgeConfig {
        delay: HedgeDelay::After(SECOND),
        max_extra: 10.0,
        ..HedgeConfig::default()
    }
}

fn hedged(patterns: &Patterns, config: HedgeConfig) -> PolicyStack {
    PolicyStack::new().hedge(patterns.hedge("op", config).unwrap())
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_is_given_the_moment_it_is_there() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::NumberAfter(60), Step::Number]);
    let started = Instant::now();
    let answer = run(hedged(&patterns, hedge()), &script).await;
    assert_eq!((answer.text.as_str(), script.calls()), ("2", 2));
    assert_eq!(started.elapsed(), SECOND);
    assert_eq!(counter(&patterns, PatternKind::Hedge, "extra_won"), 1);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_quick_is_called_once() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Number]);
    assert_eq!(run(hedged(&patterns, hedge()), &script).await.text, "1");
    assert_eq!(script.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_does_not_beat_a_slow_success() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::NumberAfter(3), Step::Fail]);
    let answer = run(hedged(&patterns, hedge()), &script).await;
    assert_eq!((answer.text.as_str(), script.calls()), ("1", 2));
}

#[tokio::test(start_paused = true)]
async fn when_all_fail_the_last_failure_is_the_answer() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Answer(500), Step::Fail]);
    assert_eq!(run(hedged(&patterns, hedge()), &script).await.status, 502);
    assert_eq!(counter(&patterns, PatternKind::Hedge, "all_failed"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_not_tried_again() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Panic, Step::Work]);
    assert_eq!(run(hedged(&patterns, hedge()), &script).await.status, 500);
    assert_eq!(script.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn all_together_have_one_end() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Sleep(60)]);
    let config = HedgeConfig {
        timeout: Some(SECOND * 3),
        ..hedge()
    };
    let started = Instant::now();
    let answer = run(hedged(&patterns, config), &script).await;
    assert_eq!((answer.status.as_u16(), script.calls()), (504, 2));
    assert_eq!(answer.json()["error"], "hedge_timeout");
    assert_eq!(started.elapsed(), SECOND * 3);
}

/// An attempt's timeout stands inside of the hedge, the circuit outside of it: one call, one
/// result.
#[tokio::test(start_paused = true)]
async fn what_is_outside_sees_one_call() {
    let patterns = Patterns::new();
    let hedge = patterns.hedge("op", hedge()).unwrap();
    let stack = stack(&patterns, "cr")
        .hedge(Arc::clone(&hedge))
        .timeout(patterns.timeout("op", timeout()).unwrap());
    let script = Script::new(&[Step::Sleep(60)]);
    let answer = run(stack, &script).await;
    assert_eq!(answer.json()["error"], "attempts_exceeded");
    assert_eq!(script.calls(), 6, "three attempts of two each");
    assert_eq!(
        counter(&patterns, PatternKind::CircuitBreaker, "failure"),
        1
    );
    assert_eq!(counter(&patterns, PatternKind::Timeout, "fired"), 6);
}

#[tokio::test(start_paused = true)]
async fn the_losers_give_back_what_they_hold() {
    let patterns = Patterns::new();
    let breaker = patterns.circuit_breaker("op", breaker()).unwrap();
    let stack = hedged(&patterns, hedge()).circuit_breaker(Arc::clone(&breaker));
    let script = Script::new(&[Step::Sleep(60), Step::Work]);
    assert_eq!(run(stack, &script).await.status, 200);
    let count = |name| counter(&patterns, PatternKind::CircuitBreaker, name);
    assert_eq!((count("success"), count("failure")), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_all_attempts_counts_against_the_circuit_outside() {
    let patterns = Patterns::new();
    let config = TimeoutConfig {
        total: Some(SECOND * 4),
        seconds: SECOND * 60,
        ..timeout()
    };
    let stack = stack(&patterns, "c")
        .hedge(patterns.hedge("op", hedge()).unwrap())
        .timeout(patterns.timeout("op", config).unwrap());
    let answer = run(stack, &Script::new(&[Step::Sleep(60)])).await;
    assert_eq!(answer.json()["error"], "timeout");
    assert_eq!(
        counter(&patterns, PatternKind::CircuitBreaker, "failure"),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn no_more_are_made_than_are_allowed() {
    let patterns = Patterns::new();
    let config = HedgeConfig {
        max_extra: 0.0,
        ..hedge()
    };
    let script = Script::new(&[Step::NumberAfter(5)]);
    assert_eq!(run(hedged(&patterns, config), &script).await.text, "1");
    assert_eq!(script.calls(), 1);
}
