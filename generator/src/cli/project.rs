//! Options in a file: `failsafe.toml`, which the person writes, and `.failsafe/options.toml`, in
//! which the generator remembers what the command line said. Both have the long options' names.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use toml::{Table, Value};

use super::{
    args::{ProtectionArg, StubsArg, TelemetryArg},
    check,
    settings::Choices,
};
use crate::{
    address,
    diagnostic::nearest,
    lower::Selector,
    options::{Runtime, Templates},
};

/// The project's file.
pub(super) const PROJECT: &str = "failsafe.toml";
/// What is remembered in a tree.
const MEMORY: &str = ".failsafe/options.toml";

/// What `failsafe.toml` says; paths as seen from where the command runs.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) spec: Option<PathBuf>,
    pub(super) out: Option<PathBuf>,
    pub(super) choices: Choices,
}

/// Keys that only the project's file has.
const OF_PROJECT: &[&str] = &["spec", "out"];

impl Project {
    /// The file in a folder, if there is one.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, String> {
        let path = folder.join(PROJECT);
        let Some(text) = read(&path)? else {
            return Ok(None);
        };
        let mut project = Self::default();
        let mut choices = Choices::default();
        each(&path, &text, |key, value| {
            match key {
                "spec" => project.spec = Some(folder.join(string(value)?)),
                "out" => project.out = Some(folder.join(string(value)?)),
                _ => return set(&mut choices, key, value),
            }
            Ok(true)
        })?;
        // Paths stand in the file as they are seen from there.
        if let Some(Runtime::Path(directory)) = &mut choices.runtime {
            *directory = folder.join(&*directory).display().to_string();
        }
        if let Some(Templates::Own(directory)) = &mut choices.templates {
            *directory = folder.join(&*directory).display().to_string();
        }
        for overlay in choices.overlays.iter_mut().flatten() {
            *overlay = folder.join(&*overlay);
        }
        project.choices = choices;
        Ok(Some(project))
    }
}

/// What an earlier command line said of a tree.
pub(super) fn remembered(out: &Path) -> Result<Choices, String> {
    let path = out.join(MEMORY);
    let mut choices = Choices::default();
    if let Some(text) = read(&path)? {
        each(&path, &text, |key, value| set(&mut choices, key, value))?;
    }
    for overlay in choices.overlays.iter_mut().flatten() {
        *overlay = check::from_here(&overlay.display().to_string(), out);
    }
    Ok(choices)
}

fn read(path: &Path) -> Result<Option<String>, String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // A tree that is a file is told as such later.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(None),
        Err(error) => Err(format!("cannot read `{}`: {error}", path.display())),
    }
}

/// Hands on each key and its value; whether it is one is what comes back.
fn each(
    path: &Path,
    text: &str,
    mut set: impl FnMut(&str, &Value) -> Result<bool, String>,
) -> Result<(), String> {
    let table: Table = text
        .parse()
        .map_err(|error| format!("`{}` is no TOML: {error}", path.display()))?;
    for (key, value) in &table {
        let begins = |line: &str| {
            line.trim_start()
                .trim_start_matches(['"', '\''])
                .starts_with(key)
        };
        let line = text.lines().position(begins).map_or(1, |line| line + 1);
        let place = format!("{}:{line}", path.display());
        match set(key, value) {
            Ok(true) => {}
            Ok(false) => {
                let known = KEYS.iter().chain(OF_PROJECT).copied();
                let help = nearest(key, known)
                    .map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                return Err(format!("{place}: there is no option `{key}`{help}"));
            }
            Err(why) => return Err(format!("{place}: `{key}`: {why}")),
        }
    }
    Ok(())
}

fn string(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "must be a text".to_owned())
}

fn flag(value: &Value) -> Result<Option<bool>, String> {
    match value.as_bool() {
        Some(value) => Ok(Some(value)),
        None => Err("must be `true` or `false`".to_owned()),
    }
}

/// One text, or a list of them.
fn strings(value: &Value) -> Result<Vec<&str>, String> {
    match value {
        Value::Array(several) => several.iter().map(string).collect(),
        one => Ok(vec![string(one)?]),
    }
}

fn selectors(value: &Value) -> Result<Vec<Selector>, String> {
    strings(value)?.into_iter().map(str::parse).collect()
}

fn list(several: impl IntoIterator<Item: ToString>) -> Value {
    let texts = several.into_iter().map(|it| Value::String(it.to_string()));
    Value::Array(texts.collect())
}

fn word<T: ValueEnum>(value: &Value) -> Result<T, String> {
    T::from_str(string(value)?, true).map_err(|_| {
        let names = T::value_variants()
            .iter()
            .filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = names.map(|it| format!("`{}`", it.get_name())).collect();
        format!("must be one of {}", names.join(", "))
    })
}

/// Every key that `set` knows and `text` writes.
const KEYS: &[&str] = &[
    "overlay",
    "only",
    "exclude",
    "package-name",
    "app-name",
    "app-version",
    "server-port",
    "dockerfile",
    "docs",
    "stubs",
    "runtime",
    "templates",
    "skip-unsupported",
    "telemetry",
    "otel-endpoint",
    "protection",
    "protection-type",
    "controlplane",
    "controlplane-prefix",
    "controlplane-url",
];

/// Takes one option; whether there is such a one.
fn set(choices: &mut Choices, key: &str, value: &Value) -> Result<bool, String> {
    let checked = |check: fn(&str) -> Result<String, String>| check(string(value)?).map(Some);
    match key {
        "overlay" => {
            let paths = strings(value)?.into_iter().map(PathBuf::from);
            choices.overlays = Some(paths.collect());
        }
        "only" => choices.only = Some(selectors(value)?),
        "exclude" => choices.exclude = Some(selectors(value)?),
        "package-name" => choices.package_name = checked(check::package_name)?,
        "app-name" => choices.app_name = checked(check::not_empty)?,
        "app-version" => choices.app_version = checked(check::not_empty)?,
        "server-port" => {
            let port = value.as_integer().and_then(|port| u16::try_from(port).ok());
            let port = port.filter(|port| *port > 0);
            choices.server_port = Some(port.ok_or("must be a number from 1 to 65535")?);
        }
        "dockerfile" => choices.dockerfile = flag(value)?,
        "docs" => choices.docs = flag(value)?,
        "stubs" => choices.stubs = Some(word::<StubsArg>(value)?.into()),
        "runtime" => choices.runtime = Some(check::runtime(string(value)?)?),
        "templates" => {
            choices.templates = Some(match value.as_bool() {
                Some(false) => Templates::BuiltIn,
                _ => Templates::Own(check::not_empty(string(value)?)?),
            });
        }
        "skip-unsupported" => choices.skip_unsupported = flag(value)?,
        "telemetry" => choices.telemetry = Some(word::<TelemetryArg>(value)?.into()),
        "otel-endpoint" => choices.otel_endpoint = checked(address::url)?,
        "protection" => choices.protection = flag(value)?,
        "protection-type" => {
            choices.protection_type = Some(word::<ProtectionArg>(value)?.into());
        }
        "controlplane" => choices.controlplane = flag(value)?,
        "controlplane-prefix" => choices.controlplane_prefix = checked(address::prefix)?,
        "controlplane-url" => choices.controlplane_url = checked(address::url)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// What is remembered of choices: a line each, in the order of `KEYS`.
pub(super) fn text(choices: &Choices) -> String {
    let mut text = String::from(
        "# What the command line said, for the next run. Without a line its default is back.\n",
    );
    let name = |it: clap::builder::PossibleValue| it.get_name().to_owned();
    for key in KEYS {
        let value: Option<Value> = match *key {
            "overlay" => (choices.overlays.as_deref())
                .map(|paths| list(paths.iter().map(|path| path.display()))),
            "only" => choices.only.as_ref().map(list),
            "exclude" => choices.exclude.as_ref().map(list),
            "package-name" => choices.package_name.clone().map(Into::into),
            "app-name" => choices.app_name.clone().map(Into::into),
            "app-version" => choices.app_version.clone().map(Into::into),
            "server-port" => choices.server_port.map(|port| i64::from(port).into()),
            "dockerfile" => choices.dockerfile.map(Into::into),
            "docs" => choices.docs.map(Into::into),
            "stubs" => choices
                .stubs
                .and_then(|it| StubsArg::from(it).to_possible_value())
                .map(name)
                .map(Into::into),
            "runtime" => choices.runtime.as_ref().map(|runtime| match runtime {
                Runtime::Bundled => "bundled".into(),
                Runtime::Path(path) => format!("path:{path}").into(),
                Runtime::Version(version) => format!("version:{version}").into(),
            }),
            "templates" => match &choices.templates {
                Some(Templates::Own(directory)) => Some(directory.as_str().into()),
                // What is built in needs no remembering.
                Some(Templates::BuiltIn) | None => None,
            },
            "skip-unsupported" => choices.skip_unsupported.map(Into::into),
            "telemetry" => choices
                .telemetry
                .and_then(|it| TelemetryArg::from(it).to_possible_value())
                .map(name)
                .map(Into::into),
            "otel-endpoint" => choices.otel_endpoint.clone().map(Into::into),
            "protection" => choices.protection.map(Into::into),
            "protection-type" => choices
                .protection_type
                .and_then(|it| ProtectionArg::from(it).to_possible_value())
                .map(name)
                .map(Into::into),
            "controlplane" => choices.controlplane.map(Into::into),
            "controlplane-prefix" => choices.controlplane_prefix.clone().map(Into::into),
            "controlplane-url" => choices.controlplane_url.clone().map(Into::into),
            _ => None,
        };
        if let Some(value) = value {
            text.push_str(&format!("{key} = {value}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ir::ProtectionType,
        options::{Stubs, Telemetry},
    };

    fn everything() -> Choices {
        Choices {
            overlays: Some(vec!["a.yaml".into(), "/b.json".into()]),
            only: Some(vec!["tag:\"pets\"".parse().expect("a selector")]),
            exclude: Some(Vec::new()),
            package_name: Some("shop".to_owned()),
            app_name: Some("A \"shop\"".to_owned()),
            app_version: Some("1".to_owned()),
            server_port: Some(9000),
            dockerfile: Some(false),
            docs: Some(false),
            stubs: Some(Stubs::Example),
            runtime: Some(Runtime::Path("../runtime".to_owned())),
            templates: Some(Templates::Own("../templates".to_owned())),
            skip_unsupported: Some(true),
            telemetry: Some(Telemetry::Prometheus),
            otel_endpoint: Some("http://collector:4318".to_owned()),
            protection: Some(true),
            protection_type: Some(ProtectionType::Full),
            controlplane: Some(true),
            controlplane_prefix: Some("/control".to_owned()),
            controlplane_url: Some("http://fleet:8080".to_owned()),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let temp = tempfile::tempdir().expect("a folder");
        fs::create_dir(temp.path().join(".failsafe")).expect("made");
        for choices in [everything(), Choices::default()] {
            let text = text(&choices);
            fs::write(temp.path().join(MEMORY), &text).expect("written");
            let mut expected = choices;
            for overlay in expected.overlays.iter_mut().flatten() {
                *overlay = check::from_here(&overlay.display().to_string(), temp.path());
            }
            assert_eq!(remembered(temp.path()), Ok(expected), "{text}");
        }
        for key in KEYS {
            assert!(
                text(&everything()).contains(&format!("\n{key} = ")),
                "{key}"
            );
        }
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        let temp = tempfile::tempdir().expect("a folder");
        let told = |text: &str| {
            fs::write(temp.path().join(PROJECT), text).expect("written");
            let error = Project::read(temp.path()).expect_err(text);
            error.replace(&temp.path().display().to_string(), "")
        };
        let mut all = String::new();
        for text in [
            "\n# x\ntelemtry = 'NONE'\n",
            "telemetry = 'statsd'\n",
            "server-port = 0\n",
            "dockerfile = 'no'\n",
            "package-name = 'fn'\n",
            "spec = 1\n",
            "spec = \n",
            "only = [1]\n",
            "exclude = 'path:pets'\n",
        ] {
            all.push_str(&told(text));
            all.push('\n');
        }
        insta::assert_snapshot!(all);
    }

    #[test]
    fn paths_are_seen_from_the_file() {
        let temp = tempfile::tempdir().expect("a folder");
        let text = "spec = 'api.yaml'\nout = 'svc'\nruntime = 'path:vendor'\ntemplates = 'house'\n";
        fs::write(temp.path().join(PROJECT), text).expect("written");
        let project = Project::read(temp.path()).expect("good").expect("there");
        assert_eq!(project.spec, Some(temp.path().join("api.yaml")));
        assert_eq!(project.out, Some(temp.path().join("svc")));
        let vendor = temp.path().join("vendor").display().to_string();
        assert_eq!(project.choices.runtime, Some(Runtime::Path(vendor)));
        let house = temp.path().join("house").display().to_string();
        assert_eq!(project.choices.templates, Some(Templates::Own(house)));
    }
}
