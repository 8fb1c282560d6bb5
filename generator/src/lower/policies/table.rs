//! Every pattern and every key that a document may name: types, ranges, defaults, and what this
//! version does not have yet.
//!
//! Reading, checking, defaults and the nearest known word all come from here, and nothing about a
//! key is said anywhere else.

use super::{follow, merge::Merged, value::Value};
use Absent::{
    Count as D, Follows, None as Unset, Number as N, Off, On, Same, Seconds as S, Word as W,
};
use Takes::{
    Anything, Budget, Exceptions, Flag, Rate, Text, Tokens, Word as OneOf, WordOr, Words as SomeOf,
};

/// Ten years, as in the runtime: sums of a few such durations still fit into every clock.
pub(super) const LONGEST_SECS: f64 = (10 * 365 * 24 * 60 * 60) as f64;

/// A pattern of the extension.
#[derive(Debug)]
pub(super) struct PatternSpec {
    pub(super) name: &'static str,
    pub(super) group: Group,
    pub(super) keys: &'static [Key],
    /// Pairs of keys of which the first must not exceed the second.
    pub(super) ordered: &'static [(&'static str, &'static str)],
}

/// Where a pattern stands; `order` moves patterns within a group alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// Before the request is read.
    Before,
    /// Around the handler.
    Around,
    /// Right around the handler, and moved by nothing.
    Innermost,
}

/// A key of a pattern.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) absent: Absent,
}

/// What a key takes.
#[derive(Debug)]
pub(super) enum Takes {
    Flag,
    /// A whole number between two bounds.
    Count(u64, u64),
    /// What a bucket holds: a whole number of at least 1, and less than that is taken for 1.
    Tokens,
    /// A number between two bounds.
    Number(f64, f64),
    /// A number of more than the first bound, up to the second.
    NumberAbove(f64, f64),
    /// A number of more than the first bound and less than the second.
    Between(f64, f64),
    /// A duration; whether it may be zero.
    Time {
        zero: bool,
    },
    /// A duration or one of some words.
    WordOr(&'static [Choice]),
    /// One of some words.
    Word(&'static [Choice]),
    /// A list of some words.
    Words(&'static [&'static str]),
    /// Text that names something.
    Text,
    /// Names of headers.
    Headers,
    /// `100/minute`, or a list of such, at most [`MAX_LIMITS`].
    Rate,
    /// Kinds of failures.
    Exceptions,
    /// `{ ratio, min_per_second }`
    Budget,
    /// Any JSON.
    Anything,
}

/// A word that a key takes.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) word: &'static str,
    pub(super) is_built: bool,
}

/// What holds where a key is not given.
#[derive(Clone, Copy, Debug)]
pub(super) enum Absent {
    None,
    On,
    Off,
    Count(u64),
    Number(f64),
    Seconds(f64),
    Word(&'static str),
    /// The value of another key.
    Same(&'static str),
    /// What follows from the keys that are given; which ones it looks at.
    Follows(fn(&Merged) -> Value, &'static [&'static str]),
}

impl PatternSpec {
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// The pattern of a name.
pub(super) fn pattern(name: &str) -> Option<&'static PatternSpec> {
    PATTERNS.iter().find(|pattern| pattern.name == name)
}

/// The members of `budget` and their upper bounds.
pub(super) const BUDGET_RATIO: (&str, f64) = ("ratio", 10.0);
pub(super) const BUDGET_MIN: (&str, u64) = ("min_per_second", 1_000_000);

/// The most limits that the runtime checks as one.
pub(super) const MAX_LIMITS: usize = 4;

const MANY: u64 = u32::MAX as u64;
const TIME: Takes = Takes::Time { zero: false };
const TIME_OR_ZERO: Takes = Takes::Time { zero: true };
const AT_LEAST_1: Takes = Takes::Count(1, MANY);
const AT_LEAST_0: Takes = Takes::Count(0, MANY);
const THRESHOLD: Takes = Takes::NumberAbove(0.0, 100.0);
const PERCENT: Takes = Takes::Number(0.0, 100.0);
/// A share that is reached by something.
const RATE: Takes = Takes::NumberAbove(0.0, 1.0);
const SHARE: Takes = Takes::Number(0.0, 1.0);

const fn key(name: &'static str, takes: Takes, absent: Absent) -> Key {
    Key {
        name,
        takes,
        absent,
    }
}

const fn word(word: &'static str) -> Choice {
    Choice {
        word,
        is_built: true,
    }
}

const fn word_later(word: &'static str) -> Choice {
    Choice {
        word,
        is_built: false,
    }
}

const ENABLED: Key = key("enabled", Flag, On);
const NAME: Key = key("name", Text, Unset);
const MODE: Key = key(
    "mode",
    OneOf(&[word("enforce"), word("shadow"), word("off")]),
    W("enforce"),
);
const CIRCUIT_MODE: Key = key(
    "mode",
    OneOf(&[
        word("enforce"),
        word("shadow"),
        word("off"),
        word("forced_open"),
        word("forced_closed"),
    ]),
    W("enforce"),
);

/// In the order in which they stand around a handler, outermost first.
pub(super) static PATTERNS: &[PatternSpec] = &[
    PatternSpec {
        name: "featuretoggle",
        group: Group::Before,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key("status", Takes::Count(400, 599), D(403)),
            key("percentage", PERCENT, N(100.0)),
        ],
        ordered: &[],
    },
    PatternSpec {
        name: "ratelimit",
        group: Group::Before,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key("max_executions", AT_LEAST_1, D(100)),
            key("per_time_secs", TIME, S(60.0)),
            key("limit", Rate, Unset),
            key("bucket_size", Tokens, Same("max_executions")),
            key(
                "retry_after_strategy",
                OneOf(&[word("backpressure"), word("fixed"), word("utilization")]),
                W("backpressure"),
            ),
            key("enable_per_client_tracking", Flag, Off),
            key("track_latency", Flag, On),
            key("p95_baseline", TIME, S(0.2)),
            key("min_latency", TIME, S(0.05)),
            key("min_retry_delay", TIME_OR_ZERO, S(1.0)),
            key("max_retry_penalty", TIME_OR_ZERO, S(15.0)),
            key("gradient_sensitivity", Takes::NumberAbove(0.0, 1e6), N(2.0)),
            key("window_size", Takes::Count(1, 10_000), D(100)),
            key("cost", AT_LEAST_1, D(1)),
            key("max_clients", Takes::Count(1, 10_000_000), D(10_000)),
            key("client_key", SomeOf(&CLIENT_KEYS), Unset),
            key(
                "backend",
                OneOf(&[word("local"), word_later("redis")]),
                W("local"),
            ),
        ],
        ordered: &[("cost", "bucket_size")],
    },
    PatternSpec {
        name: "loadshed",
        group: Group::Before,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key("max_requests", AT_LEAST_1, D(1000)),
            key("max_queue_depth", AT_LEAST_1, Unset),
            key("cpu_threshold", THRESHOLD, Unset),
            key("memory_threshold", THRESHOLD, Unset),
            key(
                "priority",
                OneOf(&[word("normal"), word("high")]),
                W("normal"),
            ),
        ],
        ordered: &[],
    },
    PatternSpec {
        name: "concurrency",
        group: Group::Before,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key(
                "initial_limit",
                AT_LEAST_1,
                Follows(follow::initial_limit, &["min_limit", "max_limit"]),
            ),
            key(
                "min_limit",
                AT_LEAST_1,
                Follows(follow::min_limit, &["initial_limit", "max_limit"]),
            ),
            key(
                "max_limit",
                Takes::Count(1, 1_000_000),
                Follows(follow::max_limit, &["initial_limit", "min_limit"]),
            ),
            key("increase_rate", Takes::NumberAbove(0.0, 1e6), N(1.0)),
            key("decrease_factor", Takes::Between(0.0, 1.0), N(0.9)),
            key(
                "algorithm",
                OneOf(&[word("aimd"), word("gradient")]),
                W("aimd"),
            ),
        ],
        ordered: &[
            ("min_limit", "initial_limit"),
            ("initial_limit", "max_limit"),
        ],
    },
    PatternSpec {
        name: "backpressure",
        group: Group::Before,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key(
                "max_pending",
                AT_LEAST_1,
                Follows(follow::max_pending, &["high_water_mark", "low_water_mark"]),
            ),
            key(
                "high_water_mark",
                AT_LEAST_1,
                Follows(follow::high_water_mark, &["max_pending", "low_water_mark"]),
            ),
            key(
                "low_water_mark",
                AT_LEAST_0,
                Follows(follow::low_water_mark, &["high_water_mark"]),
            ),
            key("timeout", TIME_OR_ZERO, S(5.0)),
        ],
        ordered: &[
            ("low_water_mark", "high_water_mark"),
            ("high_water_mark", "max_pending"),
        ],
    },
    PatternSpec {
        name: "bulkhead",
        group: Group::Before,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key("max_concurrent", AT_LEAST_1, D(10)),
            key("max_queued", AT_LEAST_0, D(0)),
            key("queue_timeout", TIME_OR_ZERO, Unset),
        ],
        ordered: &[],
    },
    PatternSpec {
        name: "cache",
        group: Group::Around,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key("ttl", TIME, S(300.0)),
            key("max_size", Takes::Count(1, 10_000_000), D(1000)),
            key("vary", Takes::Headers, Unset),
            key("methods", SomeOf(&["GET", "HEAD", "POST"]), Unset),
            key("stale_while_revalidate", TIME_OR_ZERO, Unset),
            key("stale_on_error", TIME_OR_ZERO, Unset),
            key("error_ttl", TIME_OR_ZERO, Unset),
        ],
        ordered: &[],
    },
    PatternSpec {
        name: "fallback",
        group: Group::Around,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key("status", Takes::Count(200, 599), Unset),
            key("body", Anything, Unset),
            key("handler", Flag, Off),
            key("stale", Flag, Off),
            key("on", Exceptions, W("Exception")),
        ],
        ordered: &[],
    },
    PatternSpec {
        name: "failfast",
        group: Group::Around,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key("failure_threshold", AT_LEAST_1, D(3)),
            key("recovery_timeout", TIME, Unset),
        ],
        ordered: &[],
    },
    PatternSpec {
        name: "circuitbreaker",
        group: Group::Around,
        keys: &[
            ENABLED,
            NAME,
            CIRCUIT_MODE,
            key("failure_threshold", AT_LEAST_1, D(5)),
            key("recovery_timeout", TIME, S(30.0)),
            key("half_open_requests", Takes::Count(1, 255), D(3)),
            key(
                "success_threshold",
                Takes::Count(1, 255),
                Same("half_open_requests"),
            ),
            key("window", OneOf(&[word("count"), word("time")]), Unset),
            key("window_size", Takes::Count(1, 100_000), Unset),
            key("failure_rate", RATE, Unset),
            key("slow_call_rate", RATE, Unset),
            key("slow_call_duration", TIME, Unset),
            key("minimum_calls", AT_LEAST_1, Unset),
        ],
        ordered: &[],
    },
    PatternSpec {
        name: "retry",
        group: Group::Around,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key("attempts", Takes::Count(1, 100), D(3)),
            key("delay", TIME_OR_ZERO, S(1.0)),
            key("backoff", Takes::Number(1.0, 1000.0), N(2.0)),
            key(
                "max_delay",
                TIME_OR_ZERO,
                Follows(follow::max_delay, &["delay"]),
            ),
            key(
                "jitter",
                OneOf(&[
                    word("full"),
                    word("none"),
                    word("equal"),
                    word("decorrelated"),
                ]),
                W("full"),
            ),
            key("exceptions", Exceptions, W("Exception")),
            key("budget", Budget, Unset),
        ],
        ordered: &[],
    },
    PatternSpec {
        name: "hedge",
        group: Group::Around,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key("attempts", Takes::Count(1, 10), D(2)),
            key(
                "delay",
                WordOr(&[word("p95"), word("p90"), word("p99")]),
                S(0.03),
            ),
            key("timeout", TIME, Unset),
            key("max_extra", SHARE, N(0.1)),
        ],
        ordered: &[],
    },
    PatternSpec {
        name: "timeout",
        group: Group::Around,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key(
                "seconds",
                TIME,
                Follows(follow::attempt_timeout, &["total"]),
            ),
            key("total", TIME, Unset),
        ],
        ordered: &[],
    },
    PatternSpec {
        name: "chaos",
        group: Group::Innermost,
        keys: &[
            ENABLED,
            NAME,
            MODE,
            key("fault_rate", SHARE, N(0.0)),
            key("latency", TIME_OR_ZERO, S(0.0)),
            key("status", Takes::Count(400, 599), D(503)),
            key("seed", AT_LEAST_0, D(0)),
        ],
        ordered: &[],
    },
];

/// What may tell clients apart.
pub(super) static CLIENT_KEYS: [&str; 3] = ["x-client-id", "authorization", "peer"];
