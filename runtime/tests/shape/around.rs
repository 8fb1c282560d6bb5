//! Those that stand around the handler.

use std::time::Duration;

use failsafe_runtime::{
    Cache, CacheConfig, CacheState, Chaos, ChaosConfig, ChaosError, CircuitBreaker,
    CircuitBreakerConfig, CircuitBreakerError, FailFast, FailFastConfig, FailFastError, Fallback,
    FallbackAnswer, FallbackConfig, Hedge, HedgeConfig, HedgeDelay, HedgeError, Jitter, Retry,
    RetryConfig, RetryError, Timeout, TimeoutConfig, TimeoutError,
};

use super::before::subject;
use super::{Fate, Held, Outcome, Subject, Temper, Work};

const SECOND: Duration = Duration::from_secs(1);

impl Temper {
    /// A time that a touchy pattern has.
    fn time(self, touchy: Duration) -> Duration {
        match self {
            Self::Touchy => touchy,
            Self::Patient(n) => (1000 + n) * SECOND,
        }
    }

    /// Failures in a row.
    fn failures(self) -> u32 {
        match self {
            Self::Touchy => 1,
            Self::Patient(n) => 1000 + n,
        }
    }
}

impl Subject for Cache<u32, (), ()> {
    fn of(temper: Temper) -> Self {
        Self::new("shape", of_a_cache(temper)).expect("in range")
    }

    fn change(&self, temper: Temper) {
        self.reconfigure(of_a_cache(temper)).expect("in range");
    }

    async fn call(&self, work: &Work) -> Outcome {
        let call = work.clone();
        let answer = self.get_or_call(work.key(), move || call.make());
        match answer.await {
            Ok(cached) if cached.state == CacheState::Miss => Outcome::Passed,
            Ok(_) => Outcome::Acted,
            Err(()) => Outcome::Failed,
        }
    }

    fn provoke(&self, work: &Work) -> Box<dyn Held + '_> {
        self.insert(work.key(), ());
        Box::new(())
    }
}

fn of_a_cache(temper: Temper) -> CacheConfig {
    CacheConfig {
        ttl: temper.time(SECOND),
        max_size: 10_000,
        ..CacheConfig::default()
    }
}

impl Subject for Fallback {
    fn of(_: Temper) -> Self {
        Self::new("shape", FallbackConfig::default()).expect("in range")
    }

    fn change(&self, _: Temper) {
        self.reconfigure(FallbackConfig::default())
            .expect("in range");
    }

    async fn call(&self, work: &Work) -> Outcome {
        match self.call_or(|| work.make(), ()).await {
            Ok(FallbackAnswer::Own(())) => Outcome::Passed,
            Ok(FallbackAnswer::Degraded(())) => Outcome::Acted,
            Err(()) => Outcome::Failed,
        }
    }

    fn provoke(&self, work: &Work) -> Box<dyn Held + '_> {
        work.tell(Fate::Fails);
        Box::new(())
    }
}

subject!(
    FailFast,
    FailFastError,
    |temper| FailFastConfig {
        failure_threshold: temper.failures(),
        ..FailFastConfig::default()
    },
    |fail_fast, _work| fail_fast.acquire().map(|permit| permit.failure()),
    repair: FailFast::close
);

subject!(
    CircuitBreaker,
    CircuitBreakerError,
    |temper| CircuitBreakerConfig {
        failure_threshold: temper.failures(),
        success_threshold: Some(1),
        ..CircuitBreakerConfig::default()
    },
    |breaker, _work| breaker.acquire().map(|permit| permit.failure())
);

subject!(
    Retry,
    RetryError,
    |temper| RetryConfig {
        delay: temper.time(SECOND / 4),
        max_delay: Some(Duration::from_secs(3600)),
        jitter: Jitter::None,
        ..RetryConfig::default()
    },
    |_retry, work| work.tell(Fate::Fails)
);

/// A touchy one makes a second call for one that is slow.
impl Subject for Hedge {
    fn of(temper: Temper) -> Self {
        Self::new("shape", of_a_hedge(temper)).expect("in range")
    }

    fn change(&self, temper: Temper) {
        self.reconfigure(of_a_hedge(temper)).expect("in range");
    }

    async fn call(&self, work: &Work) -> Outcome {
        let mut attempts = 0;
        let made = || {
            attempts += 1;
            work.make()
        };
        match Hedge::call(self, made).await {
            Err(HedgeError::Inner(())) => Outcome::Failed,
            Ok(()) if attempts == 1 => Outcome::Passed,
            _ => Outcome::Acted,
        }
    }

    fn provoke(&self, work: &Work) -> Box<dyn Held + '_> {
        work.tell(Fate::Hangs);
        Box::new(())
    }
}

fn of_a_hedge(temper: Temper) -> HedgeConfig {
    HedgeConfig {
        delay: HedgeDelay::After(temper.time(SECOND / 4)),
        timeout: Some(temper.time(2 * SECOND)),
        ..HedgeConfig::default()
    }
}

subject!(
    Timeout,
    TimeoutError,
    |temper| TimeoutConfig {
        seconds: temper.time(SECOND),
        ..TimeoutConfig::default()
    },
    |_timeout, work| work.tell(Fate::Hangs)
);

/// A touchy one is late, and fails when it is provoked.
impl Subject for Chaos {
    fn of(temper: Temper) -> Self {
        Self::new("shape", of_chaos(temper, 0.0)).expect("in range")
    }

    fn change(&self, temper: Temper) {
        self.reconfigure(of_chaos(temper, 0.0)).expect("in range");
    }

    async fn call(&self, work: &Work) -> Outcome {
        match Chaos::call(self, || work.make()).await {
            Ok(()) => Outcome::Passed,
            Err(ChaosError::Inner(())) => Outcome::Failed,
            Err(ChaosError::Injected(_)) => Outcome::Acted,
        }
    }

    fn provoke(&self, _: &Work) -> Box<dyn Held + '_> {
        let config = of_chaos(Temper::Touchy, 1.0);
        self.reconfigure(config).expect("in range");
        Box::new(())
    }

    fn repair(&self) {
        self.change(Temper::Touchy);
    }
}

fn of_chaos(temper: Temper, fault_rate: f64) -> ChaosConfig {
    ChaosConfig {
        fault_rate,
        latency: match temper {
            Temper::Touchy => SECOND,
            Temper::Patient(n) => Duration::from_millis(n.into()),
        },
        ..ChaosConfig::default()
    }
}
