//! What the shelter knows, kept in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::generated::models::{Kind, Owner, Pet, Visit};

#[derive(Debug, Default)]
pub struct Store {
    rooms: Mutex<Rooms>,
}

#[derive(Debug, Default)]
struct Rooms {
    pets: Vec<Pet>,
    visits: Vec<Visit>,
}

impl Store {
    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn next_id(&self) -> String {
        self.rooms().pets.len().to_string()
    }

    pub fn put(&self, pet: Pet) {
        println!("{} moves in", describe(&pet));
        self.rooms().pets.push(pet);
    }

    pub fn find(&self, id: &str) -> Option<Pet> {
        let rooms = self.rooms();
        rooms.pets.iter().find(|pet| pet.id == id).cloned()
    }

    pub fn forget(&self, id: &str) {
        self.rooms().pets.retain(|pet| pet.id != id);
    }

    pub fn of_kind(&self, kind: Option<Kind>) -> Vec<Pet> {
        let is_meant = |pet: &&Pet| kind.is_none_or(|kind| pet.kind == kind);
        self.rooms().pets.iter().filter(is_meant).cloned().collect()
    }

    pub fn visits(&self) -> Vec<Visit> {
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
}

fn describe(pet: &Pet) -> String {
    let sound = match pet.kind {
        Kind::Cat => "meow",
        Kind::Dog => "woof",
    };
    let owner = pet.owner.as_ref().map_or("nobody", owner_name);
    format!("{} ({sound}, {owner})", pet.name)
}

fn owner_name(owner: &Owner) -> &str {
    &owner.name
}
