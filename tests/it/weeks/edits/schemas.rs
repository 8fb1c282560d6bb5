//! What happens to schemas: members, values and names that come and go.

use super::{ADOPTIONS, Edit, QUIET, STORE, Week};

pub(super) const WEEKS: &[Week] = &[
    Week {
        what: "a member is required no longer",
        document: &[("required: [id, name, kind]", "required: [id, kind]")],
        complaints: 2,
        follow: &[
            Edit(ADOPTIONS, "name: body.name,", "name: Some(body.name),"),
            Edit(
                STORE,
                "format!(\"{} ({sound}, {owner})\", pet.name)",
                "let name = pet.name.as_deref().unwrap_or(\"somebody\");\n    format!(\"{name} ({sound}, {owner})\")",
            ),
        ],
        ..QUIET
    },
    Week {
        what: "a member becomes required",
        document: &[("required: [id, kind]", "required: [id, kind, weight]")],
        complaints: 1,
        follow: &[Edit(
            ADOPTIONS,
            "weight: body.weight,",
            "weight: body.weight.unwrap_or(1),",
        )],
        ..QUIET
    },
    Week {
        what: "a schema has one more member",
        document: &[(
            "        id: { type: string }\n",
            "        id: { type: string }\n        born: { type: string, format: date }\n",
        )],
        complaints: 1,
        follow: &[Edit(
            ADOPTIONS,
            "            kind: body.kind,\n",
            "            kind: body.kind,\n            born: None,\n",
        )],
        ..QUIET
    },
    Week {
        what: "a schema loses a member",
        document: &[
            ("required: [id, kind, weight]", "required: [id, kind]"),
            ("        weight: { type: integer }\n", ""),
        ],
        complaints: 2,
        follow: &[Edit(
            ADOPTIONS,
            "            weight: body.weight.unwrap_or(1),\n",
            "",
        )],
        ..QUIET
    },
    Week {
        what: "an enumeration has one more value",
        document: &[("enum: [cat, dog]", "enum: [cat, dog, bird]")],
        complaints: 1,
        follow: &[Edit(
            STORE,
            "        Kind::Dog => \"woof\",\n",
            "        Kind::Dog => \"woof\",\n        Kind::Bird => \"tweet\",\n",
        )],
        ..QUIET
    },
    Week {
        what: "an enumeration loses a value",
        document: &[("enum: [cat, dog, bird]", "enum: [cat, bird]")],
        complaints: 1,
        follow: &[Edit(STORE, "        Kind::Dog => \"woof\",\n", "")],
        ..QUIET
    },
    Week {
        what: "a schema is renamed",
        document: &[
            ("    Owner:", "    Keeper:"),
            ("schemas/Owner\"", "schemas/Keeper\""),
        ],
        complaints: 1,
        follow: &[
            Edit(
                STORE,
                "{Kind, Owner, Pet, Visit}",
                "{Keeper, Kind, Pet, Visit}",
            ),
            Edit(STORE, "owner: &Owner", "owner: &Keeper"),
        ],
        ..QUIET
    },
    Week {
        what: "a member changes its type",
        document: &[(
            "properties: { name: { type: string }, phone",
            "properties: { name: { type: integer }, phone",
        )],
        complaints: 1,
        follow: &[
            Edit(
                STORE,
                "-> &str {\n    &owner.name",
                "-> String {\n    owner.name.to_string()",
            ),
            Edit(
                STORE,
                "map_or(\"nobody\", owner_name)",
                "map_or(\"nobody\".to_owned(), owner_name)",
            ),
        ],
        ..QUIET
    },
    Week {
        what: "a member changes its type, and the code does not mind",
        document: &[(
            "day: { type: string, format: date }",
            "day: { type: string }",
        )],
        idle: 1,
        ..QUIET
    },
];
