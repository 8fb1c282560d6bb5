//! The routes of the inventory as one would write them by hand with axum, and nothing else.

use std::{
    env,
    sync::atomic::{AtomicU32, Ordering},
};

use axum::{
    Json, Router,
    extract::{Path, Query},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Category {
    Tools,
    Food,
    Clothing,
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewInventory {
    sku: String,
    name: String,
    description: Option<String>,
    category: Option<Category>,
    quantity: i64,
    unit_price: Option<f64>,
    tags: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Inventory {
    id: Uuid,
    created_at: DateTime<Utc>,
    sku: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<Category>,
    quantity: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct InventoryPage {
    items: Vec<Inventory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Adjustment {
    delta: i64,
    #[allow(dead_code, reason = "part of the body, unused by the answer")]
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Page {
    limit: Option<i32>,
    cursor: Option<String>,
}

fn article(id: Uuid) -> Inventory {
    Inventory {
        id,
        created_at: DateTime::UNIX_EPOCH,
        sku: "HAM-0001".to_owned(),
        name: "Hammer".to_owned(),
        description: None,
        category: Some(Category::Tools),
        quantity: 12,
        unit_price: Some(19.5),
        tags: None,
    }
}

async fn list(Query(page): Query<Page>) -> Json<InventoryPage> {
    let count = page.limit.unwrap_or(20).clamp(0, 100);
    let items = (0..count).map(|_| article(Uuid::nil())).collect();
    Json(InventoryPage {
        items,
        next_cursor: page.cursor,
    })
}

async fn create(Json(new): Json<NewInventory>) -> (StatusCode, Json<Inventory>) {
    let stored = Inventory {
        sku: new.sku,
        name: new.name,
        description: new.description,
        category: new.category,
        quantity: new.quantity,
        unit_price: new.unit_price,
        tags: new.tags,
        ..article(Uuid::nil())
    };
    (StatusCode::CREATED, Json(stored))
}

async fn read(Path(id): Path<Uuid>) -> Json<Inventory> {
    Json(article(id))
}

/// The same article with the headers that a rate-limited answer carries.
async fn read_with_headers(Path(id): Path<Uuid>) -> Response {
    static REMAINING: AtomicU32 = AtomicU32::new(1_000_000);
    let remaining = REMAINING.fetch_sub(1, Ordering::Relaxed);
    let mut headers = HeaderMap::with_capacity(5);
    let names = [
        "ratelimit-limit",
        "ratelimit-remaining",
        "x-backpressure",
        "x-client-id",
    ];
    let [limit, left, backpressure, client] = names.map(HeaderName::from_static);
    headers.insert(limit, HeaderValue::from_static("1000000"));
    headers.insert(left, HeaderValue::from(remaining));
    headers.insert(backpressure, HeaderValue::from_static("0.0"));
    headers.insert(client, HeaderValue::from_static("127.0.0.1"));
    (headers, Json(article(id))).into_response()
}

async fn delete(Path(_): Path<Uuid>) -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn adjust(
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(adjustment): Json<Adjustment>,
) -> Result<Json<Inventory>, (StatusCode, [(HeaderName, &'static str); 1])> {
    if !headers.contains_key("idempotency-key") {
        return Err((
            StatusCode::BAD_REQUEST,
            [(header::CONTENT_TYPE, "application/problem+json")],
        ));
    }
    let mut article = article(id);
    article.quantity += adjustment.delta;
    Ok(Json(article))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new()
        .route("/inventories", get(list).post(create))
        .route("/inventories/{id}", get(read).delete(delete))
        .route("/inventories/{id}/adjustments", post(adjust))
        .route("/guarded/{id}", get(read_with_headers));
    let port = env::var("PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(8080);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await
}
