//! Policies into the text of a document, at the places of its nodes: every other byte stays.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{InsertError, Plan, overlay::rules, read_again};
use crate::{
    spec::{At, Document, Entry, FileId, Kind, Object, plain},
    yaml,
};

/// Text to be put at a byte of a document.
type Insertions = BTreeMap<usize, String>;

/// The text of the first file with the policies of a plan; none where the root has no place for
/// them.
pub(super) fn into(document: &Document, plan: &Plan) -> Option<String> {
    let text = Text::of(document);
    let mut insertions = Insertions::new();
    let (at, added) = text.at_root(plan)?;
    insertions.insert(at, added);
    let mut members: BTreeMap<&str, Vec<(String, &Value)>> = BTreeMap::new();
    for chosen in &plan.some {
        for target in &chosen.targets {
            let of_target = members.entry(&target.pointer).or_default();
            of_target.push((chosen.rule.key(), &chosen.rule.value));
        }
    }
    for (pointer, members) in members {
        let operation = document.root_of(FileId(0)).at_pointer(pointer);
        let place = operation.and_then(|operation| text.at_operation(&operation, &members));
        // Two paths may have one operation, by an alias.
        if let Some((at, added)) = place {
            insertions.entry(at).or_insert(added);
        }
    }
    let mut out = String::new();
    let mut from = 0;
    for (at, added) in insertions {
        out.push_str(text.text.get(from..at)?);
        out.push_str(&added);
        from = at;
    }
    out.push_str(&text.text[from..]);
    Some(out)
}

/// Makes sure that a text says what the document says, and policies beside it.
pub(super) fn check(document: &Document, text: &str) -> Result<(), InsertError> {
    let again = read_again(text).ok_or(InsertError::Misread)?;
    let mut value = plain::value(&again.files[0].root);
    let before = plain::value(&document.files[0].root);
    take_away(&mut value, &before);
    match value == before {
        true => Ok(()),
        false => Err(InsertError::Misread),
    }
}

/// Takes extensions away that were not there before.
fn take_away(value: &mut Value, before: &Value) {
    match (value, before) {
        (Value::Object(members), Value::Object(before)) => {
            members.retain(|key, _| !key.starts_with("x-") || before.contains_key(key));
            for (key, value) in members {
                if let Some(before) = before.get(key) {
                    take_away(value, before);
                }
            }
        }
        (Value::Array(items), Value::Array(before)) => {
            for (item, before) in items.iter_mut().zip(before) {
                take_away(item, before);
            }
        }
        _ => {}
    }
}

/// The text of a file, and how its lines end.
struct Text<'d> {
    document: &'d Document,
    text: &'d str,
    line_end: &'static str,
}

/// How the members of an object stand.
enum Layout<'t> {
    /// Each on lines of its own, behind this indentation.
    Block(&'t str),
    /// Between braces, with this behind each comma.
    Flow { gap: &'t str, is_json: bool },
}

impl<'d> Text<'d> {
    fn of(document: &'d Document) -> Self {
        let text = document.files[0].text.as_str();
        Self {
            document,
            text,
            line_end: match text.contains("\r\n") {
                true => "\r\n",
                false => "\n",
            },
        }
    }

    fn layout(&self, node: &At<'_>, object: &Object) -> Option<Layout<'d>> {
        let start = node.node().span.start as usize;
        let first = object
            .iter()
            .map(|(_, entry)| entry.key_span.start as usize);
        // Members that were merged stand elsewhere.
        let first = first.filter(|first| *first >= start).min()?;
        if self.text[start..].starts_with('{') {
            let gap = &self.text[start + 1..first];
            let is_json = self.text[first..].starts_with('"');
            return Some(Layout::Flow {
                gap: match (gap.trim().is_empty(), gap.is_empty() && !is_json) {
                    (true, false) => gap,
                    // A comment, or braces that stand close to what is in them.
                    _ => " ",
                },
                is_json,
            });
        }
        let indent = &self.text[self.line_start(first)..first];
        indent.trim().is_empty().then_some(Layout::Block(indent))
    }

    /// What holds for all operations, before the paths.
    fn at_root(&self, plan: &Plan) -> Option<(usize, String)> {
        let root = self.document.root_of(FileId(0));
        let Kind::Object(object) = &root.node().kind else {
            return None;
        };
        let following = ["paths", "webhooks", "components"];
        let following = following.iter().filter_map(|key| object.get(key));
        let key = following.map(|entry| entry.key_span.start as usize).min()?;
        let value = rules(&plan.root);
        match self.layout(&root, object)? {
            Layout::Flow { gap, is_json } => {
                let unit = gap.rsplit('\n').next().unwrap_or_default();
                let whole = Value::Object(Map::from_iter([("resiliency".to_owned(), value)]));
                let value = match (is_json, gap.contains('\n')) {
                    (true, true) => self.pretty(&whole, unit),
                    (true, false) if gap.is_empty() => whole.to_string(),
                    (true, false) => one_line(&whole),
                    (false, _) => yaml::flow(&whole),
                };
                let name = named(plan.namespace, is_json);
                let colon = if gap.is_empty() && is_json { ":" } else { ": " };
                Some((key, format!("{name}{colon}{value},{gap}")))
            }
            Layout::Block(indent) => {
                let at = self.above_comments(self.line_start(key), indent);
                let mut lines = vec![
                    "# For every operation, unless it says otherwise.".to_owned(),
                    format!("{}:", plan.namespace),
                    "  resiliency:".to_owned(),
                ];
                for rule in &plan.root {
                    lines.push(format!("    {}: {}", rule.pattern, yaml::flow(&rule.value)));
                }
                let mut added: String = lines
                    .iter()
                    .map(|line| format!("{indent}{line}{}", self.line_end))
                    .collect();
                if self.text[..at].ends_with(&self.line_end.repeat(2)) {
                    added.push_str(self.line_end);
                }
                Some((at, added))
            }
        }
    }

    /// The policies of an operation, below its id where it has one.
    fn at_operation(
        &self,
        operation: &At<'_>,
        members: &[(String, &Value)],
    ) -> Option<(usize, String)> {
        let Kind::Object(object) = &operation.node().kind else {
            return None;
        };
        let span = operation.node().span;
        let is_own =
            |entry: &&Entry| span.start <= entry.key_span.start && entry.value.span.end <= span.end;
        let id = object.get("operationId").filter(is_own);
        let first = object
            .values()
            .filter(is_own)
            .min_by_key(|entry| entry.key_span.start)?;
        match self.layout(operation, object)? {
            Layout::Flow { gap, is_json } => {
                let members = members.iter().map(|(name, value)| {
                    let name = named(name, is_json);
                    match (is_json, gap.is_empty()) {
                        (true, true) => format!("{name}:{value}"),
                        (true, false) => format!("{name}: {}", one_line(value)),
                        (false, _) => format!("{name}: {}", yaml::flow(value)),
                    }
                });
                let members: Vec<String> = members.collect();
                let is_text = |entry: &&Entry| matches!(&entry.value.kind, Kind::String(text) if !text.is_empty());
                Some(match id.filter(is_text) {
                    Some(id) => {
                        let added = members.iter().map(|member| format!(",{gap}{member}"));
                        (id.value.span.end as usize, added.collect())
                    }
                    None => {
                        let added = members.iter().map(|member| format!("{member},{gap}"));
                        (first.key_span.start as usize, added.collect())
                    }
                })
            }
            Layout::Block(indent) => {
                let members = members.iter();
                let lines = members.map(|(name, value)| format!("{name}: {}", yaml::flow(value)));
                let end = id.and_then(|id| self.end_of_line(id));
                Some(match end {
                    Some(end) => {
                        let added = lines.map(|line| format!("{}{indent}{line}", self.line_end));
                        (end, added.collect())
                    }
                    None => {
                        let added = lines.map(|line| format!("{line}{}{indent}", self.line_end));
                        (first.key_span.start as usize, added.collect())
                    }
                })
            }
        }
    }

    /// Where the line of a member ends, if the whole of it stands on one, with nothing behind it
    /// but a comment.
    fn end_of_line(&self, entry: &Entry) -> Option<usize> {
        let (start, end) = (entry.key_span.start as usize, entry.value.span.end as usize);
        if !matches!(&entry.value.kind, Kind::String(text) if !text.is_empty()) {
            return None;
        }
        let rest = &self.text[end..];
        let rest = rest
            .split('\n')
            .next()
            .unwrap_or_default()
            .trim_end_matches('\r');
        let is_last =
            rest.trim().is_empty() || rest.starts_with([' ', '\t']) && rest.trim().starts_with('#');
        let is_one_line = !self.text[start..end].contains('\n');
        (is_last && is_one_line).then_some(end + rest.len())
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |end| end + 1)
    }

    /// The first of the lines of comment right above a line, which belong to it.
    fn above_comments(&self, line: usize, indent: &str) -> usize {
        let mut at = line;
        while at > 0 {
            let above = self.line_start(at - 1);
            let is_comment = self.text[above..at]
                .strip_prefix(indent)
                .is_some_and(|rest| rest.starts_with('#'));
            if !is_comment {
                break;
            }
            at = above;
        }
        // What stands at the very top speaks of the whole document, or to a tool.
        if at == 0 { line } else { at }
    }

    /// JSON with a line for each pattern.
    fn pretty(&self, value: &Value, unit: &str) -> String {
        let mut lines = vec!["{".to_owned(), format!("{unit}\"resiliency\": {{")];
        let patterns = value["resiliency"].as_object();
        let patterns: Vec<_> = patterns.into_iter().flatten().collect();
        for (index, (name, value)) in patterns.iter().enumerate() {
            let comma = if index + 1 < patterns.len() { "," } else { "" };
            lines.push(format!(
                "{unit}{unit}\"{name}\": {}{comma}",
                one_line(value)
            ));
        }
        lines.extend([format!("{unit}}}"), "}".to_owned()]);
        lines.join(&format!("{}{unit}", self.line_end))
    }
}

fn named(name: &str, is_json: bool) -> String {
    match is_json {
        true => format!("\"{name}\""),
        false => name.to_owned(),
    }
}

/// JSON in one line, with spaces where a person puts them.
fn one_line(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter();
            let members: Vec<String> = members
                .map(|(key, value)| format!("\"{key}\": {}", one_line(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(one_line).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}
