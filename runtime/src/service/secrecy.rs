//! Comparing what others may not know.

use std::hint::black_box;

/// Whether two texts are the same, found out in a time that depends on their lengths alone: `==`
/// returns at the first difference, and how soon it does tells an attacker how much he has
/// guessed.
pub(super) fn same(given: &[u8], expected: &[u8]) -> bool {
    same_of(given.len(), expected.len(), given.iter().zip(expected))
}

/// The same over the pairs of bytes, every one of which it takes.
fn same_of<'a>(
    given: usize,
    expected: usize,
    pairs: impl Iterator<Item = (&'a u8, &'a u8)>,
) -> bool {
    let mut difference = u8::from(given != expected);
    for (given, expected) in pairs {
        // Kept from the optimiser, who would like to leave the loop early.
        difference = black_box(difference | (given ^ expected));
    }
    difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict, and how many pairs were looked at for it.
    fn looked_at(given: &[u8], expected: &[u8]) -> (bool, usize) {
        let mut looked_at = 0;
        let pairs = given.iter().zip(expected).inspect(|_| looked_at += 1);
        let same = same_of(given.len(), expected.len(), pairs);
        (same, looked_at)
    }

    #[test]
    fn every_byte_is_looked_at_wherever_the_first_difference_is() {
        let expected: Vec<u8> = (0..=255).collect();
        assert_eq!(looked_at(&expected, &expected), (true, 256));
        for first in 0..expected.len() {
            // One bit, and everything from there on.
            let mut one = expected.clone();
            one[first] ^= 1;
            let mut rest = expected.clone();
            rest[first..].iter_mut().for_each(|byte| *byte = !*byte);
            for given in [one, rest] {
                assert_eq!(looked_at(&given, &expected), (false, 256), "{first}");
                assert!(!same(&given, &expected), "{first}");
            }
        }
    }

    #[test]
    fn a_part_of_it_is_not_the_same_and_is_looked_at_whole() {
        let expected = b"0123456789";
        for length in 0..expected.len() {
            let part = &expected[..length];
            assert_eq!(looked_at(part, expected), (false, length));
            assert_eq!(looked_at(expected, part), (false, length));
            assert!(!same(part, expected) && !same(expected, part));
        }
        assert!(same(b"", b"") && same(expected, expected));
    }
}
