//! Types that would contain themselves.

use std::collections::HashSet;

use super::schemas::Draft;
use crate::ir::{ModelId, Shape, Type};

/// The first of each circle of plain names that stand for one another and for nothing else.
pub(super) fn nothing_but_themselves(drafts: &[Draft<'_>]) -> Vec<ModelId> {
    let edges = drafts.iter().map(|draft| match &draft.shape {
        Shape::Alias(Type::Model(id)) => vec![*id],
        Shape::Alias(Type::Nullable(inner)) => match **inner {
            Type::Model(id) => vec![id],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    });
    in_circles(&edges.collect::<Vec<_>>(), Each::First)
}

/// Which names of a circle are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Each {
    First,
    Member,
}

/// Plain names that lead back to themselves through other plain names, lists and maps.
pub(super) fn aliases(drafts: &[Draft<'_>], each: Each) -> Vec<ModelId> {
    let edges = drafts.iter().map(|draft| {
        let mut inside = Vec::new();
        if let Shape::Alias(ty) = &draft.shape {
            innermost(ty, &mut inside);
        }
        inside
    });
    in_circles(&edges.collect::<Vec<_>>(), each)
}

fn in_circles(edges: &[Vec<ModelId>], each: Each) -> Vec<ModelId> {
    let circles = circles(edges);
    let mut sizes = vec![0_usize; edges.len()];
    circles.iter().for_each(|circle| sizes[*circle] += 1);
    let mut told = HashSet::new();
    (0..edges.len())
        .map(ModelId)
        .filter(|id| sizes[circles[id.0]] > 1 || edges[id.0].contains(id))
        .filter(|id| each == Each::Member || told.insert(circles[id.0]))
        .collect()
}

fn innermost(ty: &Type, out: &mut Vec<ModelId>) {
    match ty {
        Type::Model(id) => out.push(*id),
        Type::List(inner) | Type::Map(inner) | Type::Nullable(inner) | Type::Boxed(inner) => {
            innermost(inner, out);
        }
        Type::Tuple(types) => types.iter().for_each(|ty| innermost(ty, out)),
        _ => {}
    }
}

/// The models that lie in a type itself, not behind a pointer.
fn held(ty: &Type, out: &mut Vec<ModelId>) {
    match ty {
        Type::Model(id) => out.push(*id),
        Type::Nullable(inner) => held(inner, out),
        Type::Tuple(types) => types.iter().for_each(|ty| held(ty, out)),
        _ => {}
    }
}

pub(super) fn holds(shape: &Shape) -> Vec<ModelId> {
    let mut found = Vec::new();
    match shape {
        Shape::Struct(shape) => shape
            .fields
            .iter()
            .for_each(|field| held(&field.ty, &mut found)),
        Shape::Union(union) => union.variants.iter().for_each(|v| held(&v.ty, &mut found)),
        Shape::Alias(ty) | Shape::Newtype(ty) => held(ty, &mut found),
        Shape::Enum(_) => {}
    }
    found
}

/// Puts a box around every field that leads back to the type it stands in.
pub(super) fn box_fields(drafts: &mut [Draft<'_>]) {
    let edges: Vec<Vec<ModelId>> = drafts.iter().map(|draft| holds(&draft.shape)).collect();
    let circles = circles(&edges);
    for (index, draft) in drafts.iter_mut().enumerate() {
        let here = circles[index];
        let in_circle =
            |id: ModelId| circles[id.0] == here && (id.0 != index || edges[index].contains(&id));
        match &mut draft.shape {
            Shape::Struct(shape) => {
                for field in &mut shape.fields {
                    wrap(&mut field.ty, &in_circle);
                }
            }
            Shape::Union(union) => {
                for variant in &mut union.variants {
                    wrap(&mut variant.ty, &in_circle);
                }
            }
            Shape::Newtype(ty) => wrap(ty, &in_circle),
            Shape::Alias(_) | Shape::Enum(_) => {}
        }
    }
}

/// Puts a box around the models in a type that are to have one.
pub(super) fn wrap(ty: &mut Type, is_boxed: &dyn Fn(ModelId) -> bool) {
    match ty {
        Type::Model(id) if is_boxed(*id) => *ty = Type::Boxed(Box::new(Type::Model(*id))),
        Type::Nullable(inner) => wrap(inner, is_boxed),
        Type::Tuple(types) => types.iter_mut().for_each(|ty| wrap(ty, is_boxed)),
        _ => {}
    }
}

/// The strongly connected component of each node, by Kosaraju's two walks, without recursion:
/// a chain of types may be as long as the document.
fn circles(edges: &[Vec<ModelId>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(edges.len());
    let mut seen = vec![false; edges.len()];
    for start in 0..edges.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut path = vec![(start, 0)];
        while let Some((node, next)) = path.last_mut() {
            match edges[*node].get(*next) {
                Some(target) => {
                    *next += 1;
                    if !std::mem::replace(&mut seen[target.0], true) {
                        path.push((target.0, 0));
                    }
                }
                None => {
                    order.push(*node);
                    path.pop();
                }
            }
        }
    }
    let mut back = vec![Vec::new(); edges.len()];
    for (node, targets) in edges.iter().enumerate() {
        for target in targets {
            back[target.0].push(node);
        }
    }
    let mut circle = vec![usize::MAX; edges.len()];
    for start in order.into_iter().rev() {
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            if circle[node] == usize::MAX {
                circle[node] = start;
                open.extend(&back[node]);
            }
        }
    }
    circle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_reach_each_other_share_a_circle() {
        let id = ModelId;
        // 0 -> 1 -> 2 -> 1, 2 -> 3, 4 -> 4
        let edges = [
            vec![id(1)],
            vec![id(2)],
            vec![id(1), id(3)],
            vec![],
            vec![id(4)],
        ];
        let found = circles(&edges);
        assert_eq!(found[1], found[2]);
        assert_eq!(
            HashSet::from([found[0], found[1], found[3], found[4]]).len(),
            4
        );
    }
}
