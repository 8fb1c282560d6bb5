//! `oneOf` and `anyOf`: which alternative has become which.

use super::{
    Inner,
    rules::Rules,
    view::{Set, View, component, resolved},
};
use crate::{lower::json_value, spec::At};

/// What an alternative is called.
fn name(set: &Set<'_>) -> Option<String> {
    let [only] = set.as_slice() else { return None };
    let at = resolved(only);
    let title = || at.get("title")?.as_str().map(str::to_owned);
    component(&at).or_else(title)
}

/// What an alternative says, to find it again word for word.
fn words(set: &Set<'_>) -> Vec<serde_json::Value> {
    let nodes = set.iter().map(|at| json_value(resolved(at).node()));
    nodes.collect()
}

/// Takes out of two lists what stands for the same in both.
fn matched<'s, 'd, K: PartialEq>(
    gone: &mut Vec<&'s Set<'d>>,
    come: &mut Vec<&'s Set<'d>>,
    key: impl Fn(&Set<'d>) -> Option<K>,
) -> Vec<(&'s Set<'d>, &'s Set<'d>)> {
    let mut keys: Vec<Option<K>> = come.iter().map(|set| key(set)).collect();
    let mut pairs = Vec::new();
    gone.retain(|before| {
        let own = key(before);
        let found = keys.iter().position(|key| own.is_some() && *key == own);
        if let Some(index) = found {
            keys.remove(index);
            pairs.push((*before, come.remove(index)));
        }
        found.is_none()
    });
    pairs
}

impl<'d> Rules<'_, 'd> {
    /// Compares alternatives; whether there was anything to choose from.
    pub(super) fn choices(&mut self, old: &View<'d>, new: &View<'d>) -> bool {
        // It may be the end of references, or the only one of a list so far.
        let alone = |view: &View<'d>, others: &[Set<'d>]| {
            let is_one = |layer: &&At<'d>| {
                let own = component(layer);
                own.is_some() && others.iter().any(|other| name(other) == own)
            };
            let found = view.layers.iter().find(is_one);
            vec![found.map_or_else(|| view.set.clone(), |layer| vec![layer.clone()])]
        };
        match (old.is_choice_alone(), new.is_choice_alone()) {
            // A schema that has become one of several, or was one.
            (false, true) if old.choices.is_empty() => {
                self.alternatives(&alone(old, &new.choices[0]), &new.choices[0], &new.at);
                return true;
            }
            (true, false) if new.choices.is_empty() => {
                self.alternatives(&old.choices[0], &alone(new, &old.choices[0]), &new.at);
                return true;
            }
            _ => {}
        }
        if old.choices.len() == new.choices.len() {
            for (before, after) in old.choices.iter().zip(&new.choices) {
                self.alternatives(before, after, &new.at);
            }
        } else if old.choices.len() < new.choices.len() {
            let message = format!("`{}` has to be one of several alternatives now", self.label);
            self.narrowed("choice-added", &new.at, message);
        } else {
            let message = format!("`{}` need not be one of several alternatives", self.label);
            self.widened("choice-removed", &new.at, message);
        }
        false
    }

    fn alternatives(&mut self, old: &[Set<'d>], new: &[Set<'d>], at: &At<'d>) {
        let mut gone: Vec<&Set<'d>> = old.iter().collect();
        let mut come: Vec<&Set<'d>> = new.iter().collect();
        let mut pairs = matched(&mut gone, &mut come, name);
        pairs.extend(matched(&mut gone, &mut come, |set| Some(words(set))));
        // What has neither a name nor the same words is known by its place.
        let nameless = |list: &[&Set<'d>]| list.iter().all(|set| name(set).is_none());
        if gone.len() == come.len() && nameless(&gone) && nameless(&come) {
            pairs.extend(gone.drain(..).zip(come.drain(..)));
        }
        let shown = |set: &Set<'d>| {
            name(set).map_or("an alternative".to_owned(), |name| format!("`{name}`"))
        };
        let label = self.label;
        for before in gone {
            let message = format!("`{label}` is never {} any longer", shown(before));
            match before.first().filter(|_| before.len() == 1) {
                Some(place) => self.narrowed_old("alternative-removed", place, message),
                None => self.narrowed("alternative-removed", at, message),
            }
        }
        for after in come {
            let message = format!("`{label}` may be {} now", shown(after));
            self.widened("alternative-added", after.first().unwrap_or(at), message);
        }
        for (before, after) in pairs {
            self.inner.push(Inner {
                old: before.clone(),
                new: after.clone(),
                label: label.to_owned(),
            });
        }
    }
}
