//! The fields of a form, put together to the value that they mean.

use serde_json::{Map, Value};

use super::assemble::{assemble, properties, property_of};
use super::raw::{NotUtf8, decode};
use super::split::{Form, Unsplit};
use super::style::Style;
use super::written::{Leaf, Written, path};
use crate::schema::{self, Finding, Schema, Types};
use crate::service::violation::Place;

/// How a form writes one of its properties, where the document says so. A property without an
/// encoding is read in every way that its type can be written: `tags=a&tags=b`, `tags[]=a`,
/// `tags[0]=a`, `metadata[key]=a`, `address={"city":"Bern"}`.
///
/// ```
/// use failsafe_runtime::service::{Encoding, Style};
///
/// static OF_UPLOAD: &[Encoding] = &[
///     Encoding::new("tags", Style::Form).explode(false),
///     Encoding::new("address", Style::Json),
/// ];
/// # assert_eq!(OF_UPLOAD.len(), 2);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Encoding {
    property: &'static str,
    style: Style,
    explode: bool,
}

impl Encoding {
    /// The style of a property.
    #[must_use]
    pub const fn new(property: &'static str, style: Style) -> Encoding {
        Encoding {
            property,
            style,
            explode: style.explodes(),
        }
    }

    /// Sets whether items and members stand apart.
    #[must_use]
    pub const fn explode(mut self, explode: bool) -> Encoding {
        self.explode = explode;
        self
    }

    fn form(&self) -> Form<'static> {
        Form {
            place: Place::Body,
            name: self.property,
            style: self.style,
            explode: self.explode,
        }
    }
}

/// The fields of a form as they come in.
#[derive(Debug)]
pub(crate) struct Fields {
    schema: &'static Schema,
    encodings: &'static [Encoding],
    known: Vec<&'static str>,
    /// Objects whose members are fields of their own.
    spread: Vec<(&'static str, Vec<&'static str>)>,
    root: Written,
    /// The properties that are files, with their sizes.
    #[cfg(feature = "multipart")]
    files: Vec<(String, u64)>,
}

impl Fields {
    pub(crate) fn new(schema: &'static Schema, encodings: &'static [Encoding]) -> Fields {
        let spread = encodings
            .iter()
            .filter(|encoding| encoding.style == Style::Form && encoding.explode)
            .map(|encoding| {
                let schema = property_of(schema, encoding.property);
                (encoding.property, properties(schema))
            });
        Fields {
            schema,
            encodings,
            known: properties(schema),
            spread: spread.collect(),
            root: Written::default(),
            #[cfg(feature = "multipart")]
            files: Vec::new(),
        }
    }

    /// A file of so many bytes, which are kept elsewhere.
    #[cfg(feature = "multipart")]
    pub(crate) fn file(&mut self, name: &str, property: &str, size: u64) {
        // Something stands for it where the schema is checked.
        self.text(name, String::new());
        self.files.push((property.to_owned(), size));
    }

    /// A field of which the text is known already, as a part of a multipart body has it.
    pub(crate) fn text(&mut self, name: &str, text: String) {
        let leaf = match self.encoding(name).map(|encoding| encoding.style) {
            // What is no JSON stays a text, which the check then finds to be of the wrong type.
            Some(Style::Json) => match schema::json_of(&text) {
                Ok(value) => Leaf::Json(value),
                Err(_) => Leaf::Text(text),
            },
            _ => Leaf::Text(text),
        };
        self.insert(name, leaf);
    }

    /// A field that is still escaped as forms are.
    pub(crate) fn escaped(&mut self, name: &str, text: &str) -> Result<(), NotUtf8> {
        let encoding = self.encoding(name);
        let delimited = encoding.filter(|it| it.style != Style::Json && !it.form().is_spread());
        let Some(encoding) = delimited else {
            self.text(name, decode(Place::Body, text)?.into_owned());
            return Ok(());
        };
        let pieces = match self.delimited(encoding, text) {
            Ok(pieces) => pieces,
            Err(Unsplit::NotUtf8) => return Err(NotUtf8),
            Err(Unsplit::Style(_)) => Written::texts([decode(Place::Body, text)?.into_owned()]),
        };
        self.root.members.insert(name.to_owned(), pieces);
        Ok(())
    }

    /// The value, and what is wrong with it.
    pub(crate) fn into_checked(self) -> (Value, Vec<Finding>) {
        // A form without a field is an object all the same, whatever else its schema would take.
        let value = match self.root.is_empty() {
            true => Value::Object(Map::new()),
            false => assemble(self.schema, &self.root),
        };
        let mut found = schema::check(self.schema, &value);
        for finding in found.iter_mut().filter(|found| found.rule == "type") {
            // It is a list because it was sent more than once, which is what the client has to hear.
            if (self.root.at(&finding.pointer)).is_some_and(Written::is_repeated) {
                finding.rule = "duplicate";
                finding.message = "must not be given more than once".to_owned();
            }
        }
        #[cfg(feature = "multipart")]
        self.check_files(&mut found);
        (value, found)
    }

    /// Takes back what was said of the texts that stand for files, and looks at the files.
    #[cfg(feature = "multipart")]
    fn check_files(&self, found: &mut Vec<Finding>) {
        const OF_TEXTS: &[&str] = &["minLength", "maxLength", "pattern", "format"];
        let place = |property: &str| {
            let token = property.replace('~', "~0").replace('/', "~1");
            format!("/{token}")
        };
        let places: Vec<String> = self.files.iter().map(|(file, _)| place(file)).collect();
        let is_of_file = |pointer: &str| {
            let mut below = places
                .iter()
                .filter_map(|place| pointer.strip_prefix(place));
            below.any(|below| below.is_empty() || below.starts_with('/'))
        };
        found.retain(|it| !(OF_TEXTS.contains(&it.rule) && is_of_file(&it.pointer)));
        for (property, size) in &self.files {
            let schema = property_of(self.schema, property);
            let schema = schema::items_of(schema).unwrap_or(schema);
            let (rule, message) = match schema::length_of(schema) {
                (Some(least), _) if *size < least => {
                    ("minLength", format!("must have at least {least} bytes"))
                }
                (_, Some(most)) if *size > most => {
                    ("maxLength", format!("must have at most {most} bytes"))
                }
                _ => continue,
            };
            found.push(Finding {
                pointer: place(property),
                rule,
                message,
            });
        }
    }

    fn encoding(&self, name: &str) -> Option<&'static Encoding> {
        self.encodings
            .iter()
            .find(|encoding| encoding.property == name)
    }

    fn insert(&mut self, name: &str, leaf: Leaf) {
        // A name may have brackets of its own: `expand[]`.
        let mut path = match self.known.contains(&name) {
            true => vec![name],
            false => path(name),
        };
        if !self.known.contains(&path[0])
            && let Some((property, _)) = self.spread.iter().find(|(_, of)| of.contains(&path[0]))
        {
            path.insert(0, property);
        }
        self.root.insert(&path, leaf);
    }

    fn delimited(&self, encoding: &Encoding, text: &str) -> Result<Written, Unsplit> {
        let form = encoding.form();
        let schema = property_of(self.schema, encoding.property);
        let types = schema::types_of(schema);
        if types.contains(Types::OBJECT)
            && let Some(members) = form.members(text)?
        {
            return Ok(members);
        }
        if types.contains(Types::ARRAY) {
            let item = schema::items_of(schema).unwrap_or(&Schema::STRING);
            return Ok(Written::texts(form.items(item, text)?));
        }
        Ok(Written::texts([form.single(text)?]))
    }
}
