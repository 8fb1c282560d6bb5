//! Circuits that judge the last calls together.

use super::*;

fn of_window(kind: CircuitWindow, size: u32, minimum: u32) -> CircuitBreakerConfig {
    CircuitBreakerConfig {
        window: Some(kind),
        window_size: Some(size),
        minimum_calls: Some(minimum),
        ..CircuitBreakerConfig::default()
    }
}

#[tokio::test(start_paused = true)]
async fn by_count_it_opens_at_a_share_of_the_last_calls() {
    let breaker = breaker(of_window(CircuitWindow::Count, 10, 4));
    // Many failures, and yet too few calls to judge by.
    fail(&breaker);
    fail(&breaker);
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Closed);
    breaker.reset();
    // Failures that are spread open it as well as those in a row.
    for _ in 0..6 {
        succeed(&breaker);
    }
    for _ in 0..4 {
        fail(&breaker);
        assert_eq!(breaker.state(), CircuitState::Closed);
    }
    // The window is full: the next one pushes a success out.
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Open);
    assert_eq!(counter(&breaker, "transition.failing"), 1);
}

#[tokio::test(start_paused = true)]
async fn by_time_it_forgets_what_is_over() {
    let breaker = breaker(of_window(CircuitWindow::Time, 10, 4));
    for _ in 0..3 {
        fail(&breaker);
    }
    advance(Duration::from_secs(10)).await;
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Closed, "three are forgotten");
    for _ in 0..3 {
        fail(&breaker);
    }
    assert_eq!(breaker.state(), CircuitState::Open);
}

#[tokio::test(start_paused = true)]
async fn slow_calls_open_it_although_they_succeed() {
    let breaker = breaker(CircuitBreakerConfig {
        slow_call_rate: Some(0.5),
        slow_call_duration: Some(Duration::from_secs(2)),
        half_open_requests: 1,
        ..of_window(CircuitWindow::Count, 4, 2)
    });
    let slow = async |breaker: &CircuitBreaker| {
        let permit = breaker.acquire().expect("it lets it pass");
        advance(Duration::from_secs(2)).await;
        permit.success();
    };
    succeed(&breaker);
    slow(&breaker).await;
    assert_eq!(breaker.state(), CircuitState::Open);
    assert_eq!(counter(&breaker, "slow"), 1);
    // A probe that is slow has found nothing recovered.
    advance(RECOVERY).await;
    slow(&breaker).await;
    assert_eq!(breaker.state(), CircuitState::Open);
    advance(RECOVERY).await;
    succeed(&breaker);
    assert_eq!(breaker.state(), CircuitState::Closed);
    // Its new life begins with an empty window.
    succeed(&breaker);
    succeed(&breaker);
    assert_eq!(breaker.state(), CircuitState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_window_counts_no_call_of_an_earlier_life() {
    let breaker = breaker(of_window(CircuitWindow::Count, 4, 2));
    let late = [(); 2].map(|()| breaker.acquire().expect("closed"));
    open(&breaker);
    advance(RECOVERY).await;
    for _ in 0..3 {
        succeed(&breaker);
    }
    assert_eq!(breaker.state(), CircuitState::Closed);
    late.into_iter().for_each(|permit| permit.failure());
    assert_eq!(breaker.state(), CircuitState::Closed);
    // And a call that is dropped counts for nothing.
    drop(breaker.acquire().expect("closed"));
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Closed);
    fail(&breaker);
    assert_eq!(breaker.state(), CircuitState::Open);
}

#[test]
fn windows_are_checked() {
    for (wrong, message) in [
        (
            CircuitBreakerConfig {
                minimum_calls: Some(5),
                ..of_window(CircuitWindow::Count, 4, 1)
            },
            "minimum_calls must be at most window_size, not 5",
        ),
        (
            of_window(CircuitWindow::Time, 4000, 1),
            "window_size must be 1 to 3600 seconds, not 4000",
        ),
        (
            CircuitBreakerConfig {
                failure_rate: Some(f64::NAN),
                ..CircuitBreakerConfig::default()
            },
            "failure_rate must be more than 0 and at most 1, not NaN",
        ),
    ] {
        let error = wrong.validate().expect_err("out of range");
        assert_eq!(error.to_string(), message);
    }
}
