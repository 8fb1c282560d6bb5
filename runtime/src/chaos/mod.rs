//! Faults and latency on purpose, so that people can see their policies work.
//!
//! Whether a retry, a circuit and a fallback do what was meant shows when what they guard fails,
//! which it seldom does while somebody looks. Chaos stands in its place, innermost: a share of the
//! calls fails, and each takes so much longer. It is decided by a seed and the number of the call,
//! so that two runs see the same faults.
//!
//! ```
//! use failsafe_runtime::{Chaos, ChaosConfig, ChaosError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let chaos = Chaos::new("search", ChaosConfig { fault_rate: 1.0, ..Default::default() })?;
//! let answer = chaos.call(|| async { Ok::<_, &str>("found") }).await;
//! assert!(matches!(answer, Err(ChaosError::Injected(fault)) if fault.status == 503));
//!
//! chaos.set_enabled(false);
//! assert_eq!(chaos.call(|| async { Ok::<_, &str>("found") }).await, Ok("found"));
//! # Ok(())
//! # }
//! ```
//!
//! # The other ways to use it
//!
//! By hand, where the call is made elsewhere: [`inject`](Chaos::inject) says what to do to it.
//!
//! ```
//! use failsafe_runtime::{Chaos, ChaosConfig};
//!
//! # fn main() -> Result<(), failsafe_runtime::ConfigError> {
//! let chaos = Chaos::new("search", ChaosConfig { fault_rate: 0.5, seed: 7, ..Default::default() })?;
//! let faults = (0..1000).filter(|_| chaos.inject().fault.is_some()).count();
//! assert!((450..550).contains(&faults));
//! # Ok(())
//! # }
//! ```
//!
//! As a layer of tower: `ChaosLayer` (feature `tower`).
//!
//! # When not to use it
//!
//! In production, unless you mean it: a fault that was injected is a fault for whoever called. The
//! feature `chaos` is off by default, and a generated service has it only if its document does.
//!
//! # Dropped calls and panics
//!
//! A call that is dropped while it is held up is not made; its turn of the seed is over all the same. A
//! panic of the call is passed on.

mod config;
mod error;
mod event;
#[cfg(feature = "tower")]
mod future;
mod injector;
#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "tower")]
mod service;
#[cfg(test)]
mod tests;

pub use self::config::ChaosConfig;
pub use self::error::{ChaosError, InjectedFault};
pub use self::event::ChaosEvent;
#[cfg(feature = "tower")]
pub use self::future::ChaosFuture;
pub use self::injector::{Chaos, Injected};
#[cfg(feature = "tower")]
pub use self::layer::ChaosLayer;
#[cfg(feature = "tower")]
pub use self::service::ChaosService;
