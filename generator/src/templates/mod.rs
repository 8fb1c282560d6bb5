//! The templates: those that are built in, those of a person's that stand in for some of them, and
//! what is written out for him to begin with.

mod export;
mod own;
mod stamps;

use std::collections::BTreeMap;

use include_dir::{Dir, DirEntry, include_dir};

pub use export::{ExportError, Exported, Fate, export};
pub use own::{Own, Template};

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// What a template's name has behind that of the file it renders.
pub(crate) const ENDING: &str = ".j2";

/// What explains the templates to whoever writes some.
const GUIDE: &str = "README.md";

/// Every built-in template by its name, which is its path below `templates/`.
pub fn built_in() -> BTreeMap<&'static str, &'static str> {
    let mut templates = BTreeMap::new();
    collect(&BUILT_IN, &mut templates);
    templates
}

fn collect(dir: &'static Dir<'static>, templates: &mut BTreeMap<&'static str, &'static str>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => collect(dir, templates),
            DirEntry::File(file) => {
                let name = file.path().to_str().expect("template names are ASCII");
                if name.ends_with(ENDING) {
                    let text = file.contents_utf8().expect("templates are UTF-8");
                    templates.insert(name, text);
                }
            }
        }
    }
}

/// What explains them.
pub(crate) fn guide() -> &'static str {
    let file = BUILT_IN.get_file(GUIDE).expect("the guide is among them");
    file.contents_utf8().expect("the guide is UTF-8")
}
