//! Short stand-ins for what is long or secret.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// Stands for bytes: 128 bits that are keyed anew in every process, so that nobody can look for
/// two texts with the same one, and that give nothing away.
pub(crate) type Digest = [u8; 16];

pub(crate) fn of(bytes: &[u8]) -> Digest {
    static KEYS: LazyLock<[RandomState; 2]> =
        LazyLock::new(|| [RandomState::new(), RandomState::new()]);
    let halves = KEYS.each_ref().map(|key| key.hash_one(bytes));
    (u128::from(halves[0]) << 64 | u128::from(halves[1])).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_alone_have_equal_digests() {
        assert_eq!(of(b"token"), of(b"token"));
        assert_ne!(of(b"token"), of(b"token "));
        let digest = of(b"token");
        assert_ne!(
            digest[..8],
            digest[8..],
            "the halves have keys of their own"
        );
    }
}
