//! How long callers wait, and what they say of their attempts.

use super::*;

fn counted(patterns: &Patterns) -> (u64, u64) {
    (
        counter(patterns, PatternKind::CircuitBreaker, "success"),
        counter(patterns, PatternKind::CircuitBreaker, "failure"),
    )
}

#[tokio::test(start_paused = true)]
async fn a_caller_can_only_shorten_the_time() {
    for (said, after) in [("500", 500), ("5000", 2000), ("nonsense", 2000), ("0", 0)] {
        let patterns = Patterns::new();
        let script = Script::new(&[Step::Sleep(10)]);
        let started = Instant::now();
        let headers = [("x-request-timeout-ms", said)];
        let answer = run_with(stack(&patterns, "t"), &script, &headers).await;
        assert_eq!(answer.status, 504, "{said}");
        assert_eq!(answer.json()["error"], "timeout");
        assert_eq!(started.elapsed(), Duration::from_millis(after), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_wait_is_as_good_as_gone() {
    let patterns = Patterns::new();
    let headers = [("x-request-timeout-ms", "10")];
    for _ in 0..10 {
        let script = Script::new(&[Step::Sleep(1)]);
        let answer = run_with(stack(&patterns, "fcrt"), &script, &headers).await;
        assert_eq!((answer.status.as_u16(), script.calls()), (504, 1));
    }
    // Else anybody could open a circuit for all.
    assert_eq!(counted(&patterns), (0, 0));
    let script = Script::new(&[Step::Work]);
    assert_eq!(run(stack(&patterns, "fcrt"), &script).await.status, 200);
    assert_eq!(counted(&patterns), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_that_its_caller_does_not_wait_for() {
    let patterns = Patterns::new();
    let script = Script::new(&[Step::Fail]);
    let started = Instant::now();
    let headers = [("x-request-timeout-ms", "1500")];
    let answer = run_with(stack(&patterns, "r"), &script, &headers).await;
    assert_eq!((answer.status.as_u16(), script.calls()), (503, 2));
    assert_eq!(started.elapsed(), SECOND, "the third would come after two");
}

#[tokio::test(start_paused = true)]
async fn what_is_retried_already_is_not_retried_here_as_well() {
    for (attempt, calls) in [("1", 3), ("2", 1), ("nonsense", 3)] {
        let patterns = Patterns::new();
        let script = Script::new(&[Step::Fail]);
        let headers = [("x-retry-attempt", attempt)];
        run_with(stack(&patterns, "r"), &script, &headers).await;
        assert_eq!(script.calls(), calls, "{attempt}");
    }
}

#[tokio::test(start_paused = true)]
async fn nor_by_what_a_handler_calls_and_those_above_hear_of_what_it_did() {
    // Whatever stands around the operation, be it nothing.
    for around in ["", "t", "c"] {
        for (attempt, calls) in [("1", 4), ("2", 2)] {
            let patterns = Patterns::new();
            let script = Script::new(&[Step::RetryBelow]);
            let headers = [("x-retry-attempt", attempt)];
            let answer = run_with(stack(&patterns, around), &script, &headers).await;
            assert_eq!(script.calls(), calls, "{around}, {attempt}");
            // The other one's caller retries, and has not done so in vain yet.
            let is_told = answer.headers.contains_key("x-should-retry");
            assert_eq!(is_told, attempt == "1", "{around}, {attempt}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_asked_to_come_back_later_does() {
    for (step, seconds, calls) in [
        (Step::Busy(20), 40, 3),
        (Step::Busy(61), 0, 1),
        (Step::BusyAnswer("20"), 40, 3),
        (Step::BusyAnswer("99999999999"), 0, 1),
        (Step::BusyAnswer("soon"), 2, 3),
        (Step::BusyAnswer("Sun, 06 Nov 1994 08:49:37 GMT"), 2, 3),
        (Step::BusyAnswer("Fri, 31 Dec 9999 23:59:59 GMT"), 0, 1),
    ] {
        let patterns = Patterns::new();
        let script = Script::new(Box::leak(Box::new([step])));
        let started = Instant::now();
        let answer = run(stack(&patterns, "r"), &script).await;
        assert_eq!(
            (answer.status.as_u16(), script.calls()),
            (503, calls),
            "{step:?}"
        );
        assert_eq!(started.elapsed(), SECOND * seconds, "{step:?}");
    }
    let busy = run(PolicyStack::new(), &Script::new(&[Step::Busy(20)])).await;
    assert_eq!(busy.header("retry-after"), "20");
}
