use super::share::Share;
use super::switch::{Position, Switch};
use super::{FeatureDisabled, FeatureToggleConfig, FeatureToggleError, FeatureToggleEvent};
use crate::core::Core;
use crate::registry::{Numbers, PatternKind, PatternSnapshot};
use crate::{ConfigError, Mode};

/// Lets calls of a feature pass while it is on; see the [module](super).
///
/// All methods take `&self`; share it behind an [`Arc`](std::sync::Arc). A check reads two shared
/// words and writes none.
#[derive(Debug)]
pub struct FeatureToggle {
    core: Core<FeatureToggleConfig, dyn Fn(&FeatureToggleEvent) + Send + Sync>,
    switch: Switch,
    #[cfg(feature = "open-feature")]
    provider: std::sync::OnceLock<super::provider::Provider>,
}

crate::core::config!(FeatureToggleConfig, Mode);
crate::registry::pattern::pattern!(FeatureToggle, FeatureToggle);

/// What is counted.
#[derive(Clone, Copy)]
enum Count {
    Enabled,
    Disabled,
    WouldBeDisabled,
    #[cfg(feature = "open-feature")]
    ProviderFailed,
}

impl FeatureToggle {
    /// A toggle of this name, on or off as the configuration says.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub fn new(name: impl Into<String>, config: FeatureToggleConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            switch: Switch::new(&config),
            core: Core::new(name, config)?,
            #[cfg(feature = "open-feature")]
            provider: std::sync::OnceLock::new(),
        })
    }

    /// Leaves the decision to the provider of an OpenFeature client, in place of `percentage`: to
    /// its flag of this toggle's name, with the client's id as the targeting key. There is one;
    /// the first to come stays, and `false` tells the others.
    ///
    /// Only [`admit`](Self::admit), the calls and the layer ask it, and only while the toggle is
    /// switched on. When it fails, has no such flag, or does not answer within a second, the
    /// toggle decides by its own `percentage`, and counts `provider_failed`.
    ///
    /// ```
    /// use failsafe_runtime::{FeatureToggle, FeatureToggleConfig};
    /// use open_feature::OpenFeature;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
    /// let toggle = FeatureToggle::new("new-checkout", FeatureToggleConfig::default())?;
    /// let client = OpenFeature::singleton().await.create_client();
    /// assert!(toggle.set_provider(client));
    /// let may_pass = toggle.admit(Some("client 7")).await.is_ok();
    /// # assert!(may_pass);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "open-feature")]
    pub fn set_provider(&self, client: open_feature::Client) -> bool {
        self.provider
            .set(super::provider::Provider::new(client))
            .is_ok()
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.core.name()
    }

    /// The configuration in force; its `enabled` is where the switch stands.
    pub fn config(&self) -> FeatureToggleConfig {
        (*self.core.config()).clone()
    }

    /// Replaces the configuration while calls are running, the switch included.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub fn reconfigure(&self, config: FeatureToggleConfig) -> Result<(), ConfigError> {
        let is_on = config.enabled;
        let mut before = self.switch.get();
        self.core
            .set(config, |config| before = self.switch.set(config))?;
        self.switched(before, is_on);
        Ok(())
    }

    /// Switches the mode, and nothing else.
    pub fn set_mode(&self, mode: Mode) {
        self.core.set_mode(mode);
    }

    /// Switches the feature on, for the share of clients that is configured.
    pub fn turn_on(&self) {
        self.set_enabled(true);
    }

    /// Switches the feature off, for everybody.
    pub fn turn_off(&self) {
        self.set_enabled(false);
    }

    /// Whether the feature is switched on.
    pub fn is_enabled(&self) -> bool {
        self.switch.get().is_on()
    }

    /// Switches the feature on or off.
    pub fn set_enabled(&self, enabled: bool) {
        let mut before = self.switch.get();
        self.core.change(|config| {
            config.enabled = enabled;
            before = self.switch.set(config);
        });
        self.switched(before, enabled);
    }

    /// Lets the counts of its [`snapshot`](Self::snapshot) begin from zero.
    pub fn forget_counts(&self) {
        self.core.counters.forget();
    }

    /// Does nothing: a toggle remembers nothing but where its switch stands.
    pub fn reset(&self) {}

    /// Tells the listener of every switching and every refusal from now on.
    ///
    /// It is called on the task that caused the event, so it must not block. There is one
    /// listener; the first to come stays, and `false` tells the others.
    pub fn on_event(&self, listener: impl Fn(&FeatureToggleEvent) + Send + Sync + 'static) -> bool {
        self.core.listener.set(Box::new(listener))
    }

    /// Whether the feature is on for a client, by the switch and the `percentage`.
    ///
    /// # Errors
    ///
    /// When it is off, or the client does not belong to the share for whom it is on. A call
    /// without a client belongs to no share below 100 %.
    #[inline]
    pub fn check(&self, client: Option<&str>) -> Result<(), FeatureDisabled> {
        let position = self.switch.get();
        let is_on = position.is_on()
            && (position.share() == Share::EVERYBODY || self.is_in(position.share(), client));
        self.conclude(position, is_on)
    }

    /// The same, or the decision of a provider if there is one.
    ///
    /// # Errors
    ///
    /// When the feature is off for this client.
    #[inline]
    pub async fn admit(&self, client: Option<&str>) -> Result<(), FeatureDisabled> {
        #[cfg(feature = "open-feature")]
        if self.asks_others() {
            return self.ask(client).await;
        }
        self.check(client)
    }

    #[cfg(feature = "open-feature")]
    #[cold]
    async fn ask(&self, client: Option<&str>) -> Result<(), FeatureDisabled> {
        let answer = match self.provider.get() {
            Some(provider) => provider.ask(self.name(), client).await,
            None => None,
        };
        // It may have been switched off meanwhile.
        let position = self.switch.get();
        match answer {
            Some(is_on) => self.conclude(position, is_on && position.is_on()),
            None => {
                self.count(Count::ProviderFailed);
                self.check(client)
            }
        }
    }

    /// Makes the call if the feature is on for calls that belong to no client.
    ///
    /// # Errors
    ///
    /// [`FeatureToggleError::Disabled`] when it is not, or the call's own error.
    #[inline]
    pub fn call<F, Fut, T, E>(&self, f: F) -> impl Future<Output = Result<T, FeatureToggleError<E>>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.call_for(None, f)
    }

    /// Makes the call of a client if the feature is on for it.
    ///
    /// # Errors
    ///
    /// [`FeatureToggleError::Disabled`] when it is not, or the call's own error.
    #[inline]
    pub async fn call_for<F, Fut, T, E>(
        &self,
        client: Option<&str>,
        f: F,
    ) -> Result<T, FeatureToggleError<E>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        self.admit(client)
            .await
            .map_err(FeatureToggleError::Disabled)?;
        f().await.map_err(FeatureToggleError::Inner)
    }

    /// Whether the answer depends on the client.
    #[cfg(feature = "tower")]
    pub(super) fn tells_clients_apart(&self) -> bool {
        self.switch.get().share() != Share::EVERYBODY || self.asks_others()
    }

    /// Whether the answer is a provider's.
    #[cfg(feature = "open-feature")]
    pub(crate) fn asks_others(&self) -> bool {
        self.provider.get().is_some() && self.switch.get().is_on() && self.core.mode() != Mode::Off
    }

    /// Whether the answer is a provider's.
    #[cfg(all(feature = "tower", not(feature = "open-feature")))]
    #[expect(clippy::unused_self, reason = "with OpenFeature it is not")]
    pub(super) fn asks_others(&self) -> bool {
        false
    }

    fn is_in(&self, share: Share, client: Option<&str>) -> bool {
        client.is_some_and(|client| share.includes(self.name(), client))
    }

    #[inline]
    fn conclude(&self, position: Position, is_on: bool) -> Result<(), FeatureDisabled> {
        let mode = self.core.mode();
        if mode == Mode::Off {
            Ok(())
        } else if is_on {
            self.count(Count::Enabled);
            Ok(())
        } else {
            self.refuse(mode, position)
        }
    }

    #[cold]
    fn refuse(&self, mode: Mode, position: Position) -> Result<(), FeatureDisabled> {
        self.count(if mode == Mode::Shadow {
            Count::WouldBeDisabled
        } else {
            Count::Disabled
        });
        self.tell(FeatureToggleEvent::Rejected);
        if mode == Mode::Shadow {
            return Ok(());
        }
        Err(FeatureDisabled {
            status: position.status(),
        })
    }

    fn switched(&self, before: Position, is_on: bool) {
        if before.is_on() != is_on {
            self.tell(if is_on {
                FeatureToggleEvent::Enabled
            } else {
                FeatureToggleEvent::Disabled
            });
        }
    }

    fn tell(&self, event: FeatureToggleEvent) {
        if let Some(listener) = self.core.listener.get() {
            listener(&event);
        }
    }

    #[inline]
    fn count(&self, count: Count) {
        self.core.counters.add(count as usize);
    }

    /// State and numbers at this moment.
    pub fn snapshot(&self) -> PatternSnapshot {
        let count = |count: Count| self.core.counters.get(count as usize);
        let config = self.core.config();
        let mut numbers = Numbers::default();
        numbers
            .counter("enabled", count(Count::Enabled))
            .counter("disabled", count(Count::Disabled))
            .counter("shadow_disabled", count(Count::WouldBeDisabled));
        #[cfg(feature = "open-feature")]
        numbers.counter("provider_failed", count(Count::ProviderFailed));
        numbers
            .gauge("on", f64::from(u8::from(config.enabled)))
            .gauge("percentage", config.percentage);
        let state = if config.enabled {
            "enabled"
        } else {
            "disabled"
        };
        numbers.into_snapshot(
            PatternKind::FeatureToggle,
            self.name(),
            self.core.mode().as_str(),
            state,
        )
    }
}
