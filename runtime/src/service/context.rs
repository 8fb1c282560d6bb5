//! What a handler may want to know about the request beside its arguments.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
#[cfg(feature = "client")]
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::ConnectInfo;
use http::Request;
use tokio::time::Instant;

use super::accept::Accept;
use super::client::ClientId;
use super::operation::Operation;
use super::patience::Patience;
use super::request_id::RequestId;
#[cfg(feature = "security")]
use super::security::{Identities, Identity};
#[cfg(feature = "client")]
use crate::client::current::{Current, during};
#[cfg(feature = "client")]
use crate::retry::nesting::{ShareId, heeding, within};

/// The circumstances of one call of a handler. Cheap to clone.
#[derive(Clone)]
pub struct RequestContext {
    pub(crate) arrival: Arc<Arrival>,
    pub(crate) client: ClientId,
    pub(crate) operation: &'static Operation,
    pub(crate) deadline: Option<Instant>,
    pub(crate) attempt: u32,
    #[cfg(feature = "security")]
    pub(crate) identities: Identities,
}

/// What is known about a request before it is known which operation it is for. The controller
/// leaves it in the request's extensions.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) request_id: RequestId,
    /// Who asks, by address.
    pub(crate) peer: ClientId,
    /// The longest body that is read.
    pub(crate) max_body_bytes: usize,
    /// The longest body with files.
    #[cfg(feature = "multipart")]
    pub(crate) max_upload_bytes: usize,
    /// How long a body may take to be read; of one with files, how long each piece may.
    pub(crate) body_read_timeout: Duration,
    /// What the client wants to be answered.
    pub(crate) accept: Accept,
    /// Whether the patterns act on this request.
    pub(crate) protected: bool,
    /// How long its caller waits.
    pub(crate) patience: Patience,
    /// Whether a retry below has ended in vain: a failure is then not retried once more.
    pub(crate) retried_in_vain: AtomicBool,
    /// Which operation it turned out to be for, told back to the controller for its log.
    pub(crate) operation: OnceLock<&'static Operation>,
}

impl Arrival {
    /// The longest body that is read unless the service says otherwise: 2 MiB.
    pub(crate) const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

    /// The longest body with files unless the service says otherwise: 64 MiB.
    #[cfg(feature = "multipart")]
    pub(crate) const MAX_UPLOAD_BYTES: usize = 64 * 1024 * 1024;

    /// How long a body may take unless the service says otherwise.
    pub(crate) const BODY_READ_TIMEOUT: Duration = Duration::from_secs(60);

    /// What is left in the extensions, or, where a router is served without its controller, what
    /// can be known without one.
    pub(crate) fn take<B>(request: &mut Request<B>) -> Arc<Arrival> {
        if let Some(arrival) = request.extensions_mut().remove::<Arc<Arrival>>() {
            return arrival;
        }
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        Arc::new(Arrival {
            request_id: RequestId::of(request.headers()),
            peer: peer.map_or_else(ClientId::unknown, |peer| ClientId::of_address(peer.ip())),
            max_body_bytes: Arrival::MAX_BODY_BYTES,
            #[cfg(feature = "multipart")]
            max_upload_bytes: Arrival::MAX_UPLOAD_BYTES,
            body_read_timeout: Arrival::BODY_READ_TIMEOUT,
            accept: Accept::of(request.headers()),
            protected: true,
            patience: Patience::of(request.headers()),
            retried_in_vain: AtomicBool::new(false),
            operation: OnceLock::new(),
        })
    }
}

impl RequestContext {
    pub(crate) fn new(
        arrival: Arc<Arrival>,
        client: ClientId,
        operation: &'static Operation,
    ) -> RequestContext {
        RequestContext {
            arrival,
            client,
            operation,
            deadline: None,
            attempt: 1,
            #[cfg(feature = "security")]
            identities: Identities::default(),
        }
    }

    /// The id under which the request is logged and answered (`x-request-id`).
    #[must_use]
    pub fn request_id(&self) -> &str {
        self.arrival.request_id.as_str()
    }

    /// Who asks, as the rate limits see it: by default the peer's address.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.client.as_str()
    }

    /// The operation that is being answered.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Whether the client takes an answer of this media type.
    #[must_use]
    pub fn accepts(&self, media_type: &str) -> bool {
        self.arrival.accept.any(&[media_type])
    }

    /// The place in the list of the media type that the client likes best, of equals the first;
    /// 0 where it takes none of them.
    #[must_use]
    pub fn prefers(&self, media_types: &[&str]) -> usize {
        self.arrival.accept.best(media_types).unwrap_or(0)
    }

    /// The media type of the list that the client likes best; the first where it takes none.
    #[must_use]
    pub fn preferred(&self, media_types: &[&'static str]) -> &'static str {
        let best = media_types.get(self.prefers(media_types));
        best.copied().unwrap_or("application/octet-stream")
    }

    /// Which attempt this is, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Who asks, as the service's authentication has it: what its method returned, of the type
    /// that it returns. `None` where the operation lets everybody in, or where `T` is another
    /// type. Of several schemes that had to be met together the first one counts.
    ///
    /// A method and not an argument, so that no handler changes when the document's `security`
    /// does.
    ///
    /// ```
    /// use failsafe_runtime::service::{ApiError, RequestContext, StatusCode};
    ///
    /// struct Caller { name: String }
    ///
    /// fn greet(ctx: &RequestContext) -> String {
    ///     match ctx.identity::<Caller>() {
    ///         Some(caller) => format!("hello, {}", caller.name),
    ///         None => "hello, whoever you are".to_owned(),
    ///     }
    /// }
    /// ```
    #[cfg(feature = "security")]
    #[must_use]
    pub fn identity<T: 'static>(&self) -> Option<&T> {
        self.identities.first().and_then(Identity::get)
    }

    /// The same for one scheme, by its name in the document, where several are met together.
    #[cfg(feature = "security")]
    #[must_use]
    pub fn identity_of<T: 'static>(&self, scheme: &str) -> Option<&T> {
        self.identities.of(scheme).and_then(Identity::get)
    }

    /// How long the nearest timeout leaves for this attempt, or the caller by his
    /// `X-Request-Timeout-Ms`. `None` when nothing limits it.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

#[cfg(feature = "client")]
impl RequestContext {
    /// Takes a future along in the name of this request. Calls that a handler makes to others by a
    /// [`Client`](crate::client::Client) end when it is out of time, and say so to whom they call;
    /// those of a task that it spawns do so only if the task carries the request.
    ///
    /// ```
    /// use failsafe_runtime::service::RequestContext;
    ///
    /// # async fn tell_others() {}
    /// async fn handle(ctx: &RequestContext) {
    ///     tokio::spawn(ctx.carry(tell_others()));
    /// }
    /// ```
    pub fn carry<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let current = self.current_at(self.attempt, self.deadline);
        let arrival = Arc::clone(&self.arrival);
        async move {
            let mut future = std::pin::pin!(future);
            std::future::poll_fn(|cx| {
                let mut poll = || during(current, || future.as_mut().poll(cx));
                let (polled, in_vain) = heeding(|| match arrival.patience.is_retry {
                    true => within(ShareId::NOTHING, poll),
                    false => poll(),
                });
                if in_vain {
                    arrival.retried_in_vain.store(true, Relaxed);
                }
                polled
            })
            .await
        }
    }

    /// What calls to others see of an attempt. One that is made for a caller's retry is a retry.
    pub(crate) fn current_at(&self, attempt: u32, end: Option<Instant>) -> Current {
        let least = 1 + u32::from(self.arrival.patience.is_retry);
        Current {
            end,
            attempt: attempt.max(least),
        }
    }
}

impl fmt::Debug for RequestContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContext")
            .field("operation", &self.operation.id)
            .field("request_id", &self.request_id())
            .field("client_id", &self.client_id())
            .field("attempt", &self.attempt)
            .field("remaining", &self.remaining())
            .finish()
    }
}
