//! Policies for a document that has none: what to begin with, chosen by what each operation does.
//!
//! They go into the document's own text, of which every other byte stays, or into an overlay where
//! the document is somebody else's.

mod choose;
mod insert;
mod overlay;

#[cfg(test)]
mod tests;

pub(crate) use self::choose::{Plan, Rule};
use crate::{
    Outcome, Source, Timings,
    diagnostic::{Diagnostic, Location, Severity},
    ir::Service,
    lower,
    spec::{self, Document},
};

/// What becomes of a document.
pub(crate) enum Begun {
    /// Policies for it.
    Planned(Box<Proposal>),
    /// It has some, of which the first is here.
    HasPolicies(Location, Outcome),
    /// Something is wrong with it.
    Faulty(Outcome),
}

/// Policies, and where they would go.
pub(crate) struct Proposal {
    pub(crate) plan: Plan,
    service: Service,
    document: Document,
}

/// Why policies cannot be written into a text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InsertError {
    #[error(
        "there is no place in the document at which policies can be written without changing more"
    )]
    NoPlace,
    #[error("with policies written into it the document would mean something else")]
    Misread,
}

/// Chooses policies for a document.
pub(crate) fn begin(source: &Source, timings: Timings) -> Begun {
    let (service, outcome) = crate::explain(source, timings);
    let is_error = |found: &Diagnostic| found.severity == Severity::Error;
    let Some(service) = service.filter(|_| !outcome.diagnostics.iter().any(is_error)) else {
        return Begun::Faulty(outcome);
    };
    // Read anew: what was put right on the way to a service stands elsewhere in the text.
    let Ok(document) = source.load() else {
        return Begun::Faulty(outcome);
    };
    if let Some(place) = lower::first_policy(&document) {
        return Begun::HasPolicies(place, outcome);
    }
    Begun::Planned(Box::new(Proposal {
        plan: Plan::of(&service, &document),
        service,
        document,
    }))
}

impl Proposal {
    /// The document's text before, as it was read.
    pub(crate) fn before(&self) -> &str {
        &self.document.files[0].text
    }

    /// The document's text with its policies.
    ///
    /// # Errors
    ///
    /// If they cannot be written there so that everything else keeps its meaning.
    pub(crate) fn inserted(&self) -> Result<String, InsertError> {
        let text = insert::into(&self.document, &self.plan).ok_or(InsertError::NoPlace)?;
        insert::check(&self.document, &text)?;
        Ok(text)
    }

    /// An overlay that says the same. `extends` is where the document is, as seen from there.
    pub(crate) fn overlay(&self, extends: Option<&str>) -> String {
        overlay::text(&self.plan, &self.service.title, extends)
    }
}

/// A text as a document; none where it is none.
fn read_again(text: &str) -> Option<Document> {
    spec::load(&spec::Input::Stdin(text.as_bytes().to_vec())).ok()
}
