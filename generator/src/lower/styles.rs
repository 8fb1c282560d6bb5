//! How parameters are written, and how their text becomes a value.

use super::Lowering;
use crate::{
    diagnostic::Diagnostic,
    ir::{Parameter, Place, Reading, Schema, Shape, Style, Type},
    spec::At,
};

/// Where the value of a parameter is described.
#[derive(Debug)]
pub(super) struct Described<'d> {
    /// None: nowhere.
    pub(super) schema: Option<At<'d>>,
    style: Style,
    explode: bool,
}

/// A parameter's value as it is written and read.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) ty: Type,
    pub(super) schema: Schema,
    pub(super) reading: Reading,
    pub(super) style: Style,
    pub(super) explode: bool,
    pub(super) allows_empty: bool,
}

/// Keywords that Swagger 2 has in the parameter itself.
const OF_SCHEMA: &[&str] = &["type", "enum", "items", "properties"];

impl<'d> Lowering<'d> {
    /// Finds the schema of a parameter and its style: `schema`, `content`, or what Swagger 2 has
    /// in place of them.
    pub(super) fn described(&mut self, at: &At<'d>, place: Place) -> Described<'d> {
        let (style, explode) = self.style(at, place);
        let mut described = Described {
            schema: at.get("schema"),
            style,
            explode,
        };
        if described.schema.is_some() {
            return described;
        }
        if let Some(content) = self.map(at, "content") {
            // There is one, says the standard.
            if let Some((media_type, carried)) = content.entries().next() {
                described.schema = carried.get("schema");
                if is_json(media_type) {
                    described.style = Style::Json;
                    described.explode = false;
                }
            }
            return described;
        }
        if OF_SCHEMA.iter().any(|keyword| at.get(keyword).is_some()) {
            self.report(
                Diagnostic::warning(
                    "swagger-2-parameter",
                    "a parameter's type stands in its `schema` since OpenAPI 3",
                )
                .at(at.location())
                .help("move `type` and its kin into `schema`; they are read as if they were there"),
            );
            described.schema = Some(at.clone());
            return described;
        }
        self.report(
            Diagnostic::warning("untyped-parameter", "a parameter without `schema` is text")
                .at(at.location())
                .help("add a `schema`"),
        );
        described
    }

    fn style(&mut self, at: &At<'d>, place: Place) -> (Style, bool) {
        let explode = at.get("explode").and_then(|at| at.as_bool());
        let usual = Style::usual(place);
        let Some(written) = at.get("style") else {
            let (style, of_style) = self.collection_format(at).unwrap_or((usual, None));
            return (style, explode.or(of_style).unwrap_or(style.explodes()));
        };
        let style = match written.as_str() {
            Some("matrix") => Style::Matrix,
            Some("label") => Style::Label,
            Some("simple") => Style::Simple,
            Some("form") => Style::Form,
            Some("spaceDelimited") => Style::SpaceDelimited,
            Some("pipeDelimited") => Style::PipeDelimited,
            Some("deepObject") => Style::DeepObject,
            _ => {
                self.report(
                    Diagnostic::warning("unknown-style", "there is no such style")
                        .at(written.location())
                        .help("the styles are matrix, label, simple, form, spaceDelimited, pipeDelimited and deepObject; the place's own is taken"),
                );
                return (usual, explode.unwrap_or(usual.explodes()));
            }
        };
        let explode = explode.unwrap_or(style.explodes());
        let fitting = fitting(style, place, explode);
        if fitting != style {
            self.report(
                Diagnostic::warning(
                    "misplaced-style",
                    format!(
                        "`{}` is no style of this place",
                        written.as_str().unwrap_or_default()
                    ),
                )
                .at(written.location())
                .help("it is read as the place's own style"),
            );
        }
        (fitting, explode)
    }

    /// What Swagger 2 says of arrays, where a parameter still says so.
    fn collection_format(&mut self, at: &At<'d>) -> Option<(Style, Option<bool>)> {
        let written = at.get("collectionFormat")?;
        let meant = match written.as_str()? {
            "csv" => (Style::Form, Some(false)),
            "multi" => (Style::Form, Some(true)),
            "ssv" => (Style::SpaceDelimited, None),
            "pipes" => (Style::PipeDelimited, None),
            _ => return None,
        };
        let in_pairs = matches!(at.get("in")?.as_str()?, "query" | "cookie");
        self.report(
            Diagnostic::warning(
                "swagger-2-parameter",
                "`collectionFormat` is `style` and `explode` since OpenAPI 3",
            )
            .at(written.location())
            .help("write them instead; it is read as they would be"),
        );
        match meant {
            (Style::Form, _) if !in_pairs => None,
            meant => Some(meant),
        }
    }

    /// How the text of a parameter becomes its type.
    pub(super) fn written(
        &mut self,
        at: &At<'d>,
        place: Place,
        described: &Described<'d>,
        ty: Type,
        schema: Schema,
        required: bool,
    ) -> Written {
        let is_flagged = at.get("allowEmptyValue").and_then(|at| at.as_bool()) == Some(true);
        let mut written = Written {
            ty,
            schema,
            reading: Reading::Value,
            style: described.style,
            explode: described.explode,
            allows_empty: is_flagged && place == Place::Query,
        };
        // A path without a value is another path, and an absent value says as much as null.
        let mut is_null_to_schema = false;
        if let Type::Nullable(inner) = &written.ty
            && (!required || place == Place::Path || **inner == Type::String)
        {
            // An empty text is a text before it is null, so that a date has to ask its schema.
            is_null_to_schema = is_text(inner) && **inner != Type::String;
            written.ty = (**inner).clone();
        }
        let plain = self.unnamed(&written.ty).clone();
        // Text is a value of every type, where nothing asks for another.
        if plain == Type::Any && written.schema == Schema::default() && !written.is_structured() {
            written.ty = Type::String;
        }
        let plain = self.unnamed(&written.ty).clone();
        if plain == Type::String {
            written.allows_empty = false;
        }
        written.reading = match &plain {
            _ if written.is_structured()
                && (plain != Type::String || written.style == Style::Json) =>
            {
                Reading::Value
            }
            Type::List(item) if self.reads_itself(item) => Reading::List,
            _ if is_null_to_schema => Reading::Value,
            _ if self.reads_itself(&plain) => Reading::Single,
            _ => Reading::Value,
        };
        if written.reading == Reading::Single && written.allows_empty && required {
            written.reading = Reading::Value;
            written.ty = Type::Nullable(Box::new(written.ty));
        }
        written
    }

    /// Gives an object that takes any name the names that are not its own.
    pub(super) fn leave_to_others(&mut self, parameters: &mut [Parameter]) {
        let mut taken: Vec<(Place, Option<usize>, String)> = self
            .keys_in_query()
            .into_iter()
            .map(|name| (Place::Query, None, name))
            .collect();
        for (index, parameter) in parameters.iter().enumerate() {
            taken.push((parameter.place, Some(index), parameter.name.clone()));
            if is_spread(parameter) {
                let names = self.members(&parameter.ty).0;
                taken.extend(
                    names
                        .into_iter()
                        .map(|name| (parameter.place, Some(index), name)),
                );
            }
        }
        for (index, parameter) in parameters.iter_mut().enumerate() {
            if is_spread(parameter) && self.members(&parameter.ty).1 {
                let of_others = taken
                    .iter()
                    .filter(|(place, owner, _)| *place == parameter.place && *owner != Some(index));
                let mut names: Vec<String> = of_others.map(|(_, _, name)| name.clone()).collect();
                names.sort_unstable();
                names.dedup();
                parameter.beside = Some(names);
            }
        }
    }

    /// The names of credentials that stand in the query.
    fn keys_in_query(&self) -> Vec<String> {
        let schemes = (self.root.get("components")).and_then(|at| at.get("securitySchemes"));
        let schemes = schemes.iter().flat_map(|schemes| schemes.entries());
        schemes
            .filter(|(_, scheme)| scheme.get("in").and_then(|at| at.as_str()) == Some("query"))
            .filter_map(|(_, scheme)| scheme.get("name")?.as_str().map(str::to_owned))
            .collect()
    }

    /// The members that a type names, and whether it takes others.
    fn members(&self, ty: &Type) -> (Vec<String>, bool) {
        match self.plain_type(ty) {
            Type::Map(_) => (Vec::new(), true),
            Type::Model(id) => match &self.arena.drafts[id.0].shape {
                Shape::Struct(shape) => {
                    let names = shape.fields.iter().map(|field| field.json_name.clone());
                    (names.collect(), shape.additional.is_some())
                }
                _ => (Vec::new(), false),
            },
            _ => (Vec::new(), false),
        }
    }

    /// The type behind the names that stand for it.
    pub(super) fn plain_type<'a>(&'a self, ty: &'a Type) -> &'a Type {
        let mut ty = ty;
        // Names that stand for each other in a circle are reported elsewhere.
        for _ in 0..self.arena.drafts.len() {
            match self.unnamed(ty) {
                Type::Nullable(inner) => ty = inner,
                _ => break,
            }
        }
        self.unnamed(ty)
    }

    /// The same, but null stays.
    fn unnamed<'a>(&'a self, ty: &'a Type) -> &'a Type {
        let mut ty = ty;
        for _ in 0..self.arena.drafts.len() {
            match ty {
                Type::Model(id) => match &self.arena.drafts[id.0].shape {
                    Shape::Alias(inner) => ty = inner,
                    _ => break,
                },
                _ => break,
            }
        }
        ty
    }

    /// Whether a type is made from one text without being told how.
    fn reads_itself(&self, ty: &Type) -> bool {
        match self.unnamed(ty) {
            Type::Model(id) => matches!(self.arena.drafts[id.0].shape, Shape::Enum(_)),
            Type::String
            | Type::Bool
            | Type::Integer(_)
            | Type::Float
            | Type::Double
            | Type::Decimal
            | Type::Date
            | Type::DateTime
            | Type::Uuid
            | Type::Base64 => true,
            _ => false,
        }
    }
}

/// Whether a type is a string in JSON.
fn is_text(ty: &Type) -> bool {
    !matches!(
        ty,
        Type::Bool | Type::Integer(_) | Type::Float | Type::Double | Type::Decimal
    )
}

impl Written {
    /// Whether the style alone says that there is more than a text.
    fn is_structured(&self) -> bool {
        matches!(self.style, Style::DeepObject | Style::Json)
    }
}

/// Whether the members of an object stand under their own names.
fn is_spread(parameter: &Parameter) -> bool {
    let in_pairs = matches!(parameter.place, Place::Query | Place::Cookie);
    let by_name = matches!(parameter.style, Style::DeepObject | Style::Json);
    in_pairs && parameter.explode && parameter.reading == Reading::Value && !by_name
}

/// The style of a place that comes nearest to one that is not among its own.
fn fitting(style: Style, place: Place, explode: bool) -> Style {
    match (place, style) {
        (Place::Path, Style::Matrix | Style::Label | Style::Simple)
        | (Place::Header, Style::Simple)
        | (Place::Cookie, Style::Form) => style,
        (Place::Query, Style::Form | Style::DeepObject) => style,
        // A separator is one in every place.
        (Place::Query, Style::SpaceDelimited | Style::PipeDelimited) => style,
        (_, Style::SpaceDelimited | Style::PipeDelimited) if !explode => style,
        _ => Style::usual(place),
    }
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence.ends_with("/json") || essence.ends_with("+json") || essence == "*/*"
}
