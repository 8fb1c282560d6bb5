//! Paths, parameters and what is said of them.

use super::*;

#[test]
fn a_path_and_its_parameters_agree() {
    let named = "parameters: [{ name: b, in: path, required: true, schema: { type: string } }]";
    for (path, operation, expected) in [
        ("/a/{b}", GET.to_owned(), "undeclared-path-parameter"),
        (
            "/a",
            format!("{{ {named}, {}", &GET[2..]),
            "unused-path-parameter",
        ),
        (
            "/a/{b}{c}",
            format!(
                "{{ parameters: [{{ name: b, in: path, schema: {{}} }}, \
                 {{ name: c, in: path, schema: {{}} }}], {}",
                &GET[2..]
            ),
            "touching-parameters",
        ),
        ("a", GET.to_owned(), "path-without-slash"),
    ] {
        let paths = format!("{{ '{path}': {{ get: {operation} }} }}");
        assert_eq!(codes(&paths, "{}"), [expected], "{path}");
    }
}

#[test]
fn a_misspelt_parameter_is_the_one_of_its_path() {
    use crate::ir::Type;
    let named = |name: &str, ty: &str| {
        format!("{{ name: {name}, in: path, required: true, schema: {{ type: {ty} }} }}")
    };
    let paths = |inherited: &[String], own: &[String]| {
        format!(
            "{{ '/a/{{accountId}}': {{ parameters: [{}], get: {{ parameters: [{}], {} }} }}",
            inherited.join(", "),
            own.join(", "),
            &GET[2..]
        )
    };
    let slip = named("account_id", "integer");
    let right = named("accountId", "string");
    for (inherited, own, is_text, code) in [
        (vec![], vec![slip.clone()], false, "misspelt-path-parameter"),
        (vec![slip.clone()], vec![], false, "misspelt-path-parameter"),
        // What is written rightly counts, wherever it stands.
        (
            vec![],
            vec![slip.clone(), right.clone()],
            true,
            "unused-path-parameter",
        ),
        (
            vec![right.clone()],
            vec![slip.clone()],
            true,
            "unused-path-parameter",
        ),
    ] {
        let paths = paths(&inherited, &own);
        assert_eq!(codes(&paths, "{}"), [code], "{paths}");
        let service = service(&paths, "{}");
        let parameters = &service.apis[0].operations[0].parameters;
        let [parameter] = parameters.as_slice() else {
            panic!("{parameters:?}");
        };
        assert_eq!(parameter.name, "accountId");
        assert_eq!(parameter.ty == Type::String, is_text, "{paths}");
    }
    let other = paths(&[], &[named("customer", "integer")]);
    assert_eq!(
        codes(&other, "{}"),
        ["undeclared-path-parameter", "unused-path-parameter"]
    );
}

#[test]
fn operations_that_cannot_be_told_apart_are_told() {
    let same_id = format!(
        "{{ /a: {{ get: {{ operationId: x, {get}, put: {{ operationId: x, {get} }} }}",
        get = &GET[2..]
    );
    assert_eq!(
        codes(&same_id, "{}"),
        ["duplicate-operation-id and /paths/~1a/get/operationId"]
    );
    let parameter = |name: &str| {
        format!(
            "{{ get: {{ parameters: [{{ name: {name}, in: path, required: true, \
             schema: {{ type: string }} }}], {} }}",
            &GET[2..]
        )
    };
    let same_route = format!(
        "{{ '/a/{{b}}': {}, '/a/{{c}}': {} }}",
        parameter("b"),
        parameter("c")
    );
    assert_eq!(
        codes(&same_route, "{}"),
        ["duplicate-route and /paths/~1a~1{b}/get"]
    );
}

#[test]
fn a_parameter_with_a_default_is_there() {
    let paths = format!(
        "{{ /a: {{ get: {{ parameters: [\
         {{ name: limit, in: query, schema: {{ type: integer, default: 20 }} }}, \
         {{ name: type, in: query, schema: {{ type: string }} }}], {} }} }}",
        &GET[2..]
    );
    let service = service(&paths, "{}");
    let parameters = &service.apis[0].operations[0].parameters;
    assert_eq!(parameters[0].presence, Presence::Defaulted);
    assert_eq!(parameters[1].rust_name, "r#type");
}

#[test]
fn a_parameter_is_read_as_its_type_and_style_ask() {
    use crate::ir::{Parameter, Reading, Style};
    let parameter = |text: &str| -> Parameter {
        let paths = format!(
            "{{ /a: {{ get: {{ parameters: [{text}], {} }} }}",
            &GET[2..]
        );
        let mut service = service(
            &paths,
            "{ O: { type: object, additionalProperties: { type: string } } }",
        );
        service.apis[0].operations[0].parameters.remove(0)
    };
    let list = "schema: { type: array, items: { type: string } }";
    let object = "schema: { $ref: '#/components/schemas/O' }";
    for (text, reading, style, explode) in [
        (
            "schema: { type: string }".to_owned(),
            Reading::Single,
            Style::Form,
            true,
        ),
        (list.to_owned(), Reading::List, Style::Form, true),
        (
            format!("explode: false, {list}"),
            Reading::List,
            Style::Form,
            false,
        ),
        (
            format!("style: pipeDelimited, {list}"),
            Reading::List,
            Style::PipeDelimited,
            false,
        ),
        (
            format!("style: deepObject, {list}"),
            Reading::Value,
            Style::DeepObject,
            true,
        ),
        (
            format!("collectionFormat: csv, {list}"),
            Reading::List,
            Style::Form,
            false,
        ),
        (
            format!("style: simple, {list}"),
            Reading::List,
            Style::Form,
            false,
        ),
        (object.to_owned(), Reading::Value, Style::Form, true),
        (
            format!("style: deepObject, {object}"),
            Reading::Value,
            Style::DeepObject,
            true,
        ),
        (
            format!("content: {{ application/json: {{ {object} }} }}"),
            Reading::Value,
            Style::Json,
            false,
        ),
        (
            "content: { text/plain: { schema: { type: string } } }".to_owned(),
            Reading::Single,
            Style::Form,
            true,
        ),
        (
            "schema: { oneOf: [{ type: string }, { type: integer }] }".to_owned(),
            Reading::Value,
            Style::Form,
            true,
        ),
        ("schema: {}".to_owned(), Reading::Single, Style::Form, true),
        (
            "type: integer".to_owned(),
            Reading::Single,
            Style::Form,
            true,
        ),
    ] {
        let found = parameter(&format!("{{ name: p, in: query, {text} }}"));
        assert_eq!(
            (found.reading, found.style, found.explode),
            (reading, style, explode),
            "{text}"
        );
    }
}

#[test]
fn an_object_knows_what_belongs_to_others() {
    let paths = format!(
        "{{ /a: {{ get: {{ parameters: [\
         {{ name: free, in: query, schema: {{ type: object, additionalProperties: {{ type: string }} }} }}, \
         {{ name: page, in: query, schema: {{ type: integer }} }}, \
         {{ name: filter, in: query, schema: {{ type: object, properties: {{ age: {{ type: integer }} }} }} }}, \
         {{ name: deep, in: query, style: deepObject, schema: {{ type: object }} }}, \
         {{ name: X-A, in: header, schema: {{ type: string }} }}], {} }} }}",
        &GET[2..]
    );
    let service = service(&paths, "{}");
    let beside = service.apis[0].operations[0]
        .parameters
        .iter()
        .map(|found| &found.beside);
    let expected = ["age", "deep", "filter", "page"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(
        beside.collect::<Vec<_>>(),
        [&Some(expected), &None, &None, &None, &None]
    );
}

#[test]
fn a_parameter_may_have_any_default_that_is_sure_to_be_read() {
    let schemas = "{ O: { type: object, required: [a], properties: { a: { type: integer } } } }";
    for (schema, is_read) in [
        (
            "{ type: array, items: { type: integer }, default: [1, 2] }",
            true,
        ),
        (
            "{ type: array, items: { type: integer }, default: [x] }",
            false,
        ),
        (
            "{ allOf: [{ $ref: '#/components/schemas/O' }], default: { a: 1 } }",
            true,
        ),
        (
            "{ allOf: [{ $ref: '#/components/schemas/O' }], default: { b: 1 } }",
            false,
        ),
        (
            "{ type: string, format: date, default: '2024-02-29' }",
            true,
        ),
        ("{ type: string, format: date, default: today }", false),
        (
            "{ oneOf: [{ type: string }, { type: integer }], default: 1 }",
            true,
        ),
    ] {
        let paths = format!(
            "{{ /a: {{ get: {{ parameters: [{{ name: p, in: query, explode: false, schema: {schema} }}], {} }} }}",
            &GET[2..]
        );
        let service = service(&paths, schemas);
        let found = &service.apis[0].operations[0].parameters[0];
        assert_eq!(found.json_default.is_some(), is_read, "{schema}");
        let expected = match is_read {
            true => Presence::Defaulted,
            false => Presence::Optional,
        };
        assert_eq!(found.presence, expected, "{schema}");
    }
}

#[test]
fn a_value_on_the_path_has_slashes_where_its_schema_lets_it() {
    for (schema, has_slashes) in [
        ("{ type: string }", true),
        ("{ enum: [a/b, c] }", true),
        ("{ enum: [a, b] }", false),
        ("{ type: string, format: uuid }", false),
        ("{ type: integer }", false),
    ] {
        let service = service(
            &format!(
                "{{ '/a/{{b}}': {{ get: {{ parameters: [{{ name: b, in: path, required: true, \
                 allowReserved: true, schema: {schema} }}], responses: {{ '204': {{ description: d }} }} }} }} }}"
            ),
            "{}",
        );
        let route = service.apis[0].operations[0].matching.as_deref();
        assert_eq!(route, has_slashes.then_some("/a/{*b}"), "{schema}");
    }
}
