/// What a circuit does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CircuitState {
    /// Calls pass, and failures are counted.
    Closed,
    /// Calls are refused.
    Open,
    /// A few calls pass to find out whether the others may.
    HalfOpen,
}

impl CircuitState {
    /// The name that metrics use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}
