//! `examples/ci`: the files are YAML, and every command of ours in them does in a project that has
//! the files which they name what it does in a pipeline.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use failsafe_generator::spec;

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Coins, version: '1' }
paths:
  /coins:
    get: { operationId: listCoins, responses: { '204': { description: None. } } }
";

/// A project under version control, whose service is what its document gives.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        project.save("api.yaml", DOCUMENT);
        let options = "spec = 'api.yaml'\nout = 'svc'\nruntime = 'version:1'\n";
        project.save("failsafe.toml", options);
        for line in [
            "failsafe generate",
            "git init --quiet --initial-branch main",
            "git add .",
            "git commit --quiet --message 'A service'",
            // What a pipeline has fetched.
            "git update-ref refs/remotes/origin/main HEAD",
        ] {
            let output = project.runs(line);
            assert!(output.status.success(), "{line}: {}", words(&output));
        }
        project
    }

    fn save(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).expect("written");
    }

    /// A line of a pipeline, with what the pipeline tells it.
    fn runs(&self, line: &str) -> Output {
        let folder = Path::new(env!("CARGO_BIN_EXE_failsafe")).parent();
        let mut path = folder.expect("a folder").as_os_str().to_owned();
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        Command::new("sh")
            .args(["-euc", line])
            .current_dir(self.0.path())
            .env("PATH", path)
            .env("GITHUB_BASE_REF", "main")
            .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", "HEAD")
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Anybody")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "a@b.example")))
            // Nobody's own settings.
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("a shell")
    }

    fn git_status(&self) -> String {
        let output = self.runs("git status --porcelain");
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

fn words(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/ci");
    let entries = folder.read_dir().expect("the examples");
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

/// The lines of a pipeline that are ours.
fn lines(text: &str) -> Vec<&str> {
    let begins = ["- run: ", "run: ", "entry: ", "- "];
    let lines = text.lines().map(str::trim_start);
    let lines = lines.filter_map(|line| begins.iter().find_map(|it| line.strip_prefix(it)));
    let is_ours = |line: &&str| line.starts_with("failsafe ") || line.contains("| failsafe ");
    lines.filter(is_ours).collect()
}

#[test]
fn they_are_yaml() {
    for path in files() {
        let found = match spec::load(&spec::Input::Path(path.clone())) {
            Ok(document) => document.problems,
            Err(failure) => failure.diagnostics,
        };
        for found in found {
            assert!(
                !["syntax", "duplicate-key"].contains(&found.code),
                "{}: {found:?}",
                path.display()
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn their_commands_pass_good_projects_and_refuse_others() {
    let project = Project::new();
    let run_all = |expected: bool, what: &str, least: usize| {
        let mut count = 0;
        for path in files() {
            let text = fs::read_to_string(&path).expect("UTF-8");
            assert!(lines(&text).len() >= 2, "{}", path.display());
            for line in lines(&text) {
                if line.contains(&format!("failsafe {what} ")) {
                    let output = project.runs(line);
                    assert_eq!(
                        output.status.success(),
                        expected,
                        "{line}: {}",
                        words(&output)
                    );
                    count += 1;
                }
            }
        }
        assert!(count >= least, "{count} lines of {what}");
    };
    run_all(true, "validate", 3);
    run_all(true, "generate", 3);
    run_all(true, "diff", 2);
    assert_eq!(project.git_status(), "", "looking changes nothing");

    // Another contract, of which the service knows nothing yet.
    let moved = DOCUMENT
        .replace("/coins:", "/money:")
        .replace("listCoins", "listMoney");
    project.save("api.yaml", &moved);
    run_all(true, "validate", 3);
    run_all(false, "generate", 3);
    run_all(false, "diff", 2);

    // One that clients need not know of.
    let grown = format!(
        "{DOCUMENT}  /money:\n    get: {{ operationId: listMoney, responses: {{ '204': {{ description: None. }} }} }}\n"
    );
    project.save("api.yaml", &grown);
    run_all(true, "diff", 2);

    project.save("api.yaml", &DOCUMENT.replace("3.1.0", "9.9.9"));
    run_all(false, "validate", 3);
    run_all(false, "diff", 2);
}

/// What a hook of pre-commit looks at is what its command reads.
#[cfg(unix)]
#[test]
fn hooks_run_when_something_of_theirs_is_committed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/ci/pre-commit.yml");
    let text = fs::read_to_string(path).expect("the example");
    let patterns = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("files: "));
    let project = Project::new();
    let chosen: Vec<Vec<String>> = patterns
        .map(|pattern| {
            let names = "api.yaml failsafe.toml svc/src/main.rs notes/api.yaml svc.md";
            let line = format!("printf '%s\\n' {names} | grep -E '{pattern}'");
            let output = project.runs(&line);
            words(&output).lines().map(str::to_owned).collect()
        })
        .collect();
    assert_eq!(
        chosen,
        [
            vec!["api.yaml"],
            vec!["api.yaml", "failsafe.toml", "svc/src/main.rs"]
        ]
    );
}

#[cfg(unix)]
#[test]
fn an_unchanged_document_leaves_no_difference_in_git() {
    let project = Project::new();
    let output = project.runs("failsafe generate");
    assert!(output.status.success(), "{}", words(&output));
    assert_eq!(project.git_status(), "");

    // Everything that a run writes is known to git, or kept from it by the tree's own rules.
    let grown = DOCUMENT.replace(
        "  /coins:\n",
        "  /coins:\n    post: { operationId: addCoin, responses: { '204': { description: Added. } } }\n",
    );
    project.save("api.yaml", &grown);
    assert!(project.runs("failsafe generate").status.success());
    let changed = project.git_status();
    let changed: Vec<&str> = changed.lines().map(|line| line[3..].trim()).collect();
    assert_eq!(
        changed,
        [
            "api.yaml",
            "svc/.failsafe/base/README.md",
            "svc/.failsafe/manifest",
            "svc/.failsafe/operations",
            "svc/README.md",
            "svc/openapi.yaml",
            "svc/src/generated/apis/default.rs",
            "svc/src/generated/openapi.json",
            "svc/src/generated/router.rs",
            "svc/src/handlers/default.rs",
        ]
    );
    let commit = "git add . && git commit --quiet --message 'Another operation'";
    assert!(project.runs(commit).status.success());
    assert!(project.runs("failsafe generate").status.success());
    assert_eq!(project.git_status(), "");
}
