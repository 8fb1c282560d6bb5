use tower_layer::Layer;

use super::{Chaos, ChaosService};
use crate::Shared;

/// Puts chaos around a service.
///
/// ```
/// use failsafe_runtime::chaos::ChaosLayer;
/// use failsafe_runtime::retry::RetryLayer;
/// use failsafe_runtime::{Chaos, ChaosConfig, Retry, RetryConfig};
/// use tower::{Layer, ServiceBuilder, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), failsafe_runtime::ConfigError> {
/// let broken = ChaosConfig { fault_rate: 1.0, ..Default::default() };
/// let inner = service_fn(|name: &'static str| async move { Ok::<_, &str>(name.len()) });
///
/// // Alone:
/// let service = ChaosLayer::new(Chaos::new("search", broken.clone())?).layer(inner);
/// assert!(service.oneshot("shoes").await.is_err());
///
/// // Innermost, where what it stands for would fail: the retry sees the faults.
/// let retry = Retry::new("search", RetryConfig::default())?;
/// let service = ServiceBuilder::new()
///     .layer(RetryLayer::new(retry))
///     .layer(ChaosLayer::new(Chaos::new("search", broken)?))
///     .service(inner);
/// let error = service.oneshot("shoes").await.expect_err("each attempt is a fault");
/// assert_eq!(error.to_string(), "gave up after 3 attempts");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ChaosLayer {
    chaos: Shared<Chaos>,
}

impl ChaosLayer {
    /// A layer of this chaos. It goes innermost, where what it stands for would fail.
    pub fn new(chaos: impl Into<Shared<Chaos>>) -> Self {
        Self {
            chaos: chaos.into(),
        }
    }
}

impl<S> Layer<S> for ChaosLayer {
    type Service = ChaosService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ChaosService::new(inner, self.chaos.clone())
    }
}
