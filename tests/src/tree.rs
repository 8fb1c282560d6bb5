//! A generated service on the disk.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, OnceLock, PoisonError},
};

use crate::paths;

/// Runs the command line tool with words.
pub fn failsafe(words: &[&str]) -> Output {
    Command::new(binary())
        .args(words)
        .current_dir(paths::repository())
        .output()
        .expect("the command starts")
}

/// The tool, built when it is asked for first: it belongs to another package, so cargo does not
/// say where it is.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let target = paths::target();
        let mut cargo = cargo(&paths::repository(), &target);
        cargo.args(["build", "--quiet", "--package", "failsafe-generator"]);
        expect_success(&mut cargo);
        target.join("debug/failsafe")
    })
}

/// Generates a service into a folder.
pub fn generate(spec: &Path, out: &Path, options: &[&str]) {
    let mut words = vec!["generate", text(spec), "--out", text(out)];
    words.extend(options);
    let output = failsafe(&words);
    assert!(
        output.status.success(),
        "{words:?}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are UTF-8")
}

/// A service that can be compiled.
#[derive(Debug)]
pub struct Tree {
    name: String,
    path: PathBuf,
}

impl Tree {
    /// Generates a service on the repository's own runtime. Its package is called by the name.
    pub fn new(name: &str, spec: &Path, options: &[&str]) -> Self {
        Self::with_files(name, spec, options, &[])
    }

    /// The same, with files of the person in place of the generated ones.
    pub fn with_files(name: &str, spec: &Path, options: &[&str], files: &[(&str, &str)]) -> Self {
        Self::edited(name, spec, options, |tree| {
            for (file, text) in files {
                fs::write(tree.join(file), text).expect("the file can be written");
            }
        })
    }

    /// The same, with a hand that goes over the fresh tree.
    pub fn edited(name: &str, spec: &Path, options: &[&str], edit: impl FnOnce(&Path)) -> Self {
        let runtime = format!("path:{}", text(&paths::repository().join("runtime")));
        let mut words = vec!["--runtime", runtime.as_str(), "--package-name", name];
        words.extend(options);
        Self::generated(name, spec, &words, edit)
    }

    /// The same, with the runtime that it would have by default.
    pub fn bundled(name: &str, spec: &Path, options: &[&str]) -> Self {
        let mut words = vec!["--package-name", name];
        words.extend(options);
        Self::generated(name, spec, &words, |_| {})
    }

    /// A service that is there already, with a package of this name.
    pub fn at(name: &str, path: &Path) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
        }
    }

    fn generated(name: &str, spec: &Path, words: &[&str], edit: impl FnOnce(&Path)) -> Self {
        // Two tests may want the same one.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        // Made elsewhere and then compared, so that what did not change keeps its time and is not
        // compiled again.
        let fresh = paths::made().join("new").join(name);
        let _ = fs::remove_dir_all(&fresh);
        let path = paths::made().join("trees").join(name);
        generate(spec, &fresh, words);
        edit(&fresh);
        sync(&fresh, &path);
        let lock = path.join("Cargo.lock");
        if !lock.exists() {
            // What the workspace has is there already, and cargo drops what is not needed.
            fs::copy(paths::repository().join("Cargo.lock"), lock).expect("a lock file");
        }
        Self {
            name: name.to_owned(),
            path,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Compiles with every warning denied, clippy's too, and asks rustfmt. `words` go to clippy;
    /// with `--workspace` rustfmt looks at all of it as well.
    pub fn check(&self, words: &[&str]) -> &Self {
        let mut clippy = self.cargo();
        clippy.args(["clippy", "--quiet", "--all-targets"]);
        clippy.args(words).args(["--", "--deny", "warnings"]);
        expect_success(&mut clippy);
        let mut fmt = self.cargo();
        fmt.args(["fmt", "--check"]);
        if words.contains(&"--workspace") {
            fmt.arg("--all");
        }
        expect_success(&mut fmt);
        self
    }

    /// Compiles a binary that can be started, without a warning.
    pub fn build(&self) -> PathBuf {
        let said = expect_success(self.cargo().args(["build", "--quiet"]));
        assert!(said.trim().is_empty(), "{said}");
        self.binary()
    }

    /// The same for a tree that may not compile, or not without a warning: what cargo says then.
    pub fn try_build(&self) -> Result<PathBuf, String> {
        let mut cargo = self.cargo();
        // Nothing of a tree that is seen once is compiled a second time.
        cargo
            .args(["build", "--quiet"])
            .env("CARGO_INCREMENTAL", "0");
        let output = cargo.output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.success() && said.trim().is_empty() {
            true => Ok(self.binary()),
            false => Err(said.into_owned()),
        }
    }

    /// Forgets what was built of this package, its dependencies not. Cargo keeps one build for each
    /// set of features, so that many services of one name would fill the disk.
    pub fn forget(&self) {
        expect_success(
            self.cargo()
                .args(["clean", "--quiet", "--package", &self.name]),
        );
    }

    fn binary(&self) -> PathBuf {
        paths::made().join("cargo/debug").join(&self.name)
    }

    /// Cargo in this tree.
    pub fn cargo(&self) -> Command {
        cargo(&self.path, &paths::made().join("cargo"))
    }
}

fn cargo(folder: &Path, target: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_TERM_COLOR", "never");
    // What cargo tells this test about its own package is not for others.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    if folder != paths::repository() {
        // Nobody looks at these services with a debugger.
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
    }
    cargo
}

/// Runs a command to its good end: what it says beside its output.
pub(crate) fn expect_success(command: &mut Command) -> String {
    let output = command.output().expect("the command starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "{command:?}\n{}{said}",
        String::from_utf8_lossy(&output.stdout),
    );
    said
}

/// Makes a folder equal to another one, lock files apart, and leaves alone what is equal.
fn sync(from: &Path, to: &Path) {
    let mut wanted = BTreeSet::new();
    collect(from, from, &mut wanted);
    let mut there = BTreeSet::new();
    if to.exists() {
        collect(to, to, &mut there);
    }
    for stale in there
        .difference(&wanted)
        .filter(|path| !path.ends_with("Cargo.lock"))
    {
        fs::remove_file(to.join(stale)).expect("a stale file can be removed");
    }
    for path in &wanted {
        let new = fs::read(from.join(path)).expect("a generated file can be read");
        let target = to.join(path);
        if fs::read(&target).ok().as_ref() != Some(&new) {
            fs::create_dir_all(target.parent().expect("below the tree")).expect("a folder");
            fs::write(target, new).expect("the file can be written");
        }
    }
}

fn collect(root: &Path, folder: &Path, paths: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, paths);
        } else {
            paths.insert(path.strip_prefix(root).expect("below the root").to_owned());
        }
    }
}

/// All files of a folder, by their paths below it.
pub fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut paths = BTreeSet::new();
    collect(folder, folder, &mut paths);
    paths
}
