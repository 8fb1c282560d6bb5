use std::time::Duration;

use tokio::time::Instant;

use super::HedgeTimedOut;
use crate::Mode;
use crate::clock::Nanos;

/// How far one call has come: its own attempts and its own times, shared with no other call.
#[derive(Clone, Copy, Debug)]
#[must_use = "what becomes of the attempts belongs into it"]
pub struct HedgeState {
    pub(super) mode: Mode,
    /// The attempts that were begun, and those of them that have not failed.
    pub(super) begun: u32,
    pub(super) running: u32,
    /// Something failed that is not tried again.
    pub(super) is_stopped: bool,
    /// Where latencies are looked at: when the call began.
    pub(super) since: Option<Nanos>,
    /// Made when an attempt was found pending.
    pub(super) plan: Option<Plan>,
}

/// What will happen when nothing else does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// When another attempt is started.
    pub(super) next: Option<Instant>,
    /// When the call is given up, and the time that it was given.
    pub(super) end: Option<(Instant, Duration)>,
}

impl HedgeState {
    /// The attempts that were begun, the first included.
    pub fn attempts(&self) -> u32 {
        self.begun
    }

    /// Whether there may be another attempt beside the first, to which the same has to be given.
    pub fn may_repeat(&self) -> bool {
        self.mode == Mode::Enforce && !self.is_stopped
    }

    /// Lets no further attempt begin: one has failed in a way that is not tried again, a panic.
    pub fn stop(&mut self) {
        self.is_stopped = true;
    }
}

/// What to do next in a hedged call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "another attempt may have to be begun"]
pub enum HedgeStep {
    /// Begin another attempt, of this number, beside those that run.
    Begin(u32),
    /// Wait for the attempts that run.
    Wait,
    /// None runs, and none may be begun: the last failure is the call's.
    GiveUp,
    /// The call's time is up: drop all attempts.
    TimedOut(HedgeTimedOut),
}
