//! 11 to 15: calls that are made again, answered already, or too many.

use super::*;

#[tokio::test(start_paused = true)]
async fn trap_11_a_backend_that_is_down_sees_a_fifth_more_calls() {
    let config = RetryConfig {
        attempts: 4,
        ..RetryConfig::default()
    };
    // Without the floor that lets a service with few calls repeat them at all.
    let budget = RetryBudget::new(BudgetConfig {
        min_per_second: 0,
        ..BudgetConfig::default()
    });
    let budget = Arc::new(budget.expect("in range"));
    let retry = Retry::with_budget("trap", config, budget).expect("in range");
    let calls = AtomicU32::new(0);
    for _ in 0..1000 {
        let call = || async {
            calls.fetch_add(1, Relaxed);
            Err::<(), _>("down")
        };
        retry.call(call).await.expect_err("it is down");
    }
    let calls = calls.load(Relaxed);
    assert!(calls <= 1200, "{calls} calls");
}

/// Each with a budget of its own and four attempts, they would make 64 calls of one.
#[tokio::test(start_paused = true)]
async fn trap_11_nor_do_three_retries_around_each_other_add_up() {
    let retry = || {
        let config = RetryConfig {
            attempts: 4,
            delay: Duration::ZERO,
            ..RetryConfig::default()
        };
        Retry::new("trap", config).expect("in range")
    };
    let (outer, middle, inner) = (retry(), retry(), retry());
    let calls = AtomicU32::new(0);
    for _ in 0..1000 {
        let call = || async {
            calls.fetch_add(1, Relaxed);
            Err::<(), _>("down")
        };
        let inner = || async { inner.call(call).await.map_err(|_| "down") };
        let middle = || async { middle.call(inner).await.map_err(|_| "down") };
        outer.call(middle).await.expect_err("it is down");
    }
    let calls = calls.load(Relaxed);
    assert!(calls <= 1200, "{calls} calls");
}

#[tokio::test(start_paused = true)]
async fn trap_12_hostile_waits_are_bounded() {
    #[derive(Debug)]
    struct Busy(Duration);
    impl Failure for Busy {
        fn retry_after(&self) -> Option<Duration> {
            Some(self.0)
        }
    }
    for asked in [
        Duration::ZERO,
        50 * SECOND,
        Duration::from_secs(99_999_999_999),
        Duration::MAX,
    ] {
        let retry = Retry::new("trap", RetryConfig::default()).expect("in range");
        let started = Instant::now();
        let call = || async { Err::<(), _>(Busy(asked)) };
        retry.call_with(ByKind, call).await.expect_err("it is busy");
        // Twice the longest wait of the configuration.
        assert!(started.elapsed() <= 120 * SECOND, "{asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn trap_13_a_fast_call_is_not_hedged_and_a_fast_error_does_not_win() {
    let hedge = Hedge::new("trap", HedgeConfig::default()).expect("in range");
    let calls = Cell::new(0);
    let started = Instant::now();
    let fast = || {
        calls.set(calls.get() + 1);
        async { Ok::<_, ()>(1) }
    };
    assert_eq!(hedge.call(fast).await, Ok(1));
    assert_eq!((calls.get(), started.elapsed()), (1, Duration::ZERO));

    calls.set(0);
    let slow_then_broken = || {
        calls.set(calls.get() + 1);
        let is_first = calls.get() == 1;
        async move {
            if is_first {
                sleep(SECOND).await;
                Ok("late")
            } else {
                Err("broken")
            }
        }
    };
    assert_eq!(hedge.call(slow_then_broken).await, Ok("late"));
}

#[tokio::test(start_paused = true)]
async fn trap_13_losers_are_dropped_and_a_spent_budget_leaves_the_first_running() {
    struct Running(Arc<AtomicU32>);
    impl Drop for Running {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Relaxed);
        }
    }

    let hedge = Hedge::new("trap", HedgeConfig::default()).expect("in range");
    let (running, made) = (Arc::new(AtomicU32::new(0)), Cell::new(0));
    let slow = || {
        made.set(made.get() + 1);
        running.fetch_add(1, Relaxed);
        let guard = Running(Arc::clone(&running));
        async move {
            let _guard = guard;
            sleep(SECOND).await;
            Ok::<_, ()>(())
        }
    };
    for call in 1..=100 {
        assert_eq!(hedge.call(slow).await, Ok(()), "with a budget and without");
        assert_eq!(running.load(Relaxed), 0, "nobody runs on after call {call}");
    }
    // A tenth of the calls, and what a hedge may do without a history.
    assert!((101..=120).contains(&made.get()), "{} calls", made.get());
}

#[tokio::test(start_paused = true)]
async fn trap_14_misses_join_and_a_leader_that_goes_leaves_nobody_waiting() {
    let cache: Cache<u32, u32, ()> = Cache::new("trap", CacheConfig::default()).expect("in range");
    let calls = Arc::new(AtomicU32::new(0));
    let ask = || {
        let (cache, calls) = (cache.clone(), Arc::clone(&calls));
        async move {
            let call = cache.get_or_call(1, move || async move {
                sleep(SECOND).await;
                Ok(calls.fetch_add(1, Relaxed))
            });
            call.await.map(|cached| cached.value)
        }
    };
    // The first to ask is polled once and then goes.
    let mut leader = Box::pin(ask());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(leader.as_mut().poll(&mut cx), Poll::Pending));
    let others: Vec<_> = (0..100).map(|_| tokio::spawn(ask())).collect();
    tokio::task::yield_now().await;
    drop(leader);
    for other in others {
        assert_eq!(other.await.expect("no panic"), Ok(0));
    }
    assert_eq!(calls.load(Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn trap_14_errors_are_not_kept_and_one_call_refreshes_what_is_stale() {
    let config = CacheConfig {
        ttl: SECOND,
        stale_while_revalidate: Some(60 * SECOND),
        ..CacheConfig::default()
    };
    let cache: Cache<u32, u32, ()> = Cache::new("trap", config).expect("in range");
    let calls = Arc::new(AtomicU32::new(0));
    for _ in 0..3 {
        let failing = || async { Err(()) };
        assert_eq!(
            cache.get_or_call(1, failing).await.map(|it| it.value),
            Err(())
        );
    }
    cache.insert(1, 7);
    advance(2 * SECOND).await;
    for _ in 0..100 {
        let calls = Arc::clone(&calls);
        let fresh = move || async move {
            sleep(SECOND).await;
            Ok(calls.fetch_add(1, Relaxed))
        };
        let stale = cache.get_or_call(1, fresh).await;
        assert_eq!(stale.map(|it| it.value), Ok(7), "nobody waits");
    }
    sleep(2 * SECOND).await;
    assert_eq!(calls.load(Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn trap_15_a_limit_falls_once_and_does_not_grow_unused() {
    let config = ConcurrencyConfig {
        initial_limit: Some(500),
        ..ConcurrencyConfig::default()
    };
    let limit = Arc::new(ConcurrencyLimit::new("trap", config).expect("in range"));
    for _ in 0..1000 {
        limit.acquire().expect("there is room").success();
    }
    assert_eq!(
        limit.limit(),
        500,
        "one call at a time is no reason to grow"
    );
    let burst: Vec<_> = (0..10).map(|_| limit.acquire()).collect();
    advance(Duration::from_millis(1)).await;
    for permit in burst {
        permit.expect("there is room").failure();
    }
    assert_eq!(limit.limit(), 450, "ten failures at a time are one");
}

/// Who matters less is refused first, and nobody measures while he is let in.
#[tokio::test(start_paused = true)]
async fn trap_15_under_load_the_less_urgent_are_refused_first() {
    use failsafe_runtime::{LoadShedConfig, LoadShedder, Priority, SystemLoad};

    let root = tempfile::tempdir().expect("a folder");
    let proc = root.path().join("proc");
    std::fs::create_dir_all(proc.join("self")).expect("a folder");
    std::fs::write(
        proc.join("meminfo"),
        "MemTotal: 1000 kB\nMemAvailable: 50 kB\n",
    )
    .expect("a file");
    std::fs::write(proc.join("self/cgroup"), "0::/\n").expect("a file");
    let system = SystemLoad::by_hand(root.path());
    let config = LoadShedConfig {
        memory_threshold: Some(90.0),
        ..LoadShedConfig::default()
    };
    let shedder = LoadShedder::with_system("trap", config, Arc::clone(&system));
    let shedder = shedder.expect("in range");
    assert!(
        shedder.acquire().is_ok(),
        "nothing is known before it is measured"
    );
    system.sample();
    drop(root);
    assert!(shedder.acquire().is_err());
    assert!(shedder.acquire_as(Priority::High).is_ok());
}
