//! An id for each request: the caller's own when it is well formed, a new one otherwise.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header in which ids come and go.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Long enough for UUIDs and trace ids, short enough for every log line.
const MAX_LENGTH: usize = 128;

/// The id of a request: 1 to 128 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RequestId {
    /// The caller's.
    Given(HeaderValue),
    /// A new one, in place: most ids are made here, and none of them needs the heap to travel.
    New([u8; 36]),
}

impl RequestId {
    /// The id that the request brought, or a new one.
    pub(crate) fn of(headers: &HeaderMap) -> RequestId {
        match headers.get(REQUEST_ID) {
            Some(value) if is_well_formed(value.as_bytes()) => RequestId::Given(value.clone()),
            _ => RequestId::random(),
        }
    }

    /// A random UUID (RFC 9562, version 4), different from all others. Ids are no secret, so that
    /// a fast generator seeded once per thread is enough and no request pays for a system call.
    fn random() -> RequestId {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        // Four bits say the version, two the variant.
        let first = next_random() & !0xf000 | 0x4000;
        let second = next_random() & (u64::MAX >> 2) | 1 << 63;
        let bits = u128::from(first) << 64 | u128::from(second);
        let mut text = *b"........-....-....-....-............";
        let digits = text.iter_mut().filter(|place| **place == b'.');
        for (index, digit) in digits.enumerate() {
            *digit = HEX[(bits >> (124 - 4 * index) & 0xf) as usize];
        }
        RequestId::New(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        let text = match self {
            RequestId::Given(value) => value.as_bytes(),
            RequestId::New(text) => text,
        };
        std::str::from_utf8(text).expect("ids are checked to be visible ASCII")
    }

    pub(crate) fn header(&self) -> HeaderValue {
        match self {
            RequestId::Given(value) => value.clone(),
            RequestId::New(text) => {
                HeaderValue::from_bytes(text).expect("digits and dashes are visible ASCII")
            }
        }
    }
}

/// What may stand in a log line and in a header without harm.
fn is_well_formed(id: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:+/=".contains(byte))
}

/// One step of splitmix64, whose states are apart from thread to thread.
fn next_random() -> u64 {
    static THREADS: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        // The standard library seeds its hashers from the operating system's randomness.
        static STATE: Cell<u64> = Cell::new(
            RandomState::new().hash_one(THREADS.fetch_add(1, Ordering::Relaxed)),
        );
    }
    let state = STATE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::schema::Format;

    #[test]
    fn a_well_formed_id_is_kept() {
        for (given, kept) in [
            ("abc-123_4.5:6", true),
            ("", false),
            ("with space", false),
            ("{\"json\":1}", false),
            (&"a".repeat(128), true),
            (&"a".repeat(129), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(given).unwrap());
            assert_eq!(RequestId::of(&headers).as_str() == given, kept, "{given:?}");
        }
    }

    #[test]
    fn new_ids_differ_within_and_across_threads() {
        let ids = || (0..1000).map(|_| RequestId::random().as_str().to_owned());
        let other = std::thread::spawn(move || ids().collect::<Vec<_>>());
        let mut seen: HashSet<String> = ids().collect();
        seen.extend(other.join().unwrap());
        assert_eq!(seen.len(), 2000);
        let is_uuid = |id: &String| {
            let bytes = id.as_bytes();
            Format::Uuid.fits_text(id) && bytes[14] == b'4' && b"89ab".contains(&bytes[19])
        };
        assert!(seen.iter().all(is_uuid), "{seen:?}");
    }
}
