//! What was typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::{
    check, diff::DiffArgs, document::DocumentArgs, explain::ExplainArgs, init::InitArgs,
    settings::Choices, templates::TemplatesArgs, validate::ValidateArgs, watch::WatchArgs,
};
use crate::{
    address,
    ir::ProtectionType,
    options::{Runtime, Stubs, Telemetry, Templates},
};

/// Resilience as code: from an OpenAPI document to a complete axum service whose operations are
/// rate limited, retried, broken and timed out as the document says
#[derive(Debug, Parser)]
#[command(
    name = "failsafe",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "\
Exit codes:
  0  done
  1  the document or the tree is at fault
  2  the command line or `failsafe.toml` is at fault"
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Generate(Box<GenerateArgs>),
    Watch(Box<WatchArgs>),
    Init(InitArgs),
    Validate(ValidateArgs),
    Explain(ExplainArgs),
    Diff(DiffArgs),
    Templates(TemplatesArgs),
    /// Write the JSON Schema of the extension, for editors, to standard output
    ///
    /// In VS Code, with the YAML extension, one line at the top of a document:
    /// `# yaml-language-server: $schema=failsafe.schema.json`
    Schema,
    /// Write a shell's completions to standard output
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page of this command, or of one of its commands, to standard output
    Man {
        /// The command
        command: Option<String>,
    },
}

/// Generate a service from an OpenAPI document
///
/// What is not given here is taken from `failsafe.toml`, then from what an earlier command said of
/// the same directory, then from the document (`info` and the root's `x-telstra`), and then from
/// the defaults. Running the command again brings the service up to date: what is new
/// is merged into the files that are yours, and everything that you wrote stays.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes:
  0  done
  1  the document or the output directory is at fault; nothing was written
     (`--check`: something would change; `--strict`: something is left for you to do)
  2  the command line or `failsafe.toml` is at fault

Example:
  failsafe generate api.yaml -o svc && cargo run --manifest-path svc/Cargo.toml")]
pub(super) struct GenerateArgs {
    /// OpenAPI 3.0 or 3.1 document, YAML or JSON; `-` reads standard input
    /// [default: that of `failsafe.toml`]
    #[arg(value_name = "SPEC")]
    pub(super) spec: Option<PathBuf>,

    /// Directory of the service; made if it is not there [default: ./generated-server]
    #[arg(short, long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// How to tell what was found: for people on stderr, or one JSON document on stdout
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "human",
        ignore_case = true
    )]
    pub(super) format: Format,

    /// Say how long each phase took
    #[arg(long)]
    pub(super) timings: bool,

    /// Say only what is wrong
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Name every file and what became of it
    #[arg(short, long)]
    pub(super) verbose: bool,

    #[command(flatten)]
    document: DocumentArgs,

    /// Leave out the operations that cannot be generated, and list them
    #[arg(
        long,
        help_heading = "The document",
        overrides_with = "no_skip_unsupported"
    )]
    skip_unsupported: bool,

    /// Let operations that cannot be generated stop the run [default]
    #[arg(
        long,
        help_heading = "The document",
        overrides_with = "skip_unsupported"
    )]
    no_skip_unsupported: bool,

    /// Overwrite files of the generator that somebody has edited; without it they stop the run
    #[arg(long, help_heading = "The tree")]
    pub(super) force: bool,

    /// Exit with 1 where something of yours could not be merged, or does not fit the document
    /// any longer
    #[arg(long, help_heading = "The tree")]
    pub(super) strict: bool,

    /// Write nothing; exit with 1, and list the files, where the tree is not what the document
    /// gives
    #[arg(long, help_heading = "The tree")]
    pub(super) check: bool,

    /// Write nothing; list the files that would change
    #[arg(long, help_heading = "The tree")]
    pub(super) dry_run: bool,

    /// Write nothing; show on standard output what would change
    #[arg(long, help_heading = "The tree")]
    pub(super) diff: bool,

    /// Name of the service's crate [default: service]
    #[arg(
        long, value_name = "NAME", help_heading = "The service",
        value_parser = check::package_name
    )]
    package_name: Option<String>,

    /// Name that people see [default: the document's title, or `service`]
    #[arg(long, value_name = "NAME", help_heading = "The service", value_parser = check::not_empty)]
    app_name: Option<String>,

    /// Version of the service, any text [default: the document's version, or `0.1.0`]
    #[arg(
        long, value_name = "VERSION", help_heading = "The service",
        value_parser = check::not_empty
    )]
    app_version: Option<String>,

    /// Port it listens on unless `PORT` says otherwise [default: 8080]
    #[arg(
        long, value_name = "PORT", help_heading = "The service",
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    server_port: Option<u16>,

    /// Write a Dockerfile and its ignore file [default]
    #[arg(long, help_heading = "The service", overrides_with = "no_dockerfile")]
    dockerfile: bool,

    /// Write neither
    #[arg(long, help_heading = "The service", overrides_with = "dockerfile")]
    no_dockerfile: bool,

    /// Show the document as a page at /docs [default]
    #[arg(long, help_heading = "The service", overrides_with = "no_docs")]
    docs: bool,

    /// Do without the page, which makes the binary 1.9 MB smaller
    #[arg(long, help_heading = "The service", overrides_with = "docs")]
    no_docs: bool,

    /// What new handlers do until you write them: `todo` answers 501, `example` answers the
    /// document's examples, or values made to fit [default: todo]
    #[arg(
        long,
        value_name = "KIND",
        help_heading = "The service",
        ignore_case = true,
        hide_possible_values = true
    )]
    stubs: Option<StubsArg>,

    /// How the service reaches the runtime crate: `bundled` inside it, `path:DIR` on this disk,
    /// `version:X` from the registry [default: bundled]
    #[arg(
        long, value_name = "SOURCE", help_heading = "The service",
        value_parser = check::runtime
    )]
    runtime: Option<Runtime>,

    /// Folder of templates that stand in for built-in ones of the same names; see `failsafe
    /// templates --help`
    #[arg(
        long,
        value_name = "DIR",
        help_heading = "The service",
        overrides_with = "no_templates"
    )]
    templates: Option<String>,

    /// Take the built-in templates [default]
    #[arg(long, help_heading = "The service", overrides_with = "templates")]
    no_templates: bool,

    /// Where metrics go: pushed over OTLP, served at /metrics, or nowhere [default: OTEL]
    #[arg(
        long,
        value_name = "KIND",
        help_heading = "Telemetry",
        ignore_case = true
    )]
    telemetry: Option<TelemetryArg>,

    /// OTLP/HTTP endpoint [default: http://otel-collector:4318/v1/metrics]
    #[arg(long, value_name = "URL", help_heading = "Telemetry", value_parser = address::url)]
    otel_endpoint: Option<String>,

    /// Wrap the operations in their patterns and send the headers [default]
    #[arg(long, help_heading = "Protection", overrides_with = "no_protection")]
    protection: bool,

    /// Leave all patterns and headers out
    #[arg(long, help_heading = "Protection", overrides_with = "protection")]
    no_protection: bool,

    /// Which calls are protected: those that come in, those that go out, or both
    /// [default: INGRESS; the others have no effect yet]
    #[arg(
        long,
        value_name = "TYPE",
        help_heading = "Protection",
        ignore_case = true
    )]
    protection_type: Option<ProtectionArg>,

    /// Have the patterns of the running service read and changed over HTTP [default]
    #[arg(
        long,
        help_heading = "Control plane",
        overrides_with = "no_controlplane"
    )]
    controlplane: bool,

    /// Do without it
    #[arg(long, help_heading = "Control plane", overrides_with = "controlplane")]
    no_controlplane: bool,

    /// Where that API is mounted [default: /failsafe]
    #[arg(
        long, value_name = "PATH", help_heading = "Control plane", value_parser = address::prefix
    )]
    controlplane_prefix: Option<String>,

    /// Fleet control plane to follow [no effect yet]
    #[arg(long, value_name = "URL", help_heading = "Control plane", value_parser = address::url)]
    controlplane_url: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum StubsArg {
    Todo,
    Example,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(super) enum TelemetryArg {
    Otel,
    Prometheus,
    None,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(super) enum ProtectionArg {
    Ingress,
    Egress,
    Full,
}

/// The words of the command line for an option's values.
macro_rules! words {
    ($($word:ident is $value:ident: $($name:ident)+;)+) => { $(
        impl From<$word> for $value {
            fn from(word: $word) -> Self {
                match word { $($word::$name => Self::$name),+ }
            }
        }

        impl From<$value> for $word {
            fn from(value: $value) -> Self {
                match value { $($value::$name => Self::$name),+ }
            }
        }
    )+ };
}

words! {
    StubsArg is Stubs: Todo Example;
    TelemetryArg is Telemetry: Otel Prometheus None;
    ProtectionArg is ProtectionType: Ingress Egress Full;
}

impl GenerateArgs {
    /// What the person chose, without what he left open.
    pub(super) fn choices(&self) -> Choices {
        // Each of two flags resets the other, so at most one is set.
        let either = |yes: bool, no: bool| (yes || no).then_some(yes);
        Choices {
            package_name: self.package_name.clone(),
            app_name: self.app_name.clone(),
            app_version: self.app_version.clone(),
            server_port: self.server_port,
            dockerfile: either(self.dockerfile, self.no_dockerfile),
            runtime: self.runtime.clone(),
            docs: either(self.docs, self.no_docs),
            templates: match (&self.templates, self.no_templates) {
                (Some(directory), _) => Some(Templates::Own(directory.clone())),
                (None, true) => Some(Templates::BuiltIn),
                (None, false) => None,
            },
            skip_unsupported: either(self.skip_unsupported, self.no_skip_unsupported),
            stubs: self.stubs.map(Into::into),
            telemetry: self.telemetry.map(Into::into),
            otel_endpoint: self.otel_endpoint.clone(),
            protection: either(self.protection, self.no_protection),
            protection_type: self.protection_type.map(Into::into),
            controlplane: either(self.controlplane, self.no_controlplane),
            controlplane_prefix: self.controlplane_prefix.clone(),
            controlplane_url: self.controlplane_url.clone(),
            ..self.document.choices()
        }
    }
}
