//! Every document of a folder, taken the whole way: a line each, and how many get through.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::mpsc,
    thread,
};

use failsafe_tests::{
    corpus::{self, Examination, Failure, Report, Verdict},
    paths,
};

const HELP: &str = "\
usage: tests/corpus [WORD...]

Generates, compiles and starts every document below FAILSAFE_CORPUS (../shared/specs where that
is not set), asks every route with a request that fits and one that does not, and prints a line a
document. With words, only documents with one of them in their path. Details of what fails go to
the folder `services/corpus` of the build.";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    if words.iter().any(|word| word == "--help" || word == "-h") {
        println!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let Some(folder) = paths::corpus("") else {
        return ExitCode::FAILURE;
    };
    let wanted = |path: &PathBuf| {
        let path = path.to_string_lossy();
        words.is_empty() || words.iter().any(|word| path.contains(word.as_str()))
    };
    let documents: Vec<PathBuf> = corpus::documents(&folder)
        .into_iter()
        .filter(wanted)
        .collect();
    let mut good = 0;
    in_turn(&folder, &documents, |document, report| {
        good += usize::from(report.is_good());
        let word = if report.is_good() { "ok  " } else { "FAIL" };
        println!("{word} {}: {report}", document.display());
        keep(document, &report);
    });
    let ratio = 100.0 * good as f64 / documents.len().max(1) as f64;
    println!("{good} of {} documents, {ratio:.1} %", documents.len());
    match good == documents.len() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Generates a document while the one before it is compiled and the one before that is asked. There is
/// one build at a time: they share a folder, and the largest need gigabytes.
fn in_turn(folder: &Path, documents: &[PathBuf], mut done: impl FnMut(&Path, Report)) {
    thread::scope(|scope| {
        // Without room in between no step gets further ahead of the next.
        let (generated, to_compile) = mpsc::sync_channel(0);
        let (compiled, to_ask) = mpsc::sync_channel(0);
        scope.spawn(move || {
            for (index, document) in documents.iter().enumerate() {
                // As many folders as there are steps.
                let name = format!("corpus-{}", index % 3);
                let made = Examination::generate(&name, &folder.join(document));
                if generated.send((document, made)).is_err() {
                    return;
                }
            }
        });
        scope.spawn(move || {
            for (document, made) in to_compile {
                if compiled.send((document, made.compile())).is_err() {
                    return;
                }
            }
        });
        for (document, made) in to_ask {
            done(document, made.ask());
        }
    });
}

/// Writes down everything that is known of a failure.
fn keep(document: &Path, report: &Report) {
    let name = document.to_string_lossy().replace(['/', '\\'], "_");
    let folder = paths::made().join("corpus");
    let file = folder.join(format!("{name}.log"));
    let details = match &report.verdict {
        Verdict::Fails(Failure::Crash { output } | Failure::Compile { output }) => output.clone(),
        Verdict::Fails(Failure::Answers { complaints, .. }) => {
            let lines: Vec<String> = complaints.iter().map(ToString::to_string).collect();
            lines.join("\n")
        }
        _ => {
            // What an earlier run left is not true any more.
            let _ = std::fs::remove_file(file);
            return;
        }
    };
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, details));
    if let Err(error) = written {
        eprintln!("{}: {error}", file.display());
    }
}
