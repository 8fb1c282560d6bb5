use tower_layer::Layer;

use super::{Chaos, ChaosService};
use crate::Shared;

/// Puts chaos around a service.
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
