//! This crate's own text, for the generator to put beside the services that it writes.
//!
//! A generated service stands alone: with `--runtime bundled` it carries the runtime that it was
//! generated for. The text is part of the generator's binary through this module, so that the
//! binary needs nothing beside it. No service turns the feature on.

use include_dir::{Dir, include_dir};

/// The folder `src`.
pub static SRC: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src");

/// `Cargo.toml`. Within this repository it inherits from [`WORKSPACE`]; in the published crate
/// cargo has written out everything that was inherited.
pub static MANIFEST: &str = include_str!("../Cargo.toml");

/// The `Cargo.toml` of the workspace, for what [`MANIFEST`] inherits. It is reached through a link
/// beside the manifest, which packaging replaces by the file.
pub static WORKSPACE: &str = include_str!("../workspace.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_whole() {
        let this = SRC
            .get_file("sources.rs")
            .and_then(|file| file.contents_utf8());
        assert_eq!(this, Some(include_str!("sources.rs")));
        assert!(SRC.get_file("service/controller/mod.rs").is_some());
        assert!(MANIFEST.contains("name = \"failsafe-runtime\""));
        assert!(WORKSPACE.contains("[workspace.dependencies]"));
    }
}
