//! How much of its processor time and memory the process uses, measured in the background.

mod cgroup;
mod read;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use self::read::Source;
use crate::clock::{Clock, to_nanos};

/// The time from one sample to the next.
const INTERVAL: Duration = Duration::from_millis(500);

/// A load that was not measured, or could not be.
const UNKNOWN: u32 = u32::MAX;

/// How much of its processor time and memory the process uses.
///
/// One thread measures it for the whole process, twice a second and only while some
/// [`LoadShedder`](super::LoadShedder) has a threshold for it. What cannot be measured is not
/// known, and nobody is refused for it; the attempts that failed are counted.
#[derive(Debug)]
pub struct SystemLoad {
    /// Hundredths of a percent.
    cpu: AtomicU32,
    memory: AtomicU32,
    errors: AtomicU64,
    sampled_at: AtomicU64,
    clock: Clock,
    source: Mutex<Source>,
    /// Whether a thread samples it, or only [`sample`](Self::sample).
    is_sampled_by_itself: bool,
    watched: Mutex<Watched>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Watched {
    watchers: u32,
    has_thread: bool,
}

impl SystemLoad {
    /// That of the system on which this process runs, or of its container where that has limits.
    pub fn shared() -> Arc<Self> {
        static SHARED: LazyLock<Arc<SystemLoad>> =
            LazyLock::new(|| SystemLoad::new(PathBuf::from("/"), cfg!(target_os = "linux")));
        Arc::clone(&SHARED)
    }

    /// That of a system whose `proc` and `sys` are in this folder, and which is measured by
    /// [`sample`](Self::sample) alone: for tests.
    pub fn by_hand(root: impl Into<PathBuf>) -> Arc<Self> {
        Self::new(root.into(), false)
    }

    /// From now on it is so, in percent.
    #[cfg(feature = "testing")]
    pub(crate) fn pretend(&self, cpu: f64, memory: f64) {
        self.cpu.store(hundredths(cpu), Relaxed);
        self.memory.store(hundredths(memory), Relaxed);
    }

    fn new(root: PathBuf, is_sampled_by_itself: bool) -> Arc<Self> {
        Arc::new(Self {
            cpu: AtomicU32::new(UNKNOWN),
            memory: AtomicU32::new(UNKNOWN),
            errors: AtomicU64::new(0),
            sampled_at: AtomicU64::new(0),
            clock: Clock::start(),
            source: Mutex::new(Source::new(root)),
            is_sampled_by_itself,
            watched: Mutex::new(Watched::default()),
            wake: Condvar::new(),
        })
    }

    /// Measures it now. Blocks for as long as reading a few small files takes.
    pub fn sample(&self) {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let failed = |_| {
            self.errors.fetch_add(1, Relaxed);
            None
        };
        let memory = source.memory().map(Some).unwrap_or_else(failed);
        let cpu = source.cpu(now / 1000).unwrap_or_else(failed);
        self.cpu.store(cpu.map_or(UNKNOWN, hundredths), Relaxed);
        self.memory
            .store(memory.map_or(UNKNOWN, hundredths), Relaxed);
        self.sampled_at.store(now, Relaxed);
    }

    /// How much of the processor time is used, in percent, if that is known.
    pub fn cpu(&self) -> Option<f64> {
        percent(self.cpu.load(Relaxed))
    }

    /// How much of the memory is used, in percent, if that is known.
    pub fn memory(&self) -> Option<f64> {
        percent(self.memory.load(Relaxed))
    }

    /// How many measurements have failed.
    pub fn errors(&self) -> u64 {
        self.errors.load(Relaxed)
    }

    #[inline]
    pub(super) fn cpu_reaches(&self, threshold: u32) -> bool {
        reaches(self.cpu.load(Relaxed), threshold)
    }

    #[inline]
    pub(super) fn memory_reaches(&self, threshold: u32) -> bool {
        reaches(self.memory.load(Relaxed), threshold)
    }

    /// The time until the next sample.
    pub(super) fn next_sample(&self) -> Duration {
        let interval = to_nanos(INTERVAL);
        let since = self
            .clock
            .now()
            .saturating_sub(self.sampled_at.load(Relaxed));
        Duration::from_nanos(interval - since % interval)
    }

    /// Has it measured until the watch is dropped.
    pub(super) fn watch(self: &Arc<Self>) -> Watch {
        let mut watched = self.watched();
        watched.watchers += 1;
        if self.is_sampled_by_itself && !watched.has_thread {
            let this = Arc::clone(self);
            let thread = std::thread::Builder::new().name("failsafe-load".to_owned());
            match thread.spawn(move || this.run()) {
                Ok(_) => watched.has_thread = true,
                // Nothing is known then, and nobody is refused for it. The next one tries again.
                Err(_) => {
                    self.errors.fetch_add(1, Relaxed);
                }
            }
        }
        Watch(Arc::clone(self))
    }

    /// Samples until nobody wants to know it any more.
    fn run(&self) {
        loop {
            self.sample();
            let watched = self.watched();
            let (mut watched, _) = self
                .wake
                .wait_timeout_while(watched, INTERVAL, |watched| watched.watchers > 0)
                .unwrap_or_else(PoisonError::into_inner);
            if watched.watchers == 0 {
                watched.has_thread = false;
                self.cpu.store(UNKNOWN, Relaxed);
                self.memory.store(UNKNOWN, Relaxed);
                return;
            }
        }
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody wants to know the load.
#[derive(Debug)]
pub(super) struct Watch(Arc<SystemLoad>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.watched().watchers -= 1;
        self.0.wake.notify_all();
    }
}

#[inline]
fn reaches(load: u32, threshold: u32) -> bool {
    // An unknown load is the largest number, as is a threshold that is not set.
    load >= threshold && load != UNKNOWN
}

fn percent(load: u32) -> Option<f64> {
    (load != UNKNOWN).then(|| f64::from(load) / 100.0)
}

/// A share in percent as a whole number of hundredths of a percent; at most 100 %.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is from 0 to 10,000"
)]
pub(super) fn hundredths(percent: f64) -> u32 {
    (percent * 100.0).round().clamp(0.0, 10_000.0) as u32
}
