//! A schema with everything that it says: its own keywords, and those of what it refers to and of
//! its `allOf`, taken together. So it makes no difference how a document divides them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use indexmap::IndexMap;
use serde_json::Value;

use super::super::Flow;
use crate::{
    lower::json_value,
    spec::{At, Kind, OpenApiVersion},
};

/// Schemas that one value has to satisfy together.
pub(super) type Set<'d> = Vec<At<'d>>;

#[derive(Debug)]
pub(super) struct View<'d> {
    /// Where it is written: the first of its schemas, where references have led.
    pub(super) at: At<'d>,
    pub(super) set: Set<'d>,
    /// The schemas that it is made of.
    pub(super) layers: Vec<At<'d>>,
    /// None: any.
    pub(super) types: Option<BTreeSet<&'d str>>,
    /// None: any.
    pub(super) values: Option<(Vec<Value>, At<'d>)>,
    pub(super) properties: IndexMap<&'d str, Set<'d>>,
    /// With where it says so.
    pub(super) required: BTreeMap<&'d str, At<'d>>,
    /// The alternatives of each `oneOf` and `anyOf`; `null` is a type, and a single one no choice.
    pub(super) choices: Vec<Vec<Set<'d>>>,
}

/// A bound, and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Bound<'d> {
    pub(super) value: f64,
    pub(super) excludes_itself: bool,
    pub(super) at: At<'d>,
}

/// The end of references; where they lead nowhere, which is the document's fault, their beginning.
pub(super) fn resolved<'d>(at: &At<'d>) -> At<'d> {
    at.resolve().unwrap_or_else(|_| at.clone())
}

/// `Pet` of `#/components/schemas/Pet`
pub(super) fn component(at: &At<'_>) -> Option<String> {
    let pointer = at.pointer();
    let name = pointer.strip_prefix("/components/schemas/")?;
    (!name.contains('/')).then(|| name.replace("~1", "/").replace("~0", "~"))
}

impl<'d> View<'d> {
    pub(super) fn of(set: &[At<'d>]) -> Option<Self> {
        let mut view = Self {
            at: resolved(set.first()?),
            set: set.to_vec(),
            layers: Vec::new(),
            types: None,
            values: None,
            properties: IndexMap::new(),
            required: BTreeMap::new(),
            choices: Vec::new(),
        };
        let mut is_nullable = false;
        let mut open: Vec<At<'d>> = set.iter().rev().cloned().collect();
        let mut seen = HashSet::new();
        while let Some(written) = open.pop() {
            let layer = resolved(&written);
            // What stands beside a reference counts since 3.1.
            let counts_beside = written.document().version != OpenApiVersion::V3_0;
            if counts_beside && !std::ptr::eq(written.node(), layer.node()) {
                view.layers.push(written);
            }
            if !seen.insert(std::ptr::from_ref(layer.node())) {
                continue;
            }
            // Beside `allOf` it is how 3.0 says that a reference may be null.
            is_nullable |= says_nullable(&layer);
            open.extend(list(&layer, "allOf").into_iter().rev());
            for keyword in ["oneOf", "anyOf"] {
                let mut branches = list(&layer, keyword);
                let all = branches.len();
                branches.retain(|branch| !is_null(&resolved(branch)));
                is_nullable |= branches.len() < all;
                match branches.len() {
                    0 => {}
                    1 => open.extend(branches),
                    _ => view.choose(branches),
                }
            }
            view.layers.push(layer);
        }
        for layer in view.layers.clone() {
            view.add(&layer);
        }
        view.suppose_type();
        if is_nullable && let Some(types) = &mut view.types {
            types.insert("null");
        }
        Some(view)
    }

    /// Alternatives that are nothing but values are an `enum` with words to each.
    fn choose(&mut self, branches: Vec<At<'d>>) {
        let values: Option<Vec<Vec<Value>>> = branches
            .iter()
            .map(|branch| values(&resolved(branch)).map(|(values, _)| values))
            .collect();
        match values {
            Some(values) => self.allow(values.concat(), &branches[0]),
            None => self
                .choices
                .push(branches.into_iter().map(|it| vec![it]).collect()),
        }
    }

    fn allow(&mut self, values: Vec<Value>, at: &At<'d>) {
        match &mut self.values {
            Some((known, _)) => known.retain(|value| values.contains(value)),
            None => self.values = Some((values, at.clone())),
        }
    }

    fn add(&mut self, layer: &At<'d>) {
        if let Some(types) = types(layer) {
            match &mut self.types {
                Some(known) => {
                    // An integer is a number, and the closer word counts.
                    let integer = types.contains("integer") && known.remove("number")
                        || known.contains("integer") && types.contains("number");
                    known.retain(|ty| types.contains(ty));
                    if integer {
                        known.insert("integer");
                    }
                }
                None => self.types = Some(types),
            }
        }
        if let Some((values, at)) = values(layer) {
            self.allow(values, &at);
        }
        for (name, property) in layer.get("properties").iter().flat_map(At::entries) {
            self.properties.entry(name).or_default().push(property);
        }
        for at in list(layer, "required") {
            if let Some(name) = at.as_str() {
                self.required.entry(name).or_insert(at);
            }
        }
    }

    /// What says nothing of its type, and means one all the same.
    fn suppose_type(&mut self) {
        if self.types.is_some() {
            return;
        }
        let says = |keyword| self.layers.iter().any(|layer| layer.get(keyword).is_some());
        if !self.properties.is_empty() || says("additionalProperties") {
            self.types = Some(["object"].into());
        } else if says("items") {
            self.types = Some(["array"].into());
        } else if let Some((values, _)) = &self.values {
            self.types = Some(values.iter().map(kind).collect());
        }
    }

    /// Whether nothing is said but that one of several schemas holds.
    pub(super) fn is_choice_alone(&self) -> bool {
        let says_more = self.types.is_some()
            || !self.properties.is_empty()
            || self.values.is_some()
            || !self.required.is_empty();
        self.choices.len() == 1 && !says_more
    }

    /// Every place that says something under a keyword.
    pub(super) fn all(&self, keyword: &str) -> Vec<At<'d>> {
        let found = self.layers.iter().filter_map(|layer| layer.get(keyword));
        found.collect()
    }

    pub(super) fn text(&self, keyword: &str) -> Option<(&'d str, At<'d>)> {
        let found = self.all(keyword).into_iter();
        found.filter_map(|at| Some((at.as_str()?, at))).next()
    }

    pub(super) fn is(&self, keyword: &str) -> Option<At<'d>> {
        let mut found = self.all(keyword).into_iter();
        found.find(|at| at.as_bool() == Some(true))
    }

    /// Whether nothing but what is declared may be there.
    pub(super) fn closed(&self) -> Option<At<'d>> {
        let mut found = self.all("additionalProperties").into_iter();
        found.find(|at| at.as_bool() == Some(false))
    }

    /// The tightest of the bounds under a keyword, and the keyword that leaves itself out.
    pub(super) fn bound(
        &self,
        keyword: &str,
        exclusive: &str,
        is_upper: bool,
    ) -> Option<Bound<'d>> {
        let mut bounds = Vec::new();
        for layer in &self.layers {
            let number = |key: &str| layer.get(key).and_then(|at| Some((at.as_f64()?, at)));
            // 3.0 says beside the bound whether it leaves itself out.
            let excludes = layer.get(exclusive).and_then(|at| at.as_bool()) == Some(true);
            bounds.extend(number(keyword).map(|it| (it, excludes)));
            bounds.extend(number(exclusive).map(|it| (it, true)));
        }
        let bounds = bounds
            .into_iter()
            .map(|((value, at), excludes_itself)| Bound {
                value,
                excludes_itself,
                at,
            });
        bounds.reduce(|one, other| match other.is_tighter(&one, is_upper) {
            true => other,
            false => one,
        })
    }

    /// A property, as far as it goes this way.
    pub(super) fn property(&self, name: &str, flow: Flow) -> Option<&Set<'d>> {
        let set = self.properties.get(name)?;
        let hidden = match flow {
            Flow::Received => "readOnly",
            Flow::Sent => "writeOnly",
        };
        let is_set = |at: &At<'d>| at.get(hidden).and_then(|at| at.as_bool()) == Some(true);
        let is_hidden = |at: &At<'d>| is_set(at) || is_set(&resolved(at));
        (!set.iter().any(is_hidden)).then_some(set)
    }
}

impl Bound<'_> {
    pub(super) fn is_tighter(&self, other: &Self, is_upper: bool) -> bool {
        let (one, other_value) = match is_upper {
            true => (-self.value, -other.value),
            false => (self.value, other.value),
        };
        one > other_value || one == other_value && self.excludes_itself && !other.excludes_itself
    }
}

fn list<'d>(at: &At<'d>, keyword: &str) -> Vec<At<'d>> {
    at.get(keyword).iter().flat_map(At::items).collect()
}

fn is_null(at: &At<'_>) -> bool {
    let is_type = at.get("type").and_then(|at| at.as_str()) == Some("null");
    is_type || values(at).is_some_and(|(values, _)| values == [Value::Null])
}

/// The values of `enum` or `const`.
fn values<'d>(at: &At<'d>) -> Option<(Vec<Value>, At<'d>)> {
    if let Some(value) = at.get("const") {
        return Some((vec![json_value(value.node())], value));
    }
    let list = at.get("enum").filter(At::is_array)?;
    let values = list.items().map(|item| json_value(item.node())).collect();
    Some((values, list))
}

fn types<'d>(at: &At<'d>) -> Option<BTreeSet<&'d str>> {
    let written = at.get("type")?;
    let mut types: BTreeSet<&'d str> = match &written.node().kind {
        Kind::String(ty) => [ty.as_str()].into(),
        Kind::Array(_) => written.items().filter_map(|ty| ty.as_str()).collect(),
        _ => return None,
    };
    if says_nullable(at) {
        types.insert("null");
    }
    Some(types)
}

fn says_nullable(at: &At<'_>) -> bool {
    at.get("nullable").and_then(|at| at.as_bool()) == Some(true)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
