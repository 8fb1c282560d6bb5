//! What every pattern has besides what makes it this pattern.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ConfigError;
use crate::listener::Listener;
use crate::mode::Switch;
use crate::stats::Counters;

/// A configuration of a pattern, as far as all patterns treat it alike.
pub(crate) trait Config: Clone + PartialEq {
    type Mode: Copy + Into<u8> + From<u8>;

    /// Keys that say a thing in two ways: where the first of a pair is given, the second gives way.
    #[cfg(feature = "service")]
    const DISPLACED: &'static [(&'static str, &'static str)] = &[];

    /// Keys of the document that nothing can change while a service runs, and why.
    #[cfg(feature = "service")]
    const FIXED: &'static [(&'static str, &'static str)] = &[];

    fn validate(&self) -> Result<(), ConfigError>;

    fn mode(&self) -> Self::Mode;

    fn set_mode(&mut self, mode: Self::Mode);
}

/// Why what is code is fixed.
#[cfg(feature = "service")]
pub(crate) const COMPILED_IN: &str =
    "it is part of the service's code; change it in the document and generate again";

/// Implements [`Config`] by the methods and the field that every configuration has.
macro_rules! config {
    ($config:ty, $mode:ty $(, displaced: [$($displaced:expr),*])? $(, fixed: [$($fixed:expr),*])?) => {
        impl $crate::core::Config for $config {
            type Mode = $mode;

            #[cfg(feature = "service")]
            const DISPLACED: &'static [(&'static str, &'static str)] = &[$($($displaced),*)?];

            #[cfg(feature = "service")]
            const FIXED: &'static [(&'static str, &'static str)] = &[$($($fixed),*)?];

            fn validate(&self) -> Result<(), $crate::ConfigError> {
                <$config>::validate(self)
            }

            fn mode(&self) -> $mode {
                self.mode
            }

            fn set_mode(&mut self, mode: $mode) {
                self.mode = mode;
            }
        }
    };
}
pub(crate) use config;

/// Name, configuration, mode, counts and listener of a pattern.
///
/// The mode is an atomic of its own, for calls to read. Whatever else a call needs of the
/// configuration the pattern copies out of it: [`set`](Core::set) says when.
pub(crate) struct Core<C, L: ?Sized> {
    name: Box<str>,
    /// What the configuration says, or off while the pattern is switched off.
    mode: Switch,
    settings: Mutex<Settings<C>>,
    pub(crate) counters: Counters,
    pub(crate) listener: Listener<L>,
}

#[derive(Debug)]
struct Settings<C> {
    config: Arc<C>,
    is_enabled: bool,
}

// Derived, it would ask the listener to be printable.
impl<C: fmt::Debug, L: ?Sized> fmt::Debug for Core<C, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("name", &self.name)
            .field("settings", &self.settings)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

/// The mode in which every pattern neither acts nor counts.
const OFF: u8 = 2;

impl<C: Config, L: ?Sized> Core<C, L> {
    /// # Errors
    ///
    /// When the configuration is out of range.
    pub(crate) fn new(name: impl Into<String>, config: C) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            name: name.into().into(),
            mode: Switch::new(config.mode().into()),
            settings: Mutex::new(Settings {
                config: Arc::new(config),
                is_enabled: true,
            }),
            counters: Counters::new(),
            listener: Listener::default(),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The mode in force.
    #[inline]
    pub(crate) fn mode(&self) -> C::Mode {
        self.mode.get()
    }

    /// The configuration in force.
    pub(crate) fn config(&self) -> Arc<C> {
        Arc::clone(&self.lock().config)
    }

    /// Replaces the configuration. Before it does, and while everybody else who wants to has to
    /// wait, the pattern takes from it what its calls read.
    ///
    /// # Errors
    ///
    /// When the configuration is out of range; the old one stays in force.
    pub(crate) fn set(&self, config: C, take: impl FnOnce(&C)) -> Result<(), ConfigError> {
        config.validate()?;
        let mut settings = self.lock();
        take(&config);
        settings.config = Arc::new(config);
        self.switch(&settings);
        Ok(())
    }

    pub(crate) fn set_mode(&self, mode: C::Mode) {
        self.change(|config| config.set_mode(mode));
    }

    /// Changes what is in range whatever else the configuration says, while everybody else who
    /// wants to change it has to wait.
    pub(crate) fn change(&self, change: impl FnOnce(&mut C)) {
        let mut settings = self.lock();
        change(Arc::make_mut(&mut settings.config));
        self.switch(&settings);
    }

    /// Shows the configuration and the mode in force while nobody can change them.
    pub(crate) fn look<R>(&self, at: impl FnOnce(&C, C::Mode) -> R) -> R {
        let settings = self.lock();
        at(&settings.config, self.mode())
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.lock().is_enabled
    }

    pub(crate) fn set_enabled(&self, is_enabled: bool) {
        let mut settings = self.lock();
        settings.is_enabled = is_enabled;
        self.switch(&settings);
    }

    fn switch(&self, settings: &Settings<C>) {
        self.mode.set(if settings.is_enabled {
            settings.config.mode().into()
        } else {
            OFF
        });
    }

    fn lock(&self) -> MutexGuard<'_, Settings<C>> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
