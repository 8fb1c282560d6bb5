//! `$ref`: what it says, and where it leads.

use std::borrow::Cow;

use super::{
    at::{At, push_token},
    node::{Kind, Node, Span},
};
use crate::diagnostic::{Diagnostic, nearest};

/// How many references may lead from one to the next.
const MAX_HOPS: usize = 64;

/// Beyond so many neighbours, looking for the one that was meant takes longer than it helps.
const MAX_NEIGHBOURS: usize = 1024;

/// A reference as it is written, and where.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) span: Span,
    pub(super) pointer: String,
}

/// The two parts of a reference.
pub(super) struct Target<'r> {
    /// What stands before the `#`; none: the same file.
    pub(super) file: Option<&'r str>,
    pub(super) fragment: &'r str,
}

impl<'r> Target<'r> {
    pub(super) fn of(reference: &'r str) -> Self {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        Self {
            file: Some(file).filter(|file| !file.is_empty()),
            fragment,
        }
    }
}

/// The reasons not to open what a reference names.
pub(super) fn refuse(file: &str) -> Option<Diagnostic> {
    let scheme = file.split_once("://").map(|(scheme, _)| scheme);
    match scheme {
        Some(_) => Some(
            Diagnostic::error(
                "remote-reference",
                format!(
                    "references to other hosts are not followed: `{}`",
                    file.escape_debug()
                ),
            )
            .help(
                "put everything into one document first: \
                 `npx @redocly/cli bundle api.yaml -o bundled.yaml`",
            ),
        ),
        None if file.starts_with(['/', '\\']) => Some(
            Diagnostic::error(
                "absolute-reference",
                format!(
                    "a reference to a file must be relative: `{}`",
                    file.escape_debug()
                ),
            )
            .help("write the path from the file in which the reference stands"),
        ),
        None => None,
    }
}

/// Undoes percent-encoding; what is not an encoding stays.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return text.into();
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let hex = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
        match (bytes[index], hex(index + 1), hex(index + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high << 4 | low) as u8);
                index += 3;
            }
            (byte, ..) => {
                out.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8(out).map_or(text.into(), Cow::Owned)
}

/// Finds the references of a file that lead out of it.
///
/// What looks like one inside an example, a default or an extension is data and stays unopened.
pub(super) fn collect(root: &Node, found: &mut Vec<Written>) {
    walk(root, false, &mut String::new(), found);
}

fn walk(node: &Node, keys_are_names: bool, pointer: &mut String, found: &mut Vec<Written>) {
    match &node.kind {
        Kind::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                step(pointer, &index.to_string(), |pointer| {
                    walk(item, false, pointer, found);
                });
            }
        }
        Kind::Object(object) => {
            for (key, entry) in object {
                if keys_are_names {
                    step(pointer, key, |pointer| {
                        walk(&entry.value, false, pointer, found);
                    });
                    continue;
                }
                match (&entry.value.kind, key.as_str()) {
                    (Kind::String(text), "$ref") if !text.starts_with('#') => {
                        found.push(Written {
                            text: text.clone(),
                            span: entry.value.span,
                            pointer: format!("{pointer}/$ref"),
                        });
                    }
                    (_, "example" | "default" | "enum" | "const" | "value")
                    | (Kind::Array(_), "examples") => {}
                    (_, key) if key.starts_with("x-") => {}
                    _ => step(pointer, key, |pointer| {
                        walk(&entry.value, holds_names(key), pointer, found);
                    }),
                }
            }
        }
        _ => {}
    }
}

/// Whether the keys of the object under this key are chosen by the document's author.
fn holds_names(key: &str) -> bool {
    matches!(
        key,
        "properties"
            | "patternProperties"
            | "dependentSchemas"
            | "$defs"
            | "definitions"
            | "schemas"
            | "responses"
            | "parameters"
            | "examples"
            | "requestBodies"
            | "headers"
            | "securitySchemes"
            | "links"
            | "callbacks"
            | "pathItems"
            | "paths"
            | "webhooks"
            | "content"
            | "encoding"
    )
}

fn step(pointer: &mut String, token: &str, walk: impl FnOnce(&mut String)) {
    let len = pointer.len();
    push_token(pointer, token);
    walk(pointer);
    pointer.truncate(len);
}

impl<'d> At<'d> {
    /// What a reference stands for, through as many references as there are; the value itself
    /// where it is none.
    ///
    /// # Errors
    ///
    /// If there is nothing where the reference leads, or it leads back to itself.
    pub fn resolve(&self) -> Result<At<'d>, Diagnostic> {
        let mut here = self.clone();
        let mut passed: Vec<At<'d>> = Vec::new();
        while let Some(reference) = here.get("$ref").filter(|value| value.as_str().is_some()) {
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
            if passed.len() == MAX_HOPS {
                return Err(Diagnostic::error(
                    "reference-chain",
                    format!("more than {MAX_HOPS} references lead from one to the next here"),
                )
                .at(reference.location())
                .help("refer to the value itself"));
            }
            passed.push(here);
            here = reference.follow()?;
        }
        Ok(here)
    }

    /// Follows one reference, given as the text of `$ref` (or of a discriminator's mapping).
    ///
    /// # Errors
    ///
    /// If there is nothing where it leads.
    pub fn follow(&self) -> Result<At<'d>, Diagnostic> {
        let text = self.as_str().unwrap_or_default();
        let target = Target::of(text);
        let unknown =
            |message: String| Diagnostic::error("unknown-reference", message).at(self.location());
        let file = match target.file {
            None => self.file(),
            Some(part) => match self.document().links.get(&(self.file(), part.to_owned())) {
                Some(Ok(file)) => *file,
                // What is wrong with the file has a place in it; that there is none has not.
                Some(Err(reason)) => {
                    let mut reason = reason.clone();
                    reason.location.get_or_insert_with(|| self.location());
                    return Err(reason);
                }
                None => {
                    let part = part.escape_debug();
                    return Err(unknown(format!(
                        "the file `{part}` is not part of the document"
                    )));
                }
            },
        };
        let fragment = decode(target.fragment);
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return Err(unknown(format!(
                "only references by path are followed, this is `{}`",
                text.escape_debug()
            ))
            .help("write it like `#/components/schemas/Name`"));
        }
        let root = self.document().root_of(file);
        root.at_pointer(&fragment).ok_or_else(|| {
            let diagnostic = unknown(format!("there is nothing at `{}`", text.escape_debug()));
            match nearest_sibling(&root, &fragment) {
                Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
                None => diagnostic.help("define it there, or correct the reference"),
            }
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
    let known = neighbours.keys().take(MAX_NEIGHBOURS).map(String::as_str);
    let at = parent_at.get(nearest(&name, known)?)?;
    Some(format!("#{}", at.pointer()))
}
