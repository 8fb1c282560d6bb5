//! What becomes of each file.

use std::sync::Arc;

use crate::merge::handlers::{Added, Notice};

/// What became of each file, by its path below the tree's root, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Was not there.
    pub created: Vec<String>,
    /// The generator's, and different from what was there.
    pub changed: Vec<String>,
    /// The generator's, edited by somebody, and overwritten because the job says so.
    pub overwritten: Vec<String>,
    /// Already as it should be; not touched.
    pub unchanged: Vec<String>,
    /// The person's, there already; not touched.
    pub kept: Vec<String>,
    /// The person's, with what is new written into it.
    pub merged: Vec<String>,
    /// The person's, which has changes in the places that changed: not touched. The new text is
    /// beside it.
    pub conflicts: Vec<String>,
    /// The person's, which he has deleted; not made again.
    pub absent: Vec<String>,
    /// The generator's, of an earlier run, not needed any longer.
    pub removed: Vec<String>,
    /// Not needed any longer, but the person's, or edited since it was written; left for the
    /// person to decide.
    pub left: Vec<String>,
    /// Methods that were inserted into code of the person's.
    pub added: Vec<Added>,
    /// What the person has to do.
    pub notices: Vec<Notice>,
    /// A run that was interrupted has been finished first.
    pub finished: bool,
    /// Everything that was to be changed, or would be.
    pub changes: Vec<Change>,
}

impl Report {
    /// Every file and what became of it, in one word.
    pub fn files(&self) -> Vec<(&str, &'static str)> {
        let lists = [
            (&self.created, "new"),
            (&self.changed, "changed"),
            (&self.overwritten, "forced"),
            (&self.unchanged, "same"),
            (&self.kept, "kept"),
            (&self.merged, "merged"),
            (&self.conflicts, "conflict"),
            (&self.absent, "deleted"),
            (&self.removed, "removed"),
            (&self.left, "left"),
        ];
        let lists = lists.into_iter();
        let mut files: Vec<(&str, &str)> = lists
            .flat_map(|(list, word)| list.iter().map(move |path| (path.as_str(), word)))
            .collect();
        files.sort_unstable();
        files
    }
}

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    /// None: it was not there.
    pub before: Option<Vec<u8>>,
    /// None: it goes.
    pub after: Option<Arc<String>>,
}
