//! Bounds that refuse every value that their schema lists: the list is what is meant.

use super::mend::{Mended, warning};
use crate::spec::{At, Change};

/// The bounds on length that no text of the schema's `enum` keeps.
pub(super) fn bounds<'d>(at: &At<'d>) -> Vec<(At<'d>, Mended)> {
    let Some(list) = at.get("enum") else {
        return Vec::new();
    };
    let lengths = list.items().filter_map(|value| {
        let text = value.as_str()?;
        u64::try_from(text.chars().count()).ok()
    });
    let lengths: Vec<u64> = lengths.collect();
    let breaks: [(&str, fn(u64, u64) -> bool); 2] = [
        ("maxLength", |length, bound| length > bound),
        ("minLength", |length, bound| length < bound),
    ];
    let found = breaks.into_iter().filter_map(|(keyword, breaks)| {
        let written = at.get(keyword)?;
        let bound = written.as_u64()?;
        let refuses_all = !lengths.is_empty() && lengths.iter().all(|it| breaks(*it, bound));
        refuses_all.then(|| {
            let message = format!("no text of `enum` keeps `{keyword}: {bound}`");
            let found = warning("contradicted-bound", message, &written)
                .help("it is left out; remove it, or correct the list");
            (written, (Change::Remove, found))
        })
    });
    found.collect()
}
