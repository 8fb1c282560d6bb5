//! What makes a value of the command line acceptable.

use std::path::{Component, Path, PathBuf};

use crate::options::Runtime;

/// Crates that every service depends on, and names that cargo keeps for itself.
const TAKEN: &[&str] = &[
    "axum",
    "bytes",
    "failsafe_runtime",
    "http",
    "serde",
    "serde_json",
    "tokio",
    "tower",
    "tracing",
    "alloc",
    "core",
    "proc_macro",
    "std",
    "test",
    "build",
    "deps",
    "examples",
    "incremental",
];

/// A name that cargo and rustc take for a package.
pub(super) fn package_name(name: &str) -> Result<String, String> {
    match problem(name) {
        None => Ok(name.to_owned()),
        Some(problem) => Err(match suggestion(name) {
            Some(better) => format!("{problem}; `{better}` would do"),
            None => problem.to_owned(),
        }),
    }
}

fn problem(name: &str) -> Option<&'static str> {
    let crate_name = name.replace('-', "_");
    if name.is_empty() {
        Some("a crate needs a name")
    } else if name.chars().count() > 64 {
        Some("a crate's name has at most 64 characters")
    } else if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        Some("a crate's name begins with a letter")
    } else if !name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    {
        Some("a crate's name consists of letters, digits, `-` and `_`")
    } else if name.contains(|c: char| c.is_ascii_uppercase())
        || crate_name.contains("__")
        || crate_name.ends_with('_')
    {
        // Cargo would take it, and the compiler would warn of it for ever.
        Some("a crate's name is in lower case, with single `-` or `_` between its words")
    } else if syn::parse_str::<syn::Ident>(&crate_name).is_err() {
        Some("this is a keyword of Rust")
    } else if TAKEN.contains(&crate_name.as_str()) {
        Some("this name is taken by a crate that the service uses, or by cargo itself")
    } else {
        None
    }
}

/// The nearest name that would be accepted.
fn suggestion(name: &str) -> Option<String> {
    let words: Vec<_> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let joined: String = words.join("-").chars().take(55).collect();
    if joined.is_empty() {
        return None;
    }
    [
        joined.clone(),
        format!("{joined}-service"),
        format!("service-{joined}"),
    ]
    .into_iter()
    .find(|candidate| problem(candidate).is_none())
}

/// Any text that a person can see.
pub(super) fn not_empty(text: &str) -> Result<String, String> {
    match text.trim().is_empty() {
        true => Err("must not be empty".to_owned()),
        false => Ok(text.to_owned()),
    }
}

/// `bundled`, `path:DIR` or `version:X`.
pub(super) fn runtime(text: &str) -> Result<Runtime, String> {
    if text.eq_ignore_ascii_case("bundled") {
        return Ok(Runtime::Bundled);
    }
    match text.split_once(':') {
        Some(("path", directory)) if !directory.is_empty() => {
            Ok(Runtime::Path(directory.to_owned()))
        }
        Some(("version", version)) => match semver::VersionReq::parse(version) {
            Ok(_) => Ok(Runtime::Version(version.to_owned())),
            Err(error) => Err(format!("`{version}` is no version: {error}")),
        },
        _ => Err("write `bundled`, `path:DIR` or `version:X`".to_owned()),
    }
}

/// The runtime's directory as it stands in the service's `Cargo.toml`: seen from there, so that
/// both may be moved together.
pub(super) fn runtime_path(directory: &str, out: &Path) -> Result<String, String> {
    if !Path::new(directory).join("Cargo.toml").is_file() {
        return Err(refused(
            "runtime",
            &format!("there is no `Cargo.toml` in `{directory}`"),
        ));
    }
    seen_from(Path::new(directory), out).map_err(|why| refused("runtime", &why))
}

/// The same of templates, which are remembered.
pub(super) fn templates_path(directory: &str, out: &Path) -> Result<String, String> {
    if !Path::new(directory).is_dir() {
        return Err(refused(
            "templates",
            &format!("there is no folder `{directory}`"),
        ));
    }
    seen_from(Path::new(directory), out).map_err(|why| refused("templates", &why))
}

fn refused(option: &str, why: &str) -> String {
    format!("invalid value for '--{option}': {why}")
}

/// A path as it is seen from a folder, with `/` between its steps.
pub(super) fn seen_from(path: &Path, out: &Path) -> Result<String, String> {
    let real = |path: &Path| {
        real_path(path).map_err(|error| format!("cannot find `{}`: {error}", path.display()))
    };
    let path = relative(&real(path)?, &real(out)?);
    let steps: Option<Vec<_>> = path.iter().map(|step| step.to_str()).collect();
    match steps {
        // The folder itself.
        Some(steps) if steps.is_empty() => Ok(".".to_owned()),
        Some(steps) => Ok(steps.join("/")),
        None => Err("the path must be Unicode".to_owned()),
    }
}

/// A path that is seen from a folder, which need not be there, as a person here would write it.
pub(super) fn from_here(path: &str, folder: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let (Ok(mut full), Ok(here)) = (real_path(folder), here) else {
        return folder.join(path);
    };
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => _ = full.pop(),
            Component::CurDir => {}
            part => full.push(part),
        }
    }
    match relative(&full, &here) {
        path if path.as_os_str().is_empty() => PathBuf::from("."),
        path => path,
    }
}

/// Absolute and without symbolic links, as far as it exists.
fn real_path(path: &Path) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let existing = path
        .ancestors()
        .find(|ancestor| ancestor.exists())
        .unwrap_or(&path);
    let rest = path.strip_prefix(existing).unwrap_or(Path::new(""));
    Ok(existing.canonicalize()?.join(rest))
}

/// The way from one absolute directory to another; absolute where there is none.
fn relative(to: &Path, from: &Path) -> PathBuf {
    let shared = to
        .components()
        .zip(from.components())
        .take_while(|(a, b)| a == b)
        .count();
    let is_same_disk = to
        .components()
        .take(shared)
        .any(|part| part == Component::RootDir);
    if !is_same_disk {
        return to.to_owned();
    }
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}
