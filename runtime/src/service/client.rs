//! Who is asking, as far as rate limits are concerned.
//!
//! By default that is the peer's address, which nobody can choose freely. An IPv6 peer stands for
//! its /64, since that is what one customer is given. Headers count only where the service says
//! that it knows who sets them:
//!
//! - behind `n` proxies (`TRUSTED_HOPS=n`) the address is the n-th of `X-Forwarded-For` from the
//!   right: the entries left of it were written by the client, who may write what he likes. Too
//!   few entries, or one that is no address, and the peer's own address is taken;
//! - with a list of [`ClientKey`]s, a name (`X-Client-Id`) or a credential (`Authorization`).

use std::borrow::Cow;
use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, LazyLock};

use http::{HeaderMap, HeaderValue, header};

/// What may name a client. Of a list, the first one that the request has counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKey {
    /// The header `X-Client-Id`.
    XClientId,
    /// The header `Authorization`. Its value is never kept or shown, only a keyed hash of it.
    Authorization,
    /// The peer's address, which is always there.
    Peer,
}

/// The id of a client. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientId(Arc<Id>);

#[derive(Debug, PartialEq, Eq)]
struct Id {
    text: String,
    header: HeaderValue,
}

impl ClientId {
    /// Visible ASCII only.
    fn new(text: String) -> ClientId {
        let header = HeaderValue::from_str(&text).expect("ids are made of visible ASCII");
        ClientId(Arc::new(Id { text, header }))
    }

    /// The id of an address.
    pub(crate) fn of_address(address: IpAddr) -> ClientId {
        ClientId::new(match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }

    /// The one id of all clients of a service that does not know its peers' addresses.
    pub(crate) fn unknown() -> ClientId {
        static UNKNOWN: LazyLock<ClientId> = LazyLock::new(|| ClientId::new("unknown".to_owned()));
        UNKNOWN.clone()
    }

    /// The id that the first of `keys` gives, or `peer`.
    pub(crate) fn of_keys(keys: &[ClientKey], headers: &HeaderMap, peer: &ClientId) -> ClientId {
        keys.iter()
            .find_map(|key| match key {
                ClientKey::XClientId => named(headers),
                ClientKey::Authorization => authorized(headers),
                ClientKey::Peer => Some(peer.clone()),
            })
            .unwrap_or_else(|| peer.clone())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0.text
    }

    pub(crate) fn header(&self) -> &HeaderValue {
        &self.0.header
    }
}

/// Ids of credentials begin like this, so that no name can be mistaken for one.
const AUTHORIZED: &str = "auth:";

fn named(headers: &HeaderMap) -> Option<ClientId> {
    let name = headers.get("x-client-id")?.to_str().ok()?.trim();
    let well_formed = (1..=128).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic());
    // Whoever calls himself by an address or a credential's id would spend somebody else's tokens.
    let mistakable = name.starts_with(AUTHORIZED)
        || name.parse::<IpAddr>().is_ok()
        || name
            .split_once('/')
            .is_some_and(|(address, _)| address.parse::<IpAddr>().is_ok());
    (well_formed && !mistakable).then(|| ClientId::new(name.to_owned()))
}

fn authorized(headers: &HeaderMap) -> Option<ClientId> {
    // Keyed anew in every process: the ids in logs and metrics give nothing away.
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let credential = headers.get(header::AUTHORIZATION)?;
    let mut text = String::from(AUTHORIZED);
    let _ = write!(text, "{:016x}", KEY.hash_one(credential.as_bytes()));
    Some(ClientId::new(text))
}

/// The address that trusted proxies report, `hops` of which stand before the service.
pub(crate) fn forwarded(headers: &HeaderMap, hops: usize) -> Option<IpAddr> {
    let forwarded: Vec<&HeaderValue> = headers.get_all("x-forwarded-for").iter().collect();
    if forwarded.is_empty() {
        // One proxy may name its peer here instead; of several, nobody knows which one did.
        let real = headers.get("x-real-ip").filter(|_| hops == 1)?;
        return address(real.to_str().ok()?);
    }
    let entries: Result<Vec<&str>, _> = forwarded.iter().map(|value| value.to_str()).collect();
    let entry = entries
        .ok()?
        .into_iter()
        .rev()
        .flat_map(|line| line.rsplit(','))
        .nth(hops - 1)?;
    address(entry)
}

/// An address, perhaps with a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare: Cow<'_, str> = match text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        Some(inner) => inner.into(),
        None => text.into(),
    };
    bare.parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn an_address_is_its_client_and_an_ipv6_one_its_network() {
        for (address, id) in [
            ("192.168.1.100", "192.168.1.100"),
            ("::ffff:192.168.1.100", "192.168.1.100"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
            ("::1", "::/64"),
        ] {
            assert_eq!(ClientId::of_address(address.parse().unwrap()).as_str(), id);
        }
    }

    #[test]
    fn trusted_hops_are_counted_from_the_right() {
        let check = |forwarded_for: &[&str], hops, expected: Option<&str>| {
            let pairs: Vec<_> = forwarded_for
                .iter()
                .map(|v| ("x-forwarded-for", *v))
                .collect();
            let expected = expected.map(|address| address.parse::<IpAddr>().unwrap());
            assert_eq!(
                forwarded(&headers(&pairs), hops),
                expected,
                "{forwarded_for:?} {hops}"
            );
        };
        check(&["203.0.113.9"], 1, Some("203.0.113.9"));
        // What a client prepends changes nothing.
        check(&["1.1.1.1, 2.2.2.2, 203.0.113.9"], 1, Some("203.0.113.9"));
        check(&["1.1.1.1, 203.0.113.9, 10.0.0.1"], 2, Some("203.0.113.9"));
        check(&["1.1.1.1", "203.0.113.9,10.0.0.1"], 2, Some("203.0.113.9"));
        check(&["203.0.113.9:4711"], 1, Some("203.0.113.9"));
        check(&["[2001:db8::1]:4711"], 1, Some("2001:db8::1"));
        check(&["2001:db8::1"], 1, Some("2001:db8::1"));
        // Malformed, or fewer entries than hops: the peer.
        check(&["203.0.113.9"], 2, None);
        check(&["203.0.113.9, nonsense"], 1, None);
        check(&["203.0.113.9, "], 1, None);
        check(&[], 1, None);
    }

    #[test]
    fn x_real_ip_counts_behind_one_proxy_that_sends_nothing_else() {
        let real = ("x-real-ip", "203.0.113.9");
        assert!(forwarded(&headers(&[real]), 1).is_some());
        assert!(forwarded(&headers(&[real]), 2).is_none());
        let both = headers(&[real, ("x-forwarded-for", "nonsense")]);
        assert!(forwarded(&both, 1).is_none());
    }

    #[test]
    fn the_first_key_that_is_there_counts() {
        use ClientKey::{Authorization, Peer, XClientId};
        let peer = ClientId::of_address("10.0.0.1".parse().unwrap());
        let id = |keys: &[ClientKey], pairs: &[_]| {
            ClientId::of_keys(keys, &headers(pairs), &peer)
                .as_str()
                .to_owned()
        };
        let name = ("x-client-id", "shop-7");
        let credential = ("authorization", "Bearer secret");
        assert_eq!(id(&[XClientId, Peer], &[name]), "shop-7");
        assert_eq!(id(&[XClientId, Peer], &[]), "10.0.0.1");
        assert_eq!(id(&[Peer, XClientId], &[name]), "10.0.0.1");
        assert_eq!(id(&[XClientId], &[credential]), "10.0.0.1");

        let hashed = id(&[XClientId, Authorization], &[credential]);
        assert!(
            hashed.starts_with("auth:") && !hashed.contains("secret"),
            "{hashed}"
        );
        assert_eq!(hashed, id(&[Authorization], &[credential, name]));
        assert_ne!(
            hashed,
            id(&[Authorization], &[("authorization", "Bearer other")])
        );
    }

    #[test]
    fn nobody_can_take_another_ones_name() {
        let peer = ClientId::of_address("10.0.0.1".parse().unwrap());
        for name in [
            "10.0.0.2",
            "2001:db8::/64",
            "auth:0123456789abcdef",
            "",
            "a b",
        ] {
            let headers = headers(&[("x-client-id", name)]);
            assert_eq!(
                ClientId::of_keys(&[ClientKey::XClientId], &headers, &peer),
                peer,
                "{name}"
            );
        }
    }
}
