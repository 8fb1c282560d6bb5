//! Putting something into a document, and taking something away.

use serde_json::Value;

use super::query::{Place, Step};
use crate::{
    diagnostic::Diagnostic,
    spec::{
        at::At,
        bounds::MAX_VALUES,
        node::{Kind, Node},
        parse::{MAX_DEPTH, ParseError},
        plain,
        source::MAX_BYTES,
    },
};

/// A document that is changed: its tree, and the same as plain JSON for queries.
pub(in crate::spec) struct Subject<'d> {
    root: &'d mut Node,
    pub(super) plain: Value,
    size: Size,
    /// How many values queries have looked at.
    pub(super) looks: u64,
    is_changed: bool,
}

/// How much a tree holds.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    values: usize,
    bytes: u64,
    depth: usize,
}

impl Size {
    fn of(node: &Node) -> Self {
        let mut size = Self {
            values: 1,
            ..Self::default()
        };
        let inner: Vec<&Node> = match &node.kind {
            Kind::String(text) => {
                size.bytes = text.len() as u64;
                Vec::new()
            }
            Kind::Array(items) => items.iter().collect(),
            Kind::Object(object) => {
                size.bytes = object.iter().map(|(key, _)| key.len() as u64).sum();
                object.values().map(|entry| &entry.value).collect()
            }
            _ => Vec::new(),
        };
        for node in inner {
            let inner = Self::of(node);
            size.values += inner.values;
            size.bytes += inner.bytes;
            size.depth = size.depth.max(inner.depth + 1);
        }
        size
    }
}

impl<'d> Subject<'d> {
    pub(in crate::spec) fn new(root: &'d mut Node) -> Self {
        Self {
            plain: plain::value(root),
            size: Size::of(root),
            root,
            looks: 0,
            is_changed: false,
        }
    }

    pub(in crate::spec) fn is_changed(&self) -> bool {
        self.is_changed
    }

    pub(super) fn values(&self) -> usize {
        self.size.values
    }

    pub(super) fn depth(&self) -> usize {
        self.size.depth.max(1)
    }

    /// Merges something into what stands at each place: members into an object, an entry or several
    /// into a list.
    pub(super) fn update(
        &mut self,
        places: &[Place],
        target: &At<'_>,
        update: &At<'_>,
    ) -> Result<(), Diagnostic> {
        let added = Size::of(update.node());
        let times = places.len();
        self.size.values = (added.values.saturating_mul(times)).saturating_add(self.size.values);
        self.size.bytes =
            (added.bytes.saturating_mul(times as u64)).saturating_add(self.size.bytes);
        if self.size.values > MAX_VALUES || self.size.bytes > MAX_BYTES {
            let message = "this makes the document too large";
            return Err(Diagnostic::error("too-many-values", message)
                .at(update.location())
                .help("let the target mean fewer places"));
        }
        let plain = plain::value(update.node());
        for place in places {
            let depth = place.len() + added.depth + 1;
            if depth > MAX_DEPTH {
                let error = ParseError::too_deep(update.node().span);
                return Err(error.into_diagnostic(update.file()));
            }
            let node = node_at(self.root, place);
            // An earlier place of the same action may have been an object that now is another one.
            let (Some(node), Some(value)) = (node, value_at(&mut self.plain, place)) else {
                continue;
            };
            can_merge(node, place, target, update)?;
            self.size.depth = self.size.depth.max(depth);
            self.is_changed = true;
            merge(node, update.node());
            merge_plain(value, &plain);
        }
        Ok(())
    }

    /// Takes away what stands at some places.
    pub(super) fn remove(
        &mut self,
        mut places: Vec<Place>,
        target: &At<'_>,
    ) -> Result<(), Diagnostic> {
        // From the end, so that every index means what it did when it was found.
        places.sort();
        for place in places.iter().rev() {
            let Some((last, parent)) = place.split_last() else {
                return Err(Diagnostic::error(
                    "wrong-kind",
                    "the whole document cannot be removed",
                )
                .at(target.location())
                .help("name a part of it"));
            };
            let (Some(node), Some(value)) = (
                node_at(self.root, parent),
                value_at(&mut self.plain, parent),
            ) else {
                continue;
            };
            match (last, &mut node.kind, value) {
                (Step::Key(key), Kind::Object(object), Value::Object(members)) => {
                    object.remove(key);
                    members.shift_remove(key);
                }
                (Step::Index(index), Kind::Array(items), Value::Array(values))
                    if *index < items.len() =>
                {
                    items.remove(*index);
                    values.remove(*index);
                }
                _ => continue,
            }
            self.is_changed = true;
        }
        Ok(())
    }
}

/// Whether what is meant takes what there is to merge.
fn can_merge(
    node: &Node,
    place: &Place,
    target: &At<'_>,
    update: &At<'_>,
) -> Result<(), Diagnostic> {
    match (&node.kind, &update.node().kind) {
        (Kind::Object(_), Kind::Object(_)) | (Kind::Array(_), _) => Ok(()),
        (Kind::Object(_), _) => {
            let kind = update.kind_name();
            let message = format!("into an object only an object can be merged, this is {kind}");
            Err(Diagnostic::error("wrong-kind", message)
                .at(update.location())
                .related(target.location(), format!("it means `{}`", pointer(place))))
        }
        _ => {
            let message = format!("`{}` is neither an object nor a list", pointer(place));
            Err(Diagnostic::error("wrong-kind", message)
                .at(target.location())
                .help("let the target mean what it stands in, and `update` hold its key"))
        }
    }
}

fn pointer(place: &[Step]) -> String {
    let mut pointer = String::from("#");
    for step in place {
        match step {
            Step::Key(key) => crate::spec::at::push_token(&mut pointer, key),
            Step::Index(index) => crate::spec::at::push_token(&mut pointer, &index.to_string()),
        }
    }
    pointer
}

fn node_at<'n>(root: &'n mut Node, place: &[Step]) -> Option<&'n mut Node> {
    place
        .iter()
        .try_fold(root, |node, step| match (&mut node.kind, step) {
            (Kind::Object(object), Step::Key(key)) => Some(&mut object.get_mut(key)?.value),
            (Kind::Array(items), Step::Index(index)) => items.get_mut(*index),
            _ => None,
        })
}

fn value_at<'v>(root: &'v mut Value, place: &[Step]) -> Option<&'v mut Value> {
    place.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

/// Members are merged as deep as both have them, lists are continued, and everything else is
/// replaced. A list under `update` continues the list that is meant: a list of lists has no place in
/// a document. Nothing at all (`components:` as the specification's own example has it) takes
/// nothing away.
fn merge(node: &mut Node, update: &Node) {
    match (&mut node.kind, &update.kind) {
        (Kind::Object(object), Kind::Object(update)) => {
            for (key, entry) in update.iter() {
                let Some(own) = object.get_mut(key) else {
                    object.insert(key, entry.clone());
                    continue;
                };
                match (&own.value.kind, &entry.value.kind) {
                    (Kind::Object(_), Kind::Object(_)) | (Kind::Array(_), Kind::Array(_)) => {
                        merge(&mut own.value, &entry.value);
                    }
                    (Kind::Object(_) | Kind::Array(_), Kind::Null) => {}
                    _ => *own = entry.clone(),
                }
            }
        }
        (Kind::Array(items), Kind::Array(more)) => items.extend(more.iter().cloned()),
        (Kind::Array(items), _) => items.push(update.clone()),
        _ => {}
    }
}

/// The same on plain JSON.
fn merge_plain(value: &mut Value, update: &Value) {
    match (value, update) {
        (Value::Object(members), Value::Object(update)) => {
            for (key, update) in update {
                match members.get_mut(key) {
                    Some(own @ Value::Object(_)) if update.is_object() => merge_plain(own, update),
                    Some(own @ Value::Array(_)) if update.is_array() => merge_plain(own, update),
                    Some(Value::Object(_) | Value::Array(_)) if update.is_null() => {}
                    _ => {
                        members.insert(key.clone(), update.clone());
                    }
                }
            }
        }
        (Value::Array(items), Value::Array(more)) => items.extend(more.iter().cloned()),
        (Value::Array(items), update) => items.push(update.clone()),
        _ => {}
    }
}
