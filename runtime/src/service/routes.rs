//! The operations of a service as one axum router.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;

use super::call::Call;
use super::choice::Operations;
use super::dispatch::Dispatch;
use super::handler::Attempts;
use super::operation::Operation;
use super::paths::{Template, Tree};
#[cfg(feature = "security")]
use super::security::{Authenticate, Guard};
use super::stack::PolicyStack;

/// A future that can be kept without naming its type.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;

/// A handler with the arguments of one request, ready to be called.
pub type Prepared = Box<dyn Attempts>;

/// A generated endpoint. Plain functions, so that an operation costs no service type of its own.
pub(super) enum Endpoint<A> {
    /// Finds the arguments in the parameters and in a body that is in memory already, if the
    /// operation takes any. `None`: violations were noted.
    Whole(fn(Arc<A>, &mut Call) -> Option<Prepared>),
    /// Reads the body itself, part by part, and answers.
    Streamed(fn(Arc<A>, Call) -> BoxFuture<Response>),
}

impl<A> Clone for Endpoint<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Endpoint<A> {}

impl<A: Send + Sync + 'static> Endpoint<A> {
    /// Answers a call.
    pub(super) async fn answer(self, app: Arc<A>, mut call: Call) -> Response {
        let prepare = match self {
            Endpoint::Whole(prepare) => prepare,
            Endpoint::Streamed(answer) => return answer(app, call).await,
        };
        if !call.context.operation.consumes.is_empty() {
            call.whole().await;
        }
        match prepare(app, &mut call) {
            Some(mut handler) => call.respond(&mut *handler).await,
            None => call.reject(),
        }
    }
}

/// Gathers the operations of a service.
///
/// `A` is the type whose methods answer them. Every operation is served by one service type that
/// is generic over `A` alone.
///
/// Any set of paths is taken. Text wins over parameters, segment by segment:
///
/// | segment | matches |
/// |---|---|
/// | `text` | itself, escaped or not |
/// | `{id}:text` | text around parameters, each of one character or more |
/// | `{id}` | any text but none |
/// | `{*rest}` | the rest of the path, slashes and all |
pub struct Routes<A> {
    app: Arc<A>,
    base_path: String,
    routes: Vec<Route<A>>,
    #[cfg(feature = "security")]
    guard: Guard<A>,
}

/// One operation and what answers it.
pub(super) struct Route<A> {
    pub(super) operation: &'static Operation,
    pub(super) stack: Arc<PolicyStack>,
    pub(super) endpoint: Endpoint<A>,
    /// The names of the parameters in its path.
    pub(super) names: Arc<[Box<str>]>,
}

impl<A: Send + Sync + 'static> Routes<A> {
    /// No operations yet.
    #[must_use]
    pub fn new(app: Arc<A>) -> Routes<A> {
        Routes {
            app,
            base_path: String::new(),
            routes: Vec::new(),
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

    /// The path under which all operations are: `/v1`, in which nothing is a parameter. Slashes
    /// at its ends count for nothing. Default: none.
    #[must_use]
    pub fn base_path(mut self, path: impl Into<String>) -> Routes<A> {
        self.base_path = path.into();
        self
    }

    /// Adds an operation. `prepare` finds the arguments of its handler; the body has been read by
    /// then, if the operation says what it [`consumes`](Operation::consumes). Of several with one
    /// method and path the one answers whose signs ([`When`](super::When)) the request shows: the
    /// one that asks for more before the others, and of two that ask for the same the first.
    #[must_use]
    pub fn route(
        self,
        operation: &'static Operation,
        stack: PolicyStack,
        prepare: fn(Arc<A>, &mut Call) -> Option<Prepared>,
    ) -> Routes<A> {
        self.add(operation, stack, Endpoint::Whole(prepare))
    }

    /// Adds an operation that reads its body part by part.
    #[must_use]
    pub fn streamed(
        self,
        operation: &'static Operation,
        stack: PolicyStack,
        answer: fn(Arc<A>, Call) -> BoxFuture<Response>,
    ) -> Routes<A> {
        self.add(operation, stack, Endpoint::Streamed(answer))
    }

    fn add(
        mut self,
        operation: &'static Operation,
        stack: PolicyStack,
        endpoint: Endpoint<A>,
    ) -> Routes<A> {
        self.routes.push(Route {
            operation,
            stack: Arc::new(stack),
            endpoint,
            names: Arc::default(),
        });
        self
    }

    /// The router. Unknown paths are answered with 404 and unknown methods with 405, both as
    /// problems; `OPTIONS`, where no operation has it, with 204 and the methods that there are.
    pub fn into_router(self) -> Router {
        let mut tree = Tree::new();
        let mut places: Vec<Operations<A>> = Vec::new();
        for mut route in self.routes {
            let base_path = route.operation.base_path.unwrap_or(&self.base_path);
            let template = Template::new(base_path, route.operation.template());
            route.names = Arc::clone(template.names());
            let place = tree.place(&template);
            if place == places.len() {
                places.push(Operations::new());
            }
            places[place].push(route);
        }
        let dispatch = Dispatch::new(self.app, tree, places);
        #[cfg(feature = "security")]
        let dispatch = dispatch.guarded(self.guard);
        Router::new().fallback_service(dispatch)
    }
}

impl<A> fmt::Debug for Routes<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for route in &self.routes {
            let operation = route.operation;
            map.entry(
                &format_args!("{} {}", operation.method, operation.path),
                &route.stack,
            );
        }
        map.finish()
    }
}
