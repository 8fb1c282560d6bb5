//! Ends of calls.

use std::time::Duration;

use tokio::time::Instant;

use crate::Mode;
use crate::Timeout;
use crate::timeout::Scope;

/// When a timeout ends what is inside of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    /// The place of the timeout among the layers.
    pub(super) layer: usize,
    pub(super) at: Instant,
    pub(super) after: Duration,
    pub(super) mode: Mode,
}

impl Deadline {
    /// `spent`: what the call has already used of its time.
    pub(super) fn begin(
        layer: usize,
        timeout: &Timeout,
        scope: Scope,
        spent: Duration,
    ) -> Option<Deadline> {
        let (after, mode) = timeout.bound(scope)?;
        Some(Deadline {
            layer,
            at: Instant::now() + after.saturating_sub(spent),
            after,
            mode,
        })
    }

    pub(super) fn is_enforced(&self) -> bool {
        self.mode == Mode::Enforce
    }
}

/// What a part of the way is given from outside.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    /// The end of all attempts, waits included, if this part has to see to it.
    pub(super) total: Option<Deadline>,
    /// When it will be cut off from outside.
    pub(super) end: Option<Instant>,
    /// Whether there may be attempts after those of this part.
    pub(super) may_repeat: bool,
}
