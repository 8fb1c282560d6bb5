//! Calls that are on their way, and those who wait for them.
//!
//! A call belongs to all who wait for its outcome: it runs on a task of its own, so that none of
//! them can hold up the others, and is dropped when the last of them has gone. One that nobody
//! waits for, a refresh, runs to its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::CacheKey;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Flights<K, V, E>(Mutex<Table<K, V, E>>);

/// All flights. Whoever writes answers keeps it locked, so that what is kept and what is on its
/// way change together.
#[derive(Debug)]
pub(super) struct Table<K, V, E> {
    next: u64,
    flights: HashMap<K, Flight<V, E>>,
}

#[derive(Debug)]
struct Flight<V, E> {
    number: u64,
    landed: Landed<V, E>,
    waiting: u32,
    /// It runs to its end though nobody wait for it.
    is_refresh: bool,
    /// None until its task was made.
    task: Option<AbortHandle>,
}

/// Where the outcome of a flight appears.
type Landed<V, E> = watch::Receiver<Option<Result<V, E>>>;

/// A flight that was entered in the table, and is to be made.
pub(super) struct Departure<V, E> {
    pub(super) number: u64,
    pub(super) outcome: watch::Sender<Option<Result<V, E>>>,
}

impl<K: CacheKey, V: Clone, E: Clone> Flights<K, V, E> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Table {
            next: 0,
            flights: HashMap::new(),
        }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Table<K, V, E>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The task of a flight was made.
    pub(super) fn departed(&self, key: &K, number: u64, task: AbortHandle) {
        match self.lock().flights.get_mut(key) {
            Some(flight) if flight.number == number => flight.task = Some(task),
            _ => {}
        }
    }

    /// Somebody does not wait any more.
    fn leave(&self, key: &K, number: u64) {
        let mut table = self.lock();
        let Some(flight) = table.flights.get_mut(key) else {
            return;
        };
        if flight.number != number {
            return;
        }
        flight.waiting -= 1;
        if flight.waiting == 0 && !flight.is_refresh {
            let flight = table.flights.remove(key);
            drop(table);
            if let Some(task) = flight.and_then(|flight| flight.task) {
                task.abort();
            }
        }
    }
}

impl<K: CacheKey, V: Clone, E: Clone> Table<K, V, E> {
    /// Waits for the flight of this key, if there is one.
    pub(super) fn join(
        &mut self,
        key: &K,
        flights: &Arc<Flights<K, V, E>>,
    ) -> Option<Seat<K, V, E>> {
        let flight = self.flights.get_mut(key)?;
        flight.waiting += 1;
        Some(Seat {
            flights: Arc::clone(flights),
            key: key.clone(),
            number: flight.number,
            landed: flight.landed.clone(),
        })
    }

    /// Enters a flight. There must be none of this key.
    pub(super) fn depart(&mut self, key: &K, is_refresh: bool) -> Departure<V, E> {
        let (outcome, landed) = watch::channel(None);
        let number = self.next;
        self.next += 1;
        let flight = Flight {
            number,
            landed,
            waiting: 0,
            is_refresh,
            task: None,
        };
        self.flights.insert(key.clone(), flight);
        Departure { number, outcome }
    }

    pub(super) fn has(&self, key: &K) -> bool {
        self.flights.contains_key(key)
    }

    /// Takes a flight from the table; `false` when it was taken already, and its outcome is not
    /// wanted any more but by those who wait.
    pub(super) fn land(&mut self, key: &K, number: u64) -> bool {
        let is_wanted = self
            .flights
            .get(key)
            .is_some_and(|flight| flight.number == number);
        if is_wanted {
            self.flights.remove(key);
        }
        is_wanted
    }

    /// The outcome of what is on its way now is not to be kept.
    pub(super) fn forget(&mut self, key: &K) {
        self.flights.remove(key);
    }

    pub(super) fn forget_all(&mut self) {
        self.flights.clear();
    }
}

/// Somebody who waits for the outcome of a flight.
#[derive(Debug)]
pub(super) struct Seat<K: CacheKey, V: Clone, E: Clone> {
    flights: Arc<Flights<K, V, E>>,
    key: K,
    number: u64,
    landed: Landed<V, E>,
}

impl<K: CacheKey, V: Clone, E: Clone> Seat<K, V, E> {
    /// The outcome; `None` when there will be none, as the call has panicked.
    pub(super) async fn outcome(&mut self) -> Option<Result<V, E>> {
        let outcome = self.landed.wait_for(Option::is_some).await;
        outcome.ok().and_then(|outcome| outcome.clone())
    }
}

impl<K: CacheKey, V: Clone, E: Clone> Drop for Seat<K, V, E> {
    fn drop(&mut self) {
        self.flights.leave(&self.key, self.number);
    }
}
