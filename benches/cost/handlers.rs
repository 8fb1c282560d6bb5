//! The handlers of the measured service: they answer what the handwritten routes answer.

use failsafe_runtime::service::{ApiError, RequestContext};

use crate::App;
use crate::generated::apis::inventories::{InventoriesApi, ReadGuardedResponse, ReadPlainResponse};
use crate::generated::models;

impl InventoriesApi for App {
    async fn read_plain(
        &self,
        _ctx: &RequestContext,
        inventory_id: uuid::Uuid,
    ) -> Result<ReadPlainResponse, ApiError> {
        Ok(ReadPlainResponse::Ok(article(inventory_id)))
    }

    async fn read_guarded(
        &self,
        _ctx: &RequestContext,
        inventory_id: uuid::Uuid,
    ) -> Result<ReadGuardedResponse, ApiError> {
        Ok(ReadGuardedResponse::Ok(article(inventory_id)))
    }
}

fn article(id: uuid::Uuid) -> models::Inventory {
    models::Inventory {
        id,
        created_at: chrono::DateTime::UNIX_EPOCH.fixed_offset(),
        sku: "HAM-0001".to_owned(),
        name: "Hammer".to_owned(),
        description: None,
        category: Some(models::Category::Tools),
        quantity: 12,
        unit_price: Some(19.5),
        tags: None,
    }
}
