//! Whether the service wants requests.

use tokio::sync::watch;

/// Yes, until the service is told to end. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Readiness(watch::Sender<bool>);

impl Readiness {
    pub(super) fn new() -> Readiness {
        Readiness(watch::Sender::new(true))
    }

    pub(crate) fn is_ready(&self) -> bool {
        *self.0.borrow()
    }

    /// From now on it wants none.
    pub(super) fn end(&self) {
        self.0.send_replace(false);
    }

    /// Done when the service is told to end.
    #[cfg(feature = "controlplane")]
    pub(crate) async fn ended(&self) {
        let mut ready = self.0.subscribe();
        // The sender is this very one, so it is not gone.
        let _ = ready.wait_for(|ready| !ready).await;
    }
}
