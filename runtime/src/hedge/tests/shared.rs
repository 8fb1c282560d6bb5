//! Many calls at once, and changes while they run.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reconfigured_under_load_it_loses_no_call_and_no_attempt() {
    let hedge = Arc::new(eager(3));
    let alive = Arc::new(AtomicU32::new(0));
    let calls = (0..16).map(|_| {
        let (hedge, alive) = (Arc::clone(&hedge), Arc::clone(&alive));
        tokio::spawn(async move {
            for n in 0..200_u32 {
                let mut attempts = 0;
                let call = hedge.call(|| {
                    attempts += 1;
                    // Every third call succeeds at its second attempt only, where it has one.
                    let fails = n % 3 == 0 && attempts == 1;
                    alive.fetch_add(1, Relaxed);
                    let alive = Arc::clone(&alive);
                    async move {
                        tokio::task::yield_now().await;
                        alive.fetch_sub(1, Relaxed);
                        if fails { Err(()) } else { Ok(n) }
                    }
                });
                let answer = call.await;
                let may_fail = attempts == 1 && n % 3 == 0;
                assert!(answer == Ok(n) || may_fail && answer.is_err());
            }
        })
    });
    let calls: Vec<_> = calls.collect();
    for round in 0..1000 {
        let config = HedgeConfig {
            attempts: 1 + round % 3,
            delay: if round % 2 == 0 {
                HedgeDelay::Percentile(90)
            } else {
                HedgeDelay::After(DELAY)
            },
            max_extra: f64::from(round % 5),
            ..HedgeConfig::default()
        };
        hedge.reconfigure(config).expect("in range");
        tokio::task::yield_now().await;
    }
    for call in calls {
        call.await.expect("every call was made");
    }
    assert_eq!(alive.load(Relaxed), 0);
}

#[test]
fn two_threads_that_hammer_share_one_budget() {
    let hedge = hedge(HedgeConfig::default());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..5000 {
                    let mut state = hedge.start();
                    if hedge.failed(&mut state) == HedgeStep::Begin(2) {
                        hedge.succeeded(&state, 2);
                    }
                }
            });
        }
    });
    let (extra, denied) = (
        counter(&hedge, "extra"),
        counter(&hedge, "budget_exhausted"),
    );
    assert_eq!(extra + denied, 10_000);
    assert!((1..=1000).contains(&extra), "{extra}");
    assert_eq!(counter(&hedge, "success"), extra);
    assert_eq!(counter(&hedge, "all_failed"), denied);
}
