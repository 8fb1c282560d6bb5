//! The runtime's sources as a package of the service.
//!
//! A service that stands alone carries the runtime that it was generated for, less what it does
//! not use: tests, and everything that belongs to a feature that is off, are cut out of the text.

mod cut;
mod features;
mod manifest;
mod pieces;

use std::collections::BTreeSet;

use failsafe_runtime::sources;
use include_dir::Dir;

use self::{features::Features, manifest::Manifest};
use super::{Files, Owner, RenderError};
use crate::options::Options;

/// The name of the bundled package. Two services can be members of one workspace, so it has the
/// service's name in it.
pub(super) fn package_name(options: &Options) -> String {
    format!("{}-failsafe-runtime", options.package_name)
}

/// Adds `runtime/`, with the given features of the runtime and those that they need.
pub(super) fn add(
    package_name: &str,
    features: &[&str],
    files: &mut Files,
) -> Result<(), RenderError> {
    let manifest = Manifest::read(sources::MANIFEST, sources::WORKSPACE)?;
    let features = Features::new(manifest.features(), features);
    files.insert(
        "runtime/Cargo.toml",
        Owner::Generator,
        manifest.cut(package_name, &features),
    )?;
    let mut left_out = BTreeSet::new();
    add_folder(&sources::SRC, &features, &mut left_out, files)
}

/// Adds the files of a folder, then its folders. `left_out` are the paths, without extension, of
/// modules whose declaration has been cut; a declaration comes before what it declares, because
/// it stands in a file above.
fn add_folder(
    dir: &Dir<'_>,
    features: &Features,
    left_out: &mut BTreeSet<String>,
    files: &mut Files,
) -> Result<(), RenderError> {
    let mut sources: Vec<_> = dir.files().collect();
    // Modules are declared in these.
    sources.sort_by_key(|file| {
        let name = file.path().file_name();
        (
            name != Some("mod.rs".as_ref()) && name != Some("lib.rs".as_ref()),
            name,
        )
    });
    for file in sources {
        let path = slashes(file.path())?;
        let stem = path.strip_suffix(".rs").unwrap_or(&path);
        if left_out.contains(stem) {
            continue;
        }
        let text = file
            .contents_utf8()
            .ok_or_else(|| fault(&path, "is not UTF-8"))?;
        let cut = cut::cut(text, features).map_err(|reason| fault(&path, &reason))?;
        let home = match stem.rsplit_once('/') {
            Some((folder, "mod")) => format!("{folder}/"),
            None if stem == "lib" => String::new(),
            _ => format!("{stem}/"),
        };
        left_out.extend(cut.modules.iter().map(|module| format!("{home}{module}")));
        files.insert(format!("runtime/src/{path}"), Owner::Generator, cut.text)?;
    }
    let mut folders: Vec<_> = dir.dirs().collect();
    folders.sort_by_key(|folder| folder.path());
    for folder in folders {
        if !left_out.contains(&slashes(folder.path())?) {
            add_folder(folder, features, left_out, files)?;
        }
    }
    Ok(())
}

/// A path as Rust's modules and all of our own paths are written.
fn slashes(path: &std::path::Path) -> Result<String, RenderError> {
    let text = path
        .to_str()
        .ok_or_else(|| fault("src", "has a name that is not UTF-8"))?;
    Ok(text.replace('\\', "/"))
}

fn fault(file: &str, reason: &str) -> RenderError {
    RenderError::Bundle {
        file: file.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(features: &[&str]) -> Files {
        let mut files = Files::default();
        add("svc-failsafe-runtime", features, &mut files).expect("bundled");
        files
    }

    #[test]
    fn what_is_off_leaves_no_trace() {
        let files = bundle(&["service"]);
        for (path, file) in files.iter() {
            let text = &file.text;
            for word in [
                "feature = \"otel\"",
                "feature = \"prometheus\"",
                "cfg(test)",
                "opentelemetry",
                "prometheus_client",
                "prometheus-client",
            ] {
                assert!(!text.contains(word), "{path} mentions {word}");
            }
            assert!(
                !path.contains("otel") && !path.contains("prometheus.rs"),
                "{path}"
            );
            assert!(!path.contains("tests"), "{path}");
        }
        assert!(files.get("runtime/src/sources.rs").is_none());
        assert!(files.get("runtime/src/service/mod.rs").is_some());
    }

    /// The compiler warns of a condition on a feature that the bundled package does not have, also
    /// where a macro writes it.
    #[test]
    fn no_condition_asks_for_a_feature_that_is_off() {
        let manifest = Manifest::read(sources::MANIFEST, sources::WORKSPACE).expect("a manifest");
        let each = manifest.features().keys().map(String::as_str);
        for with in each.chain(["service"]) {
            let asked = ["service", with];
            let on = Features::new(manifest.features(), &asked).on;
            let files = bundle(&asked);
            for (path, file) in files.iter().filter(|(path, _)| path.ends_with(".rs")) {
                for condition in file.text.split("feature = \"").skip(1) {
                    let name = condition.split('"').next().unwrap_or_default();
                    assert!(
                        on.contains(name),
                        "with {with}, {path} asks for {name}, which is off"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_on_is_whole() {
        let files = bundle(&["service", "otel"]);
        assert!(files.get("runtime/src/telemetry/otel/mod.rs").is_some());
        assert!(files.get("runtime/src/telemetry/prometheus.rs").is_none());
        let files = bundle(&["service", "prometheus"]);
        assert!(files.get("runtime/src/telemetry/otel/mod.rs").is_none());
        assert!(files.get("runtime/src/telemetry/prometheus.rs").is_some());
    }

    #[test]
    fn the_manifest_stands_alone() {
        let files = bundle(&["service", "prometheus"]);
        let text = &files.get("runtime/Cargo.toml").expect("a manifest").text;
        let manifest: toml::Table = text.parse().expect("TOML");
        assert_eq!(
            manifest["package"]["name"].as_str(),
            Some("svc-failsafe-runtime")
        );
        assert!(manifest["package"]["license"].is_str());
        let dependencies = manifest["dependencies"].as_table().expect("a table");
        assert!(
            dependencies.contains_key("axum") && dependencies.contains_key("prometheus-client")
        );
        assert!(!dependencies.contains_key("include_dir"));
        assert!(!text.contains("workspace"), "{text}");
    }
}
