//! A form that has been read: its texts as a value, its files apart.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::upload::Upload;
use crate::schema::Finding;

/// What a form of a document is read into. Generated code implements it for the struct of each
/// form that has files.
pub trait FromMultipart: Sized {
    /// Takes the members out of the form. `None`: one is missing or of another type, which the
    /// form has noted.
    fn from_multipart(form: &mut MultipartForm) -> Option<Self>;
}

/// A form of `multipart/form-data`, for documents that do not say what is in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MultipartForm {
    pub(super) texts: Value,
    pub(super) files: Vec<(String, Upload)>,
    pub(super) findings: Vec<Finding>,
}

impl MultipartForm {
    /// The texts by name, as far as they are no files; a name that comes twice has a list.
    #[must_use]
    pub fn texts(&self) -> &Value {
        &self.texts
    }

    /// The files, in the order in which they came.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Upload)> {
        self.files.iter().map(|(name, file)| (name.as_str(), file))
    }

    /// A member that has to be there.
    pub fn required<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        match self.optional(name)? {
            Some(value) => Some(value),
            None => self.missing(name),
        }
    }

    /// A member that may be left out.
    pub fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Option<Option<T>> {
        let Some(value) = self.texts.get_mut(name).map(Value::take) else {
            return Some(None);
        };
        match serde_json::from_value(value) {
            Ok(value) => Some(Some(value)),
            Err(error) => self.note(name, "type", error.to_string()),
        }
    }

    /// A file that has to be there.
    pub fn required_file(&mut self, name: &str) -> Option<Upload> {
        match self.optional_file(name)? {
            Some(file) => Some(file),
            None => self.missing(name),
        }
    }

    /// A file that may be left out.
    pub fn optional_file(&mut self, name: &str) -> Option<Option<Upload>> {
        let mut files = self.take(name).into_iter();
        match (files.next(), files.next()) {
            (Some(_), Some(_)) => self.note(
                name,
                "duplicate",
                "must not be given more than once".to_owned(),
            ),
            (first, _) => Some(first),
        }
    }

    /// Files of which one at least has to be there.
    pub fn required_files(&mut self, name: &str) -> Option<Vec<Upload>> {
        match self.optional_files(name)? {
            Some(files) => Some(files),
            None => self.missing(name),
        }
    }

    /// Files that may be left out.
    pub fn optional_files(&mut self, name: &str) -> Option<Option<Vec<Upload>>> {
        let files = self.take(name);
        Some((!files.is_empty()).then_some(files))
    }

    fn take(&mut self, name: &str) -> Vec<Upload> {
        let (taken, left) = std::mem::take(&mut self.files)
            .into_iter()
            .partition(|(of, _)| of == name);
        self.files = left;
        let taken: Vec<(String, Upload)> = taken;
        taken.into_iter().map(|(_, file)| file).collect()
    }

    fn missing<T>(&mut self, name: &str) -> Option<T> {
        self.note(name, "required", "is required".to_owned())
    }

    fn note<T>(&mut self, name: &str, rule: &'static str, message: String) -> Option<T> {
        let name = name.replace('~', "~0").replace('/', "~1");
        self.findings.push(Finding {
            pointer: format!("/{name}"),
            rule,
            message,
        });
        None
    }
}

impl FromMultipart for MultipartForm {
    fn from_multipart(form: &mut MultipartForm) -> Option<MultipartForm> {
        Some(std::mem::take(form))
    }
}
