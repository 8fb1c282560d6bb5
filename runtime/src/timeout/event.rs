use std::time::Duration;

/// What can be observed of a timeout beside its counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeoutEvent {
    /// A call's time was up. In shadow it goes on all the same.
    Fired {
        /// The time that the call was given.
        after: Duration,
    },
}
