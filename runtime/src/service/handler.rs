//! A handler with the arguments of one request: what the patterns around it call, perhaps twice.

use std::fmt;

use axum::response::Response;

use super::context::RequestContext;
use super::error::ApiError;
use super::routes::BoxFuture;

/// What is called through the patterns of an operation.
///
/// The way through them is compiled once and knows handlers by this trait alone: an operation adds
/// its attempt, and nothing else, to what the compiler has to do.
pub trait Attempts: Send {
    /// An attempt. `may_repeat`: there may be another one after it.
    ///
    /// # Panics
    ///
    /// After an attempt that was said to be the last one.
    fn attempt(
        &mut self,
        ctx: RequestContext,
        may_repeat: bool,
    ) -> BoxFuture<Result<Response, ApiError>>;
}

/// A handler and what it is called with.
///
/// Arguments are cloned for every attempt that may not be the last one, so an operation without a
/// retry clones nothing.
pub struct Handler<Args> {
    args: Option<Args>,
    call: fn(RequestContext, Args) -> BoxFuture<Result<Response, ApiError>>,
}

impl<Args> Handler<Args> {
    /// A function and its arguments. It is a plain function, so that operations with arguments of
    /// the same types share what is made of this.
    #[must_use]
    pub fn new(
        args: Args,
        call: fn(RequestContext, Args) -> BoxFuture<Result<Response, ApiError>>,
    ) -> Handler<Args> {
        Handler {
            args: Some(args),
            call,
        }
    }
}

impl<Args: Clone + Send> Attempts for Handler<Args> {
    fn attempt(
        &mut self,
        ctx: RequestContext,
        may_repeat: bool,
    ) -> BoxFuture<Result<Response, ApiError>> {
        let args = match may_repeat {
            true => self.args.clone(),
            false => self.args.take(),
        };
        let args = args.expect("the last attempt is the only one that takes them");
        (self.call)(ctx, args)
    }
}

impl<Args> fmt::Debug for Handler<Args> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Arguments are what clients sent, which is not for logs.
        f.debug_struct("Handler").finish_non_exhaustive()
    }
}
