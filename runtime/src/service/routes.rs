//! The operations of a service as one axum router.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use http::StatusCode;

use super::call::Call;
use super::dispatch::PathService;
use super::operation::Operation;
use super::problem::Problem;
#[cfg(feature = "security")]
use super::security::{Authenticate, Guard};
use super::stack::PolicyStack;
use super::template::router_path;

/// A future that can be kept without naming its type.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;

/// A generated endpoint. A plain function, so that an operation costs no service type of its own.
pub type Endpoint<A> = fn(Arc<A>, Call) -> BoxFuture<Response>;

/// Gathers the operations of a service.
///
/// `A` is the type whose methods answer them. Every operation is served by one service type that
/// is generic over `A` alone.
pub struct Routes<A> {
    app: Arc<A>,
    /// By path, parameters without their names: operations that call one parameter differently
    /// are neighbours all the same.
    paths: BTreeMap<String, Vec<Route<A>>>,
    #[cfg(feature = "security")]
    guard: Guard<A>,
}

/// One operation and what answers it.
pub(super) struct Route<A> {
    pub(super) operation: &'static Operation,
    pub(super) stack: Arc<PolicyStack>,
    pub(super) endpoint: Endpoint<A>,
}

impl<A: Send + Sync + 'static> Routes<A> {
    /// No operations yet.
    #[must_use]
    pub fn new(app: Arc<A>) -> Routes<A> {
        Routes {
            app,
            paths: BTreeMap::new(),
            #[cfg(feature = "security")]
            guard: Guard::closed(),
        }
    }

    /// Sets who is asked about credentials. Without it an operation that asks for any refuses
    /// everybody. `realm` is what the credentials are good for, in words for the client's user.
    #[cfg(feature = "security")]
    #[must_use]
    pub fn authentication(
        mut self,
        realm: &'static str,
        authenticate: Authenticate<A>,
    ) -> Routes<A> {
        self.guard = Guard::new(realm, authenticate);
        self
    }

    /// Adds an operation. Of two with the same method and path the first one answers.
    #[must_use]
    pub fn route(
        mut self,
        operation: &'static Operation,
        stack: PolicyStack,
        endpoint: Endpoint<A>,
    ) -> Routes<A> {
        let route = Route {
            operation,
            stack: Arc::new(stack),
            endpoint,
        };
        self.paths
            .entry(router_path(operation.path))
            .or_default()
            .push(route);
        self
    }

    /// The router. Unknown paths are answered with 404 and unknown methods with 405, both as
    /// problems.
    ///
    /// # Panics
    ///
    /// When a path is none that axum's router takes; the generator lets none such through.
    pub fn into_router(self) -> Router {
        let mut router = Router::new();
        for (path, routes) in self.paths {
            let service = PathService::new(Arc::clone(&self.app), routes);
            #[cfg(feature = "security")]
            let service = service.guarded(self.guard);
            router = router.route_service(&path, service);
        }
        router.fallback(not_found)
    }
}

impl<A> fmt::Debug for Routes<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for route in self.paths.values().flatten() {
            let operation = route.operation;
            map.entry(
                &format_args!("{} {}", operation.method, operation.path),
                &route.stack,
            );
        }
        map.finish()
    }
}

async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND).detail("the service has no such path")
}
