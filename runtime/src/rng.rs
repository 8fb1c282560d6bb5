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

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64: an odd step and two rounds of mixing; the period is 2^64.
fn next() -> u64 {
    STATE
        .try_with(|state| {
            let step = state.get().wrapping_add(STEP);
            state.set(step);
            mixed(step)
        })
        // A thread that is being torn down.
        .unwrap_or_else(|_| seed())
}

fn mixed(step: u64) -> u64 {
    let mixed = (step ^ (step >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A number in `low..high`, evenly spread.
pub(crate) fn between(low: f64, high: f64) -> f64 {
    low + unit(next()) * (high - low)
}

/// The `n`-th number of a seed, from 0 to less than 1.
#[cfg(feature = "chaos")]
pub(crate) fn seeded(seed: u64, n: u64) -> f64 {
    // Seeds that follow each other are no numbers that follow each other.
    let start = mixed(seed.wrapping_add(STEP));
    unit(mixed(start.wrapping_add(n.wrapping_mul(STEP))))
}

#[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
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
