//! What a command is at, for whoever waits for it: one line on a terminal, gone when it ends.

use std::{
    io::{self, IsTerminal, Write},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{Phase, Timings};

/// Whoever waits for less wants no news.
const AFTER: Duration = Duration::from_secs(1);
const PERIOD: Duration = Duration::from_millis(100);

/// To the beginning of the line, and away with what stands in it.
const CLEAR: &str = "\r\x1b[K";

/// Shown until it is dropped.
#[derive(Debug)]
pub(super) struct Progress {
    phase: Phase,
    line: Option<Line>,
}

/// The thread that shows it. Without its sender it ends.
#[derive(Debug)]
struct Line {
    end: Sender<()>,
    thread: JoinHandle<()>,
}

impl Progress {
    /// Shown where a person can see it: neither in a pipe, nor in a pipeline that keeps what a
    /// terminal would forget.
    pub(super) fn begin(is_quiet: bool) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let is_shown = !is_quiet && !is_set("CI") && !is_dumb && io::stderr().is_terminal();
        match is_shown {
            true => Self::on(anstream::stderr(), AFTER, PERIOD),
            false => Self {
                phase: Phase::default(),
                line: None,
            },
        }
    }

    fn on(mut out: impl Write + Send + 'static, after: Duration, period: Duration) -> Self {
        let phase = Phase::default();
        let shown = phase.clone();
        let (end, ended) = mpsc::channel::<()>();
        let begin = Instant::now();
        let show = move || {
            let mut wait = after;
            let mut has_line = false;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = period;
                let seconds = begin.elapsed().as_secs();
                let words = words(shown.get());
                // A terminal that has gone away needs no news.
                let written = write!(out, "{CLEAR}{words} ... {seconds} s");
                if written.and_then(|()| out.flush()).is_err() {
                    return;
                }
                has_line = true;
            }
            if has_line {
                let _ = write!(out, "{CLEAR}").and_then(|()| out.flush());
            }
        };
        // Where the system gives no thread, nothing is shown.
        let thread = thread::Builder::new().spawn(show).ok();
        Self {
            phase,
            line: thread.map(|thread| Line { end, thread }),
        }
    }

    /// For a run that shall be shown.
    pub(super) fn timings(&self) -> Timings {
        Timings::telling(self.phase.clone())
    }

    pub(super) fn phase(&self) -> &Phase {
        &self.phase
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(Line { end, thread }) = self.line.take() {
            drop(end);
            // Whatever is said next begins on a clean line.
            let _ = thread.join();
        }
    }
}

/// What a phase does.
fn words(phase: &str) -> &'static str {
    match phase {
        "lower" => "Checking the document",
        "render" => "Rendering the service",
        "write" => "Writing the service",
        "compare" => "Comparing the documents",
        _ => "Reading the document",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, PoisonError};

    use super::*;

    /// A terminal that remembers everything.
    #[derive(Clone, Default)]
    struct Terminal(Arc<Mutex<Vec<u8>>>);

    impl Terminal {
        fn text(&self) -> String {
            let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            String::from_utf8_lossy(&bytes).into_owned()
        }

        /// What a person sees at last.
        fn line(&self) -> String {
            let text = self.text();
            text.rsplit(CLEAR).next().unwrap_or_default().to_owned()
        }

        fn shows(&self, words: &str) {
            while !self.text().contains(words) {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn phases_are_shown_and_the_line_is_left_clean() {
        let terminal = Terminal::default();
        let period = Duration::from_millis(1);
        let progress = Progress::on(terminal.clone(), Duration::ZERO, period);
        let mut timings = progress.timings();
        for (phase, words) in [
            ("read", "Reading the document ... 0 s"),
            ("lower", "Checking the document"),
            ("render", "Rendering the service"),
            ("write", "Writing the service"),
        ] {
            timings.measure(phase, || terminal.shows(words));
        }
        drop(progress);
        assert_eq!(terminal.line(), "");
        assert!(!terminal.text().contains('\n'));
    }

    #[test]
    fn what_takes_no_time_shows_nothing() {
        let terminal = Terminal::default();
        let long = Duration::from_secs(3600);
        drop(Progress::on(terminal.clone(), long, PERIOD));
        assert_eq!(terminal.text(), "");
    }
}
