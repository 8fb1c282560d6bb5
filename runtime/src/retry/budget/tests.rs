//! Outages in which some of what a service calls is down and the rest is up.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::advance;

use super::super::{BudgetConfig, Jitter, Retry, RetryBudget, RetryConfig};
use crate::FailureKind;

/// Whether an answer comes, and how many calls it was asked for.
#[derive(Default)]
struct Backend {
    is_down: Cell<bool>,
    seen: Cell<u32>,
}

impl Backend {
    fn down() -> Self {
        let this = Self::default();
        this.is_down.set(true);
        this
    }

    async fn call(&self, retry: &Retry) {
        let answer = retry.call(|| async {
            self.seen.set(self.seen.get() + 1);
            match self.is_down.get() {
                true => Err("down"),
                false => Ok(()),
            }
        });
        assert_eq!(answer.await.is_err(), self.is_down.get());
    }
}

fn budget(ratio: f64, min_per_second: u32) -> Arc<RetryBudget> {
    let config = BudgetConfig {
        ratio,
        min_per_second,
    };
    Arc::new(RetryBudget::new(config).expect("in range"))
}

fn operation(budget: &Arc<RetryBudget>) -> Retry {
    let config = RetryConfig {
        attempts: 4,
        delay: Duration::ZERO,
        jitter: Jitter::None,
        ..RetryConfig::default()
    };
    Retry::with_budget("operation", config, Arc::clone(budget)).expect("in range")
}

#[tokio::test(start_paused = true)]
async fn calls_to_what_is_up_pay_for_no_retries_at_what_is_down() {
    for calls_elsewhere in [0, 1, 10] {
        let budget = budget(0.2, 10);
        let [healthy, failing] = [(); 2].map(|()| operation(&budget));
        let (up, down) = (Backend::default(), Backend::down());
        for _ in 0..1000 {
            for _ in 0..calls_elsewhere {
                up.call(&healthy).await;
            }
            down.call(&failing).await;
        }
        assert_eq!(up.seen.get(), 1000 * calls_elsewhere);
        assert_eq!(down.seen.get(), 1200, "beside {calls_elsewhere}");
    }
}

#[tokio::test(start_paused = true)]
async fn several_operations_of_one_backend_together_see_a_fifth_more() {
    let budget = budget(0.2, 10);
    let [healthy, other] = [(); 2].map(|()| operation(&budget));
    let failing = [(); 20].map(|()| operation(&budget));
    let (up, flaky, down) = (Backend::default(), Backend::default(), Backend::down());
    for n in 0..1000_usize {
        up.call(&healthy).await;
        // Now and then something fails elsewhere, too, and may be repeated.
        flaky.is_down.set(n % 50 == 0);
        flaky.call(&other).await;
        down.call(&failing[n % failing.len()]).await;
    }
    let seen = down.seen.get();
    assert!(seen > 1100 && seen <= 1200, "{seen}");
    assert!(flaky.seen.get() > 1000, "nothing is repeated");
}

#[tokio::test(start_paused = true)]
async fn policies_with_budgets_of_their_own_add_nothing_up() {
    let down = Backend::down();
    let policies = [(); 5].map(|()| operation(&budget(0.2, 0)));
    for n in 0..5000_usize {
        down.call(&policies[n % 5]).await;
    }
    assert_eq!(down.seen.get(), 6000);
}

/// Why the documentation says to let backends that go down apart have a retry each.
#[tokio::test(start_paused = true)]
async fn what_one_retry_calls_has_one_share() {
    let retry = operation(&budget(0.2, 0));
    let (up, down) = (Backend::default(), Backend::down());
    for _ in 0..1000 {
        up.call(&retry).await;
        down.call(&retry).await;
    }
    assert_eq!(up.seen.get() + down.seen.get(), 2400);
}

#[tokio::test(start_paused = true)]
async fn the_floor_is_one_for_all() {
    let budget = budget(0.0, 1);
    let operations = [(); 10].map(|()| operation(&budget));
    let down = Backend::down();
    for operation in &operations {
        down.call(operation).await;
    }
    // Ten in ten seconds.
    assert_eq!(down.seen.get(), 10 + 10);
    advance(Duration::from_secs(10)).await;
    down.call(&operations[0]).await;
    assert_eq!(down.seen.get(), 20 + 4);
}

#[tokio::test(start_paused = true)]
async fn what_begins_to_fail_after_an_hour_brings_the_calls_of_ten_seconds() {
    let budget = budget(0.2, 0);
    let (old, new) = (operation(&budget), operation(&budget));
    for _ in 0..3600 {
        let _ = old.start();
    }
    advance(Duration::from_secs(3600)).await;
    // The budget looks at the last seconds at once, and at the hour only now.
    let granted = |retry: &Retry| retry.next(&mut retry.start(), FailureKind::Other).is_some();
    assert!(!granted(&new));
    let taken = (0..100).filter(|_| granted(&old)).count();
    // Ten of the hour's calls, and the hundred of now.
    assert!((20..=22).contains(&taken), "{taken}");
}

#[cfg(feature = "hedge")]
#[tokio::test(start_paused = true)]
async fn a_hedge_within_a_retry_adds_nothing() {
    use crate::{Hedge, HedgeConfig, HedgeDelay};

    let config = HedgeConfig {
        delay: HedgeDelay::After(Duration::from_millis(10)),
        ..HedgeConfig::default()
    };
    let hedge = Hedge::new("operation", config).expect("in range");
    let retry = operation(&budget(0.2, 0));
    let seen = Cell::new(0);
    for n in 0..1000 {
        let backend = || async {
            seen.set(seen.get() + 1);
            // It fails at once, or leaves its callers waiting.
            if n % 2 == 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err::<(), _>("down")
        };
        let hedged = || async { hedge.call(backend).await.map_err(|_| "down") };
        retry.call(hedged).await.expect_err("it is down");
        advance(Duration::from_millis(1)).await;
    }
    let seen = seen.get();
    assert!(seen > 1100 && seen <= 1200, "{seen}");
}

proptest! {
    /// Whatever fails when, no operation sees more than its own share, and what is down together
    /// never more than theirs or the floor.
    #[test]
    fn no_mixture_of_outages_costs_anybody_more(
        ratio in 0.0..1.0_f64,
        min_per_second in 0..5_u32,
        steps in prop::collection::vec((0..4_usize, any::<bool>(), 0..3_000_u64), 1..300),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let budget = budget(ratio, min_per_second);
            let operations = [(); 4].map(|()| operation(&budget));
            let (mut calls, mut retries) = ([0.0; 4], [0.0; 4]);
            let mut seconds = 10.0;
            for (n, fails, millis) in steps {
                let mut state = operations[n].start();
                calls[n] += 1.0;
                if fails && operations[n].next(&mut state, FailureKind::Other).is_some() {
                    retries[n] += 1.0;
                }
                let floor = f64::from(min_per_second) * seconds;
                for (calls, retries) in calls.iter().zip(&retries) {
                    assert!(*retries <= ratio * calls + floor + 1e-3, "{retries} of {calls}");
                }
                advance(Duration::from_millis(millis)).await;
                seconds += millis as f64 / 1000.0;
            }
        });
    }
}
