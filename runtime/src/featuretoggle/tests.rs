use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use proptest::prelude::*;

use super::share::{Share, place};
use super::*;
use crate::Mode;
use crate::registry::Pattern;

fn toggle(config: FeatureToggleConfig) -> FeatureToggle {
    FeatureToggle::new("test", config).expect("in range")
}

fn on_for(percentage: f64) -> FeatureToggle {
    toggle(FeatureToggleConfig {
        percentage,
        ..FeatureToggleConfig::default()
    })
}

fn counter(toggle: &FeatureToggle, name: &str) -> u64 {
    let snapshot = toggle.snapshot();
    let found = snapshot
        .counters
        .iter()
        .find(|counter| counter.name == name);
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

#[tokio::test]
async fn on_it_lets_everybody_pass() {
    let toggle = on_for(100.0);
    for client in [None, Some("a"), Some("")] {
        toggle.check(client).expect("on");
        toggle.admit(client).await.expect("on");
    }
    let answer = toggle.call(|| async { Err::<(), _>("its own") }).await;
    assert_eq!(answer, Err(FeatureToggleError::Inner("its own")));
    assert_eq!(counter(&toggle, "enabled"), 7);
    assert_eq!(toggle.snapshot().state, "enabled");
}

#[tokio::test]
async fn off_it_refuses_everybody_and_the_call_is_not_made() {
    let toggle = toggle(FeatureToggleConfig {
        enabled: false,
        status: 404,
        ..FeatureToggleConfig::default()
    });
    let called = Cell::new(false);
    let answer = toggle
        .call_for(Some("a"), || async {
            called.set(true);
            Ok::<_, ()>(())
        })
        .await;
    let expected = FeatureDisabled { status: 404 };
    assert_eq!(answer, Err(FeatureToggleError::Disabled(expected)));
    assert!(!called.get());
    assert_eq!(counter(&toggle, "disabled"), 1);
    assert_eq!(toggle.snapshot().state, "disabled");
}

#[test]
fn every_switch_is_the_same_switch() {
    let toggle = on_for(100.0);
    toggle.turn_off();
    assert!(!toggle.config().enabled);
    assert!(toggle.check(None).is_err());
    toggle.turn_on();
    Pattern::set_enabled(&toggle, false);
    assert!(!toggle.is_enabled());
    let half = FeatureToggleConfig {
        percentage: 50.0,
        ..toggle.config()
    };
    toggle.reconfigure(half).expect("in range");
    assert!(!toggle.is_enabled(), "another key does not switch it on");
    let on = FeatureToggleConfig {
        enabled: true,
        ..toggle.config()
    };
    toggle.reconfigure(on).expect("in range");
    assert!(toggle.is_enabled());
}

#[test]
fn who_is_in_stays_in_when_the_share_grows() {
    let toggle = on_for(0.0);
    let clients: Vec<String> = (0..200).map(|n| format!("client {n}")).collect();
    let mut before = Vec::new();
    for percentage in [0.0, 1.0, 10.0, 50.0, 99.5, 100.0] {
        let config = FeatureToggleConfig {
            percentage,
            ..toggle.config()
        };
        toggle.reconfigure(config).expect("in range");
        let is_in: Vec<_> = clients
            .iter()
            .filter(|client| toggle.check(Some(client)).is_ok())
            .collect();
        assert!(before.iter().all(|client| is_in.contains(client)));
        before = is_in;
    }
    assert_eq!(before.len(), clients.len());
}

#[test]
fn who_is_not_known_belongs_to_no_share() {
    assert!(on_for(99.9).check(None).is_err());
    assert!(on_for(100.0).check(None).is_ok());
}

/// These numbers, which were computed by another program, must never change: clients would move in
/// and out with a release.
#[test]
fn a_client_stands_where_it_stood_in_every_release() {
    assert_eq!(place("", ""), 0xb903_4ad3);
    assert_eq!(place("checkout", "client 7"), 0xf9d1_7c87);
    assert_eq!(place("search", "kunde ü"), 0xeeef_d3b2);
    assert_ne!(place("checkout", "client 7"), place("search", "client 7"));
    assert_ne!(place("ab", "c"), place("a", "bc"));
}

#[test]
fn similar_clients_spread_evenly() {
    let mut tenths = [0_u32; 10];
    for n in 0..100_000 {
        let place = place("checkout", &format!("10.0.{}.{}", n / 256, n % 256));
        tenths[((u64::from(place) * 10) >> 32) as usize] += 1;
    }
    assert!(
        tenths.iter().all(|n| (9_500..10_500).contains(n)),
        "{tenths:?}"
    );
}

proptest! {
    #[test]
    fn a_share_is_as_large_as_it_says(percentage in 0.0..=100.0_f64, feature in "[a-z]{0,9}") {
        let share = Share::of_percent(percentage);
        let clients = (0..2000).filter(|n| share.includes(&feature, &n.to_string())).count();
        let expected = percentage / 100.0 * 2000.0;
        // Five standard deviations of a fair draw.
        prop_assert!((clients as f64 - expected).abs() <= 5.0 * 22.4 + 1.0, "{clients} of {expected}");
    }

    #[test]
    fn shares_include_each_other(
        one in 0.0..=100.0_f64, other in 0.0..=100.0_f64, client in ".*", feature in ".*",
    ) {
        let (small, large) = (Share::of_percent(one.min(other)), Share::of_percent(one.max(other)));
        prop_assert!(small <= large);
        prop_assert!(!small.includes(&feature, &client) || large.includes(&feature, &client));
        prop_assert!(Share::EVERYBODY.includes(&feature, &client));
        prop_assert!(!Share::of_percent(0.0).includes(&feature, &client));
    }
}

#[test]
fn shadow_counts_whom_it_would_refuse() {
    let toggle = toggle(FeatureToggleConfig {
        enabled: false,
        mode: Mode::Shadow,
        ..FeatureToggleConfig::default()
    });
    for _ in 0..7 {
        toggle.check(None).expect("shadow");
    }
    assert_eq!(counter(&toggle, "shadow_disabled"), 7);
    assert_eq!(counter(&toggle, "disabled"), 0);
}

#[test]
fn with_its_mode_off_there_is_no_toggle() {
    let toggle = on_for(0.0);
    toggle.turn_off();
    toggle.set_mode(Mode::Off);
    toggle.check(None).expect("no toggle");
    assert_eq!(counter(&toggle, "enabled"), 0);
    toggle.set_mode(Mode::Enforce);
    assert!(toggle.check(None).is_err(), "the switch was kept");
}

#[test]
fn events_tell_when_it_was_switched() {
    let toggle = on_for(100.0);
    let events = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    assert!(toggle.on_event(move |event| seen.lock().expect("no panic").push(*event)));
    assert!(!toggle.on_event(|_| ()));
    toggle.turn_on();
    toggle.turn_off();
    toggle.turn_off();
    let _ = toggle.check(None);
    toggle
        .reconfigure(FeatureToggleConfig::default())
        .expect("in range");
    let expected = [
        FeatureToggleEvent::Disabled,
        FeatureToggleEvent::Rejected,
        FeatureToggleEvent::Enabled,
    ];
    assert_eq!(*events.lock().expect("no panic"), expected);
}

#[test]
fn what_is_out_of_range_is_refused() {
    let toggle = on_for(50.0);
    for wrong in [-1.0, 100.1, f64::NAN, f64::INFINITY] {
        let config = FeatureToggleConfig {
            percentage: wrong,
            ..toggle.config()
        };
        toggle.reconfigure(config).expect_err("out of range");
    }
    for wrong in [0, 200, 399, 600] {
        let config = FeatureToggleConfig {
            status: wrong,
            ..toggle.config()
        };
        toggle.reconfigure(config).expect_err("out of range");
    }
    assert_eq!(toggle.config().percentage, 50.0);
}

#[tokio::test]
async fn a_cancelled_call_leaves_nothing_behind() {
    let toggle = on_for(100.0);
    {
        let call = std::pin::pin!(toggle.call(std::future::pending::<Result<(), ()>>));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(call.poll(&mut cx).is_pending());
    }
    assert_eq!(toggle.call(|| async { Ok::<_, ()>(()) }).await, Ok(()));
}

/// A check sees the switch, the share and the status of one configuration.
#[test]
fn two_threads_that_hammer_see_no_half_of_a_configuration() {
    let toggle = on_for(100.0);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    if let Err(disabled) = toggle.check(Some("client")) {
                        assert_eq!(disabled.status, 503, "only what is off answers so");
                    }
                }
            });
        }
        for round in 0..10_000 {
            let enabled = round % 2 == 0;
            let config = FeatureToggleConfig {
                enabled,
                status: if enabled { 403 } else { 503 },
                ..FeatureToggleConfig::default()
            };
            toggle.reconfigure(config).expect("in range");
        }
        done.store(true, Relaxed);
    });
}

#[cfg(feature = "open-feature")]
mod of_a_provider {
    use std::time::Duration;

    use open_feature::provider::{FeatureProvider, ProviderMetadata, ResolutionDetails};
    use open_feature::{
        EvaluationContext, EvaluationError, EvaluationErrorCode, EvaluationResult, OpenFeature,
        StructValue,
    };
    use tokio::time::Instant;

    use super::*;

    /// On for the client "in", off for "out", unknown for "lost", and never answers to "slow".
    struct Flags(ProviderMetadata);

    fn unknown<T>() -> EvaluationResult<T> {
        Err(EvaluationError {
            code: EvaluationErrorCode::FlagNotFound,
            message: None,
        })
    }

    #[open_feature::async_trait]
    impl FeatureProvider for Flags {
        fn metadata(&self) -> &ProviderMetadata {
            &self.0
        }

        async fn resolve_bool_value(
            &self,
            flag: &str,
            context: &EvaluationContext,
        ) -> EvaluationResult<ResolutionDetails<bool>> {
            assert_eq!(flag, "test");
            match context.targeting_key.as_deref() {
                Some("in") => Ok(ResolutionDetails::new(true)),
                Some("out") => Ok(ResolutionDetails::new(false)),
                Some("slow") => std::future::pending().await,
                _ => unknown(),
            }
        }

        async fn resolve_int_value(
            &self,
            _: &str,
            _: &EvaluationContext,
        ) -> EvaluationResult<ResolutionDetails<i64>> {
            unknown()
        }

        async fn resolve_float_value(
            &self,
            _: &str,
            _: &EvaluationContext,
        ) -> EvaluationResult<ResolutionDetails<f64>> {
            unknown()
        }

        async fn resolve_string_value(
            &self,
            _: &str,
            _: &EvaluationContext,
        ) -> EvaluationResult<ResolutionDetails<String>> {
            unknown()
        }

        async fn resolve_struct_value(
            &self,
            _: &str,
            _: &EvaluationContext,
        ) -> EvaluationResult<ResolutionDetails<StructValue>> {
            unknown()
        }
    }

    /// Clients without a provider of their own use another one's, so each test has its domain.
    async fn with_provider(domain: &str, percentage: f64) -> FeatureToggle {
        let mut api = OpenFeature::singleton_mut().await;
        let flags = Flags(ProviderMetadata::new("flags"));
        api.set_named_provider(domain, flags).await;
        let toggle = on_for(percentage);
        assert!(toggle.set_provider(api.create_named_client(domain)));
        assert!(
            !toggle.set_provider(api.create_named_client(domain)),
            "the first stays"
        );
        toggle
    }

    #[tokio::test(start_paused = true)]
    async fn it_decides_in_place_of_the_percentage() {
        let toggle = with_provider("decides", 0.0).await;
        assert!(toggle.admit(Some("in")).await.is_ok());
        assert!(toggle.admit(Some("out")).await.is_err());
        assert!(toggle.check(Some("in")).is_err(), "nobody was asked");
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_not_asked_while_the_feature_is_off() {
        let toggle = with_provider("off", 100.0).await;
        toggle.turn_off();
        assert!(toggle.admit(Some("in")).await.is_err());
        toggle.set_mode(Mode::Off);
        assert!(toggle.admit(Some("out")).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_fails_or_hangs_leaves_it_to_the_percentage() {
        let started = Instant::now();
        let all = with_provider("all", 100.0).await;
        assert!(all.admit(Some("lost")).await.is_ok());
        assert!(all.admit(None).await.is_ok());
        assert_eq!(started.elapsed(), Duration::ZERO);
        assert!(all.admit(Some("slow")).await.is_ok());
        assert_eq!(started.elapsed(), Duration::from_secs(1));
        assert_eq!(counter(&all, "provider_failed"), 3);
        let none = with_provider("none", 0.0).await;
        assert!(none.admit(Some("lost")).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_layer_waits_for_its_answer() {
        use tower::{Layer, ServiceExt, service_fn};

        let toggle = Arc::new(with_provider("layer", 100.0).await);
        let layer =
            FeatureToggleLayer::new(toggle).client_key(|client: &&'static str| Some(*client));
        let service = layer.layer(service_fn(|client: &'static str| async move {
            Ok::<_, ()>(client)
        }));
        for (client, is_in) in [("in", true), ("out", false), ("lost", true)] {
            assert_eq!(
                service.clone().oneshot(client).await.is_ok(),
                is_in,
                "{client}"
            );
        }
    }
}
