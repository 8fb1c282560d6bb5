//! What a person has to do that the generator cannot.

use super::names::Gone;
use crate::render::{HandlerApi, Stub};

/// A place in the person's code that the document has overtaken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    pub path: String,
    pub line: usize,
    pub message: String,
    /// What the compiler is going to say; none where it is content.
    pub compiler: Option<String>,
    /// What to do.
    pub help: String,
}

/// In what a signature differs from that of its trait.
#[derive(Clone, Copy, Debug)]
pub(super) enum Signature {
    /// In the count of its parameters.
    Count,
    /// In a type.
    Type,
    /// In types that are gone.
    Gone,
}

impl Notice {
    pub(super) fn removed(
        path: &str,
        line: usize,
        name: &str,
        of: &str,
        was: Option<&str>,
    ) -> Self {
        let gone = was.map_or(String::new(), |was| {
            format!(": the document has no `{was}` any longer")
        });
        Self {
            path: path.to_owned(),
            line,
            message: format!("`{name}` is no operation of `{of}`{gone}"),
            compiler: Some(no_member(name, of)),
            help: "move what you still need of it elsewhere, and delete the method".to_owned(),
        }
    }

    pub(super) fn moved(
        path: &str,
        line: usize,
        name: &str,
        of: &str,
        to: &HandlerApi,
        stub: &Stub,
    ) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: format!(
                "`{name}` of `{of}` is `{}` of `{}` now",
                stub.name, to.trait_name
            ),
            compiler: Some(no_member(name, of)),
            help: format!(
                "move its body to the impl of `{}`, where a stub waits for it",
                to.trait_name
            ),
        }
    }

    pub(super) fn renamed(path: &str, line: usize, name: &str, of: &str, stub: &Stub) -> Self {
        let answer = stub.signature.last().map_or("", String::as_str);
        Self {
            path: path.to_owned(),
            line,
            message: format!(
                "`{} {}` was `{name}` and is `{}` now",
                stub.http_method, stub.http_path, stub.name
            ),
            compiler: Some(no_member(name, of)),
            help: format!(
                "rename the method to `{}`; it answers `{answer}`",
                stub.name
            ),
        }
    }

    /// The other half of a renaming: at the impl.
    pub(super) fn missing(path: &str, line: usize, name: &str, stub: &Stub) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: format!(
                "`{}` is missing here, because `{name}` has its code",
                stub.name
            ),
            compiler: Some(format!(
                "error[E0046]: not all trait items implemented, missing: `{}`",
                stub.name
            )),
            help: format!("rename `{name}`"),
        }
    }

    /// An impl to which nothing is added.
    pub(super) fn lacks(path: &str, line: usize, of: &str, missing: &[&str]) -> Self {
        let missing = format!("`{}`", missing.join("`, `"));
        Self {
            path: path.to_owned(),
            line,
            message: format!("this impl of `{of}` lacks {missing}"),
            compiler: Some(format!(
                "error[E0046]: not all trait items implemented, missing: {missing}"
            )),
            help: "write it; outside of `src` nothing is added".to_owned(),
        }
    }

    pub(super) fn signature(path: &str, line: usize, stub: &Stub, change: Signature) -> Self {
        let head = stub.text.split(" {\n").next().unwrap_or_default();
        let head: Vec<&str> = head.split_whitespace().collect();
        let compiler = match change {
            Signature::Count => Some(("E0050", "has a wrong number of parameters for the trait")),
            Signature::Type => Some(("E0053", "has an incompatible type for the trait")),
            Signature::Gone => None,
        };
        Self {
            path: path.to_owned(),
            line,
            message: format!("the signature of `{}` has changed", stub.name),
            compiler: compiler
                .map(|(code, what)| format!("error[{code}]: method `{}` {what}", stub.name)),
            help: format!(
                "write `{}`",
                head.join(" ").replace("( ", "(").replace(", )", ")")
            ),
        }
    }

    pub(super) fn api_gone(path: &str, line: usize, of: &str) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: format!("`{of}` is gone: no operation of the document belongs to it"),
            // It complains where the trait is imported or named, and is told there.
            compiler: None,
            help: "move what you still need elsewhere, then delete the impl and its imports"
                .to_owned(),
        }
    }

    pub(super) fn gone(path: &str, line: usize, name: &str, kind: Gone) -> Self {
        let (code, what) = match kind {
            Gone::Import => ("E0432", "unresolved import"),
            Gone::OnTheWay => ("E0433", "cannot find"),
            Gone::Trait => ("E0405", "cannot find trait"),
            Gone::Struct => ("E0422", "cannot find struct"),
            Gone::Other => ("E0425", "cannot find"),
        };
        Self {
            path: path.to_owned(),
            line,
            message: format!("`{name}` is gone"),
            compiler: Some(format!("error[{code}]: {what} `{name}`")),
            help: "the document does not have it any longer, or calls it otherwise".to_owned(),
        }
    }

    /// Without the compiler's words it is not certain that anything is wrong.
    pub(super) fn changed(
        path: &str,
        line: usize,
        ty: &str,
        words: &str,
        compiler: Option<String>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: format!("`{ty}` has changed: {words}"),
            compiler,
            help: "look at what the code here makes of it".to_owned(),
        }
    }

    pub(super) fn unreadable(path: &str, line: usize, why: &str) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: format!("this file cannot be read as Rust, so nothing was added to it: {why}"),
            compiler: Some(format!("error: {why}")),
            help: "correct it, and run the command again".to_owned(),
        }
    }

    /// Whether the compiler says it before it looks at types.
    pub(super) fn is_of_names(&self) -> bool {
        let names = [
            "E0405", "E0407", "E0422", "E0425", "E0432", "E0433", "E0532",
        ];
        let code = self.compiler.as_deref().and_then(|it| it.get(6..11));
        // Without a code it is the syntax.
        code.is_none_or(|code| names.contains(&code) || !code.starts_with('E'))
    }

    /// At the place where the whole is put together, if that was found.
    pub(crate) fn unimplemented(at: Option<(&str, usize)>, handlers: &str, of: &str) -> Self {
        let (path, line) = at.unwrap_or((handlers, 1));
        Self {
            path: path.to_owned(),
            line,
            message: format!("nothing in `src` implements `{of}`"),
            compiler: Some(format!(
                "error[E0277]: the trait bound `App: {of}` is not satisfied"
            )),
            help: format!(
                "write the impl; without `{handlers}` the next run makes that file anew, with a stub for each operation of `{of}`"
            ),
        }
    }

    pub(super) fn undeclared(path: &str, line: usize, module: &str) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: format!("the handlers of `{module}` are in a file that no module declares"),
            compiler: None,
            help: format!("declare `mod {module};` where the handlers are"),
        }
    }
}

fn no_member(name: &str, of: &str) -> String {
    format!("error[E0407]: method `{name}` is not a member of trait `{of}`")
}
