use std::fmt;
use std::time::Duration;

use crate::{Failure, FailureKind};

/// What there was too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadShedReason {
    /// `max_requests` calls are running.
    Requests,
    /// The queue has reached `max_queue_depth`.
    QueueDepth,
    /// Processor time has reached `cpu_threshold`.
    Cpu,
    /// Memory has reached `memory_threshold`.
    Memory,
}

impl LoadShedReason {
    /// The name that metrics use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::QueueDepth => "queue_depth",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }
}

/// A call was refused to keep the load bearable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadShed {
    /// What there was too much of.
    pub reason: LoadShedReason,
    /// When it is worth trying again: when the load is measured anew, or in a second.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for LoadShed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            LoadShedReason::Requests => "load shed: too many requests are running",
            LoadShedReason::QueueDepth => "load shed: the queue is too long",
            LoadShedReason::Cpu => "load shed: too little processor time is left",
            LoadShedReason::Memory => "load shed: too little memory is left",
        })
    }
}

impl std::error::Error for LoadShed {}

impl Failure for LoadShed {}

/// Why a call through a load shedder failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadShedError<E> {
    /// The load is too high; the call was not made.
    Shed(LoadShed),
    /// The call itself failed.
    Inner(E),
}

impl<E: fmt::Display> fmt::Display for LoadShedError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shed(error) => error.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for LoadShedError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Shed(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

impl<E: Failure> Failure for LoadShedError<E> {
    fn failure_kind(&self) -> FailureKind {
        match self {
            Self::Shed(error) => error.failure_kind(),
            Self::Inner(error) => error.failure_kind(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Shed(error) => error.retry_after,
            Self::Inner(error) => error.retry_after(),
        }
    }
}
