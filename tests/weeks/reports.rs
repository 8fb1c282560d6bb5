//! What the town wants to know: another reader of answers and models.

use crate::generated::apis::pets::{AddPetResponse, GetPetResponse, ListPetsParams};
use crate::generated::models::{self, Kind, NewPet, Owner, Visit};

pub fn answer(of: &GetPetResponse) -> String {
    match of {
        GetPetResponse::Ok(pet) => card(pet),
        GetPetResponse::NotFound => "nobody".to_owned(),
    }
}

pub fn arrival(of: AddPetResponse) -> models::Pet {
    match of {
        AddPetResponse::Created(pet) => pet,
    }
}

pub fn card(pet: &models::Pet) -> String {
    let weight = pet.weight.unwrap_or_default() + 1;
    match &pet.owner {
        Some(owner) => format!("{}: {weight} kg, of {}", pet.name, address(owner)),
        None => format!("{}: {weight} kg", pet.name),
    }
}

pub fn only_cats() -> ListPetsParams {
    ListPetsParams {
        kind: Some(Kind::Cat),
    }
}

pub fn foundling(name: &str) -> NewPet {
    let owner = Owner {
        name: "the shelter".to_owned(),
        phone: None,
    };
    NewPet {
        name: name.to_owned(),
        kind: Kind::Dog,
        weight: None,
        owner: Some(owner),
    }
}

pub fn guests(visits: Vec<Visit>) -> Vec<String> {
    let names = visits.into_iter().map(|Visit { visitor, .. }| visitor);
    names.collect()
}

fn address(owner: &Owner) -> String {
    let Owner { name, phone } = owner;
    match phone.as_deref() {
        Some(phone) => format!("{name} ({phone})"),
        None => name.clone(),
    }
}
