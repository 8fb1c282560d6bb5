//! Which path means what.

use http::Method;

use crate::service::paths::unescaped;

/// One pattern, as a path names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) kind: String,
    pub(super) name: String,
}

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Health,
    Liveness,
    Patterns,
    Config,
    ConfigOf(Target),
    Put(Target),
    TakeBack(Target),
    Metrics,
    MetricsOf(Target),
    Forget(Target),
    Control(Target, String),
    Events,
    OpenApi,
}

/// Why it means nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unrouted {
    Path,
    /// The path takes these.
    Method(&'static str),
}

impl Route {
    /// What a method and a path below the prefix mean.
    pub(super) fn find(method: &Method, path: &str) -> Result<Route, Unrouted> {
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let read = |route| match is_read {
            true => Ok(route),
            false => Err(Unrouted::Method("GET, HEAD")),
        };
        let segments: Vec<&str> = path.split('/').collect();
        match segments.as_slice() {
            ["health"] => read(Route::Health),
            ["liveness"] => read(Route::Liveness),
            ["patterns"] => read(Route::Patterns),
            ["config"] => read(Route::Config),
            ["metrics"] => read(Route::Metrics),
            ["events"] => read(Route::Events),
            ["openapi.json"] => read(Route::OpenApi),
            ["config", kind, name @ ..] if !name.is_empty() => {
                let target = Target::of(kind, name);
                match *method {
                    Method::PUT => Ok(Route::Put(target)),
                    Method::DELETE => Ok(Route::TakeBack(target)),
                    _ if is_read => Ok(Route::ConfigOf(target)),
                    _ => Err(Unrouted::Method("GET, HEAD, PUT, DELETE")),
                }
            }
            ["metrics", kind, name @ ..] if !name.is_empty() => {
                let target = Target::of(kind, name);
                match *method {
                    Method::DELETE => Ok(Route::Forget(target)),
                    _ if is_read => Ok(Route::MetricsOf(target)),
                    _ => Err(Unrouted::Method("GET, HEAD, DELETE")),
                }
            }
            ["control", kind, name @ .., command] if !name.is_empty() => match *method {
                Method::POST => Ok(Route::Control(
                    Target::of(kind, name),
                    (*command).to_owned(),
                )),
                _ => Err(Unrouted::Method("POST")),
            },
            _ => Err(Unrouted::Path),
        }
    }
}

impl Target {
    /// A name may have slashes, and some proxies undo what a client has escaped.
    fn of(kind: &str, name: &[&str]) -> Target {
        Target {
            kind: kind.to_owned(),
            name: unescaped(&name.join("/")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(kind: &str, name: &str) -> Target {
        Target {
            kind: kind.to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn names_may_be_escaped_and_may_have_slashes() {
        for path in [
            "config/retry/repos%2Fget%20all",
            "config/retry/repos/get%20all",
        ] {
            assert_eq!(
                Route::find(&Method::GET, path),
                Ok(Route::ConfigOf(target("retry", "repos/get all")))
            );
        }
        assert_eq!(
            Route::find(&Method::POST, "control/circuitbreaker/a/b/open"),
            Ok(Route::Control(
                target("circuitbreaker", "a/b"),
                "open".to_owned()
            ))
        );
    }

    #[test]
    fn what_means_nothing_is_told() {
        for path in [
            "",
            "nothing",
            "config/retry",
            "control/retry/open",
            "health/x",
        ] {
            assert_eq!(
                Route::find(&Method::GET, path),
                Err(Unrouted::Path),
                "{path}"
            );
        }
        for path in ["health", "config/a/b", "metrics/a/b", "control/a/b/c"] {
            let refused = Route::find(&Method::PATCH, path);
            assert!(matches!(refused, Err(Unrouted::Method(_))), "{path}");
        }
    }
}
