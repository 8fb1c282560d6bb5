//! A handler with the arguments of one request: what the patterns around it call, perhaps twice.

use std::fmt;

use axum::response::Response;

use super::context::RequestContext;
use super::error::ApiError;
use super::fallback::FailedCall;
use super::routes::{BoxFuture, Prepared};

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

    /// What is answered in place of a call that failed. `None`: there is nothing of the kind.
    fn fallback(
        &self,
        ctx: RequestContext,
        failed: FailedCall,
    ) -> Option<BoxFuture<Result<Response, ApiError>>>;

    /// The same for a call that goes on without the request that began it. `may_repeat`: this one
    /// may be called all the same.
    #[cfg(feature = "cache")]
    fn detach(&mut self, may_repeat: bool) -> Box<dyn Attempts>;
}

/// A handler and what it is called with.
///
/// Arguments are cloned for every attempt that may not be the last one, so an operation without a
/// retry clones nothing.
pub struct Handler<Args> {
    args: Option<Args>,
    call: Call<Args>,
    fallback: Option<Fallback<Args>>,
}

type Call<Args> = fn(RequestContext, Args) -> BoxFuture<Result<Response, ApiError>>;
type Fallback<Args> = fn(RequestContext, FailedCall, Args) -> BoxFuture<Result<Response, ApiError>>;

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
            fallback: None,
        }
    }

    /// Says what answers in place of a call that failed, with the same arguments.
    #[must_use]
    pub fn or_else(
        mut self,
        fallback: fn(RequestContext, FailedCall, Args) -> BoxFuture<Result<Response, ApiError>>,
    ) -> Handler<Args> {
        self.fallback = Some(fallback);
        self
    }
}

impl<Args: Clone + Send + 'static> Handler<Args> {
    /// Ready to be called: what an endpoint gives back.
    #[must_use]
    pub fn prepared(self) -> Option<Prepared> {
        Some(Box::new(self))
    }
}

impl<Args: Clone> Handler<Args> {
    fn args(&mut self, may_repeat: bool) -> Args {
        let args = match may_repeat {
            true => self.args.clone(),
            false => self.args.take(),
        };
        args.expect("the last attempt is the only one that takes them")
    }
}

impl<Args: Clone + Send + 'static> Attempts for Handler<Args> {
    fn attempt(
        &mut self,
        ctx: RequestContext,
        may_repeat: bool,
    ) -> BoxFuture<Result<Response, ApiError>> {
        (self.call)(ctx, self.args(may_repeat))
    }

    fn fallback(
        &self,
        ctx: RequestContext,
        failed: FailedCall,
    ) -> Option<BoxFuture<Result<Response, ApiError>>> {
        let fallback = self.fallback?;
        Some(fallback(ctx, failed, self.args.clone()?))
    }

    #[cfg(feature = "cache")]
    fn detach(&mut self, may_repeat: bool) -> Box<dyn Attempts> {
        Box::new(Handler {
            args: Some(self.args(may_repeat)),
            call: self.call,
            fallback: self.fallback,
        })
    }
}

impl<Args> fmt::Debug for Handler<Args> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Arguments are what clients sent, which is not for logs.
        f.debug_struct("Handler").finish_non_exhaustive()
    }
}
