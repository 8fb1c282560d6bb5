//! What is changed.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use super::Plane;
use super::route::Target;
use crate::ConfigError;
use crate::overrides::{Change, Keys, Refused};
use crate::registry::{Pattern, PatternKind, nearest};
use crate::service::answer;
use crate::service::body::{Unread, collect, media};
use crate::service::context::Arrival;
use crate::service::problem::Problem;
use crate::service::violation::{Place, Violation};

/// The longest body that is read. A configuration is far shorter.
const MAX_BODY_BYTES: usize = 64 * 1024;

impl Plane {
    /// The pattern that a path names.
    pub(super) fn find(&self, target: &Target) -> Result<Arc<dyn Pattern>, Problem> {
        let nothing = |what: String, meant: Option<&str>| {
            let meant = meant.map_or(String::new(), |it| format!(", did you mean {it}?"));
            Problem::new(StatusCode::NOT_FOUND).detail(format!("{what}{meant}"))
        };
        let Some(kind) = PatternKind::named(&target.kind) else {
            let known = PatternKind::ALL.map(PatternKind::as_str);
            return Err(nothing(
                format!("no type of pattern is called {:?}", target.kind),
                nearest(&target.kind, known),
            ));
        };
        let patterns = self.overrides.patterns();
        patterns.get(kind, &target.name).ok_or_else(|| {
            let all = patterns.list();
            let names = all.iter().filter(|(of, _)| *of == kind);
            nothing(
                format!("no {} is called {:?}", kind.as_str(), target.name),
                nearest(&target.name, names.map(|(_, name)| name.as_str())),
            )
        })
    }

    pub(super) async fn put(
        &self,
        target: &Target,
        request: Request<Body>,
        arrival: &Arrival,
    ) -> Response {
        let pattern = match self.find(target) {
            Ok(pattern) => pattern,
            Err(problem) => return problem.into_response(),
        };
        let keys = match body(request, arrival).await {
            Ok(keys) => keys,
            Err(response) => return response,
        };
        let changed = self.overrides.put(pattern.kind(), pattern.name(), &keys);
        self.answered(&*pattern, changed, arrival)
    }

    pub(super) fn take_back(&self, target: &Target, arrival: &Arrival) -> Response {
        match self.find(target) {
            Ok(pattern) => {
                let (kind, name) = (pattern.kind(), pattern.name());
                let changed = self.overrides.take_back(kind, name, |_, _| true);
                self.answered(&*pattern, changed, arrival)
            }
            Err(problem) => problem.into_response(),
        }
    }

    pub(super) fn forget(&self, target: &Target, arrival: &Arrival) -> Response {
        match self.find(target) {
            Ok(pattern) => {
                pattern.forget_counts();
                log(&*pattern, "forget counts", arrival);
                answer::empty(StatusCode::NO_CONTENT)
            }
            Err(problem) => problem.into_response(),
        }
    }

    pub(super) fn control(&self, target: &Target, command: &str, arrival: &Arrival) -> Response {
        let pattern = match self.find(target) {
            Ok(pattern) => pattern,
            Err(problem) => return problem.into_response(),
        };
        let commands = commands(pattern.kind());
        if !commands.contains(&command) {
            let detail = format!("a {} takes {}", target.kind, commands.join(", "));
            return Problem::new(StatusCode::NOT_FOUND)
                .detail(detail)
                .into_response();
        }
        log(&*pattern, command, arrival);
        let changed = self.command(&pattern, command);
        self.answered(&*pattern, changed, arrival)
    }

    /// Does what one of the pattern's commands says.
    fn command(&self, pattern: &Arc<dyn Pattern>, command: &str) -> Result<Change, Refused> {
        let (kind, name) = (pattern.kind(), pattern.name());
        let put = |key: &str, value: Value| {
            let keys = Keys::from_iter([(key.to_owned(), value)]);
            self.overrides.put(kind, name, &keys)
        };
        match (kind, command) {
            (_, "enable") => put("enabled", true.into()),
            (_, "disable") => put("enabled", false.into()),
            // A circuit is held in its state; `reset` lets go of it.
            (PatternKind::CircuitBreaker, "open") => put("mode", "forced_open".into()),
            (PatternKind::CircuitBreaker, "close") => put("mode", "forced_closed".into()),
            (PatternKind::FailFast, "open" | "close") => {
                let any: Arc<dyn std::any::Any + Send + Sync> = Arc::clone(pattern) as _;
                if let Ok(fail_fast) = any.downcast::<crate::FailFast>() {
                    match command {
                        "open" => fail_fast.open(),
                        _ => fail_fast.close(),
                    }
                }
                self.overrides.put(kind, name, &Keys::new())
            }
            // `reset`, as the commands are checked.
            _ => {
                pattern.reset();
                self.overrides.take_back(kind, name, |key, value| {
                    let forced = |mode: &str| mode.starts_with("forced_");
                    key == "mode" && value.as_str().is_some_and(forced)
                })
            }
        }
    }

    /// What changed, and what holds now.
    fn answered(
        &self,
        pattern: &dyn Pattern,
        changed: Result<Change, Refused>,
        arrival: &Arrival,
    ) -> Response {
        let change = match changed {
            Ok(change) => change,
            Err(Refused::NoSuchPattern) => {
                return Problem::new(StatusCode::NOT_FOUND).into_response();
            }
            Err(Refused::Faults(faults)) => return unfit(&faults).into_response(),
        };
        let (request, client) = (arrival.request_id.as_str(), arrival.peer.as_str());
        change.log(&format!("request {request} of {client}"));
        let changed: Map<String, Value> = change
            .changed
            .into_iter()
            .map(|(key, (from, to))| (key, json!({ "from": from, "to": to })))
            .collect();
        let (config, _) = self.overrides.values(pattern);
        answer::json(
            StatusCode::OK,
            &json!({
                "type": pattern.kind().as_str(),
                "name": pattern.name(),
                "state": pattern.snapshot().state,
                "changed": changed,
                "config": config,
            }),
        )
    }
}

/// What can be done with a pattern of a type by name.
fn commands(kind: PatternKind) -> &'static [&'static str] {
    match kind {
        PatternKind::CircuitBreaker | PatternKind::FailFast => {
            &["enable", "disable", "open", "close", "reset"]
        }
        _ => &["enable", "disable", "reset"],
    }
}

fn log(pattern: &dyn Pattern, command: &str, arrival: &Arrival) {
    tracing::info!(
        pattern = pattern.kind().as_str(),
        name = pattern.name(),
        command,
        request_id = arrival.request_id.as_str(),
        client = arrival.peer.as_str(),
        "control plane"
    );
}

/// The keys that a body holds.
async fn body(request: Request<Body>, arrival: &Arrival) -> Result<Keys, Response> {
    let (parts, body) = request.into_parts();
    let named = media::named(&parts.headers);
    if named.is_some_and(|named| !media::is_json(named)) {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            .detail("send application/json")
            .into_response());
    }
    let read = collect(body, &parts.headers, MAX_BODY_BYTES);
    let read = timeout(arrival.body_read_timeout, read).await;
    let bytes: Bytes = read
        .unwrap_or(Err(Unread::Slow))
        .map_err(Unread::into_response)?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(keys)) => Ok(keys),
        Ok(_) => {
            let message = "must be an object of keys and values".to_owned();
            Err(problem(vec![violation("", "type", message)]).into_response())
        }
        Err(error) => Err(Problem::new(StatusCode::BAD_REQUEST)
            .detail(format!("the body is not JSON: {error}"))
            .into_response()),
    }
}

/// Values that do not fit.
fn unfit(faults: &[ConfigError]) -> Problem {
    let violations = faults.iter().map(|fault| {
        let rule = match fault {
            ConfigError::UnknownKey { .. } => "additionalProperties",
            ConfigError::OutOfRange { .. } => "range",
            ConfigError::Fixed { .. } => "readOnly",
            _ => "type",
        };
        violation(fault.key().unwrap_or_default(), rule, fault.to_string())
    });
    problem(violations.collect())
}

fn problem(violations: Vec<Violation>) -> Problem {
    let first = violations.first().map(|first| first.message.clone());
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY)
        .detail(first.unwrap_or_default())
        .violations(violations)
}

fn violation(key: &str, rule: &'static str, message: String) -> Violation {
    let pointer = match key {
        "" => String::new(),
        key => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
    };
    Violation {
        place: Place::Body,
        name: None,
        pointer,
        rule,
        message,
    }
}
