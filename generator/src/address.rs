//! Addresses and paths, as the command line and the document may give them.

/// An address that a service can send to.
pub(crate) fn url(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let clean = text
        .chars()
        .all(|c| c.is_ascii_graphic() && !"\"'`\\<>{}".contains(c));
    match host {
        Some(host) if clean && !host.is_empty() && !host.starts_with(':') => Ok(text.to_owned()),
        _ => Err("an address looks like `http://host:4318/path`".to_owned()),
    }
}

/// A path under which something can be mounted.
pub(crate) fn prefix(text: &str) -> Result<String, String> {
    let fits = |segment: &str| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && segment
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.~".contains(c))
    };
    let well_formed = text
        .strip_prefix('/')
        .is_some_and(|rest| rest.split('/').all(fits));
    match well_formed {
        true => Ok(text.to_owned()),
        false => Err("a prefix looks like `/failsafe`".to_owned()),
    }
}
