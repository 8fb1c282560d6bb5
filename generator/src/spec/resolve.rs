//! From a reference to what it stands for.

use super::{
    at::At,
    links::Place,
    node::Kind,
    reference::{Target, decode},
};
use crate::diagnostic::{Diagnostic, nearest};

/// How many references may lead from one to the next.
const MAX_HOPS: usize = 64;

/// Beyond so many neighbours, looking for the one that was meant takes longer than it helps.
const MAX_NEIGHBOURS: usize = 1024;

impl<'d> At<'d> {
    /// What a reference stands for, through as many references as there are; the value itself
    /// where it is none.
    ///
    /// # Errors
    ///
    /// If there is nothing where the reference leads, or it leads back to itself.
    pub fn resolve(&self) -> Result<At<'d>, Diagnostic> {
        self.resolve_within(&mut { MAX_HOPS })
    }

    /// Follows one reference, given as the text of `$ref` (or of a discriminator's mapping).
    ///
    /// # Errors
    ///
    /// If there is nothing where it leads.
    pub fn follow(&self) -> Result<At<'d>, Diagnostic> {
        self.follow_within(&mut { MAX_HOPS })
    }

    /// The members of an object, those of its own before those of what it refers to. So a whole map
    /// may stand elsewhere, or a part of it. What a reference leads to nowhere adds nothing.
    pub fn members(&self) -> Vec<(&'d str, At<'d>)> {
        if self.reference().is_none() {
            return self.entries().collect();
        }
        let mut members: Vec<_> = self.entries().filter(|(key, _)| *key != "$ref").collect();
        if let Ok(target) = self.resolve() {
            let others = target.entries().filter(|(key, _)| self.get(key).is_none());
            members.extend(others);
        }
        members
    }

    fn resolve_within(&self, hops: &mut usize) -> Result<At<'d>, Diagnostic> {
        let mut here = self.clone();
        let mut passed: Vec<At<'d>> = Vec::new();
        while let Some(reference) = here.reference() {
            if passed
                .iter()
                .any(|earlier| std::ptr::eq(earlier.node(), here.node()))
            {
                return Err(Diagnostic::error(
                    "reference-cycle",
                    format!(
                        "the reference `{}` leads back to itself",
                        reference.as_str().unwrap_or_default().escape_debug()
                    ),
                )
                .at(reference.location())
                .help("let one of the references on the way name a value of its own"));
            }
            passed.push(here);
            here = reference.follow_within(hops)?;
        }
        Ok(here)
    }

    fn follow_within(&self, hops: &mut usize) -> Result<At<'d>, Diagnostic> {
        *hops = hops.checked_sub(1).ok_or_else(|| {
            Diagnostic::error(
                "reference-chain",
                format!("more than {MAX_HOPS} references lead from one to the next here"),
            )
            .at(self.location())
            .help("refer to the value itself")
        })?;
        let text = self.as_str().unwrap_or_default();
        let target = Target::of(text);
        let place = self.place(&target, text)?;
        let root = self.document().root_of(place.file);
        let fragment = decode(target.fragment);
        let document = self.document();
        let pointer = match document.links.name(place.file, &fragment) {
            Some(pointer) => pointer,
            None if target.is_named() => {
                return Err(self
                    .leads_nowhere(format!("nothing has the name of `{}`", text.escape_debug()))
                    .help("write the path to it, like `#/components/schemas/Name`"));
            }
            None => &fragment,
        };
        let start = root.at_pointer(&place.pointer);
        if let Some(found) = start.and_then(|start| start.descend_within(pointer, hops)) {
            return Ok(found);
        }
        let nothing = self.leads_nowhere(format!("there is nothing at `{}`", text.escape_debug()));
        Err(match nearest_sibling(&root, pointer) {
            Some(name) => nothing.help(format!("did you mean `{name}`?")),
            None => nothing.help("define it there, or correct the reference"),
        })
    }

    /// Where the part before the `#` leads.
    fn place(&self, target: &Target<'_>, text: &str) -> Result<Place, Diagnostic> {
        if text.is_empty() {
            return Err(self
                .leads_nowhere("the reference is empty".to_owned())
                .help("write the path to what is meant, like `#/components/schemas/Name`"));
        }
        let Some(part) = target.file else {
            return Ok(self.file().into());
        };
        match self.document().links.part(self.file(), part) {
            Some(Ok(place)) => Ok(place.clone()),
            // What is wrong with the file has a place in it; that there is none has not.
            Some(Err(reason)) => {
                let mut reason = reason.clone();
                reason.location.get_or_insert_with(|| self.location());
                Err(reason)
            }
            None => Err(self.leads_nowhere(format!(
                "the file `{}` is not part of the document",
                part.escape_debug()
            ))),
        }
    }

    fn leads_nowhere(&self, message: String) -> Diagnostic {
        Diagnostic::error("unknown-reference", message).at(self.location())
    }

    /// The value at a pointer from here; where a token is missing and a reference stands in its
    /// place, the way goes on behind that.
    fn descend_within(self, pointer: &str, hops: &mut usize) -> Option<At<'d>> {
        // `#/` is meant as `#`.
        let pointer = if pointer == "/" { "" } else { pointer };
        pointer.split('/').skip(1).try_fold(self, |at, token| {
            at.child(token)
                .or_else(|| at.resolve_within(hops).ok()?.child(token))
        })
    }
}

/// The path to what is there under the name most like the last one of a pointer.
fn nearest_sibling(root: &At<'_>, pointer: &str) -> Option<String> {
    let (parent, name) = pointer.rsplit_once('/')?;
    let parent_at = root.at_pointer(parent)?;
    let name = name.replace("~1", "/").replace("~0", "~");
    let Kind::Object(neighbours) = &parent_at.node().kind else {
        return None;
    };
    let known = neighbours.iter().take(MAX_NEIGHBOURS).map(|(key, _)| key);
    let at = parent_at.get(nearest(&name, known)?)?;
    Some(format!("#{}", at.pointer()))
}
