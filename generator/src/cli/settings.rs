//! What the command line and the document mean together.

use std::path::PathBuf;

use crate::{
    Source,
    diagnostic::{Diagnostic, Diagnostics, Location},
    ir::{ProtectionType, Service},
    lower::{Selection, Selector},
    options::{Options, Runtime, Stubs, Telemetry, Templates},
    spec::Input,
};

/// What was chosen; none where the choice was left open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    pub overlays: Option<Vec<PathBuf>>,
    pub only: Option<Vec<Selector>>,
    pub exclude: Option<Vec<Selector>>,
    pub package_name: Option<String>,
    pub app_name: Option<String>,
    pub app_version: Option<String>,
    pub server_port: Option<u16>,
    pub dockerfile: Option<bool>,
    pub runtime: Option<Runtime>,
    pub stubs: Option<Stubs>,
    /// Generate what can be generated, and list the rest.
    pub skip_unsupported: Option<bool>,
    pub docs: Option<bool>,
    /// A folder is seen from the service's.
    pub templates: Option<Templates>,
    pub telemetry: Option<Telemetry>,
    pub otel_endpoint: Option<String>,
    pub protection: Option<bool>,
    pub protection_type: Option<ProtectionType>,
    pub controlplane: Option<bool>,
    pub controlplane_prefix: Option<String>,
    pub controlplane_url: Option<String>,
}

/// What holds where calls that go out are to be protected.
const INCOMING: &str = "policies act on requests that come in, as with INGRESS; calls that the \
     service makes have the timeout and the retry of its client";

/// What holds where a fleet is to be followed.
const ON_ITS_OWN: &str = "leave it out: nothing is fetched from there; patterns are changed by the \
     service's own control plane and its `failsafe.yaml`";

impl Choices {
    /// What is left open is taken from other choices.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            overlays: self.overlays.or(other.overlays),
            only: self.only.or(other.only),
            exclude: self.exclude.or(other.exclude),
            package_name: self.package_name.or(other.package_name),
            app_name: self.app_name.or(other.app_name),
            app_version: self.app_version.or(other.app_version),
            server_port: self.server_port.or(other.server_port),
            dockerfile: self.dockerfile.or(other.dockerfile),
            runtime: self.runtime.or(other.runtime),
            stubs: self.stubs.or(other.stubs),
            skip_unsupported: self.skip_unsupported.or(other.skip_unsupported),
            docs: self.docs.or(other.docs),
            templates: self.templates.or(other.templates),
            telemetry: self.telemetry.or(other.telemetry),
            otel_endpoint: self.otel_endpoint.or(other.otel_endpoint),
            protection: self.protection.or(other.protection),
            protection_type: self.protection_type.or(other.protection_type),
            controlplane: self.controlplane.or(other.controlplane),
            controlplane_prefix: self.controlplane_prefix.or(other.controlplane_prefix),
            controlplane_url: self.controlplane_url.or(other.controlplane_url),
        }
    }

    /// What is made of what was named as the document.
    #[must_use]
    pub fn source(&self, input: Input) -> Source {
        Source {
            input,
            overlays: self.overlays.clone().unwrap_or_default(),
            selection: Selection {
                only: self.only.clone().unwrap_or_default(),
                exclude: self.exclude.clone().unwrap_or_default(),
            },
        }
    }

    /// The command line wins over the document, that over the defaults.
    pub fn with(self, service: &Service, diagnostics: &mut Diagnostics) -> Options {
        self.tell_what_has_no_effect(service, diagnostics);
        let default = Options::default();
        let said = &service.policies;
        let written = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
        Options {
            package_name: self.package_name.unwrap_or(default.package_name),
            app_name: self
                .app_name
                .or(written(&service.title))
                .unwrap_or(default.app_name),
            app_version: (self.app_version.or(written(&service.version)))
                .unwrap_or(default.app_version),
            server_port: self.server_port.unwrap_or(default.server_port),
            dockerfile: self.dockerfile.unwrap_or(default.dockerfile),
            telemetry: self.telemetry.unwrap_or(match said.otel.enabled {
                Some(false) => Telemetry::None,
                _ => default.telemetry,
            }),
            otel_endpoint: (self.otel_endpoint.or(said.otel.endpoint.clone()))
                .unwrap_or(default.otel_endpoint),
            protection: self.protection.unwrap_or(default.protection),
            protection_type: (self.protection_type)
                .or(said.protection.as_ref().map(|said| said.value))
                .unwrap_or(default.protection_type),
            controlplane: (self.controlplane)
                .or(said.controller.enabled.as_ref().map(|said| said.value))
                .unwrap_or(default.controlplane),
            controlplane_prefix: (self.controlplane_prefix)
                .or(said
                    .controller
                    .prefix
                    .as_ref()
                    .map(|said| said.value.clone()))
                .unwrap_or(default.controlplane_prefix),
            controlplane_url: (self.controlplane_url).or(said
                .controller
                .url
                .as_ref()
                .map(|said| said.value.clone())),
            runtime: self.runtime.unwrap_or(default.runtime),
            stubs: self.stubs.unwrap_or(default.stubs),
            docs: self.docs.unwrap_or(default.docs),
        }
    }

    /// What is read and kept for a later version, one line each.
    fn tell_what_has_no_effect(&self, service: &Service, diagnostics: &mut Diagnostics) {
        let mut tell = |what: &str, place: Option<&Location>, help: &str| {
            let note = Diagnostic::note("no-effect-yet", format!("{what} has no effect yet"));
            let note = note.help(help);
            diagnostics.push(match place {
                Some(place) => note.at(place.clone()),
                None => note,
            });
        };
        let said = &service.policies;
        let outgoing = |kind: ProtectionType| match kind {
            ProtectionType::Ingress => None,
            ProtectionType::Egress => Some("EGRESS"),
            ProtectionType::Full => Some("FULL"),
        };
        match (self.protection_type, &said.protection) {
            (Some(kind), _) => {
                if let Some(word) = outgoing(kind) {
                    tell(&format!("`--protection-type {word}`"), None, INCOMING);
                }
            }
            (None, Some(kind)) => {
                if let Some(word) = outgoing(kind.value) {
                    tell(
                        &format!("the protection type `{}`", word.to_lowercase()),
                        Some(&kind.place),
                        INCOMING,
                    );
                }
            }
            (None, None) => {}
        }
        if self.controlplane_url.is_some() {
            tell("`--controlplane-url`", None, ON_ITS_OWN);
        }
        if let Some(url) = &said.controller.url {
            tell("`controller.url`", Some(&url.place), ON_ITS_OWN);
        }
    }
}
