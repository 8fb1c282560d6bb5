use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The last good answer to one question.
///
/// Answers to different questions need one each: what one caller was told is not for another.
///
/// ```
/// use failsafe_runtime::fallback::LastGood;
///
/// let rates = LastGood::new();
/// assert_eq!(rates.get(), None);
/// rates.keep(&1.08);
/// assert_eq!(rates.get(), Some(1.08));
/// ```
pub struct LastGood<T>(Mutex<Option<T>>);

impl<T: Clone> LastGood<T> {
    /// No answer yet.
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Keeps a copy of an answer in place of the one before. What is large is best kept behind an
    /// [`Arc`](std::sync::Arc).
    pub fn keep(&self, answer: &T) {
        let answer = answer.clone();
        let before = self.lock().replace(answer);
        // Not under the lock: it may be large.
        drop(before);
    }

    /// A copy of the answer.
    pub fn get(&self) -> Option<T> {
        self.lock().clone()
    }

    /// Forgets the answer.
    pub fn clear(&self) {
        let before = self.lock().take();
        drop(before);
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        // A clone that panicked has changed nothing.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Default for LastGood<T> {
    fn default() -> Self {
        Self::new()
    }
}

// Derived, it would show the answer, which is not for everybody to read.
impl<T> fmt::Debug for LastGood<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastGood").finish_non_exhaustive()
    }
}
