//! Which clients belong to a share of all: arithmetic alone.

/// A share of the clients in parts of 2^32, so that it is exact where people would look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Share(pub(super) u64);

impl Share {
    pub(super) const EVERYBODY: Self = Self(1 << 32);

    /// A percentage of 0 to 100.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 2^32, and what is out of range is brought into it"
    )]
    pub(super) fn of_percent(percentage: f64) -> Self {
        let parts = (percentage / 100.0 * 4_294_967_296.0).round();
        Self((parts as u64).min(Self::EVERYBODY.0))
    }

    /// Whether a client belongs to this share of a feature's clients. Who belongs to a share
    /// belongs to every larger one.
    pub(super) fn includes(self, feature: &str, client: &str) -> bool {
        u64::from(place(feature, client)) < self.0
    }
}

/// Where a client stands among all clients of a feature: evenly spread, and for each feature
/// elsewhere, so that it is not always the same clients who try out what is new.
///
/// It is the same in every process, on every machine and in every release: FNV-1a of 64 bits over
/// the feature's name, a zero byte and the client's id, its bits mixed by the finalizer of
/// MurmurHash3, the upper 32 of them.
pub(super) fn place(feature: &str, client: &str) -> u32 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;

    let bytes = feature.bytes().chain([0]).chain(client.bytes());
    let hash = bytes.fold(BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    // The upper bits of FNV-1a hardly depend on the last bytes.
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    ((mixed ^ (mixed >> 33)) >> 32) as u32
}
