//! A pattern that many services share.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Something that many share: counted, or there as long as the program runs.
///
/// Every call through a [layer](crate#layers) holds its patterns until it has ended. Where a
/// pattern is counted that is two writes to one word which all threads share; where it is
/// `'static` it costs nothing.
///
/// ```
/// use std::sync::{Arc, LazyLock};
/// use failsafe_runtime::timeout::TimeoutLayer;
/// use failsafe_runtime::{Timeout, TimeoutConfig};
///
/// static SEARCH: LazyLock<Timeout> = LazyLock::new(|| {
///     Timeout::new("search", TimeoutConfig::default()).expect("the defaults are in range")
/// });
///
/// // One of the program, one that others have as well, one that nobody else has:
/// TimeoutLayer::new(&*SEARCH);
/// TimeoutLayer::new(Arc::new(Timeout::new("list", TimeoutConfig::default())?));
/// TimeoutLayer::new(Timeout::new("item", TimeoutConfig::default())?);
/// # Ok::<(), failsafe_runtime::ConfigError>(())
/// ```
pub struct Shared<T: 'static>(Kind<T>);

enum Kind<T: 'static> {
    Counted(Arc<T>),
    Static(&'static T),
}

impl<T> From<Arc<T>> for Shared<T> {
    fn from(counted: Arc<T>) -> Self {
        Self(Kind::Counted(counted))
    }
}

impl<T> From<&'static T> for Shared<T> {
    fn from(of_the_program: &'static T) -> Self {
        Self(Kind::Static(of_the_program))
    }
}

impl<T> From<T> for Shared<T> {
    fn from(only: T) -> Self {
        Self(Kind::Counted(Arc::new(only)))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.0 {
            Kind::Counted(counted) => counted,
            Kind::Static(of_the_program) => of_the_program,
        }
    }
}

impl<T> Clone for Shared<T> {
    #[inline]
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Kind::Counted(counted) => Kind::Counted(Arc::clone(counted)),
            Kind::Static(of_the_program) => Kind::Static(of_the_program),
        })
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
