//! `runtime/Cargo.toml`: the runtime's own, without what is cut and without its workspace.

use std::{collections::BTreeMap, fmt::Write as _};

use toml::{Table, Value};

use super::{
    fault,
    features::{FOR_TESTS, Features},
};
use crate::render::RenderError;

/// The runtime's manifest.
#[derive(Debug)]
pub(super) struct Manifest {
    manifest: Table,
    workspace: Table,
    features: BTreeMap<String, Vec<String>>,
}

impl Manifest {
    pub(super) fn read(manifest: &str, workspace: &str) -> Result<Self, RenderError> {
        let parse = |text: &str| {
            text.parse::<Table>()
                .map_err(|error| fault("Cargo.toml", &error.to_string()))
        };
        let manifest = parse(manifest)?;
        let workspace = parse(workspace)?;
        let table = manifest.get("features").and_then(Value::as_table);
        let features = table
            .into_iter()
            .flatten()
            .map(|(name, needs)| (name.clone(), texts(Some(needs))))
            .collect();
        Ok(Self {
            manifest,
            workspace: match workspace.get("workspace") {
                Some(Value::Table(table)) => table.clone(),
                _ => Table::new(),
            },
            features,
        })
    }

    pub(super) fn features(&self) -> &BTreeMap<String, Vec<String>> {
        &self.features
    }

    /// The manifest of the bundled copy.
    pub(super) fn cut(&self, package_name: &str, features: &Features) -> String {
        let mut text = String::from(
            "# The runtime of the service: rewritten by every run of the generator.\n\n[package]\n",
        );
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        line(format!("name = {}", quoted(package_name)));
        for key in [
            "description",
            "version",
            "edition",
            "rust-version",
            "license",
        ] {
            if let Some(value) = self.package(key) {
                line(format!("{key} = {value}"));
            }
        }
        line("publish = false\n".to_owned());
        // Examples in the documentation call the crate by the name that the service gives it.
        line("[lib]\ndoctest = false\n".to_owned());
        line("# What the service uses; the rest has been left out.\n[features]".to_owned());
        let usual = features.on.iter().filter(|name| **name != FOR_TESTS);
        line(format!("default = [{}]", list(usual)));
        for name in &features.on {
            let needs = self.features.get(name).into_iter().flatten();
            let needs = needs.filter(|need| {
                !features
                    .of_dependencies
                    .iter()
                    .any(|(dependency, feature)| **need == format!("{dependency}/{feature}"))
            });
            // The dependencies of what is left are not optional any longer.
            let needs = needs.filter(|need| !need.starts_with("dep:"));
            line(format!("{name} = [{}]", list(needs)));
        }
        line("\n[dependencies]".to_owned());
        for (name, value) in self.dependencies() {
            if let Some(dependency) = self.dependency(name, value, features) {
                line(format!("{name} = {dependency}"));
            }
        }
        text
    }

    fn dependencies(&self) -> impl Iterator<Item = (&String, &Value)> {
        let table = self.manifest.get("dependencies").and_then(Value::as_table);
        table.into_iter().flatten()
    }

    /// A key of `[package]`, as TOML.
    fn package(&self, key: &str) -> Option<String> {
        let own = self.manifest.get("package")?.get(key)?;
        let value = if inherits(own) {
            self.workspace.get("package")?.get(key)?
        } else {
            own
        };
        Some(value.to_string())
    }

    /// A dependency as an inline table, none when no feature that is on asks for it.
    fn dependency(&self, name: &str, own: &Value, features: &Features) -> Option<String> {
        let is_optional = own.get("optional").and_then(Value::as_bool) == Some(true);
        if is_optional && !features.dependencies.contains(name) {
            return None;
        }
        let shared = match self.workspace.get("dependencies") {
            Some(table) if inherits(own) => table.get(name),
            _ => None,
        };
        let both = [shared, Some(own)];
        let get = |key: &str| both.iter().flatten().find_map(|value| value.get(key));
        let version = both
            .iter()
            .flatten()
            .find_map(|value| value.as_str())
            .or_else(|| get("version")?.as_str())?;
        let mut wanted: Vec<String> = both
            .iter()
            .flatten()
            .flat_map(|value| texts(value.get("features")))
            .collect();
        let more = features.of_dependencies.iter();
        wanted.extend(
            more.filter(|(dependency, _)| dependency == name)
                .map(|(_, feature)| feature.clone()),
        );
        wanted.sort();
        wanted.dedup();
        let mut parts = vec![format!("version = {}", quoted(version))];
        if get("default-features").and_then(Value::as_bool) == Some(false) {
            parts.push("default-features = false".to_owned());
        }
        if !wanted.is_empty() {
            parts.push(format!("features = [{}]", list(wanted.iter())));
        }
        match parts.as_slice() {
            [_] => Some(quoted(version)),
            _ => Some(format!("{{ {} }}", parts.join(", "))),
        }
    }
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn list<'a>(items: impl Iterator<Item = &'a String>) -> String {
    let mut text = String::new();
    for item in items {
        let separator = if text.is_empty() { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(text, "{separator}{}", quoted(item));
    }
    text
}
