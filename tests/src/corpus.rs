//! Documents that others wrote, taken the whole way: generated, compiled, started, and every route
//! asked.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::Output,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    Server, paths,
    probe::{self, Complaint},
    tree::{Tree, failsafe},
};

/// What becomes of documents that cannot be generated, and rightly so.
const RIGHTLY_REFUSED: &[&str] = &[
    "duplicate-key",
    "empty-document",
    "nested-too-deep",
    "not-openapi",
    "not-utf8",
    "openapi-version",
    "remote-reference",
    "swagger-2",
    "syntax",
];

/// What became of a document.
#[derive(Debug)]
pub enum Verdict {
    /// Everything that was asked of its service was answered as it should be.
    Serves { operations: usize },
    /// The generator said no, and has a reason that no generator could do without.
    Refused { codes: Vec<String> },
    /// Something does not work.
    Fails(Failure),
}

/// Where a document did not get through.
#[derive(Debug)]
pub enum Failure {
    /// The generator stopped at these diagnostics.
    Generate { codes: Vec<String> },
    /// The generator ended in a way that it never should.
    Crash { output: String },
    /// The service does not compile, or not without a warning.
    Compile { output: String },
    /// It does not come up.
    Start { reason: String },
    /// It answers otherwise than it should.
    Answers {
        operations: usize,
        complaints: Vec<Complaint>,
    },
}

/// A document, what became of it, and how long that took.
#[derive(Debug)]
pub struct Report {
    pub verdict: Verdict,
    /// Codes of the diagnostics for which operations were left out.
    pub left_out: Vec<String>,
    pub generating: Duration,
    pub compiling: Duration,
}

impl Report {
    pub fn is_good(&self) -> bool {
        !matches!(self.verdict, Verdict::Fails(_))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.verdict {
            Verdict::Serves { operations } => write!(f, "{operations} operations")?,
            Verdict::Refused { codes } => write!(f, "refused: {}", codes.join(" "))?,
            Verdict::Fails(failure) => write!(f, "{failure}")?,
        }
        if !self.left_out.is_empty() {
            write!(f, ", left out for {}", self.left_out.join(" "))?;
        }
        write!(
            f,
            " (generated in {:.1} s, compiled in {:.1} s)",
            self.generating.as_secs_f64(),
            self.compiling.as_secs_f64()
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generate { codes } => write!(f, "does not generate: {}", codes.join(" ")),
            Self::Crash { output } => write!(f, "crashes the generator: {}", last_line(output)),
            Self::Compile { output } => write!(f, "does not compile: {}", first_line(output)),
            Self::Start { reason } => write!(f, "does not start: {reason}"),
            Self::Answers {
                operations,
                complaints,
            } => {
                write!(
                    f,
                    "{} complaints, {operations} operations",
                    complaints.len()
                )?;
                complaints
                    .first()
                    .map_or(Ok(()), |first| write!(f, ", the first: {first}"))
            }
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

/// The documents of a folder, with their paths below it: files that are the root of one.
pub fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = crate::files(folder)
        .into_iter()
        .filter(|path| {
            let extension = path.extension().unwrap_or_default();
            ["json", "yaml", "yml"]
                .iter()
                .any(|known| extension == *known)
        })
        .filter(|path| {
            let text = fs::read(folder.join(path)).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            text.contains("\"openapi\"") || text.lines().any(|line| line.starts_with("openapi:"))
        })
        .collect();
    found.sort();
    found
}

/// Takes a document the whole way. `name` is the package's; two documents of one name share a
/// folder, so that a thousand of them do not fill the disk.
pub fn examine(name: &str, spec: &Path) -> Report {
    Examination::generate(name, spec).compile().ask()
}

/// A document on its way. What an earlier step could not do, no later one tries.
#[derive(Debug)]
pub struct Examination {
    report: Report,
    tree: Option<Tree>,
    binary: Option<PathBuf>,
}

impl Examination {
    pub fn generate(name: &str, spec: &Path) -> Self {
        let mut report = Report {
            verdict: Verdict::Serves { operations: 0 },
            left_out: Vec::new(),
            generating: Duration::ZERO,
            compiling: Duration::ZERO,
        };
        let started = Instant::now();
        let tree = report.generate(name, spec);
        report.generating = started.elapsed();
        Self {
            report,
            tree,
            binary: None,
        }
    }

    #[must_use]
    pub fn compile(mut self) -> Self {
        let Some(tree) = &self.tree else {
            return self;
        };
        let started = Instant::now();
        // The tree is new, so nothing of an earlier build would be taken.
        tree.forget();
        match tree.try_build() {
            Ok(binary) => self.binary = Some(binary),
            Err(output) => self.report.verdict = Verdict::Fails(Failure::Compile { output }),
        }
        self.report.compiling = started.elapsed();
        self
    }

    /// Starts the service and asks every route.
    pub fn ask(mut self) -> Report {
        if let Some(binary) = &self.binary {
            self.report.verdict = ask(binary).unwrap_or_else(Verdict::Fails);
        }
        self.report
    }
}

impl Report {
    fn generate(&mut self, name: &str, spec: &Path) -> Option<Tree> {
        let tree = paths::made().join("trees").join(name);
        match self.try_generate(name, spec, &tree) {
            Ok(Some(codes)) => self.verdict = Verdict::Refused { codes },
            Ok(None) => return Some(Tree::at(name, &tree)),
            Err(failure) => self.verdict = Verdict::Fails(failure),
        }
        None
    }

    /// None, or the codes for which the document is refused.
    fn try_generate(
        &mut self,
        name: &str,
        spec: &Path,
        tree: &Path,
    ) -> Result<Option<Vec<String>>, Failure> {
        let mut output = generate(name, spec, tree, &[]);
        let mut codes = errors(&output)?;
        if !codes.is_empty() {
            let is_rightly = |code: &String| RIGHTLY_REFUSED.contains(&code.as_str());
            if codes.iter().all(is_rightly) {
                return Ok(Some(codes));
            }
            output = generate(name, spec, tree, &["--skip-unsupported"]);
            self.left_out = std::mem::take(&mut codes);
            codes = errors(&output)?;
        }
        if !output.status.success() {
            self.left_out.clear();
            return Err(Failure::Generate { codes });
        }
        Ok(None)
    }
}

fn ask(binary: &Path) -> Result<Verdict, Failure> {
    let server = Server::try_start(binary, &[]).map_err(|reason| Failure::Start { reason })?;
    let document: Value = server.get("/openapi.json").json();
    let probes = probe::probes(&document);
    let complaints: Vec<Complaint> = probes
        .iter()
        .flat_map(|probe| probe.complaints(&server))
        .collect();
    let operations = probes.len();
    match complaints.is_empty() {
        true => Ok(Verdict::Serves { operations }),
        false => Err(Failure::Answers {
            operations,
            complaints,
        }),
    }
}

fn generate(name: &str, spec: &Path, tree: &Path, options: &[&str]) -> Output {
    let _ = fs::remove_dir_all(tree);
    let runtime = format!("path:{}", paths::repository().join("runtime").display());
    let (spec, out) = (spec.to_string_lossy(), tree.to_string_lossy());
    let mut words = vec!["generate", &spec, "--out", &out, "--package-name", name];
    words.extend([
        "--runtime",
        &runtime,
        "--telemetry",
        "NONE",
        "--no-dockerfile",
    ]);
    words.extend(["--format", "json"]);
    words.extend(options);
    let output = failsafe(&words);
    if output.status.success() {
        let lock = tree.join("Cargo.lock");
        fs::copy(paths::repository().join("Cargo.lock"), lock).expect("a lock file");
        admit_everybody(tree);
    }
    output
}

/// Lets everybody in who shows a credential: a service is born to refuse them.
pub fn admit_everybody(tree: &Path) {
    let file = tree.join("src/authentication.rs");
    let Ok(text) = fs::read_to_string(&file) else {
        return;
    };
    let refusal = "        Err(AuthError::Unauthorized)\n    }";
    assert!(text.contains(refusal), "{text}");
    let text = text.replace(
        refusal,
        "        Ok(Caller {\n            name: String::new(),\n        })\n    }",
    );
    fs::write(file, text).expect("the file can be written");
}

/// The codes of a run's errors, each once.
fn errors(output: &Output) -> Result<Vec<String>, Failure> {
    let text = || {
        let text = [&output.stdout[..], &output.stderr[..]].concat();
        String::from_utf8_lossy(&text).into_owned()
    };
    match output.status.code() {
        Some(0) => return Ok(Vec::new()),
        Some(1) => {}
        _ => return Err(Failure::Crash { output: text() }),
    }
    let report: Value =
        serde_json::from_slice(&output.stdout).map_err(|_| Failure::Crash { output: text() })?;
    let mut codes: Vec<String> = report["diagnostics"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|found| found["severity"] == "error")
        .filter_map(|found| found["code"].as_str().map(str::to_owned))
        .collect();
    codes.sort();
    codes.dedup();
    Ok(codes)
}
