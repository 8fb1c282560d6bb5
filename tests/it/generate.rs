//! The command as a process: what it writes, and what it leaves alone.

use std::{fs, path::Path};

use failsafe_tests::{failsafe, files, generate, paths};

fn inventory() -> std::path::PathBuf {
    paths::repository().join("specs/inventory.yaml")
}

fn read(tree: &Path, path: &str) -> String {
    fs::read_to_string(tree.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let temp = tempfile::tempdir().expect("a folder");
    let (one, two) = (temp.path().join("one"), temp.path().join("two"));
    generate(&inventory(), &one, &[]);
    generate(&inventory(), &two, &[]);
    assert_eq!(files(&one), files(&two));
    for path in files(&one) {
        let same = fs::read(one.join(&path)).ok() == fs::read(two.join(&path)).ok();
        assert!(same, "{} differs", path.display());
    }
}

#[test]
fn regenerating_leaves_the_persons_files_alone() {
    let temp = tempfile::tempdir().expect("a folder");
    let tree = temp.path();
    generate(&inventory(), tree, &["--telemetry", "NONE"]);
    let persons = [
        "Cargo.toml",
        "Dockerfile",
        "README.md",
        ".env",
        ".gitignore",
        "docker-compose.yml",
        "src/main.rs",
        "src/lib.rs",
        "src/settings.rs",
        "src/handlers/mod.rs",
        "src/handlers/inventories.rs",
    ];
    for path in persons {
        fs::write(tree.join(path), "mine").unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    fs::write(tree.join("src/generated/mod.rs"), "edited").expect("the file is there");
    generate(&inventory(), tree, &["--telemetry", "NONE", "--force"]);
    for path in persons {
        assert_eq!(read(tree, path), "mine", "{path}");
    }
    assert_ne!(read(tree, "src/generated/mod.rs"), "edited");
}

#[test]
fn what_the_document_no_longer_has_goes() {
    let temp = tempfile::tempdir().expect("a folder");
    let tree = temp.path().join("svc");
    generate(&inventory(), &tree, &[]);
    let model = "src/generated/models/adjustment.rs";
    assert!(tree.join(model).exists());
    generate(&paths::repository().join("specs/patterns.yaml"), &tree, &[]);
    assert!(!tree.join(model).exists());
    assert!(
        tree.join("src/handlers/inventories.rs").exists(),
        "that one is the person's"
    );
}

#[test]
fn an_output_that_is_a_file_is_refused() {
    let temp = tempfile::tempdir().expect("a folder");
    let out = temp.path().join("svc");
    fs::write(&out, "mine").expect("written");
    let spec = inventory();
    let words = [
        "generate",
        spec.to_str().expect("UTF-8"),
        "-o",
        out.to_str().expect("UTF-8"),
    ];
    let output = failsafe(&words);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(read(temp.path(), "svc"), "mine");
}

#[test]
fn no_text_of_a_document_breaks_a_file() {
    let temp = tempfile::tempdir().expect("a folder");
    let spec = temp.path().join("hostile.yaml");
    let document = "\
openapi: 3.1.0
info:
  title: \"a\\\"b'c\\n# d */ $HOME ${PORT} `e` {{ f }} \\u202e\"
  version: \"1\\n[package]\"
  description: \"```\\n    code\\n*/ \\\"\"
paths:
  /a:
    get:
      operationId: readA
      summary: \"| x | \\n | y |\"
      responses: { '204': { description: \"*/ \\\" \\n # x\" } }
";
    fs::write(&spec, document).expect("written");
    let tree = temp.path().join("svc");
    generate(&spec, &tree, &[]);
    read(&tree, "Cargo.toml")
        .parse::<toml::Table>()
        .expect("TOML");
    for path in [
        "docker-compose.yml",
        ".config/otel-config.yaml",
        ".config/prometheus.yml",
    ] {
        assert!(!read(&tree, path).contains("HOME"), "{path}");
    }
    for line in read(&tree, ".env").lines() {
        let is_setting = line.split_once('=').is_some_and(|(name, value)| {
            let quoted = value.starts_with('\'') && value.ends_with('\'');
            name.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                && (quoted || !value.contains(['$', '`', '"', '\'', ' ']))
        });
        assert!(
            line.is_empty() || line.starts_with('#') || is_setting,
            "{line}"
        );
    }
    for path in files(&tree)
        .iter()
        .filter(|path| path.extension() == Some("rs".as_ref()))
    {
        let text = read(&tree, path.to_str().expect("UTF-8"));
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!text.contains('\u{202e}'), "{}", path.display());
    }
}
