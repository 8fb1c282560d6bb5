//! What one run shall make, with every default filled in.
//!
//! The command line, the document and the defaults have been weighed against each other before
//! this type is built; nothing behind it asks again where a value came from.

use crate::ir::ProtectionType;

/// What one run shall make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The crate's name, one that cargo accepts.
    pub package_name: String,
    /// The name for people.
    pub app_name: String,
    /// The service's own version; any text.
    pub app_version: String,
    pub server_port: u16,
    pub dockerfile: bool,
    pub telemetry: Telemetry,
    pub otel_endpoint: String,
    pub protection: bool,
    pub protection_type: ProtectionType,
    pub controlplane: bool,
    pub controlplane_prefix: String,
    pub controlplane_url: Option<String>,
    pub runtime: Runtime,
    pub stubs: Stubs,
    /// Whether the service shows its document as a page.
    pub docs: bool,
}

impl Options {
    /// The service's crate as Rust code names it.
    #[must_use]
    pub fn crate_name(&self) -> String {
        self.package_name.replace('-', "_")
    }
}

/// What a handler does that nobody has written yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stubs {
    /// Says so: 501.
    #[default]
    Todo,
    /// Answers the document's example, or a value made to fit.
    Example,
}

/// How metrics leave the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telemetry {
    /// Pushed over OTLP/HTTP.
    Otel,
    /// Served at `/metrics`.
    Prometheus,
    /// Not at all.
    None,
}

/// How the service reaches the runtime crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// As a package of its own in `runtime/`.
    Bundled,
    /// In a folder, named as it shall stand in `Cargo.toml`.
    Path(String),
    /// From the registry.
    Version(String),
}

/// Where templates come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Templates {
    BuiltIn,
    /// Those of a folder stand in for built-in ones.
    Own(String),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            package_name: "service".to_owned(),
            app_name: "service".to_owned(),
            app_version: "0.1.0".to_owned(),
            server_port: 8080,
            dockerfile: true,
            telemetry: Telemetry::Otel,
            otel_endpoint: "http://otel-collector:4318/v1/metrics".to_owned(),
            protection: true,
            protection_type: ProtectionType::Ingress,
            controlplane: true,
            controlplane_prefix: "/failsafe".to_owned(),
            controlplane_url: None,
            runtime: Runtime::Bundled,
            stubs: Stubs::default(),
            docs: true,
        }
    }
}
