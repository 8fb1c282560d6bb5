//! A document with all files that it refers to.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    path::{Component, Path, PathBuf},
};

use super::{
    at::{Document, File},
    bounds::{Tally, check_operations},
    collect::{Written, collect},
    links::{Links, Place},
    node::{FileId, Kind, Node, Span},
    overlay::{self, Subject},
    parse::parse,
    reference::{self, Part, Target},
    source::{self, Input, MAX_BYTES, STDIN},
    version,
};
use crate::diagnostic::{Diagnostic, Location, Severity};

/// How many files one document may have.
const MAX_FILES: usize = 10_000;

/// Where schemas stand that somebody refers to by name alone.
const SCHEMAS: &[&str] = &["/components/schemas", "/definitions", "/$defs"];

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
    load_with(input, &[])
}

/// The same with overlays, each applied to what the one before it made of the document.
///
/// # Errors
///
/// As above. What is wrong with an overlay is among the document's problems.
pub fn load_with(input: &Input, overlays: &[PathBuf]) -> Result<Document, LoadFailure> {
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
    if opened.is_ok() {
        loader.overlay(overlays);
    }
    let version = opened.and_then(|file| version::read(&mut loader.files[file.0 as usize].root));
    match version {
        Ok((version, said)) => {
            loader.problems.extend(said);
            loader.follow_all();
            // Whatever is looked into next would take too long.
            if loader.is_excessive {
                return Err(loader.failure());
            }
            loader.files.append(&mut loader.overlays);
            Ok(Document {
                files: loader.files,
                version,
                problems: loader.problems,
                links: loader.links,
                is_changed: loader.is_changed,
            })
        }
        Err(reason) => {
            loader.problems.push(reason);
            Err(loader.failure())
        }
    }
}

#[derive(Default)]
struct Loader {
    files: Vec<File>,
    overlays: Vec<File>,
    /// Whether one of them has changed anything.
    is_changed: bool,
    /// By the real path, so that a file of several names is read once.
    known: HashMap<PathBuf, Result<FileId, Diagnostic>>,
    links: Links,
    /// Schemas that say what they are called everywhere.
    ids: HashMap<String, Place>,
    /// Files whose references have not been followed yet.
    queue: VecDeque<FileId>,
    /// References that can only be judged once all files are known.
    open: Vec<(FileId, Written)>,
    bytes: u64,
    values: usize,
    problems: Vec<Diagnostic>,
    /// Whether something has more entries than can become code.
    is_excessive: bool,
}

impl Loader {
    fn failure(mut self) -> LoadFailure {
        self.files.append(&mut self.overlays);
        LoadFailure {
            files: self.files,
            diagnostics: self.problems,
        }
    }

    fn follow_all(&mut self) {
        let mut operations = 0;
        while let Some(file) = self.queue.pop_front() {
            let found = collect(&self.files[file.0 as usize].root);
            for (name, pointer) in found.anchors {
                self.links.set_name(file, name, pointer);
            }
            for (id, pointer) in found.ids {
                self.ids.entry(id).or_insert(Place { file, pointer });
            }
            for (found, span, pointer) in found.excessive {
                self.is_excessive = true;
                self.problems.push(found.at(Location {
                    file,
                    span: Span::new(span.start as usize, span.start as usize + 1),
                    pointer: pointer.into(),
                }));
            }
            operations += found.operations;
            for reference in found.references {
                self.follow(file, reference);
            }
        }
        if let Some(found) = check_operations(operations) {
            self.is_excessive = true;
            self.problems.push(found);
        }
        let open = std::mem::take(&mut self.open);
        self.settle(&open);
    }

    /// Opens the file that a reference names.
    fn follow(&mut self, file: FileId, reference: Written) {
        let target = Target::of(&reference.text);
        if let Some(part) = target.file
            && self.links.part(file, part).is_none()
        {
            let place = match reference::part(part) {
                Part::File => self.open(file, part, &reference).map(Place::from),
                Part::Absolute | Part::Remote(_) => Err(reference::absolute(part)),
            };
            self.links.set_part(file, part, place);
        } else if !target.is_named() && target.file.is_some_and(|part| self.is_open(file, part)) {
            return;
        }
        self.open.push((file, reference));
    }

    fn is_open(&self, file: FileId, part: &str) -> bool {
        matches!(self.links.part(file, part), Some(Ok(_)))
    }

    /// Finds another sense in references that lead to no file, and says what is wrong with those
    /// that have none.
    fn settle(&mut self, open: &[(FileId, Written)]) {
        let mut settled = HashSet::new();
        for (file, reference) in open {
            let target = Target::of(&reference.text);
            let Some(part) = target.file.filter(|part| !self.is_open(*file, part)) else {
                self.name(*file, reference);
                continue;
            };
            if settled.insert((*file, part))
                && let Some(place) = self.other_sense(*file, reference, part)
            {
                self.links.set_part(*file, part, Ok(place));
            } else if let Part::Remote(host) = reference::part(part) {
                let reason = remote_reference(host);
                self.problems.push(leads_nowhere(&reason, *file, reference));
                self.links.set_part(*file, part, Err(reason));
            } else if let Some(Err(reason)) = self.links.part(*file, part) {
                self.problems.push(leads_nowhere(reason, *file, reference));
            }
        }
    }

    /// What a part that is no file may mean: the `$id` of a schema, or, where no `#` stands, a
    /// path or a name within the document whose `#` was forgotten.
    fn other_sense(&mut self, file: FileId, reference: &Written, part: &str) -> Option<Place> {
        if let Some(place) = self.ids.get(part) {
            return Some(place.clone());
        }
        if reference.text.contains('#') {
            return None;
        }
        let place = [file, FileId(0)]
            .into_iter()
            .find_map(|file| self.meant(file, part))?;
        self.problems
            .push(misspelt(&place).at(location(file, reference)));
        Some(place)
    }

    /// Gives a sense to a fragment that is a name.
    fn name(&mut self, file: FileId, reference: &Written) {
        let target = Target::of(&reference.text);
        let place = target.file.map(|part| self.links.part(file, part));
        let within = match place {
            Some(Some(Ok(place))) => place.file,
            Some(_) => return,
            None => file,
        };
        let name = reference::decode(target.fragment).into_owned();
        if !target.is_named() || self.links.name(within, &name).is_some() {
            return;
        }
        if let Some(place) = self.meant(within, &name) {
            self.problems
                .push(misspelt(&place).at(location(file, reference)));
            self.links.set_name(within, name, place.pointer);
        }
    }

    /// The node of a file that a path without its beginning or a bare name means.
    fn meant(&self, file: FileId, text: &str) -> Option<Place> {
        let root = &self.files[file.0 as usize].root;
        let path = match text.starts_with('/') {
            true => text.to_owned(),
            false => format!("/{text}"),
        };
        let mut ways = vec![path];
        if !text.contains('/') {
            ways.extend(SCHEMAS.iter().map(|section| format!("{section}/{text}")));
        }
        let pointer = ways.into_iter().find(|way| root.has(way))?;
        Some(Place { file, pointer })
    }

    /// The file of a path that stands in another file.
    fn open(
        &mut self,
        from: FileId,
        part: &str,
        reference: &Written,
    ) -> Result<FileId, Diagnostic> {
        let beside = |file: FileId, part: &str| {
            let name = &self.files[file.0 as usize].name;
            normalize(&name.parent().unwrap_or(Path::new("")).join(part))
        };
        let decoded = reference::decode(part);
        let slashes = decoded.replace('\\', "/");
        let written = beside(from, &decoded);
        // What is written is tried first; the others are what people mean by mistake.
        let meant = [
            (beside(from, part), None),
            (beside(from, &slashes), Some("write `/` between folders")),
            (
                beside(FileId(0), &slashes),
                Some("a reference is relative to the file in which it stands"),
            ),
        ];
        let meant = meant.into_iter().find(|(path, _)| path.is_file());
        let (path, mistake) = match meant {
            Some(meant) if !written.exists() => meant,
            _ => (written, None),
        };
        if let Some(help) = mistake {
            self.problems.push(
                Diagnostic::warning(
                    "misspelt-reference",
                    format!("`{}` is read as `{}`", part.escape_debug(), path.display()),
                )
                .at(location(from, reference))
                .help(help),
            );
        }
        self.open_path(path)
    }

    fn open_path(&mut self, path: PathBuf) -> Result<FileId, Diagnostic> {
        let key = path.canonicalize().unwrap_or_else(|_| path.clone());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        if self.files.len() >= MAX_FILES || self.bytes > MAX_BYTES {
            return Err(too_many_files());
        }
        let text = source::read(&path).map_err(|reason| {
            reason.help("correct the reference; it is relative to the file in which it stands")
        });
        let opened = self.add(path, text);
        self.known.insert(key, opened.clone());
        opened
    }

    /// Applies overlays to the file that was named, which is the only one so far.
    fn overlay(&mut self, paths: &[PathBuf]) {
        let mut root = std::mem::replace(&mut self.files[0].root, nothing());
        let mut subject = Subject::new(&mut root);
        let name = self.files[0].name.clone();
        let mut base = Span::OVERLAYS;
        for path in paths {
            let text = match self.bytes > MAX_BYTES {
                true => Err(too_many_files()),
                false => source::read(path).map_err(|reason| {
                    reason.help(
                        "an overlay is a file in YAML or JSON that begins with `overlay: 1.0.0`",
                    )
                }),
            };
            let known = self.problems.len();
            let (mut file, read) = self.read(path.clone(), text, FileId(0));
            let is_read = read.is_ok();
            let found = self.problems.drain(known..).chain(read.err());
            let mut found: Vec<_> = found.map(|it| overlay::shift_found(it, base)).collect();
            overlay::shift(&mut file.root, base);
            file.base = base;
            base += u32::try_from(file.text.len()).unwrap_or(u32::MAX - base) + 1;
            let mut document = Document::of_one(file);
            if is_read {
                let of = Some(&*name).filter(|name| *name != Path::new(STDIN));
                overlay::apply(&document, of, &mut subject, &mut found);
            }
            self.problems.extend(found);
            self.overlays.append(&mut document.files);
        }
        self.is_changed = subject.is_changed();
        self.files[0].root = root;
    }

    /// Every file that was named gets its number, also one that cannot be read: messages point
    /// into it.
    fn add(
        &mut self,
        name: PathBuf,
        text: Result<String, Diagnostic>,
    ) -> Result<FileId, Diagnostic> {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let (file, read) = self.read(name, text, id);
        self.files.push(file);
        read.map(|()| {
            self.queue.push_back(id);
            id
        })
    }

    /// What a text says, and what is wrong with it.
    fn read(
        &mut self,
        name: PathBuf,
        text: Result<String, Diagnostic>,
        id: FileId,
    ) -> (File, Result<(), Diagnostic>) {
        let mut tally = Tally::after(self.values);
        let mut written = String::new();
        let parsed = text.and_then(|text| {
            self.bytes += text.len() as u64;
            let parsed = parse(&text, &name, &mut tally);
            written = text;
            parsed.map_err(|error| error.into_diagnostic(id))
        });
        self.values = tally.values();
        if let Some(span) = tally.tab {
            let tabs = Diagnostic::warning("tab-indentation", "tabs are read as an indentation")
                .help("indent with spaces: most readers of YAML refuse tabs");
            self.problems.push(tabs.at(Location {
                file: id,
                span,
                pointer: "".into(),
            }));
        }
        let duplicates = tally.duplicates.into_iter();
        self.problems
            .extend(duplicates.map(|error| error.into_diagnostic(id)));
        let (root, read) = match parsed {
            Ok(root) => (root, Ok(())),
            Err(reason) => (nothing(), Err(reason)),
        };
        let file = File {
            name,
            text: written.into(),
            root,
            base: 0,
        };
        (file, read)
    }
}

fn nothing() -> Node {
    Node {
        kind: Kind::Null,
        span: Span::default(),
    }
}

fn too_many_files() -> Diagnostic {
    let bound = MAX_BYTES >> 20;
    Diagnostic::error(
        "too-many-files",
        format!("a document may have {MAX_FILES} files and {bound} MiB in all"),
    )
}

fn location(file: FileId, reference: &Written) -> Location {
    Location {
        file,
        span: reference.span,
        pointer: reference.pointer.as_str().into(),
    }
}

/// What is said of a reference.
fn leads_nowhere(reason: &Diagnostic, file: FileId, reference: &Written) -> Diagnostic {
    let mut found = reason.clone();
    found
        .location
        .get_or_insert_with(|| location(file, reference));
    if reference.is_spare {
        found.severity = Severity::Warning;
    }
    found
}

fn remote_reference(host: &str) -> Diagnostic {
    Diagnostic::error(
        "remote-reference",
        format!(
            "a reference leads to `{}`, and other hosts are not asked",
            host.escape_debug()
        ),
    )
    .help(
        "put everything into one document first: \
         `npx @redocly/cli bundle api.yaml -o bundled.yaml`",
    )
}

fn misspelt(meant: &Place) -> Diagnostic {
    let pointer = meant.pointer.escape_debug();
    Diagnostic::warning("misspelt-reference", format!("read as `#{pointer}`"))
        .help(format!("write `#{pointer}`"))
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
