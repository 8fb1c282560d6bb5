//! Telling operations apart that share a method and a path.
//!
//! Documents describe one path several times: for each value of a query parameter, for each kind
//! of an id, for each form of a body. Which of them a request means is found out by what it
//! brings, the cheap signs first and the body last.

use http::HeaderMap;
use http::request::Parts;
use serde_json::Value;

use super::body::media;
use super::params::{decoded, split_pairs};
use super::paths::PathValues;
use super::violation::Place;
use crate::schema::{self, Schema};

/// A sign by which a request shows that it means an operation.
///
/// ```
/// use failsafe_runtime::service::{Method, Operation, Place, When};
///
/// // Beside `GET /{bucket}`, which has none.
/// static GET_ACL: Operation = Operation::new("getAcl", Method::GET, "/{bucket}#acl")
///     .matching("/{bucket}")
///     .when(&[When::Has(Place::Query, "acl")]);
/// ```
#[derive(Debug)]
pub enum When {
    /// A parameter of this name is there.
    Has(Place, &'static str),
    /// It is there with this text.
    Is(Place, &'static str, &'static str),
    /// It is there, as one text whose value fits.
    Fits(Place, &'static str, &'static Schema),
    /// The body, if its kind is named, is of one of these media types.
    MediaType(&'static [&'static str]),
    /// The body, if it is JSON, fits.
    Body(&'static Schema),
}

impl When {
    /// Whether the head of a request shows the sign. A body is another matter.
    pub(super) fn shows(&self, head: &Parts, values: &PathValues) -> bool {
        match self {
            When::Has(place, name) => text(head, values, *place, name).is_some(),
            When::Is(place, name, wanted) => {
                text(head, values, *place, name).is_some_and(|text| text == *wanted)
            }
            When::Fits(place, name, schema) => {
                let text = text(head, values, *place, name);
                let value = text.and_then(|text| schema::value_of(schema, &text));
                value.is_some_and(|value| schema::check(schema, &value).is_empty())
            }
            When::MediaType(taken) => media::named(&head.headers)
                .is_none_or(|named| media::position(taken, named).is_some()),
            When::Body(_) => true,
        }
    }

    /// Whether a body that has been read shows the sign.
    pub(super) fn shows_in(&self, body: &Value) -> bool {
        match self {
            When::Body(schema) => schema::check(schema, body).is_empty(),
            _ => true,
        }
    }

    /// Signs that few requests show count more.
    fn weight(&self) -> usize {
        match self {
            When::Is(..) | When::Fits(Place::Query | Place::Header | Place::Cookie, ..) => 1 << 20,
            When::Has(..) => 1 << 15,
            When::Fits(..) => 1 << 10,
            When::MediaType(_) => 1 << 5,
            When::Body(_) => 1,
        }
    }
}

/// How much has to fit for a list of signs.
pub(super) fn exactness(signs: &[When]) -> usize {
    signs.iter().map(When::weight).sum()
}

/// The text of a parameter, its escapes undone; the first where there are several.
fn text(head: &Parts, values: &PathValues, place: Place, name: &str) -> Option<String> {
    let text = match place {
        Place::Path => values.get(head.uri.path(), name)?,
        Place::Query => {
            let mut pairs = split_pairs(head.uri.query().unwrap_or_default());
            let is_it = |key: &str| decoded(Place::Query, key).is_ok_and(|key| key == name);
            pairs.find(|(key, _)| is_it(key))?.1
        }
        Place::Header => head.headers.get(name)?.to_str().ok()?.trim(),
        Place::Cookie => cookie(&head.headers, name)?,
        Place::Body => return None,
    };
    decoded(place, text).ok().map(|text| text.into_owned())
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(http::header::COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}
