//! Bodies of `multipart/form-data`: texts that are read by their schema, and files.
//!
//! Texts are kept in memory and count against the limit of all bodies. Files go to the disk once
//! they are larger than [`IN_MEMORY`], so that a large upload costs no memory; they count against
//! a limit of their own. Headers and the number of parts are bounded, too.

mod form;
mod read;
#[cfg(test)]
mod tests;
mod upload;

pub use self::form::{FromMultipart, MultipartForm};
pub(crate) use self::read::{form, value};
pub use self::upload::{Upload, UploadReader};

/// The largest file that stays in memory.
pub(crate) const IN_MEMORY: usize = 64 * 1024;

/// The most parts that a form may have.
const MAX_PARTS: usize = 1000;

/// What may be read of a form without coming to a part's content: headers, and what stands
/// before the first part.
const MAX_BETWEEN: u64 = 1024 * 1024;
