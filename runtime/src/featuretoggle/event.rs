use crate::registry::Occurrence;

/// What can be observed of a feature toggle beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeatureToggleEvent {
    /// The feature was switched on.
    Enabled,
    /// The feature was switched off.
    Disabled,
    /// A call was refused. In shadow it is let through all the same.
    Rejected,
}

impl From<&FeatureToggleEvent> for Occurrence {
    fn from(event: &FeatureToggleEvent) -> Self {
        match event {
            FeatureToggleEvent::Enabled => Self::StateChanged { to: "enabled" },
            FeatureToggleEvent::Disabled => Self::StateChanged { to: "disabled" },
            FeatureToggleEvent::Rejected => Self::Rejected { retry_after: None },
        }
    }
}
