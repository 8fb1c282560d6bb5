//! What has to happen to a tree: reads the disk, changes nothing.

use std::sync::Arc;

use super::{
    Change, Job, Report, WriteError, handlers, inside,
    journal::{Before, Step},
    memory::{self, Manifest},
    persons::{Fate, Known, fate},
};
use crate::{
    beside::beside,
    merge::{self, handlers::Update},
    render::{File, Owner},
};

/// Where dependencies stand.
const MANIFEST: &str = "Cargo.toml";

/// What has to happen.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// In their order: what the memory says of a file comes behind the file.
    pub(super) steps: Vec<Step>,
    pub(super) report: Report,
}

pub(super) fn plan(job: &Job<'_>, is_new: bool) -> Result<Plan, WriteError> {
    let mut planner = Planner {
        job,
        is_new,
        old: Manifest::default(),
        plan: Plan::default(),
        memory: Vec::new(),
        edited: Vec::new(),
        update: Update::default(),
    };
    if !is_new {
        planner.old = Manifest::read(job.out)?;
    }
    for (path, file) in job.files.iter() {
        if file.owner == Owner::Person {
            planner.persons(path, file)?;
        }
    }
    // Behind them: code may stand in any file, and places in it are told as they are going to be.
    planner.code()?;
    for (path, file) in job.files.iter() {
        match file.owner {
            Owner::Generator => planner.generators(path, file)?,
            Owner::Handlers => planner.handlers(path, file)?,
            Owner::Person => {}
        }
    }
    planner.no_longer_needed()?;
    planner.remember()
}

struct Planner<'a> {
    job: &'a Job<'a>,
    is_new: bool,
    /// What the last run has written.
    old: Manifest,
    plan: Plan,
    memory: Vec<Step>,
    edited: Vec<Change>,
    /// What becomes of the person's code.
    update: Update,
}

impl Planner<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, WriteError> {
        match self.is_new {
            true => Ok(None),
            false => inside::read(self.job.out, path),
        }
    }

    /// Writes a file, or removes it.
    fn change(&mut self, path: &str, before: Option<Vec<u8>>, after: Option<Arc<String>>) {
        self.plan.steps.push(Step {
            path: path.to_owned(),
            before: Before::of(before.as_deref()),
            after: after.clone(),
        });
        self.plan.report.changes.push(Change {
            path: path.to_owned(),
            before,
            after,
        });
    }

    fn generators(&mut self, path: &str, file: &File) -> Result<(), WriteError> {
        let there = self.read(path)?;
        let report = &mut self.plan.report;
        let list = match &there {
            None => &mut report.created,
            Some(there) if there == file.text.as_bytes() => {
                report.unchanged.push(path.to_owned());
                return Ok(());
            }
            Some(there) if self.old.knows(path, there) || merge::has_conflict_marks(there) => {
                &mut report.changed
            }
            Some(_) if self.job.force => &mut report.overwritten,
            Some(_) => {
                self.edited.push(Change {
                    path: path.to_owned(),
                    before: there,
                    after: Some(file.text.clone()),
                });
                return Ok(());
            }
        };
        list.push(path.to_owned());
        self.change(path, there, Some(file.text.clone()));
        Ok(())
    }

    fn persons(&mut self, path: &str, file: &File) -> Result<(), WriteError> {
        let base = match self.is_new {
            true => None,
            false => inside::read_text(self.job.out, &memory::base_path(path))?,
        };
        let text = match &base {
            Some(base) if path == MANIFEST => handlers::manifest(self.job.out, base, &file.text),
            _ => file.text.clone(),
        };
        let there = self.read(path)?;
        let path_beside = beside(path);
        let waiting = self.read(&path_beside)?;
        let known = Known {
            path,
            base: base.as_deref(),
            new: &text,
            there: there.as_deref(),
            beside: waiting.as_deref(),
        };
        let (fate, is_being_resolved) = (fate(&known), known.is_being_resolved());
        // A text beside the file waits until the person has deleted it, or done what it says.
        let text_beside = match fate {
            Fate::Same => None,
            Fate::Conflict => Some(text.clone()),
            _ => waiting.as_ref().map(|_| text.clone()),
        };
        let report = &mut self.plan.report;
        let list = match fate {
            Fate::Create => &mut report.created,
            Fate::Same => &mut report.unchanged,
            Fate::Absent => &mut report.absent,
            Fate::Merge(_) => &mut report.merged,
            Fate::Keep if text_beside.is_none() => &mut report.kept,
            Fate::Keep | Fate::Conflict | Fate::Waiting => &mut report.conflicts,
        };
        list.push(path.to_owned());
        match fate {
            Fate::Create => self.change(path, None, Some(text.clone())),
            Fate::Merge(merged) => self.change(path, there, Some(merged.into())),
            Fate::Waiting => return Ok(()),
            Fate::Same | Fate::Absent | Fate::Keep | Fate::Conflict => {}
        }
        let is_as_wanted = waiting.as_deref() == text_beside.as_deref().map(String::as_bytes);
        if !is_as_wanted && !is_being_resolved {
            self.change(&path_beside, waiting, text_beside);
        }
        if base.as_deref() != Some(&*text) {
            self.remember_text(&memory::base_path(path), Some(text.clone()));
        }
        Ok(())
    }

    /// Brings the person's code in step.
    fn code(&mut self) -> Result<(), WriteError> {
        let apis = &self.job.files.apis;
        self.update = match self.is_new {
            true => Update::born(apis),
            false => {
                let steps = self.plan.steps.iter();
                let merged =
                    steps.filter_map(|step| Some((step.path.clone(), step.after.clone()?)));
                handlers::update(self.job.files, self.job.out, &self.old, &merged.collect())?
            }
        };
        for (path, text) in std::mem::take(&mut self.update.texts) {
            // It stands in a text that was to be written, if there was one.
            self.plan.steps.retain(|step| step.path != path);
            let changes = &mut self.plan.report.changes;
            changes.retain(|change| change.path != path);
            let there = self.read(&path)?;
            self.change(&path, there, Some(text.into()));
        }
        let report = &mut self.plan.report;
        report.added = std::mem::take(&mut self.update.added);
        report.notices = std::mem::take(&mut self.update.notices);
        Ok(())
    }

    /// A file of handlers is born where nothing implements its trait.
    fn handlers(&mut self, path: &str, file: &File) -> Result<(), WriteError> {
        let is_there = self.read(path)?.is_some();
        let apis = &self.job.files.apis;
        let is_open = |module: &String| self.update.unimplemented.contains(module);
        let is_needed = match apis.iter().find(|api| api.path() == path) {
            Some(api) => is_open(&api.module),
            // The module that declares them all.
            None => apis.iter().all(|api| is_open(&api.module)),
        };
        let report = &mut self.plan.report;
        if is_there {
            if !report.changes.iter().any(|change| change.path == path) {
                report.kept.push(path.to_owned());
            }
        } else if is_needed {
            report.created.push(path.to_owned());
            self.change(path, None, Some(file.text.clone()));
        } else {
            report.absent.push(path.to_owned());
        }
        Ok(())
    }

    fn no_longer_needed(&mut self) -> Result<(), WriteError> {
        let old = std::mem::take(&mut self.old);
        for path in old
            .paths()
            .filter(|path| self.job.files.get(path).is_none())
        {
            let Some(there) = self.read(path)? else {
                continue;
            };
            if old.knows(path, &there) {
                self.plan.report.removed.push(path.to_owned());
                self.change(path, Some(there), None);
            } else {
                self.plan.report.left.push(path.to_owned());
            }
        }
        let base = self.job.out.join(memory::base_path(""));
        for path in inside::files_below(&base) {
            if self.job.files.get(&path).is_some() {
                continue;
            }
            match self.read(&path)? {
                // What comes back one day is born again.
                None => self.remember_text(&memory::base_path(&path), None),
                Some(_) => self.plan.report.left.push(path),
            }
        }
        Ok(())
    }

    fn remember_text(&mut self, path: &str, text: Option<Arc<String>>) {
        self.memory.push(Step {
            path: path.to_owned(),
            before: Before::Any,
            after: text,
        });
    }

    fn remember(mut self) -> Result<Plan, WriteError> {
        if !self.edited.is_empty() {
            return Err(WriteError::Edited(self.edited));
        }
        let manifest = Manifest::of(self.job.files).text();
        let operations = self.update.known.text();
        let mut texts = memory::CONSTANT.to_vec();
        texts.push((memory::OPTIONS, self.job.options));
        texts.push((memory::OPERATIONS, &operations));
        // The last one: an interrupted run that skipped files joins it with the old one.
        texts.push((memory::MANIFEST, &manifest));
        for (path, text) in texts {
            if self.read(path)?.as_deref() != Some(text.as_bytes()) {
                self.remember_text(path, Some(Arc::new(text.to_owned())));
            }
        }
        self.plan.steps.append(&mut self.memory);
        let report = &mut self.plan.report;
        report.created.sort_unstable();
        let changes = &mut report.changes;
        changes.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(self.plan)
    }
}
