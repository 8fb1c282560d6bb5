//! The request that is being answered while a call to somebody else is made.
//!
//! A call finds its end by itself: it is known by thread while the handler's attempt is polled, as
//! an argument in every method of every webhook would be forgotten. A task that a handler spawns is
//! on its own; [`RequestContext::carry`](crate::service::RequestContext::carry) takes it along.

use std::cell::Cell;

use tokio::time::Instant;

/// What a call to somebody else has to know of the request that it is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Current {
    /// When the attempt will be cut off.
    pub(crate) end: Option<Instant>,
    /// Which attempt it is, from 1.
    pub(crate) attempt: u32,
}

thread_local! {
    static CURRENT: Cell<Option<Current>> = const { Cell::new(None) };
}

/// Does a part of the answer.
pub(crate) fn during<R>(current: Current, part: impl FnOnce() -> R) -> R {
    struct Restore(Option<Current>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.set(self.0);
        }
    }
    let _restore = Restore(CURRENT.replace(Some(current)));
    part()
}

/// The request that is being answered.
pub(super) fn current() -> Option<Current> {
    CURRENT.get()
}
