/// An answer, and whether it is the real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "the caller should know whether an answer is degraded"]
pub enum FallbackAnswer<T> {
    /// What the call itself has answered.
    Own(T),
    /// What took its place when it failed.
    Degraded(T),
}

impl<T> FallbackAnswer<T> {
    /// Whether something took the place of the call's own answer.
    pub const fn is_fallback(&self) -> bool {
        matches!(self, Self::Degraded(_))
    }

    /// The answer, whichever it is.
    pub fn into_inner(self) -> T {
        match self {
            Self::Own(value) | Self::Degraded(value) => value,
        }
    }
}
