//! What happens to schemas.

use serde_json::{Value, json};

use super::{
    Edit,
    draft::{Draft, Picks, keys, rename, texts, toggle},
};

pub(super) const EDITS: &[Edit] = &[
    Edit("a member is added", 3, |draft, picks| {
        let ty = draft.ty(picks);
        let is_required = picks.flip();
        let schema = draft.schema_with("properties", picks)?;
        let name = Draft::word(picks, &keys(&schema["properties"]))?;
        schema["properties"][&name] = ty;
        if is_required {
            toggle(&mut schema["required"], &name);
        }
        Some(())
    }),
    Edit("a member goes", 3, |draft, picks| {
        let (schema, name) = member(draft, picks)?;
        schema["properties"].as_object_mut()?.remove(&name);
        if texts(&schema["required"]).contains(&name) {
            toggle(&mut schema["required"], &name);
        }
        Some(())
    }),
    Edit("a member is renamed", 2, |draft, picks| {
        let (schema, old) = member(draft, picks)?;
        let new = Draft::word(picks, &keys(&schema["properties"]))?;
        rename(schema["properties"].as_object_mut()?, &old, &new)?;
        if texts(&schema["required"]).contains(&old) {
            toggle(&mut schema["required"], &old);
            toggle(&mut schema["required"], &new);
        }
        Some(())
    }),
    Edit("a member changes its type", 4, |draft, picks| {
        let ty = draft.ty(picks);
        let (schema, name) = member(draft, picks)?;
        schema["properties"][&name] = ty;
        Some(())
    }),
    Edit("a member is required, or no longer", 3, |draft, picks| {
        let (schema, name) = member(draft, picks)?;
        toggle(&mut schema["required"], &name);
        Some(())
    }),
    Edit("a member may be null", 2, |draft, picks| {
        let (schema, name) = member(draft, picks)?;
        let ty = &mut schema["properties"][&name]["type"];
        *ty = match ty.as_str() {
            Some(name) => json!([name, "null"]),
            None => ty.get(0)?.clone(),
        };
        Some(())
    }),
    Edit("a schema is renamed", 2, |draft, picks| {
        let old = picks.of(&draft.schema_names())?;
        let new = format!("{}{old}", picks.one(&["Town", "The"]));
        rename(draft.schemas(), &old, &new)?;
        let path = |name: &str| format!("#/components/schemas/{name}");
        draft.replace(&path(&old), &path(&new));
        Some(())
    }),
    Edit("a schema becomes another type", 1, |draft, picks| {
        let ty = picks.one(&draft.plain_types());
        let name = picks.of(&draft.schema_names())?;
        draft.schemas().insert(name, ty);
        Some(())
    }),
    Edit("a value is added", 2, |draft, picks| {
        let values = draft.schema_with("enum", picks)?["enum"].as_array_mut()?;
        let value: Value = picks.one(&["bird", "self", "guinea pig"]).into();
        if values.contains(&value) {
            return None;
        }
        let at = picks.one(&[0, values.len()]);
        values.insert(at, value);
        Some(())
    }),
    Edit("a value goes", 2, |draft, picks| {
        let values = draft.schema_with("enum", picks)?["enum"].as_array_mut()?;
        let all: Vec<usize> = (0..values.len()).collect();
        let at = picks.of(&all).filter(|_| all.len() > 1)?;
        values.remove(at);
        Some(())
    }),
    Edit("a value is renamed", 2, |draft, picks| {
        let values = draft.schema_with("enum", picks)?["enum"].as_array_mut()?;
        let all: Vec<usize> = (0..values.len()).collect();
        let at = picks.of(&all)?;
        let text = format!("big {}", values[at].as_str()?);
        values[at] = text.into();
        Some(())
    }),
    Edit("members may be of any name", 1, |draft, picks| {
        let ty = picks.one(&draft.plain_types());
        draft.schema_with("properties", picks)?["additionalProperties"] = ty;
        Some(())
    }),
];

fn member<'d>(draft: &'d mut Draft, picks: &mut Picks<'_>) -> Option<(&'d mut Value, String)> {
    let schema = draft.schema_with("properties", picks)?;
    let name = picks.of(&keys(&schema["properties"]))?;
    Some((schema, name))
}
