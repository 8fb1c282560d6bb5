//! What every command that reads a document takes: what changes it, and which part of it is meant.

use std::path::PathBuf;

use crate::lower::Selector;

use super::settings::Choices;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The document")]
pub(super) struct DocumentArgs {
    /// Change the document by an OpenAPI Overlay (1.0, YAML or JSON) as it is read; several are
    /// applied in their order
    #[arg(long, value_name = "FILE")]
    overlay: Vec<PathBuf>,

    /// Take the document as it is, whatever `failsafe.toml` or an earlier command said
    #[arg(long, conflicts_with = "overlay")]
    no_overlay: bool,

    /// Take these operations alone: an `operationId`, `tag:NAME`, `path:/PATH` or `GET /PATH`, in
    /// which `*` is any text (in a path any segment, and `**` any number of them); repeatable
    #[arg(long, value_name = "SELECTOR")]
    only: Vec<Selector>,

    /// Leave these operations out, named in the same way; repeatable
    #[arg(long, value_name = "SELECTOR")]
    exclude: Vec<Selector>,

    /// Take all operations, whatever `failsafe.toml` or an earlier command said
    #[arg(long, conflicts_with_all = ["only", "exclude"])]
    all_operations: bool,
}

impl DocumentArgs {
    /// What was chosen of the document, and nothing of all else.
    pub(super) fn choices(&self) -> Choices {
        let list =
            |said: &[Selector]| (self.all_operations || !said.is_empty()).then(|| said.to_vec());
        Choices {
            overlays: (self.no_overlay || !self.overlay.is_empty()).then(|| self.overlay.clone()),
            only: list(&self.only),
            exclude: list(&self.exclude),
            ..Choices::default()
        }
    }
}
