//! `failsafe templates`: the built-in templates, for whoever wants to write some of them anew.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Subcommand;

use super::{AT_FAULT, BAD_COMMAND_LINE, report, write_out};
use crate::{
    beside::beside,
    diagnostic::nearest,
    templates::{Exported, Fate, built_in, export},
};

/// List the built-in templates, or write them out to be edited
///
/// A service is generated with some of your own by `failsafe generate --templates DIR`: a file there
/// stands in for the built-in template of the same name. Everything else stays built in, so keep
/// only what you change.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TemplatesArgs {
    #[command(subcommand)]
    command: TemplatesCommand,
}

#[derive(Debug, Subcommand)]
enum TemplatesCommand {
    /// Write the names of all templates to standard output
    List,
    /// Write templates into a folder, and a README that explains them
    ///
    /// What you edited stays: where the built-in template has changed since, its new text is put
    /// beside yours.
    Export {
        /// The folder; made if it is not there
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Names of templates [default: all]
        #[arg(value_name = "TEMPLATE")]
        names: Vec<String>,
        /// Overwrite what somebody has edited
        #[arg(long)]
        force: bool,
    },
}

pub(in crate::cli) fn run(args: &TemplatesArgs) -> ExitCode {
    match &args.command {
        TemplatesCommand::List => {
            let names = built_in().into_keys().map(|name| format!("{name}\n"));
            write_out(names.collect::<String>().as_bytes())
        }
        TemplatesCommand::Export { dir, names, force } => written(dir, names, *force),
    }
}

fn written(dir: &Path, names: &[String], force: bool) -> ExitCode {
    let templates = built_in();
    for name in names {
        if !templates.contains_key(name.as_str()) {
            let near = nearest(name, templates.keys().copied());
            let help = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            eprintln!(
                "error: there is no built-in template `{name}`{help}\n\nFor more information, try \
                 'failsafe templates list'."
            );
            return ExitCode::from(BAD_COMMAND_LINE);
        }
    }
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let is_chosen = |name: &str| names.is_empty() || names.contains(name);
    match export(dir, is_chosen, force) {
        Ok(exported) => {
            // A reader that has gone away is no failure of the run.
            let _ = write!(anstream::stderr().lock(), "{}", words(dir, &exported));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(AT_FAULT)
        }
    }
}

fn words(dir: &Path, exported: &Exported) -> String {
    let mut out = String::new();
    let mut unchanged = 0;
    for (name, fate) in &exported.files {
        let text = match fate {
            Fate::Unchanged => {
                unchanged += 1;
                continue;
            }
            Fate::Created | Fate::Updated => (*name).to_owned(),
            Fate::Overwritten => format!("{name}: what was edited is gone"),
            Fate::Kept => format!("{name}, which is yours"),
            Fate::Beside => format!(
                "{name}, which is yours; the built-in one is new: take what you want from {}",
                beside(name)
            ),
        };
        let title = match fate {
            Fate::Created => "New",
            Fate::Updated => "Updated",
            Fate::Overwritten => "Forced",
            Fate::Kept | Fate::Beside | Fate::Unchanged => "Kept",
        };
        let _ = writeln!(out, "{}", report::line(title, &text));
    }
    if unchanged > 0 {
        let _ = writeln!(
            out,
            "{}",
            report::line("Same", &format!("{unchanged} more"))
        );
    }
    let help = format!("failsafe generate SPEC --templates {}", report::quoted(dir));
    let _ = writeln!(out, "{}", report::line("Next", &help));
    out
}
