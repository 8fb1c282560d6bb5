//! From an OpenAPI document to a complete, protected axum service.
//!
//! Data flows one way: [`spec`] reads text into positioned nodes, [`lower`] finds every problem
//! and makes the [`ir`], [`render`] turns that into files in memory, [`mod@write`] puts them on the
//! disk.

mod address;
mod beside;
pub mod cli;
pub mod diagnostic;
pub mod diff;
mod init;
pub mod ir;
mod lexer;
pub mod lower;
mod merge;
pub mod options;
mod parallel;
pub mod render;
pub mod spec;
pub mod templates;
mod timings;
pub mod write;
mod yaml;

use std::path::PathBuf;

use diagnostic::{Diagnostic, Diagnostics};
pub use timings::{Phase, Timings, peak_memory};

/// Which document is meant.
#[derive(Clone, Debug)]
pub struct Source {
    pub input: spec::Input,
    /// What changes it, one after the other.
    pub overlays: Vec<PathBuf>,
    /// What of it is meant.
    pub selection: lower::Selection,
}

impl Source {
    fn load(&self) -> Result<spec::Document, spec::LoadFailure> {
        spec::load_with(&self.input, &self.overlays)
    }
}

impl From<spec::Input> for Source {
    fn from(input: spec::Input) -> Self {
        Self {
            input,
            overlays: Vec::new(),
            selection: lower::Selection::default(),
        }
    }
}

/// What one run is asked for.
#[derive(Debug)]
pub struct Request {
    pub source: Source,
    pub choices: cli::Choices,
    /// A folder of templates that stand in for built-in ones.
    pub templates: Option<PathBuf>,
    pub out: PathBuf,
    /// The options that the next run is to know.
    pub remember: String,
    /// Overwrite files of the generator that somebody has edited.
    pub force: bool,
    pub mode: write::Mode,
}

/// What became of it.
#[derive(Debug)]
pub struct Outcome {
    /// The files that the findings point into.
    pub files: Vec<spec::File>,
    pub diagnostics: Diagnostics,
    /// None: something was wrong, and nothing was written.
    pub done: Option<Done>,
    /// Files of the generator that somebody has edited, which is what was wrong.
    pub edited: Vec<write::Change>,
    pub timings: Timings,
}

/// What was read and written.
#[derive(Debug)]
pub struct Done {
    pub title: String,
    pub version: spec::OpenApiVersion,
    pub operations: usize,
    pub models: usize,
    pub policies: usize,
    /// Operations that could not be generated and were not insisted on.
    pub left_out: Vec<lower::LeftOut>,
    pub written: write::Report,
}

/// Reads the document, generates the service and writes it, or finds out why not.
pub fn run(request: Request) -> Outcome {
    run_timed(request, Timings::default())
}

/// The same, told while it goes on.
pub fn run_timed(request: Request, mut timings: Timings) -> Outcome {
    let mut diagnostics = Diagnostics::default();
    let mut document = match timings.measure("read", || request.source.load()) {
        Ok(document) => document,
        Err(failure) => {
            diagnostics.extend(failure.diagnostics);
            return Outcome {
                files: failure.files,
                diagnostics,
                done: None,
                edited: Vec::new(),
                timings,
            };
        }
    };
    diagnostics.extend(std::mem::take(&mut document.problems));
    let mut edited = Vec::new();
    let done = generate(
        &mut document,
        request,
        &mut diagnostics,
        &mut timings,
        &mut edited,
    );
    diagnostics.dedup();
    Outcome {
        files: document.files,
        diagnostics,
        done,
        edited,
        timings,
    }
}

/// Finds out what is wrong with a document.
pub fn validate(source: &Source) -> Outcome {
    validate_timed(source, Timings::default())
}

/// The same, with times that somebody may look at.
pub(crate) fn validate_timed(source: &Source, timings: Timings) -> Outcome {
    let lower = |document: &spec::Document, diagnostics: &mut Diagnostics| {
        lower::lower_with(document, options::Stubs::Todo, diagnostics)
    };
    read(source, timings, lower).1
}

/// What a document comes to, with the reason of each value of its policies, and what is wrong with
/// it.
pub(crate) fn explain(source: &Source, timings: Timings) -> (Option<ir::Service>, Outcome) {
    read(source, timings, lower::explained)
}

/// What a document says, as far as it says anything, and what is wrong with it.
fn read(
    source: &Source,
    mut timings: Timings,
    lower: impl FnOnce(&spec::Document, &mut Diagnostics) -> Option<ir::Service>,
) -> (Option<ir::Service>, Outcome) {
    let mut diagnostics = Diagnostics::default();
    let (service, files) = match timings.measure("read", || source.load()) {
        Ok(mut document) => {
            diagnostics.extend(std::mem::take(&mut document.problems));
            let service = timings.measure("lower", || {
                lower::check(&mut document, &mut diagnostics);
                lower::select(&mut document, &source.selection, &mut diagnostics);
                lower(&document, &mut diagnostics)
            });
            (service, document.files)
        }
        Err(failure) => {
            diagnostics.extend(failure.diagnostics);
            (None, failure.files)
        }
    };
    diagnostics.dedup();
    let outcome = Outcome {
        files,
        diagnostics,
        done: None,
        edited: Vec::new(),
        timings,
    };
    (service, outcome)
}

fn generate(
    document: &mut spec::Document,
    request: Request,
    diagnostics: &mut Diagnostics,
    timings: &mut Timings,
    edited: &mut Vec<write::Change>,
) -> Option<Done> {
    let stubs = request.choices.stubs.unwrap_or_default();
    let skips = request.choices.skip_unsupported.unwrap_or_default();
    let lowered = timings.measure("lower", || {
        lower::check(document, diagnostics);
        lower::select(document, &request.source.selection, diagnostics);
        match skips {
            true => lower::lower_without(document, stubs, diagnostics),
            false => {
                lower::lower_with(document, stubs, diagnostics).map(|service| (service, Vec::new()))
            }
        }
    });
    // Findings point into templates as well, which are no files of the document.
    let mut found = Diagnostics::default();
    let own = match &request.templates {
        Some(dir) => templates::Own::read(dir, &mut document.files, &mut found),
        None => templates::Own::default(),
    };
    let is_unread = found.has_errors();
    diagnostics.extend(found.into_vec());
    let (mut service, left_out) = lowered?;
    let options = request.choices.with(&service, diagnostics);
    render::tell_moved(&service, &options, diagnostics);
    if !options.protection {
        service = lower::without_protection(document, service);
    }
    let rendered = timings.measure("render", || render::render_with(&service, &options, &own));
    let files = match rendered {
        // In place of what could not be read stands what is built in: of no use but to find out
        // what is wrong with the others.
        Ok(_) if is_unread => return None,
        Ok(files) => files,
        Err(render::RenderError::Own(faults)) => {
            diagnostics.extend(faults);
            return None;
        }
        Err(error) => {
            diagnostics.push(Diagnostic::error("render", error.to_string()));
            return None;
        }
    };
    let job = write::Job {
        files: &files,
        out: &request.out,
        options: &request.remember,
        force: request.force,
        mode: request.mode,
    };
    let written = match timings.measure("write", || write::write(&job)) {
        Ok(written) => written,
        Err(write::WriteError::Edited(changes)) => {
            diagnostics.extend(changes.iter().map(was_edited));
            *edited = changes;
            return None;
        }
        Err(error) => {
            diagnostics.push(Diagnostic::error("write", error.to_string()));
            return None;
        }
    };
    let operations = || service.apis.iter().flat_map(|api| &api.operations);
    Some(Done {
        title: service.title.clone(),
        version: document.version,
        operations: operations().count(),
        models: service
            .models
            .iter()
            .filter(|model| model.is_needed)
            .count(),
        policies: operations().map(|operation| operation.policies.len()).sum(),
        left_out,
        written,
    })
}

fn was_edited(change: &write::Change) -> Diagnostic {
    let message = format!("`{}` is not what the generator wrote", change.path);
    Diagnostic::error("edited", message).help(
        "move what was changed to a file of yours; `--force` overwrites the file, and `git diff` \
         or the lines below show what would be lost",
    )
}
