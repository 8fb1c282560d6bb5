//! What changes from one document to another: for clients, for handlers, and in the policies.
//!
//! What clients see is compared node by node, so that every change has its place and a document
//! that is at fault elsewhere can be compared all the same. Handlers and policies are compared as
//! the generator understands them.

mod handlers;
mod messages;
mod operations;
mod policies;
mod schema;
mod security;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::{
    Phase, Source,
    diagnostic::{Diagnostic, Diagnostics, Location, Severity},
    ir, lower, parallel,
    spec::{self, At, Document, FileId},
};

/// For whom something changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    Clients,
    Handlers,
    Policies,
}

/// How much a change matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// A client that kept to the old document fails.
    Breaking,
    /// Some clients fail: those that relied on more than the old document promised.
    Risky,
    /// A person's code no longer fits.
    Rework,
    /// What clients send and get stays the same, but more of their calls may be refused.
    Stricter,
    Compatible,
}

/// Which way something goes, seen from the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    Received,
    Sent,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub section: Section,
    pub rank: Rank,
    /// A stable kebab-case name of its kind (`operation-removed`).
    pub code: &'static str,
    /// `GET /pets`; empty: the document as a whole.
    pub operations: Vec<String>,
    /// Which way a value goes that has changed, where that matters; both: whichever.
    pub flows: Vec<Flow>,
    pub message: String,
    /// In the new document; of what is gone in the old one.
    pub location: Location,
}

/// Two documents, compared.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The files of the old document, then those of the new one: what locations point into.
    pub files: Vec<spec::File>,
    /// None: one of them could not be read.
    pub changes: Option<Vec<Change>>,
    /// Whether handlers and policies of all operations could be compared, too.
    pub is_whole: bool,
    /// What kept handlers and policies from being compared.
    pub faults: Vec<Diagnostic>,
}

impl Comparison {
    /// Whether any client may fail.
    pub fn is_breaking(&self) -> bool {
        let ranks = self.changes.iter().flatten().map(|change| change.rank);
        ranks.into_iter().any(Rank::is_breaking)
    }
}

impl Rank {
    pub fn is_breaking(self) -> bool {
        matches!(self, Self::Breaking | Self::Risky)
    }
}

/// Compares two documents.
pub fn diff(old: &Source, new: &Source) -> Comparison {
    diff_telling(old, new, &Phase::default())
}

/// The same, told while it goes on.
pub fn diff_telling(old: &Source, new: &Source, phase: &Phase) -> Comparison {
    phase.set("read");
    let (old, new) = parallel::both(|| Side::read(old), || Side::read(new));
    phase.set("compare");
    let mut comparison = Comparison::default();
    let shift = old.file_count();
    for (side, shift) in [(&old, 0), (&new, shift)] {
        let shifted = side.faults.iter().cloned().map(|mut found| {
            let related = found.related.iter_mut().map(|(place, _)| place);
            for place in found.location.iter_mut().chain(related) {
                place.file.0 += shift;
            }
            found
        });
        comparison.faults.extend(shifted);
    }
    if let (Ok(before), Ok(after)) = (&old.document, &new.document) {
        let mut changes = Changes::new(shift);
        let pairs = operations::compare(&before.root(), &after.root(), &mut changes);
        if let (Some(before), Some(after)) = (&old.service, &new.service) {
            comparison.is_whole = comparison.faults.is_empty();
            handlers::compare(before, after, &pairs, &mut changes);
            policies::compare(before, after, &pairs, &mut changes);
        }
        comparison.changes = Some(changes.sorted());
    }
    comparison.files.extend(old.into_files());
    comparison.files.extend(new.into_files());
    comparison
}

/// One of the documents.
struct Side {
    document: Result<Document, Vec<spec::File>>,
    service: Option<ir::Service>,
    /// What keeps it, or a part of it, from becoming a service.
    faults: Vec<Diagnostic>,
}

impl Side {
    fn read(source: &Source) -> Self {
        let mut diagnostics = Diagnostics::default();
        let mut document = match source.load() {
            Ok(document) => document,
            Err(failure) => {
                return Self {
                    document: Err(failure.files),
                    service: None,
                    faults: failure.diagnostics,
                };
            }
        };
        diagnostics.extend(std::mem::take(&mut document.problems));
        lower::check(&mut document, &mut diagnostics);
        lower::select(&mut document, &source.selection, &mut diagnostics);
        let contract = lower::contract(&document, &mut diagnostics);
        let (service, left_out) = contract.unzip();
        let left_out = left_out.into_iter().flatten().map(|it| it.reason);
        diagnostics.dedup();
        let mut faults = diagnostics.into_vec();
        faults.retain(|found| found.severity == Severity::Error);
        faults.extend(left_out);
        Self {
            document: Ok(document),
            service,
            faults,
        }
    }

    fn file_count(&self) -> u32 {
        let files = match &self.document {
            Ok(document) => &document.files,
            Err(files) => files,
        };
        u32::try_from(files.len()).unwrap_or(u32::MAX)
    }

    fn into_files(self) -> Vec<spec::File> {
        match self.document {
            Ok(document) => document.files,
            Err(files) => files,
        }
    }
}

/// An operation of both documents.
#[derive(Debug, PartialEq, Eq)]
struct Pair {
    /// Method and path as the document writes them.
    old: (String, String),
    new: (String, String),
}

impl Pair {
    /// `GET /pets`
    fn name(&self) -> String {
        format!("{} {}", self.new.0, self.new.1)
    }
}

/// What is gathered while two documents are walked.
#[derive(Debug)]
struct Changes {
    list: Vec<Change>,
    /// One change that several operations share is told once.
    known: HashMap<(Section, Rank, &'static str, String, Location), usize>,
    /// The number of the new document's first file.
    shift: u32,
}

impl Changes {
    fn new(shift: u32) -> Self {
        Self {
            list: Vec::new(),
            known: HashMap::new(),
            shift,
        }
    }

    /// Where something of the new document stands among all files.
    fn shifted(&self, location: &Location) -> Location {
        Location {
            file: FileId(location.file.0 + self.shift),
            ..location.clone()
        }
    }

    fn in_new(&self, at: &At<'_>) -> Location {
        self.shifted(&at.key_location())
    }

    fn push(&mut self, change: Change) {
        let key = (
            change.section,
            change.rank,
            change.code,
            change.message.clone(),
            change.location.clone(),
        );
        match self.known.get(&key) {
            Some(&index) => {
                let known = &mut self.list[index];
                // They come one after another: whoever is known is the last.
                if known.operations.last() != change.operations.last() {
                    known.operations.extend(change.operations);
                }
                for flow in change.flows {
                    if !known.flows.contains(&flow) {
                        known.flows.push(flow);
                    }
                }
            }
            None => {
                self.known.insert(key, self.list.len());
                self.list.push(change);
            }
        }
    }

    /// A change of what clients see of one operation.
    fn client(
        &mut self,
        (rank, code): (Rank, &'static str),
        operation: &str,
        location: Location,
        message: impl Into<String>,
    ) {
        self.push(Change {
            section: Section::Clients,
            rank,
            code,
            operations: vec![operation.to_owned()],
            flows: Vec::new(),
            message: message.into(),
            location,
        });
    }

    /// By section, and what matters most first; else in the order of the documents.
    fn sorted(mut self) -> Vec<Change> {
        for change in &mut self.list {
            change.operations.retain(|name| !name.is_empty());
            change.flows.sort_unstable();
        }
        self.list
            .sort_by_key(|change| (change.section, change.rank));
        self.list
    }
}
