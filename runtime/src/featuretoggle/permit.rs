use super::{FeatureDisabled, FeatureToggleError};
use crate::permitted::Permit;

/// The feature is on for a call. There is nothing to give back.
#[derive(Debug)]
pub struct Enabled;

impl Permit for Enabled {
    type Refusal = FeatureDisabled;
    type Error<E> = FeatureToggleError<E>;

    fn end(&mut self, _failed: bool) {}

    fn refused<E>(disabled: FeatureDisabled) -> FeatureToggleError<E> {
        FeatureToggleError::Disabled(disabled)
    }

    fn inner<E>(error: E) -> FeatureToggleError<E> {
        FeatureToggleError::Inner(error)
    }
}
