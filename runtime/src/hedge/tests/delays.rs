//! When further attempts are made.

use super::*;

fn at_p95() -> Hedge {
    hedge(HedgeConfig {
        delay: HedgeDelay::Percentile(95),
        max_extra: 10.0,
        ..HedgeConfig::default()
    })
}

async fn takes(hedge: &Hedge, time: Duration) {
    let answer = hedge.call(|| async {
        sleep(time).await;
        Ok::<_, ()>(())
    });
    assert_eq!(answer.await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn the_delay_follows_what_calls_take() {
    let hedge = at_p95();
    for n in 0..ENOUGH {
        assert_eq!(hedge.delay(), DELAY, "only {n} calls");
        takes(&hedge, millis(4)).await;
    }
    assert_eq!(hedge.delay(), millis(4));
    // What failed tells nothing of how long a call takes.
    let _ = hedge.call(|| async { Err::<(), _>(()) }).await;
    // A minute later it is not known any more.
    advance(Duration::from_secs(60)).await;
    assert_eq!(hedge.delay(), DELAY);
    for _ in 0..200 {
        takes(&hedge, millis(8)).await;
    }
    assert_eq!(
        hedge.delay(),
        millis(8),
        "nothing of the time before counts"
    );
    hedge.reset();
    assert_eq!(hedge.delay(), DELAY);
}

/// Were only winners looked at, the slow calls would vanish and the delay would shrink for ever.
#[tokio::test(start_paused = true)]
async fn what_is_hedged_does_not_make_the_delay_shrink() {
    let hedge = at_p95();
    for n in 0..1000 {
        let mut calls = 0;
        let call = hedge.call(|| {
            calls += 1;
            let time = if n % 10 == 0 && calls == 1 { 1000 } else { 10 };
            async move {
                sleep(millis(time)).await;
                Ok::<_, ()>(())
            }
        });
        assert_eq!(call.await, Ok(()));
    }
    assert!(hedge.delay() > millis(10), "{:?}", hedge.delay());
}
