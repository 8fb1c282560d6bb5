//! Recompiles the crate when a template is added or removed; `include_dir` follows edits alone.

fn main() {
    println!("cargo::rerun-if-changed=templates");
}
