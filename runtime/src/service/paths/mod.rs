//! From the path of a request to the operations that stand there.
//!
//! Documents write paths that routers for hand-written code do not take: text around a parameter
//! (`/{id}:cancel`), several in a segment (`/{name}.{extension}`), one place under several names.
//! So paths have a router of their own: a [`Tree`] of segments, made once from the [`Template`]s.
//! It takes every set of templates; two that match the same paths share a place.
//!
//! | segment | matches |
//! |---|---|
//! | `text` | itself, with or without escapes |
//! | `{id}:text` | text around values, each of one character or more; of several ways to cut it the one that makes the first values longest |
//! | `{id}` | any text but none |
//! | `{?id}` | the same, and at the end of a path no text as well |
//! | `{*rest}/..` | everything up to the first place where what follows matches |
//! | `{*rest}:text` | everything up to a text at the end of the path |
//! | `{*rest}` | everything up to the end |
//!
//! Where several match, the segment further up in this table wins, and of several with text around
//! a parameter the one with most text; the first segments decide before the later ones. What stands
//! below a segment that wins need not match: then the next one gets its chance. Trailing and double
//! slashes count. Values are kept as they are written, escapes and all.

mod captures;
mod escape;
mod mixed;
mod tail;
mod template;
#[cfg(test)]
mod tests;
mod tree;

pub(super) use self::captures::{Captures, PathValues};
#[cfg(feature = "controlplane")]
pub(super) use self::escape::unescaped;
pub(super) use self::template::Template;
pub(super) use self::tree::Tree;
