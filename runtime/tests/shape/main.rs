//! The same seven questions to every pattern: does a call pass, does the pattern act when it should,
//! and let pass again afterwards; does a call that is dropped, wherever it waits, leave anything
//! behind, or one that panics; does a change under load cost a call; and do two threads that hammer
//! it leave it as it was.
//!
//! What is particular about a pattern its own tests ask.
#![cfg(feature = "full")]

mod around;
mod before;
mod work;

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use failsafe_runtime::registry::{Pattern, PatternSnapshot};
use tokio::runtime::Builder;
use tokio::time::advance;

use self::work::{Fate, Work};

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// It was made, and its success passed on.
    Passed,
    /// It was made, and its failure passed on.
    Failed,
    /// The pattern did what it is there for: it refused, cut off, or answered in its place.
    Acted,
}

/// How easily a pattern acts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Temper {
    /// On the first occasion.
    Touchy,
    /// Not in a test. The number has it be another configuration each time.
    Patient(u32),
}

/// Something that has a pattern act as long as it is kept.
trait Held {}

impl<T> Held for T {}

trait Subject: Pattern + Sized {
    fn of(temper: Temper) -> Self;

    fn change(&self, temper: Temper);

    async fn call(&self, work: &Work) -> Outcome;

    /// Has it act on the next call.
    fn provoke(&self, work: &Work) -> Box<dyn Held + '_>;

    /// Repairs what time alone does not.
    fn repair(&self) {}
}

/// Longer than anything lasts in these tests, whatever clock it is measured by.
const LONG: Duration = Duration::from_secs(30 * 86_400);

async fn recover(subject: &impl Subject, work: &Work) {
    work.tell(Fate::Works);
    advance(LONG).await;
    subject.repair();
}

async fn a_call_passes<S: Subject>() {
    for temper in [Temper::Touchy, Temper::Patient(0)] {
        let (subject, work) = (S::of(temper), Work::default());
        for calls in 1..=3 {
            assert_eq!(subject.call(&work).await, Outcome::Passed, "{temper:?}");
            assert_eq!(work.calls(), calls);
            recover(&subject, &work).await;
        }
    }
}

async fn it_acts_when_it_should<S: Subject>() {
    let (subject, work) = (S::of(Temper::Touchy), Work::default());
    let held = subject.provoke(&work);
    assert_eq!(subject.call(&work).await, Outcome::Acted);
    drop(held);
}

async fn it_recovers<S: Subject>() {
    let (subject, work) = (S::of(Temper::Touchy), Work::default());
    for _ in 0..3 {
        let held = subject.provoke(&work);
        assert_eq!(subject.call(&work).await, Outcome::Acted);
        drop(held);
        recover(&subject, &work).await;
        assert_eq!(subject.call(&work).await, Outcome::Passed);
        recover(&subject, &work).await;
    }
}

/// What a pattern says of itself that no call may change which came to nothing: who is inside and
/// waits, whether it is open, and every verdict. A token that was spent stays spent.
fn left_behind(subject: &impl Subject) -> Vec<(String, u64)> {
    const VERDICTS: &[&str] = &[
        "success",
        "failure",
        "all_failed",
        "rejected",
        "rejections",
        "full",
        "shed",
        "queue_timeout",
        "opened",
        "transition.failing",
        "giveup",
        "timeout",
        "fired",
        "invoked",
        "failed",
        "passed_on",
    ];
    let PatternSnapshot {
        counters,
        gauges,
        state,
        ..
    } = subject.snapshot();
    let counters = counters.into_iter();
    let verdicts = counters.filter(|it| VERDICTS.contains(&it.name));
    let verdicts = verdicts.map(|it| (format!("{} {:?}", it.name, it.labels), it.value));
    let inside = gauges.into_iter();
    let inside = inside.filter(|it| ["in_use", "waiting"].contains(&it.name));
    let inside = inside.map(|it| (it.name.to_owned(), it.value.to_bits()));
    let is_open = ("is open".to_owned(), u64::from(state == "open"));
    verdicts.chain(inside).chain([is_open]).collect()
}

/// Drops a call after each number of polls, the first before it is polled at all, until it ends by
/// itself. Between two polls time passes, so that it goes on from one await to the next.
async fn dropped_anywhere_it_leaves_nothing_behind<S: Subject>() {
    for (is_provoked, fate) in [
        (false, Fate::Works),
        (false, Fate::Hangs),
        (true, Fate::Works),
    ] {
        let mut polls = 0;
        loop {
            let (subject, work) = (S::of(Temper::Touchy), Work::default());
            work.tell(fate);
            let held = is_provoked.then(|| subject.provoke(&work));
            let before = left_behind(&subject);
            let mut cx = Context::from_waker(Waker::noop());
            let mut has_ended = false;
            {
                let mut call = pin!(subject.call(&work));
                for _ in 0..polls {
                    has_ended = call.as_mut().poll(&mut cx).is_ready();
                    if has_ended {
                        break;
                    }
                    advance(Duration::from_millis(100)).await;
                    // A cache makes its calls on tasks of their own.
                    tokio::task::yield_now().await;
                }
            }
            if has_ended {
                break;
            }
            tokio::task::yield_now().await;
            let what = format!("{fate:?}, provoked: {is_provoked}, dropped after {polls} polls");
            assert_eq!(left_behind(&subject), before, "{what}");
            drop(held);
            recover(&subject, &work).await;
            assert_eq!(subject.call(&work).await, Outcome::Passed, "{what}");
            polls += 1;
            assert!(polls < 1000, "it never ends: {what}");
        }
    }
}

/// It goes on to whoever called, once, and gives back what it held.
async fn a_panic_leaves_nothing_behind<S: Subject>() {
    let (subject, work) = (S::of(Temper::Touchy), Work::default());
    work.tell(Fate::Panics);
    let mut call = Box::pin(subject.call(&work));
    let poll = |cx: &mut Context<'_>| {
        let polled = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx)));
        polled.map_or(Poll::Ready(None), |polled| polled.map(Some))
    };
    assert_eq!(poll_fn(poll).await, None, "it panics");
    drop(call);
    assert_eq!(work.calls(), 1, "what has panicked is not repeated");
    assert_eq!(inside(&subject), 0.0);
    recover(&subject, &work).await;
    assert_eq!(subject.call(&work).await, Outcome::Passed);
}

/// Has two threads do the same, each with a clock of its own that is paused, while a third one
/// changes what they share at least a thousand times.
fn by_two_threads(part: impl AsyncFn(u32) + Sync, change: impl Fn(u32)) {
    let has_ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let part = &part;
        let threads = [0, 1].map(|thread| {
            scope.spawn(move || {
                let mut clock = Builder::new_current_thread();
                let clock = clock.enable_time().start_paused(true).build();
                clock.expect("a clock").block_on(part(thread));
            })
        });
        let has_ended = &has_ended;
        let watch = scope.spawn(move || {
            let ended_well = threads.map(|thread| thread.join().is_ok());
            has_ended.store(true, Relaxed);
            assert_eq!(ended_well, [true; 2]);
        });
        let mut round = 0;
        while !has_ended.load(Relaxed) || round < 1000 {
            change(round);
            round += 1;
            thread::yield_now();
        }
        watch.join().expect("both have ended well");
    });
}

fn changed_under_load_it_loses_no_call<S: Subject>() {
    const CALLS: u32 = 2000;
    let (subject, work) = (S::of(Temper::Patient(0)), Work::of_many());
    let part = async |_| {
        for _ in 0..CALLS {
            assert_eq!(subject.call(&work).await, Outcome::Passed);
        }
    };
    by_two_threads(part, |round| {
        subject.change(Temper::Patient(round % 3));
        if round % 10 == 0 {
            // Off it lets everybody pass; a feature toggle alone is its own switch.
            subject.set_enabled(round % 20 != 0 || subject.kind().as_str() == "featuretoggle");
        }
    });
    assert_eq!(work.calls(), 2 * CALLS);
    subject.set_enabled(true);
    assert_eq!(inside(&subject), 0.0);
}

fn two_threads_that_hammer_leave_nothing_behind<S: Subject>() {
    const CALLS: u32 = 2000;
    let (subject, work) = (S::of(Temper::Touchy), Work::of_many());
    let acted = AtomicU64::new(0);
    let part = async |thread| {
        for n in 0..CALLS {
            work.tell(match (n + thread) % 3 {
                0 => Fate::Works,
                1 => Fate::Fails,
                _ => Fate::Hangs,
            });
            let mut call = pin!(subject.call(&work));
            let outcome = if n % 5 == 0 {
                // Dropped where it waits first.
                call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            } else {
                Poll::Ready(call.await)
            };
            acted.fetch_add(u64::from(outcome == Poll::Ready(Outcome::Acted)), Relaxed);
        }
    };
    by_two_threads(part, |round| {
        subject.change(match round % 4 {
            0 => Temper::Patient(round),
            _ => Temper::Touchy,
        });
    });
    assert_eq!(inside(&subject), 0.0);
    let refused = subject.snapshot().statistics.refused;
    if refused > 0 {
        assert_eq!(refused, acted.into_inner(), "each refusal is counted once");
    }
    let mut clock = Builder::new_current_thread();
    let clock = clock.enable_time().start_paused(true).build();
    clock.expect("a clock").block_on(async {
        recover(&subject, &work).await;
        assert_eq!(
            subject.call(&work).await,
            Outcome::Passed,
            "it is not stuck"
        );
    });
}

/// How many are inside, or wait.
fn inside(subject: &impl Subject) -> f64 {
    let gauges = subject.snapshot().gauges.into_iter();
    let gauges = gauges.filter(|it| ["in_use", "waiting"].contains(&it.name));
    gauges.map(|it| it.value).sum()
}

macro_rules! of_the_same_shape {
    ($($module:ident: $subject:ty,)*) => {
        $(mod $module {
            pub(super) type It = $subject;

            #[tokio::test(start_paused = true)]
            async fn a_call_passes() {
                super::a_call_passes::<It>().await;
            }

            #[tokio::test(start_paused = true)]
            async fn it_acts_when_it_should() {
                super::it_acts_when_it_should::<It>().await;
            }

            #[tokio::test(start_paused = true)]
            async fn it_recovers() {
                super::it_recovers::<It>().await;
            }

            #[tokio::test(start_paused = true)]
            async fn dropped_anywhere_it_leaves_nothing_behind() {
                super::dropped_anywhere_it_leaves_nothing_behind::<It>().await;
            }

            #[tokio::test(start_paused = true)]
            async fn a_panic_leaves_nothing_behind() {
                super::a_panic_leaves_nothing_behind::<It>().await;
            }

            #[test]
            fn changed_under_load_it_loses_no_call() {
                super::changed_under_load_it_loses_no_call::<It>();
            }

            #[test]
            fn two_threads_that_hammer_leave_nothing_behind() {
                super::two_threads_that_hammer_leave_nothing_behind::<It>();
            }
        })*

        #[tokio::test(start_paused = true)]
        async fn none_is_left_out() {
            let asked = [$($module::It::of(Temper::Touchy).kind()),*];
            assert_eq!(asked, failsafe_runtime::registry::PatternKind::ALL);
        }
    };
}

of_the_same_shape! {
    featuretoggle: failsafe_runtime::FeatureToggle,
    ratelimit: failsafe_runtime::RateLimit,
    loadshed: failsafe_runtime::LoadShedder,
    concurrency: failsafe_runtime::ConcurrencyLimit,
    backpressure: failsafe_runtime::Backpressure,
    bulkhead: failsafe_runtime::Bulkhead,
    cache: failsafe_runtime::Cache<u32, (), ()>,
    fallback: failsafe_runtime::Fallback,
    failfast: failsafe_runtime::FailFast,
    circuitbreaker: failsafe_runtime::CircuitBreaker,
    retry: failsafe_runtime::Retry,
    hedge: failsafe_runtime::Hedge,
    timeout: failsafe_runtime::Timeout,
    chaos: failsafe_runtime::Chaos,
}
