use super::*;

/// What is told of code when types change: the lines, and the compiler's codes where it is
/// certain.
#[track_caller]
fn told(changes: &[(&str, &str)], code: &str) -> Vec<(usize, Option<String>)> {
    let mut all = Changes::default();
    let path = "src/generated/models/all.rs";
    for (old, new) in changes {
        all.add(path, old, new);
        all.know(path, new);
    }
    let text = format!("use crate::generated::models::*;{code}");
    let text = text.replace("::*", "::{Kind, Owner, Pet}");
    let source = Source::parse("shop", "src/a.rs", &text).expect("Rust");
    let mut notices = Vec::new();
    check(&all, &source, &mut notices);
    notices.sort();
    let mut told: Vec<_> = notices
        .iter()
        .map(|it| (it.line, it.compiler.as_ref().map(|it| it[6..11].to_owned())))
        .collect();
    told.dedup();
    told
}

fn certain(line: usize, code: &str) -> (usize, Option<String>) {
    (line, Some(code.to_owned()))
}

const OWNER: (&str, &str) = (
    "pub struct Owner { pub name: String }",
    "pub struct Owner { pub name: String, pub phone: String }",
);
const KIND: (&str, &str) = (
    "pub enum Kind { Cat, Other }",
    "pub enum Kind { Cat, Other(String) }",
);

#[test]
fn what_is_named_already_is_not_missing() {
    for code in [
        "fn f() -> Owner { Owner { name: a(), phone: b() } }",
        "fn f(owner: Owner) { let Owner { name: _, phone: _ } = owner; }",
    ] {
        assert_eq!(told(&[OWNER], code), [], "{code}");
    }
    let new = ("pub enum Kind { Cat }", "pub enum Kind { Cat, Dog }");
    let code = "fn f(kind: Kind) -> u8 { match kind { Kind::Cat => 1, Kind::Dog => 2 } }";
    assert_eq!(told(&[new], code), []);
    // A guard may say no.
    let code = code.replace("Dog =>", "Dog if now() =>");
    assert_eq!(told(&[new], &code), [certain(1, "E0004")]);
}

#[test]
fn a_variant_has_a_value_or_none_as_it_is_used() {
    let back = (KIND.1, KIND.0);
    for (code, now, then) in [
        ("fn f() -> Kind { Kind::Other }", Some("E0308"), None),
        ("fn f() -> Kind { Kind::Other(a()) }", None, Some("E0618")),
        (
            "fn f(k: Kind) { if let Kind::Other = k {} }",
            Some("E0532"),
            None,
        ),
        (
            "fn f(k: Kind) { if let Kind::Other(_) = k {} }",
            None,
            Some("E0532"),
        ),
        (
            "fn f(k: Kind) -> bool { matches!(k, Kind::Other(n) if n == 1) }",
            None,
            Some("E0532"),
        ),
    ] {
        let expected = |code: Option<&str>| code.map(|it| certain(1, it)).into_iter();
        assert!(told(&[KIND], code).into_iter().eq(expected(now)), "{code}");
        assert!(told(&[back], code).into_iter().eq(expected(then)), "{code}");
    }
}

#[test]
fn what_comes_of_a_changed_field_is_told_where_it_is_used() {
    let change = (
        "pub struct Pet { pub name: String, pub id: u8 }",
        "pub struct Pet { pub name: u8, pub id: u8 }",
    );
    let possible = |lines: &[usize]| -> Vec<_> { lines.iter().map(|line| (*line, None)).collect() };
    for (code, lines) in [
        // Taken apart, the name says nothing yet.
        (
            "fn f(pet: Pet) {\nlet Pet { name, id } = pet;\ng(id);\ng(name);\n}",
            &[4][..],
        ),
        (
            "fn f(pet: Pet) {\nlet name = &pet.name;\nprintln!(\"{name}\");\n}",
            &[2, 3],
        ),
        (
            "fn f(pet: Pet) {\nmatch pet.name.get(0) {\nSome(c) =>\ng(c),\nNone => {}\n}\n}",
            &[2, 3, 4, 5],
        ),
        (
            "fn f(pet: Pet) {\npet.name\n.iter()\n.map(|c|\nc);\n}",
            &[2, 3, 4, 5],
        ),
        (
            "fn f(pets: Vec<Pet>) {\npets.iter().map(|Pet { name, .. }|\nname\n);\n}",
            &[3],
        ),
        (
            "fn f(pet: Pet) {\nlet mut all = a();\nall.push(pet.name);\ng(all);\n}",
            &[3, 4],
        ),
        // What has a type of its own.
        ("fn f(pet: Pet) {\nlet a = g(&pet.name);\ng(a);\n}", &[2]),
        ("fn f(pet: Pet) {\nlet a = pet.name == b;\ng(a);\n}", &[2]),
        (
            "fn f(pet: Pet) {\nlet a: String = pet.name;\ng(a);\n}",
            &[2],
        ),
        (
            "fn f() {\nlet a = Pet { name: g(), id: 1 };\ng(a);\n}",
            &[2],
        ),
    ] {
        assert_eq!(told(&[change], code), possible(lines), "{code}");
    }
}

#[test]
fn what_a_closure_takes_apart_is_told_wherever_it_comes_from() {
    let change = (
        "pub struct Pet { pub friends: Vec<Pet>, pub name: String }",
        "pub struct Pet { pub friends: Option<Vec<Pet>> }",
    );
    for of in ["friends()", "pet.friends"] {
        let code = format!("fn f(pet: Pet) {{\n{of}.iter().map(|\nPet {{ name, .. }}| name);\n}}");
        assert!(
            told(&[change], &code).contains(&certain(3, "E0026")),
            "{of}"
        );
    }
}

#[test]
fn what_a_field_is_given_may_be_evident() {
    let change = |old, new| {
        let of = |ty| format!("pub struct Pet {{ pub name: {ty} }}");
        (of(old), of(new))
    };
    for (new, value, expected) in [
        ("String", "\"Tom\".to_owned()", &[][..]),
        ("Option<u8>", "None", &[]),
        ("u16", "\"Tom\".to_owned()", &[certain(2, "E0308")]),
        ("u16", "None", &[certain(2, "E0308")]),
        ("u16", "g()", &[(2, None)]),
    ] {
        let (old, new) = change("u8", new);
        let code = format!("fn f() {{\ng(Pet {{ name: {value} }});\n}}");
        assert_eq!(told(&[(&old, &new)], &code), expected, "{new} {code}");
    }
}

#[test]
fn a_struct_that_is_none_any_more_has_no_fields() {
    let change = (
        "pub struct Pet { pub name: String }",
        "pub type Pet = String;",
    );
    let code = "fn f(it: &Vec<u8>) {\nit.iter().map(|pet| pet.name);\nlet a = Pet {\nname: g(),\n};\n}\nfn h(\npet: Pet) {\ng(pet)\n}";
    assert_eq!(
        told(&[change], code),
        [2, 3, 4, 8, 9].map(|line| (line, None))
    );
    let change = ("pub enum Kind { Cat }", "pub type Kind = String;");
    assert_eq!(told(&[change], "fn f() {\ng(Kind::Cat)\n}"), [(2, None)]);
}

#[test]
fn a_pattern_may_miss_what_a_field_is_called_now() {
    let change = (
        "pub struct Pet { pub name: String }",
        "pub struct Pet { pub title: String }",
    );
    let code = "fn f(pet: Pet) {\nlet Pet {\nname } = pet;\n}";
    assert_eq!(told(&[change], code), [(2, None), certain(3, "E0026")]);
}
