//! `failsafe watch`: brings a service up to date whenever its document is saved.

mod build;
mod files;
mod stop;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    thread,
    time::{Duration, SystemTime},
};

use super::{
    AT_FAULT,
    args::{Format, GenerateArgs},
    difference,
    excerpt::printable,
    prepare::{self, Refusal},
    progress::Progress,
    project::PROJECT,
    report::{self, Detail},
};
use crate::{Outcome, Request, run_timed, spec::Input};
use build::{Build, Requests};
use files::Files;
use stop::Stop;

/// How often is looked. A few files are asked when they were written, which costs nothing that
/// anybody could measure, and works wherever the files are.
const PERIOD: Duration = Duration::from_millis(150);
/// A save may take away a file before it brings the new one.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many changed files are named.
const SHOWN: usize = 12;

/// Generate, and do so again whenever the document or what it refers to is saved
///
/// Also followed are overlays, templates and `failsafe.toml`. A document that is broken for a while
/// is told of, and the service stays as it was. Ctrl-C ends it, after what is being written.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("check", |arg| arg.hide(true)),
    mut_arg("dry_run", |arg| arg.hide(true)),
    mut_arg("diff", |arg| arg.hide(true)),
    mut_arg("strict", |arg| arg.hide(true)),
    mut_arg("format", |arg| arg.hide(true)),
    mut_arg("timings", |arg| arg.hide(true)),
    after_help = "\
Exit codes:
  0  ended by a signal
  1  the service's directory is at fault
  2  the command line or `failsafe.toml` is at fault

Example:
  failsafe watch api.yaml -o svc --build"
)]
pub(in crate::cli) struct WatchArgs {
    /// Build the service after each change, and whenever Enter is pressed
    #[arg(long)]
    build: bool,

    #[command(flatten)]
    generate: GenerateArgs,
}

/// What there is to do next.
enum Next {
    Generate(Vec<PathBuf>),
    Build,
    End,
}

pub(in crate::cli) fn run_until_stopped(args: &WatchArgs) -> ExitCode {
    if let Some(refusal) = refused(&args.generate) {
        return refusal.told();
    }
    let stop = match Stop::listen() {
        Ok(stop) => stop,
        Err(error) => {
            eprintln!("error: cannot wait for signals: {error}");
            return ExitCode::from(AT_FAULT);
        }
    };
    let mut watch = Watch {
        args,
        stop,
        requests: Requests::listen(args.build),
        files: Files::default(),
        out: PathBuf::new(),
        is_first: true,
    };
    match watch.follow() {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => refusal.told(),
    }
}

/// What makes no sense for a command that writes and does not end.
fn refused(args: &GenerateArgs) -> Option<Refusal> {
    let looks = args.check || args.dry_run || args.diff || args.strict;
    if looks || matches!(args.format, Format::Json) {
        let message = "`watch` writes what changes, and tells it to people: `--check`, \
                       `--dry-run`, `--diff`, `--strict` and `--format json` are for `generate`";
        return Some(Refusal::command_line(message));
    }
    let is_stdin = args.spec.as_deref() == Some(Path::new("-"));
    is_stdin.then(|| Refusal::command_line("standard input cannot be watched: name a file"))
}

struct Watch<'a> {
    args: &'a WatchArgs,
    stop: Stop,
    requests: Requests,
    files: Files,
    /// Of the last run.
    out: PathBuf,
    is_first: bool,
}

impl Watch<'_> {
    fn follow(&mut self) -> Result<(), Refusal> {
        let mut wants_build = self.generate()? && self.args.build;
        self.say(&format!("Watching {}", self.files.words()));
        if self.args.build {
            self.say("Press Enter to build, Ctrl-C to end");
        }
        loop {
            let next = match std::mem::take(&mut wants_build) {
                true => self.build(),
                false => self.wait(None),
            };
            match next {
                Next::Generate(changed) => {
                    let changed = changed.iter().map(|path| path.display().to_string());
                    self.say(&format!(
                        "Changed {}",
                        changed.collect::<Vec<_>>().join(", ")
                    ));
                    wants_build = self.generate()? && self.args.build;
                }
                Next::Build => wants_build = true,
                Next::End => {
                    self.say("Ended");
                    return Ok(());
                }
            }
        }
    }

    /// One run; whether it changed the service. Only what is wrong with the first command line ends
    /// the whole: later ones can be corrected in `failsafe.toml`.
    fn generate(&mut self) -> Result<bool, Refusal> {
        let begin = SystemTime::now();
        self.files.look();
        let mut followed = self.of_command_line();
        let request = match prepare::request(&self.args.generate) {
            Ok(request) => request,
            Err(refusal) if self.is_first => return Err(refusal),
            Err(refusal) => {
                let _ = refusal.told();
                return Ok(false);
            }
        };
        self.is_first = false;
        self.out.clone_from(&request.out);
        followed.extend(of_request(&request));
        let progress = Progress::begin(self.args.generate.quiet);
        let outcome = run_timed(request, progress.timings());
        drop(progress);
        followed.extend(outcome.files.iter().map(|file| file.name.clone()));
        // What a broken document referred to before is likely what it will refer to again.
        self.files.follow(followed, outcome.done.is_none(), begin);
        // A terminal that has gone away is told by a signal.
        let _ = self.tell(&outcome);
        Ok(outcome
            .done
            .is_some_and(|done| !done.written.changes.is_empty()))
    }

    /// Files that are read whatever they say.
    fn of_command_line(&self) -> BTreeSet<PathBuf> {
        let spec = self.args.generate.spec.as_deref();
        let folder = spec.and_then(Path::parent).unwrap_or(Path::new(""));
        let spec = spec.map(Path::to_owned);
        spec.into_iter().chain([folder.join(PROJECT)]).collect()
    }

    fn tell(&self, outcome: &Outcome) -> io::Result<()> {
        let mut stderr = anstream::stderr().lock();
        let detail = Detail::of(&self.args.generate);
        if !self.args.generate.quiet && !self.args.generate.verbose {
            let done = outcome.done.iter();
            let changes: Vec<_> = done.flat_map(|done| &done.written.changes).collect();
            // Of a new tree everything is new.
            let is_new = changes.iter().all(|change| change.before.is_none());
            if !is_new {
                for change in changes.iter().take(SHOWN) {
                    write!(stderr, "{}", difference::line(change))?;
                }
                if changes.len() > SHOWN {
                    writeln!(stderr, "{:>8} and {} more", "", changes.len() - SHOWN)?;
                }
            }
        }
        write!(stderr, "{}", report::words(outcome, &self.out, detail))
    }

    fn build(&mut self) -> Next {
        match Build::begin(&self.out) {
            Ok(build) => self.wait(Some(build)),
            Err(error) => {
                self.say(&format!("Cannot start cargo: {error}"));
                self.wait(None)
            }
        }
    }

    /// Waits for something to do, while cargo builds if it does. What comes ends a build, which a
    /// later one takes up again.
    fn wait(&mut self, mut build: Option<Build>) -> Next {
        loop {
            if self.stop.is_asked_for() {
                return Next::End;
            }
            if let Some(changed) = self.settled() {
                return Next::Generate(changed);
            }
            if let Some(good) = build.as_mut().and_then(Build::ended) {
                build = None;
                self.say(match good {
                    true => "Built",
                    false => "Not built: see what cargo says above",
                });
            }
            if self.requests.is_there() && build.is_none() {
                return Next::Build;
            }
            thread::sleep(PERIOD);
        }
    }

    /// Files that have changed, once nobody changes any more of them and all are there.
    fn settled(&mut self) -> Option<Vec<PathBuf>> {
        let mut changed = BTreeSet::from_iter(self.files.look());
        if changed.is_empty() {
            return None;
        }
        let mut waited = Duration::ZERO;
        loop {
            thread::sleep(PERIOD);
            waited += PERIOD;
            let more = self.files.look();
            let is_still = more.is_empty();
            changed.extend(more);
            let is_whole = changed.iter().all(|path| path.exists()) || waited >= PATIENCE;
            if is_still && is_whole || self.stop.is_asked_for() {
                return Some(changed.into_iter().collect());
            }
        }
    }

    fn say(&self, words: &str) {
        if !self.args.generate.quiet {
            let _ = writeln!(
                anstream::stderr().lock(),
                "{:>8} {}",
                "--",
                printable(words)
            );
        }
    }
}

/// Files that a request names.
fn of_request(request: &Request) -> BTreeSet<PathBuf> {
    let mut files: BTreeSet<PathBuf> = request.source.overlays.iter().cloned().collect();
    if let Input::Path(path) = &request.source.input {
        let folder = path.parent().unwrap_or(Path::new(""));
        files.extend([path.clone(), folder.join(PROJECT)]);
    }
    files.extend(
        request
            .templates
            .iter()
            .flat_map(|folder| files::below(folder)),
    );
    files
}
