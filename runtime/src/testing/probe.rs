//! An operation's stack with a handler that does as it is told.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use tokio::time::{Instant, sleep, timeout};
use tower_service::Service;

use super::{Failure, Fault, Stack, check};
use crate::loadshed::SystemLoad;
use crate::registry::{Pattern, PatternKind};
use crate::service::stack::{Before, Layer};
use crate::service::{ApiError, Handler, Operation, PolicyStack, Routes, empty};
use crate::{LoadShedder, Mode, Patterns};

static OPERATION: Operation = Operation::new("policy", Method::POST, "/");
/// What caches keep.
static READING: Operation = Operation::new("policy", Method::GET, "/");

/// What the handler does.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Behaviour {
    #[default]
    Answer,
    Fail(Failure),
    /// So often, and then it answers.
    FailFirst(u32, Failure),
    /// The first call never comes to an end.
    HangFirst,
    /// It never comes to an end.
    Hang,
    /// It takes a second.
    Slow,
}

#[derive(Debug, Default)]
struct Script {
    behaviour: Mutex<Behaviour>,
    calls: AtomicU32,
}

impl Script {
    async fn handle(self: Arc<Self>) -> Result<Response, ApiError> {
        let call = self.calls.fetch_add(1, Relaxed) + 1;
        let behaviour = *self
            .behaviour
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let failure = match behaviour {
            Behaviour::Answer => None,
            Behaviour::Slow => {
                sleep(Duration::from_secs(1)).await;
                None
            }
            Behaviour::Fail(failure) => Some(failure),
            Behaviour::FailFirst(times, failure) => (call <= times).then_some(failure),
            Behaviour::HangFirst if call > 1 => None,
            Behaviour::Hang | Behaviour::HangFirst => std::future::pending().await,
        };
        match failure {
            None => Ok(empty(StatusCode::OK)),
            Some(Failure::Connection) => Err(ApiError::connection("a test has it so")),
            Some(Failure::Timeout) => Err(ApiError::timeout("a test has it so")),
            Some(Failure::Status(status)) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
                Err(ApiError::status(status, "a test has it so"))
            }
        }
    }
}

/// A clock that is paused gets there at once, where nothing else is to come.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client(pub(super) u16);

/// The client that asks where it does not matter.
pub(super) const SOMEBODY: Client = Client(1);

/// What a client sees of an answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The word of a refusal, empty for everything else.
    pub(super) error: String,
    pub(super) headers: HeaderMap,
    pub(super) took: Duration,
}

impl Answer {
    /// In whole seconds, as it is written.
    pub(super) fn retry_after(&self) -> Option<u64> {
        self.headers
            .get(header::RETRY_AFTER)?
            .to_str()
            .ok()?
            .parse()
            .ok()
    }

    pub(super) fn is_refused_with(&self, status: u16, error: &str) -> bool {
        self.status == status && self.error == error
    }

    pub(super) fn was_answered(&self, when: &str) -> Result<(), Fault> {
        self.has_status(200, when)
    }

    pub(super) fn has_status(&self, status: u16, when: &str) -> Result<(), Fault> {
        check(self.status == status && self.error.is_empty(), || {
            format!(
                "{when} was answered with {}, not with {status}",
                self.text()
            )
        })
    }

    pub(super) fn was_refused(&self, status: u16, error: &str, when: &str) -> Result<(), Fault> {
        check(self.is_refused_with(status, error), || {
            format!(
                "{when} was answered with {}, not with {status} {error}",
                self.text()
            )
        })
    }

    fn text(&self) -> String {
        format!("{} {}", self.status, self.error)
            .trim_end()
            .to_owned()
    }
}

/// A stack in which one type of pattern is on, and a handler behind it.
pub(super) struct Probe {
    pub(super) patterns: Patterns,
    /// The stack once more, over the same patterns.
    stack: PolicyStack,
    pub(super) kind: PatternKind,
    /// The pattern that is on.
    pub(super) pattern: Arc<dyn Pattern>,
    /// What load shedders take for the machine; it has nothing to do unless it is told to pretend.
    pub(super) system: Arc<SystemLoad>,
    operation: &'static Operation,
    router: Router,
    script: Arc<Script>,
}

impl Probe {
    pub(super) fn new(stack: Stack, kind: PatternKind) -> Result<Probe, Fault> {
        let patterns = Patterns::new();
        let build = || stack(&patterns).map_err(|error| error.to_string());
        let (mut behind, mut stack) = (build()?, build()?);
        let system = SystemLoad::by_hand("");
        let mut of_this_kind = patterns.all().into_iter().filter(|it| it.kind() == kind);
        let mut pattern = of_this_kind.next();
        let shedders = behind.before.iter_mut().zip(&mut stack.before);
        for (behind, stack) in shedders {
            if let Before::LoadShed(shedder) = behind {
                let own = in_system(shedder, &system)?;
                *stack = Before::LoadShed(Arc::clone(&own));
                *shedder = Arc::clone(&own);
                own.set_enabled(kind == PatternKind::LoadShed);
                if kind == PatternKind::LoadShed {
                    pattern = Some(own);
                }
            }
        }
        let pattern = pattern.ok_or_else(|| format!("it has no {}", kind.as_str()))?;
        for pattern in patterns.all() {
            // Switched off, a toggle would refuse.
            if pattern.kind() != kind && pattern.kind() != PatternKind::FeatureToggle {
                pattern.set_enabled(false);
            }
        }
        if kind != PatternKind::FeatureToggle {
            for pattern in &stack.before {
                if let Before::FeatureToggle(toggle) = pattern {
                    toggle.set_mode(Mode::Off);
                }
            }
        }
        let operation = match kind {
            PatternKind::Cache => &READING,
            _ => &OPERATION,
        };
        let script = Arc::<Script>::default();
        let router = Routes::new(Arc::clone(&script))
            .streamed(operation, behind, |script, call| {
                Box::pin(async move {
                    let mut handler =
                        Handler::new(script, |_, script: Arc<Script>| Box::pin(script.handle()));
                    call.respond(&mut handler).await
                })
            })
            .into_router();
        Ok(Probe {
            patterns,
            stack,
            kind,
            pattern,
            system,
            operation,
            router,
            script,
        })
    }

    /// From now on the handler does so.
    pub(super) fn handler(&self, behaviour: Behaviour) {
        self.script.calls.store(0, Relaxed);
        *self
            .script
            .behaviour
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    /// How often the handler was called since it was last told what to do.
    pub(super) fn calls(&self) -> u32 {
        self.script.calls.load(Relaxed)
    }

    pub(super) async fn ask(&self) -> Answer {
        self.ask_as(SOMEBODY, &[]).await
    }

    /// One request through the whole stack, to the last byte of its answer.
    pub(super) async fn ask_as(&self, client: Client, headers: &[(&str, &str)]) -> Answer {
        let name = format!("client-{}", client.0);
        let [high, low] = client.0.to_be_bytes();
        let mut request = Request::builder()
            .method(&self.operation.method)
            .uri("/")
            .header("x-client-id", &name)
            .header(header::AUTHORIZATION, &name)
            .extension(ConnectInfo(std::net::SocketAddr::from((
                [192, 0, high, low],
                4000,
            ))));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(Body::empty())
            .expect("the parts of the request are fixed");
        let started = Instant::now();
        let response = timeout(A_DAY, self.router.clone().call(request)).await;
        let took = started.elapsed();
        let Ok(response) = response else {
            return Answer {
                status: 0,
                error: "no answer for a day".to_owned(),
                headers: HeaderMap::new(),
                took,
            };
        };
        let response = response.unwrap_or_else(|never| match never {});
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes());
        let json: serde_json::Value =
            serde_json::from_slice(&body.unwrap_or_default()).unwrap_or_default();
        Answer {
            status: parts.status.as_u16(),
            error: json["error"].as_str().unwrap_or_default().to_owned(),
            headers: parts.headers,
            took,
        }
    }

    /// The pattern that decides before the request is read.
    pub(super) fn before(&self) -> Option<&Before> {
        self.stack.before.iter().find(|pattern| {
            self.kind
                == match pattern {
                    Before::FeatureToggle(_) => PatternKind::FeatureToggle,
                    Before::RateLimit(_) => PatternKind::RateLimit,
                    Before::LoadShed(_) => PatternKind::LoadShed,
                    Before::Concurrency(_) => PatternKind::Concurrency,
                    Before::Backpressure(_) => PatternKind::Backpressure,
                    Before::Bulkhead(_) => PatternKind::Bulkhead,
                }
        })
    }

    /// The patterns around the handler.
    pub(super) fn around(&self) -> &[Layer] {
        &self.stack.around
    }
}

/// The same load shedder, but for the machine that it looks at: what that has to do beside the tests
/// is its own business.
fn in_system(shedder: &LoadShedder, system: &Arc<SystemLoad>) -> Result<Arc<LoadShedder>, Fault> {
    let own = LoadShedder::with_system(shedder.name(), shedder.config(), Arc::clone(system));
    let own = own.map_err(|error| error.to_string())?;
    Ok(Arc::new(own))
}

/// Lets time pass. Timers that are due fire.
pub(super) async fn pass(time: Duration) {
    sleep(time).await;
}
