//! The same policies as an overlay.

use serde_json::{Map, Value, json};

use super::{
    Plan, Rule,
    choose::{Chosen, Target},
};
use crate::yaml;

pub(super) fn text(plan: &Plan, title: &str, extends: Option<&str>) -> String {
    let mut overlay = json!({
        "overlay": "1.0.0",
        "info": { "title": format!("Policies for {title}"), "version": "1.0.0" },
    });
    if let Some(extends) = extends {
        overlay["extends"] = extends.into();
    }
    let mut actions = vec![json!({
        "target": "$",
        "description": "For every operation, unless it says otherwise.",
        "update": { plan.namespace: { "resiliency": rules(&plan.root) } },
    })];
    actions.extend(plan.some.iter().flat_map(of_some));
    overlay["actions"] = actions.into();
    yaml::document(&overlay)
}

pub(super) fn rules(rules: &[Rule]) -> Value {
    let rules = rules.iter();
    let rules = rules.map(|rule| (rule.pattern.to_owned(), rule.value.clone()));
    Value::Object(rules.collect::<Map<_, _>>())
}

/// One action for all operations of some methods, with what takes it from a few of them again, or
/// one for each operation.
fn of_some(chosen: &Chosen) -> Vec<Value> {
    let rule = &chosen.rule;
    let description = format!("{}: {}.", capital(rule.on), rule.why);
    let action = |target: String| {
        json!({
            "target": target,
            "description": description,
            "update": { rule.key(): rule.value },
        })
    };
    let methods: Vec<String> = (rule.methods.iter())
        .filter(|method| {
            chosen
                .targets
                .iter()
                .any(|target| target.method == **method)
        })
        .map(|method| quoted(method))
        .collect();
    if methods.is_empty() || chosen.others.len() > chosen.targets.len() {
        return chosen.targets.iter().filter_map(path).map(action).collect();
    }
    let all = action(format!("$.paths.*[{}]", methods.join(", ")));
    let others = chosen.others.iter();
    let others = others.filter(|other| methods.contains(&quoted(&other.method)));
    let taken = others.filter_map(path).map(|other| {
        json!({
            "target": format!("{other}[{}]", quoted(&rule.key())),
            "description": "What it answers comes bit by bit, and cannot be asked for again.",
            "remove": true,
        })
    });
    [all].into_iter().chain(taken).collect()
}

/// The JSONPath of an operation, if it stands below its path.
fn path(target: &Target) -> Option<String> {
    let stands_there = target.pointer.starts_with("/paths/");
    stands_there.then(|| format!("$.paths[{}].{}", quoted(&target.path), target.method))
}

/// A name between the brackets of a JSONPath.
fn quoted(name: &str) -> String {
    let mut quoted = String::from("'");
    for c in name.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

fn capital(text: &str) -> String {
    let mut signs = text.chars();
    let first = signs.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(signs).collect()
}
