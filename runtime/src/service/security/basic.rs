//! User and password out of an `Authorization` header.

use super::credential::{Basic, Secret};
use crate::schema::Base64;

/// `None` when it is malformed: no base64, no UTF-8 (which is what the challenge asks for), no
/// colon, or control characters.
pub(super) fn parse(text: &str) -> Option<Basic> {
    let decoded = String::from_utf8(text.parse::<Base64>().ok()?.0).ok()?;
    if decoded.contains(char::is_control) {
        return None;
    }
    // The user has no colon; the password may have several.
    let (user, password) = decoded.split_once(':')?;
    Some(Basic {
        user: user.to_owned(),
        password: Secret::new(password),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_are_told_apart_at_the_first_colon() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let parsed = parse(text).map(|it| (it.user, it.password.expose().to_owned()));
            let parsed = parsed.as_ref().map(|(u, p)| (u.as_str(), p.as_str()));
            assert_eq!(parsed, expected, "{text}");
        };
        // The example of RFC 7617.
        check(
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            Some(("Aladdin", "open sesame")),
        );
        check(
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ",
            Some(("Aladdin", "open sesame")),
        );
        check("dTpwOnE=", Some(("u", "p:q")));
        check("Og==", Some(("", "")));
        check("dGVzdDoxMjPCow==", Some(("test", "123£")));
        // No colon, no UTF-8, a line break, no Base64, nothing.
        check("QWxhZGRpbg==", None);
        check("dGVzdDr/", None);
        check("dTpwCg==", None);
        check("user:password", None);
        check("", None);
    }
}
