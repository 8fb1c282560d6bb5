//! Dependencies that the generated code needs no longer, and the person's does.

use crate::lexer;

/// The new `Cargo.toml` with those lines of the last one that declare what `code` names, each
/// behind the line that it stood behind.
pub(crate) fn keep(base: &str, new: &str, code: &[&str]) -> String {
    let names = |text: &str| {
        let table: Option<toml::Table> = toml::from_str(text).ok();
        let dependencies = table.and_then(|table| table.get("dependencies")?.as_table().cloned());
        dependencies.unwrap_or_default()
    };
    let needed = names(new);
    let mut kept = new.to_owned();
    for (name, _) in names(base) {
        let path = format!("{}::", name.replace('-', "_"));
        if needed.contains_key(&name) || !code.iter().any(|text| has_path(text, &path)) {
            continue;
        }
        let mut before = "[dependencies]";
        for line in base.lines() {
            if line.split('=').next().map(str::trim) == Some(name.as_str()) {
                kept = kept.replacen(&format!("{before}\n"), &format!("{before}\n{line}\n"), 1);
                break;
            }
            if kept.lines().any(|there| there == line) && !line.is_empty() {
                before = line;
            }
        }
    }
    kept
}

/// Whether a path begins with this name.
fn has_path(text: &str, name: &str) -> bool {
    let mut places = text.match_indices(name);
    places.any(|(at, _)| {
        let before = text[..at].bytes().last();
        !before.is_some_and(lexer::is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::keep;

    const BASE: &str = "[package]\n\n[dependencies]\nfailsafe-runtime = \"1\"\nchrono = \"0.4\"\nserde = \"1\"\nuuid = { version = \"1\" }\n\n[workspace]\n";
    const NEW: &str =
        "[package]\n\n[dependencies]\nfailsafe-runtime = \"2\"\nserde = \"1\"\n\n[workspace]\n";

    #[test]
    fn what_code_names_stays_in_its_place() {
        let code = [
            "fn id() -> uuid::Uuid { uuid::Uuid::nil() }",
            "use chrono::Utc;",
        ];
        assert_eq!(
            keep(BASE, NEW, &code),
            "[package]\n\n[dependencies]\nchrono = \"0.4\"\nfailsafe-runtime = \"2\"\nserde = \"1\"\nuuid = { version = \"1\" }\n\n[workspace]\n"
        );
    }

    #[test]
    fn what_nobody_names_goes() {
        let code = ["fn my_uuid::of() {}", "// uuid"];
        assert_eq!(keep(BASE, NEW, &code), NEW);
    }
}
