//! The keys of the document's own objects: a misspelt one would be dropped in silence.

mod table;

use std::collections::{HashSet, VecDeque};

use self::table::{Form, OPERATION, Object, PATH_ITEM, ROOT, SCHEMA};
use super::{policies::is_extension, references::EXTENDING};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, nearest},
    spec::{At, Document, FileId, Node, OpenApiVersion},
};

/// Checks every key and every reference, also where no operation leads.
///
/// A key that nearly is another is an error: it says something that would not be heard. One that
/// is like none may mean something to another tool and is a warning.
pub fn check(document: &Document, found: &mut Diagnostics) {
    let mut linter = Linter {
        found,
        seen: HashSet::new(),
        queue: VecDeque::new(),
    };
    let root = document.root();
    linter.object(&root, &ROOT);
    linter.paths(&root);
    // Other files are entered where references lead into them. One after the other: a chain of
    // files may be longer than a stack is deep.
    while let Some((at, object)) = linter.queue.pop_front() {
        linter.object(&at, object);
    }
}

struct Linter<'d, 'f> {
    found: &'f mut Diagnostics,
    /// What has been entered through references.
    seen: HashSet<*const Node>,
    queue: VecDeque<(At<'d>, &'static Object)>,
}

impl<'d> Linter<'d, '_> {
    fn object(&mut self, at: &At<'d>, object: &'static Object) {
        if !at.is_object() {
            // `true` is a schema; everything else is told by whoever needs an object here.
            return;
        }
        if at.reference().is_some() {
            self.reference(at, object);
            self.beside_reference(at, object);
            // What stands beside a reference counts in schemas of 3.1 and in paths alone.
            if !object.is_open && !std::ptr::eq(object, &PATH_ITEM) {
                return;
            }
        }
        for (key, value) in at.entries() {
            match object.keys.iter().find(|(known, _)| *known == key) {
                Some((_, form)) => self.form(&value, form),
                None if key.starts_with("x-") => self.extension(key, &value, object),
                None => self.unknown(at, key, &value, object),
            }
        }
    }

    fn form(&mut self, at: &At<'d>, form: &Form) {
        match form {
            Form::Leaf => {}
            // Tuples of old drafts have a list where one schema stands now.
            Form::One(object) | Form::Items(object) if at.is_array() => {
                at.items().for_each(|at| self.object(&at, object));
            }
            Form::One(object) => self.object(at, object),
            Form::Items(_) => {}
            Form::Named(object) => {
                let members = self.members(at);
                members.iter().for_each(|(_, at)| self.object(at, object));
            }
            Form::Each(object) => self.each(at, |linter, at| linter.object(at, object)),
            Form::EachEach(object) => self.each(at, |linter, at| {
                linter.each(at, |linter, at| linter.object(at, object));
            }),
        }
    }

    /// The members of a map, of which the whole may stand elsewhere.
    fn members(&mut self, at: &At<'d>) -> Vec<(&'d str, At<'d>)> {
        if at.reference().is_none() {
            return at.entries().collect();
        }
        match at.resolve() {
            // A map may stand inside itself.
            Ok(target) if self.seen.insert(target.node()) => at.members(),
            Ok(_) => at.entries().filter(|(key, _)| *key != "$ref").collect(),
            Err(diagnostic) => {
                self.found.push(diagnostic);
                at.entries().filter(|(key, _)| *key != "$ref").collect()
            }
        }
    }

    fn each(&mut self, at: &At<'d>, mut check: impl FnMut(&mut Self, &At<'d>)) {
        for (key, value) in self.members(at) {
            match key.starts_with("x-") {
                true => self.misplaced(key, &value),
                false => check(self, &value),
            }
        }
    }

    fn extension(&mut self, key: &str, at: &At<'_>, object: &'static Object) {
        let reads = [&ROOT, &PATH_ITEM, &OPERATION];
        if !reads.iter().any(|reads| std::ptr::eq(*reads, object)) {
            self.misplaced(key, at);
        }
    }

    /// Extensions are free, and ours have a place.
    fn misplaced(&mut self, key: &str, at: &At<'_>) {
        if is_extension(key) {
            self.found.push(
                Diagnostic::warning("extension-misplaced", format!("`{key}` is not read here"))
                    .at(at.key_location())
                    .help("move it to the root of the document, to a path or to an operation"),
            );
        }
    }

    fn reference(&mut self, at: &At<'d>, object: &'static Object) {
        match at.resolve() {
            Ok(target) => {
                // What stands in the document itself is met on the way through it.
                let is_elsewhere = target.file() != FileId(0);
                if is_elsewhere && self.seen.insert(target.node()) {
                    self.queue.push_back((target, object));
                }
            }
            Err(diagnostic) => self.found.push(diagnostic),
        }
    }

    /// Says which keywords a reference of 3.0 silences.
    fn beside_reference(&mut self, at: &At<'d>, object: &'static Object) {
        let takes_any = at.document().version != OpenApiVersion::V3_0;
        if takes_any || !std::ptr::eq(object, &SCHEMA) {
            return;
        }
        for keyword in EXTENDING {
            if let Some(ignored) = at.get(keyword) {
                self.found.push(
                    Diagnostic::note(
                        "ignored-beside-reference",
                        format!("`{keyword}` is not read: OpenAPI 3.0 has nothing beside `$ref`"),
                    )
                    .at(ignored.key_location())
                    .help("put the reference into `allOf` beside it, or write `openapi: 3.1.0`"),
                );
            }
        }
    }

    fn unknown(&mut self, at: &At<'_>, key: &str, value: &At<'_>, object: &Object) {
        let near = nearest(key, object.keys.iter().map(|(known, _)| *known));
        let message = format!("`{}` is no key of {}", key.escape_debug(), object.what);
        let (make, help): (fn(&'static str, String) -> Diagnostic, _) = match near {
            Some(near) if at.get(near).is_none() => {
                (Diagnostic::error, format!("did you mean `{near}`?"))
            }
            Some(near) => (
                Diagnostic::warning,
                format!("it has no effect; `{near}` is there already"),
            ),
            None => (
                Diagnostic::warning,
                "it has no effect; extensions begin with `x-`".to_owned(),
            ),
        };
        self.found.push(
            make("unknown-key", message)
                .at(value.key_location())
                .help(help),
        );
    }

    /// A document of webhooks or of components alone is one, though not of a service.
    fn paths(&mut self, root: &At<'_>) {
        if root.get("paths").is_some() {
            return;
        }
        let is_other = ["webhooks", "components"]
            .iter()
            .any(|key| root.get(key).is_some());
        let message = "the document has no `paths`";
        self.found.push(match is_other {
            true => Diagnostic::warning("missing-key", message)
                .at(root.location())
                .help("the service will have no operation; a path is what adds one"),
            false => Diagnostic::error("missing-key", message)
                .at(root.location())
                .help("add `paths:` with at least one operation"),
        });
    }
}
