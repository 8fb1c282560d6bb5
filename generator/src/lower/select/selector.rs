//! One choice of operations: by id, by tag, or by path.

use std::{fmt, str::FromStr};

use crate::lower::operations::METHODS;

/// Which operations are meant: `getPet`, `tag:pets`, `path:/pets/*` or `GET /pets`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    written: String,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Id(String),
    Tag(String),
    Path {
        /// Lower case; none for all of them.
        method: Option<&'static str>,
        path: String,
    },
}

/// What a selector looks at.
#[derive(Debug)]
pub(super) struct Candidate<'c> {
    pub(super) id: &'c str,
    pub(super) tags: Vec<&'c str>,
    pub(super) method: &'static str,
    pub(super) path: &'c str,
}

impl Selector {
    pub(super) fn matches(&self, candidate: &Candidate<'_>) -> bool {
        match &self.what {
            What::Id(wish) => matches(wish, candidate.id, '\0'),
            What::Tag(wish) => candidate.tags.iter().any(|tag| matches(wish, tag, '\0')),
            What::Path { method, path } => {
                method.is_none_or(|method| method == candidate.method)
                    && matches_path(path, candidate.path)
            }
        }
    }
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let text = written.trim();
        let method = text
            .split_once(char::is_whitespace)
            .and_then(|(word, path)| {
                let known = METHODS.iter().copied();
                let method = known.into_iter().find(|it| it.eq_ignore_ascii_case(word))?;
                Some((method, path.trim_start()))
            });
        let what = match (text.split_once(':'), method) {
            (Some(("id", id)), _) => What::Id(id.to_owned()),
            (Some(("tag", tag)), _) => What::Tag(tag.to_owned()),
            (Some(("path", path)), _) => What::of_path(None, path)?,
            (_, Some((method, path))) => What::of_path(Some(method), path)?,
            _ if text.starts_with('/') => What::of_path(None, text)?,
            _ => What::Id(text.to_owned()),
        };
        let wish = match &what {
            What::Id(wish) | What::Tag(wish) | What::Path { path: wish, .. } => wish,
        };
        if wish.is_empty() {
            return Err("name an `operationId`, `tag:NAME` or `path:/PATH`".to_owned());
        }
        Ok(Self {
            written: text.to_owned(),
            what,
        })
    }
}

impl What {
    fn of_path(method: Option<&'static str>, path: &str) -> Result<Self, String> {
        match path.starts_with(['/', '*']) {
            true => Ok(Self::Path {
                method,
                path: path.to_owned(),
            }),
            false => Err(format!("a path begins with `/`: write `/{path}`")),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// `/pets/**` is `/pets`, and everything below it.
fn matches_path(wish: &str, path: &str) -> bool {
    let path = path.trim_start_matches('/');
    let wish = wish.strip_prefix('/').unwrap_or(wish);
    let base = wish.strip_suffix("/**");
    matches(wish, path, '/') || base.is_some_and(|base| matches(base, path, '/'))
}

/// Whether a text is what a wish says, in which `*` stands for anything without the separator and
/// `**` for anything at all.
fn matches(wish: &str, text: &str, separator: char) -> bool {
    // Bit by bit of the text, how much of the wish may have been used up: no way is gone twice, so
    // that a wish of nothing but stars takes no longer than others.
    let wish: Vec<char> = wish.chars().collect();
    let mut reached = vec![false; wish.len() + 1];
    reached[0] = true;
    let pass_stars = |reached: &mut Vec<bool>| {
        for at in 0..wish.len() {
            if reached[at] && wish[at] == '*' {
                reached[at + 1] = true;
            }
        }
    };
    pass_stars(&mut reached);
    for c in text.chars() {
        let mut next = vec![false; wish.len() + 1];
        for at in (0..wish.len()).filter(|at| reached[*at]) {
            let is_deep = wish[at] == '*'
                && (wish.get(at + 1) == Some(&'*') || at > 0 && wish[at - 1] == '*');
            if wish[at] == '*' {
                next[at] |= is_deep || c != separator;
            } else if wish[at] == c {
                next[at + 1] = true;
            }
        }
        pass_stars(&mut next);
        reached = next;
    }
    reached[wish.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(selector: &str, expected: bool) {
        let candidate = Candidate {
            id: "getPet",
            tags: vec!["pets", "read only"],
            method: "get",
            path: "/pets/{petId}",
        };
        let selector: Selector = selector.parse().expect(selector);
        assert_eq!(selector.matches(&candidate), expected, "{selector}");
    }

    #[test]
    fn operations_are_chosen_by_id_tag_and_path() {
        for good in [
            "getPet",
            "get*",
            "id:getPet",
            "tag:pets",
            "tag:read only",
            "tag:*",
            "/pets/{petId}",
            "path:/pets/{petId}",
            "path:/pets/*",
            "path:/*/{petId}",
            "/pets/**",
            "/**",
            "path:**",
            "GET /pets/{petId}",
            "get  /pets/*",
            " getPet ",
        ] {
            check(good, true);
        }
        for other in [
            "getpet",
            "Pet",
            "tag:pet",
            "id:tag:pets",
            "/pets",
            "/pets/",
            "/*",
            "/pets/*/toys",
            "POST /pets/{petId}",
        ] {
            check(other, false);
        }
    }

    #[test]
    fn two_stars_cross_segments_and_one_does_not() {
        assert!(matches_path("/pets/**", "/pets"));
        assert!(matches_path("/pets/**", "/pets/1/toys"));
        assert!(!matches_path("/pets/**", "/petshops"));
        assert!(!matches_path("/pets/*", "/pets/1/toys"));
        assert!(matches_path("/**/toys", "/pets/1/toys"));
        assert!(matches_path("/p*/1/t*s", "/pets/1/toys"));
    }

    #[test]
    fn a_wish_of_stars_takes_no_longer() {
        let wish = "*a".repeat(2_000);
        assert!(!matches(&wish, &"a".repeat(1_500), '/'));
    }

    #[test]
    fn what_chooses_nothing_is_refused() {
        for bad in ["", "  ", "id:", "tag:", "path:", "path:pets", "GET pets"] {
            assert!(bad.parse::<Selector>().is_err(), "{bad}");
        }
    }
}
