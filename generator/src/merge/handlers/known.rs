//! `.failsafe/operations`: which handler an operation had when its person's code was last in step
//! with the document.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::source::without_paths;
use crate::render::{HandlerApi, Stub};

/// An operation and its handler, as a line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub(super) path: String,
    pub(super) method: String,
    #[serde(rename = "trait")]
    pub(super) of: String,
    #[serde(rename = "fn")]
    pub(super) name: String,
    pub(super) types: Vec<String>,
}

impl Operation {
    pub(super) fn of(api: &HandlerApi, stub: &Stub) -> Self {
        Self {
            path: stub.http_path.clone(),
            method: stub.http_method.clone(),
            of: api.trait_name.clone(),
            name: stub.name.clone(),
            types: types(stub),
        }
    }

    pub(super) fn is(&self, stub: &Stub) -> bool {
        (&self.path, &self.method) == (&stub.http_path, &stub.http_method)
    }
}

pub(super) fn types(stub: &Stub) -> Vec<String> {
    stub.signature.iter().map(|ty| without_paths(ty)).collect()
}

/// All of them, sorted, a line each: so that it merges well.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(super) operations: BTreeSet<Operation>,
}

impl Known {
    /// Lines that are none count as not there.
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines();
        Self {
            operations: lines
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect(),
        }
    }

    pub(crate) fn text(&self) -> String {
        let lines = self.operations.iter().map(|operation| {
            let line = serde_json::to_string(operation).expect("texts are JSON");
            line + "\n"
        });
        lines.collect()
    }
}
