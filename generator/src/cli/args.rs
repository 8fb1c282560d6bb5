//! What was typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::{check, settings::Choices};
use crate::{
    address,
    ir::ProtectionType,
    options::{Runtime, Stubs, Telemetry},
};

/// Resilience as code: from an OpenAPI document to a complete axum service whose operations are
/// rate limited, retried, broken and timed out as the document says
#[derive(Debug, Parser)]
#[command(
    name = "failsafe",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Generate(Box<GenerateArgs>),
}

/// Generate a service from an OpenAPI document
///
/// What is not given here is taken from the document (`info` and the root's `x-telstra`), and
/// then from the defaults. Running the command again brings the service up to date: what is new
/// is merged into the files that are yours, and everything that you wrote stays.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes:
  0  done
  1  the document or the output directory is at fault; nothing was written
  2  the command line is at fault

Example:
  failsafe generate api.yaml -o svc && cargo run --manifest-path svc/Cargo.toml")]
pub(super) struct GenerateArgs {
    /// OpenAPI 3.0 or 3.1 document, YAML or JSON; `-` reads standard input
    #[arg(value_name = "SPEC")]
    pub(super) spec: PathBuf,

    /// Directory of the service; made if it is not there
    #[arg(short, long, value_name = "DIR", default_value = "./generated-server")]
    pub(super) out: PathBuf,

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

    /// Leave out the operations that cannot be generated, and list them; without it they stop
    /// the run
    #[arg(long)]
    skip_unsupported: bool,

    /// Overwrite files of the generator that somebody has edited; without it they stop the run
    #[arg(long)]
    pub(super) force: bool,

    /// Name of the service's crate
    #[arg(
        long, value_name = "NAME", help_heading = "The service",
        value_parser = check::package_name, default_value = "service"
    )]
    package_name: String,

    /// Name that people see [default: the document's title, or `service`]
    #[arg(long, value_name = "NAME", help_heading = "The service", value_parser = check::not_empty)]
    app_name: Option<String>,

    /// Version of the service, any text [default: the document's version, or `0.1.0`]
    #[arg(
        long, value_name = "VERSION", help_heading = "The service",
        value_parser = check::not_empty
    )]
    app_version: Option<String>,

    /// Port it listens on unless `PORT` says otherwise
    #[arg(
        long, value_name = "PORT", help_heading = "The service",
        value_parser = clap::value_parser!(u16).range(1..), default_value = "8080"
    )]
    server_port: u16,

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
    /// document's examples, or values made to fit
    #[arg(
        long,
        value_name = "KIND",
        help_heading = "The service",
        ignore_case = true,
        hide_possible_values = true,
        default_value = "todo"
    )]
    stubs: StubsArg,

    /// How the service reaches the runtime crate: `bundled` inside it, `path:DIR` on this disk,
    /// `version:X` from the registry
    #[arg(
        long, value_name = "SOURCE", help_heading = "The service",
        value_parser = check::runtime, default_value = "bundled"
    )]
    runtime: Runtime,

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

    /// Mount the control plane [default; no effect yet]
    #[arg(
        long,
        help_heading = "Control plane",
        overrides_with = "no_controlplane"
    )]
    controlplane: bool,

    /// Do without it
    #[arg(long, help_heading = "Control plane", overrides_with = "controlplane")]
    no_controlplane: bool,

    /// Where its API is mounted [default: /failsafe; no effect yet]
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
enum StubsArg {
    Todo,
    Example,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
enum TelemetryArg {
    Otel,
    Prometheus,
    None,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
enum ProtectionArg {
    Ingress,
    Egress,
    Full,
}

impl GenerateArgs {
    /// What the person chose, without what he left open.
    ///
    /// # Errors
    ///
    /// If the runtime's directory is none.
    pub(super) fn choices(&self) -> Result<Choices, String> {
        let runtime = match &self.runtime {
            Runtime::Path(directory) => Runtime::Path(check::runtime_path(directory, &self.out)?),
            other => other.clone(),
        };
        Ok(Choices {
            package_name: self.package_name.clone(),
            app_name: self.app_name.clone(),
            app_version: self.app_version.clone(),
            server_port: self.server_port,
            dockerfile: !self.no_dockerfile,
            runtime,
            docs: !self.no_docs,
            skip_unsupported: self.skip_unsupported,
            stubs: match self.stubs {
                StubsArg::Todo => Stubs::Todo,
                StubsArg::Example => Stubs::Example,
            },
            telemetry: self.telemetry.map(|kind| match kind {
                TelemetryArg::Otel => Telemetry::Otel,
                TelemetryArg::Prometheus => Telemetry::Prometheus,
                TelemetryArg::None => Telemetry::None,
            }),
            otel_endpoint: self.otel_endpoint.clone(),
            protection: !self.no_protection,
            protection_type: self.protection_type.map(|kind| match kind {
                ProtectionArg::Ingress => ProtectionType::Ingress,
                ProtectionArg::Egress => ProtectionType::Egress,
                ProtectionArg::Full => ProtectionType::Full,
            }),
            // Each of the two resets the other, so at most one is set.
            controlplane: (self.controlplane || self.no_controlplane).then_some(self.controlplane),
            controlplane_prefix: self.controlplane_prefix.clone(),
            controlplane_url: self.controlplane_url.clone(),
        })
    }
}
