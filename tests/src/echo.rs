//! A generated service whose handlers say what they were given.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{Server, Tree, http::Answer, probe::Request};

/// What every handler of a fresh service does.
const STUB: &str = "Err(ApiError::not_implemented(ctx.operation()))";

/// A running service that answers each request that it accepts with the arguments of its handler.
#[derive(Debug)]
pub struct Echo {
    server: Server,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It reached the handler of an operation, with these arguments as `{:?}` shows them:
    /// `id=7; body=Pet { .. }`.
    Accepted {
        operation: String,
        arguments: String,
    },
    /// It was answered without its handler.
    Rejected {
        status: u16,
        violations: Vec<Violation>,
    },
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// `query limit`, `body /items/0/count`
    pub place: String,
    pub rule: String,
}

impl Echo {
    /// Generates, builds and starts the service of a document. The name is its package's.
    pub fn start(name: &str, spec: &Path) -> Self {
        Self::with_files(name, spec, &[], &[])
    }

    /// The same with options for the generator and some files of the person in place of the
    /// generated ones.
    pub fn with_files(name: &str, spec: &Path, options: &[&str], files: &[(&str, &str)]) -> Self {
        let mut words = vec!["--telemetry", "NONE", "--no-dockerfile"];
        words.extend(options);
        let tree = Tree::edited(name, spec, &words, |tree| {
            for (file, text) in files {
                fs::write(tree.join(file), text).expect("the file can be written");
            }
            echo_all(&tree.join("src/handlers"));
        });
        Self {
            server: Server::start(&tree.build(), &[]),
        }
    }

    /// The service itself.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Sends a request.
    #[track_caller]
    pub fn send(&self, request: &Request) -> Outcome {
        outcome(&self.server.send(request))
    }

    /// Sends a request without a body.
    #[track_caller]
    pub fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Outcome {
        self.send(&request(method, target, headers, None))
    }

    /// A `GET` without headers.
    #[track_caller]
    pub fn get(&self, target: &str) -> Outcome {
        self.ask("GET", target, &[])
    }

    /// A `POST` with a body.
    #[track_caller]
    pub fn post(&self, target: &str, media_type: &str, body: &[u8]) -> Outcome {
        self.send(&request(
            "POST",
            target,
            &[("content-type", media_type)],
            Some(body),
        ))
    }
}

impl Outcome {
    /// The arguments of the handler.
    #[track_caller]
    pub fn accepted(&self) -> &str {
        match self {
            Self::Accepted { arguments, .. } => arguments,
            Self::Rejected { .. } => panic!("not accepted: {self:?}"),
        }
    }

    /// The id of the operation and the arguments of its handler, or the status of the refusal:
    /// `readPet(id=7)`, `404`.
    pub fn shown(&self) -> String {
        match self {
            Self::Accepted {
                operation,
                arguments,
            } => format!("{operation}({arguments})"),
            Self::Rejected { status, .. } => status.to_string(),
        }
    }

    /// Whether it was refused with this status, and all of these violations and no others, each
    /// as `<place> <name or pointer>: <rule>`.
    #[track_caller]
    pub fn assert_rejected(&self, expected: u16, rules: &[&str]) {
        let Self::Rejected { status, violations } = self else {
            panic!("not rejected: {self:?}");
        };
        let found: Vec<String> = violations
            .iter()
            .map(|violation| format!("{}: {}", violation.place, violation.rule))
            .collect();
        assert_eq!((*status, found.as_slice()), (expected, &own(rules)[..]));
    }
}

fn own(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A request out of its parts.
pub fn request(
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> Request {
    Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.map(<[u8]>::to_vec),
    }
}

#[track_caller]
fn outcome(answer: &Answer) -> Outcome {
    if answer.status == 418 {
        let problem = answer.json();
        let text = problem["detail"].as_str().expect("what the handler says");
        let (operation, arguments) = text.split_once(": ").expect("an operation");
        return Outcome::Accepted {
            operation: operation.to_owned(),
            arguments: arguments.to_owned(),
        };
    }
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let violations = problem["violations"]
        .as_array()
        .into_iter()
        .flatten()
        .map(violation)
        .collect();
    Outcome::Rejected {
        status: answer.status,
        violations,
    }
}

fn violation(value: &Value) -> Violation {
    let of = |key: &str| value[key].as_str().unwrap_or_default();
    let mut place = of("in").to_owned();
    for part in [of("name"), of("pointer")] {
        if !part.is_empty() {
            place.push(' ');
            place.push_str(part);
        }
    }
    Violation {
        place,
        rule: of("rule").to_owned(),
    }
}

/// Makes every stub of a folder answer with its arguments.
fn echo_all(folder: &Path) {
    for entry in fs::read_dir(folder).expect("handlers") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a handler file");
        fs::write(&path, echoing(&text)).expect("the file can be written");
    }
}

fn echoing(text: &str) -> String {
    let mut lists = arguments(text).into_iter();
    let mut pieces = text.split(STUB);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let arguments = lists.next().expect("a function around each stub");
        let named: Vec<String> = arguments
            .iter()
            .map(|name| format!("{}={{:?}}", name.trim_start_matches('_')))
            .collect();
        let shown = std::iter::once(format!("{:?}", format!("{{}}: {}", named.join("; "))))
            .chain(["ctx.operation().id".to_owned()])
            .chain(arguments)
            .collect::<Vec<String>>()
            .join(", ");
        out.push_str(&format!(
            "Err(ApiError::status(failsafe_runtime::service::StatusCode::IM_A_TEAPOT, format!({shown})))",
        ));
        out.push_str(piece);
    }
    out
}

/// The names of each stub's arguments, receiver and context left out.
fn arguments(text: &str) -> Vec<Vec<String>> {
    let file = syn::parse_file(text).expect("handlers are Rust");
    let mut lists = Vec::new();
    for item in file.items {
        let syn::Item::Impl(item) = item else {
            continue;
        };
        for item in item.items {
            let syn::ImplItem::Fn(function) = item else {
                continue;
            };
            let names = function.sig.inputs.iter().filter_map(|input| match input {
                syn::FnArg::Typed(typed) => match &*typed.pat {
                    syn::Pat::Ident(name) => Some(name.ident.to_string()),
                    _ => None,
                },
                syn::FnArg::Receiver(_) => None,
            });
            lists.push(names.filter(|name| name != "ctx").collect());
        }
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::echoing;

    #[test]
    fn a_stub_shows_what_it_was_given() {
        let stub = "impl A for App {\n    async fn a(&self, ctx: &RequestContext, _id: i32, _body: B) -> R {\n        \
                    Err(ApiError::not_implemented(ctx.operation()))\n    }\n}\n";
        let echo = echoing(stub);
        assert!(
            echo.contains(r#"format!("{}: id={:?}; body={:?}", ctx.operation().id, _id, _body)"#),
            "{echo}"
        );
        assert!(!echo.contains("not_implemented"));
    }
}
