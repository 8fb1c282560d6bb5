//! A file of the person's, with the places where something may have to be inserted.

use std::{collections::HashSet, ops::Range};

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Item, UseTree, spanned::Spanned};

/// Where the service's own code is.
const SERVICE: &str = "src/";

/// What is known of a file.
pub(super) struct Source<'t> {
    pub(super) path: &'t str,
    pub(super) text: &'t str,
    /// What other crates call the service.
    service: &'t str,
    /// The file's own comes first.
    pub(super) modules: Vec<Module>,
    pub(super) impls: Vec<Impl>,
    pub(super) tree: syn::File,
    /// Where the text begins that spans count from: behind a byte order mark.
    begin: usize,
}

/// A module that is written out.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) parent: Option<usize>,
    pub(super) uses: Vec<Use>,
    /// What it gives a name to.
    pub(super) defined: HashSet<String>,
    pub(super) mods: Vec<(String, Range<usize>)>,
    /// Where its first item stands.
    pub(super) start: Option<usize>,
}

/// A `use`.
#[derive(Debug)]
pub(super) struct Use {
    pub(super) range: Range<usize>,
    pub(super) leaves: Vec<Leaf>,
    pub(super) groups: Vec<Group>,
}

/// A name that is imported.
#[derive(Debug)]
pub(super) struct Leaf {
    /// That of a module where `self` is written.
    pub(super) path: Vec<String>,
    /// What it is called here; none for `*`.
    pub(super) binding: Option<String>,
    pub(super) is_self: bool,
    pub(super) at: usize,
    /// Where each part of the path stands.
    pub(super) places: Vec<usize>,
}

/// What stands before a part of a `use`.
#[derive(Clone, Debug, Default)]
struct Prefix {
    path: Vec<String>,
    places: Vec<usize>,
}

/// Braces in a `use`.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) module: Vec<String>,
    pub(super) open: usize,
    /// Where its last name stands.
    pub(super) last: Option<Range<usize>>,
}

/// An `impl` of a trait.
#[derive(Debug)]
pub(super) struct Impl {
    pub(super) module: usize,
    /// The trait's own name, whatever it is called here.
    pub(super) of: String,
    /// Where the word `impl` stands.
    pub(super) at: usize,
    pub(super) open: usize,
    pub(super) close: usize,
    pub(super) is_empty: bool,
    pub(super) methods: Vec<Method>,
}

#[derive(Debug)]
pub(super) struct Method {
    pub(super) name: String,
    /// Where its name stands.
    pub(super) at: usize,
    pub(super) range: Range<usize>,
    /// The types of its arguments behind the context, and of its answer.
    pub(super) signature: Vec<String>,
    /// Where its arguments stand, the receiver and the context too, and its answer: where the
    /// compiler finds their types.
    pub(super) places: Vec<Range<usize>>,
}

/// A text that is no Rust.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) line: usize,
    pub(super) message: String,
}

impl<'t> Source<'t> {
    pub(super) fn parse(
        service: &'t str,
        path: &'t str,
        text: &'t str,
    ) -> Result<Self, Unreadable> {
        let mut begin = text.len() - text.trim_start_matches('\u{feff}').len();
        let body = &text[begin..];
        if body.starts_with("#!") && !body.starts_with("#![") {
            begin += body.find('\n').unwrap_or(body.len());
        }
        let lines_before = text[..begin].matches('\n').count();
        let unreadable = |error: &syn::Error| Unreadable {
            line: lines_before + error.span().start().line,
            message: error.to_string(),
        };
        let tokens: TokenStream = text[begin..]
            .parse()
            .map_err(|error: proc_macro2::LexError| unreadable(&error.into()))?;
        let tree: syn::File = syn::parse2(tokens).map_err(|error| unreadable(&error))?;
        let mut source = Self {
            path,
            text,
            service,
            modules: Vec::new(),
            impls: Vec::new(),
            tree: syn::File {
                shebang: None,
                attrs: Vec::new(),
                items: Vec::new(),
            },
            begin,
        };
        source.read_module(None, &tree.items);
        source.tree = tree;
        Ok(source)
    }

    /// A path with `crate` for the service, whatever it is called where the path stands.
    pub(super) fn rooted(&self, mut path: Vec<String>) -> Vec<String> {
        if path.get(1).is_some_and(|name| name == "generated") {
            let is_service = path[0] == self.service;
            if is_service {
                "crate".clone_into(&mut path[0]);
            } else if path[0] == "crate" && !self.path.starts_with(SERVICE) {
                "self".clone_into(&mut path[0]);
            }
        }
        path
    }

    /// The line of a place, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    pub(super) fn line_ending(&self) -> &'static str {
        match self.text.contains("\r\n") {
            true => "\r\n",
            false => "\n",
        }
    }

    /// What stands before a place on its line, if that is white space.
    pub(super) fn indent(&self, at: usize) -> &'t str {
        let begin = self.text[..at].rfind('\n').map_or(self.begin, |at| at + 1);
        let before = &self.text[begin..at];
        &before[..before.len() - before.trim_start().len()]
    }

    /// The end of the line of a place, or the place itself where more code follows there.
    pub(super) fn end_of_line(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        let line = rest.split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let behind = line.trim_start();
        match behind.is_empty() || behind.starts_with("//") {
            true => at + line.len(),
            false => at,
        }
    }

    pub(super) fn range(&self, span: Span) -> Range<usize> {
        let range = span.byte_range();
        self.begin + range.start..self.begin + range.end
    }

    fn read_module(&mut self, parent: Option<usize>, items: &[Item]) {
        let index = self.modules.len();
        let mut module = Module {
            parent,
            start: items.first().map(|item| self.range(item.span()).start),
            ..Module::default()
        };
        for item in items {
            match item {
                Item::Use(item) => module.uses.push(self.read_use(item)),
                Item::Mod(item) if item.content.is_none() => {
                    let name = item.ident.to_string();
                    module.mods.push((name, self.range(item.span())));
                }
                _ => {}
            }
            module.defined.extend(name(item));
        }
        self.modules.push(module);
        for item in items {
            match item {
                Item::Impl(item) => {
                    let read = self.read_impl(index, item);
                    self.impls.extend(read);
                }
                Item::Mod(syn::ItemMod {
                    content: Some((_, items)),
                    ..
                }) => self.read_module(Some(index), items),
                _ => {}
            }
        }
    }

    fn read_use(&self, item: &syn::ItemUse) -> Use {
        let mut read = Use {
            range: self.range(item.span()),
            leaves: Vec::new(),
            groups: Vec::new(),
        };
        self.read_use_tree(&item.tree, &mut Prefix::default(), &mut read);
        read
    }

    fn read_use_tree(&self, tree: &UseTree, prefix: &mut Prefix, read: &mut Use) {
        let leaf = |prefix: &Prefix, name: &syn::Ident, binding: &syn::Ident| {
            let is_self = name == "self";
            let Prefix {
                mut path,
                mut places,
            } = prefix.clone();
            let at = self.range(name.span()).start;
            if !is_self {
                path.push(plain(name));
                places.push(at);
            }
            let binding = match is_self && binding == "self" {
                true => path.last().cloned(),
                false => Some(plain(binding)),
            };
            Leaf {
                path: self.rooted(path),
                binding,
                is_self,
                at,
                places,
            }
        };
        match tree {
            UseTree::Path(path) => {
                prefix.path.push(plain(&path.ident));
                prefix.places.push(self.range(path.ident.span()).start);
                self.read_use_tree(&path.tree, prefix, read);
                prefix.path.pop();
                prefix.places.pop();
            }
            UseTree::Name(name) => read.leaves.push(leaf(prefix, &name.ident, &name.ident)),
            UseTree::Rename(name) => read.leaves.push(leaf(prefix, &name.ident, &name.rename)),
            UseTree::Glob(glob) => read.leaves.push(Leaf {
                path: self.rooted(prefix.path.clone()),
                binding: None,
                is_self: false,
                at: self.range(glob.span()).start,
                places: prefix.places.clone(),
            }),
            UseTree::Group(group) => {
                read.groups.push(Group {
                    module: prefix.path.clone(),
                    open: self.range(group.brace_token.span.open()).end,
                    last: group.items.last().map(|last| self.range(last.span())),
                });
                for tree in &group.items {
                    self.read_use_tree(tree, prefix, read);
                }
            }
        }
    }

    fn places(&self, signature: &syn::Signature) -> Vec<Range<usize>> {
        let inputs = signature.inputs.iter().map(|input| match input {
            syn::FnArg::Typed(argument) => argument.ty.span(),
            syn::FnArg::Receiver(receiver) => receiver.span(),
        });
        let output = match &signature.output {
            syn::ReturnType::Default => signature.ident.span(),
            syn::ReturnType::Type(_, ty) => ty.span(),
        };
        let spans = inputs.chain([output]);
        spans.map(|span| self.range(span)).collect()
    }

    fn read_impl(&self, module: usize, item: &syn::ItemImpl) -> Option<Impl> {
        let (_, of, _) = item.trait_.as_ref()?;
        let called = plain(&of.segments.last()?.ident);
        let renamed = self.modules[module].leaf(&called);
        let methods = item.items.iter().filter_map(|item| match item {
            syn::ImplItem::Fn(method) => Some(Method {
                name: plain(&method.sig.ident),
                at: self.range(method.sig.ident.span()).start,
                range: self.range(method.span()),
                signature: signature(&method.sig),
                places: self.places(&method.sig),
            }),
            _ => None,
        });
        Some(Impl {
            module,
            of: renamed
                .and_then(|leaf| leaf.path.last().cloned())
                .unwrap_or(called),
            at: self.range(item.impl_token.span).start,
            open: self.range(item.brace_token.span.open()).end,
            close: self.range(item.brace_token.span.close()).start,
            is_empty: item.items.is_empty(),
            methods: methods.collect(),
        })
    }
}

impl Module {
    /// What is imported under a name.
    pub(super) fn leaf(&self, binding: &str) -> Option<&Leaf> {
        let mut leaves = self.uses.iter().flat_map(|item| &item.leaves);
        leaves.find(|leaf| leaf.binding.as_deref() == Some(binding))
    }
}

/// A name without the mark of a raw one.
pub(super) fn plain(ident: &syn::Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").unwrap_or(&text).to_owned()
}

fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Mod(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(plain(ident))
}

fn signature(signature: &syn::Signature) -> Vec<String> {
    let typed = signature.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(argument) => Some(&*argument.ty),
        syn::FnArg::Receiver(_) => None,
    });
    let mut types: Vec<String> = typed.skip(1).map(type_text).collect();
    types.push(match &signature.output {
        syn::ReturnType::Default => "()".to_owned(),
        syn::ReturnType::Type(_, ty) => type_text(ty),
    });
    types
}

fn type_text(ty: &syn::Type) -> String {
    without_paths(&ty.to_token_stream().to_string())
}

/// A type without spaces and without the modules of its names: how much of a path is written is
/// up to whoever writes it.
pub(super) fn without_paths(ty: &str) -> String {
    let ty = ty.replace(' ', "");
    let mut text = String::new();
    let mut name = String::new();
    let mut rest = ty.as_str();
    while let Some(c) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix("::") {
            name.clear();
            rest = behind;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        if c.is_alphanumeric() || c == '_' {
            name.push(c);
            continue;
        }
        text.push_str(&name);
        name.clear();
        text.push(c);
    }
    text.push_str(&name);
    text.replace(",)", ")").replace(",>", ">")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_without_their_paths() {
        assert_eq!(
            without_paths("Option < a :: b :: C < d :: E , > >"),
            "Option<C<E>>"
        );
        assert_eq!(without_paths("(::std::string::String, u8)"), "(String,u8)");
    }

    #[test]
    fn places_are_bytes_of_the_whole_text() {
        let text = "\u{feff}// é\r\nuse a::{B as C, d::{self, E}};\r\nimpl C for X { fn f(&self, _: &R, b: x::Y) {} }\r\n";
        let source = Source::parse("shop", "src/a.rs", text).expect("Rust");
        let found = &source.impls[0];
        assert_eq!(found.of, "B");
        assert!(text[found.at..].starts_with("impl C for X {"));
        assert_eq!(&text[found.open..][..8], " fn f(&s");
        assert_eq!(found.methods[0].signature, ["Y", "()"]);
        assert_eq!(&text[found.methods[0].at..][..1], "f");
        assert_eq!(source.line(found.at), 3);
        let groups: Vec<_> = source.modules[0].uses[0].groups.iter().collect();
        assert_eq!(groups[0].module, ["a"]);
        assert_eq!(groups[1].module, ["a", "d"]);
        assert_eq!(&text[groups[1].last.clone().expect("a name")], "E");
    }

    #[test]
    fn what_cannot_be_read_has_a_line() {
        let error = Source::parse("shop", "src/a.rs", "fn a() {}\nfn b( {}\n")
            .err()
            .expect("no Rust");
        assert_eq!(error.line, 2);
    }
}
