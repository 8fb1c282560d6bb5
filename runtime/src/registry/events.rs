//! What happens to the patterns of a service, for whoever wants to know.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::broadcast::{self, error::RecvError};

use super::PatternKind;

/// How far a subscriber may fall behind before it misses something.
const CAPACITY: usize = 1024;

/// Something that happened to a pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The pattern's type.
    pub pattern: PatternKind,
    /// The pattern's name.
    pub name: Arc<str>,
    /// What happened.
    pub what: Occurrence,
}

/// What may happen to a pattern. In shadow, what is refused passes all the same.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(tag = "event", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Occurrence {
    /// A call was refused.
    Rejected {
        /// When to come back, if that is known.
        #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde::option"))]
        retry_after: Option<Duration>,
    },
    /// The pattern went over to another state.
    StateChanged {
        /// The state that it is in from now on, such as `open`.
        to: &'static str,
    },
    /// An attempt failed and another will follow.
    Retrying {
        /// The number of the attempt that will follow; the first call is 1.
        attempt: u32,
        /// The wait before it.
        #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
        wait: Duration,
    },
    /// An attempt failed and no other will follow.
    GaveUp {
        /// The attempts that were made.
        attempts: u32,
    },
    /// A call took longer than it was given.
    TimedOut {
        /// The time that it was given.
        #[cfg_attr(feature = "serde", serde(with = "crate::duration::serde"))]
        after: Duration,
    },
    /// Another attempt was started beside one that was slow.
    Hedged {
        /// The number of the attempt; the first call is 1.
        attempt: u32,
    },
    /// A failure was answered with something else.
    FellBack,
    /// A call failed on purpose.
    Injected,
    /// The limit that the pattern has found moved.
    LimitChanged {
        /// The limit from now on.
        to: u32,
    },
    /// The configuration was replaced.
    Reconfigured,
    /// The pattern was switched on or off.
    Switched {
        /// Whether it is on from now on.
        enabled: bool,
    },
}

/// Where events go: cheap to ask while nobody listens.
#[derive(Clone, Debug, Default)]
pub struct Events(Arc<Bus>);

#[derive(Debug, Default)]
struct Bus {
    subscribers: AtomicUsize,
    /// Made for the first subscriber.
    sender: OnceLock<broadcast::Sender<Event>>,
}

impl Events {
    /// Tells every subscriber. Never waits: who falls behind misses the oldest events, and is
    /// told how many.
    pub(crate) fn emit(
        &self,
        pattern: PatternKind,
        name: &Arc<str>,
        what: impl FnOnce() -> Occurrence,
    ) {
        if self.0.subscribers.load(Ordering::Relaxed) == 0 {
            return;
        }
        if let Some(sender) = self.0.sender.get() {
            // It fails when the last subscriber has just gone.
            let _ = sender.send(Event {
                pattern,
                name: Arc::clone(name),
                what: what(),
            });
        }
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        let sender = self
            .0
            .sender
            .get_or_init(|| broadcast::Sender::new(CAPACITY));
        let receiver = sender.subscribe();
        self.0.subscribers.fetch_add(1, Ordering::Relaxed);
        Subscription {
            receiver,
            missed: 0,
            bus: Arc::clone(&self.0),
        }
    }
}

/// The events of all patterns of a registry, from the moment it was made.
///
/// ```
/// use failsafe_runtime::registry::Occurrence;
/// use failsafe_runtime::{CircuitBreakerConfig, Patterns};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let patterns = Patterns::new();
/// let config = CircuitBreakerConfig { failure_threshold: 1, ..Default::default() };
/// let breaker = patterns.circuit_breaker("search", config)?;
///
/// let mut events = patterns.subscribe();
/// let _ = breaker.call(|| async { Err::<(), _>("broken") }).await;
/// let event = events.next().await;
/// assert_eq!(&*event.name, "search");
/// assert_eq!(event.what, Occurrence::StateChanged { to: "open" });
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Event>,
    missed: u64,
    bus: Arc<Bus>,
}

impl Subscription {
    /// The next event, in the order in which they happened.
    ///
    /// Dropped before it is ready, it takes none away.
    pub async fn next(&mut self) -> Event {
        loop {
            match self.receiver.recv().await {
                Ok(event) => return event,
                Err(RecvError::Lagged(missed)) => self.missed += missed,
                // The bus is kept alive by this very subscription.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// How many events it has missed because [`next`](Self::next) was not called often enough.
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.bus.subscribers.fetch_sub(1, Ordering::Relaxed);
    }
}
