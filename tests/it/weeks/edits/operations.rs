//! What happens to operations: added, removed, called otherwise, with other parameters.

use super::{ADOPTIONS, Edit, PETS, QUIET, STORE, VISITS, Week};

pub(super) const WEEKS: &[Week] = &[
    Week {
        what: "nothing has changed",
        ..QUIET
    },
    Week {
        what: "an operation is added",
        document: &[(
            "  /pets/{petId}:\n",
            "  /pets/count:
    get:
      operationId: countPets
      tags: [pets]
      responses:
        \"200\": { description: That many., content: { application/json: { schema: { type: integer } } } }
  /pets/{petId}:\n",
        )],
        follow: &[Edit(
            PETS,
            "    async fn count_pets(&self, ctx: &RequestContext) -> Result<CountPetsResponse, ApiError> {
        Err(ApiError::not_implemented(ctx.operation()))",
            "    async fn count_pets(&self, _ctx: &RequestContext) -> Result<CountPetsResponse, ApiError> {
        Ok(CountPetsResponse::Ok(1))",
        )],
        ..QUIET
    },
    Week {
        what: "a tag is added",
        document: &[
            ("{ name: visits }]", "{ name: visits }, { name: adoptions }]"),
            (
                "\n\ncomponents:\n",
                "
  /adoptions:
    get:
      operationId: listAdoptions
      tags: [adoptions]
      responses:
        \"204\": { description: None yet. }

components:\n",
            ),
        ],
        ..QUIET
    },
    Week {
        what: "policies change",
        document: &[(
            "timeout: { seconds: 5 } } }",
            "timeout: { seconds: 9 }, ratelimit: { max_executions: 100 } } }",
        )],
        ..QUIET
    },
    Week {
        what: "an operation is removed",
        document: &[(
            "
    delete:
      operationId: dropPet
      tags: [pets]
      responses:
        \"204\": { description: It is gone. }",
            "",
        )],
        complaints: 2,
        follow: &[
            Edit(PETS, " DropPetResponse,", ""),
            Edit(
                PETS,
                "
    async fn drop_pet(
        &self,
        _ctx: &RequestContext,
        pet_id: String,
    ) -> Result<DropPetResponse, ApiError> {
        self.store.forget(&pet_id);
        Ok(DropPetResponse::NoContent)
    }
",
                "",
            ),
            Edit(
                STORE,
                "    pub fn forget(&self, id: &str) {
        self.rooms().pets.retain(|pet| pet.id != id);
    }

",
                "",
            ),
        ],
        ..QUIET
    },
    Week {
        what: "an operation is renamed",
        document: &[("operationId: getPet", "operationId: fetchPet")],
        complaints: 3,
        follow: &[
            Edit(PETS, "async fn get_pet", "async fn fetch_pet"),
            Edit(PETS, " GetPetResponse,", " FetchPetResponse,"),
            Edit(PETS, "Result<GetPetResponse", "Result<FetchPetResponse"),
            Edit(PETS, "GetPetResponse::Ok", "FetchPetResponse::Ok"),
            Edit(PETS, "GetPetResponse::NotFound", "FetchPetResponse::NotFound"),
        ],
        ..QUIET
    },
    Week {
        what: "a parameter of the path changes its type",
        document: &[(
            "required: true, schema: { type: string } }",
            "required: true, schema: { type: string, format: uuid } }",
        )],
        complaints: 1,
        follow: &[
            Edit(PETS, "pet_id: String", "pet_id: uuid::Uuid"),
            Edit(PETS, "find(&pet_id)", "find(&pet_id.to_string())"),
        ],
        ..QUIET
    },
    Week {
        what: "an operation has its first parameter",
        document: &[(
            "      operationId: listVisits\n",
            "      operationId: listVisits\n      parameters: [{ name: visitor, in: query, schema: { type: string } }]\n",
        )],
        complaints: 1,
        follow: &[
            Edit(
                VISITS,
                "list_visits(&self, _ctx: &RequestContext)",
                "list_visits(\n        &self,\n        _ctx: &RequestContext,\n        params: ListVisitsParams,\n    )",
            ),
            Edit(
                VISITS,
                "{BookVisitResponse, ListVisitsResponse, VisitsApi}",
                "{\n    BookVisitResponse, ListVisitsParams, ListVisitsResponse, VisitsApi,\n}",
            ),
            Edit(
                VISITS,
                "Ok(ListVisitsResponse::Ok(self.store.visits()))",
                "let mut visits = self.store.visits();
        visits.retain(|it| params.visitor.as_ref().is_none_or(|who| it.visitor == *who));
        Ok(ListVisitsResponse::Ok(visits))",
            ),
        ],
        ..QUIET
    },
    Week {
        what: "an operation has one more parameter",
        document: &[(
            "parameters: [{ name: visitor,",
            "parameters: [{ name: day, in: query, schema: { type: string, format: date } }, { name: visitor,",
        )],
        ..QUIET
    },
    Week {
        what: "a parameter is required",
        document: &[(
            "{ name: visitor, in: query,",
            "{ name: visitor, in: query, required: true,",
        )],
        complaints: 1,
        follow: &[Edit(
            VISITS,
            "params.visitor.as_ref().is_none_or(|who| it.visitor == *who)",
            "it.visitor == params.visitor",
        )],
        ..QUIET
    },
    Week {
        what: "an operation moves to another tag",
        document: &[(
            "operationId: addPet\n      tags: [pets]",
            "operationId: addPet\n      tags: [adoptions]",
        )],
        complaints: 2,
        follow: &[
            Edit(PETS, "    AddPetResponse, ", "    "),
            Edit(
                PETS,
                "
    async fn add_pet(
        &self,
        _ctx: &RequestContext,
        body: models::NewPet,
    ) -> Result<AddPetResponse, ApiError> {
        let pet = models::Pet {
            id: self.store.next_id(),
            name: body.name,
            kind: body.kind,
            weight: body.weight,
            owner: body.owner,
        };
        self.store.put(pet.clone());
        Ok(AddPetResponse::Created(pet))
    }
",
                "",
            ),
            Edit(PETS, "use crate::generated::models;\n", ""),
            Edit(
                ADOPTIONS,
                "        ctx: &RequestContext,
        _body: models::NewPet,
    ) -> Result<AddPetResponse, ApiError> {
        Err(ApiError::not_implemented(ctx.operation()))
",
                "        _ctx: &RequestContext,
        body: models::NewPet,
    ) -> Result<AddPetResponse, ApiError> {
        let pet = models::Pet {
            id: self.store.next_id(),
            name: body.name,
            kind: body.kind,
            weight: body.weight,
            owner: body.owner,
        };
        self.store.put(pet.clone());
        Ok(AddPetResponse::Created(pet))
",
            ),
        ],
        ..QUIET
    },
];
