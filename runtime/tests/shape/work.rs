//! The call that patterns are put around.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::sleep;

/// How calls fare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    /// They succeed, though not at once.
    Works,
    Fails,
    /// They succeed after three seconds.
    Hangs,
    Panics,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Work(Arc<State>);

#[derive(Debug, Default)]
struct State {
    calls: AtomicU32,
    fate: AtomicU8,
    /// Whether each asks for something else.
    is_of_many: bool,
    asked: AtomicU32,
}

impl Work {
    pub(crate) fn of_many() -> Self {
        Self(Arc::new(State {
            is_of_many: true,
            ..State::default()
        }))
    }

    pub(crate) fn tell(&self, fate: Fate) {
        self.0.fate.store(fate as u8, Relaxed);
    }

    /// How many calls were made.
    pub(crate) fn calls(&self) -> u32 {
        self.0.calls.load(Relaxed)
    }

    /// What the next call asks for.
    pub(crate) fn key(&self) -> u32 {
        match self.0.is_of_many {
            true => self.0.asked.fetch_add(1, Relaxed),
            false => 0,
        }
    }

    pub(crate) fn make(&self) -> impl Future<Output = Result<(), ()>> + Send + use<> {
        let state = Arc::clone(&self.0);
        async move {
            state.calls.fetch_add(1, Relaxed);
            let fate = state.fate.load(Relaxed);
            for _ in 0..3 {
                yield_now().await;
            }
            if fate == Fate::Hangs as u8 {
                sleep(Duration::from_secs(3)).await;
            }
            assert_ne!(fate, Fate::Panics as u8, "on purpose");
            match fate == Fate::Fails as u8 {
                true => Err(()),
                false => Ok(()),
            }
        }
    }
}
