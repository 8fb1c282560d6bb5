//! What it means that a schema says something else: to those who send, and to those who receive.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Found, Inner,
    view::{Set, View, resolved},
};
use crate::{
    diff::{Changes, Flow, Rank},
    lower::json_value,
    spec::At,
};

/// Keywords whose changes are told, and not judged.
const OTHERS: &[&str] = &[
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "patternProperties",
    "dependentRequired",
    "dependentSchemas",
    "contentMediaType",
    "contentEncoding",
];

/// Compares one pair.
pub(super) struct Rules<'c, 'd> {
    flow: Flow,
    pub(super) label: &'c str,
    places: &'c Changes,
    found: Vec<Found>,
    pub(super) inner: Vec<Inner<'d>>,
}

impl<'c, 'd> Rules<'c, 'd> {
    pub(super) fn new(flow: Flow, label: &'c str, places: &'c Changes) -> Self {
        Self {
            flow,
            label,
            places,
            found: Vec::new(),
            inner: Vec::new(),
        }
    }

    pub(super) fn done(self) -> (Vec<Found>, Vec<Inner<'d>>) {
        (self.found, self.inner)
    }

    pub(super) fn tell(
        &mut self,
        (rank, code): (Rank, &'static str),
        at: &At<'_>,
        message: String,
    ) {
        let location = self.places.in_new(at);
        self.found.push(Found {
            rank,
            code,
            message,
            location,
        });
    }

    /// Fewer values fit: whoever sends may be refused.
    pub(super) fn narrowed(&mut self, code: &'static str, at: &At<'_>, message: String) {
        self.tell((self.rank_of_narrowed(), code), at, message);
    }

    /// The same, where what is gone stands in the old document.
    pub(super) fn narrowed_old(&mut self, code: &'static str, at: &At<'_>, message: String) {
        self.found.push(Found {
            rank: self.rank_of_narrowed(),
            code,
            message,
            location: at.key_location(),
        });
    }

    fn rank_of_narrowed(&self) -> Rank {
        match self.flow {
            Flow::Received => Rank::Breaking,
            Flow::Sent => Rank::Compatible,
        }
    }

    /// More values fit: whoever receives may meet what he does not know.
    pub(super) fn widened(&mut self, code: &'static str, at: &At<'_>, message: String) {
        self.tell((self.rank_of_widened(), code), at, message);
    }

    fn rank_of_widened(&self) -> Rank {
        match self.flow {
            Flow::Received => Rank::Compatible,
            Flow::Sent => Rank::Risky,
        }
    }

    pub(super) fn compare(&mut self, old: &View<'d>, new: &View<'d>) {
        if self.choices(old, new) {
            return;
        }
        let is_comparable = self.types(old, new);
        // Of what is another thing altogether nothing else is worth telling.
        if !is_comparable {
            return;
        }
        self.values(old, new);
        self.bounds(old, new);
        self.texts(old, new);
        self.properties(old, new);
        self.additional(old, new);
        self.items(old, new);
        self.discriminators(old, new);
        self.default(old, new);
        for keyword in OTHERS {
            let said = |view: &View<'d>| -> Vec<Value> {
                let all = view.all(keyword);
                all.iter().map(|at| json_value(at.node())).collect()
            };
            if said(old) != said(new) {
                let at = new.all(keyword).into_iter().next();
                let at = at.unwrap_or_else(|| new.at.clone());
                let message = format!("`{}`: `{keyword}` has changed", self.label);
                self.tell((Rank::Risky, "constraint-changed"), &at, message);
            }
        }
    }

    /// Whether there is anything that both may be.
    fn types(&mut self, old: &View<'d>, new: &View<'d>) -> bool {
        let label = self.label;
        let at = new.all("type").into_iter().next();
        let at = at.unwrap_or_else(|| new.at.clone());
        let (was, is) = match (&old.types, &new.types) {
            (None, None) => return true,
            (Some(_), None) => {
                let message = format!("`{label}` may be of any type now");
                self.widened("type-widened", &at, message);
                return true;
            }
            (None, Some(is)) => {
                let message = format!("`{label}` has to be {} now", words(is));
                self.narrowed("type-narrowed", &at, message);
                return true;
            }
            (Some(was), Some(is)) => (was, is),
        };
        if was == is {
            return true;
        }
        let is_within = |ty: &str, types: &BTreeSet<&str>| {
            types.contains(ty) || ty == "integer" && types.contains("number")
        };
        let is_wider = was.iter().all(|ty| is_within(ty, is));
        let is_narrower = is.iter().all(|ty| is_within(ty, was));
        let change = match () {
            () if is.contains("null") && was.len() + 1 == is.len() && is_wider => {
                format!("`{label}` may be null now")
            }
            () if was.contains("null") && is.len() + 1 == was.len() && is_narrower => {
                format!("`{label}` may not be null any longer")
            }
            () => format!("`{label}` is {} now, it was {}", words(is), words(was)),
        };
        match (is_wider, is_narrower) {
            (true, _) if self.flow == Flow::Sent => {
                self.tell((Rank::Breaking, "type-changed"), &at, change);
            }
            (true, _) => self.widened("type-widened", &at, change),
            (_, true) => self.narrowed("type-narrowed", &at, change),
            _ => self.tell((Rank::Breaking, "type-changed"), &at, change),
        }
        let is_shared =
            |ty: &&str| is_within(ty, is) || is.contains("integer") && **ty == *"number";
        was.iter().any(is_shared)
    }

    fn properties(&mut self, old: &View<'d>, new: &View<'d>) {
        let empty: Set<'d> = Vec::new();
        let mut names: Vec<&'d str> = old.properties.keys().copied().collect();
        names.extend(old.required.keys());
        names.extend(new.properties.keys());
        names.extend(new.required.keys());
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        for name in names {
            // One that goes the other way only is none, and a required one may be undeclared.
            let find = |view: &'_ View<'d>| -> Option<Set<'d>> {
                match view.properties.contains_key(name) {
                    true => view.property(name, self.flow).cloned(),
                    false => view.required.contains_key(name).then(|| empty.clone()),
                }
            };
            let label = format!("{}.{name}", self.label);
            match (find(old), find(new)) {
                (None, None) => {}
                (None, Some(is)) => self.property_added(&label, name, is.first(), new),
                (Some(was), None) => self.property_removed(&label, name, was.first(), old, new),
                (Some(was), Some(is)) => {
                    self.presence(&label, name, old, new);
                    if !was.is_empty() && !is.is_empty() {
                        self.inner.push(Inner {
                            old: was,
                            new: is,
                            label,
                        });
                    }
                }
            }
        }
    }

    fn property_added(&mut self, label: &str, name: &str, at: Option<&At<'d>>, new: &View<'d>) {
        let required = new.required.get(name);
        let at = at.or(required).unwrap_or(&new.at);
        match (self.flow, required) {
            (Flow::Received, Some(_)) => {
                let message = format!("`{label}` is new, and has to be sent");
                self.tell((Rank::Breaking, "property-required"), at, message);
            }
            (Flow::Received, None) => {
                let message = format!("`{label}` is new, and may be sent");
                self.tell((Rank::Compatible, "property-added"), at, message);
            }
            (Flow::Sent, _) => {
                let message = format!("`{label}` is new");
                self.tell((Rank::Compatible, "property-added"), at, message);
            }
        }
    }

    fn property_removed(
        &mut self,
        label: &str,
        name: &str,
        at: Option<&At<'d>>,
        old: &View<'d>,
        new: &View<'d>,
    ) {
        let (rank, message) = match (self.flow, new.closed()) {
            (Flow::Received, Some(_)) => (Rank::Breaking, format!("`{label}` is refused now")),
            (Flow::Received, None) => (
                Rank::Risky,
                format!("`{label}` is not read from requests any longer"),
            ),
            (Flow::Sent, _) => (Rank::Breaking, format!("`{label}` is gone")),
        };
        let location = at
            .or(old.required.get(name))
            .unwrap_or(&old.at)
            .key_location();
        self.found.push(Found {
            rank,
            code: "property-removed",
            message,
            location,
        });
    }

    fn presence(&mut self, label: &str, name: &str, old: &View<'d>, new: &View<'d>) {
        match (old.required.get(name), new.required.get(name), self.flow) {
            (None, Some(at), Flow::Received) => {
                let message = format!("`{label}` has to be sent now");
                self.tell((Rank::Breaking, "property-required"), at, message);
            }
            (None, Some(at), Flow::Sent) => {
                let message = format!("`{label}` is always there now");
                self.tell((Rank::Compatible, "property-required"), at, message);
            }
            (Some(_), None, flow) => {
                let property = new.properties.get(name).and_then(|set| set.first());
                let at = property.unwrap_or(&new.at).clone();
                let (rank, message) = match flow {
                    Flow::Received => (Rank::Compatible, format!("`{label}` may be left out now")),
                    Flow::Sent => (Rank::Breaking, format!("`{label}` may be missing now")),
                };
                self.tell((rank, "property-optional"), &at, message);
            }
            _ => {}
        }
    }

    fn additional(&mut self, old: &View<'d>, new: &View<'d>) {
        let label = self.label;
        match (old.closed(), new.closed()) {
            (None, Some(at)) => {
                let message = format!("`{label}` takes no undeclared members any longer");
                self.narrowed("closed", &at, message);
            }
            (Some(_), None) => {
                // Who receives such a member and does not know it leaves it alone.
                let message = format!("`{label}` may have undeclared members now");
                self.tell((Rank::Compatible, "opened"), &new.at, message);
            }
            _ => {}
        }
        let schemas = |view: &View<'d>| -> Set<'d> {
            let all = view.all("additionalProperties").into_iter();
            all.filter(At::is_object).collect()
        };
        self.both(schemas(old), schemas(new), format!("{label}.*"));
    }

    fn items(&mut self, old: &View<'d>, new: &View<'d>) {
        let label = self.label;
        let schemas = |view: &View<'d>| -> Set<'d> {
            let all = view.all("items").into_iter();
            all.filter(At::is_object).collect()
        };
        self.both(schemas(old), schemas(new), format!("{label}[]"));
        let first = |view: &View<'d>| -> Vec<At<'d>> {
            let all = view.all("prefixItems").into_iter().next();
            all.iter().flat_map(At::items).collect()
        };
        let (was, is) = (first(old), first(new));
        if was.len() != is.len() {
            let message = format!(
                "`{label}`: {} items by their place -> {}",
                was.len(),
                is.len()
            );
            self.tell((Rank::Breaking, "items-changed"), &new.at, message);
        }
        for (index, (was, is)) in was.into_iter().zip(is).enumerate() {
            self.both(vec![was], vec![is], format!("{label}[{index}]"));
        }
    }

    /// Goes on inside, where both say something; where one does not, it allows anything.
    fn both(&mut self, old: Set<'d>, new: Set<'d>, label: String) {
        match (old.first(), new.first()) {
            (None, None) => {}
            (None, Some(at)) if says(at) => {
                let at = at.clone();
                self.narrowed("type-narrowed", &at, format!("`{label}` is described now"));
            }
            (Some(at), None) if says(at) => {
                let message = format!("`{label}` may be anything now");
                self.found.push(Found {
                    rank: self.rank_of_widened(),
                    code: "type-widened",
                    message,
                    location: at.key_location(),
                });
            }
            (Some(_), Some(_)) => self.inner.push(Inner { old, new, label }),
            _ => {}
        }
    }

    fn discriminators(&mut self, old: &View<'d>, new: &View<'d>) {
        let label = self.label;
        let first = |view: &View<'d>| view.all("discriminator").into_iter().next();
        let (Some(was), Some(is)) = (first(old), first(new)) else {
            return;
        };
        let name = |at: &At<'d>| at.get("propertyName").and_then(|at| at.as_str());
        if name(&was) != name(&is) {
            let shown = |at| name(at).unwrap_or_default();
            let message = format!(
                "`{label}` is told apart by `{}` now, it was `{}`",
                shown(&is),
                shown(&was)
            );
            self.tell((Rank::Breaking, "discriminator-changed"), &is, message);
            return;
        }
        let (was, is) = (was.get("mapping"), is.get("mapping"));
        for (value, at) in was.iter().flat_map(At::entries) {
            if is.as_ref().is_some_and(|is| is.get(value).is_none()) {
                let message = format!("`{value}` is no kind of `{label}` any longer");
                self.narrowed_old("mapping-removed", &at, message);
            }
        }
        for (value, at) in is.iter().flat_map(At::entries) {
            if was.as_ref().is_some_and(|was| was.get(value).is_none()) {
                let message = format!("`{value}` is a kind of `{label}` now");
                self.widened("mapping-added", &at, message);
            }
        }
    }

    /// What is not sent means something else.
    fn default(&mut self, old: &View<'d>, new: &View<'d>) {
        if self.flow == Flow::Sent {
            return;
        }
        let first = |view: &View<'d>| view.all("default").into_iter().next();
        let (was, is) = (first(old), first(new));
        let value = |at: &Option<At<'d>>| at.as_ref().map(|at| json_value(at.node()));
        let (was_value, is_value) = (value(&was), value(&is));
        if was_value == is_value {
            return;
        }
        let label = self.label;
        let message = match (&was_value, &is_value) {
            (Some(was), Some(is)) => format!("`{label}`: the default `{was}` -> `{is}`"),
            (None, Some(is)) => format!("`{label}` has the default `{is}` now"),
            (Some(was), None) => format!("`{label}` has no default any longer, it was `{was}`"),
            (None, None) => return,
        };
        // A first default may be what the service did all the time.
        let rank = match was_value {
            Some(_) => Rank::Risky,
            None => Rank::Compatible,
        };
        self.tell(
            (rank, "default-changed"),
            &is.unwrap_or(new.at.clone()),
            message,
        );
    }
}

/// Whether a schema restricts anything.
fn says(at: &At<'_>) -> bool {
    resolved(at).entries().next().is_some()
}

fn words(types: &BTreeSet<&str>) -> String {
    let types: Vec<String> = types.iter().map(|ty| format!("`{ty}`")).collect();
    types.join(" or ")
}
