use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::Mode;

fn chaos(fault_rate: f64, seed: u64) -> Chaos {
    let config = ChaosConfig {
        fault_rate,
        seed,
        ..ChaosConfig::default()
    };
    Chaos::new("test", config).expect("in range")
}

fn faults(chaos: &Chaos, calls: usize) -> Vec<usize> {
    (0..calls)
        .filter(|_| chaos.inject().fault.is_some())
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    let first = faults(&chaos(0.3, 7), 1000);
    assert!((250..350).contains(&first.len()), "{}", first.len());
    let again = chaos(0.3, 7);
    assert_eq!(faults(&again, 1000), first);
    again.reset();
    assert_eq!(faults(&again, 1000), first);
    assert_ne!(faults(&chaos(0.3, 8), 1000), first);
    // A higher rate adds faults and moves none.
    let more = faults(&chaos(0.5, 7), 1000);
    assert!(first.iter().all(|fault| more.contains(fault)));
}

#[test]
fn none_and_all_mean_none_and_all() {
    for seed in 0..10 {
        assert_eq!(faults(&chaos(0.0, seed), 1000).len(), 0);
        assert_eq!(faults(&chaos(1.0, seed), 1000).len(), 1000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_later_or_not_made_at_all() {
    let chaos = chaos(0.0, 0);
    let slow = ChaosConfig {
        latency: Duration::from_millis(250),
        ..chaos.config()
    };
    chaos.reconfigure(slow.clone()).expect("in range");
    let started = Instant::now();
    let call = || async { Ok::<_, &str>(7) };
    assert_eq!(chaos.call(call).await, Ok(7));
    assert_eq!(started.elapsed(), Duration::from_millis(250));
    let broken = ChaosConfig {
        fault_rate: 1.0,
        status: 504,
        ..slow
    };
    chaos.reconfigure(broken).expect("in range");
    let call = || async { panic!("it is not made") };
    let failed: Result<(), ChaosError<&str>> = chaos.call(call).await;
    assert_eq!(
        failed,
        Err(ChaosError::Injected(InjectedFault { status: 504 }))
    );
    assert_eq!(started.elapsed(), Duration::from_millis(500));
    assert_eq!(chaos.snapshot().state, "injecting");
}

#[test]
fn shadow_counts_faults_and_off_does_nothing() {
    let chaos = chaos(1.0, 0);
    chaos.set_mode(Mode::Shadow);
    assert_eq!(faults(&chaos, 10).len(), 0);
    chaos.set_enabled(false);
    assert_eq!(faults(&chaos, 10).len(), 0);
    let snapshot = chaos.snapshot();
    let counted = |name| snapshot.counters.iter().find(|it| it.name == name);
    assert_eq!(counted("shadow_fault").expect("a counter").value, 10);
    assert_eq!(counted("fault").expect("a counter").value, 0);
    assert_eq!(snapshot.state, "quiet");
    chaos.set_enabled(true);
    chaos.set_mode(Mode::Enforce);
    assert_eq!(faults(&chaos, 10).len(), 10);
}

#[test]
fn wrong_values_are_refused_with_their_key() {
    for (config, message) in [
        (
            ChaosConfig {
                fault_rate: 1.5,
                ..ChaosConfig::default()
            },
            "fault_rate must be 0 to 1, not 1.5",
        ),
        (
            ChaosConfig {
                status: 200,
                ..ChaosConfig::default()
            },
            "status must be 400 to 599, not 200",
        ),
        (
            ChaosConfig {
                latency: Duration::MAX,
                ..ChaosConfig::default()
            },
            "latency must be at most ten years",
        ),
    ] {
        let error = config.validate().expect_err("out of range").to_string();
        assert!(error.starts_with(message), "{error}");
    }
}
