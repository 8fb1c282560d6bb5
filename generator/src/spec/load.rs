//! A document with all files that it refers to.

use std::{
    collections::{HashMap, VecDeque},
    path::{Component, Path, PathBuf},
};

use super::{
    at::{Document, File},
    node::{FileId, Kind, Node, Span},
    parse::parse,
    reference::{self, Target},
    source::{self, Input, MAX_BYTES, STDIN},
    version::{self, OpenApiVersion},
};
use crate::diagnostic::{Diagnostic, Location, Severity};

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
/// # Errors
///
/// If any of them cannot be read, or the first is not an OpenAPI document of a known version.
pub fn load(input: &Input) -> Result<Document, LoadFailure> {
    let mut loader = Loader::default();
    match input {
        Input::Path(path) => loader.open(path.clone()),
        Input::Stdin(bytes) => {
            let text = source::text(bytes.clone(), STDIN);
            loader.add(PathBuf::from(STDIN), text);
        }
    }
    loader.run()
}

#[derive(Default)]
struct Loader {
    files: Vec<File>,
    /// By the real path, so that a file of several names is read once.
    known: HashMap<PathBuf, FileId>,
    links: HashMap<(FileId, String), FileId>,
    /// Files whose references have not been followed yet.
    queue: VecDeque<FileId>,
    bytes: u64,
    diagnostics: Vec<Diagnostic>,
}

impl Loader {
    fn run(mut self) -> Result<Document, LoadFailure> {
        let mut version = OpenApiVersion::default();
        if self.diagnostics.is_empty() {
            match version::read(&self.files[0].root) {
                Ok(read) => {
                    version = read;
                    self.follow_all();
                }
                Err(diagnostic) => self.diagnostics.push(diagnostic),
            }
        }
        if self
            .diagnostics
            .iter()
            .any(|found| found.severity == Severity::Error)
        {
            return Err(LoadFailure {
                files: self.files,
                diagnostics: self.diagnostics,
            });
        }
        Ok(Document {
            files: self.files,
            version,
            links: self.links,
        })
    }

    fn follow_all(&mut self) {
        while let Some(file) = self.queue.pop_front() {
            let mut found = Vec::new();
            reference::collect(&self.files[file.0 as usize].root, &mut found);
            for reference in found {
                self.follow(file, &reference);
            }
        }
    }

    fn follow(&mut self, file: FileId, reference: &reference::Written) {
        let location = || Location {
            file,
            span: reference.span,
            pointer: reference.pointer.as_str().into(),
        };
        let part = match Target::of(&reference.text).file {
            None => return,
            Some(part) => part,
        };
        if self.links.contains_key(&(file, part.to_owned())) {
            return;
        }
        if let Some(diagnostic) = reference::refuse(part) {
            self.diagnostics.push(diagnostic.at(location()));
            return;
        }
        let referring = &self.files[file.0 as usize].name;
        let directory = referring.parent().unwrap_or(Path::new(""));
        let path = normalize(&directory.join(reference::decode(part).as_ref()));
        let key = path.canonicalize().unwrap_or_else(|_| path.clone());
        let target = match self.known.get(&key) {
            Some(&id) => id,
            None if self.files.len() >= MAX_FILES || self.bytes > MAX_BYTES => {
                self.diagnostics.push(
                    Diagnostic::error(
                        "too-many-files",
                        format!(
                            "a document may have {MAX_FILES} files and {} MiB in all",
                            MAX_BYTES >> 20
                        ),
                    )
                    .at(location()),
                );
                // One such message is enough, and nothing more is to be read.
                self.queue.clear();
                return;
            }
            None => {
                let id = self.next_id();
                let before = self.diagnostics.len();
                self.open(path);
                // A file that is not there has no place of its own; the reference has one.
                for diagnostic in &mut self.diagnostics[before..] {
                    if diagnostic.location.is_none() {
                        diagnostic.location = Some(location());
                        diagnostic.help = Some(
                            "correct the reference; it is relative to the file in which it stands"
                                .into(),
                        );
                    }
                }
                id
            }
        };
        self.links.insert((file, part.to_owned()), target);
    }

    fn next_id(&self) -> FileId {
        FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX))
    }

    fn open(&mut self, path: PathBuf) {
        let key = path.canonicalize().unwrap_or_else(|_| path.clone());
        self.known.insert(key, self.next_id());
        let text = source::read(&path);
        self.add(path, text);
    }

    /// Every file that was named gets its number, also one that cannot be read: messages point
    /// into it.
    fn add(&mut self, name: PathBuf, text: Result<String, Diagnostic>) {
        let id = self.next_id();
        let (text, parsed) = match text {
            Ok(text) => {
                self.bytes += text.len() as u64;
                let parsed = parse(&text, &name).map_err(|error| error.into_diagnostic(id));
                (text, parsed)
            }
            Err(diagnostic) => (String::new(), Err(diagnostic)),
        };
        let root = match parsed {
            Ok(root) => {
                self.queue.push_back(id);
                root
            }
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic);
                Node {
                    kind: Kind::Null,
                    span: Span::default(),
                }
            }
        };
        self.files.push(File {
            name,
            text: text.into(),
            root,
        });
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
