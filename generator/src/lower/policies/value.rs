//! One value of the extension: read by what its key takes, or refused with the range.

use std::time::Duration;

use super::table::{BUDGET_MIN, BUDGET_RATIO, Choice, LONGEST_SECS, MAX_LIMITS, Takes};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, nearest},
    ir::Rate,
    lower::json,
    spec::At,
};

/// A value that fits its key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Flag(bool),
    Count(u64),
    Number(f64),
    Time(Duration),
    Word(&'static str),
    Text(String),
    Texts(Vec<String>),
    Rates(Vec<Rate>),
    Budget {
        ratio: Option<f64>,
        min_per_second: Option<u32>,
    },
    Json(serde_json::Value),
}

/// Reads a value; tells what is wrong with it and gives none.
pub(super) fn read(takes: &Takes, at: &At<'_>, found: &mut Diagnostics) -> Option<Value> {
    let mut reader = Reader {
        key: at.token().unwrap_or_default().to_owned(),
        found,
    };
    reader.value(takes, at)
}

struct Reader<'f> {
    key: String,
    found: &'f mut Diagnostics,
}

impl Reader<'_> {
    fn value(&mut self, takes: &Takes, at: &At<'_>) -> Option<Value> {
        match takes {
            Takes::Flag => match at.as_bool() {
                Some(flag) => Some(Value::Flag(flag)),
                None => self.wrong(at, "`true` or `false`", "true"),
            },
            Takes::Tokens => self.tokens(at).map(Value::Count),
            Takes::Count(min, max) => self.count(at, *min, *max).map(Value::Count),
            Takes::Number(min, max) => self.number_within(at, *min, *max).map(Value::Number),
            Takes::NumberAbove(min, max) => {
                let range = format!("a number of more than {min}, at most {max}");
                self.number(at, |number| number > *min && number <= *max, &range)
                    .map(Value::Number)
            }
            Takes::Between(low, high) => {
                let range = format!("a number of more than {low} and less than {high}");
                self.number(at, |number| number > *low && number < *high, &range)
                    .map(Value::Number)
            }
            Takes::Time { zero } => self.time(at, *zero).map(Value::Time),
            Takes::WordOr(choices) => match at.as_str() {
                Some(text) if !text.starts_with(|c: char| c.is_ascii_digit()) => {
                    self.word(at, choices)
                }
                _ => self.time(at, true).map(Value::Time),
            },
            Takes::Word(choices) => self.word(at, choices),
            Takes::Words(known) => self.words(at, known).map(Value::Texts),
            Takes::Text => self.text(at).map(Value::Text),
            Takes::Headers => {
                let names = self.list(at, |reader, item| reader.header(item))?;
                Some(Value::Texts(names))
            }
            Takes::Rate => self.rates(at),
            Takes::Exceptions => {
                let texts = self.list(at, |reader, item| reader.exception(item))?;
                if texts.is_empty() {
                    return self.wrong(at, "at least one kind of failure", "[Exception]");
                }
                Some(Value::Texts(texts))
            }
            Takes::Budget => self.budget(at),
            Takes::Anything => Some(Value::Json(json::value(at.node()))),
        }
    }

    fn count(&mut self, at: &At<'_>, min: u64, max: u64) -> Option<u64> {
        let range = match max {
            max if max == u64::from(u32::MAX) => format!("a whole number of at least {min}"),
            max => format!("a whole number from {min} to {max}"),
        };
        if at.as_number().is_none() {
            return self.no_number(at, &range);
        }
        match at.as_u64() {
            Some(count) if (min..=max).contains(&count) => Some(count),
            _ => self.out_of_range(at, &range),
        }
    }

    fn tokens(&mut self, at: &At<'_>) -> Option<u64> {
        if at.as_f64().is_some_and(|size| (0.0..1.0).contains(&size)) {
            self.found.push(
                Diagnostic::warning(
                    "bucket-raised",
                    "a bucket that holds less than one token lets nobody pass; it is taken for 1",
                )
                .at(at.location())
                .help(format!("write `{}: 1`", self.key)),
            );
            return Some(1);
        }
        self.count(at, 1, u64::from(u32::MAX))
    }

    fn number_within(&mut self, at: &At<'_>, min: f64, max: f64) -> Option<f64> {
        let range = format!("a number from {min} to {max}");
        self.number(at, |number| (min..=max).contains(&number), &range)
    }

    fn number(&mut self, at: &At<'_>, fits: impl Fn(f64) -> bool, range: &str) -> Option<f64> {
        if at.as_number().is_none() {
            return self.no_number(at, range);
        }
        match at.as_f64().filter(|&number| fits(number)) {
            Some(number) => Some(number),
            None => self.out_of_range(at, range),
        }
    }

    fn time(&mut self, at: &At<'_>, zero: bool) -> Option<Duration> {
        let form = "a number of seconds, or text with a unit (ns, us, ms, s, m, h, d)";
        let secs = match (at.as_f64(), at.as_str()) {
            (Some(secs), _) => Some(secs),
            (None, Some(text)) => seconds(text),
            (None, None) => return self.wrong(at, form, "250ms"),
        };
        let Some(secs) = secs else {
            return self.wrong(at, form, "250ms");
        };
        let range = match zero {
            true => "from 0 to ten years",
            false => "more than 0, at most ten years",
        };
        let time = Duration::try_from_secs_f64(secs).ok();
        // What is nearly nothing rounds to nothing.
        let fits = |time: &Duration| (zero || !time.is_zero()) && secs <= LONGEST_SECS;
        match time.filter(fits) {
            Some(time) => Some(time),
            None => self.out_of_range(at, range),
        }
    }

    fn word(&mut self, at: &At<'_>, choices: &[Choice]) -> Option<Value> {
        let words = || choices.iter().map(|choice| choice.word);
        let form = one_of(words());
        // YAML 1.1 reads `off` as false, and so may the editor of whoever wrote it.
        let text = match at.as_bool() {
            Some(false) if words().any(|word| word == "off") => "off",
            _ => match at.as_str() {
                Some(text) => text,
                None => return self.wrong(at, &form, choices.first().map_or("", |c| c.word)),
            },
        };
        let Some(choice) = choices.iter().find(|choice| choice.word == text) else {
            let diagnostic = self.finding("unknown-word", at, &form);
            return self.refuse(match nearest(text, words()) {
                Some(word) => diagnostic.help(format!("did you mean `{word}`?")),
                None => diagnostic.help(format!("write {form}")),
            });
        };
        if !choice.is_built {
            let built = one_of(
                choices
                    .iter()
                    .filter(|c| c.is_built)
                    .map(|choice| choice.word),
            );
            return self.refuse(
                not_available(&format!("`{}: {}`", self.key, choice.word), at)
                    .help(format!("this version has {built}")),
            );
        }
        Some(Value::Word(choice.word))
    }

    fn words(&mut self, at: &At<'_>, known: &[&str]) -> Option<Vec<String>> {
        let form = one_of(known.iter().copied());
        self.list(at, |reader, item| match item.as_str() {
            Some(text) => match known.iter().find(|word| word.eq_ignore_ascii_case(text)) {
                Some(word) => Some((*word).to_owned()),
                None => {
                    let diagnostic = reader.finding("unknown-word", item, &form);
                    reader.refuse(diagnostic.help(format!("write {form}")))
                }
            },
            None => reader.wrong(item, &form, known.first().copied().unwrap_or_default()),
        })
    }

    /// The name of a header: a token, as HTTP calls it.
    fn header(&mut self, at: &At<'_>) -> Option<String> {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        match at.as_str() {
            Some(name) if (1..=128).contains(&name.len()) && name.chars().all(is_token) => {
                Some(name.to_owned())
            }
            Some(_) => self.out_of_range(at, "the name of a header"),
            None => self.wrong(at, "the name of a header", "Accept-Language"),
        }
    }

    fn text(&mut self, at: &At<'_>) -> Option<String> {
        match at.as_str() {
            Some(text)
                if !text.trim().is_empty()
                    && text.len() <= 128
                    && !text.chars().any(char::is_control) =>
            {
                Some(text.to_owned())
            }
            Some(_) => self.out_of_range(at, "text of 1 to 128 bytes without control characters"),
            None => self.wrong(at, "text", "a-name"),
        }
    }

    fn list<T>(
        &mut self,
        at: &At<'_>,
        mut item: impl FnMut(&mut Self, &At<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        if !at.is_array() {
            return self.wrong(at, "a list", "[..]");
        }
        // All items are read, also those behind a bad one.
        let read: Vec<_> = at.items().map(|at| item(self, &at)).collect();
        read.into_iter().collect()
    }

    fn exception(&mut self, at: &At<'_>) -> Option<String> {
        let form = "`Exception`, `ConnectionError`, `TimeoutError`, a status such as `503` or a class such as `5xx`";
        let number = at.as_number().map(|number| number.text.as_str());
        let Some(text) = at.as_str().or(number) else {
            return self.wrong(at, form, "5xx");
        };
        if ["Exception", "ConnectionError", "TimeoutError"].contains(&text) {
            return Some(text.to_owned());
        }
        let lower = text.to_ascii_lowercase();
        let is_class =
            lower.len() == 3 && lower.ends_with("xx") && ('1'..='5').contains(&initial(&lower));
        let status = lower.parse::<u16>().ok().filter(|_| lower.len() == 3);
        let is_status = status.is_some_and(|status| (100..600).contains(&status));
        if !is_class && !is_status {
            let known = ["Exception", "ConnectionError", "TimeoutError"];
            let diagnostic = self.finding("unknown-word", at, form);
            return self.refuse(match nearest(text, known) {
                Some(word) => diagnostic.help(format!("did you mean `{word}`?")),
                None => diagnostic.help("a status or a class is written `503` or `5xx`"),
            });
        }
        if !lower.starts_with('5') || lower == "501" {
            self.found.push(
                Diagnostic::warning(
                    "never-a-failure",
                    format!("an answer with status {lower} is an answer, not a failure; `{lower}` matches nothing"),
                )
                .at(at.location())
                .help("failures are errors of connections, timeouts, and the statuses from 500 other than 501"),
            );
        }
        Some(lower)
    }

    fn rates(&mut self, at: &At<'_>) -> Option<Value> {
        if !at.is_array() {
            return self.rate(at).map(|rate| Value::Rates(vec![rate]));
        }
        let rates = self.list(at, |reader, item| reader.rate(item))?;
        match rates.len() {
            0 => self.wrong(at, "at least one limit", "100/minute"),
            1..=MAX_LIMITS => Some(Value::Rates(rates)),
            _ => self.out_of_range(at, &format!("at most {MAX_LIMITS} limits")),
        }
    }

    fn rate(&mut self, at: &At<'_>) -> Option<Rate> {
        let form = "a number of calls and a time, such as `100/minute`";
        let Some(text) = at.as_str() else {
            return self.wrong(at, form, "100/minute");
        };
        let units = [
            ("second", 1),
            ("minute", 60),
            ("hour", 60 * 60),
            ("day", 24 * 60 * 60),
        ];
        let Some((count, unit)) = text.split_once('/') else {
            return self.wrong(at, form, "100/minute");
        };
        let unit = unit.trim();
        let Some(&(_, secs)) = units.iter().find(|(name, _)| *name == unit) else {
            let diagnostic = self.finding("unknown-word", at, form);
            return self.refuse(match nearest(unit, units.map(|(name, _)| name)) {
                Some(near) => diagnostic.help(format!("did you mean `{}/{near}`?", count.trim())),
                None => diagnostic.help("the times are `second`, `minute`, `hour` and `day`"),
            });
        };
        match count.trim().parse::<u32>() {
            Ok(executions) if executions > 0 => Some(Rate {
                executions,
                per: Duration::from_secs(secs),
            }),
            _ => self.out_of_range(at, "a whole number of at least 1 before the `/`"),
        }
    }

    fn budget(&mut self, at: &At<'_>) -> Option<Value> {
        if !at.is_object() {
            return self.wrong(at, "an object", "{ ratio: 0.2, min_per_second: 10 }");
        }
        let (mut ratio, mut min_per_second, mut fits) = (None, None, true);
        for (key, value) in at.entries() {
            self.key = key.to_owned();
            if key == BUDGET_RATIO.0 {
                ratio = self.number_within(&value, 0.0, BUDGET_RATIO.1);
                fits &= ratio.is_some();
            } else if key == BUDGET_MIN.0 {
                let count = self.count(&value, 0, BUDGET_MIN.1);
                min_per_second = count.and_then(|count| u32::try_from(count).ok());
                fits &= min_per_second.is_some();
            } else {
                self.found.push(unknown_key(
                    &value,
                    "budget",
                    [BUDGET_RATIO.0, BUDGET_MIN.0],
                ));
                fits = false;
            }
        }
        fits.then_some(Value::Budget {
            ratio,
            min_per_second,
        })
    }

    /// A value of another type than the key takes.
    fn wrong<T>(&mut self, at: &At<'_>, form: &str, example: &str) -> Option<T> {
        let diagnostic = self.wrong_type(at, form);
        let help = format!("write `{}: {example}`", self.key);
        self.refuse(diagnostic.help(help))
    }

    fn no_number<T>(&mut self, at: &At<'_>, range: &str) -> Option<T> {
        let diagnostic = self.wrong_type(at, range);
        let in_quotes = at.as_str().filter(|text| text.parse::<f64>().is_ok());
        self.refuse(match in_quotes {
            Some(number) => {
                let help = format!("write it without quotes: `{}: {number}`", self.key);
                diagnostic.help(help)
            }
            None => diagnostic,
        })
    }

    fn wrong_type(&self, at: &At<'_>, form: &str) -> Diagnostic {
        let shown = match at.as_str() {
            // The quotes may be what is wrong.
            Some(text) if text.chars().count() <= 40 => format!("`\"{}\"`", text.escape_debug()),
            _ => shown(at),
        };
        let message = format!("`{}` must be {form}, this is {shown}", self.key);
        Diagnostic::error("wrong-type", message).at(at.location())
    }

    fn out_of_range<T>(&mut self, at: &At<'_>, range: &str) -> Option<T> {
        let diagnostic = self.finding("value-out-of-range", at, range);
        self.refuse(diagnostic)
    }

    fn finding(&self, code: &'static str, at: &At<'_>, form: &str) -> Diagnostic {
        Diagnostic::error(
            code,
            format!("`{}` must be {form}, this is {}", self.key, shown(at)),
        )
        .at(at.location())
    }

    fn refuse<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.found.push(diagnostic);
        None
    }
}

/// What this version cannot do.
pub(super) fn not_available(what: &str, at: &At<'_>) -> Diagnostic {
    Diagnostic::error(
        "not-available",
        format!("{what} is not available in this version"),
    )
    .at(at.location())
}

/// A key that nobody knows.
pub(super) fn unknown_key<'k>(
    at: &At<'_>,
    of: &str,
    known: impl IntoIterator<Item = &'k str> + Clone,
) -> Diagnostic {
    let key = at.token().unwrap_or_default();
    let diagnostic = Diagnostic::error(
        "unknown-extension-key",
        format!("`{}` is no key of `{of}`", key.escape_debug()),
    )
    .at(at.key_location());
    // Some only leave the end away.
    let longer = || {
        known
            .clone()
            .into_iter()
            .find(|known| key.len() >= 4 && known.starts_with(key))
    };
    match nearest(key, known.clone()).or_else(longer) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("its keys are {}", all_of(known))),
    }
}

fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit_at = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let scale = match unit {
        "ns" => 1e-9,
        "us" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return None,
    };
    Some(number.trim_end().parse::<f64>().ok()? * scale)
}

fn initial(text: &str) -> char {
    text.chars().next().unwrap_or_default()
}

/// A value in a message.
pub(super) fn shown(at: &At<'_>) -> String {
    match (at.as_str(), at.as_number(), at.as_bool()) {
        (Some(text), ..) if text.chars().count() <= 40 => format!("`{}`", text.escape_debug()),
        (_, Some(number), _) if number.text.len() <= 40 => format!("`{}`", number.text),
        (.., Some(flag)) => format!("`{flag}`"),
        _ => at.kind_name().to_owned(),
    }
}

fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    join(words, "or")
}

fn all_of<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    join(words, "and")
}

fn join<'w>(words: impl IntoIterator<Item = &'w str>, last: &str) -> String {
    let words: Vec<_> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        Some((end, _)) => end.clone(),
        None => String::new(),
    }
}
