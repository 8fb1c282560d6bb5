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

pub fn heaviest(pets: &[models::Pet]) -> Option<&models::Pet> {
    pets.iter()
        .filter(|pet| matches!(pet.kind, Kind::Dog))
        .max_by_key(|pet| pet.weight)
}

pub fn owners(pets: Vec<models::Pet>) -> Vec<Owner> {
    let mut all = Vec::new();
    for models::Pet { owner, .. } in pets {
        all.extend(owner);
    }
    all
}

pub fn renamed(mut pet: models::Pet, name: &str) -> models::Pet {
    pet.name = name.to_owned();
    pet.weight = None;
    models::Pet {
        id: format!("{}, once {name}", pet.id),
        ..pet
    }
}

pub fn first(visits: &[Visit]) -> String {
    let Some(visit) = visits.first() else {
        return String::new();
    };
    let Visit { day, visitor: who } = visit;
    format!("{day}: {who}")
}
