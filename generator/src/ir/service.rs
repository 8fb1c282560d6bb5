//! The whole service.

use std::sync::Arc;

use super::{Api, Model, Outgoing, SchemeKind, SecurityScheme, SharedPolicies};

/// Everything that is rendered.
#[derive(Clone, Debug)]
pub struct Service {
    /// `info.title` of the document.
    pub title: String,
    /// `info.version` of the document, as it is written there.
    pub version: String,
    /// `info.description`.
    pub description: Option<String>,
    /// The path under which its operations are: `/v1`, or nothing.
    pub base_path: String,
    /// One per tag, in the document's order.
    pub apis: Vec<Api>,
    /// What the service tells whoever has asked for it outside the document.
    pub webhooks: Vec<Outgoing>,
    /// What it tells the callers of its operations.
    pub callbacks: Vec<Outgoing>,
    /// The named types, in the order of their names; referred to by index.
    pub models: Vec<Model>,
    /// The security schemes that operations use; referred to by index.
    pub security: Vec<SecurityScheme>,
    /// What the document says of the service as a whole.
    pub policies: SharedPolicies,
    /// The document as it is served: bundled, refusals declared, extensions removed.
    pub openapi: serde_json::Value,
    /// The document as it was read, for `openapi.yaml`; one of several files as JSON, in which YAML is
    /// written, too.
    pub source: Arc<String>,
}

impl Service {
    /// Whether there are credentials that somebody has to judge.
    pub fn has_authentication(&self) -> bool {
        self.security
            .iter()
            .any(|scheme| scheme.kind != SchemeKind::Undeclared)
    }

    /// Whether any operation is guarded by a pattern.
    pub fn has_policies(&self) -> bool {
        self.apis
            .iter()
            .flat_map(|api| &api.operations)
            .any(|operation| !operation.policies.is_empty())
    }
}
