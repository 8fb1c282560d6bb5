//! Proofs that an operation's patterns do what its document says.
//!
//! A generated service brings `tests/policies.rs`, in which the document's values stand in tables,
//! an operation a row. The functions of this module walk them: each builds the operation's real
//! [`PolicyStack`], puts a handler of its own behind it, sends requests through the whole, and
//! moves a clock that is paused, so that an hour of recovery costs no time. What is asked of a
//! pattern is its refusal (status, `error`, `Retry-After`) and its recovery.
//!
//! One pattern is looked at a time: the others of the stack are switched off for as long. All rows
//! are tried, and a panic lists those that do not hold.
//!
//! ```
//! use failsafe_runtime::service::PolicyStack;
//! use failsafe_runtime::testing::{self, TimeoutPolicy};
//! use failsafe_runtime::{ConfigError, Patterns, TimeoutConfig};
//! use std::time::Duration;
//!
//! fn search(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
//!     let config = TimeoutConfig { seconds: Duration::from_secs(2), ..Default::default() };
//!     Ok(PolicyStack::new().timeout(patterns.timeout("search", config)?))
//! }
//!
//! testing::timeouts(&[TimeoutPolicy {
//!     operation: "search",
//!     stack: search,
//!     after: Duration::from_secs(2),
//! }]);
//! ```

mod around;
mod attempts;
mod fuses;
mod machine;
mod modes;
mod places;
mod probe;
mod rates;
mod times;
mod toggles;

use std::time::Duration;

use tokio::runtime::Builder;

#[cfg(feature = "cache")]
pub use self::around::{CachePolicy, caches};
pub use self::around::{FallbackPolicy, HedgePolicy, fallbacks, hedges};
pub use self::attempts::{RetryPolicy, retries};
pub use self::fuses::{FusePolicy, circuit_breakers, fail_fasts};
pub use self::machine::{MachinePolicy, machine_limits};
pub use self::modes::{ModePolicy, modes};
pub use self::places::{PlacesPolicy, backpressures, bulkheads, concurrency_limits, load_shedders};
use self::probe::Probe;
pub use self::rates::{RateLimitPolicy, rate_limits};
pub use self::times::{TimeoutPolicy, timeouts};
pub use self::toggles::{FeatureTogglePolicy, feature_toggles};
use crate::registry::PatternKind;
use crate::service::PolicyStack;
use crate::{ConfigError, Patterns};

/// An operation's function in `src/generated/resilience.rs`.
pub type Stack = fn(&Patterns) -> Result<PolicyStack, ConfigError>;

/// How a handler fails that is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// What it depends on could not be reached: `ConnectionError`.
    Connection,
    /// What it depends on took too long: `TimeoutError`.
    Timeout,
    /// It answered with this status.
    Status(u16),
}

/// Why a policy does not hold.
type Fault = String;

/// Tries every row of a type of pattern and says which do not hold.
fn prove<R>(
    kind: PatternKind,
    rows: &[R],
    of: impl Fn(&R) -> (&'static str, Stack),
    holds: impl AsyncFn(&R, &Probe) -> Result<(), Fault>,
) {
    let of = |row: &R| {
        let (operation, stack) = of(row);
        (operation, stack, Some(kind))
    };
    prove_each(rows, of, holds);
}

/// The same where each row has a type of its own.
#[expect(clippy::needless_pass_by_value, reason = "closures read best in place")]
fn prove_each<R>(
    rows: &[R],
    of: impl Fn(&R) -> (&'static str, Stack, Option<PatternKind>),
    holds: impl AsyncFn(&R, &Probe) -> Result<(), Fault>,
) {
    let mut faults = Vec::new();
    for row in rows {
        let (operation, stack, kind) = of(row);
        // Each has a clock and timers of its own.
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime without I/O needs nothing of the system");
        let proved = runtime.block_on(async {
            let kind = kind.ok_or("there is no such type of pattern")?;
            let probe = Probe::new(stack, kind)?;
            holds(row, &probe).await
        });
        if let Err(fault) = proved {
            faults.push(format!("{operation}: {fault}"));
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {} policies do not hold:\n{}",
        faults.len(),
        rows.len(),
        faults.join("\n")
    );
}

fn check(holds: bool, fault: impl FnOnce() -> Fault) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(fault()) }
}

/// Timers of tokio are rounded up to the millisecond.
fn is_about(elapsed: Duration, expected: Duration) -> bool {
    elapsed >= expected && elapsed <= expected + Duration::from_millis(2)
}
