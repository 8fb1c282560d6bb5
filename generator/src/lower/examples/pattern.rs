//! Texts that match a pattern.
//!
//! A pattern is walked once for each of a few habits (how often to repeat, which kind of
//! character to prefer), which gives a handful of texts. What looks around is left out of one walk
//! and written in another; whether a text fits is asked of the matcher that the service uses.

use failsafe_runtime::schema::pattern;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Longer ones help nobody.
const MAX_LENGTH: usize = 1 << 14;

/// Texts that match the pattern and have at least so many characters, as far as any is found.
pub(super) fn matching(written: &str, least: usize) -> Vec<String> {
    let translated = pattern::translated(written);
    let mut texts = Vec::new();
    let mut tried = None;
    for looks in [Looks::Dropped, Looks::Written] {
        let plain = without_looking_around(&translated, looks);
        if tried.as_ref() == Some(&plain) {
            break;
        }
        if let Ok(hir) = regex_syntax::parse(&plain) {
            walk(&hir, written, least, &mut texts);
        }
        tried = Some(plain);
    }
    texts
}

fn walk(hir: &Hir, written: &str, least: usize, texts: &mut Vec<String>) {
    for repeats in [1, 0, 2, 3, least] {
        for (start, habit) in HABITS.into_iter().enumerate() {
            let mut walk = Walk {
                text: String::new(),
                repeats,
                habit,
                start,
                turn: 0,
                chosen: [start; KINDS.len()],
            };
            if walk.write(hir)
                && !texts.contains(&walk.text)
                && pattern::matches(written, &walk.text)
            {
                texts.push(walk.text);
            }
        }
    }
}

/// Kinds of characters.
const LOWER: usize = 0;
const UPPER: usize = 1;
const DIGIT: usize = 2;
const SIGN: usize = 3;
const KINDS: [&str; 4] = ["abcdefghijk", "ABCDEFGHIJK", "1234567890", "-_.!@#$%&*"];

/// Which kind is preferred, turn by turn.
const HABITS: [&[usize]; 4] = [&[LOWER], &[DIGIT], &[UPPER], &[LOWER, UPPER, DIGIT, SIGN]];

struct Walk {
    text: String,
    /// How often to repeat what may be repeated.
    repeats: usize,
    habit: &'static [usize],
    /// Where to begin, in case the first choice is what the pattern refuses.
    start: usize,
    turn: usize,
    /// How many characters of each kind have been chosen.
    chosen: [usize; KINDS.len()],
}

impl Walk {
    fn write(&mut self, hir: &Hir) -> bool {
        if self.text.len() > MAX_LENGTH {
            return false;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) => {
                    self.text.push_str(text);
                    true
                }
                Err(_) => false,
            },
            HirKind::Class(class) => match self.choose(class) {
                Some(c) => {
                    self.text.push(c);
                    true
                }
                None => false,
            },
            HirKind::Repetition(repetition) => {
                let least = repetition.min as usize;
                let most = repetition.max.map_or(usize::MAX, |most| most as usize);
                let count = self.repeats.max(least).min(most);
                (0..count).all(|_| self.write(&repetition.sub))
            }
            HirKind::Capture(capture) => self.write(&capture.sub),
            HirKind::Concat(parts) => parts.iter().all(|part| self.write(part)),
            HirKind::Alternation(choices) => self.write(&choices[self.start % choices.len()]),
        }
    }

    /// A character of the preferred kind, of any kind, or the first that can be seen.
    fn choose(&mut self, class: &Class) -> Option<char> {
        let holds = |c: char| match class {
            Class::Unicode(class) => class
                .iter()
                .any(|range| (range.start()..=range.end()).contains(&c)),
            Class::Bytes(class) => u8::try_from(c).is_ok_and(|byte| {
                byte.is_ascii()
                    && class
                        .iter()
                        .any(|range| (range.start()..=range.end()).contains(&byte))
            }),
        };
        let preferred = self.habit[self.turn % self.habit.len()];
        self.turn += 1;
        for kind in [preferred, LOWER, UPPER, DIGIT, SIGN] {
            let all = KINDS[kind];
            let start = self.chosen[kind] % all.len();
            let mut next = all[start..].chars().chain(all[..start].chars());
            if let Some(c) = next.find(|c| holds(*c)) {
                self.chosen[kind] += 1;
                return Some(c);
            }
        }
        let first = match class {
            Class::Unicode(class) => class.iter().map(|range| range.start()).next(),
            Class::Bytes(_) => None,
        };
        let mut seen = (' '..='~').filter(|c| holds(*c)).cycle();
        seen.nth(self.start).or(first)
    }
}

/// What becomes of groups that look ahead or back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    Dropped,
    /// What has to be there is, as if it were a part of the text.
    Written,
}

/// The pattern without its groups that look ahead or back.
fn without_looking_around(pattern: &str, looks_become: Looks) -> String {
    let mut plain = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let looks = ["(?=", "(?!", "(?<=", "(?<!"]
            .iter()
            .any(|start| rest.starts_with(start));
        let asks = ["(?=", "(?<="].iter().find(|it| rest.starts_with(**it));
        let length = match c {
            '(' if let (Some(asks), Looks::Written) = (asks, looks_become) => {
                plain.push_str("(?:");
                rest = &rest[asks.len()..];
                continue;
            }
            '(' if looks => {
                rest = &rest[group(rest)..];
                continue;
            }
            '\\' => rest.chars().take(2).map(char::len_utf8).sum(),
            '[' => class(rest),
            c => c.len_utf8(),
        };
        plain.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    plain
}

/// How many bytes the group at the beginning has.
fn group(text: &str) -> usize {
    let mut depth = 0;
    let mut place = 0;
    while let Some(c) = text[place..].chars().next() {
        place += match c {
            '\\' => text[place..].chars().take(2).map(char::len_utf8).sum(),
            '[' => class(&text[place..]),
            c => c.len_utf8(),
        };
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    place
}

/// How many bytes the class at the beginning has.
fn class(text: &str) -> usize {
    let mut depth = 0;
    let mut place = 0;
    while let Some(c) = text[place..].chars().next() {
        place += match c {
            '\\' => text[place..].chars().take(2).map(char::len_utf8).sum(),
            c => c.len_utf8(),
        };
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::matching;

    #[track_caller]
    fn first(pattern: &str, least: usize, text: &str) {
        assert_eq!(
            matching(pattern, least).first().map(String::as_str),
            Some(text),
            "{pattern}"
        );
    }

    #[test]
    fn the_first_choice_is_taken() {
        first("^[A-Z]{3}-[0-9]{4}$", 0, "ABC-1234");
        first("^(x|y)+z?$", 0, "xz");
        first(r"^\d+\.\d+$", 0, "1.2");
        first("^$", 0, "");
    }

    #[test]
    fn what_looks_around_is_asked_of_the_matcher() {
        first(r"^(?!abc)[a-z]{3}$", 0, "bcd");
        first(r"^(?=.*\d)(?=.*[a-z]).{4,}$", 0, "dD4!");
        first(r"(?<=\$)\d", 0, "$1");
        first("^(?!x)(x|y)$", 0, "y");
    }

    #[test]
    fn a_length_is_reached_by_repeating() {
        assert!(matching("^[a-z]+$", 20).iter().any(|text| text.len() >= 20));
    }

    #[test]
    fn what_matches_nothing_gives_nothing() {
        assert!(matching("a^", 0).is_empty());
        assert!(matching("[^\\s\\S]", 0).is_empty());
    }
}
