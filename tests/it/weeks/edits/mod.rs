//! What happens in the life of a service, week by week.

mod operations;
mod schemas;
mod service;

use super::{
    QUIET, Step,
    Step::{Delete, Edit},
    Week,
};

const PETS: &str = "src/handlers/pets.rs";
const VISITS: &str = "src/calendar.rs";
const ADOPTIONS: &str = "src/handlers/adoptions.rs";
const STORE: &str = "src/store.rs";
const LIB: &str = "src/lib.rs";

/// In this order: each begins where the one before has ended.
pub(super) fn weeks() -> impl Iterator<Item = &'static Week> {
    [operations::WEEKS, schemas::WEEKS, service::WEEKS]
        .into_iter()
        .flatten()
}

/// Before the first week: the service is written.
pub(super) const FIRST: &[Step] = &[
    Delete("src/handlers/visits.rs"),
    Edit("src/handlers/mod.rs", "mod visits;\n", ""),
    Edit(
        LIB,
        "pub mod settings;",
        "pub mod settings;\n\nmod calendar;\nmod store;",
    ),
    Edit(
        LIB,
        "#[derive(Debug)]\npub struct App {}",
        "#[derive(Debug, Default)]\npub struct App {\n    /// Who lives here.\n    store: store::Store,\n}",
    ),
    Edit(LIB, "Self {}", "Self::default()"),
    Edit(
        "Cargo.toml",
        "[dependencies]",
        "# Ours from here on.\n[dependencies]",
    ),
    Edit(
        "README.md",
        "# Shelter\n",
        "# Shelter\n\nCats come first.\n",
    ),
    Edit(".env", "PORT=8080", "# The shelter's own port.\nPORT=8080"),
    Edit(
        "docker-compose.yml",
        "    restart: unless-stopped",
        "    # Behind the proxy of the town.\n    restart: unless-stopped",
    ),
    Edit(
        "src/main.rs",
        "#[tokio::main]",
        "// Nothing to see here.\n#[tokio::main]",
    ),
    Edit(
        "src/settings.rs",
        "/// How this instance runs.",
        "// Read once, at the start.\n/// How this instance runs.",
    ),
];
