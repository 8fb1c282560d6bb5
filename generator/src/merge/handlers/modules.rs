//! Which files the compiler sees.

use super::Text;

/// Whether a file is part of another crate than the service, which is compiled after it.
pub(crate) fn is_of_another_crate(path: &str) -> bool {
    !path.starts_with("src/") || path == "src/main.rs" || path.starts_with("src/bin/")
}

/// Whether the compiler comes to a file: it is one that it begins with, or something declares it as
/// a module.
pub(crate) fn is_declared<'f>(path: &str, files: impl Iterator<Item = &'f Text>) -> bool {
    let (folder, inside) = path.split_once('/').unwrap_or(("", path));
    let inside = inside.strip_suffix(".rs").unwrap_or(inside);
    let module = inside.strip_suffix("/mod").unwrap_or(inside);
    let is_first = match folder {
        "src" => matches!(module, "lib" | "main") || module.starts_with("bin/"),
        _ => !inside.contains('/') || inside.ends_with("/main"),
    };
    if is_first {
        return true;
    }
    let name = module.rsplit('/').next().unwrap_or(module);
    let file = format!("{name}.rs\"");
    // Modules may be inside others that are written out, so that any file may declare it.
    let mut lines = files.flat_map(|(_, text)| text.lines());
    lines.any(|line| {
        let line = line.trim();
        let declares = |declared: &str| {
            let word = declared.strip_prefix("r#").unwrap_or(declared);
            word.strip_prefix(name)
                .is_some_and(|rest| rest.trim_start().starts_with([';', '{']))
        };
        !line.starts_with("//")
            && (line.split("mod ").skip(1).any(declares)
                || line.contains("path") && line.contains(&file))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_seen_where_something_declares_it() {
        let files = [(
            "src/lib.rs".to_owned(),
            "pub mod pets; // ours\n// mod gone;\n#[path = \"odd/place.rs\"]\nmod other;\nmod r#type;\nmod petshop;\n".to_owned(),
        )];
        for path in [
            "lib",
            "main",
            "bin/tool",
            "pets",
            "pets/mod",
            "odd/place",
            "type",
        ] {
            assert!(
                is_declared(&format!("src/{path}.rs"), files.iter()),
                "{path}"
            );
        }
        for path in ["gone", "pet", "shop"] {
            assert!(
                !is_declared(&format!("src/{path}.rs"), files.iter()),
                "{path}"
            );
        }
    }
}
