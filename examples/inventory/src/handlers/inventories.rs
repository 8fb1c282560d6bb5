//! Handlers of `inventories`.

use failsafe_runtime::service::{ApiError, RequestContext, StatusCode};

use crate::App;
use crate::generated::apis::inventories::{
    AdjustStockParams, AdjustStockResponse, CreateInventoryParams, CreateInventoryResponse,
    DeleteInventoryResponse, GetInventoryResponse, InventoriesApi, ListInventoriesParams,
    ListInventoriesResponse,
};
use crate::generated::models;
use crate::store::Refused;

impl InventoriesApi for App {
    async fn list_inventories(
        &self,
        _ctx: &RequestContext,
        params: ListInventoriesParams,
    ) -> Result<ListInventoriesResponse, ApiError> {
        let before = match params.cursor {
            Some(cursor) => Some(cursor.parse().map_err(|_| unknown_cursor())?),
            None => None,
        };
        let limit = usize::try_from(params.limit).unwrap_or(0);
        let (items, next) = self.store.list(limit, before, params.category.as_deref());
        Ok(ListInventoriesResponse::Ok(models::InventoryPage {
            items,
            next_cursor: next.map(|number| number.to_string()),
        }))
    }

    async fn create_inventory(
        &self,
        _ctx: &RequestContext,
        _params: CreateInventoryParams,
        body: models::NewInventory,
    ) -> Result<CreateInventoryResponse, ApiError> {
        Ok(match self.store.create(body) {
            Ok(article) => CreateInventoryResponse::Created(article),
            Err(refused) => CreateInventoryResponse::Conflict(problem(refused)),
        })
    }

    async fn get_inventory(
        &self,
        _ctx: &RequestContext,
        inventory_id: uuid::Uuid,
    ) -> Result<GetInventoryResponse, ApiError> {
        Ok(match self.store.get(inventory_id) {
            Some(article) => GetInventoryResponse::Ok(article),
            None => GetInventoryResponse::NotFound(problem(Refused::Unknown)),
        })
    }

    async fn delete_inventory(
        &self,
        _ctx: &RequestContext,
        inventory_id: uuid::Uuid,
    ) -> Result<DeleteInventoryResponse, ApiError> {
        Ok(match self.store.delete(inventory_id) {
            Ok(()) => DeleteInventoryResponse::NoContent,
            Err(refused) => DeleteInventoryResponse::NotFound(problem(refused)),
        })
    }

    async fn adjust_stock(
        &self,
        _ctx: &RequestContext,
        inventory_id: uuid::Uuid,
        params: AdjustStockParams,
        body: models::Adjustment,
    ) -> Result<AdjustStockResponse, ApiError> {
        let key = params.idempotency_key;
        Ok(match self.store.adjust(inventory_id, key, body.delta) {
            Ok(article) => AdjustStockResponse::Ok(article),
            Err(Refused::Unknown) => AdjustStockResponse::NotFound(problem(Refused::Unknown)),
            Err(refused) => AdjustStockResponse::Conflict(problem(refused)),
        })
    }
}

fn unknown_cursor() -> ApiError {
    ApiError::status(StatusCode::BAD_REQUEST, "no page has ended at this cursor")
}

fn problem(refused: Refused) -> models::Problem {
    let (status, title, detail) = match refused {
        Refused::Unknown => (404, "Not Found", "there is no such article"),
        Refused::Taken => (409, "Conflict", "an article with this SKU is there already"),
        Refused::Short => (
            409,
            "Conflict",
            "there is less in stock than should be taken",
        ),
    };
    models::Problem {
        r#type: "about:blank".to_owned(),
        title: title.to_owned(),
        status,
        detail: Some(detail.to_owned()),
    }
}
