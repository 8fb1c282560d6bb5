use serde_json::Value;

use crate::{
    diagnostic::Diagnostics,
    ir::Service,
    lower::{Selection, check, lower, select},
    spec,
};

const DOCUMENT: &str = "
openapi: 3.1.0
info: { title: Zoo, version: '1' }
tags: [{ name: pets }, { name: shops }, { name: nobody }]
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      responses:
        '200': { description: All., content: { application/json: { schema: { $ref: '#/components/schemas/Animal' } } } }
    post:
      operationId: addPet
      tags: [pets]
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Cat' } } } }
      responses: { '204': { description: Added. } }
  /shops/{shop}:
    parameters: [{ $ref: '#/components/parameters/Shop' }]
    get:
      tags: [shops]
      responses:
        '200': { description: One., content: { application/json: { schema: { $ref: '#/components/schemas/Shop' } } } }
    delete:
      operationId: closeShop
      x-timeout: { secnds: 1 }
      responses: { '200': { $ref: '#/components/responses/Nothing' } }
components:
  parameters:
    Shop: { name: shop, in: path, required: true, schema: { type: string } }
  schemas:
    Animal: { type: object, properties: { kind: { type: string } }, discriminator: { propertyName: kind } }
    Cat: { allOf: [{ $ref: '#/components/schemas/Animal' }, { properties: { lives: { $ref: '#/components/schemas/Lives' } } }] }
    Lives: { type: integer }
    Shop: { type: object, properties: { owner: { $ref: '#/components/schemas/Owner' } } }
    Owner: { type: object, properties: { name: { type: string } } }
    Forgotten: { type: string }
";

fn selection(only: &[&str], exclude: &[&str]) -> Selection {
    let parse = |list: &[&str]| -> Vec<_> {
        let selectors = list.iter().map(|text| text.parse().expect("a selector"));
        selectors.collect()
    };
    Selection {
        only: parse(only),
        exclude: parse(exclude),
    }
}

/// The service of what is selected, and what is said of it.
fn cut(document: &str, selection: &Selection) -> (Option<Service>, Vec<String>) {
    let mut document = spec::load(&spec::Input::Stdin(document.into())).expect("reads");
    let mut diagnostics = Diagnostics::default();
    check(&mut document, &mut diagnostics);
    select(&mut document, selection, &mut diagnostics);
    let service = lower(&document, &mut diagnostics);
    let told = diagnostics.iter().map(|found| {
        let help = found.help.as_deref().unwrap_or_default();
        format!("{:?}: {}; {help}", found.severity, found.message)
    });
    (service, told.collect())
}

#[track_caller]
fn good(only: &[&str], exclude: &[&str]) -> Service {
    let (service, told) = cut(DOCUMENT, &selection(only, exclude));
    service.unwrap_or_else(|| panic!("{told:#?}"))
}

fn ids(service: &Service) -> Vec<&str> {
    let operations = service.apis.iter().flat_map(|api| &api.operations);
    operations.map(|it| it.id.as_str()).collect()
}

/// The document's own keys below a place of what is served.
fn keys<'s>(service: &'s Service, pointer: &str) -> Vec<&'s str> {
    let object = service.openapi.pointer(pointer).and_then(Value::as_object);
    let keys = object.into_iter().flatten().map(|(key, _)| key.as_str());
    keys.filter(|key| !key.starts_with("Failsafe")).collect()
}

#[test]
fn what_is_left_out_is_neither_made_nor_served_nor_judged() {
    // One operation is wrong, and it is not the one that is meant.
    assert!(cut(DOCUMENT, &Selection::default()).0.is_none());
    let service = good(&["tag:shops"], &[]);
    assert_eq!(ids(&service), ["getShopsByShop"]);
    assert_eq!(keys(&service, "/paths"), ["/shops/{shop}"]);
    assert_eq!(
        keys(&service, "/paths/~1shops~1{shop}"),
        ["parameters", "get"]
    );
    let models: Vec<&str> = (service.models.iter())
        .filter(|model| model.is_needed)
        .map(|model| model.rust_name.as_str())
        .collect();
    assert_eq!(models, ["Shop", "Owner"]);
    // What nobody has needed before is the author's affair.
    assert_eq!(
        keys(&service, "/components/schemas"),
        ["Shop", "Owner", "Forgotten"]
    );
    let tags = service.openapi["tags"].as_array().expect("tags");
    let tags: Vec<&Value> = tags.iter().map(|tag| &tag["name"]).collect();
    assert_eq!(tags, ["shops", "nobody"]);
    // The tree keeps the same document.
    assert!(!service.source.contains("Animal"), "{}", service.source);
}

#[test]
fn selectors_add_up_and_exclusions_take_away() {
    assert_eq!(
        ids(&good(&["listPets", "tag:shops"], &[])),
        ["listPets", "getShopsByShop"]
    );
    assert_eq!(ids(&good(&[], &["closeShop", "/pets"])), ["getShopsByShop"]);
    assert_eq!(
        ids(&good(&["/**"], &["DELETE /shops/*"])),
        ["listPets", "addPet", "getShopsByShop"]
    );
    assert_eq!(ids(&good(&["getShopsByShop"], &[])), ["getShopsByShop"]);
}

/// The schemas that extend one are nowhere named by those who use it.
#[test]
fn heirs_of_a_needed_schema_stay() {
    let service = good(&["listPets"], &[]);
    assert_eq!(
        keys(&service, "/components/schemas"),
        ["Animal", "Cat", "Lives", "Forgotten"]
    );
}

/// The author's own keys stay, so what they refer to stays with them: the document that is served
/// has no reference to nothing. No code is made for it.
#[test]
fn what_other_keys_of_the_root_refer_to_is_served_and_not_generated() {
    let document = DOCUMENT.replace(
        "components:",
        "x-webhooks: { born: { post: { requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Lives' } } } } } } }\ncomponents:",
    );
    let (service, told) = cut(&document, &selection(&["tag:shops"], &[]));
    let service = service.unwrap_or_else(|| panic!("{told:#?}"));
    assert_eq!(
        keys(&service, "/components/schemas"),
        ["Lives", "Shop", "Owner", "Forgotten"]
    );
    let is_lives = |model: &&crate::ir::Model| model.rust_name == "Lives";
    let lives = service.models.iter().find(is_lives);
    assert!(lives.is_none_or(|model| !model.is_needed));
}

#[test]
fn what_chooses_nothing_is_told_with_what_is_near() {
    let told =
        |only: &[&str], exclude: &[&str]| cut(DOCUMENT, &selection(only, exclude)).1.join("\n");
    let mut all = String::new();
    for (only, exclude) in [
        (&["listPet"][..], &["closeShop"][..]),
        (&["pets"], &[]),
        (&["shops/{shop}"], &[]),
        (&["tag:pet"], &[]),
        (&["tag:addPet"], &[]),
        (&["path:/pet"], &[]),
        (&["PUT /pets"], &[]),
        (&["listPets,addPet"], &[]),
        (&["somethingElse"], &[]),
        (&["listPets"], &["closeshp"]),
        (&["listPets"], &["listPets"]),
    ] {
        all.push_str(&format!("{only:?} {exclude:?}\n{}\n", told(only, exclude)));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_path_item_that_is_shared_is_not_cut_in_two() {
    let document = "
openapi: 3.1.0
info: { title: Zoo, version: '1' }
paths:
  /a: { get: { operationId: one, responses: { '204': { description: Done. } } } }
  /b: { $ref: '#/paths/~1a' }
";
    let (service, told) = cut(document, &selection(&["/b"], &[]));
    assert!(service.is_none());
    assert!(
        told[0].contains("`GET /b` is also that of a path that is left out"),
        "{told:#?}"
    );
    assert!(cut(document, &selection(&["/a"], &[])).0.is_some());
    assert!(cut(document, &selection(&["/a", "/b"], &[])).0.is_some());
}
