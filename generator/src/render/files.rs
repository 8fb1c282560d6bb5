//! Which files a tree has, and when: one table.

use std::{collections::BTreeMap, sync::Arc};

use minijinja::{Value, context, value::Serde};

use super::{RenderError, env, fault, product, stubs::HandlerApi, view};
use crate::{
    ir,
    options::{Options, Telemetry},
    templates::{ENDING, Own},
};

/// Whose a file is once it has been written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Rewritten by every run.
    Generator,
    /// Born once. What is new is merged in, and everything else in it stays.
    Person,
    /// Born where nothing of the person's implements its trait. What is new is added to the
    /// person's code, wherever that stands.
    Handlers,
}

/// A file in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Shared: the document itself is among the files, and may be large.
    pub text: Arc<String>,
    pub owner: Owner,
}

/// Files in memory, by their path below the tree's root, in the order of their paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    by_path: BTreeMap<String, File>,
    /// What the code of the person has to have, wherever it stands.
    pub apis: Vec<HandlerApi>,
}

impl Files {
    /// Adds a file.
    ///
    /// # Errors
    /// When the path is not a plain one below the root, or is taken.
    pub fn insert(
        &mut self,
        path: impl Into<String>,
        owner: Owner,
        text: impl Into<String>,
    ) -> Result<(), RenderError> {
        self.insert_shared(path.into(), owner, Arc::new(text.into()))
    }

    /// The same, of a text that somebody else has as well.
    pub(super) fn insert_shared(
        &mut self,
        path: String,
        owner: Owner,
        text: Arc<String>,
    ) -> Result<(), RenderError> {
        if !is_inside(&path) {
            return Err(RenderError::Outside(path));
        }
        match self.by_path.insert(path.clone(), File { text, owner }) {
            None => Ok(()),
            Some(_) => Err(RenderError::Twice(path)),
        }
    }

    /// Adds the files of others.
    pub(super) fn take_in(&mut self, others: Self) -> Result<(), RenderError> {
        for (path, file) in others.by_path {
            self.insert_shared(path, file.owner, file.text)?;
        }
        Ok(())
    }

    /// All files, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.by_path
            .iter()
            .map(|(path, file)| (path.as_str(), file))
    }

    /// The file at a path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.by_path.get(path)
    }

    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }
}

/// Whether a path names something below the root on every system: `/` separates, and no part
/// climbs, hides a drive letter or is empty.
pub(crate) fn is_inside(path: &str) -> bool {
    path.split('/').all(|part| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && !part.contains(['\\', ':', '\0'])
            && !part.chars().any(char::is_control)
    })
}

/// One row of the table: a template's output has the template's name without `.j2`.
struct Output {
    path: &'static str,
    owner: Owner,
    when: When,
}

type When = fn(&ir::Service, &Options) -> bool;

const fn always(_: &ir::Service, _: &Options) -> bool {
    true
}

const fn person(path: &'static str, when: When) -> Output {
    Output {
        path,
        owner: Owner::Person,
        when,
    }
}

const fn generator(path: &'static str) -> Output {
    Output {
        path,
        owner: Owner::Generator,
        when: always,
    }
}

const OUTPUTS: &[Output] = &[
    person("Cargo.toml", always),
    person(".gitignore", always),
    person(".env", always),
    person("README.md", always),
    person("Dockerfile", |_, options| options.dockerfile),
    person(".dockerignore", |_, options| options.dockerfile),
    person("docker-compose.yml", always),
    person("failsafe.yaml", |_, options| options.protection),
    person(".config/otel-config.yaml", |_, options| {
        options.telemetry == Telemetry::Otel
    }),
    person(".config/prometheus.yml", |_, options| {
        options.telemetry != Telemetry::None
    }),
    person("src/main.rs", always),
    person("src/lib.rs", always),
    person("src/settings.rs", always),
    person("src/authentication.rs", |service, _| {
        service.has_authentication()
    }),
    generator("src/generated/mod.rs"),
    generator("src/generated/router.rs"),
];

/// Renders every row that applies, and the document itself.
pub(super) fn render_tree(
    service: &ir::Service,
    options: &Options,
    own: &Own,
    files: &mut Files,
) -> Result<(), RenderError> {
    let mut faults = Vec::new();
    let env = env::environment(own, &mut faults)?;
    let tree = Value::from(Serde(view::Tree::new(service, options)));
    let context = context! { tree };
    for output in OUTPUTS
        .iter()
        .filter(|output| (output.when)(service, options))
    {
        let name = format!("{}{ENDING}", output.path);
        let text = match env.get_template(&name)?.render(&context) {
            Ok(text) => text,
            Err(error) => {
                faults.push(fault::of(&error, own, &context).ok_or(error)?);
                continue;
            }
        };
        if let Some(template) = own.get(&name) {
            faults.extend(product::check(&env, &context, template, output.path, &text));
        }
        files.insert(output.path, output.owner, text)?;
    }
    if !faults.is_empty() {
        return Err(RenderError::Own(faults));
    }
    let source = service.source.clone();
    files.insert_shared("openapi.yaml".to_owned(), Owner::Generator, source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Runtime;

    fn service() -> ir::Service {
        ir::Service {
            title: "A \"title\"\n# with {{ tricks }} */ and $HOME".to_owned(),
            version: "2020-08-27".to_owned(),
            description: Some("Words.".to_owned()),
            base_path: String::new(),
            apis: Vec::new(),
            models: Vec::new(),
            webhooks: Vec::new(),
            callbacks: Vec::new(),
            security: Vec::new(),
            policies: ir::SharedPolicies::default(),
            openapi: serde_json::Value::Null,
            source: Arc::default(),
        }
    }

    #[test]
    fn every_row_renders_with_every_option() {
        let runtimes = [
            Runtime::Bundled,
            Runtime::Path("../run\"time".to_owned()),
            Runtime::Version("1".to_owned()),
        ];
        for telemetry in [Telemetry::Otel, Telemetry::Prometheus, Telemetry::None] {
            for runtime in runtimes.clone() {
                for flag in [false, true] {
                    let options = Options {
                        telemetry,
                        runtime: runtime.clone(),
                        dockerfile: flag,
                        protection: flag,
                        app_name: service().title,
                        ..Options::default()
                    };
                    let mut files = Files::default();
                    render_tree(&service(), &options, &Own::default(), &mut files)
                        .expect("renders");
                    let manifest = &files.get("Cargo.toml").expect("a manifest").text;
                    manifest.parse::<toml::Table>().expect("TOML");
                }
            }
        }
    }

    #[test]
    fn a_path_stays_inside() {
        let mut files = Files::default();
        for path in ["a", "a/b.rs", ".config/x"] {
            files.insert(path, Owner::Generator, "").expect(path);
        }
        for path in ["", "/a", "a/", "../a", "a/../b", "a\\b", "c:a", "a\n"] {
            let refused = files.insert(path, Owner::Generator, "");
            assert!(matches!(refused, Err(RenderError::Outside(_))), "{path:?}");
        }
    }

    #[test]
    fn a_path_is_rendered_once() {
        let mut files = Files::default();
        files.insert("a", Owner::Person, "").expect("new");
        let refused = files.insert("a", Owner::Person, "");
        assert!(matches!(refused, Err(RenderError::Twice(_))));
    }
}
