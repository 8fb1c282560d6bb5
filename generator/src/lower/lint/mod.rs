//! The keys of the document's own objects: a misspelt one would be dropped in silence. What is
//! written wrong and can be understood is told and put right here, before anything reads it.

mod contradicted;
mod mend;
mod misplaced;
mod table;

use std::{
    collections::{HashSet, VecDeque},
    ptr,
};

use self::{
    mend::Mended,
    table::{EXAMPLE, Form, LINK, OPERATION, Object, PARAMETER, PATH_ITEM, RESPONSE, ROOT, SCHEMA},
};
use super::{policies::is_extension, references::EXTENDING};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Severity, nearest},
    spec::{At, Change, Document, Edit, FileId, Kind, Node, OpenApiVersion},
};

/// Checks every key and every reference, also where no operation leads, and puts right what can
/// only be meant in one way.
///
/// A key that nearly is another is read as that; one that is like none may mean something to
/// another tool. Both are warnings.
pub fn check(document: &mut Document, found: &mut Diagnostics) {
    let edits = look(document, found);
    document.edit(edits);
}

fn look(document: &Document, found: &mut Diagnostics) -> Vec<Edit> {
    let mut linter = Linter {
        found,
        edits: Vec::new(),
        seen: HashSet::new(),
        queue: VecDeque::new(),
    };
    let root = document.root();
    linter.object(&root, &ROOT);
    linter.info(&root);
    linter.paths(&root);
    // Other files are entered where references lead into them. One after the other: a chain of
    // files may be longer than a stack is deep.
    while let Some((at, object)) = linter.queue.pop_front() {
        linter.object(&at, object);
    }
    linter.edits
}

struct Linter<'d, 'f> {
    found: &'f mut Diagnostics,
    edits: Vec<Edit>,
    /// What has been entered through references.
    seen: HashSet<*const Node>,
    queue: VecDeque<(At<'d>, &'static Object)>,
}

impl<'d> Linter<'d, '_> {
    fn object(&mut self, at: &At<'d>, object: &'static Object) {
        if !at.is_object() {
            // `true` is a schema; everything else is told by whoever needs an object here.
            if let Some(mended) = mend::whole(at, object) {
                self.mend(at, mended);
            }
            return;
        }
        if at.reference().is_some() && !self.leads_back(at, object) {
            self.reference(at, object);
            self.beside_reference(at, object);
            // What stands beside a reference counts in schemas of 3.1 and in paths alone.
            if !object.is_open && !ptr::eq(object, &PATH_ITEM) {
                return;
            }
        }
        if ptr::eq(object, &SCHEMA) {
            self.required(at);
            self.schema_as_type(at);
            self.type_of_variants(at);
            self.enum_of_items(at);
            if misplaced::is_untyped_object(at) {
                let object = Kind::String("object".to_owned());
                self.edits
                    .push(Edit::new(at, Change::Insert("type", object)));
            }
            let bounds = contradicted::bounds(at).into_iter();
            let others = contradicted::format(at)
                .into_iter()
                .chain(contradicted::joined_with_null(at));
            for (written, mended) in bounds.chain(others) {
                self.mend(&written, mended);
            }
        }
        if ptr::eq(object, &PARAMETER)
            && let Some(mended) = misplaced::of_parameter(at)
        {
            self.mend(at, mended);
        }
        for (key, value) in at.entries() {
            match object.keys.iter().find(|(known, _)| *known == key) {
                // Nobody reads it here, and references may lead into what is written.
                Some((key, form)) if is_silenced(at, key, object) => self.form(&value, form),
                Some((key, form)) => self.value(at, key, &value, form, object),
                None if key.starts_with("x-") => self.extension(key, &value, object),
                None => match mend::key(at, key, &value, object) {
                    Some((key, form, mended)) => {
                        self.mend(&value, mended);
                        self.value(at, key, &value, form, object);
                    }
                    None => self.unknown(at, key, &value, object),
                },
            }
        }
    }

    /// What stands under a key of an object.
    fn value(
        &mut self,
        parent: &At<'d>,
        key: &'static str,
        at: &At<'d>,
        form: &Form,
        object: &'static Object,
    ) {
        let Some((change, found)) = mend::value(key, at, form, object) else {
            if matches!(form, Form::Each(each) if ptr::eq(*each, &RESPONSE)) {
                self.statuses(at);
            }
            return self.form(at, form);
        };
        if key == "type"
            && let Some(format) = mend::format_of(at)
        {
            let format = Kind::String(format.to_owned());
            self.edits
                .push(Edit::new(parent, Change::Insert("format", format)));
        }
        let descends = match (&change, form) {
            (Change::Wrap, Form::Items(inner)) => Some((vec![at.clone()], *inner)),
            (Change::Values, Form::Items(inner)) => {
                Some((at.entries().map(|(_, at)| at).collect(), *inner))
            }
            _ => None,
        };
        self.mend(at, (change, found));
        for (at, inner) in descends
            .iter()
            .flat_map(|(list, inner)| list.iter().map(move |at| (at, *inner)))
        {
            self.object(at, inner);
        }
    }

    fn mend(&mut self, at: &At<'d>, (change, found): Mended) {
        self.edits.push(Edit::new(at, change));
        self.found.push(found);
    }

    /// Takes a schema that stands where the name of a type should for a part of the one around it.
    fn schema_as_type(&mut self, schema: &At<'d>) {
        let Some((written, mended)) = misplaced::schema_as_type(schema) else {
            return;
        };
        self.mend(&written, mended);
        self.edits.push(Edit::new(&written, Change::Wrap));
        self.object(&written, &SCHEMA);
    }

    /// Takes away the type beside variants that are not of it.
    fn type_of_variants(&mut self, schema: &At<'d>) {
        if let Some((removed, found)) = contradicted::of_type(schema) {
            let remove = |at: &At<'d>| Edit::new(at, Change::Remove);
            self.edits.extend(removed.iter().map(remove));
            self.found.push(found);
        }
    }

    /// Gives the values that are listed for an array to its items, unless those have a list.
    fn enum_of_items(&mut self, array: &At<'d>) {
        let Some((written, mended)) = contradicted::of_items(array) else {
            return;
        };
        let values = written.node().kind.clone();
        self.mend(&written, mended);
        match array.get("items") {
            Some(items) if items.is_object() && items.reference().is_none() => {
                self.edits
                    .push(Edit::new(&items, Change::Insert("enum", values)));
            }
            Some(_) => {}
            None => {
                let items = mend::of_enum(values, written.node().span);
                self.edits
                    .push(Edit::new(array, Change::Insert("items", items)));
            }
        }
    }

    /// Lists the properties that say of themselves that they are required.
    fn required(&mut self, schema: &At<'d>) {
        let mut names = Vec::new();
        for (name, written, is_required) in misplaced::required(schema) {
            self.mend(
                &written,
                (Change::Remove, misplaced::of_property(name, &written)),
            );
            names.extend(is_required.then_some(name));
        }
        if names.is_empty() {
            return;
        }
        match schema.get("required").filter(At::is_array) {
            Some(list) => {
                let known: Vec<_> = list.items().filter_map(|name| name.as_str()).collect();
                names.retain(|name| !known.contains(name));
                let push = |name: &str| Edit::new(&list, Change::Push(name.to_owned()));
                self.edits.extend(names.into_iter().map(push));
            }
            None => {
                let list = misplaced::texts(&names, schema.node().span);
                self.edits
                    .push(Edit::new(schema, Change::Insert("required", list)));
            }
        }
    }

    fn statuses(&mut self, responses: &At<'d>) {
        for (code, at) in responses.entries() {
            if !code.starts_with("x-")
                && code != "$ref"
                && let Some(mended) = mend::status(code, &at)
            {
                self.mend(&at, mended);
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
        if !reads.iter().any(|reads| ptr::eq(*reads, object)) {
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

    /// Takes the reference out of a schema that is nothing but a way back to itself. What stands beside
    /// it is then all that is said.
    fn leads_back(&mut self, at: &At<'d>, object: &'static Object) -> bool {
        let (Some(reference), Err(found)) = (at.reference(), at.resolve()) else {
            return false;
        };
        // One that leads into a circle from outside is right as soon as the circle is none.
        let closes = found.location.as_ref() == Some(&reference.location());
        let leads_back = found.code == "reference-cycle" && closes && ptr::eq(object, &SCHEMA);
        if leads_back {
            let found = Diagnostic {
                severity: Severity::Warning,
                ..found
            };
            let help = "it is read as if it were not there; refer to a schema that says something";
            self.mend(&reference, (Change::Remove, found.help(help)));
        }
        leads_back
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
            // The circle itself is put right where it stands.
            Err(found) if found.code == "reference-cycle" && ptr::eq(object, &SCHEMA) => {}
            Err(mut found) => {
                // Nothing is made of these.
                if [&EXAMPLE, &LINK]
                    .iter()
                    .any(|unread| ptr::eq(object, *unread))
                {
                    found.severity = Severity::Warning;
                }
                self.found.push(found);
            }
        }
    }

    /// Says which keywords a reference of 3.0 silences.
    fn beside_reference(&mut self, at: &At<'d>, object: &'static Object) {
        for keyword in EXTENDING {
            if let Some(ignored) = at.get(keyword)
                && is_silenced(at, keyword, object)
            {
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
        let help = match near {
            Some(near) if at.get(near).is_none() => {
                format!("it has no effect; did you mean `{near}`?")
            }
            Some(near) => format!("it has no effect; `{near}` is there already"),
            None => "it has no effect; extensions begin with `x-`".to_owned(),
        };
        self.found.push(
            Diagnostic::warning("unknown-key", message)
                .at(value.key_location())
                .help(help),
        );
    }

    fn info(&mut self, root: &At<'_>) {
        let info = root.get("info");
        if !info.as_ref().is_some_and(At::is_object) {
            let place = info.map_or_else(|| root.location(), |info| info.location());
            self.found.push(
                Diagnostic::warning("missing-key", "the document has no `info`")
                    .at(place)
                    .help("add `info: { title: ..., version: ... }`; the service is called `service` until then"),
            );
        }
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

/// Whether a reference of 3.0 stands beside a keyword that has no effect because of it.
fn is_silenced(at: &At<'_>, keyword: &str, object: &'static Object) -> bool {
    at.document().version == OpenApiVersion::V3_0
        && ptr::eq(object, &SCHEMA)
        && at.reference().is_some()
        && EXTENDING.contains(&keyword)
}
