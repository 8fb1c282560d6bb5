//! A document with all files that it refers to.

use std::{
    collections::{HashMap, VecDeque},
    path::{Component, Path, PathBuf},
};

use super::{
    at::{Document, File},
    node::{FileId, Kind, Node, Span},
    parse::parse,
    reference::{self, Target, Written},
    source::{self, Input, MAX_BYTES, STDIN},
    version,
};
use crate::diagnostic::{Diagnostic, Location};

/// How many files one document may have.
const MAX_FILES: usize = 10_000;

/// Why there is no document, with the files that the findings point into.
#[derive(Debug)]
pub struct LoadFailure {
    pub files: Vec<File>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a document and, relative to each file, the files that it refers to.
///
/// What is wrong with one of those is among the document's problems, so that the rest can be
/// looked at in the same run.
///
/// # Errors
///
/// If the file that was named cannot be read, or is not an OpenAPI document of a known version.
pub fn load(input: &Input) -> Result<Document, LoadFailure> {
    let mut loader = Loader::default();
    let (name, text) = match input {
        Input::Path(path) => (path.clone(), source::read(path)),
        Input::Stdin(bytes) => (PathBuf::from(STDIN), source::text(bytes.clone(), STDIN)),
    };
    let root_key = name.canonicalize();
    let opened = loader.add(name, text);
    if let Ok(key) = root_key {
        loader.known.insert(key, opened.clone());
    }
    let version = opened.and_then(|file| version::read(&loader.files[file.0 as usize].root));
    match version {
        Ok(version) => {
            loader.follow_all();
            Ok(Document {
                files: loader.files,
                version,
                problems: loader.problems,
                links: loader.links,
            })
        }
        Err(reason) => {
            loader.problems.push(reason);
            Err(LoadFailure {
                files: loader.files,
                diagnostics: loader.problems,
            })
        }
    }
}

#[derive(Default)]
struct Loader {
    files: Vec<File>,
    /// By the real path, so that a file of several names is read once.
    known: HashMap<PathBuf, Result<FileId, Diagnostic>>,
    links: HashMap<(FileId, String), Result<FileId, Diagnostic>>,
    /// Files whose references have not been followed yet.
    queue: VecDeque<FileId>,
    bytes: u64,
    problems: Vec<Diagnostic>,
}

impl Loader {
    fn follow_all(&mut self) {
        while let Some(file) = self.queue.pop_front() {
            let mut found = Vec::new();
            reference::collect(&self.files[file.0 as usize].root, &mut found);
            for reference in found {
                self.follow(file, &reference);
            }
        }
    }

    fn follow(&mut self, file: FileId, reference: &Written) {
        let Some(part) = Target::of(&reference.text).file else {
            return;
        };
        let link = (file, part.to_owned());
        if self.links.contains_key(&link) {
            return;
        }
        let target = match reference::refuse(part) {
            Some(reason) => Err(reason),
            None => self.open(file, &reference::decode(part)),
        };
        if let Err(reason) = &target {
            let mut reason = reason.clone();
            reason.location.get_or_insert_with(|| Location {
                file,
                span: reference.span,
                pointer: reference.pointer.as_str().into(),
            });
            self.problems.push(reason);
        }
        self.links.insert(link, target);
    }

    /// The file of a path that stands in another file.
    fn open(&mut self, referring: FileId, path: &str) -> Result<FileId, Diagnostic> {
        let referring = &self.files[referring.0 as usize].name;
        let directory = referring.parent().unwrap_or(Path::new(""));
        let path = normalize(&directory.join(path));
        let key = path.canonicalize().unwrap_or_else(|_| path.clone());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        if self.files.len() >= MAX_FILES || self.bytes > MAX_BYTES {
            let bound = MAX_BYTES >> 20;
            return Err(Diagnostic::error(
                "too-many-files",
                format!("a document may have {MAX_FILES} files and {bound} MiB in all"),
            ));
        }
        let text = source::read(&path).map_err(|reason| {
            reason.help("correct the reference; it is relative to the file in which it stands")
        });
        let opened = self.add(path, text);
        self.known.insert(key, opened.clone());
        opened
    }

    /// Every file that was named gets its number, also one that cannot be read: messages point
    /// into it.
    fn add(
        &mut self,
        name: PathBuf,
        text: Result<String, Diagnostic>,
    ) -> Result<FileId, Diagnostic> {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let mut duplicates = Vec::new();
        let mut written = String::new();
        let parsed = text.and_then(|text| {
            self.bytes += text.len() as u64;
            let parsed = parse(&text, &name, &mut duplicates);
            written = text;
            parsed.map_err(|error| error.into_diagnostic(id))
        });
        self.problems.extend(
            duplicates
                .into_iter()
                .map(|error| error.into_diagnostic(id)),
        );
        let (root, opened) = match parsed {
            Ok(root) => (root, Ok(id)),
            Err(reason) => {
                let nothing = Node {
                    kind: Kind::Null,
                    span: Span::default(),
                };
                (nothing, Err(reason))
            }
        };
        self.files.push(File {
            name,
            text: written.into(),
            root,
        });
        if opened.is_ok() {
            self.queue.push_back(id);
        }
        opened
    }
}

/// Takes `.` and `..` out of a path where that is possible without asking the disk.
fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) =>
            {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
