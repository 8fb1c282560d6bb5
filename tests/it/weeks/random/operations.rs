//! What happens to operations.

use serde_json::{Value, json};

use super::{
    Edit,
    draft::{Draft, Picks, keys, rename},
};

pub(super) const EDITS: &[Edit] = &[
    Edit("an operation is added", 3, added),
    Edit("an operation is removed", 2, |draft, picks| {
        let all = draft.operations();
        let (path, method) = picks.of(&all).filter(|_| all.len() > 1)?;
        let item = draft.paths().get_mut(&path)?.as_object_mut()?;
        item.remove(&method);
        if keys(&draft.document["paths"][&path])
            .iter()
            .all(|key| key == "parameters")
        {
            draft.paths().remove(&path);
        }
        Some(())
    }),
    Edit("an operation is renamed", 3, |draft, picks| {
        let operation = draft.operation(picks)?;
        let names = ["showAll", "type", "listPets2", "get_pet", "x"];
        operation["operationId"] = picks.one(&names).into();
        Some(())
    }),
    Edit("a path changes", 2, |draft, picks| {
        let old = picks.of(&keys(&draft.document["paths"]))?;
        let new = format!("{}{old}", picks.one(&["/v2", "/the-old"]));
        rename(draft.paths(), &old, &new)
    }),
    Edit("a method changes", 2, |draft, picks| {
        let (path, method) = picks.of(&draft.operations())?;
        let new = picks.of(&draft.free_methods(&path))?;
        let item = draft.paths().get_mut(&path)?.as_object_mut()?;
        rename(item, &method, new)
    }),
    Edit("a parameter is added", 3, |draft, picks| {
        let taken = ["kind".to_owned()];
        let name = Draft::word(picks, &taken)?;
        let ty = picks.one(&draft.plain_types());
        let place = picks.one(&["query", "header"]);
        let required = picks.flip();
        let operation = draft.operation(picks)?;
        let list = list(&mut operation["parameters"]);
        if list.iter().any(|it| it["name"] == *name) {
            return None;
        }
        list.push(json!({ "name": name, "in": place, "required": required, "schema": ty }));
        Some(())
    }),
    Edit("a parameter is removed", 2, |draft, picks| {
        let (list, index) = parameter(draft, picks)?;
        if list[index]["in"] == "path" {
            return None;
        }
        list.remove(index);
        Some(())
    }),
    Edit("a parameter changes its type", 4, |draft, picks| {
        let ty = picks.one(&draft.plain_types());
        let (list, index) = parameter(draft, picks)?;
        list[index]["schema"] = ty;
        Some(())
    }),
    Edit(
        "a parameter is required, or no longer",
        2,
        |draft, picks| {
            let (list, index) = parameter(draft, picks)?;
            let was = list[index]["required"] == true;
            list[index]["required"] = (!was).into();
            Some(())
        },
    ),
    Edit("an operation moves to another tag", 2, |draft, picks| {
        let mut tags = draft.tags();
        tags.push("lost and found".to_owned());
        let tag = picks.one(&tags);
        draft.operation(picks)?["tags"] = json!([tag]);
        Some(())
    }),
    Edit("a tag is renamed", 1, |draft, picks| {
        let old = picks.of(&draft.tags())?;
        let new = picks.one(&["animals", "pets", "type"]);
        for (path, method) in draft.operations() {
            let tag = &mut draft.document["paths"][path][method]["tags"][0];
            if *tag == *old {
                *tag = new.into();
            }
        }
        Some(())
    }),
    Edit("a body is added, or goes", 2, |draft, picks| {
        let schema = draft.ty(picks);
        let operation = draft.operation(picks)?.as_object_mut()?;
        if operation.remove("requestBody").is_none() {
            let body = json!({ "required": true, "content": content(&schema) });
            operation.insert("requestBody".to_owned(), body);
        }
        Some(())
    }),
    Edit("a body is required, or no longer", 2, |draft, picks| {
        let body = body(draft, picks)?;
        let was = body["required"] == true;
        body["required"] = (!was).into();
        Some(())
    }),
    Edit("a body changes its type", 2, |draft, picks| {
        let schema = draft.ty(picks);
        body(draft, picks)?["content"] = content(&schema);
        Some(())
    }),
    Edit("a body changes its media type", 2, |draft, picks| {
        let types = [
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "text/plain",
            "application/octet-stream",
            "application/vnd.town+json",
        ];
        let new = picks.one(&types);
        let content = body(draft, picks)?["content"].as_object_mut()?;
        let old = content.keys().next()?.clone();
        rename(content, &old, new)
    }),
    Edit("an answer is added", 3, |draft, picks| {
        let schema = draft.ty(picks);
        let has_body = picks.flip();
        let status = picks.one(&["202", "404", "409", "4XX", "default"]);
        let operation = draft.operation(picks)?;
        let mut answer = json!({ "description": "Another one." });
        if has_body {
            answer["content"] = content(&schema);
        }
        operation["responses"][status] = answer;
        Some(())
    }),
    Edit("an answer goes", 2, |draft, picks| {
        let responses = draft.operation(picks)?["responses"].as_object_mut()?;
        let all: Vec<String> = responses.keys().cloned().collect();
        let status = picks.of(&all).filter(|_| all.len() > 1)?;
        responses.remove(&status);
        Some(())
    }),
    Edit("an answer has another status", 2, |draft, picks| {
        let responses = draft.operation(picks)?["responses"].as_object_mut()?;
        let old = picks.one(&responses.keys().cloned().collect::<Vec<_>>());
        let new = picks.one(&["200", "206", "418", "5XX"]);
        rename(responses, &old, new)
    }),
    Edit("an answer changes its body", 3, |draft, picks| {
        let schema = draft.ty(picks);
        let goes = picks.flip();
        let responses = draft.operation(picks)?["responses"].as_object_mut()?;
        let status = picks.one(&responses.keys().cloned().collect::<Vec<_>>());
        let answer = responses.get_mut(&status)?.as_object_mut()?;
        if !(goes && answer.remove("content").is_some()) {
            answer.insert("content".to_owned(), content(&schema));
        }
        Some(())
    }),
];

fn added(draft: &mut Draft, picks: &mut Picks<'_>) -> Option<()> {
    let mut paths = keys(&draft.document["paths"]);
    paths.push("/news".to_owned());
    paths.push("/pets/{petId}/news/{day}".to_owned());
    let path = picks.one(&paths);
    let method = picks.of(&draft.free_methods(&path))?;
    let mut tags = draft.tags();
    tags.push("town hall".to_owned());
    let tag = picks.one(&tags);
    let ty = picks.one(&draft.plain_types());
    let (schema, answer) = (draft.ty(picks), draft.ty(picks));
    let item = &mut draft.document["paths"][&path];
    if item.is_null() && path.contains('{') {
        item["parameters"] = ["petId", "day"]
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": ty }))
            .to_vec()
            .into();
    }
    let id = format!(
        "{method}{}",
        path.replace(|c: char| !c.is_alphanumeric(), "")
    );
    let mut operation = json!({
        "operationId": id,
        "tags": [tag],
        "parameters": [{ "name": "since", "in": "query", "schema": ty }],
        "responses": { "200": { "description": "It.", "content": content(&answer) }, "404": { "description": "None." } },
    });
    if matches!(method, "put" | "post" | "patch") {
        operation["requestBody"] = json!({ "content": content(&schema) });
    }
    item[method] = operation;
    Some(())
}

fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

fn list(value: &mut Value) -> &mut Vec<Value> {
    if value.is_null() {
        *value = Value::Array(Vec::new());
    }
    value.as_array_mut().expect("a list")
}

/// A parameter of a path or of an operation, by its place in the list.
fn parameter<'d>(
    draft: &'d mut Draft,
    picks: &mut Picks<'_>,
) -> Option<(&'d mut Vec<Value>, usize)> {
    let mut all = Vec::new();
    for path in keys(&draft.document["paths"]) {
        let item = &draft.document["paths"][&path];
        let places = keys(item).into_iter().filter_map(|key| match key.as_str() {
            "parameters" => Some(format!("/{key}")),
            _ => item[&key]
                .get("parameters")
                .map(|_| format!("/{key}/parameters")),
        });
        for place in places {
            let pointer = format!("/paths/{}{place}", path.replace('/', "~1"));
            let count = draft.document.pointer(&pointer)?.as_array()?.len();
            all.extend((0..count).map(|index| (pointer.clone(), index)));
        }
    }
    let (pointer, index) = picks.of(&all)?;
    let list = draft.document.pointer_mut(&pointer)?.as_array_mut()?;
    Some((list, index))
}

fn body<'d>(draft: &'d mut Draft, picks: &mut Picks<'_>) -> Option<&'d mut Value> {
    let mut all = draft.operations();
    all.retain(|(path, method)| {
        let operation = &draft.document["paths"][path][method];
        operation.get("requestBody").is_some()
    });
    let (path, method) = picks.of(&all)?;
    Some(&mut draft.document["paths"][path][method]["requestBody"])
}
