//! Random numbers for jitter: cheap, without locks, seeded once a thread.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

thread_local! {
    static STATE: Cell<u64> = Cell::new(seed());
}

/// The keys that the standard library draws from the system for its hash maps are as random as
/// any seed could be.
fn seed() -> u64 {
    RandomState::new().hash_one(0_u8)
}

/// SplitMix64: an odd step and two rounds of mixing; the period is 2^64.
fn next() -> u64 {
    STATE
        .try_with(|state| {
            let step = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
            state.set(step);
            let mixed = (step ^ (step >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        })
        // A thread that is being torn down.
        .unwrap_or_else(|_| seed())
}

/// A number in `low..high`, evenly spread.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
pub(crate) fn between(low: f64, high: f64) -> f64 {
    let unit = (next() >> 11) as f64 / (1_u64 << 53) as f64;
    low + unit * (high - low)
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn spreads_evenly() {
        let mut tenths = [0_u32; 10];
        for _ in 0..100_000 {
            tenths[(between(0.0, 10.0)) as usize] += 1;
        }
        assert!(
            tenths.iter().all(|n| (9_000..11_000).contains(n)),
            "{tenths:?}"
        );
    }
}
