//! What the person's code has to have: a trait for each API, a method for each operation.

/// An API, whose trait the person implements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlerApi {
    pub trait_name: String,
    /// The module of its handlers, and of what it generates.
    pub module: String,
    /// In the order of the document.
    pub stubs: Vec<Stub>,
}

/// Behind the path of a method that answers in place of another: to whatever compares them, an
/// operation by itself.
pub(super) const FALLBACK: &str = " (fallback)";

/// A method before its person has written it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stub {
    /// Upper case.
    pub http_method: String,
    /// The path as the document writes it, and [`FALLBACK`] where it is one.
    pub http_path: String,
    pub name: String,
    /// As it stands in an impl that is not indented, with the end of its last line.
    pub text: String,
    /// The types of its arguments and of its answer.
    pub signature: Vec<String>,
    pub imports: Vec<Import>,
}

/// A name that a stub uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// `crate::generated::apis::pets`
    pub module: String,
    /// `PetsApi`; `self` is the module, and a module may be called otherwise: `pets as examples`.
    pub name: String,
}

impl HandlerApi {
    /// Where its handlers are born.
    pub fn path(&self) -> String {
        format!("src/handlers/{}.rs", self.module)
    }

    /// The module of its trait.
    pub fn generated(&self) -> String {
        format!("crate::generated::apis::{}", self.module)
    }
}

impl Stub {
    /// The path of the operation, whichever of its methods this is.
    pub(crate) fn operation_path(&self) -> &str {
        let path = &self.http_path;
        path.strip_suffix(FALLBACK).unwrap_or(path)
    }
}
