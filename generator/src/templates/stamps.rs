//! What was written out, and by which version: `.templates.toml` beside the templates.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The file.
pub(super) const STAMPS: &str = ".templates.toml";

/// By the names of templates.
pub(super) type Stamps = BTreeMap<String, Stamp>;

/// The built-in template that a template of the person's began as.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Stamp {
    /// Of the generator that it was built into.
    pub(super) version: String,
    pub(super) sha256: String,
}

impl Stamp {
    /// That of a built-in template of this version.
    pub(super) fn of(text: &str) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sha256: sha256(text.as_bytes()),
        }
    }

    pub(super) fn is_of(&self, text: &[u8]) -> bool {
        self.sha256 == sha256(text)
    }
}

/// What a file says; nothing where it says anything else.
pub(super) fn read(text: &str) -> Stamps {
    toml::from_str(text).unwrap_or_default()
}

pub(super) fn text(stamps: &Stamps) -> String {
    let mut text = String::from(
        "# Which built-in templates these began as, so that `failsafe` can tell when one of them has\n\
         # changed since.\n",
    );
    for (name, Stamp { version, sha256 }) in stamps {
        // Names are those of built-in templates: nothing in them needs escaping.
        text.push_str(&format!(
            "\n[\"{name}\"]\nversion = \"{version}\"\nsha256 = \"{sha256}\"\n"
        ));
    }
    text
}

fn sha256(text: &[u8]) -> String {
    let digest = Sha256::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let stamps: Stamps = crate::templates::built_in()
            .into_iter()
            .map(|(name, text)| (name.to_owned(), Stamp::of(text)))
            .collect();
        assert_eq!(read(&text(&stamps)), stamps);
        assert_eq!(read("something else"), Stamps::new());
    }
}
