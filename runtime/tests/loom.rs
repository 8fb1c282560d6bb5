//! The atomic state machines under every interleaving that the memory model allows.
//!
//! ```text
//! RUSTFLAGS="--cfg loom" cargo test -p failsafe-runtime --test loom --release
//! ```
//!
//! The files of the library are compiled a second time here, with loom's atomics in place of the
//! standard library's, so that the library itself need not know of loom.
#![cfg(loom)]

mod sync {
    pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};
    pub(crate) use loom::sync::{Mutex, MutexGuard};
}

#[allow(
    dead_code,
    unreachable_pub,
    reason = "only a part of it is checked here"
)]
#[path = "../src/ratelimit/bucket.rs"]
mod bucket;
#[allow(
    dead_code,
    unreachable_pub,
    reason = "only a part of it is checked here"
)]
#[path = "../src/circuitbreaker/circuit.rs"]
mod circuit;

#[allow(
    dead_code,
    unreachable_pub,
    reason = "only a part of it is checked here"
)]
#[path = "../src/failfast/fuse.rs"]
mod fuse;

#[allow(
    dead_code,
    unreachable_pub,
    reason = "only a part of it is checked here"
)]
#[path = "../src/gate/mod.rs"]
mod gate;

#[allow(
    dead_code,
    unreachable_pub,
    reason = "only a part of it is checked here"
)]
#[path = "../src/concurrency/adaptive.rs"]
mod adaptive;
#[allow(dead_code, reason = "only a part of it is checked here")]
#[path = "../src/concurrency/law.rs"]
mod law;

#[allow(dead_code, reason = "only a part of it is checked here")]
#[path = "../src/stats/line.rs"]
mod line;
#[path = "../src/stats/slots.rs"]
mod slots;

use adaptive::Adaptive;
use bucket::{Bucket, Quota, Taken};
use circuit::{Circuit, Outcome, Phase, Rules, Ticket};
use fuse::Fuse;
use gate::{Entry, Gate};
use law::Rules as LimitRules;
use line::Line;
use loom::sync::Arc;
use loom::thread;
use slots::Slots;
use sync::{AtomicU32, AtomicU64};

const NOW: u64 = 1 << 40;

#[test]
fn the_last_token_is_spent_once() {
    loom::model(|| {
        let bucket = Arc::new(Bucket::new(Quota::new(1000, 1)));
        let spend = |bucket: &Bucket| matches!(bucket.take(NOW, 1).1, Taken::Yes { .. });
        let other = Arc::clone(&bucket);
        let other = thread::spawn(move || spend(&other));
        let own = spend(&bucket);
        assert!(own != other.join().unwrap());
    });
}

#[test]
fn a_bucket_is_never_seen_with_half_a_quota() {
    loom::model(|| {
        let (old, new) = (Quota::new(1000, 3), Quota::new(7, 5));
        let bucket = Arc::new(Bucket::new(old));
        let other = Arc::clone(&bucket);
        let other = thread::spawn(move || other.take(NOW, 1));
        bucket.replace(new, NOW);
        let (seen, taken) = other.join().unwrap();
        assert!(seen == old || seen == new, "{seen:?}");
        assert!(matches!(taken, Taken::Yes { .. }));
        // Three tokens are kept, and the one that was spent is spent: before or after.
        let (quota, left) = bucket.peek(NOW);
        assert_eq!((quota, quota.tokens(left)), (new, 2));
    });
}

fn circuit(half_open_requests: u32, success_threshold: u32) -> Arc<Circuit> {
    Arc::new(Circuit::new(Rules {
        failure_threshold: AtomicU32::new(1),
        recovery_micros: AtomicU64::new(1_000_000),
        half_open_requests: AtomicU32::new(half_open_requests),
        success_threshold: AtomicU32::new(success_threshold),
    }))
}

fn open(circuit: &Circuit) {
    let ticket = circuit.admit_if_closed().expect("closed");
    circuit.record(ticket, Outcome::Failure, || 0);
    assert_eq!(circuit.phase(0), Phase::Open);
}

const RECOVERED: u64 = 1_000_000;

fn probe(circuit: &Circuit) -> Option<Ticket> {
    circuit.admit(RECOVERED).ok().map(|(ticket, _)| ticket)
}

#[test]
fn half_open_admits_exactly_its_permits() {
    loom::model(|| {
        let circuit = circuit(1, 1);
        open(&circuit);
        let other = Arc::clone(&circuit);
        let other = thread::spawn(move || probe(&other).is_some());
        let own = probe(&circuit).is_some();
        assert!(own != other.join().unwrap());
    });
}

#[test]
fn permits_that_come_back_can_be_had_again() {
    loom::model(|| {
        let circuit = circuit(2, 2);
        open(&circuit);
        let (one, two) = (probe(&circuit).unwrap(), probe(&circuit).unwrap());
        let other = Arc::clone(&circuit);
        let other = thread::spawn(move || other.record(one, Outcome::Nothing, || RECOVERED));
        circuit.record(two, Outcome::Nothing, || RECOVERED);
        other.join().unwrap();
        assert!(probe(&circuit).is_some() && probe(&circuit).is_some());
        assert!(probe(&circuit).is_none());
    });
}

#[test]
fn a_success_and_a_failure_of_the_same_time_leave_one_state() {
    loom::model(|| {
        let circuit = circuit(2, 2);
        open(&circuit);
        let (one, two) = (probe(&circuit).unwrap(), probe(&circuit).unwrap());
        let other = Arc::clone(&circuit);
        let other = thread::spawn(move || other.record(one, Outcome::Success, || RECOVERED));
        circuit.record(two, Outcome::Failure, || RECOVERED);
        other.join().unwrap();
        // One failure opens it, whichever came first, and the success counts for nothing then.
        assert_eq!(circuit.phase(RECOVERED), Phase::Open);
    });
}

#[test]
fn late_results_change_nothing() {
    loom::model(|| {
        let circuit = circuit(1, 1);
        let late = circuit.admit_if_closed().expect("closed");
        open(&circuit);
        let other = Arc::clone(&circuit);
        let other = thread::spawn(move || other.record(late, Outcome::Failure, || RECOVERED));
        let probe = probe(&circuit).expect("the late failure does not push recovery out");
        circuit.record(probe, Outcome::Success, || RECOVERED);
        other.join().unwrap();
        assert_eq!(circuit.phase(RECOVERED), Phase::Closed);
    });
}

#[test]
fn the_last_place_is_had_once() {
    loom::model(|| {
        let gate = Arc::new(Gate::new(1));
        let other = Arc::clone(&gate);
        let other = thread::spawn(move || other.try_enter());
        let own = gate.try_enter();
        assert!(own != other.join().unwrap());
    });
}

#[test]
fn a_place_that_is_left_reaches_who_waits() {
    loom::model(|| {
        let gate = Arc::new(Gate::new(1));
        assert!(gate.try_enter());
        let leaving = Arc::clone(&gate);
        let leaving = thread::spawn(move || leaving.leave());
        let entry = gate.enter_or_queue(1);
        leaving.join().unwrap();
        match entry {
            Entry::Inside => {}
            Entry::Queued(ticket) => {
                let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
                assert!(gate.poll(&ticket, &mut cx).is_ready());
            }
            Entry::Full => panic!("nobody else waits"),
        }
        assert_eq!((gate.inside(), gate.waiting()), (1, 0));
    });
}

#[test]
fn who_gives_up_takes_no_place_with_him() {
    loom::model(|| {
        let gate = Arc::new(Gate::new(1));
        assert!(gate.try_enter());
        let Entry::Queued(ticket) = gate.enter_or_queue(1) else {
            panic!("there is no room")
        };
        let leaving = Arc::clone(&gate);
        let leaving = thread::spawn(move || leaving.leave());
        gate.give_up(&ticket);
        leaving.join().unwrap();
        assert_eq!((gate.inside(), gate.waiting()), (0, 0));
        assert!(gate.try_enter());
    });
}

/// Whether a failure of a call that is admitted now opens the fuse.
fn fails(fuse: &Fuse) -> bool {
    let ticket = fuse.admit_if_closed();
    ticket.is_some_and(|ticket| fuse.record(ticket, fuse::Outcome::Failure, || NOW))
}

#[test]
fn of_two_failures_one_opens_the_fuse() {
    loom::model(|| {
        let fuse = Arc::new(Fuse::new(2, fuse::NEVER));
        let other = Arc::clone(&fuse);
        let other = thread::spawn(move || fails(&other));
        let own = fails(&fuse);
        assert!(own != other.join().unwrap());
        assert!(fuse.opening(NOW).is_some());
    });
}

#[test]
fn a_failure_from_before_it_was_closed_does_not_open_the_fuse() {
    loom::model(|| {
        let fuse = Arc::new(Fuse::new(1, fuse::NEVER));
        let late = fuse.admit_if_closed().expect("closed");
        fails(&fuse);
        let other = Arc::clone(&fuse);
        let other = thread::spawn(move || other.record(late, fuse::Outcome::Failure, || NOW));
        assert!(fuse.close());
        assert!(!other.join().unwrap());
        assert!(fuse.opening(NOW).is_none());
    });
}

#[test]
fn of_two_calls_one_asks_and_one_closes_the_fuse() {
    loom::model(|| {
        let fuse = Arc::new(Fuse::new(1, fuse::NEVER));
        fails(&fuse);
        let opening = fuse.opening(NOW).expect("it failed");
        let later = NOW + fuse::BETWEEN_QUESTIONS_MILLIS;
        let other = Arc::clone(&fuse);
        let other = thread::spawn(move || {
            let asks = other.is_to_ask(opening, later);
            (asks, other.end(opening))
        });
        let (asks, ends) = (fuse.is_to_ask(opening, later), fuse.end(opening));
        let other = other.join().unwrap();
        assert!(asks != other.0 && ends != other.1);
    });
}

#[test]
fn the_last_who_leaves_opens_the_door() {
    loom::model(|| {
        let gate = Arc::new(Gate::with_marks(2, 0));
        assert!(gate.try_enter() && gate.try_enter());
        let Entry::Queued(ticket) = gate.enter_or_queue(1) else {
            panic!("it is closed")
        };
        let other = Arc::clone(&gate);
        let other = thread::spawn(move || other.leave());
        gate.leave();
        other.join().unwrap();
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(gate.poll(&ticket, &mut cx).is_ready());
        assert_eq!((gate.inside(), gate.waiting()), (1, 0));
        assert!(!gate.is_closed());
    });
}

#[test]
fn who_takes_the_last_place_closes_the_door_behind_him() {
    loom::model(|| {
        let gate = Arc::new(Gate::with_marks(2, 0));
        let other = Arc::clone(&gate);
        let other = thread::spawn(move || other.try_enter());
        assert!(gate.try_enter() && other.join().unwrap());
        assert!(gate.is_closed());
        gate.leave();
        assert!(!gate.try_enter());
    });
}

fn adaptive(initial: u32) -> Arc<Adaptive> {
    let adaptive = Adaptive::new(LimitRules {
        initial,
        min: 1,
        max: 1000,
        increase_rate: 1.0,
        decrease_factor: 0.5,
        follows_latency: false,
    });
    assert!(adaptive.gate.try_enter() && adaptive.gate.try_enter());
    Arc::new(adaptive)
}

#[test]
fn two_failures_of_the_same_time_take_off_one_factor() {
    loom::model(|| {
        let adaptive = adaptive(8);
        let other = Arc::clone(&adaptive);
        let other = thread::spawn(move || other.failure(NOW, NOW + 1));
        let own = adaptive.failure(NOW, NOW + 2);
        assert!(own.is_some() != other.join().unwrap().is_some());
        assert_eq!(adaptive.gate.limit(), 4);
    });
}

#[test]
fn a_window_ends_once_whoever_ends_it() {
    loom::model(|| {
        let adaptive = adaptive(2);
        let other = Arc::clone(&adaptive);
        let other = thread::spawn(move || other.success(NOW, || NOW + 1));
        let own = adaptive.success(NOW, || NOW + 1);
        assert!(own.is_some() != other.join().unwrap().is_some());
        assert_eq!(adaptive.gate.limit(), 3);
    });
}

#[test]
fn a_success_and_a_failure_of_the_same_time_never_raise_the_limit() {
    loom::model(|| {
        let adaptive = adaptive(4);
        let other = Arc::clone(&adaptive);
        let other = thread::spawn(move || other.success(NOW, || NOW + 1));
        assert!(adaptive.failure(NOW, NOW + 1).is_some());
        other.join().unwrap();
        assert_eq!(adaptive.gate.limit(), 2);
    });
}

/// A line for each slot, as counters have.
struct Counted {
    slots: Slots,
    lines: [Line; 2],
}

impl Counted {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            slots: Slots::new(AtomicU64::new(0)),
            lines: Default::default(),
        })
    }

    /// A thread that counts once and ends. With how many slots there are, whether it had one.
    fn count(&self, slots: usize) -> bool {
        let slot = self.slots.claim(slots);
        if let Some(slot) = slot {
            self.lines[slot].add(0);
            self.slots.give_back(slot);
        }
        slot.is_some()
    }

    fn all(&self) -> u64 {
        self.lines.iter().map(|line| line.get(0)).sum()
    }
}

#[test]
fn the_last_slot_is_had_by_one() {
    loom::model(|| {
        let counted = Counted::new();
        let other = Arc::clone(&counted);
        let other = thread::spawn(move || other.slots.claim(1));
        let own = counted.slots.claim(1);
        assert!(own.is_some() != other.join().unwrap().is_some());
    });
}

#[test]
fn threads_that_run_together_never_have_the_same_slot() {
    loom::model(|| {
        let counted = Counted::new();
        let other = Arc::clone(&counted);
        let other = thread::spawn(move || other.slots.claim(2));
        let own = counted.slots.claim(2);
        let other = other.join().unwrap();
        assert!(own.is_some() && other.is_some() && own != other);
        counted.slots.give_back(0);
        assert_eq!(counted.slots.claim(2), Some(0));
    });
}

#[test]
fn who_takes_over_a_slot_loses_nothing_that_was_counted_there() {
    loom::model(|| {
        let counted = Counted::new();
        let others = [(); 2].map(|()| {
            let other = Arc::clone(&counted);
            thread::spawn(move || other.count(1))
        });
        let own = counted.count(1);
        let others = others.map(|other| u64::from(other.join().unwrap()));
        assert_eq!(counted.all(), others.iter().sum::<u64>() + u64::from(own));
    });
}
