//! What one command asks for, put together from the command line, the project's file and what is
//! remembered.

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{
    AT_FAULT, BAD_COMMAND_LINE,
    args::GenerateArgs,
    check,
    project::{self, PROJECT, Project},
    settings::Choices,
};
use crate::{
    Request, Source,
    options::{Runtime, Templates},
    spec::{Input, read_stdin},
    write::Mode,
};

/// Where a service goes that nobody says a place for.
const OUT: &str = "./generated-server";

/// Why nothing was begun.
pub(super) struct Refusal {
    code: u8,
    message: String,
}

impl Refusal {
    pub(super) fn command_line(message: impl Into<String>) -> Self {
        Self {
            code: BAD_COMMAND_LINE,
            message: message.into(),
        }
    }

    fn tree(message: &str) -> Self {
        Self {
            code: AT_FAULT,
            message: format!("{message}\nCorrect the file or delete it."),
        }
    }

    /// As clap says it, for what clap cannot know.
    pub(super) fn told(self) -> ExitCode {
        eprintln!(
            "error: {}\n\nFor more information, try '--help'.",
            self.message
        );
        ExitCode::from(self.code)
    }
}

pub(super) fn request(args: &GenerateArgs) -> Result<Request, Refusal> {
    let project = project(args.spec.as_deref()).map_err(Refusal::command_line)?;
    let spec = args.spec.clone().or(project.spec).ok_or_else(|| {
        Refusal::command_line(format!(
            "name a document, or write `spec = \"api.yaml\"` into `{PROJECT}`"
        ))
    })?;
    let out = args.out.clone().or(project.out);
    let out = out.unwrap_or_else(|| PathBuf::from(OUT));
    let seen_from_out = |choices| seen_from(&out, choices).map_err(Refusal::command_line);
    let said = seen_from_out(args.choices())?;
    let of_project = seen_from_out(project.choices)?;
    let remembered = project::remembered(&out).map_err(|why| Refusal::tree(&why))?;
    let remember = remembering(&out, said.clone().or(remembered.clone()));
    let remember = remember.map_err(Refusal::command_line)?;
    let choices = said.or(of_project).or(remembered);
    let input = input(&spec).map_err(Refusal::command_line)?;
    Ok(Request {
        source: choices.source(input),
        templates: match &choices.templates {
            Some(Templates::Own(directory)) => Some(check::from_here(directory, &out)),
            Some(Templates::BuiltIn) | None => None,
        },
        remember,
        choices,
        out,
        force: args.force,
        mode: match args.check || args.dry_run || args.diff {
            true => Mode::Look,
            false => Mode::Write,
        },
    })
}

/// The document of a command that makes no tree: what is not said is taken from the project's file.
pub(super) fn source(spec: &Path, said: Choices) -> Result<Source, String> {
    let choices = said.or(project(Some(spec))?.choices);
    Ok(choices.source(input(spec)?))
}

/// The text that is kept in a tree, with paths as they are seen from there.
fn remembering(out: &Path, mut choices: Choices) -> Result<String, String> {
    for overlay in choices.overlays.iter_mut().flatten() {
        *overlay = check::seen_from(overlay, out)?.into();
    }
    Ok(project::text(&choices))
}

pub(super) fn input(spec: &Path) -> Result<Input, String> {
    match spec.as_os_str() == "-" {
        true => read_stdin(io::stdin().lock())
            .map_err(|error| format!("cannot read standard input: {error}")),
        false => Ok(Input::Path(spec.to_owned())),
    }
}

/// The file beside the document, unless it is about another one; without a document the one of
/// this folder.
fn project(spec: Option<&Path>) -> Result<Project, String> {
    let spec = spec.filter(|spec| spec.as_os_str() != "-");
    let folder = spec.and_then(Path::parent).unwrap_or(Path::new(""));
    let project = Project::read(folder)?.unwrap_or_default();
    let is_about_another = match (spec, &project.spec) {
        (Some(spec), Some(own)) => spec.canonicalize().ok() != own.canonicalize().ok(),
        _ => false,
    };
    Ok(match is_about_another {
        true => Project::default(),
        false => project,
    })
}

/// Paths stand in the service's manifest and its memory, so they are seen from there.
fn seen_from(out: &Path, choices: Choices) -> Result<Choices, String> {
    let runtime = match &choices.runtime {
        Some(Runtime::Path(directory)) => Some(Runtime::Path(check::runtime_path(directory, out)?)),
        other => other.clone(),
    };
    let templates = match &choices.templates {
        Some(Templates::Own(directory)) => {
            Some(Templates::Own(check::templates_path(directory, out)?))
        }
        other => other.clone(),
    };
    Ok(Choices {
        runtime,
        templates,
        ..choices
    })
}
