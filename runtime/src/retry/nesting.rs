//! Retries within the attempts of other retries: they must not multiply.
//!
//! Three layers of four attempts each are 64 calls to what is down, and each of the layers sees to
//! its own budget alone. So a call that is made within an attempt is not counted as a call, and its
//! retries come out of the share of the outermost retry: every retry, wherever it is made, is one
//! more call below, and all together are a share of the calls from outside.
//!
//! Which attempt is being made is known by thread while its future is polled. What an attempt
//! spawns as a task of its own is not within it.
//!
//! Over the network nobody shares a budget. There whoever answers a request that was retried in vain
//! says so, and whoever hears it does not retry once more. Retries note here that they ended in vain,
//! and a service reads it while it answers.

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::HashMap;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::BudgetShare;

/// A share of a budget, among all of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ShareId(NonZeroU64);

impl ShareId {
    /// That of a request which is itself a retry of its caller's: nothing is left for others.
    #[cfg(feature = "service")]
    pub(crate) const NOTHING: ShareId = ShareId(NonZeroU64::MAX);

    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let next = NonZeroU64::new(NEXT.fetch_add(1, Relaxed));
        Self(next.expect("nobody makes 2^64 shares"))
    }
}

thread_local! {
    /// Whose share the outermost retry has, whose attempt is being polled.
    static OUTERMOST: Cell<Option<ShareId>> = const { Cell::new(None) };
    /// Whether a retry within the present [`heeding`] ended in vain.
    static IN_VAIN: Cell<bool> = const { Cell::new(false) };
}

type Shares = HashMap<ShareId, Weak<BudgetShare>>;

/// Looked at only after a failure within an attempt. A number by thread and a list of all costs a
/// poll less than a reference that is counted.
static SHARES: LazyLock<Mutex<Shares>> = LazyLock::new(Mutex::default);

/// Makes known who may be the [`payer`].
pub(super) fn register(share: &Arc<BudgetShare>) {
    shares().insert(share.id(), Arc::downgrade(share));
}

pub(super) fn unregister(share: ShareId) {
    shares().remove(&share);
}

/// Does a part of an attempt.
#[inline]
pub(crate) fn within<R>(share: ShareId, part: impl FnOnce() -> R) -> R {
    struct Restore(Option<ShareId>);
    impl Drop for Restore {
        fn drop(&mut self) {
            OUTERMOST.set(self.0);
        }
    }
    let outer = OUTERMOST.get();
    let _restore = Restore(outer);
    OUTERMOST.set(outer.or(Some(share)));
    part()
}

/// Notes that a call has failed in spite of retries, here or further below.
pub(crate) fn note_in_vain() {
    IN_VAIN.set(true);
}

/// Does a part of something, and tells whether a retry within it ended in vain. Those around learn
/// of it as well.
#[cfg(feature = "service")]
#[inline]
pub(crate) fn heeding<R>(part: impl FnOnce() -> R) -> (R, bool) {
    let outer = IN_VAIN.replace(false);
    let done = part();
    let in_vain = IN_VAIN.get();
    IN_VAIN.set(outer || in_vain);
    (done, in_vain)
}

pin_project! {
    /// An attempt, every part of which is done within it.
    // By hand: an `async` block around the future would move it once more.
    pub(super) struct Within<F> {
        #[pin]
        attempt: F,
        share: ShareId,
    }
}

impl<F> Within<F> {
    #[inline]
    pub(super) fn new(share: ShareId, attempt: F) -> Self {
        Self { attempt, share }
    }
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        within(*this.share, || this.attempt.poll(cx))
    }
}

/// Whether an attempt is being made.
#[inline]
pub(super) fn is_within() -> bool {
    OUTERMOST.get().is_some()
}

/// Whose share a retry takes from.
pub(super) enum Payer {
    /// Its own.
    Own,
    /// That of the outermost retry whose attempt is being made.
    Outermost(Arc<BudgetShare>),
    /// Nobody's: the caller retries already.
    #[cfg(feature = "service")]
    Nobody,
}

pub(super) fn payer() -> Payer {
    let Some(id) = OUTERMOST.get() else {
        return Payer::Own;
    };
    #[cfg(feature = "service")]
    if id == ShareId::NOTHING {
        return Payer::Nobody;
    }
    let share = shares().get(&id).and_then(Weak::upgrade);
    share.map_or(Payer::Own, Payer::Outermost)
}

/// Has the retry around an attempt pay for one more call that is none of its own, if there is one.
#[cfg(feature = "hedge")]
pub(crate) fn pays_for_one_more() -> bool {
    match payer() {
        Payer::Own => true,
        Payer::Outermost(share) => share.withdraw(),
        #[cfg(feature = "service")]
        Payer::Nobody => false,
    }
}

fn shares() -> MutexGuard<'static, Shares> {
    SHARES.lock().unwrap_or_else(PoisonError::into_inner)
}
