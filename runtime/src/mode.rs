//! Whether a pattern acts, watches or is off.

use std::sync::atomic::{AtomicU8, Ordering};

/// What a pattern does with a call that it would refuse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Mode {
    /// Refuse it.
    #[default]
    Enforce,
    /// Count and report it, and let it pass: how a limit is tried out in production.
    Shadow,
    /// Nothing: the pattern neither counts nor refuses.
    Off,
}

impl Mode {
    /// The name that documents use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Shadow => "shadow",
            Self::Off => "off",
        }
    }
}

/// What a circuit breaker does: a [`Mode`], or a circuit that is held in one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum CircuitMode {
    /// Refuse calls while the circuit is open.
    #[default]
    Enforce,
    /// Count and report what would be refused, and let it pass.
    Shadow,
    /// Neither count nor refuse.
    Off,
    /// Refuse every call, whatever the outcomes were.
    ForcedOpen,
    /// Admit every call, whatever the outcomes are.
    ForcedClosed,
}

impl CircuitMode {
    /// The name that documents use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Shadow => "shadow",
            Self::Off => "off",
            Self::ForcedOpen => "forced_open",
            Self::ForcedClosed => "forced_closed",
        }
    }
}

/// A mode that can be switched while calls are running.
///
/// A call that reads the old mode just before the switch is as good as one that came earlier, so
/// every access is relaxed.
#[derive(Debug)]
pub(crate) struct Switch(AtomicU8);

impl Switch {
    pub(crate) fn new(mode: impl Into<u8>) -> Self {
        Self(AtomicU8::new(mode.into()))
    }

    #[inline]
    pub(crate) fn get<M: From<u8>>(&self) -> M {
        M::from(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn set(&self, mode: impl Into<u8>) {
        self.0.store(mode.into(), Ordering::Relaxed);
    }
}

impl From<Mode> for u8 {
    fn from(mode: Mode) -> Self {
        mode as Self
    }
}

impl From<u8> for Mode {
    #[inline]
    fn from(byte: u8) -> Self {
        match byte {
            0 => Self::Enforce,
            1 => Self::Shadow,
            _ => Self::Off,
        }
    }
}

impl From<CircuitMode> for u8 {
    fn from(mode: CircuitMode) -> Self {
        mode as Self
    }
}

impl From<u8> for CircuitMode {
    #[inline]
    fn from(byte: u8) -> Self {
        match byte {
            0 => Self::Enforce,
            1 => Self::Shadow,
            2 => Self::Off,
            3 => Self::ForcedOpen,
            _ => Self::ForcedClosed,
        }
    }
}
