//! Types so large that moving them around would fill a stack.

use std::fmt::Write as _;

use super::{Shape, Type, schemas};
use crate::ir::Service;

/// Properties that are texts.
fn texts(count: usize) -> String {
    (0..count).fold(String::new(), |mut texts, index| {
        let _ = write!(texts, "t{index}: {{ type: string }}, ");
        texts
    })
}

fn object(properties: &str) -> String {
    format!("{{ type: object, properties: {{ {properties} }} }}")
}

/// Which fields of a struct stand in boxes.
fn boxed(service: &Service, name: &str) -> Vec<bool> {
    let mut models = service.models.iter();
    let found = models.find(|model| model.rust_name == name);
    let Some(Shape::Struct(shape)) = found.map(|model| &model.shape) else {
        panic!("no struct {name}");
    };
    let types = shape.fields.iter().map(|field| &field.ty);
    types.map(|ty| matches!(ty, Type::Boxed(_))).collect()
}

#[test]
fn a_large_part_of_another_type_is_boxed() {
    let of = |name: &str| format!("{{ $ref: '#/components/schemas/{name}' }}");
    let around = format!("small: {}, large: {}", of("Small"), of("Large"));
    let service = schemas(&format!(
        "{{ Around: {}, Small: {}, Large: {} }}",
        object(&around),
        object(&texts(20)),
        object(&texts(100)),
    ));
    assert_eq!(boxed(&service, "Around"), [false, true]);
    assert_eq!(boxed(&service, "Large"), [false; 100]);
}

#[test]
fn a_type_of_many_parts_has_boxes_around_them() {
    let parts = |count: usize| {
        (0..count).fold(String::new(), |mut parts, index| {
            let _ = write!(parts, "p{index}: {{ $ref: '#/components/schemas/Part' }}, ");
            parts
        })
    };
    let service = schemas(&format!(
        "{{ Few: {}, Many: {}, Part: {}, Flag: {{ type: object, properties: {{ f: {{ type: boolean }} }} }} }}",
        object(&parts(10)),
        object(&format!(
            "{}f: {{ $ref: '#/components/schemas/Flag' }}",
            parts(40)
        )),
        object(&texts(20)),
    ));
    assert_eq!(boxed(&service, "Few"), [false; 10]);
    let mut expected = vec![true; 40];
    expected.push(false);
    assert_eq!(boxed(&service, "Many"), expected);
}

#[test]
fn boxes_are_put_around_the_innermost_parts_first() {
    // Each alone is small enough with the one below it in a box.
    let levels = (1..8).fold(String::new(), |mut levels, index| {
        let part = format!(
            "{}next: {{ $ref: '#/components/schemas/L{}' }}",
            texts(50),
            index + 1
        );
        let _ = write!(levels, "L{index}: {}, ", object(&part));
        levels
    });
    let service = schemas(&format!("{{ {levels} L8: {} }}", object(&texts(50))));
    let held: Vec<bool> = (1..8)
        .map(|index| *boxed(&service, &format!("L{index}")).last().expect("next"))
        .collect();
    // 50 texts are 1200 bytes: two levels go into one allocation, three do not.
    assert_eq!(held, [false, true, false, true, false, true, false]);
}
