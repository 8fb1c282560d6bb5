//! What a person probably meant.

/// The known word that is nearest to a word, if any is near.
///
/// About a third of the letters may be wrong; exchanged neighbours count as one mistake, and
/// neither case nor the choice between `-`, `_` and nothing counts at all.
pub(crate) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let plain = |word: &str| -> String {
        let letters = word.chars().filter(|c| !matches!(c, '_' | '-'));
        // Words come from outside and the distance takes time in the square of them.
        letters.flat_map(char::to_lowercase).take(64).collect()
    };
    let word = plain(word);
    let bound = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&word, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
