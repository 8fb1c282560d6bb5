//! Work that falls into parts, done by all processors.

use std::{
    num::NonZero,
    panic,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// The stack of a main thread: types and tables nest as deeply as a document lets them.
const STACK: usize = 8 << 20;

/// Fewer parts are done sooner than a thread begins.
const WORTH_A_THREAD: usize = 16;

/// Makes something of each part. The results come in the order of the parts, however they were
/// shared out.
pub(crate) fn map<P: Sync, R: Send>(parts: &[P], make: impl Fn(&P) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let helpers = (processors - 1).min(parts.len() / WORTH_A_THREAD);
    let next = AtomicUsize::new(0);
    let made: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(parts.len()));
    let work = || {
        let mut own = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(index) else { break };
            own.push((index, make(part)));
        }
        made.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(own);
    };
    thread::scope(|scope| {
        for _ in 0..helpers {
            // Where the system gives no thread, the others do its part.
            let _ = thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, work);
        }
        work();
    });
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_unstable_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, result)| result).collect()
}

/// Does two things at once: one on a thread of its own, one here.
pub(crate) fn both<A: Send, B>(
    aside: impl FnOnce() -> A + Send,
    here: impl FnOnce() -> B,
) -> (A, B) {
    let waiting = Mutex::new(Some(aside));
    let take = || {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.take()
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || take().map(|aside| aside()));
        let done_here = here();
        // Where the system has given no thread, or no time to it, both are done here.
        let done_aside = match take() {
            Some(aside) => Some(aside()),
            None => thread.ok().and_then(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|reason| panic::resume_unwind(reason))
            }),
        };
        (done_aside.expect("whoever took it has done it"), done_here)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_things_are_done_and_a_panic_is_told() {
        assert_eq!(both(|| 1, || "here"), (1, "here"));
        let told = panic::catch_unwind(|| both(|| panic!("aside"), thread::yield_now));
        assert!(told.is_err());
    }

    #[test]
    fn results_come_in_the_order_of_the_parts() {
        for count in [0, 1, WORTH_A_THREAD, 1000] {
            let parts: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = parts.iter().map(|part| part * 2).collect();
            assert_eq!(map(&parts, |part| part * 2), doubled);
        }
    }
}
