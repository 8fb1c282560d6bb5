//! The articles, in memory.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::Utc;
use uuid::Uuid;

use crate::generated::models::{Category, Inventory, NewInventory};

/// Why a change was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such article.
    Unknown,
    /// An article with this SKU is there already.
    Taken,
    /// There is less in stock than should be taken.
    Short,
}

/// All articles, the oldest first.
#[derive(Debug, Default)]
pub struct Store {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// By number of arrival, which is also the cursor of a page.
    articles: BTreeMap<u64, Inventory>,
    next: u64,
    /// Keys of the adjustments that were made.
    adjusted: HashSet<(Uuid, String)>,
}

impl Store {
    /// Up to `limit` articles, newest first, and the cursor of those that follow.
    pub fn list(
        &self,
        limit: usize,
        before: Option<u64>,
        categories: Option<&[Category]>,
    ) -> (Vec<Inventory>, Option<u64>) {
        let inner = self.lock();
        let wanted = |article: &Inventory| {
            categories.is_none_or(|wanted| article.category.is_some_and(|it| wanted.contains(&it)))
        };
        let mut found = inner
            .articles
            .range(..before.unwrap_or(u64::MAX))
            .rev()
            .filter(|(_, article)| wanted(article));
        let page: Vec<_> = found.by_ref().take(limit).collect();
        let next = found.next().and(page.last()).map(|(number, _)| **number);
        let articles = page.into_iter().map(|(_, article)| article.clone());
        (articles.collect(), next)
    }

    /// One article.
    pub fn get(&self, id: Uuid) -> Option<Inventory> {
        self.lock().find(id).cloned()
    }

    /// Adds an article.
    pub fn create(&self, new: NewInventory) -> Result<Inventory, Refused> {
        let mut inner = self.lock();
        if inner.articles.values().any(|known| known.sku == new.sku) {
            return Err(Refused::Taken);
        }
        let number = inner.next;
        inner.next += 1;
        let article = Inventory {
            // Unique within the store, which is all that this example needs.
            id: Uuid::from_u128(u128::from(number) + 1),
            created_at: Utc::now().fixed_offset(),
            sku: new.sku,
            name: new.name,
            description: new.description,
            category: new.category,
            quantity: new.quantity,
            unit_price: new.unit_price,
            tags: new.tags,
        };
        inner.articles.insert(number, article.clone());
        Ok(article)
    }

    /// Removes an article.
    pub fn delete(&self, id: Uuid) -> Result<(), Refused> {
        let mut inner = self.lock();
        let before = inner.articles.len();
        inner.articles.retain(|_, article| article.id != id);
        if inner.articles.len() == before {
            return Err(Refused::Unknown);
        }
        inner.adjusted.retain(|(article, _)| *article != id);
        Ok(())
    }

    /// Adds to an article's stock or takes from it, once for each key.
    pub fn adjust(&self, id: Uuid, key: String, delta: i64) -> Result<Inventory, Refused> {
        let mut inner = self.lock();
        let seen = inner.adjusted.contains(&(id, key.clone()));
        let article = inner.find_mut(id).ok_or(Refused::Unknown)?;
        if !seen {
            let quantity = article.quantity.checked_add(delta);
            article.quantity = quantity.filter(|left| *left >= 0).ok_or(Refused::Short)?;
        }
        let article = article.clone();
        inner.adjusted.insert((id, key));
        Ok(article)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn find(&self, id: Uuid) -> Option<&Inventory> {
        self.articles.values().find(|article| article.id == id)
    }

    fn find_mut(&mut self, id: Uuid) -> Option<&mut Inventory> {
        self.articles.values_mut().find(|article| article.id == id)
    }
}
