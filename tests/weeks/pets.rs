//! Pets, and who looks after them.

use failsafe_runtime::service::{ApiError, RequestContext};

use crate::App;
use crate::generated::apis::pets::{
    AddPetResponse, DropPetResponse, GetPetResponse, ListPetsParams, ListPetsResponse, PetsApi,
};
use crate::generated::models;

impl PetsApi for App {
    async fn list_pets(
        &self,
        _ctx: &RequestContext,
        params: ListPetsParams,
    ) -> Result<ListPetsResponse, ApiError> {
        Ok(ListPetsResponse::Ok(self.store.of_kind(params.kind)))
    }

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

    // Asked for all day long.
    async fn get_pet(
        &self,
        _ctx: &RequestContext,
        pet_id: String,
    ) -> Result<GetPetResponse, ApiError> {
        Ok(match self.store.find(&pet_id) {
            Some(pet) => GetPetResponse::Ok(pet),
            None => GetPetResponse::NotFound,
        })
    }

    async fn drop_pet(
        &self,
        _ctx: &RequestContext,
        pet_id: String,
    ) -> Result<DropPetResponse, ApiError> {
        self.store.forget(&pet_id);
        Ok(DropPetResponse::NoContent)
    }
}
