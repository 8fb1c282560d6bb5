//! One question to a cache: what is kept, or a call, or to wait for that of another.

use std::sync::Arc;
use std::{fmt, panic};

use tokio::task::JoinHandle;

use super::entry::Found;
use super::flights::{Departure, Seat};
use super::store::{Count, Inner};
use super::{Cache, CacheKey, CacheState, CacheValue, Cached};
use crate::Mode;

/// What to do for a key; for those who make the calls themselves.
#[must_use = "a call may have to be made"]
pub enum Ask<K: CacheKey, V: CacheValue, E: CacheValue> {
    /// This is the answer.
    Given(Cached<V>),
    /// This is the answer, and this call is to be made for those who come later.
    Refresh(Cached<V>, CacheCall<K, V, E>),
    /// This failure is kept.
    Failed(E),
    /// The call is to be made, and to be waited for.
    Lead(CacheCall<K, V, E>, CacheWait<K, V, E>),
    /// Another makes the call.
    Join(CacheWait<K, V, E>),
    /// The cache does not act: the call is to be made as if it were not there, and, where this is
    /// `true`, its answer [kept](Cache::insert).
    Pass(bool),
}

/// A call that is made for all who ask.
///
/// Dropped before it has [landed](Self::land), by a panic or because nobody waits for it any more,
/// it tells those who wait that there is no outcome.
pub struct CacheCall<K: CacheKey, V: CacheValue, E: CacheValue> {
    inner: Arc<Inner<K, V, E>>,
    key: K,
    departure: Departure<V, E>,
}

/// Waiting for the outcome of a call. When nobody waits any more, the call is dropped.
pub struct CacheWait<K: CacheKey, V: CacheValue, E: CacheValue> {
    inner: Arc<Inner<K, V, E>>,
    key: K,
    seat: Seat<K, V, E>,
}

/// What became of a caller for whom nothing was found.
enum Boarding<K: CacheKey, V: CacheValue, E: CacheValue> {
    Joined(Seat<K, V, E>),
    Leads(Seat<K, V, E>, Departure<V, E>),
    /// Another call landed just now.
    Found(Found<V, E>),
}

impl<K: CacheKey, V: CacheValue, E: CacheValue> Cache<K, V, E> {
    /// What to do for a key. [`get_or_call`](Self::get_or_call) does it.
    pub fn ask(&self, key: &K) -> Ask<K, V, E> {
        match self.inner.core.mode() {
            Mode::Off => Ask::Pass(false),
            Mode::Shadow => {
                self.inner.count_in_shadow(key);
                Ask::Pass(true)
            }
            Mode::Enforce => self.ask_with(key, self.inner.look_up(key)),
        }
    }

    /// What to do for a key for which this was found.
    fn ask_with(&self, key: &K, mut found: Found<V, E>) -> Ask<K, V, E> {
        let inner = &self.inner;
        if matches!(found, Found::Nothing) {
            inner.count(Count::Miss);
            found = match inner.board(key) {
                Boarding::Found(found) => found,
                Boarding::Joined(seat) => {
                    inner.count(Count::Joined);
                    return Ask::Join(inner.wait(key, seat));
                }
                Boarding::Leads(seat, departure) => {
                    return Ask::Lead(inner.call(key, departure), inner.wait(key, seat));
                }
            };
        }
        match found {
            Found::Fresh(value, age) => {
                inner.count(Count::Hit);
                Ask::Given(Cached::new(value, age, CacheState::Hit))
            }
            Found::Stale(value, age) => {
                inner.count(Count::Stale);
                let cached = Cached::new(value, age, CacheState::Stale);
                match inner.refresh(key) {
                    Some(call) => Ask::Refresh(cached, call),
                    None => Ask::Given(cached),
                }
            }
            Found::StaleForFailure(value, age) => Ask::Given(inner.in_place(value, age)),
            Found::Failure(failure) => {
                inner.count(Count::FailureHit);
                Ask::Failed(failure)
            }
            Found::Nothing => unreachable!("who finds nothing boards"),
        }
    }

    /// The answer of this key: the one that is kept, or that of the call, which is made for all
    /// who ask for it meanwhile.
    ///
    /// The call runs on a task of its own. It is dropped when nobody waits for it any more. If it
    /// panics, so does this, and another who waits makes his own call. An answer that is old and
    /// may be given all the same is given at once, and the call then runs to its end for those
    /// who come later.
    ///
    /// # Errors
    ///
    /// The call's own error, for all who waited for it; or one that is kept.
    ///
    /// # Panics
    ///
    /// When the call panics, or no tokio runtime is running.
    pub async fn get_or_call<F, Fut>(&self, key: K, f: F) -> Result<Cached<V>, E>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<V, E>> + Send + 'static,
    {
        let ask = if self.inner.core.mode() == Mode::Enforce {
            match self.inner.look_up(&key) {
                Found::Fresh(value, age) => {
                    self.inner.count(Count::Hit);
                    return Ok(Cached::new(value, age, CacheState::Hit));
                }
                found => self.ask_with(&key, found),
            }
        } else {
            self.ask(&key)
        };
        // In a box, so that who finds what is asked for pays for nothing else.
        Box::pin(self.answer_or_call(key, ask, f)).await
    }

    /// Does what is to be done for a key.
    async fn answer_or_call<F, Fut>(
        &self,
        key: K,
        mut ask: Ask<K, V, E>,
        f: F,
    ) -> Result<Cached<V>, E>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<V, E>> + Send + 'static,
    {
        loop {
            match ask {
                Ask::Given(cached) => return Ok(cached),
                Ask::Failed(failure) => return Err(failure),
                Ask::Refresh(cached, call) => {
                    call.spawn(async move |call| call.land(f().await, true));
                    return Ok(cached);
                }
                Ask::Join(wait) => {
                    if let Some(outcome) = wait.outcome().await {
                        return outcome;
                    }
                }
                Ask::Lead(call, wait) => {
                    let task = call.spawn(async move |call| call.land(f().await, true));
                    if let Some(outcome) = wait.outcome().await {
                        return outcome;
                    }
                    match task.await.map_err(tokio::task::JoinError::try_into_panic) {
                        Err(Ok(payload)) => panic::resume_unwind(payload),
                        _ => panic!("the runtime was shut down while a call was on its way"),
                    }
                }
                Ask::Pass(keeps) => {
                    let value = f().await?;
                    if keeps {
                        self.insert(key, value.clone());
                    }
                    return Ok(Cached::of_a_call(value));
                }
            }
            ask = self.ask(&key);
        }
    }
}

impl<K: CacheKey, V: CacheValue, E: CacheValue> CacheCall<K, V, E> {
    /// Makes the call on a task of its own, which is dropped when nobody waits for it any more.
    ///
    /// # Panics
    ///
    /// When no tokio runtime is running.
    pub fn spawn<F, Fut>(self, make: F) -> JoinHandle<()>
    where
        F: FnOnce(Self) -> Fut,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let (inner, key) = (Arc::clone(&self.inner), self.key.clone());
        let number = self.departure.number;
        // Not while the table is locked: a runtime that shuts down drops the task at once, which
        // takes the flight from the table.
        let task = tokio::spawn(make(self));
        inner.flights.departed(&key, number, task.abort_handle());
        task
    }

    /// Tells all who wait what came of the call. `keep`: it is for those who come later, too; a
    /// failure as far as the configuration keeps failures.
    pub fn land(self, outcome: Result<V, E>, keep: bool) {
        let inner = &self.inner;
        if outcome.is_err() {
            inner.count(Count::Failure);
        }
        {
            let mut table = inner.flights.lock();
            // What was invalidated meanwhile is told to those who wait, and not kept.
            if table.land(&self.key, self.departure.number) && keep {
                match &outcome {
                    Ok(value) => inner.keep(self.key.clone(), value.clone()),
                    Err(failure) if inner.times.keeps_failures() => {
                        inner.keep_failure(self.key.clone(), failure.clone());
                    }
                    Err(_) => {}
                }
            }
        }
        self.departure.outcome.send_replace(Some(outcome));
    }
}

impl<K: CacheKey, V: CacheValue, E: CacheValue> Drop for CacheCall<K, V, E> {
    fn drop(&mut self) {
        let mut table = self.inner.flights.lock();
        table.land(&self.key, self.departure.number);
    }
}

impl<K: CacheKey, V: CacheValue, E: CacheValue> CacheWait<K, V, E> {
    /// What came of the call, or an old answer in place of a failure. `None`: nothing did, because
    /// it panicked or was dropped; ask again.
    pub async fn outcome(mut self) -> Option<Result<Cached<V>, E>> {
        let outcome = self.seat.outcome().await?;
        Some(self.inner.answer(&self.key, outcome))
    }
}

impl<K: CacheKey, V: CacheValue, E: CacheValue> Inner<K, V, E> {
    /// Joins the call of this key, or is the one to make it.
    fn board(&self, key: &K) -> Boarding<K, V, E> {
        let mut table = self.flights.lock();
        if let Some(seat) = table.join(key, &self.flights) {
            return Boarding::Joined(seat);
        }
        match self.look_up(key) {
            Found::Nothing => {}
            found => return Boarding::Found(found),
        }
        let departure = table.depart(key, false);
        match table.join(key, &self.flights) {
            Some(seat) => Boarding::Leads(seat, departure),
            None => unreachable!("the flight was entered just now"),
        }
    }

    /// A call for those who come later, unless one is on its way.
    fn refresh(self: &Arc<Self>, key: &K) -> Option<CacheCall<K, V, E>> {
        let mut table = self.flights.lock();
        let departure = (!table.has(key)).then(|| table.depart(key, true));
        drop(table);
        departure.map(|departure| self.call(key, departure))
    }

    fn call(self: &Arc<Self>, key: &K, departure: Departure<V, E>) -> CacheCall<K, V, E> {
        CacheCall {
            inner: Arc::clone(self),
            key: key.clone(),
            departure,
        }
    }

    fn wait(self: &Arc<Self>, key: &K, seat: Seat<K, V, E>) -> CacheWait<K, V, E> {
        CacheWait {
            inner: Arc::clone(self),
            key: key.clone(),
            seat,
        }
    }

    fn count_in_shadow(&self, key: &K) {
        self.count(match self.look_up(key) {
            Found::Fresh(..) => Count::Hit,
            Found::Stale(..) => Count::Stale,
            Found::StaleForFailure(..) => Count::StaleOnError,
            Found::Failure(_) => Count::FailureHit,
            Found::Nothing => Count::Miss,
        });
    }
}

impl<K: CacheKey, V: CacheValue, E: CacheValue> fmt::Debug for Ask<K, V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without what is kept, which is not for logs.
        f.write_str(match self {
            Self::Given(_) => "Given",
            Self::Refresh(..) => "Refresh",
            Self::Failed(_) => "Failed",
            Self::Lead(..) => "Lead",
            Self::Join(_) => "Join",
            Self::Pass(_) => "Pass",
        })
    }
}

impl<K: CacheKey, V: CacheValue, E: CacheValue> fmt::Debug for CacheCall<K, V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheCall").finish_non_exhaustive()
    }
}

impl<K: CacheKey, V: CacheValue, E: CacheValue> fmt::Debug for CacheWait<K, V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheWait").finish_non_exhaustive()
    }
}
