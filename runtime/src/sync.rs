//! The atomics and locks of the state machines, in one place so that a model checker can stand in.

pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
pub(crate) use std::sync::{Mutex, MutexGuard};
