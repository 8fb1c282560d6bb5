//! Those that decide before a request is read.

use std::time::Duration;

use failsafe_runtime::{
    Backpressure, BackpressureConfig, BackpressureError, Bulkhead, BulkheadConfig, BulkheadError,
    ConcurrencyConfig, ConcurrencyError, ConcurrencyLimit, FeatureToggle, FeatureToggleConfig,
    FeatureToggleError, LoadShedConfig, LoadShedError, LoadShedder, RateLimit, RateLimitConfig,
    RateLimitError,
};

use super::{Held, Outcome, Subject, Temper, Work};

impl Temper {
    /// A bound that a touchy pattern has.
    fn bound(self, touchy: u32) -> u32 {
        match self {
            Self::Touchy => touchy,
            Self::Patient(n) => 900_000 + n,
        }
    }
}

/// Implements [`Subject`] by a configuration, the variant of a call's own error, and what has the
/// pattern act.
macro_rules! subject {
    ($pattern:ty, $error:ident, |$temper:ident| $config:expr, |$this:ident, $work:ident| $provoke:expr $(, repair: $repair:expr)?) => {
        impl Subject for $pattern {
            fn of(temper: Temper) -> Self {
                let $temper = temper;
                Self::new("shape", $config).expect("in range")
            }

            fn change(&self, temper: Temper) {
                let $temper = temper;
                self.reconfigure($config).expect("in range");
            }

            async fn call(&self, work: &Work) -> Outcome {
                match <$pattern>::call(self, || work.make()).await {
                    Ok(()) => Outcome::Passed,
                    Err($error::Inner(())) => Outcome::Failed,
                    Err(_) => Outcome::Acted,
                }
            }

            fn provoke(&self, $work: &Work) -> Box<dyn Held + '_> {
                let $this = self;
                Box::new($provoke)
            }

            $(fn repair(&self) {
                ($repair)(self);
            })?
        }
    };
}
pub(crate) use subject;

subject!(
    FeatureToggle,
    FeatureToggleError,
    |temper| FeatureToggleConfig {
        status: if temper == Temper::Touchy { 403 } else { 404 },
        ..FeatureToggleConfig::default()
    },
    |toggle, _work| toggle.turn_off(),
    repair: FeatureToggle::turn_on
);

subject!(
    RateLimit,
    RateLimitError,
    |temper| RateLimitConfig {
        max_executions: temper.bound(1),
        ..RateLimitConfig::default()
    },
    |limit, _work| limit.acquire(None).is_ok()
);

subject!(
    LoadShedder,
    LoadShedError,
    |temper| LoadShedConfig {
        max_requests: temper.bound(1),
        max_queue_depth: Some(temper.bound(1)),
        ..LoadShedConfig::default()
    },
    |shedder, _work| shedder.acquire()
);

subject!(
    ConcurrencyLimit,
    ConcurrencyError,
    |temper| ConcurrencyConfig {
        initial_limit: Some(temper.bound(1)),
        min_limit: Some(temper.bound(1)),
        max_limit: Some(temper.bound(1)),
        ..ConcurrencyConfig::default()
    },
    |limit, _work| limit.acquire()
);

subject!(
    Backpressure,
    BackpressureError,
    |temper| BackpressureConfig {
        max_pending: Some(temper.bound(2)),
        high_water_mark: Some(temper.bound(2) - 1),
        low_water_mark: Some(0),
        timeout: Duration::from_secs(1),
        ..BackpressureConfig::default()
    },
    |backpressure, _work| backpressure.try_acquire()
);

subject!(
    Bulkhead,
    BulkheadError,
    |temper| BulkheadConfig {
        max_concurrent: temper.bound(1),
        max_queued: 1,
        queue_timeout: Some(Duration::from_secs(1)),
        ..BulkheadConfig::default()
    },
    |bulkhead, _work| bulkhead.try_acquire()
);
