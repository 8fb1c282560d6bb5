use std::time::Duration;

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheState {
    /// It was kept, and is within its `ttl`.
    Hit,
    /// It is that of a call.
    Miss,
    /// It was kept, and is older than its `ttl`.
    Stale,
}

impl CacheState {
    /// The name in capitals, as in an `X-Cache` header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "HIT",
            Self::Miss => "MISS",
            Self::Stale => "STALE",
        }
    }
}

/// An answer, and what the cache knows about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cached<V> {
    /// The answer.
    pub value: V,
    /// The time since it was written to the cache; zero for a new one.
    pub age: Duration,
    /// Where it came from.
    pub state: CacheState,
}

impl<V> Cached<V> {
    pub(super) fn new(value: V, age: Duration, state: CacheState) -> Self {
        Self { value, age, state }
    }

    pub(super) fn of_a_call(value: V) -> Self {
        Self::new(value, Duration::ZERO, CacheState::Miss)
    }
}
