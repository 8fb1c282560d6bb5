//! How long whoever called this service waits for its answer, and which of his attempts this is: two
//! headers, read from requests and sent along with calls to others.
//!
//! `X-Request-Timeout-Ms` is the time that the caller has left, in milliseconds. It can only shorten
//! what the document gives an operation: whatever is not answered by then is dropped, as if the
//! caller had gone away, and counts as nothing. `X-Retry-Attempt` is the number of the attempt, from
//! 2 on. What is an attempt of somebody else's retry already is not retried here as well.
//!
//! The other way goes `X-Should-Retry: false`, on a failure that was retried in vain by whoever
//! answers, or by somebody below: whoever hears it does not retry it, and passes it on. So of services
//! that call each other in a row one alone retries a request, and what is down at the end of the row
//! sees the share of one budget more, not of all of them.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::duration::LONGEST;

pub(crate) const TIMEOUT_MS: HeaderName = HeaderName::from_static("x-request-timeout-ms");
pub(crate) const ATTEMPT: HeaderName = HeaderName::from_static("x-retry-attempt");
pub(crate) const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// Says on a failure that it is not to be retried.
pub(crate) fn forbid_retry(headers: &mut HeaderMap) {
    headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
}

/// Whether an answer says so.
pub(crate) fn forbids_retry(headers: &HeaderMap) -> bool {
    let mut said = headers.get_all(SHOULD_RETRY).iter();
    said.any(|value| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"false"))
}

/// What a request says of its caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Patience {
    /// None: he does not say.
    pub(crate) left: Option<Duration>,
    pub(crate) is_retry: bool,
}

impl Patience {
    /// What cannot be read is not said.
    pub(crate) fn of(headers: &HeaderMap) -> Patience {
        let number = |name| -> Option<u64> {
            let value: &HeaderValue = headers.get(name)?;
            value.to_str().ok()?.trim().parse().ok()
        };
        Patience {
            left: number(TIMEOUT_MS).map(|ms| Duration::from_millis(ms).min(LONGEST)),
            is_retry: number(ATTEMPT).is_some_and(|attempt| attempt > 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_not_said() {
        for (ms, left) in [
            ("250", Some(Duration::from_millis(250))),
            ("0", Some(Duration::ZERO)),
            ("18446744073709551615", Some(LONGEST)),
            ("99999999999999999999", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(TIMEOUT_MS, HeaderValue::from_static(ms));
            headers.insert(ATTEMPT, HeaderValue::from_static(ms));
            let patience = Patience::of(&headers);
            assert_eq!(patience.left, left, "{ms}");
            assert_eq!(
                patience.is_retry,
                left.is_some_and(|it| !it.is_zero()),
                "{ms}"
            );
        }
        assert_eq!(Patience::of(&HeaderMap::new()), Patience::default());
    }

    #[test]
    fn only_a_no_forbids_a_retry() {
        for (said, forbidden) in [
            ("false", true),
            (" FALSE ", true),
            ("true", false),
            ("0", false),
            ("", false),
        ] {
            let value = HeaderValue::from_static(said);
            let headers = HeaderMap::from_iter([(SHOULD_RETRY, value)]);
            assert_eq!(forbids_retry(&headers), forbidden, "{said:?}");
        }
        assert!(!forbids_retry(&HeaderMap::new()));
    }
}
