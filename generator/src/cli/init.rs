//! `failsafe init`: policies for a document that has none.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use super::{
    AT_FAULT, BAD_COMMAND_LINE, check, difference,
    excerpt::{Sources, printable},
    prepare,
    progress::Progress,
    report,
};
use crate::{
    Source,
    init::{self, Begun, Plan, Proposal, Rule},
    write::{Change, replace},
    yaml,
};

/// Add policies to a document that has none, to begin with
///
/// They are chosen by what each operation does: limits and a timeout for all of them, a retry for
/// what only reads, less for what changes something, and few uploads at a time. They are written into the
/// document's text, and every other byte of it stays; or into an overlay, where the document
/// is somebody else's. A document that has policies is left as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes:
  0  done, or there was nothing to do
  1  the document is at fault, or the overlay is there already; nothing was written
  2  the command line is at fault

Examples:
  failsafe init api.yaml --diff
  failsafe init vendor/api.json --overlay policies.yaml
  failsafe generate vendor/api.json --overlay policies.yaml -o svc")]
pub(in crate::cli) struct InitArgs {
    /// OpenAPI 3.0 or 3.1 document, YAML or JSON; `-` reads standard input, and writes to standard
    /// output
    #[arg(value_name = "SPEC")]
    spec: PathBuf,

    /// Write an overlay (OpenAPI Overlay 1.0) in place of changing the document
    #[arg(long, value_name = "FILE")]
    overlay: Option<PathBuf>,

    /// Overwrite an overlay that is there already
    #[arg(long, requires = "overlay")]
    force: bool,

    /// Write nothing; say what would be chosen
    #[arg(long)]
    dry_run: bool,

    /// Write nothing; show on standard output what would change
    #[arg(long)]
    diff: bool,
}

/// Why nothing was written.
struct Refusal(u8, String);

impl Refusal {
    fn at_fault(message: impl Into<String>) -> Self {
        Self(AT_FAULT, message.into())
    }
}

pub(in crate::cli) fn run(args: &InitArgs) -> ExitCode {
    match begun(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refusal(code, message)) => {
            let _ = write!(anstream::stderr().lock(), "{message}");
            ExitCode::from(code)
        }
    }
}

fn begun(args: &InitArgs) -> Result<(), Refusal> {
    let input = prepare::input(&args.spec)
        .map_err(|why| Refusal(BAD_COMMAND_LINE, format!("error: {why}\n")))?;
    let progress = Progress::begin(false);
    let begun = init::begin(&Source::from(input), progress.timings());
    drop(progress);
    let proposal = match begun {
        Begun::Planned(proposal) => proposal,
        Begun::Faulty(outcome) => return Err(Refusal(AT_FAULT, report::found(&outcome, false))),
        Begun::HasPolicies(place, outcome) => {
            let sources = Sources::new(&outcome.files);
            let name = sources.name(&place).display().to_string();
            let text = format!(
                "{}:{}: the document has policies, and stays as it is",
                printable(&name),
                sources.start(&place).line
            );
            let _ = writeln!(anstream::stderr().lock(), "{}", report::line("Kept", &text));
            if args.spec.as_os_str() == "-" && args.overlay.is_none() {
                return out(&outcome.files[0].text);
            }
            return Ok(());
        }
    };
    let told = match &args.overlay {
        Some(overlay) => into_overlay(args, &proposal, overlay)?,
        None => into_document(args, &proposal)?,
    };
    let words = words(&proposal.plan) + &told;
    let _ = write!(anstream::stderr().lock(), "{words}");
    Ok(())
}

/// Words are on standard error: a reader that has gone away is no failure.
fn out(text: &str) -> Result<(), Refusal> {
    let _ = io::stdout().lock().write_all(text.as_bytes());
    Ok(())
}

fn into_document(args: &InitArgs, proposal: &Proposal) -> Result<String, Refusal> {
    let text = proposal.inserted().map_err(|why| {
        Refusal::at_fault(format!(
            "error: {why}\n  help: `--overlay FILE` writes the same beside the document\n"
        ))
    })?;
    let before = proposal.before();
    if args.spec.as_os_str() == "-" {
        if !args.dry_run {
            out(&text)?;
        }
        return Ok(String::new());
    }
    let is_kept = args.diff || args.dry_run;
    if args.diff {
        show(&args.spec, Some(before.as_bytes().to_vec()), text.clone());
    }
    if !is_kept {
        let bytes = encoded(&args.spec, before, &text)?;
        replace(&args.spec, &bytes).map_err(|error| failed(&args.spec, &error))?;
    }
    let lines = text.lines().count() - before.lines().count();
    Ok(done(args, &args.spec, &format!("{lines} lines more"), ""))
}

/// The new text as the old one was written.
fn encoded(path: &Path, before: &str, text: &str) -> Result<Vec<u8>, Refusal> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let old = fs::read(path).map_err(|error| failed(path, &error))?;
    if old == before.as_bytes() {
        return Ok(text.as_bytes().to_vec());
    }
    match old.strip_prefix(MARK) == Some(before.as_bytes()) {
        true => Ok([MARK, text.as_bytes()].concat()),
        false => Err(Refusal::at_fault(format!(
            "error: `{}` is not UTF-8, or has changed just now\n  help: save it as UTF-8, and run the \
             command again\n",
            path.display()
        ))),
    }
}

fn into_overlay(args: &InitArgs, proposal: &Proposal, path: &Path) -> Result<String, Refusal> {
    let before = fs::read(path).ok();
    if before.is_some() && !(args.force || args.dry_run || args.diff) {
        return Err(Refusal::at_fault(format!(
            "error: `{}` is there already\n  help: name another file, or overwrite it with `--force`\n",
            path.display()
        )));
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let extends = match args.spec.as_os_str() == "-" {
        true => None,
        false => check::seen_from(&args.spec, folder).ok(),
    };
    let text = proposal.overlay(extends.as_deref());
    if args.diff {
        show(path, before, text.clone());
    }
    if !(args.dry_run || args.diff) {
        replace(path, text.as_bytes()).map_err(|error| failed(path, &error))?;
    }
    let option = format!(" --overlay {}", report::quoted(path));
    Ok(done(
        args,
        path,
        &format!("{} lines", text.lines().count()),
        &option,
    ))
}

fn failed(path: &Path, error: &io::Error) -> Refusal {
    Refusal::at_fault(format!(
        "error: cannot write `{}`: {error}\n",
        path.display()
    ))
}

fn show(path: &Path, before: Option<Vec<u8>>, after: String) {
    let change = Change {
        path: printable(&path.display().to_string()),
        before,
        after: Some(Arc::new(after)),
    };
    let mut text = String::new();
    difference::unified(&mut text, &change, None);
    let _ = write!(anstream::stdout().lock(), "{text}");
}

/// What was chosen, and why.
fn words(plan: &Plan) -> String {
    let mut words = String::new();
    let mut line = |title: &str, text: &str| {
        let _ = writeln!(words, "{}", report::line(title, text));
    };
    let chose = |rule: &Rule, count: String| {
        let (pattern, value) = (rule.pattern, yaml::flow(&rule.value));
        let on = format!("{}{count}", rule.on);
        format!("{pattern} {value} for {on}: {}", rule.why)
    };
    for rule in &plan.root {
        line("Chose", &chose(rule, String::new()));
    }
    for chosen in &plan.some {
        let count = match chosen.targets.len() {
            1 => " (1 operation)".to_owned(),
            count => format!(" ({count} operations)"),
        };
        line("Chose", &chose(&chosen.rule, count));
    }
    if plan.elsewhere > 0 {
        line(
            "Left",
            &format!(
                "{} in other files {} what holds for every operation; more can be written there, or \
                 for a whole path beside its `$ref`",
                match plan.elsewhere {
                    1 => "1 operation".to_owned(),
                    count => format!("{count} operations"),
                },
                if plan.elsewhere == 1 { "has" } else { "have" },
            ),
        );
    }
    line(
        "Left",
        "cache and fallback to you: only who knows an answer knows how long it stays true, and what \
         may stand in for it",
    );
    words
}

fn done(args: &InitArgs, path: &Path, what: &str, option: &str) -> String {
    let path = printable(&path.display().to_string());
    let word = match args.dry_run || args.diff {
        true => "Would",
        false => "Wrote",
    };
    let what = match args.dry_run || args.diff {
        true => format!("write {path}: {what}"),
        false => format!("{path}: {what}"),
    };
    let spec = report::quoted(&args.spec);
    let next = format!("failsafe explain {spec}{option}");
    let mut words = format!("{}\n", report::line(word, &what));
    if word == "Wrote" {
        words.push_str(&format!("{}\n", report::line("Next", &next)));
    }
    words
}
