use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::*;
use crate::Mode;

const A_SECOND: Duration = Duration::from_secs(1);

fn timeout(config: TimeoutConfig) -> Timeout {
    Timeout::new("test", config).expect("in range")
}

fn of_a_second() -> Timeout {
    timeout(TimeoutConfig {
        seconds: A_SECOND,
        ..TimeoutConfig::default()
    })
}

fn counter(timeout: &Timeout, name: &str) -> u64 {
    let snapshot = timeout.snapshot();
    let found = snapshot
        .counters
        .iter()
        .find(|counter| counter.name == name);
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

async fn take(time: Duration) -> Result<&'static str, ()> {
    sleep(time).await;
    Ok("done")
}

#[tokio::test(start_paused = true)]
async fn what_ends_in_time_is_not_touched() {
    let timeout = of_a_second();
    assert_eq!(
        timeout
            .call(|| take(A_SECOND - Duration::from_millis(1)))
            .await,
        Ok("done")
    );
    let answer = timeout
        .call(|| async { Err::<(), _>("its own error") })
        .await;
    assert_eq!(answer, Err(TimeoutError::Inner("its own error")));
    assert_eq!(
        (counter(&timeout, "success"), counter(&timeout, "fired")),
        (2, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn what_takes_longer_is_dropped() {
    struct Dropped(Rc<Cell<bool>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }

    let timeout = of_a_second();
    let dropped = Rc::new(Cell::new(false));
    let witness = Dropped(Rc::clone(&dropped));
    let started = Instant::now();
    let answer = timeout
        .call(|| async move {
            let _witness = witness;
            take(A_SECOND * 2).await
        })
        .await;
    assert_eq!(
        answer,
        Err(TimeoutError::TimedOut(TimedOut { after: A_SECOND }))
    );
    assert_eq!(started.elapsed(), A_SECOND);
    assert!(dropped.get());
    assert_eq!(counter(&timeout, "fired"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_ends_together_with_its_timer_is_kept() {
    assert_eq!(of_a_second().call(|| take(A_SECOND)).await, Ok("done"));
}

#[test]
fn a_call_that_is_ready_needs_no_timer_and_so_no_runtime() {
    let timeout = of_a_second();
    let mut call = std::pin::pin!(timeout.call(|| async { Ok::<_, ()>(7) }));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert_eq!(
        call.as_mut().poll(&mut context),
        std::task::Poll::Ready(Ok(7))
    );
}

#[tokio::test(start_paused = true)]
async fn the_total_bounds_what_goes_around_the_attempts() {
    let timeout = timeout(TimeoutConfig {
        seconds: A_SECOND,
        total: Some(A_SECOND * 3 / 2),
        ..TimeoutConfig::default()
    });
    let attempts = Cell::new(0);
    let started = Instant::now();
    let answer = timeout
        .limit_total(async {
            loop {
                attempts.set(attempts.get() + 1);
                if let Ok(done) = timeout.call(|| take(A_SECOND * 2)).await {
                    return done;
                }
            }
        })
        .await;
    assert_eq!(
        answer,
        Err(TimedOut {
            after: A_SECOND * 3 / 2
        })
    );
    assert_eq!(attempts.get(), 2);
    assert_eq!(started.elapsed(), A_SECOND * 3 / 2);
}

#[tokio::test(start_paused = true)]
async fn no_total_is_no_bound() {
    let timeout = of_a_second();
    assert_eq!(timeout.total(), None);
    assert_eq!(
        timeout.limit_total(take(A_SECOND * 1000)).await,
        Ok(Ok("done"))
    );
}

#[tokio::test(start_paused = true)]
async fn shadow_counts_and_lets_the_call_go_on() {
    let timeout = of_a_second();
    timeout.set_mode(Mode::Shadow);
    assert_eq!(timeout.call(|| take(A_SECOND * 2)).await, Ok("done"));
    assert_eq!(
        (
            counter(&timeout, "shadow_fired"),
            counter(&timeout, "fired")
        ),
        (1, 0)
    );
    timeout.set_mode(Mode::Off);
    assert_eq!(timeout.call(|| take(A_SECOND * 2)).await, Ok("done"));
    assert_eq!(counter(&timeout, "shadow_fired"), 1);
}

#[tokio::test(start_paused = true)]
async fn reconfigured_while_in_use() {
    let timeout = of_a_second();
    let longer = TimeoutConfig {
        seconds: A_SECOND * 3,
        ..timeout.config()
    };
    timeout.reconfigure(longer).expect("in range");
    assert_eq!(timeout.call(|| take(A_SECOND * 2)).await, Ok("done"));
    let wrong = TimeoutConfig {
        total: Some(Duration::ZERO),
        ..timeout.config()
    };
    let error = timeout.reconfigure(wrong).expect_err("out of range");
    assert_eq!(
        error.to_string(),
        "total must be more than 0 and at most ten years, not 0ns"
    );
}

#[tokio::test(start_paused = true)]
async fn the_longest_time_is_no_overflow() {
    let timeout = timeout(TimeoutConfig {
        seconds: crate::duration::LONGEST,
        ..TimeoutConfig::default()
    });
    assert_eq!(timeout.call(|| take(A_SECOND)).await, Ok("done"));
}
