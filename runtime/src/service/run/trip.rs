//! What a call takes with it on its way, wherever it is.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use axum::response::Response;
#[cfg(feature = "chaos")]
use http::StatusCode;
use tokio::time::Instant;

#[cfg(feature = "cache")]
use super::cached::Key;
use super::deadline::Deadline;
#[cfg(feature = "client")]
use crate::client::current::Current;
use crate::service::call::Call;
use crate::service::context::RequestContext;
use crate::service::error::ApiError;
use crate::service::fallback::FailedCall;
use crate::service::handler::Attempts;
use crate::service::routes::BoxFuture;
use crate::service::stack::{Layer, PolicyStack, RetryWhen};
use crate::timeout::Scope;
#[cfg(feature = "chaos")]
use crate::{Chaos, ChaosError};

/// A call on its way. Attempts that run beside each other share it.
pub(in crate::service) struct Trip<'a> {
    pub(super) stack: &'a Arc<PolicyStack>,
    pub(super) context: &'a RequestContext,
    /// Whether the request has an `Idempotency-Key`.
    pub(super) is_keyed: bool,
    /// What its answer is kept under. None: it is not kept.
    #[cfg(feature = "cache")]
    pub(super) key: Option<Key>,
    handler: Mutex<&'a mut dyn Attempts>,
    attempts: AtomicU32,
    first_attempt_at: OnceLock<Instant>,
}

impl<'a> Trip<'a> {
    pub(in crate::service) fn of(call: &'a Call, handler: &'a mut dyn Attempts) -> Trip<'a> {
        Trip {
            is_keyed: call.parts.headers.contains_key("idempotency-key"),
            #[cfg(feature = "cache")]
            key: Key::of(call),
            ..Trip::new(&call.stack, &call.context, handler)
        }
    }

    pub(super) fn new(
        stack: &'a Arc<PolicyStack>,
        context: &'a RequestContext,
        handler: &'a mut dyn Attempts,
    ) -> Trip<'a> {
        Trip {
            stack,
            context,
            is_keyed: false,
            #[cfg(feature = "cache")]
            key: None,
            handler: Mutex::new(handler),
            attempts: AtomicU32::new(0),
            first_attempt_at: OnceLock::new(),
        }
    }

    /// The patterns that act on it.
    pub(super) fn layers(&self) -> &'a [Layer] {
        match self.context.arrival.protected {
            true => &self.stack.around,
            false => &[],
        }
    }

    /// The end of all attempts. `waited`: what the call has already spent of its time, in queues.
    pub(super) fn total(&self, waited: Duration) -> Option<Deadline> {
        let layers = self.layers().iter().enumerate();
        let totals = layers.filter_map(|(index, layer)| match layer {
            Layer::Timeout(timeout) => Deadline::begin(index, timeout, Scope::Total, waited),
            _ => None,
        });
        totals.min_by_key(|deadline| deadline.at)
    }

    /// The same, or the end of the caller's patience if that comes first.
    pub(super) fn end_of_all(&self, waited: Duration) -> Option<Deadline> {
        let arrival = &self.context.arrival;
        let callers = Deadline::of_caller(arrival.patience, waited).filter(|_| arrival.protected);
        let ends = callers.into_iter().chain(self.total(waited));
        ends.min_by_key(|deadline| deadline.at)
    }

    /// Counts a deadline that was not kept.
    pub(super) fn expire(&self, deadline: &Deadline) {
        if let Some(Layer::Timeout(timeout)) = self.layers().get(deadline.layer) {
            // Whether it cuts off was decided when it began.
            let _ = timeout.time_is_up(deadline.after, deadline.mode);
        }
    }

    pub(super) fn applies(&self, when: RetryWhen) -> bool {
        !self.is_retry() && (when == RetryWhen::Always || self.is_keyed)
    }

    /// Whether the caller retries already: he makes enough calls of one.
    pub(super) fn is_retry(&self) -> bool {
        self.context.arrival.patience.is_retry
    }

    /// A retry here or below has ended in vain.
    pub(super) fn was_retried_in_vain(&self) {
        self.context.arrival.retried_in_vain.store(true, Relaxed);
    }

    /// An attempt of the handler.
    pub(super) fn attempt(
        &self,
        end: Option<Instant>,
        may_repeat: bool,
    ) -> BoxFuture<Result<Response, ApiError>> {
        if self.tracks_latency() {
            self.first_attempt_at.get_or_init(Instant::now);
        }
        let number = self.attempts.fetch_add(1, Relaxed) + 1;
        let context = self.context(number, end);
        #[cfg(feature = "chaos")]
        if let Some(chaos) = &self.stack.chaos
            && self.context.arrival.protected
        {
            let attempt = self.handler().attempt(context, may_repeat);
            return disturbed(Arc::clone(chaos), attempt);
        }
        self.handler().attempt(context, may_repeat)
    }

    /// What calls to others see of an attempt.
    #[cfg(feature = "client")]
    pub(super) fn current(&self, end: Option<Instant>) -> Current {
        let attempt = self.attempts.load(Relaxed);
        self.context.current_at(attempt, end)
    }

    /// The circumstances as an attempt sees them.
    fn context(&self, attempt: u32, end: Option<Instant>) -> RequestContext {
        let mut context = self.context.clone();
        context.attempt = attempt;
        context.deadline = end;
        context
    }

    /// What is answered in place of a call that failed, if the handler says so.
    pub(super) fn fallback(
        &self,
        end: Option<Instant>,
        failed: FailedCall,
    ) -> Option<BoxFuture<Result<Response, ApiError>>> {
        let context = self.context(self.attempts.load(Relaxed), end);
        self.handler().fallback(context, failed)
    }

    pub(super) fn handler(&self) -> MutexGuard<'_, &'a mut dyn Attempts> {
        // A clone of arguments that panicked has changed nothing.
        self.handler.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the rate limits how long the attempts took. What was answered without any gives no
    /// sample.
    pub(super) fn record_latency(&self) {
        if let Some(started) = self.first_attempt_at.get() {
            let latency = started.elapsed();
            for rate_limit in self.stack.rate_limits() {
                rate_limit.record_latency(latency);
            }
        }
    }

    fn tracks_latency(&self) -> bool {
        let mut rate_limits = self.stack.rate_limits();
        self.context.arrival.protected && rate_limits.any(|it| it.tracks_latency())
    }
}

/// An attempt that may come later, or to nothing.
#[cfg(feature = "chaos")]
fn disturbed(
    chaos: Arc<Chaos>,
    attempt: BoxFuture<Result<Response, ApiError>>,
) -> BoxFuture<Result<Response, ApiError>> {
    Box::pin(async move {
        chaos.call(|| attempt).await.map_err(|error| match error {
            ChaosError::Inner(error) => error,
            ChaosError::Injected(fault) => {
                let status = StatusCode::from_u16(fault.status);
                let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
                ApiError::status(status, "a fault was injected on purpose").with_source(fault)
            }
        })
    })
}
