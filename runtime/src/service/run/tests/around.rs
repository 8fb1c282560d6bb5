//! Fail-fast, circuit, retry and timeout, in every order.

use super::*;

#[tokio::test(start_paused = true)]
async fn without_patterns_the_handler_answers() {
    let script = Script::new(&[Step::Work]);
    assert_eq!(run(PolicyStack::new(), &script).await.status, 200);
    let answer = run(PolicyStack::new(), &Script::new(&[Step::Fail])).await;
    assert_eq!(answer.status, 502);
    assert!(
        !answer.text.contains("5432"),
        "the cause is for the log: {}",
        answer.text
    );
    assert_eq!(
        run(PolicyStack::new(), &Script::new(&[Step::Refuse]))
            .await
            .status,
        404
    );
    assert_eq!(
        run(PolicyStack::new(), &Script::new(&[Step::Panic]))
            .await
            .status,
        500
    );
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_twice_and_then_works_succeeds() {
    for order in ["crt", "rct", "r", "rt", "tr"] {
        let patterns = Patterns::new();
        // In `rct` two failures open the circuit, so that the third attempt is refused.
        let steps: &[Step] = if order == "rct" {
            &[Step::Fail, Step::Work]
        } else if order == "tr" {
            // The timeout of two seconds is around two waits of one.
            &[Step::Answer(503), Step::Work]
        } else {
            &[Step::Fail, Step::Answer(503), Step::Work]
        };
        let script = Script::new(steps);
        let started = Instant::now();
        assert_eq!(
            run(stack(&patterns, order), &script).await.status,
            200,
            "{order}"
        );
        assert_eq!(script.calls() as usize, steps.len(), "{order}");
        assert_eq!(
            started.elapsed(),
            SECOND * (steps.len() as u32 - 1),
            "{order}"
        );
        assert_eq!(
            counter(&patterns, PatternKind::Retry, "success"),
            1,
            "{order}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn when_all_attempts_fail_the_retry_says_so() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Fail]);
    let answer = run(stack(&patterns, "crt"), &script).await;
    assert_eq!((answer.status.as_u16(), script.calls()), (503, 3));
    let body = answer.json();
    assert_eq!(body["error"], "attempts_exceeded");
    assert_eq!(body["message"], "All 3 attempts failed");
    assert_eq!(body["client_id"], "192.0.2.1");
    // Three attempts are one call to the circuit outside of them.
    assert_eq!(
        counter(&patterns, PatternKind::CircuitBreaker, "failure"),
        1
    );
    assert_eq!(counter(&patterns, PatternKind::Retry, "giveup"), 1);
}

#[tokio::test(start_paused = true)]
async fn answers_and_panics_are_not_retried() {
    for (step, status) in [
        (&[Step::Refuse], 404),
        (&[Step::Answer(429)], 429),
        (&[Step::Answer(501)], 501),
        (&[Step::Panic], 500),
    ] {
        let patterns = Patterns::new();
        let script = Script::new(step);
        let answer = run(stack(&patterns, "crt"), &script).await;
        assert_eq!(
            (answer.status.as_u16(), script.calls()),
            (status, 1),
            "{step:?}"
        );
        let failures = counter(&patterns, PatternKind::CircuitBreaker, "failure");
        assert_eq!(failures, u64::from(status == 500), "{step:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_exceptions_names_is_retried() {
    let patterns = Patterns::new();
    let exceptions = Exceptions::parse(["TimeoutError", "503"]).unwrap();
    let config = RetryConfig {
        exceptions,
        ..retry()
    };
    let stack = || PolicyStack::new().retry(patterns.retry("op", config.clone()).unwrap());
    let connection = Script::new(&[Step::Fail]);
    assert_eq!(run(stack(), &connection).await.status, 502);
    assert_eq!(connection.calls(), 1);
    let unavailable = Script::new(&[Step::Answer(503), Step::Answer(500)]);
    assert_eq!(run(stack(), &unavailable).await.status, 500);
    assert_eq!(unavailable.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_keyed_retry_asks_for_an_idempotency_key() {
    let patterns = Patterns::new();
    let stack = || PolicyStack::new().retry_keyed(patterns.retry("op", retry()).unwrap());
    let script = Script::new(&[Step::Fail]);
    assert_eq!(run(stack(), &script).await.status, 502);
    assert_eq!(script.calls(), 1);
    let script = Script::new(&[Step::Fail]);
    assert_eq!(
        run_with(stack(), &script, &[("idempotency-key", "k")])
            .await
            .status,
        503
    );
    assert_eq!(script.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_slow_handler_is_cut_off() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Sleep(60)]);
    let started = Instant::now();
    let answer = run(stack(&patterns, "ct"), &script).await;
    assert_eq!(answer.status, 504);
    assert_eq!(answer.json()["error"], "timeout");
    assert_eq!(answer.json()["message"], "No answer within 2000ms");
    assert_eq!(started.elapsed(), SECOND * 2);
    assert_eq!(counter(&patterns, PatternKind::Timeout, "fired"), 1);
    assert_eq!(
        counter(&patterns, PatternKind::CircuitBreaker, "failure"),
        1
    );
}

/// What stands inside of a timeout that fires was dropped, which is nothing at all.
#[tokio::test(start_paused = true)]
async fn a_circuit_inside_of_the_timeout_does_not_count_it() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Sleep(60)]);
    assert_eq!(run(stack(&patterns, "tc"), &script).await.status, 504);
    assert_eq!(
        counter(&patterns, PatternKind::CircuitBreaker, "failure"),
        0
    );
}

#[tokio::test(start_paused = true)]
async fn each_attempt_has_its_own_timeout_inside_of_a_retry_and_all_share_one_outside() {
    static SLOW: &[Step] = &[Step::Sleep(60)];
    let inside = Script::new(SLOW);
    let started = Instant::now();
    let answer = run(stack(&Patterns::new(), "rt"), &inside).await;
    assert_eq!((answer.status.as_u16(), inside.calls()), (503, 3));
    // Three attempts of two seconds, two waits of one.
    assert_eq!(started.elapsed(), SECOND * 8);

    let outside = Script::new(SLOW);
    let started = Instant::now();
    let answer = run(stack(&Patterns::new(), "tr"), &outside).await;
    assert_eq!((answer.status.as_u16(), outside.calls()), (504, 1));
    assert_eq!(started.elapsed(), SECOND * 2);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_deadline_would_cut_short_is_not_begun() {
    let script = Script::new(&[Step::Fail]);
    let started = Instant::now();
    let answer = run(stack(&Patterns::new(), "tr"), &script).await;
    // The first wait ends in time, the second would end with the timeout.
    assert_eq!((answer.status.as_u16(), script.calls()), (503, 2));
    assert_eq!(started.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn the_total_bounds_all_attempts_and_waits() {
    let patterns = Patterns::new();
    let config = TimeoutConfig {
        total: Some(SECOND * 4),
        ..timeout()
    };
    let stack = stack(&patterns, "cr").timeout(patterns.timeout("op", config).unwrap());
    let script = Script::new(&[Step::Sleep(60)]);
    let started = Instant::now();
    let answer = run(stack, &script).await;
    assert_eq!((answer.status.as_u16(), script.calls()), (504, 2));
    assert_eq!(answer.json()["message"], "No answer within 4000ms");
    assert_eq!(started.elapsed(), SECOND * 4);
    assert_eq!(
        counter(&patterns, PatternKind::CircuitBreaker, "failure"),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn in_shadow_a_timeout_is_counted_and_nothing_is_cut_off() {
    let patterns = Patterns::new();
    let config = TimeoutConfig {
        mode: Mode::Shadow,
        ..timeout()
    };
    let stack = PolicyStack::new().timeout(patterns.timeout("op", config).unwrap());
    let script = Script::new(&[Step::Sleep(60)]);
    assert_eq!(run(stack, &script).await.status, 200);
    assert_eq!(counter(&patterns, PatternKind::Timeout, "shadow_fired"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_refuses_and_lets_probes_through_after_a_while() {
    let patterns = Patterns::new();
    let failing = Script::new(&[Step::Fail]);
    for _ in 0..2 {
        assert_eq!(run(stack(&patterns, "c"), &failing).await.status, 502);
    }
    let refused = run(stack(&patterns, "c"), &failing).await;
    assert_eq!((refused.status.as_u16(), failing.calls()), (503, 2));
    assert_eq!(refused.json()["error"], "circuit_open");
    assert_eq!(refused.header("retry-after"), "30");

    sleep(SECOND * 30).await;
    let working = Script::new(&[Step::Work]);
    for _ in 0..3 {
        assert_eq!(run(stack(&patterns, "c"), &working).await.status, 200);
    }
    let state = patterns.circuit_breaker("op", breaker()).unwrap().state();
    assert_eq!(state, CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_retry_outside_of_a_circuit_passes_on_when_to_come_back() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Fail]);
    let answer = run(stack(&patterns, "rc"), &script).await;
    // Two failures open the circuit, the third attempt does not reach the handler.
    assert_eq!((answer.status.as_u16(), script.calls()), (503, 2));
    assert_eq!(answer.json()["error"], "attempts_exceeded");
    assert_eq!(answer.header("retry-after"), "29");
}

/// Every order of the three, for every kind of ending, gives back what it took.
#[tokio::test(start_paused = true)]
async fn every_order_ends_and_gives_everything_back() {
    for order in ["crt", "ctr", "rct", "rtc", "tcr", "trc"] {
        for steps in [
            &[Step::Work][..],
            &[Step::Fail],
            &[Step::Panic],
            &[Step::Sleep(60)],
            &[Step::Fail, Step::Work],
        ] {
            let patterns = Patterns::new();
            let config = CircuitBreakerConfig {
                half_open_requests: 1,
                ..breaker()
            };
            let breaker = patterns.circuit_breaker("probed", config).unwrap();
            let stack = order
                .chars()
                .fold(PolicyStack::new(), |stack, pattern| match pattern {
                    'c' => stack.circuit_breaker(Arc::clone(&breaker)),
                    'f' => stack
                        .fail_fast(patterns.fail_fast("op", FailFastConfig::default()).unwrap()),
                    'r' => stack.retry(patterns.retry("op", retry()).unwrap()),
                    _ => stack.timeout(patterns.timeout("op", timeout()).unwrap()),
                });
            // Half open, with one probe: whatever is not given back is missed at once.
            for _ in 0..2 {
                breaker.acquire().unwrap().failure();
            }
            sleep(SECOND * 30).await;
            let status = run(stack, &Script::new(steps)).await.status;
            assert!(
                status.is_success() || status.is_server_error(),
                "{order} {steps:?}: {status}"
            );
            sleep(SECOND * 30).await;
            assert!(
                breaker.acquire().is_ok(),
                "{order} {steps:?} kept its probe"
            );
        }
    }
}

/// Dropped while the handler works and while a retry waits: nothing is counted, nothing is kept.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_counts_as_nothing() {
    for order in ["crt", "ctr", "rct", "rtc", "tcr", "trc"] {
        for (steps, after) in [
            (&[Step::Sleep(60)][..], SECOND),
            (&[Step::Fail, Step::Fail], SECOND / 2),
        ] {
            let patterns = Patterns::new();
            let config = CircuitBreakerConfig {
                half_open_requests: 1,
                ..breaker()
            };
            let breaker = patterns.circuit_breaker("op", config.clone()).unwrap();
            for _ in 0..2 {
                breaker.acquire().unwrap().failure();
            }
            sleep(SECOND * 30).await;
            let failures = counter(&patterns, PatternKind::CircuitBreaker, "failure");
            let stack = order
                .chars()
                .fold(PolicyStack::new(), |stack, pattern| match pattern {
                    'c' => stack.circuit_breaker(Arc::clone(&breaker)),
                    'f' => stack
                        .fail_fast(patterns.fail_fast("op", FailFastConfig::default()).unwrap()),
                    'r' => stack.retry(patterns.retry("op", retry()).unwrap()),
                    _ => stack.timeout(patterns.timeout("op", timeout()).unwrap()),
                });
            let script = Script::new(steps);
            let dropped = tokio::time::timeout(after, run(stack, &script)).await;
            assert!(
                dropped.is_err(),
                "{order} {steps:?} ended before it was dropped"
            );
            assert_eq!(script.calls(), 1);

            // A circuit inside of the retry has seen its attempt fail before the wait began.
            let attempt_failed = order.find('c') > order.find('r') && steps.len() == 2;
            if attempt_failed {
                assert_eq!(breaker.state(), CircuitState::Open, "{order}");
            } else {
                let counted = counter(&patterns, PatternKind::CircuitBreaker, "failure");
                assert_eq!(counted, failures, "{order} {steps:?}");
                assert!(
                    breaker.acquire().is_ok(),
                    "{order} {steps:?} kept its probe"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_of_the_handler_is_what_the_rate_limit_learns() {
    let patterns = Patterns::new();
    let limit = patterns
        .rate_limit("op", RateLimitConfig::default())
        .unwrap();
    let stack = || stack(&patterns, "cr").rate_limit(Arc::clone(&limit));
    for _ in 0..50 {
        run(stack(), &Script::new(&[Step::Sleep(1)])).await;
    }
    assert!(limit.backpressure() > 0.9, "{}", limit.backpressure());
}

#[tokio::test(start_paused = true)]
async fn a_handler_knows_how_much_time_is_left() {
    let patterns = Patterns::new();
    let call = call(
        &OPERATION,
        stack(&patterns, "t"),
        request(Method::GET, "/", &[], ""),
    );
    let response = call
        .respond(&mut Handler::new((), |ctx, ()| {
            Box::pin(async move {
                assert_eq!(ctx.remaining(), Some(SECOND * 2));
                sleep(SECOND / 2).await;
                assert_eq!(ctx.remaining(), Some(SECOND * 3 / 2));
                Ok(answer::empty(StatusCode::OK))
            })
        }))
        .await;
    assert_eq!(response.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn arguments_are_cloned_only_for_attempts_that_may_be_repeated() {
    #[derive(Default)]
    struct Counted(Arc<AtomicU32>);
    impl Clone for Counted {
        fn clone(&self) -> Counted {
            self.0.fetch_add(1, Ordering::Relaxed);
            Counted(Arc::clone(&self.0))
        }
    }
    for (order, clones) in [("ct", 0), ("crt", 2)] {
        let patterns = Patterns::new();
        let counted = Counted::default();
        let clones_made = Arc::clone(&counted.0);
        let call = call(
            &OPERATION,
            stack(&patterns, order),
            request(Method::GET, "/", &[], ""),
        );
        let _ = call
            .respond(&mut Handler::new(counted, |_, _| {
                Box::pin(async { Err::<Response, _>(ApiError::timeout("slow")) })
            }))
            .await;
        assert_eq!(clones_made.load(Ordering::Relaxed), clones, "{order}");
    }
}

#[tokio::test(start_paused = true)]
async fn fail_fast_counts_what_it_sees_of_the_layers_within() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Fail]);
    for _ in 0..3 {
        let answer = run(stack(&patterns, "fr"), &script).await;
        assert_eq!(answer.json()["error"], "attempts_exceeded");
    }
    assert_eq!(script.calls(), 9);
    let refused = run(stack(&patterns, "fr"), &script).await;
    assert_eq!((refused.status.as_u16(), script.calls()), (503, 9));
    assert_eq!(refused.json()["error"], "fail_fast_open");
    assert!(
        refused.headers.get("retry-after").is_none(),
        "nobody knows when it is closed by hand"
    );
}

#[tokio::test(start_paused = true)]
async fn operations_that_share_a_retry_have_a_budget_each() {
    let budget = crate::BudgetConfig {
        ratio: 0.2,
        min_per_second: 0,
    };
    let patterns = Patterns::with_retry_budget(budget).unwrap();
    let (up, down) = (Script::new(&[Step::Work]), Script::new(&[Step::Fail]));
    // As services are: a stack for each operation, and in both the retry of one name.
    let [healthy, failing] = [(); 2].map(|()| Arc::new(stack(&patterns, "r")));
    for _ in 0..500 {
        for (stack, script) in [(&healthy, &up), (&failing, &down)] {
            run(Arc::clone(stack), script).await;
        }
    }
    assert_eq!(up.calls(), 500);
    let seen = down.calls();
    assert!((550..=600).contains(&seen), "{seen}");
}
