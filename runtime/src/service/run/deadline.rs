//! Ends of calls.

use std::time::Duration;

use tokio::time::Instant;

use crate::Mode;
use crate::Timeout;
use crate::service::patience::Patience;
use crate::timeout::Scope;

/// The layer of a deadline that no timeout of the stack has set.
const CALLERS: usize = usize::MAX;

/// When a timeout ends what is inside of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    /// The place of the timeout among the layers; [`CALLERS`] is that of no timeout.
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

    /// The end of the caller's patience, if it has one.
    pub(super) fn of_caller(patience: Patience, spent: Duration) -> Option<Deadline> {
        let after = patience.left?;
        Some(Deadline {
            layer: CALLERS,
            at: Instant::now() + after.saturating_sub(spent),
            after,
            mode: Mode::Enforce,
        })
    }

    /// Whether it is the caller's own. Who does not wait for his answer is as good as gone: his
    /// request is dropped and counts as nothing, or anybody could open a circuit for all.
    pub(super) fn is_callers(&self) -> bool {
        self.layer == CALLERS
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
