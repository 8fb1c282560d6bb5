//! What the tests of the way share: a handler that follows a script, and stacks around it.

mod around;
#[cfg(feature = "cache")]
mod cached;
mod fallback;
mod hedged;
mod patience;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::response::Response;
use http::{Method, StatusCode};
use tokio::time::{Instant, sleep};

use crate::registry::PatternKind;
use crate::service::answer;
use crate::service::error::ApiError;
use crate::service::handler::Handler;
use crate::service::operation::Operation;
use crate::service::stack::PolicyStack;
use crate::service::testing::{Answer, call, request};
use crate::{
    CircuitBreakerConfig, CircuitState, Exceptions, FailFastConfig, Jitter, Mode, Patterns,
    RateLimitConfig, Retry, RetryConfig, TimeoutConfig,
};

static OPERATION: Operation = Operation::new("op", Method::GET, "/");

const SECOND: Duration = Duration::from_secs(1);

/// What the handler does at each attempt; the last step is repeated.
#[derive(Debug, Clone, Copy)]
enum Step {
    Work,
    Fail,
    Refuse,
    Answer(u16),
    /// An error that asks to be left alone for so many seconds.
    Busy(u64),
    /// An answer that asks for it.
    BusyAnswer(&'static str),
    /// Says which call this is.
    Number,
    /// The same after so many seconds.
    NumberAfter(u32),
    Panic,
    /// Retries something of its own, which fails each time and is counted as well.
    RetryBelow,
    /// Seconds.
    Sleep(u32),
}

#[derive(Debug, Clone)]
struct Script {
    steps: &'static [Step],
    calls: Arc<AtomicU32>,
}

impl Script {
    fn new(steps: &'static [Step]) -> Script {
        Script {
            steps,
            calls: Arc::default(),
        }
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    async fn handle(self) -> Result<Response, ApiError> {
        let index = self.calls.fetch_add(1, Ordering::Relaxed) as usize;
        match self.steps[index.min(self.steps.len() - 1)] {
            Step::Work => Ok(answer::empty(StatusCode::OK)),
            Step::Fail => Err(ApiError::connection("db:5432 refused")),
            Step::Refuse => Err(ApiError::status(StatusCode::NOT_FOUND, "nothing here")),
            Step::Answer(status) => Ok(answer::empty(StatusCode::from_u16(status).unwrap())),
            Step::Busy(seconds) => {
                let busy = ApiError::status(StatusCode::SERVICE_UNAVAILABLE, "busy");
                Err(busy.with_retry_after(Duration::from_secs(seconds)))
            }
            Step::BusyAnswer(after) => {
                let mut answer = answer::empty(StatusCode::SERVICE_UNAVAILABLE);
                let after = http::HeaderValue::from_static(after);
                answer
                    .headers_mut()
                    .insert(http::header::RETRY_AFTER, after);
                Ok(answer)
            }
            Step::Number => Ok(answer::json(StatusCode::OK, &(index + 1))),
            Step::NumberAfter(seconds) => {
                sleep(SECOND * seconds).await;
                Ok(answer::json(StatusCode::OK, &(index + 1)))
            }
            Step::Panic => panic!("handler bug"),
            Step::RetryBelow => {
                let below = Retry::new("below", retry()).unwrap();
                let call = async || {
                    self.calls.fetch_add(1, Ordering::Relaxed);
                    Err::<(), _>("down")
                };
                let failed = below.call(call).await.unwrap_err();
                Err(ApiError::connection(failed.to_string()))
            }
            Step::Sleep(seconds) => {
                sleep(SECOND * seconds).await;
                Ok(answer::empty(StatusCode::OK))
            }
        }
    }
}

fn retry() -> RetryConfig {
    RetryConfig {
        attempts: 3,
        delay: SECOND,
        backoff: 1.0,
        jitter: Jitter::None,
        ..RetryConfig::default()
    }
}

fn breaker() -> CircuitBreakerConfig {
    CircuitBreakerConfig {
        failure_threshold: 2,
        ..CircuitBreakerConfig::default()
    }
}

fn timeout() -> TimeoutConfig {
    TimeoutConfig {
        seconds: SECOND * 2,
        ..TimeoutConfig::default()
    }
}

/// A stack of patterns around the handler, outermost first: `f`, `c`, `r` and `t`.
fn stack(patterns: &Patterns, order: &str) -> PolicyStack {
    order
        .chars()
        .fold(PolicyStack::new(), |stack, pattern| match pattern {
            'c' => stack.circuit_breaker(patterns.circuit_breaker("op", breaker()).unwrap()),
            'f' => stack.fail_fast(patterns.fail_fast("op", FailFastConfig::default()).unwrap()),
            'r' => stack.retry(patterns.retry("op", retry()).unwrap()),
            _ => stack.timeout(patterns.timeout("op", timeout()).unwrap()),
        })
}

async fn run(stack: impl Into<Arc<PolicyStack>>, script: &Script) -> Answer {
    run_with(stack, script, &[]).await
}

async fn run_with(
    stack: impl Into<Arc<PolicyStack>>,
    script: &Script,
    headers: &[(&str, &str)],
) -> Answer {
    let call = call(&OPERATION, stack, request(Method::GET, "/", headers, ""));
    Answer::read(
        call.respond(&mut Handler::new(script.clone(), |_, script| {
            Box::pin(script.handle())
        }))
        .await,
    )
    .await
}

fn counter(patterns: &Patterns, kind: PatternKind, name: &str) -> u64 {
    let snapshot = patterns.snapshot();
    let pattern = snapshot
        .patterns
        .iter()
        .find(|pattern| pattern.kind == kind)
        .unwrap();
    pattern
        .counters
        .iter()
        .find(|counter| counter.name == name)
        .unwrap()
        .value
}
