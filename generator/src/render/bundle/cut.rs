//! Cuts out of a source file what belongs to features that are off.
//!
//! The text is edited at the places that syn points to, so that everything else, comments and
//! layout, stays as it was written.

use std::ops::Range;

use quote::ToTokens;
use syn::{Attribute, Meta, Token, punctuated::Punctuated, spanned::Spanned, visit::Visit};

use super::{features::Features, pieces::pieces};

/// A file after the cut.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) text: String,
    /// Modules in files of their own that are not declared any longer.
    pub(super) modules: Vec<String>,
}

/// Cuts a file.
pub(super) fn cut(text: &str, features: &Features) -> Result<Cut, String> {
    // Most files ask for nothing that could be off.
    if !text.contains("cfg") {
        return Ok(Cut {
            text: text.to_owned(),
            modules: Vec::new(),
        });
    }
    let mut cutter = Cutter {
        text,
        features,
        begin: 0,
        edits: Vec::new(),
        modules: Vec::new(),
        error: None,
    };
    // Neither do most items of those that do, and parsing is what takes time.
    for piece in pieces(text) {
        let begin = piece.start;
        let piece = &text[piece];
        if piece.contains("cfg") {
            cutter.begin = begin;
            let file = syn::parse_file(piece).map_err(|error| error.to_string())?;
            cutter.visit_file(&file);
        }
    }
    match cutter.error {
        Some(error) => Err(error),
        None => Ok(Cut {
            text: apply(text, cutter.edits),
            modules: cutter.modules,
        }),
    }
}

/// A piece of the text, and what stands there in its place.
type Edit = (Range<usize>, String);

struct Cutter<'t> {
    text: &'t str,
    features: &'t Features,
    /// Where in the text the piece begins that is looked at.
    begin: usize,
    edits: Vec<Edit>,
    modules: Vec<String>,
    error: Option<String>,
}

impl Cutter<'_> {
    /// Where in the whole text something stands.
    fn place(&self, node: &impl Spanned) -> Range<usize> {
        let Range { start, end } = node.span().byte_range();
        self.begin + start..self.begin + end
    }

    /// Whether a node stays. If not, it is cut with its attributes.
    fn keeps(&mut self, attributes: &[Attribute], node: &impl ToTokens) -> bool {
        let mut edits = Vec::new();
        for attribute in attributes {
            match self.judge(attribute) {
                Ok(Judged::Stays) => {}
                Ok(Judged::Replaced(text)) => {
                    let range = self.place(attribute);
                    let range = if text.is_empty() {
                        with_line(self.text, range)
                    } else {
                        range
                    };
                    edits.push((range, text));
                }
                Ok(Judged::Cut) => {
                    let range = self.place(node);
                    let start = attributes
                        .first()
                        .map_or(range.start, |first| self.place(first).start);
                    self.edits
                        .push((item(self.text, start..range.end), String::new()));
                    return false;
                }
                Err(error) => self.error = Some(error.to_string()),
            }
        }
        self.edits.extend(edits);
        true
    }

    fn judge(&self, attribute: &Attribute) -> syn::Result<Judged> {
        let parts = |list: &syn::MetaList| {
            list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
        };
        let list = match &attribute.meta {
            Meta::List(list) if list.path.is_ident("cfg") || list.path.is_ident("cfg_attr") => list,
            _ => return Ok(Judged::Stays),
        };
        let parts = parts(list)?;
        let Some(condition) = parts.first() else {
            return Ok(Judged::Stays);
        };
        let verdict = self.features.evaluate(condition)?;
        let is_attribute = list.path.is_ident("cfg_attr");
        match (verdict.value, verdict.is_cut) {
            (_, false) => Ok(Judged::Stays),
            (None, true) => Err(syn::Error::new_spanned(
                condition,
                "a feature that can be left out is mixed with what only the compiler knows",
            )),
            (Some(false), true) if is_attribute => Ok(Judged::Replaced(String::new())),
            (Some(false), true) => Ok(Judged::Cut),
            (Some(true), true) => {
                let rest = parts
                    .iter()
                    .skip(1)
                    .map(|part| format!("#[{}]", &self.text[self.place(part)]));
                Ok(Judged::Replaced(rest.collect::<Vec<_>>().join("\n")))
            }
        }
    }
}

/// What becomes of an attribute.
enum Judged {
    Stays,
    Replaced(String),
    /// The node goes, and the attribute with it.
    Cut,
}

/// Asks before it goes on into a node.
macro_rules! visit {
    ($($method:ident: $node:ident,)*) => {
        impl<'ast> Visit<'ast> for Cutter<'_> {
            fn visit_item_mod(&mut self, node: &'ast syn::ItemMod) {
                if self.keeps(&node.attrs, node) {
                    syn::visit::visit_item_mod(self, node);
                } else if node.content.is_none() {
                    self.modules.push(node.ident.to_string());
                }
            }

            $(fn $method(&mut self, node: &'ast syn::$node) {
                if self.keeps(&node.attrs, node) {
                    syn::visit::$method(self, node);
                }
            })*
        }
    };
}

visit! {
    visit_arm: Arm,
    visit_expr_block: ExprBlock,
    visit_expr_call: ExprCall,
    visit_expr_if: ExprIf,
    visit_expr_macro: ExprMacro,
    visit_expr_match: ExprMatch,
    visit_expr_method_call: ExprMethodCall,
    visit_expr_return: ExprReturn,
    visit_expr_struct: ExprStruct,
    visit_field: Field,
    visit_field_pat: FieldPat,
    visit_field_value: FieldValue,
    visit_file: File,
    visit_impl_item_const: ImplItemConst,
    visit_impl_item_fn: ImplItemFn,
    visit_impl_item_macro: ImplItemMacro,
    visit_impl_item_type: ImplItemType,
    visit_item_const: ItemConst,
    visit_item_enum: ItemEnum,
    visit_item_fn: ItemFn,
    visit_item_impl: ItemImpl,
    visit_item_macro: ItemMacro,
    visit_item_static: ItemStatic,
    visit_item_struct: ItemStruct,
    visit_item_trait: ItemTrait,
    visit_item_type: ItemType,
    visit_item_use: ItemUse,
    visit_local: Local,
    visit_stmt_macro: StmtMacro,
    visit_trait_item_fn: TraitItemFn,
    visit_variant: Variant,
}

/// Widens what is cut to the comma or semicolon behind it, to comments directly above it, and to
/// whole lines.
fn item(text: &str, range: Range<usize>) -> Range<usize> {
    let Range { start, mut end } = range;
    let behind = &text[end..];
    if behind.starts_with([',', ';']) {
        end += 1;
    }
    with_line(text, start..end)
}

fn with_line(text: &str, Range { mut start, mut end }: Range<usize>) -> Range<usize> {
    let before = text[..start].trim_end_matches([' ', '\t']);
    let behind = &text[end..];
    let line_end = behind.find('\n').map_or(behind.len(), |at| at + 1);
    let is_alone =
        (before.is_empty() || before.ends_with('\n')) && behind[..line_end].trim().is_empty();
    if !is_alone {
        return start..end;
    }
    start = before.len();
    end += line_end;
    // Comments right above speak of what is cut.
    while let Some(line) = text[..start].lines().next_back() {
        if !line.trim_start().starts_with("//") || line.trim_start().starts_with("//!") {
            break;
        }
        start -= line.len() + 1;
    }
    start..end
}

fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for (range, replacement) in edits {
        push(&mut result, &text[at..range.start]);
        result.push_str(&replacement);
        at = range.end;
    }
    push(&mut result, &text[at..]);
    result.truncate(result.trim_end().len());
    result.push('\n');
    close_empty_braces(&result)
}

/// Adds what stands behind a cut, without the blank lines that the cut has left there: a second
/// one, one behind an opened brace, one before a closed brace.
fn push(result: &mut String, mut text: &str) {
    let opened = result.is_empty() || result.ends_with("\n\n") || result.ends_with("{\n");
    if opened {
        text = text.trim_start_matches('\n');
    }
    if text.trim_start_matches(' ').starts_with('}') && result.ends_with("\n\n") {
        result.pop();
    }
    result.push_str(text);
}

/// `{` and `}` on lines of their own with nothing between them, where a cut has left them.
fn close_empty_braces(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let mut result = Vec::new();
    for line in text.lines() {
        let opened = lines.last().is_some_and(|last: &&str| last.ends_with(" {"));
        if opened && matches!(line.trim_start(), "}" | "}," | "};" | "})") {
            let open = result.pop().unwrap_or_default();
            lines.pop();
            result.push(format!("{open}{}", line.trim_start()));
            lines.push("");
        } else {
            result.push(line.to_owned());
            lines.push(line);
        }
    }
    let mut closed = result.join("\n");
    closed.push('\n');
    closed
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn check(text: &str, expected: &str) {
        let features = Features::new(&BTreeMap::new(), &["on"]);
        let cut = cut(text, &features).expect("parses");
        assert_eq!(cut.text, expected);
    }

    #[test]
    fn items_go_with_their_documentation_and_their_lines() {
        check(
            "use a::b;\n\n/// Doc.\n#[cfg(feature = \"off\")]\npub fn f() {\n    1;\n}\n\nfn g() {}\n",
            "use a::b;\n\nfn g() {}\n",
        );
        check("mod a;\n// Why.\n#[cfg(test)]\nmod tests;\n", "mod a;\n");
        check("fn g() {}\n\n#[cfg(test)]\nmod tests {\n}\n", "fn g() {}\n");
        check(
            "//! Doc.\n\n#[cfg(test)]\nmod a;\n#[cfg(test)]\nmod b;\n\nuse c;\n",
            "//! Doc.\n\nuse c;\n",
        );
    }

    #[test]
    fn what_is_on_stays_as_it_was() {
        let text = "#[cfg(feature = \"on\")]\nfn f() {}\n\n#[cfg(unix)]\nfn g() {}\n";
        check(text, text);
    }

    #[test]
    fn parts_of_items_go() {
        check(
            "struct S {\n    a: u8,\n    #[cfg(feature = \"off\")]\n    b: Vec<(u8, u8)>,\n}\n",
            "struct S {\n    a: u8,\n}\n",
        );
        check(
            "struct S {\n    #[cfg(feature = \"off\")]\n    b: u8,\n}\n",
            "struct S {}\n",
        );
        check(
            "fn f() {\n    match x {\n        A => {}\n        #[cfg(feature = \"off\")]\n        B { c } => C { c },\n    }\n}\n",
            "fn f() {\n    match x {\n        A => {}\n    }\n}\n",
        );
        check(
            "fn f() {\n    g();\n    #[cfg(feature = \"off\")]\n    if let Some(x) = y {\n        h();\n    }\n}\n",
            "fn f() {\n    g();\n}\n",
        );
        check(
            "impl S {\n    #[cfg(feature = \"off\")]\n    method!(a);\n    method!(b);\n}\n",
            "impl S {\n    method!(b);\n}\n",
        );
        check(
            "fn f() {\n    #[cfg(feature = \"off\")]\n    return g();\n    h()\n}\n",
            "fn f() {\n    h()\n}\n",
        );
    }

    #[test]
    fn conditions_that_always_hold_go_alone() {
        check("#[cfg(not(feature = \"off\"))]\nfn f() {}\n", "fn f() {}\n");
        check(
            "#[cfg_attr(not(test), inline)]\nfn f() {}\n",
            "#[inline]\nfn f() {}\n",
        );
        check(
            "struct S {\n    #[cfg_attr(feature = \"off\", serde(skip))]\n    a: u8,\n}\n",
            "struct S {\n    a: u8,\n}\n",
        );
    }

    #[test]
    fn modules_in_files_are_told() {
        let features = Features::new(&BTreeMap::new(), &[]);
        let cut = cut(
            "#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod inline {}\n",
            &features,
        );
        assert_eq!(cut.expect("parses").modules, ["tests"]);
    }
}
