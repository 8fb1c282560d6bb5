//! Building the service, after a change or when somebody asks for it.

use std::{
    io::{self, BufRead},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
};

/// A cargo at work; it ends with its owner.
#[derive(Debug)]
pub(super) struct Build {
    child: Child,
}

impl Build {
    pub(super) fn begin(service: &Path) -> io::Result<Self> {
        // The cargo that runs us, if one does.
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let child = Command::new(cargo)
            .arg("build")
            .arg("--manifest-path")
            .arg(service.join("Cargo.toml"))
            .stdin(Stdio::null())
            .spawn()?;
        Ok(Self { child })
    }

    /// Whether it ended well; none: it is still at work.
    pub(super) fn ended(&mut self) -> Option<bool> {
        match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(status.success()),
            Err(_) => Some(false),
        }
    }
}

impl Drop for Build {
    fn drop(&mut self) {
        // One that has ended cannot be ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lines on standard input, each of which asks for a build.
#[derive(Debug)]
pub(super) struct Requests {
    lines: Option<Receiver<()>>,
}

impl Requests {
    pub(super) fn listen(are_wanted: bool) -> Self {
        if !are_wanted || !is_ours() {
            return Self { lines: None };
        }
        let (sender, lines) = mpsc::channel();
        // Nothing ends the reading of a line but the line, so nobody waits for this thread.
        thread::spawn(move || {
            for _ in io::stdin().lock().lines().map_while(Result::ok) {
                if sender.send(()).is_err() {
                    break;
                }
            }
        });
        Self { lines: Some(lines) }
    }

    /// Whether anybody has asked since the last time.
    pub(super) fn is_there(&self) -> bool {
        let lines = self.lines.iter().flat_map(Receiver::try_iter);
        lines.count() > 0
    }
}

/// A terminal stops whoever reads from it in the background.
#[cfg(unix)]
fn is_ours() -> bool {
    match rustix::termios::tcgetpgrp(io::stdin()) {
        Ok(foreground) => foreground == rustix::process::getpgrp(),
        // No terminal.
        Err(_) => true,
    }
}

#[cfg(not(unix))]
fn is_ours() -> bool {
    true
}
