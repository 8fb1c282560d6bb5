use super::probe::{Client, Probe};
use super::{Fault, Stack, check, prove};
use crate::registry::PatternKind;
use crate::service::stack::Before;

/// What the document says of a feature toggle.
#[derive(Clone, Copy, Debug)]
pub struct FeatureTogglePolicy {
    /// The operation's id.
    pub operation: &'static str,
    /// Its patterns.
    pub stack: Stack,
    /// Whether the feature is on when the service starts.
    pub enabled: bool,
    /// How those are answered for whom it is off.
    pub status: u16,
    /// For so many of the clients it is on.
    pub percentage: f64,
}

const CLIENTS: u16 = 400;
/// What may be missing in a share of so few clients, or be too much: five times its deviation.
const TOLERANCE: f64 = 12.5;

/// Proves of each toggle that it lets in the share of clients that it should, and always the same
/// ones, refuses the others with its status, and follows its switch.
///
/// # Panics
///
/// When a policy does not hold.
pub fn feature_toggles(policies: &[FeatureTogglePolicy]) {
    prove(
        PatternKind::FeatureToggle,
        policies,
        |policy| (policy.operation, policy.stack),
        holds,
    );
}

async fn holds(policy: &FeatureTogglePolicy, probe: &Probe) -> Result<(), Fault> {
    let Some(Before::FeatureToggle(toggle)) = probe.before() else {
        return Err("there is no feature toggle".to_owned());
    };
    check(toggle.is_enabled() == policy.enabled, || {
        format!(
            "the feature is not as it should be at first: {}",
            policy.enabled
        )
    })?;
    toggle.turn_off();
    let refused = probe.ask().await;
    refused.was_refused(policy.status, "feature_disabled", "a call while it is off")?;
    toggle.turn_on();
    if policy.percentage >= 100.0 {
        return probe.ask().await.was_answered("a call while it is on");
    }
    let mut let_in = 0_u16;
    for client in (1..=CLIENTS).map(Client) {
        let first = probe.ask_as(client, &[]).await;
        let again = probe.ask_as(client, &[]).await;
        check(first.status == again.status, || {
            format!(
                "client {} was answered with {} and {}",
                client.0, first.status, again.status
            )
        })?;
        if first.status == 200 {
            let_in += 1;
        } else {
            first.was_refused(
                policy.status,
                "feature_disabled",
                "a client outside the share",
            )?;
        }
    }
    let percent = f64::from(let_in) * 100.0 / f64::from(CLIENTS);
    check((percent - policy.percentage).abs() <= TOLERANCE, || {
        format!(
            "{percent} % of the clients were let in, not {} %",
            policy.percentage
        )
    })
}
