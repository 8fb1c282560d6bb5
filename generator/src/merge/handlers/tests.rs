//! Handlers that follow their document.

mod around;

use super::*;
use crate::render::{Files, Import, Owner};

fn import(module: &str, name: &str) -> Import {
    Import {
        module: module.to_owned(),
        name: name.to_owned(),
    }
}

/// A stub of `GET /<name>` that takes the types.
fn stub(name: &str, types: &[&str]) -> Stub {
    let stem: String = name
        .split('_')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect();
    let answer = format!("Result<{stem}Response, ApiError>");
    let mut arguments = String::from("&self, ctx: &RequestContext");
    for (index, ty) in types.iter().enumerate() {
        arguments.push_str(&format!(", _a{index}: {ty}"));
    }
    let mut signature: Vec<String> = types.iter().map(|ty| (*ty).to_owned()).collect();
    signature.push(answer.clone());
    Stub {
        http_method: "GET".to_owned(),
        http_path: format!("/{name}"),
        name: name.to_owned(),
        text: format!(
            "    async fn {name}({arguments}) -> {answer} {{\n        Err(ApiError::not_implemented(ctx.operation()))\n    }}\n"
        ),
        signature,
        imports: vec![
            import("crate::generated::apis::pets", &format!("{stem}Response")),
            import("failsafe_runtime::service", "ApiError"),
            import("failsafe_runtime::service", "RequestContext"),
        ],
    }
}

fn pets(stubs: Vec<Stub>) -> HandlerApi {
    HandlerApi {
        trait_name: "PetsApi".to_owned(),
        module: "pets".to_owned(),
        stubs,
    }
}

const HEAD: &str = "use failsafe_runtime::service::{ApiError, RequestContext};

use crate::App;
use crate::generated::apis::pets::{GetPetResponse, PetsApi};
";
const GET: &str = "    async fn get_pet(&self, _ctx: &RequestContext) -> Result<GetPetResponse, ApiError> {\n        todo!() // mine\n    }";
const ADD: &str =
    "    async fn add_pet(&self, ctx: &RequestContext) -> Result<AddPetResponse, ApiError> {
        Err(ApiError::not_implemented(ctx.operation()))
    }";

fn in_src(files: &[Text]) -> Code<'_> {
    Code {
        service: "shop",
        own: files,
        others: &[],
        hidden: &[],
    }
}

/// Runs over one file, with the names that generated code has.
fn run(apis: &[HandlerApi], text: &str, old: &Known) -> Update {
    let mut files = Files::default();
    for api in apis {
        let mut items = format!("pub trait {} {{}}\n", api.trait_name);
        for import in api.stubs.iter().flat_map(|stub| &stub.imports) {
            if import.module == api.generated() {
                items.push_str(&format!("pub enum {} {{}}\n", import.name));
            }
        }
        let path = format!("src/generated/apis/{}.rs", api.module);
        files.insert(path, Owner::Generator, items).expect("a path");
    }
    let modules: String = apis
        .iter()
        .map(|api| format!("pub mod {};\n", api.module))
        .collect();
    for (path, text) in [
        ("apis/mod.rs", modules.as_str()),
        ("mod.rs", "pub mod apis;\n"),
    ] {
        let path = format!("src/generated/{path}");
        files.insert(path, Owner::Generator, text).expect("a path");
    }
    let text = ("src/handlers/pets.rs".to_owned(), text.to_owned());
    update(
        apis,
        in_src(&[text]),
        &Names::of(&files),
        &Changes::default(),
        old,
    )
}

/// What an operation in the document was when it was last in step.
fn known(stubs: Vec<Stub>) -> Known {
    let api = pets(stubs);
    let operations = api.stubs.iter().map(|stub| Operation::of(&api, stub));
    Known {
        operations: operations.collect(),
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let apis = [pets(vec![stub("get_pet", &[]), stub("add_pet", &[])])];
    let update = run(&apis, text, &Known::default());
    assert_eq!(update.notices, []);
    let new = match update.texts.as_slice() {
        [(_, new)] => new,
        [] => text,
        more => panic!("{more:?}"),
    };
    assert_eq!(new, expected);
    syn::parse_file(new.trim_start_matches('\u{feff}')).expect("Rust");
    // Nothing is added twice.
    assert_eq!(run(&apis, new, &Known::default()).texts, []);
}

#[test]
fn a_new_operation_follows_the_one_before_it() {
    let head = HEAD.replace("{GetPetResponse", "{AddPetResponse, GetPetResponse");
    check(
        &format!("{HEAD}\nimpl PetsApi for App {{\n{GET}\n}}\n\nfn mine() {{}}\n"),
        &format!("{head}\nimpl PetsApi for App {{\n{GET}\n\n{ADD}\n}}\n\nfn mine() {{}}\n"),
    );
}

#[test]
fn what_is_odd_stays_odd() {
    let head = "#![allow(dead_code)]\r\n// é\r\nuse crate::generated::apis::pets::{ PetsApi as Api ,GetPetResponse };\r\nuse failsafe_runtime::service::*;\r\n";
    let get = "\tasync  fn get_pet( &self,_:&RequestContext )->Result<GetPetResponse,ApiError>{ todo!( ) } // mine\r\n";
    let add = ADD.replace("    ", "\t").replace('\n', "\r\n");
    check(
        &format!("\u{feff}{head}impl Api for crate::App\r\n{{\r\n{get}\t// the end\r\n}}"),
        &format!(
            "\u{feff}{}impl Api for crate::App\r\n{{\r\n{get}\r\n{add}\r\n\t// the end\r\n}}",
            head.replace(",GetPetResponse", ",GetPetResponse, AddPetResponse")
        ),
    );
}

#[test]
fn names_on_lines_of_their_own_stay_so() {
    let head = "use crate::generated::apis::pets::{\n    PetsApi,\n    GetPetResponse,\n};\nuse failsafe_runtime::service::{ApiError, RequestContext};\n";
    check(
        &format!("{head}impl PetsApi for App {{\n{GET}\n}}\n"),
        &format!(
            "{}impl PetsApi for App {{\n{GET}\n\n{ADD}\n}}\n",
            head.replace("Response,\n}", "Response,\n    AddPetResponse,\n}")
        ),
    );
}

#[test]
fn an_empty_impl_is_filled() {
    let head = "use crate::generated::apis::pets::{AddPetResponse, GetPetResponse, PetsApi};\nuse failsafe_runtime::service::{ApiError, RequestContext};\n";
    let get = GET.replace(
        "todo!() // mine",
        "Err(ApiError::not_implemented(ctx.operation()))",
    );
    let get = get.replace("_ctx", "ctx");
    for empty in ["{}", "{\n}"] {
        check(
            &format!("{head}impl PetsApi for App {empty}\n"),
            &format!("{head}impl PetsApi for App {{\n{get}\n\n{ADD}\n}}\n"),
        );
    }
}

#[test]
fn a_module_inside_a_file_has_its_own_imports() {
    let text = "mod inner {\n    use crate::generated::apis::pets;\n\n    impl pets::PetsApi for crate::App {\n        async fn get_pet(&self, _: &super::Context) -> super::Answer { todo!() }\n    }\n}\n";
    let apis = [pets(vec![stub("get_pet", &[]), stub("add_pet", &[])])];
    let update = run(&apis, text, &Known::default());
    insta::assert_snapshot!(update.texts[0].1);
}

/// A person may have something of the same name.
#[test]
fn a_name_that_is_taken_is_written_whole() {
    let text = format!("{HEAD}struct AddPetResponse;\nimpl PetsApi for App {{\n{GET}\n}}\n");
    let apis = [pets(vec![stub("get_pet", &[]), stub("add_pet", &[])])];
    let update = run(&apis, &text, &Known::default());
    let new = &update.texts[0].1;
    assert!(
        new.contains("-> Result<crate::generated::apis::pets::AddPetResponse, ApiError>"),
        "{new}"
    );
    assert!(new.starts_with(HEAD), "{new}");
}

#[test]
fn every_impl_gets_it() {
    let double =
        format!("{HEAD}impl PetsApi for App {{\n{GET}\n}}\nimpl PetsApi for Fake {{\n{GET}\n}}\n");
    let apis = [pets(vec![stub("get_pet", &[]), stub("add_pet", &[])])];
    let update = run(&apis, &double, &Known::default());
    assert_eq!(update.added.len(), 2);
    assert_eq!(update.texts[0].1.matches("fn add_pet").count(), 2);
}

#[track_caller]
fn told(apis: &[HandlerApi], text: &str, old: &Known) -> String {
    let update = run(apis, text, old);
    assert_eq!(update.texts, []);
    let lines = update.notices.iter().map(|it| {
        format!(
            "{}:{}: {}\n  {}\n  {}\n",
            it.path,
            it.line,
            it.message,
            it.compiler.as_deref().unwrap_or("-"),
            it.help
        )
    });
    lines.collect()
}

fn own(methods: &str) -> String {
    format!("{HEAD}\nimpl PetsApi for App {{\n{methods}\n}}\n")
}

#[test]
fn what_is_gone_is_told_and_left() {
    let old = known(vec![stub("get_pet", &[])]);
    insta::assert_snapshot!(told(&[pets(vec![])], &own(GET), &old));
}

#[test]
fn what_is_renamed_is_told_until_it_is_followed() {
    let old = known(vec![stub("get_pet", &[])]);
    let mut new = stub("fetch_pet", &[]);
    new.http_path = "/get_pet".to_owned();
    let apis = [pets(vec![new])];
    insta::assert_snapshot!(told(&apis, &own(GET), &old));
    // The next run knows it still.
    let again = run(&apis, &own(GET), &old).known;
    assert_eq!(told(&apis, &own(GET), &again), told(&apis, &own(GET), &old));

    let followed = own(GET)
        .replace("get_pet", "fetch_pet")
        .replace("GetPet", "FetchPet");
    let update = run(&apis, &followed, &again);
    assert_eq!((update.notices, update.texts), (vec![], vec![]));
}

#[test]
fn what_has_moved_is_told_and_has_a_stub() {
    let old = known(vec![stub("get_pet", &[])]);
    let dogs = HandlerApi {
        trait_name: "DogsApi".to_owned(),
        module: "dogs".to_owned(),
        stubs: vec![stub("get_pet", &[])],
    };
    let apis = [pets(vec![]), dogs];
    insta::assert_snapshot!(told(&apis, &own(GET), &old));
    assert_eq!(run(&apis, &own(GET), &old).unimplemented, ["dogs"]);
}

#[test]
fn a_changed_signature_is_told_until_it_is_followed() {
    let old = known(vec![stub("get_pet", &[])]);
    let apis = [pets(vec![stub("get_pet", &["u8"])])];
    insta::assert_snapshot!(told(&apis, &own(GET), &old));

    let old = known(vec![stub("get_pet", &["u8"])]);
    let apis = [pets(vec![stub("get_pet", &["uuid::Uuid"])])];
    let with =
        |ty: &str| own(GET).replace("RequestContext)", &format!("RequestContext, id: {ty})"));
    insta::assert_snapshot!(told(&apis, &with("u8"), &old));
    // A name of the person's own says nothing.
    for ty in ["Uuid", "uuid::Uuid", "MyId"] {
        assert_eq!(told(&apis, &with(ty), &old), "", "{ty}");
    }
}

/// Where an operation has another path as well, its handler is still called the same.
#[test]
fn a_changed_signature_is_told_whatever_becomes_of_the_path() {
    let old = known(vec![stub("get_pet", &["u8"])]);
    let mut new = stub("get_pet", &["u16"]);
    new.http_path = "/v2/get_pet".to_owned();
    let text = own(GET).replace("RequestContext)", "RequestContext, id: u8)");
    let told = told(&[pets(vec![new])], &text, &old);
    assert!(told.contains("error[E0053]"), "{told}");
}

/// The compiler says that the name is gone, and takes it for any type.
#[test]
fn a_signature_with_a_type_that_is_gone_is_not_compared() {
    let gone = "crate::generated::apis::pets::Gone";
    let old = known(vec![stub("get_pet", &["Gone"])]);
    let text = own(GET).replace("RequestContext)", &format!("RequestContext, id: {gone})"));
    let told = told(&[pets(vec![stub("get_pet", &["u8"])])], &text, &old);
    assert!(!told.contains("error[E0053]"), "{told}");
    assert!(
        told.contains("the signature of `get_pet` has changed"),
        "{told}"
    );
    assert!(told.contains("error[E0425]"), "{told}");
}

/// The compiler stops at names where an impl has no trait, and does not see all files.
#[test]
fn the_compiler_does_not_say_all_at_once() {
    let old = known(vec![stub("get_pet", &["u8"])]);
    let text = own(GET).replace("RequestContext)", "RequestContext, id: u8)");
    let apis = [pets(vec![stub("get_pet", &["u16"])])];
    assert!(told(&apis, &text, &old).contains("error[E0053]"));
    let gone = "impl crate::generated::apis::dogs::DogsApi for App {}\n";
    let told = told(&apis, &(text + gone), &old);
    assert!(!told.contains("error[E0053]"), "{told}");
    assert!(told.contains("error[E0433]"), "{told}");

    let text = ("src/dogs.rs".to_owned(), gone.to_owned());
    let mut files = Files::default();
    for (path, text) in [("mod", "pub mod apis;\n"), ("apis/mod", "")] {
        let path = format!("src/generated/{path}.rs");
        files.insert(path, Owner::Generator, text).expect("a path");
    }
    let names = Names::of(&files);
    let changes = Changes::default();
    let code = Code {
        hidden: &["src/dogs.rs"],
        ..in_src(std::slice::from_ref(&text))
    };
    let update = update(&[], code, &names, &changes, &old);
    let [notice] = update.notices.as_slice() else {
        panic!("{:?}", update.notices);
    };
    assert_eq!(notice.compiler, None);
}

#[test]
fn what_an_impl_needs_no_more_is_told() {
    let old = known(vec![stub("get_pet", &[])]);
    insta::assert_snapshot!(told(&[], &own(GET), &old));
}

#[test]
fn a_name_that_is_gone_is_told_where_it_is_used() {
    let text = own(GET) + "fn f(_: crate::generated::apis::pets::OldResponse) {}\n";
    insta::assert_snapshot!(told(
        &[pets(vec![stub("get_pet", &[])])],
        &text,
        &Known::default()
    ));
}

#[test]
fn a_module_that_is_gone_is_told_once() {
    let text = "use crate::generated::{\n    apis::dogs::{\n        DogsApi,\n        GetDogResponse,\n    },\n};\n";
    let update = run(&[pets(vec![stub("get_pet", &[])])], text, &Known::default());
    let told = update
        .notices
        .iter()
        .map(|it| (it.line, it.message.as_str()));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [(2, "`crate::generated::apis::dogs` is gone")]
    );
}

#[test]
fn nothing_is_added_beside_what_cannot_be_read() {
    let apis = [pets(vec![stub("get_pet", &[])])];
    insta::assert_snapshot!(told(
        &apis,
        "fn a() {}\nimpl PetsApi for App {\n",
        &Known::default()
    ));
    let update = run(&apis, "impl PetsApi for App {\n", &Known::default());
    assert_eq!(update.unimplemented, Vec::<String>::new());
}

#[test]
fn a_new_file_is_declared_in_its_place() {
    let apis = [pets(vec![])];
    for (text, expected) in [
        ("//! Mine.\n", "//! Mine.\n\nmod pets;\n"),
        (
            "mod cats;\npub mod zoo; // mine\n",
            "mod cats;\nmod pets;\npub mod zoo; // mine\n",
        ),
        ("mod zoo;\n", "mod pets;\nmod zoo;\n"),
    ] {
        let root = (ROOT.to_owned(), text.to_owned());
        let names = Names::of(&Files::default());
        let update = update(
            &apis,
            in_src(&[root]),
            &names,
            &Changes::default(),
            &Known::default(),
        );
        assert_eq!(update.texts[0].1, expected);
        assert_eq!(update.unimplemented, ["pets"]);
    }
}

#[test]
fn what_is_remembered_merges_by_lines() {
    let known = known(vec![stub("get_pet", &["u8"]), stub("add_pet", &[])]);
    insta::assert_snapshot!(known.text(), @r#"
    {"path":"/add_pet","method":"GET","trait":"PetsApi","fn":"add_pet","types":["Result<AddPetResponse,ApiError>"]}
    {"path":"/get_pet","method":"GET","trait":"PetsApi","fn":"get_pet","types":["u8","Result<GetPetResponse,ApiError>"]}
    "#);
    let conflict = format!("<<<<<<< HEAD\n{}=======\n>>>>>>> other\n", known.text());
    assert_eq!(Known::parse(&conflict).operations, known.operations);
}

#[test]
fn a_type_that_has_changed_is_told_where_it_is_used() {
    let mut changes = Changes::default();
    changes.add(
        "src/generated/models/pet.rs",
        "pub struct Pet { pub name: String, pub age: u8, pub same: u8 }",
        "pub struct Pet { pub name: Option<String>, pub same: u8, pub owner: String }",
    );
    changes.add(
        "src/generated/models/kind.rs",
        "pub enum Kind { Cat, Dog }",
        "pub enum Kind { Dog, Bird }",
    );
    changes.add(
        "src/generated/apis/pets.rs",
        "pub enum GetPetResponse { Ok(models::Pet), NotFound }",
        "pub enum GetPetResponse { Ok(models::Pet), Gone }",
    );
    let text = "use crate::generated::apis::pets::GetPetResponse;
use crate::generated::models::{self, Pet};

fn f(pet: Pet) -> GetPetResponse {
    let other = models::Pet {
        age: 1,
        same: 2,
        name: String::new(),
    };
    match kind {
        models::Kind::Cat => GetPetResponse::NotFound,
        models::Kind::Dog => GetPetResponse::Ok(other),
    }
}
";
    let source = Source::parse("shop", "src/a.rs", text).expect("Rust");
    let mut notices = Vec::new();
    uses::check(&changes, &source, &mut notices);
    let told: Vec<String> = notices
        .iter()
        .map(|it| format!("{}: {}\n  {:?}", it.line, it.message, it.compiler))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}
