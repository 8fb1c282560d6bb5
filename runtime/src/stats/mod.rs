//! Numbers that patterns keep about themselves, cheap enough for every call.

mod counters;
#[cfg(feature = "ratelimit")]
mod histogram;
mod line;
mod slot;
mod slots;

pub(crate) use self::counters::Counters;
#[cfg(feature = "ratelimit")]
pub(crate) use self::histogram::Histogram;
