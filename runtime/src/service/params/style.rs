//! How a value is written as text.

/// A style of the OpenAPI standard, under its name there. What the standard leaves undefined is
/// read as most clients write it:
///
/// - `spaceDelimited` and `pipeDelimited` with `explode`, and an array or an object in a cookie
///   with `explode`, are read as `form` with `explode`;
/// - `deepObject` goes as deep as the keys do, and takes arrays by index or one by one:
///   `a[b][c]=1`, `a[0]=x`, `a[]=x`;
/// - a value that is neither array nor object is written by `spaceDelimited`, `pipeDelimited` and
///   `deepObject` as by `form`;
/// - `label` without `explode` takes commas (RFC 6570, OpenAPI 3.1.1) and, where there are none,
///   dots (OpenAPI 3.1.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `;id=5`, `;id=3,4,5`, exploded `;id=3;id=4;id=5`.
    Matrix,
    /// `.5`, `.3,4,5`, exploded `.3.4.5`.
    Label,
    /// `5`, `3,4,5`; an object `role,admin,name,Alex`, exploded `role=admin,name=Alex`. The
    /// default of paths and headers.
    Simple,
    /// `id=5`, exploded `id=3&id=4`, otherwise `id=3,4`; an object exploded
    /// `role=admin&name=Alex`, otherwise `id=role,admin,name,Alex`. The default, exploded, of
    /// queries and cookies.
    Form,
    /// `id=3%204%205`.
    SpaceDelimited,
    /// `id=3|4|5`.
    PipeDelimited,
    /// `id[role]=admin&id[name]=Alex`.
    DeepObject,
    /// One JSON text, as a parameter with `content` has it.
    Json,
}

impl Style {
    /// Whether the standard explodes the style where the document does not say.
    pub(super) const fn explodes(self) -> bool {
        matches!(self, Style::Form | Style::DeepObject)
    }
}
