//! Where the time of a run goes.

use std::{
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What a run is at, for whoever looks on from another thread.
#[derive(Clone, Debug, Default)]
pub struct Phase(Arc<Mutex<&'static str>>);

impl Phase {
    pub(crate) fn set(&self, phase: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = phase;
    }

    /// The name of the phase that was begun last; none yet is no text.
    pub fn get(&self) -> &'static str {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long each phase of a run took, in their order.
#[derive(Clone, Debug, Default)]
pub struct Timings {
    phases: Vec<(&'static str, Duration)>,
    current: Phase,
}

impl Timings {
    /// Timings of a run that somebody looks on at.
    pub fn telling(current: Phase) -> Self {
        Self {
            phases: Vec::new(),
            current,
        }
    }

    /// Runs a phase and notes how long it takes.
    pub(crate) fn measure<T>(&mut self, phase: &'static str, run: impl FnOnce() -> T) -> T {
        self.current.set(phase);
        let begin = Instant::now();
        let result = run();
        self.phases.push((phase, begin.elapsed()));
        result
    }

    /// The phases that were reached, and how long each took.
    pub fn phases(&self) -> &[(&'static str, Duration)] {
        &self.phases
    }

    /// All of them together.
    pub fn total(&self) -> Duration {
        self.phases.iter().map(|(_, took)| *took).sum()
    }
}

/// The most memory that this process has held, in bytes, where the system tells.
pub fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_noted_in_their_order() {
        let mut timings = Timings::default();
        assert_eq!(timings.measure("read", || 1), 1);
        timings.measure("write", || ());
        let names: Vec<_> = timings.phases().iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["read", "write"]);
        assert_eq!(
            timings.total(),
            timings.phases()[0].1 + timings.phases()[1].1
        );
    }
}
