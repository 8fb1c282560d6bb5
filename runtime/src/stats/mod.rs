//! Numbers that patterns keep about themselves, cheap enough for every call.

mod counters;
#[cfg(feature = "ratelimit")]
mod histogram;
mod slot;

pub(crate) use self::counters::Counters;
#[cfg(feature = "ratelimit")]
pub(crate) use self::histogram::Histogram;
