//! The operator's file, `failsafe.yaml`: values per pattern that win over the document's, and can
//! be changed while the service runs.
//!
//! ```yaml
//! ratelimit:
//!   default: { mode: shadow }
//!   getProduct: { max_executions: 50, per_time_secs: 1s }
//! circuitbreaker:
//!   getProduct: { recovery_timeout: 10s }
//! ```
//!
//! Under a type stands the name of a pattern, or `default` for all of them; the name wins. Keys
//! and ranges are those of the document, and `enabled` switches any pattern. The file is read when
//! the service starts, again when it changes, and on SIGHUP. A value that is no longer there goes
//! back to the document's. One that is wrong is reported with line and column, and everything stays
//! as it was.

mod read;
#[cfg(test)]
mod tests;
mod watch;
mod yaml;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) use self::watch::follow;
use self::yaml::Fault;
use crate::overrides::Overrides;

/// The longest file that is read. One that says something of a thousand patterns is a tenth of it.
const MAX_BYTES: u64 = 1024 * 1024;

/// What is found where the file should be.
#[derive(Debug, Clone, PartialEq)]
enum Found {
    Nothing,
    Text(String),
    /// It is there and cannot be read: why.
    Unreadable(String),
}

/// The file, and what became of it.
#[derive(Debug)]
pub(super) struct ConfigFile {
    path: PathBuf,
    overrides: Arc<Overrides>,
    last: Mutex<Found>,
    state: Arc<State>,
}

/// How the last reading ended, for whoever asks how the service is.
#[derive(Debug, Default)]
pub(super) struct State(Mutex<Vec<String>>);

impl State {
    /// What is wrong with the file as it is now; nothing where its values hold.
    #[cfg(feature = "controlplane")]
    pub(super) fn faults(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, faults: Vec<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }
}

impl ConfigFile {
    /// Reads the file for the first time.
    pub(super) fn open(path: PathBuf, overrides: Arc<Overrides>, state: Arc<State>) -> ConfigFile {
        let file = ConfigFile {
            path,
            overrides,
            last: Mutex::new(Found::Nothing),
            state,
        };
        file.take(look(&file.path));
        file
    }

    /// Has what was found hold.
    fn take(&self, found: Found) {
        let path = self.path.display();
        let name = self.path.to_string_lossy();
        let taken = match &found {
            Found::Nothing => read::take("", &self.overrides),
            Found::Text(text) => read::take(text, &self.overrides),
            Found::Unreadable(why) => {
                tracing::error!(%path, why, "the config file cannot be read; all values stay");
                self.state.set(vec![why.clone()]);
                *self.last.lock().unwrap_or_else(PoisonError::into_inner) = found;
                return;
            }
        };
        match taken {
            Ok(changes) => {
                for change in &changes {
                    change.log(&name);
                }
                let patterns = changes.len();
                match found {
                    Found::Nothing => tracing::info!(%path, patterns, "no config file"),
                    _ => tracing::info!(%path, patterns, "config file taken"),
                }
                self.state.set(Vec::new());
            }
            Err(faults) => {
                let faults: Vec<String> = faults.iter().map(|it| written(&name, it)).collect();
                for fault in &faults {
                    tracing::error!("{fault}");
                }
                tracing::error!(%path, faults = faults.len(), "config file refused; all values stay");
                self.state.set(faults);
            }
        }
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    fn is_new(&self, found: &Found) -> bool {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) != *found
    }
}

fn written(path: &str, Fault { at, message }: &Fault) -> String {
    format!("{path}:{}:{}: {message}", at.line, at.column)
}

fn look(path: &Path) -> Found {
    match text(path) {
        Ok(text) => Found::Text(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Found::Nothing,
        Err(error) => Found::Unreadable(error.to_string()),
    }
}

fn text(path: &Path) -> io::Result<String> {
    // Opening a pipe would wait for whoever writes to it.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut text = String::new();
    let length = File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)?;
    if length as u64 > MAX_BYTES {
        return Err(io::Error::other(format!(
            "it has more than {MAX_BYTES} bytes"
        )));
    }
    Ok(text)
}
