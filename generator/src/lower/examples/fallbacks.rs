//! What fallbacks answer with, held against what the document says of such answers.

use super::{Tables, fits::fits};
use crate::{
    diagnostic::Diagnostic,
    ir::{Api, Instead, InsteadBody, Operation, Pattern},
    lower::{Lowering, policies},
};

impl Lowering<'_> {
    /// Checks the body of every fallback that is always the same.
    pub(in crate::lower) fn check_fallbacks(&mut self, apis: &[Api]) {
        for operation in apis.iter().flat_map(|api| &api.operations) {
            for policy in &operation.policies {
                let Pattern::Fallback(fallback) = &policy.pattern else {
                    continue;
                };
                if let Instead::Constant {
                    status,
                    body: Some(body),
                } = &fallback.instead
                {
                    self.check_fallback(operation, *status, body);
                }
            }
        }
    }

    fn check_fallback(&mut self, operation: &Operation, status: u16, body: &InsteadBody) {
        let Some(index) = policies::response(operation, status) else {
            return;
        };
        let Some((_, schema)) = self.offer_of(operation, index).content else {
            return;
        };
        let tables = Tables {
            drafts: &self.arena.drafts,
        };
        let Err(misfit) = fits(tables, &schema, &body.value) else {
            return;
        };
        let place = match misfit.pointer.as_str() {
            "" => String::new(),
            pointer => format!(" `{}`", pointer.escape_debug()),
        };
        self.report(
            Diagnostic::error(
                "fallback-body-misfit",
                format!(
                    "this is no answer {status} of `{}`:{place} {}",
                    operation.id, misfit.words
                ),
            )
            .at(body.location.clone())
            .help("clients expect of a fallback what they expect of the operation: follow the schema of its response"),
        );
    }
}
