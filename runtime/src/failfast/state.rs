/// What a fail-fast does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailFastState {
    /// Calls pass, and failures are counted.
    Closed,
    /// Calls are refused.
    Open,
}

impl FailFastState {
    /// The name that metrics use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
        }
    }
}
