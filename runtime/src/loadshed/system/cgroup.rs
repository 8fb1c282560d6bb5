//! Where the limits of a container are.

use std::path::{Component, Path, PathBuf};

/// More than this deep nobody nests.
const DEEPEST: usize = 64;

/// The folders that may limit one resource, from the process's own group up to the root.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Groups {
    /// Of the one hierarchy.
    V2(Vec<PathBuf>),
    /// Of the hierarchy of this controller.
    V1(Vec<PathBuf>),
}

/// The groups of a process whose `/proc/self/cgroup` has this text.
///
/// A container often sees its own group as the root, while the text tells its path on the host:
/// folders that are not there have no limits, and the root is always among them.
pub(super) fn groups(root: &Path, text: &str, controller: &str) -> Groups {
    let base = root.join("sys/fs/cgroup");
    let lines = text.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        Some((parts.next()?, parts.next()?))
    });
    let mut unified = "";
    for (controllers, path) in lines {
        if controllers.is_empty() {
            unified = path;
        } else if controllers.split(',').any(|name| name == controller) {
            return Groups::V1(upwards(&base.join(controller), path));
        }
    }
    Groups::V2(upwards(&base, unified))
}

fn upwards(base: &Path, path: &str) -> Vec<PathBuf> {
    // `..` is what a process sees of groups outside of its namespace: there is nothing to read.
    let names = Path::new(path)
        .components()
        .filter(|part| matches!(part, Component::Normal(_)));
    let mut folders = vec![base.to_owned()];
    for name in names.take(DEEPEST) {
        let deeper = folders[folders.len() - 1].join(name);
        folders.push(deeper);
    }
    folders.reverse();
    folders
}
