//! Templates of a person's in place of built-in ones.

mod command;

use std::{fs, path::Path, process::Output};

use command::told;

const DOCUMENT: &str = "\
openapi: 3.1.0
info: { title: Petty cash, version: '1' }
paths:
  /coins:
    get:
      operationId: listCoins
      x-timeout: { seconds: 5 }
      responses: { '204': { description: None left. } }
";

fn failsafe(dir: &Path, words: &str) -> Output {
    command::failsafe(dir, &words.split(' ').collect::<Vec<_>>())
}

#[track_caller]
fn good(dir: &Path, words: &str) -> Output {
    command::good(dir, &words.split(' ').collect::<Vec<_>>())
}

fn write(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}

fn read(dir: &Path, path: &str) -> String {
    fs::read_to_string(dir.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    write(dir.path(), "api.yaml", DOCUMENT);
    dir
}

const GENERATE: &str = "generate api.yaml -o svc --runtime version:0.1";

#[test]
fn a_template_stands_in_for_the_built_in_one_of_its_name() {
    let dir = folder();
    let dir = dir.path();
    good(dir, GENERATE);
    let usual = read(dir, "svc/Dockerfile");
    write(
        dir,
        "house/Dockerfile.j2",
        "FROM house/rust\nEXPOSE {{ tree.port }}\n{% include \"partials/user.j2\" %}\n",
    );
    write(
        dir,
        "house/partials/user.j2",
        "USER {{ tree.package|name }}\n",
    );

    let first = good(dir, &format!("{GENERATE} --templates house"));
    assert!(!told(&first).contains("warning"), "{}", told(&first));
    let own = "FROM house/rust\nEXPOSE 8080\nUSER service\n";
    assert_eq!(read(dir, "svc/Dockerfile"), own);

    // Remembered as seen from the tree, so that both may be moved together.
    assert!(read(dir, "svc/.failsafe/options.toml").contains("templates = \"../house\"\n"));
    let again = good(dir, "generate api.yaml -o svc --check");
    assert!(again.stdout.is_empty(), "{}", told(&again));
    write(dir, "house/Dockerfile.j2", "FROM scratch\n");
    let check = failsafe(dir, "generate api.yaml -o svc --check");
    assert_eq!(check.status.code(), Some(1), "{}", told(&check));
    assert!(told(&check).contains("Dockerfile"), "{}", told(&check));

    good(dir, "generate api.yaml -o svc --no-templates");
    assert_eq!(read(dir, "svc/Dockerfile"), usual);
    assert!(!read(dir, "svc/.failsafe/options.toml").contains("templates"));
    good(dir, "generate api.yaml -o svc --check");
}

#[test]
fn a_file_of_the_generator_can_be_had_otherwise() {
    let dir = folder();
    let dir = dir.path();
    good(dir, GENERATE);
    let usual = read(dir, "svc/src/generated/mod.rs");
    good(dir, "templates export house src/generated/mod.rs.j2");
    let text = read(dir, "house/src/generated/mod.rs.j2");
    let own = format!(
        "{text}\n/// How many APIs there are.\npub const APIS: usize = {{{{ tree.apis|length }}}};\n"
    );
    write(dir, "house/src/generated/mod.rs.j2", &own);
    write(dir, "house/partials/generated.j2", "// Ours.\n\n");

    // No edit of somebody's, so nothing has to be forced.
    good(dir, "generate api.yaml -o svc --templates house");
    let changed = read(dir, "svc/src/generated/mod.rs");
    assert!(
        changed.ends_with("pub const APIS: usize = 1;\n"),
        "{changed}"
    );
    assert!(changed.starts_with("// Ours.\n"), "{changed}");
    assert!(read(dir, "svc/src/generated/router.rs").starts_with("// Ours.\n"));
    good(dir, "generate api.yaml -o svc --check");
    good(dir, "generate api.yaml -o svc --no-templates");
    assert_eq!(read(dir, "svc/src/generated/mod.rs"), usual);
}

#[test]
fn what_a_person_edited_stays_when_his_template_changes() {
    let dir = folder();
    let dir = dir.path();
    write(
        dir,
        "house/.env.j2",
        "HOST=0.0.0.0\n\nPORT={{ tree.port }}\n",
    );
    good(dir, &format!("{GENERATE} --templates house"));
    write(dir, "svc/.env", "HOST=127.0.0.1\n\nPORT=8080\n");
    write(
        dir,
        "house/.env.j2",
        "HOST=0.0.0.0\n\nPORT={{ tree.port }}\n\nREGION=\n",
    );
    good(dir, "generate api.yaml -o svc");
    assert_eq!(
        read(dir, "svc/.env"),
        "HOST=127.0.0.1\n\nPORT=8080\n\nREGION=\n"
    );
}

#[test]
fn the_project_s_file_names_a_folder_beside_it() {
    let dir = folder();
    let dir = dir.path();
    write(dir, "project/api.yaml", DOCUMENT);
    write(
        dir,
        "project/failsafe.toml",
        "spec = 'api.yaml'\nout = 'svc'\ntemplates = 'house'\nruntime = 'version:0.1'\n",
    );
    write(dir, "project/house/.gitignore.j2", "/target/\n/local/\n");
    good(dir, "generate project/api.yaml");
    assert_eq!(read(dir, "project/svc/.gitignore"), "/target/\n/local/\n");
    good(dir, "generate project/api.yaml --no-templates");
    assert_eq!(read(dir, "project/svc/.gitignore"), "/target/\n");
    let missing = failsafe(dir, "generate project/api.yaml --templates nowhere");
    assert_eq!(missing.status.code(), Some(2), "{}", told(&missing));
}

/// All that is wrong with any template in one run, each at its place; nothing is written.
#[test]
fn what_is_wrong_with_a_template_has_its_place() {
    for (case, files) in [
        (
            "syntax",
            &[("src/main.rs.j2", "fn main() {\n    {% if tree.otel %}\n}\n")][..],
        ),
        (
            "unknown",
            &[
                (
                    ".env.j2",
                    "PORT={{ tree.port }}\nNAME={{ tree.ap_name|env }}\n",
                ),
                (
                    ".gitignore.j2",
                    "{% for it in tree.runtime.feature %}{% endfor %}\n",
                ),
                (
                    "README.md.j2",
                    "# {{ tree.app_name|markdown }}\n\n{{ tree.title|mdd }}\n",
                ),
                ("Dockerfile.j2", "FROM {{ tree.title }}\n"),
                (
                    "docker-compose.yml.j2",
                    "{% include \"partials/none.j2\" %}\n",
                ),
                ("failsafe.yaml.j2", "{% include \"partials/some.j2\" %}\n"),
                ("partials/some.j2", "a\n{{ tree.title|name }}\n"),
            ],
        ),
        (
            "output",
            &[
                (
                    "src/main.rs.j2",
                    "{#- tree: render::view::Tree #}\n{% if tree.docs %}\n//! {{ tree.title|comment }}\n\
                     {% endif %}\n\nfn main() {\n    let x = ;\n}\n",
                ),
                ("src/lib.rs.j2", "pub mod {{ tree.title|comment }};\n"),
                (
                    "Cargo.toml.j2",
                    "[package]\nname = {{ tree.package|name }}\n",
                ),
            ],
        ),
        (
            "strange",
            &[
                ("Dockerfile", "FROM scratch\n"),
                ("main.rs.j2", "fn main() {}\n"),
                ("src/setings.rs.j2", "\n"),
                ("notes.txt", "\n"),
                (".env.j2.failsafe-new", "\n"),
            ],
        ),
    ] {
        let dir = folder();
        for (path, text) in files {
            write(dir.path(), &format!("house/{path}"), text);
        }
        let output = failsafe(dir.path(), &format!("{GENERATE} --templates house -q"));
        assert_eq!(dir.path().join("svc").exists(), output.status.success());
        insta::assert_snapshot!(format!("wrong_{case}"), told(&output));
    }
}

#[test]
fn a_folder_that_went_away_is_told() {
    let dir = folder();
    write(dir.path(), "house/.gitignore.j2", "/target/\n");
    good(dir.path(), &format!("{GENERATE} --templates house"));
    fs::remove_dir_all(dir.path().join("house")).expect("gone");
    insta::assert_snapshot!(told(&failsafe(dir.path(), "generate api.yaml -o svc")));
}

#[test]
fn what_is_written_out_gives_the_same_service() {
    let dir = folder();
    let dir = dir.path();
    let names = good(dir, "templates list");
    let exported = good(dir, "templates export house");
    assert!(exported.stdout.is_empty());
    for name in String::from_utf8_lossy(&names.stdout).lines() {
        read(&dir.join("house"), name);
    }
    good(dir, GENERATE);
    let same = good(dir, &format!("{GENERATE} --templates house --check"));
    assert!(!told(&same).contains("warning"), "{}", told(&same));
}

#[test]
fn writing_out_again_loses_nothing() {
    let dir = folder();
    let dir = dir.path();
    let mut all = told(&good(dir, "templates export house .gitignore.j2 .env.j2"));
    write(dir, "house/.gitignore.j2", "mine\n");
    all += &told(&good(dir, "templates export house .gitignore.j2 .env.j2"));
    assert_eq!(read(dir, "house/.gitignore.j2"), "mine\n");

    // As if both had been written out by a version that had other templates.
    let stamps = read(dir, "house/.templates.toml");
    let older: String = (stamps.lines())
        .map(|line| match line.starts_with("sha256") {
            true => "sha256 = \"0\"\n".to_owned(),
            false => format!("{line}\n").replace("version = \"", "version = \"0.0."),
        })
        .collect();
    write(dir, "house/.templates.toml", &older);
    all += &told(&good(dir, &format!("{GENERATE} --templates house -q")))
        .replace(env!("CARGO_PKG_VERSION"), "N");
    all += &told(&good(dir, "templates export house .gitignore.j2 .env.j2"));
    assert_eq!(read(dir, "house/.gitignore.j2"), "mine\n");
    assert_eq!(read(dir, "house/.gitignore.j2.failsafe-new"), "/target/\n");
    let quiet = good(dir, "generate api.yaml -o svc -q");
    assert!(!told(&quiet).contains("outdated"), "{}", told(&quiet));
    all += &told(&good(dir, "templates export house .gitignore.j2 --force"));
    assert_eq!(read(dir, "house/.gitignore.j2"), "/target/\n");
    all += &told(&failsafe(dir, "templates export house .gitignor.j2"));
    insta::assert_snapshot!(all);
}
