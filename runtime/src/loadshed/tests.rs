use std::future::pending;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::*;
use crate::Mode;

fn shedder(max_requests: u32) -> Arc<LoadShedder> {
    with(LoadShedConfig {
        max_requests,
        ..LoadShedConfig::default()
    })
}

fn with(config: LoadShedConfig) -> Arc<LoadShedder> {
    Arc::new(LoadShedder::new("test", config).expect("in range"))
}

fn counter(shedder: &LoadShedder, name: &str, reason: Option<&str>) -> u64 {
    let snapshot = shedder.snapshot();
    let found = snapshot.counters.iter().find(|counter| {
        counter.name == name && counter.labels.first().map(|(_, value)| &**value) == reason
    });
    found.unwrap_or_else(|| panic!("a counter {name}")).value
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A system on which 60 % of the memory and 75 % of the processor time are used.
fn busy(name: &str) -> Arc<SystemLoad> {
    let root = std::env::temp_dir().join(format!("failsafe-shed-{}-{name}", std::process::id()));
    std::fs::create_dir_all(root.join("proc")).expect("a folder of its own");
    let write = |path: &str, text: &str| {
        std::fs::write(root.join(path), text).expect("a file of its own");
    };
    write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 400 kB\n");
    write("proc/stat", "cpu 100 0 0 100 0 0 0 0\n");
    let system = SystemLoad::by_hand(&root);
    system.sample();
    write("proc/stat", "cpu 130 0 0 110 0 0 0 0\n");
    system.sample();
    let _ = std::fs::remove_dir_all(&root);
    system
}

fn with_thresholds(
    name: &str,
    cpu_threshold: Option<f64>,
    memory_threshold: Option<f64>,
) -> Arc<LoadShedder> {
    let config = LoadShedConfig {
        cpu_threshold,
        memory_threshold,
        ..LoadShedConfig::default()
    };
    Arc::new(LoadShedder::with_system("test", config, busy(name)).expect("in range"))
}

#[tokio::test]
async fn admits_so_many_and_no_more() {
    let shedder = shedder(2);
    let first = shedder.acquire().expect("a place");
    let _second = shedder.acquire().expect("another place");
    assert_eq!(shedder.snapshot().state, "shedding");
    let shed = LoadShed {
        reason: LoadShedReason::Requests,
        retry_after: Some(Duration::from_secs(1)),
    };
    assert_eq!(shedder.acquire().map(drop), Err(shed));
    let answer = shedder.call(|| async { Ok::<_, ()>(()) }).await;
    assert_eq!(answer, Err(LoadShedError::Shed(shed)));
    let high = shedder.acquire_as(Priority::High).map(drop);
    assert_eq!(high, Err(shed), "its priority makes no room");
    drop(first);
    let answer = shedder.call(|| async { Err::<(), _>("its own") }).await;
    assert_eq!(answer, Err(LoadShedError::Inner("its own")));
    assert_eq!(counter(&shedder, "admitted", None), 3);
    assert_eq!(counter(&shedder, "shed", Some("requests")), 3);
    assert_eq!(shedder.in_use(), 1);
}

// Trap 15: low priority is shed first.
#[tokio::test]
async fn calls_of_high_priority_pass_the_checks_of_the_system() {
    for (name, cpu, memory, reason) in [
        ("cpu", Some(75.0), None, LoadShedReason::Cpu),
        ("memory", None, Some(60.0), LoadShedReason::Memory),
    ] {
        let shedder = with_thresholds(name, cpu, memory);
        let shed = shedder.acquire().expect_err("it is busy");
        assert_eq!(shed.reason, reason);
        let retry_after = shed.retry_after.expect("until the next sample");
        assert!(!retry_after.is_zero() && retry_after <= Duration::from_millis(500));
        let _high = shedder.acquire_as(Priority::High).expect("it matters more");
        assert_eq!(counter(&shedder, "shed", Some(reason.as_str())), 1);
        assert_eq!(shedder.snapshot().state, "shedding");
        shedder
            .reconfigure(LoadShedConfig {
                priority: Priority::High,
                ..shedder.config()
            })
            .expect("in range");
        assert!(shedder.acquire().is_ok(), "all are of high priority");
    }
}

#[tokio::test]
async fn a_threshold_that_is_not_reached_refuses_nobody() {
    let shedder = with_thresholds("below", Some(75.1), Some(60.1));
    assert!(shedder.acquire().is_ok());
    let snapshot = shedder.snapshot();
    let gauge = |name| {
        let found = snapshot.gauges.iter().find(|gauge| gauge.name == name);
        found.expect("a gauge").value
    };
    assert_eq!(
        (gauge("cpu_percent"), gauge("memory_percent")),
        (75.0, 60.0)
    );
}

#[test]
fn what_cannot_be_measured_refuses_nobody_and_is_counted() {
    let system = SystemLoad::by_hand("/nowhere");
    let config = LoadShedConfig {
        cpu_threshold: Some(0.01),
        memory_threshold: Some(0.01),
        ..LoadShedConfig::default()
    };
    let shedder = LoadShedder::with_system("test", config, Arc::clone(&system)).expect("in range");
    system.sample();
    assert!(shedder.acquire().is_ok());
    assert_eq!(counter(&shedder, "sampler_errors", None), 2);
}

#[test]
fn the_queue_is_what_its_owner_says() {
    let shedder = with(LoadShedConfig {
        max_queue_depth: Some(3),
        ..LoadShedConfig::default()
    });
    let probed = Arc::new(AtomicU64::new(0));
    let probe = Arc::clone(&probed);
    assert!(shedder.probe_queue(move || probe.load(Relaxed)));
    let items = [shedder.queued(), shedder.queued()];
    assert!(shedder.acquire().is_ok());
    probed.store(1, Relaxed);
    let shed = shedder.acquire().expect_err("three wait");
    assert_eq!(shed.reason, LoadShedReason::QueueDepth);
    assert!(shedder.acquire_as(Priority::High).is_err());
    drop(items);
    assert_eq!(shedder.queue_depth(), 1);
    assert!(shedder.acquire().is_ok());
}

#[tokio::test]
async fn dropped_or_panicking_it_gives_its_place_back() {
    let shedder = shedder(1);
    {
        let mut call = pin!(shedder.call(pending::<Result<(), ()>>));
        assert!(poll(call.as_mut()).is_pending());
        assert_eq!(shedder.in_use(), 1);
    }
    assert_eq!(shedder.in_use(), 0);
    let panics = Arc::clone(&shedder);
    let task = tokio::spawn(async move {
        let call = panics.call(|| async {
            assert!(panics.in_use() == 0, "inside");
            Ok::<_, ()>(())
        });
        call.await
    });
    assert!(task.await.is_err_and(|error| error.is_panic()));
    assert_eq!(shedder.in_use(), 0);
}

#[test]
fn thresholds_come_and_go_while_calls_are_running() {
    let shedder = with_thresholds("come-and-go", None, None);
    let _running = shedder.acquire().expect("no threshold");
    for (threshold, is_busy) in [(Some(50.0), true), (Some(90.0), false), (None, false)] {
        shedder
            .reconfigure(LoadShedConfig {
                cpu_threshold: threshold,
                ..shedder.config()
            })
            .expect("in range");
        assert_eq!(shedder.acquire().is_err(), is_busy, "{threshold:?}");
    }
    for (wrong, message) in [
        (
            LoadShedConfig {
                max_requests: 0,
                ..shedder.config()
            },
            "max_requests must be at least 1, not 0",
        ),
        (
            LoadShedConfig {
                memory_threshold: Some(100.5),
                ..shedder.config()
            },
            "memory_threshold must be above 0 and at most 100, not 100.5",
        ),
        (
            LoadShedConfig {
                cpu_threshold: Some(f64::NAN),
                ..shedder.config()
            },
            "cpu_threshold must be above 0 and at most 100, not NaN",
        ),
    ] {
        let error = shedder.reconfigure(wrong).expect_err("out of range");
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn in_shadow_everybody_passes_and_is_counted() {
    let shedder = with(LoadShedConfig {
        max_requests: 1,
        mode: Mode::Shadow,
        ..LoadShedConfig::default()
    });
    let heard = Arc::new(Mutex::new(Vec::new()));
    let events = Arc::clone(&heard);
    shedder.on_event(move |event| events.lock().expect("no panic").push(*event));
    let running = [(); 3].map(|()| shedder.acquire().expect("shadow"));
    assert_eq!(counter(&shedder, "shadow_shed", None), 2);
    assert_eq!(heard.lock().expect("no panic").len(), 2);
    drop(running);
    assert_eq!(shedder.in_use(), 0);
}

#[test]
fn off_it_neither_counts_nor_holds() {
    let shedder = shedder(1);
    shedder.set_enabled(false);
    let outside = shedder.acquire().expect("off");
    shedder.set_enabled(true);
    let inside = shedder.acquire().expect("the first inside");
    drop(outside);
    assert_eq!(shedder.in_use(), 1, "who held nothing gave nothing back");
    drop(inside);
    assert_eq!(counter(&shedder, "admitted", None), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hammered_and_reconfigured_it_loses_no_place() {
    let shedder = with_thresholds("hammered", None, None);
    let calls = (0..64).map(|_| {
        let shedder = Arc::clone(&shedder);
        tokio::spawn(async move {
            for _ in 0..200 {
                let _waits = shedder.queued();
                let call = shedder.call(|| async {
                    tokio::task::yield_now().await;
                    Ok::<_, ()>(())
                });
                if call.await.is_err() {
                    tokio::task::yield_now().await;
                }
            }
        })
    });
    let calls: Vec<_> = calls.collect();
    for round in 0..1000 {
        let config = LoadShedConfig {
            max_requests: 1 + round % 8,
            max_queue_depth: Some(1 + round % 64),
            cpu_threshold: (round % 2 == 0).then_some(50.0),
            ..shedder.config()
        };
        shedder.reconfigure(config).expect("in range");
        tokio::task::yield_now().await;
    }
    for call in calls {
        call.await.expect("no panic");
    }
    assert_eq!((shedder.in_use(), shedder.queue_depth()), (0, 0));
}
