//! What happens to answers, and to the service as a whole.

use super::{ADOPTIONS, Delete, Edit, LIB, PETS, QUIET, STORE, VISITS, Week};

pub(super) const WEEKS: &[Week] = &[
    Week {
        what: "an answer is added",
        document: &[(
            "        \"409\": { description: Somebody",
            "        \"410\": { description: That was yesterday. }\n        \"409\": { description: Somebody",
        )],
        ..QUIET
    },
    Week {
        what: "an answer gets a body, and another one goes",
        document: &[
            (
                "\"404\": { description: None such. }",
                "\"404\": { description: None such., content: { application/json: { schema: { $ref: \"#/components/schemas/Kind\" } } } }",
            ),
            (
                "        \"409\": { description: Somebody else comes then. }\n",
                "",
            ),
        ],
        complaints: 2,
        follow: &[
            Edit(
                PETS,
                "FetchPetResponse::NotFound,",
                "FetchPetResponse::NotFound(crate::generated::models::Kind::Cat),",
            ),
            Edit(
                VISITS,
                "BookVisitResponse::Conflict",
                "BookVisitResponse::Gone",
            ),
        ],
        ..QUIET
    },
    Week {
        what: "a body may be left out",
        document: &[(
            "requestBody: { required: true, content: { application/json: { schema: { $ref: \"#/components/schemas/Visit\" } } } }",
            "requestBody: { content: { application/json: { schema: { $ref: \"#/components/schemas/Visit\" } } } }",
        )],
        complaints: 1,
        follow: &[
            Edit(
                VISITS,
                "body: models::Visit,",
                "body: Option<models::Visit>,",
            ),
            Edit(
                VISITS,
                "        match self.store",
                "        let Some(body) = body else {\n            return Ok(BookVisitResponse::Gone);\n        };\n        match self.store",
            ),
        ],
        ..QUIET
    },
    Week {
        what: "callers have to show who they are",
        document: &[(
            "\ncomponents:\n",
            "\nsecurity: [{ key: [] }]\ncomponents:\n  securitySchemes: { key: { type: apiKey, in: header, name: x-key } }\n",
        )],
        ..QUIET
    },
    Week {
        what: "handlers move into the file of the service",
        follow: &[
            Edit(LIB, "mod calendar;\n", ""),
            Edit(
                LIB,
                "/// The service, ready to serve.",
                "impl generated::apis::visits::VisitsApi for App {
    async fn list_visits(
        &self,
        ctx: &failsafe_runtime::service::RequestContext,
        _params: generated::apis::visits::ListVisitsParams,
    ) -> Result<generated::apis::visits::ListVisitsResponse, failsafe_runtime::service::ApiError> {
        Err(failsafe_runtime::service::ApiError::not_implemented(ctx.operation()))
    }

    async fn book_visit(
        &self,
        ctx: &failsafe_runtime::service::RequestContext,
        _body: Option<generated::models::Visit>,
    ) -> Result<generated::apis::visits::BookVisitResponse, failsafe_runtime::service::ApiError> {
        Err(failsafe_runtime::service::ApiError::not_implemented(ctx.operation()))
    }
}

/// The service, ready to serve.",
            ),
            Delete(VISITS),
            Edit(
                STORE,
                "    pub fn visits(&self) -> Vec<Visit> {
        self.rooms().visits.clone()
    }

    pub fn book(&self, visit: Visit) -> bool {
        let mut rooms = self.rooms();
        let is_free = rooms.visits.iter().all(|other| other.day != visit.day);
        if is_free {
            rooms.visits.push(visit);
        }
        is_free
    }
",
                "",
            ),
            Edit(STORE, "    visits: Vec<Visit>,\n", ""),
            Edit(STORE, ", Visit}", "}"),
        ],
        ..QUIET
    },
    Week {
        what: "that file has something new from both sides",
        document: &[(
            "    post:\n      operationId: bookVisit",
            "    delete:\n      operationId: cancelVisits\n      tags: [visits]\n      responses: { \"204\": { description: They are off. } }\n    post:\n      operationId: bookVisit",
        )],
        options: &[
            "--telemetry",
            "PROMETHEUS",
            "--controlplane",
            "--controlplane-prefix",
            "/ops",
        ],
        ..QUIET
    },
    Week {
        what: "what the person uses goes from the document",
        document: &[("type: string, format: uuid", "type: string")],
        complaints: 1,
        follow: &[
            Edit(PETS, "pet_id: uuid::Uuid,", "pet_id: String,"),
            Edit(
                PETS,
                "find(&pet_id.to_string())",
                "find(&uuid::Uuid::parse_str(&pet_id).unwrap_or_default().to_string())",
            ),
        ],
        ..QUIET
    },
    Week {
        what: "options change",
        options: &[
            "--telemetry",
            "NONE",
            "--stubs",
            "example",
            "--server-port",
            "9000",
            "--no-dockerfile",
            "--app-version",
            "2",
        ],
        ..QUIET
    },
    Week {
        what: "a tag's last operation goes",
        document: &[
            (
                "  /adoptions:
    get:
      operationId: listAdoptions
      tags: [adoptions]
      responses:
        \"204\": { description: None yet. }
",
                "",
            ),
            (
                "operationId: addPet\n      tags: [adoptions]",
                "operationId: addPet\n      tags: [visits]",
            ),
        ],
        complaints: 1,
        idle: 1,
        follow: &[
            Delete(ADOPTIONS),
            Edit("src/handlers/mod.rs", "mod adoptions;\n", ""),
            Edit(
                STORE,
                "    pub fn next_id(&self) -> String {
        self.rooms().pets.len().to_string()
    }

    pub fn put(&self, pet: Pet) {
        println!(\"{} moves in\", describe(&pet));
        self.rooms().pets.push(pet);
    }

",
                "    pub fn all(&self) -> Vec<String> {
        self.rooms().pets.iter().map(describe).collect()
    }

",
            ),
            Edit(
                PETS,
                "CountPetsResponse::Ok(1)",
                "CountPetsResponse::Ok(self.store.all().len() as i64)",
            ),
        ],
        ..QUIET
    },
    Week {
        what: "the title changes",
        document: &[("title: Shelter", "title: The Shelter")],
        ..QUIET
    },
];
