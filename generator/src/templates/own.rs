//! The templates of a person's: read, and compared with what they stand in for.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    ENDING, GUIDE, built_in,
    stamps::{self, STAMPS},
};
use crate::{
    beside::beside,
    diagnostic::{Diagnostic, Diagnostics, Location, nearest},
    spec::{File, FileId, Kind, Node, Span},
};

/// Templates of which others are made: named by those, and standing in for none.
const PARTS: &str = "partials/";
/// More than anybody writes; who names the root of his disk is told so.
const MAX_FILES: usize = 1000;
const MAX_BYTES: u64 = 1 << 20;

/// The templates of a person's, by their names.
#[derive(Debug, Default)]
pub struct Own {
    templates: Vec<Template>,
}

/// One of them.
#[derive(Debug)]
pub struct Template {
    /// Its path below the folder, with `/`.
    pub name: String,
    pub text: Arc<String>,
    file: FileId,
}

impl Template {
    /// A place in it, in bytes.
    pub(crate) fn at(&self, start: usize, end: usize) -> Location {
        Location {
            file: self.file,
            span: Span::new(start, end),
            pointer: "".into(),
        }
    }

    /// What of a line, counted from 1, is neither space nor its end.
    pub(crate) fn line(&self, number: usize) -> Location {
        let mut lines = self.text.split_inclusive('\n');
        let before: usize = (lines.by_ref().take(number.saturating_sub(1)))
            .map(str::len)
            .sum();
        let line = lines.next().unwrap_or_default();
        let indent = line.len() - line.trim_start().len();
        let end = line.trim_end().len();
        self.at(before + indent.min(end), before + end)
    }
}

impl Own {
    pub(crate) fn get(&self, name: &str) -> Option<&Template> {
        self.templates.iter().find(|it| it.name == name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Template> {
        self.templates.iter()
    }

    /// Reads a folder. The files go to those that findings may point into.
    pub fn read(dir: &Path, files: &mut Vec<File>, found: &mut Diagnostics) -> Self {
        let mut own = Self::default();
        let mut paths = Vec::new();
        if let Err(why) = walk(dir, "", &mut paths) {
            found.push(why);
            return own;
        }
        paths.sort_unstable();
        let stamps = fs::read_to_string(dir.join(STAMPS)).unwrap_or_default();
        let stamps = stamps::read(&stamps);
        let built_in = built_in();
        for name in paths {
            let is_part = name.starts_with(PARTS) && name.ends_with(ENDING);
            let template = built_in.get(name.as_str());
            if template.is_none() && !is_part {
                found.push(unknown(dir, &name, &built_in));
                continue;
            }
            let path = dir.join(&name);
            let text = match text(&path) {
                Ok(text) => Arc::new(text),
                Err(why) => {
                    found.push(why);
                    continue;
                }
            };
            let file = FileId(u32::try_from(files.len()).expect("fewer files than fit a number"));
            files.push(File {
                base: 0,
                name: path,
                text: text.clone(),
                root: Node {
                    kind: Kind::Null,
                    span: Span::default(),
                },
            });
            let own_one = Template { name, text, file };
            let stamp = stamps.get(&own_one.name);
            if let Some((stamp, now)) = stamp.zip(template)
                && !stamp.is_of(now.as_bytes())
            {
                found.push(outdated(&own_one, &stamp.version));
            }
            own.templates.push(own_one);
        }
        own
    }
}

/// The names of all files below a folder.
fn walk(root: &Path, below: &str, names: &mut Vec<String>) -> Result<(), Diagnostic> {
    let dir = match below {
        "" => root.to_owned(),
        below => root.join(below),
    };
    for entry in fs::read_dir(&dir).map_err(|error| unreadable(&dir, &error))? {
        let entry = entry.map_err(|error| unreadable(&dir, &error))?;
        let Ok(part) = entry.file_name().into_string() else {
            // No template is called so, and no line could show it.
            continue;
        };
        let name = match below {
            "" => part.clone(),
            below => format!("{below}/{part}"),
        };
        let of_others = [GUIDE, STAMPS, ".git", ".gitignore", ".gitattributes"];
        if below.is_empty() && of_others.contains(&part.as_str()) {
            continue;
        }
        let kind = entry
            .file_type()
            .map_err(|error| unreadable(&entry.path(), &error))?;
        // A link to a folder may lead into a circle; one to a file is as good as the file.
        if kind.is_dir() {
            walk(root, &name, names)?;
        } else {
            names.push(name);
        }
        if names.len() > MAX_FILES {
            return Err(Diagnostic::error(
                "too-many-templates",
                format!("`{}` has more than {MAX_FILES} files", root.display()),
            )
            .help(
                "name the folder with the templates; `failsafe templates export DIR` writes one",
            ));
        }
    }
    Ok(())
}

fn text(path: &Path) -> Result<String, Diagnostic> {
    let metadata = path.metadata().map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return Err(Diagnostic::error(
            "template-unreadable",
            format!(
                "`{}` is not a file of at most {} MiB",
                path.display(),
                MAX_BYTES >> 20
            ),
        ));
    }
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Diagnostic::error(
            "templates-missing",
            format!("there is no folder of templates `{path}`"),
        )
        .help(
            "name another with `--templates DIR`; `--no-templates` takes the built-in ones again, \
             and `failsafe templates export DIR` writes them out",
        ),
        io::ErrorKind::InvalidData => {
            Diagnostic::error("template-unreadable", format!("`{path}` is not UTF-8"))
                .help("save it as UTF-8")
        }
        _ => Diagnostic::error(
            "template-unreadable",
            format!("cannot read `{path}`: {error}"),
        ),
    }
}

fn unknown(dir: &Path, name: &str, built_in: &BTreeMap<&str, &str>) -> Diagnostic {
    let path: PathBuf = dir.join(name);
    let path = path.display();
    let found = Diagnostic::warning(
        "unknown-template",
        format!("`{path}` stands in for no built-in template, and is not read"),
    );
    if name.ends_with(&beside("")) {
        return found.help("take what you want of it into the template, then delete it");
    }
    // Somebody may have left the ending away, or not know the folder.
    let file = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut known = built_in.keys().copied();
    let near = (built_in
        .get_key_value(&*format!("{name}{ENDING}"))
        .map(|(name, _)| *name))
    .or_else(|| nearest(name, known.clone()))
    .or_else(|| known.find(|known| file(known) == file(name)));
    match near {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help(format!(
            "`failsafe templates list` names them; what others include belongs into `{PARTS}`"
        )),
    }
}

fn outdated(template: &Template, version: &str) -> Diagnostic {
    Diagnostic::warning(
        "template-outdated",
        format!(
            "the built-in `{}` has changed since failsafe {version} wrote this one out",
            template.name
        ),
    )
    .at(template.line(1))
    .help(
        "`failsafe templates export` into this folder brings up to date what nobody edited, and \
         puts the new text beside what somebody did",
    )
}
