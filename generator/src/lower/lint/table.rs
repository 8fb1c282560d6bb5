//! The objects of OpenAPI 3.0 and 3.1 and the keys that each may have.

use Form::{Each, EachEach, Items, Leaf, Named, One};

/// A kind of object.
#[derive(Debug)]
pub(super) struct Object {
    /// In words for a message.
    pub(super) what: &'static str,
    pub(super) keys: &'static [(&'static str, Form)],
    /// Whether what is unknown may yet mean something to another reader of the document.
    pub(super) is_open: bool,
}

/// What stands under a key.
#[derive(Debug)]
pub(super) enum Form {
    /// Nothing to look into: text, numbers, data.
    Leaf,
    One(&'static Object),
    Items(&'static Object),
    /// An object whose keys are names of the author's.
    Named(&'static Object),
    /// An object whose keys have a meaning of their own, so that `x-` are extensions there too.
    Each(&'static Object),
    /// The same in two steps: callbacks.
    EachEach(&'static Object),
}

const fn object(what: &'static str, keys: &'static [(&'static str, Form)]) -> Object {
    Object {
        what,
        keys,
        is_open: false,
    }
}

pub(super) static ROOT: Object = object(
    "the document",
    &[
        ("openapi", Leaf),
        ("info", One(&INFO)),
        ("jsonSchemaDialect", Leaf),
        ("servers", Items(&SERVER)),
        ("paths", Each(&PATH_ITEM)),
        ("webhooks", Named(&PATH_ITEM)),
        ("components", One(&COMPONENTS)),
        ("security", Leaf),
        ("tags", Items(&TAG)),
        ("externalDocs", One(&EXTERNAL_DOCS)),
    ],
);

static INFO: Object = object(
    "`info`",
    &[
        ("title", Leaf),
        ("summary", Leaf),
        ("description", Leaf),
        ("termsOfService", Leaf),
        ("contact", One(&CONTACT)),
        ("license", One(&LICENSE)),
        ("version", Leaf),
    ],
);

static CONTACT: Object = object(
    "`contact`",
    &[("name", Leaf), ("url", Leaf), ("email", Leaf)],
);

static LICENSE: Object = object(
    "`license`",
    &[("name", Leaf), ("identifier", Leaf), ("url", Leaf)],
);

static SERVER: Object = object(
    "a server",
    &[
        ("url", Leaf),
        ("description", Leaf),
        ("variables", Named(&SERVER_VARIABLE)),
    ],
);

static SERVER_VARIABLE: Object = object(
    "a server variable",
    &[("enum", Leaf), ("default", Leaf), ("description", Leaf)],
);

static COMPONENTS: Object = object(
    "`components`",
    &[
        ("schemas", Named(&SCHEMA)),
        ("responses", Named(&RESPONSE)),
        ("parameters", Named(&PARAMETER)),
        ("examples", Named(&EXAMPLE)),
        ("requestBodies", Named(&REQUEST_BODY)),
        ("headers", Named(&HEADER)),
        ("securitySchemes", Named(&SECURITY_SCHEME)),
        ("links", Named(&LINK)),
        ("callbacks", EachEach(&PATH_ITEM)),
        ("pathItems", Named(&PATH_ITEM)),
    ],
);

pub(super) static PATH_ITEM: Object = object(
    "a path",
    &[
        ("$ref", Leaf),
        ("summary", Leaf),
        ("description", Leaf),
        ("get", One(&OPERATION)),
        ("put", One(&OPERATION)),
        ("post", One(&OPERATION)),
        ("delete", One(&OPERATION)),
        ("options", One(&OPERATION)),
        ("head", One(&OPERATION)),
        ("patch", One(&OPERATION)),
        ("trace", One(&OPERATION)),
        ("servers", Items(&SERVER)),
        ("parameters", Items(&PARAMETER)),
    ],
);

pub(super) static OPERATION: Object = object(
    "an operation",
    &[
        ("tags", Leaf),
        ("summary", Leaf),
        ("description", Leaf),
        ("externalDocs", One(&EXTERNAL_DOCS)),
        ("operationId", Leaf),
        ("parameters", Items(&PARAMETER)),
        ("requestBody", One(&REQUEST_BODY)),
        ("responses", Each(&RESPONSE)),
        ("callbacks", EachEach(&PATH_ITEM)),
        ("deprecated", Leaf),
        ("security", Leaf),
        ("servers", Items(&SERVER)),
    ],
);

static EXTERNAL_DOCS: Object = object("`externalDocs`", &[("description", Leaf), ("url", Leaf)]);

pub(super) static PARAMETER: Object = object(
    "a parameter",
    &[
        ("$ref", Leaf),
        ("name", Leaf),
        ("in", Leaf),
        ("description", Leaf),
        ("required", Leaf),
        ("deprecated", Leaf),
        ("allowEmptyValue", Leaf),
        ("style", Leaf),
        ("explode", Leaf),
        ("allowReserved", Leaf),
        ("schema", One(&SCHEMA)),
        ("example", Leaf),
        ("examples", Named(&EXAMPLE)),
        ("content", Named(&MEDIA_TYPE)),
        // Of Swagger 2, and read.
        ("type", Leaf),
        ("format", Leaf),
        ("items", Leaf),
        ("enum", Leaf),
        ("default", Leaf),
        ("minimum", Leaf),
        ("maximum", Leaf),
        ("exclusiveMinimum", Leaf),
        ("exclusiveMaximum", Leaf),
        ("multipleOf", Leaf),
        ("minLength", Leaf),
        ("maxLength", Leaf),
        ("pattern", Leaf),
        ("minItems", Leaf),
        ("maxItems", Leaf),
        ("uniqueItems", Leaf),
        ("properties", Leaf),
        ("collectionFormat", Leaf),
    ],
);

static REQUEST_BODY: Object = object(
    "a request body",
    &[
        ("$ref", Leaf),
        ("description", Leaf),
        ("content", Named(&MEDIA_TYPE)),
        ("required", Leaf),
    ],
);

static MEDIA_TYPE: Object = object(
    "a media type",
    &[
        ("schema", One(&SCHEMA)),
        ("example", Leaf),
        ("examples", Named(&EXAMPLE)),
        ("encoding", Named(&ENCODING)),
    ],
);

static ENCODING: Object = object(
    "an encoding",
    &[
        ("contentType", Leaf),
        ("headers", Named(&HEADER)),
        ("style", Leaf),
        ("explode", Leaf),
        ("allowReserved", Leaf),
    ],
);

pub(super) static RESPONSE: Object = object(
    "a response",
    &[
        ("$ref", Leaf),
        ("description", Leaf),
        ("headers", Named(&HEADER)),
        ("content", Named(&MEDIA_TYPE)),
        ("links", Named(&LINK)),
    ],
);

pub(super) static EXAMPLE: Object = object(
    "an example",
    &[
        ("$ref", Leaf),
        ("summary", Leaf),
        ("description", Leaf),
        ("value", Leaf),
        ("externalValue", Leaf),
    ],
);

pub(super) static LINK: Object = object(
    "a link",
    &[
        ("$ref", Leaf),
        ("operationRef", Leaf),
        ("operationId", Leaf),
        ("parameters", Leaf),
        ("requestBody", Leaf),
        ("description", Leaf),
        ("server", One(&SERVER)),
    ],
);

static HEADER: Object = object(
    "a header",
    &[
        ("$ref", Leaf),
        ("description", Leaf),
        ("required", Leaf),
        ("deprecated", Leaf),
        ("allowEmptyValue", Leaf),
        ("style", Leaf),
        ("explode", Leaf),
        ("allowReserved", Leaf),
        ("schema", One(&SCHEMA)),
        ("example", Leaf),
        ("examples", Named(&EXAMPLE)),
        ("content", Named(&MEDIA_TYPE)),
    ],
);

static TAG: Object = object(
    "a tag",
    &[
        ("name", Leaf),
        ("description", Leaf),
        ("externalDocs", One(&EXTERNAL_DOCS)),
    ],
);

static SECURITY_SCHEME: Object = object(
    "a security scheme",
    &[
        ("$ref", Leaf),
        ("type", Leaf),
        ("description", Leaf),
        ("name", Leaf),
        ("in", Leaf),
        ("scheme", Leaf),
        ("bearerFormat", Leaf),
        ("flows", One(&FLOWS)),
        ("openIdConnectUrl", Leaf),
    ],
);

static FLOWS: Object = object(
    "`flows`",
    &[
        ("implicit", One(&FLOW)),
        ("password", One(&FLOW)),
        ("clientCredentials", One(&FLOW)),
        ("authorizationCode", One(&FLOW)),
    ],
);

static FLOW: Object = object(
    "a flow",
    &[
        ("authorizationUrl", Leaf),
        ("tokenUrl", Leaf),
        ("refreshUrl", Leaf),
        ("scopes", Leaf),
    ],
);

/// The keywords of both versions: people write those of 3.1 into documents of 3.0 and the
/// other way round, and mean them.
pub(super) static SCHEMA: Object = Object {
    what: "a schema",
    keys: &[
        ("$ref", Leaf),
        ("$id", Leaf),
        ("$schema", Leaf),
        ("$anchor", Leaf),
        ("$dynamicRef", Leaf),
        ("$dynamicAnchor", Leaf),
        ("$vocabulary", Leaf),
        ("$comment", Leaf),
        ("$defs", Named(&SCHEMA)),
        ("definitions", Named(&SCHEMA)),
        ("type", Leaf),
        ("nullable", Leaf),
        ("format", Leaf),
        ("title", Leaf),
        ("description", Leaf),
        ("default", Leaf),
        ("example", Leaf),
        ("examples", Leaf),
        ("deprecated", Leaf),
        ("readOnly", Leaf),
        ("writeOnly", Leaf),
        ("externalDocs", One(&EXTERNAL_DOCS)),
        ("xml", One(&XML)),
        ("discriminator", One(&DISCRIMINATOR)),
        ("enum", Leaf),
        ("const", Leaf),
        ("multipleOf", Leaf),
        ("maximum", Leaf),
        ("exclusiveMaximum", Leaf),
        ("minimum", Leaf),
        ("exclusiveMinimum", Leaf),
        ("maxLength", Leaf),
        ("minLength", Leaf),
        ("pattern", Leaf),
        ("maxItems", Leaf),
        ("minItems", Leaf),
        ("uniqueItems", Leaf),
        ("maxContains", Leaf),
        ("minContains", Leaf),
        ("maxProperties", Leaf),
        ("minProperties", Leaf),
        ("required", Leaf),
        ("dependentRequired", Leaf),
        ("contentEncoding", Leaf),
        ("contentMediaType", Leaf),
        ("contentSchema", One(&SCHEMA)),
        ("properties", Named(&SCHEMA)),
        ("patternProperties", Named(&SCHEMA)),
        ("additionalProperties", One(&SCHEMA)),
        ("unevaluatedProperties", One(&SCHEMA)),
        ("propertyNames", One(&SCHEMA)),
        ("dependentSchemas", Named(&SCHEMA)),
        ("items", One(&SCHEMA)),
        ("prefixItems", Items(&SCHEMA)),
        ("unevaluatedItems", One(&SCHEMA)),
        ("contains", One(&SCHEMA)),
        ("allOf", Items(&SCHEMA)),
        ("anyOf", Items(&SCHEMA)),
        ("oneOf", Items(&SCHEMA)),
        ("not", One(&SCHEMA)),
        ("if", One(&SCHEMA)),
        ("then", One(&SCHEMA)),
        ("else", One(&SCHEMA)),
    ],
    is_open: true,
};

static DISCRIMINATOR: Object = object(
    "a discriminator",
    &[("propertyName", Leaf), ("mapping", Leaf)],
);

static XML: Object = object(
    "`xml`",
    &[
        ("name", Leaf),
        ("namespace", Leaf),
        ("prefix", Leaf),
        ("attribute", Leaf),
        ("wrapped", Leaf),
    ],
);
