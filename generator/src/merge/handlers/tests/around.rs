//! Code beside the service's own.

use super::*;

#[test]
fn code_around_the_service_is_told_and_left() {
    let apis = [pets(vec![stub("get_pet", &[]), stub("add_pet", &[])])];
    let mut files = Files::default();
    let items = "pub trait PetsApi {}\npub enum GetPetResponse {}\npub enum AddPetResponse {}\n";
    for (path, text) in [
        ("mod", "pub mod apis;\n"),
        ("apis/mod", "pub mod pets;\n"),
        ("apis/pets", items),
    ] {
        let path = format!("src/generated/{path}.rs");
        files.insert(path, Owner::Generator, text).expect("a path");
    }
    let fake = "use shop::generated::apis::pets::{OldResponse, PetsApi};
use crate::generated::Ours;
use other::generated::Theirs;
struct Fake;
impl PetsApi for Fake {
    async fn get_pet(&self, _: &R) -> Result<GetPetResponse, ApiError> { f(shop::generated::models::OLD) }
}
";
    let others = [("tests/fake.rs".to_owned(), fake.to_owned())];
    let code = Code {
        others: &others,
        ..in_src(&[])
    };
    let (names, changes) = (Names::of(&files), Changes::default());
    let update = update(&apis, code, &names, &changes, &Known::default());
    assert_eq!(update.texts, []);
    assert_eq!(update.unimplemented, ["pets"]);
    let told = update.notices.iter().map(|notice| {
        let code = notice.compiler.as_deref().map(|it| &it[6..11]);
        (notice.line, code)
    });
    let told: Vec<_> = told.collect();
    assert_eq!(
        told,
        [(1, Some("E0432")), (5, Some("E0046")), (6, Some("E0433"))]
    );
}
