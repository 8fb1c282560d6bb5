//! Everything that a generated service calls.
//!
//! Generated code names things: operations, types, schemas, policies. What they do is here, once
//! for all services, where it is tested. A request takes this way:
//!
//! 1. the [`Router`] that [`Routes`] builds finds the operation; unknown paths and methods are
//!    answered with problems;
//! 2. the patterns that decide before the request is read (rate limit) let it pass or refuse it;
//! 3. where the operation is secured, the credentials that it asks for are looked up and the
//!    service's authentication is asked about them;
//! 4. the generated endpoint reads parameters and body from the [`Call`]. What does not fit the
//!    document is noted, place by place, and answered all at once by [`Call::reject`];
//! 5. [`Call::respond`] calls the handler through the patterns around it ([`PolicyStack`]).
//!
//! # A service as the generator writes it
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use failsafe_runtime::schema::{Format, Literal, Number, Schema};
//! use failsafe_runtime::service::{
//!     self, ApiError, Call, FailsafeController, Handler, IntoResponse, Method, Operation,
//!     PolicyStack, Prepared, RequestContext, Response, Router, Routes, StatusCode, Telemetry,
//! };
//! use failsafe_runtime::{
//!     CircuitBreakerConfig, ConfigError, Patterns, RateLimitConfig, RetryConfig, TimeoutConfig,
//! };
//!
//! // -- models: types, and their schemas as tables ------------------------------------------
//!
//! #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
//! pub struct Inventory {
//!     pub id: String,
//!     pub count: i64,
//! }
//!
//! #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
//! pub struct Adjustment {
//!     pub by: i64,
//!     #[serde(default, skip_serializing_if = "Option::is_none")]
//!     pub reason: Option<Reason>,
//! }
//!
//! pub static ADJUSTMENT: Schema = Schema {
//!     properties: &[
//!         ("by", &Schema { minimum: Some(Number::Int(-100)), ..Schema::INTEGER }),
//!         ("reason", &REASON),
//!     ],
//!     required: &["by"],
//!     ..Schema::OBJECT
//! };
//!
//! #[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
//! #[serde(rename_all = "lowercase")]
//! pub enum Reason {
//!     Sold,
//!     Broken,
//! }
//!
//! pub static REASON: Schema = Schema {
//!     enumeration: &[Literal::Str("sold"), Literal::Str("broken")],
//!     // Reading a `Reason` refuses everything else, so a parameter of this type needs no check.
//!     typed: true,
//!     ..Schema::STRING
//! };
//!
//! /// Everything that can be a parameter reads itself from text; numbers, strings, `Uuid` and
//! /// chrono's types do already.
//! impl std::str::FromStr for Reason {
//!     type Err = service::UnknownValue;
//!
//!     fn from_str(text: &str) -> Result<Self, Self::Err> {
//!         match text {
//!             "sold" => Ok(Reason::Sold),
//!             "broken" => Ok(Reason::Broken),
//!             _ => Err(service::UnknownValue),
//!         }
//!     }
//! }
//!
//! // -- an API: its trait, arguments and answers ---------------------------------------------
//!
//! pub trait InventoriesApi: Send + Sync + 'static {
//!     fn list_inventories(
//!         &self,
//!         ctx: &RequestContext,
//!         params: ListInventoriesParams,
//!     ) -> impl Future<Output = Result<ListInventoriesResponse, ApiError>> + Send;
//!
//!     fn adjust_stock(
//!         &self,
//!         ctx: &RequestContext,
//!         inventory_id: String,
//!         body: Adjustment,
//!     ) -> impl Future<Output = Result<AdjustStockResponse, ApiError>> + Send;
//! }
//!
//! #[derive(Debug, Clone, PartialEq)]
//! pub struct ListInventoriesParams {
//!     pub limit: i32,
//!     pub reason: Option<Reason>,
//!     pub tag: Option<Vec<String>>,
//! }
//!
//! #[derive(Debug)]
//! pub enum ListInventoriesResponse {
//!     Ok(Vec<Inventory>),
//! }
//!
//! impl IntoResponse for ListInventoriesResponse {
//!     fn into_response(self) -> Response {
//!         match self {
//!             Self::Ok(body) => service::json(StatusCode::OK, &body),
//!         }
//!     }
//! }
//!
//! #[derive(Debug)]
//! pub enum AdjustStockResponse {
//!     Ok(Inventory),
//!     NotFound,
//! }
//!
//! impl IntoResponse for AdjustStockResponse {
//!     fn into_response(self) -> Response {
//!         match self {
//!             Self::Ok(body) => service::json(StatusCode::OK, &body),
//!             Self::NotFound => service::empty(StatusCode::NOT_FOUND),
//!         }
//!     }
//! }
//!
//! // -- its endpoints ------------------------------------------------------------------------
//!
//! pub static LIST_INVENTORIES: Operation =
//!     Operation::new("listInventories", Method::GET, "/inventories");
//!
//! static LIMIT: Schema = Schema {
//!     format: Some(Format::Int32),
//!     minimum: Some(Number::Int(1)),
//!     ..Schema::INTEGER
//! };
//! static TAG: Schema = Schema {
//!     items: Some(&Schema { typed: true, ..Schema::STRING }),
//!     max_items: Some(3),
//!     ..Schema::ARRAY
//! };
//!
//! fn list_inventories<A: InventoriesApi>(app: Arc<A>, call: &mut Call) -> Option<Prepared> {
//!     let limit = call.query("limit").optional(&LIMIT);
//!     let reason = call.query("reason").optional(&REASON);
//!     let tag = call.query("tag").optional_list(&TAG);
//!     let (Some(limit), Some(reason), Some(tag)) = (limit, reason, tag) else {
//!         return None;
//!     };
//!     let params = ListInventoriesParams { limit: limit.unwrap_or(20), reason, tag };
//!     Handler::new((app, params), |ctx, (app, params)| {
//!         Box::pin(async move { service::answer(&ctx, app.list_inventories(&ctx, params).await) })
//!     })
//!     .prepared()
//! }
//!
//! pub static ADJUST_STOCK: Operation =
//!     Operation::new("adjustStock", Method::POST, "/inventories/{inventoryId}/adjust")
//!         .consumes(&["application/json"]);
//!
//! static INVENTORY_ID: Schema = Schema { max_length: Some(20), ..Schema::STRING };
//!
//! fn adjust_stock<A: InventoriesApi>(app: Arc<A>, call: &mut Call) -> Option<Prepared> {
//!     let inventory_id = call.path("inventoryId").required(&INVENTORY_ID);
//!     let body = call.json(&ADJUSTMENT);
//!     let (Some(inventory_id), Some(body)) = (inventory_id, body) else {
//!         return None;
//!     };
//!     Handler::new((app, inventory_id, body), |ctx, (app, inventory_id, body)| {
//!         Box::pin(async move {
//!             service::answer(&ctx, app.adjust_stock(&ctx, inventory_id, body).await)
//!         })
//!     })
//!     .prepared()
//! }
//!
//! // -- its policies, one stack an operation, outermost first ----------------------------------
//!
//! fn list_inventories_policies(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
//!     Ok(PolicyStack::new().rate_limit(patterns.rate_limit(
//!         "listInventories",
//!         RateLimitConfig { max_executions: 100, ..RateLimitConfig::default() },
//!     )?))
//! }
//!
//! fn adjust_stock_policies(patterns: &Patterns) -> Result<PolicyStack, ConfigError> {
//!     Ok(PolicyStack::new()
//!         .circuit_breaker(
//!             patterns.circuit_breaker("adjustStock", CircuitBreakerConfig::default())?,
//!         )
//!         .retry(patterns.retry("adjustStock", RetryConfig::default())?)
//!         .timeout(patterns.timeout(
//!             "adjustStock",
//!             TimeoutConfig { seconds: Duration::from_secs(2), ..TimeoutConfig::default() },
//!         )?))
//! }
//!
//! // -- and its router -------------------------------------------------------------------------
//!
//! pub fn router<A: InventoriesApi>(
//!     app: Arc<A>,
//!     patterns: &Patterns,
//! ) -> Result<Router, ConfigError> {
//!     Ok(Routes::new(app)
//!         .route(&LIST_INVENTORIES, list_inventories_policies(patterns)?, list_inventories)
//!         .route(&ADJUST_STOCK, adjust_stock_policies(patterns)?, adjust_stock)
//!         .into_router())
//! }
//!
//! // -- the person's half ------------------------------------------------------------------------
//!
//! struct App;
//!
//! impl InventoriesApi for App {
//!     async fn list_inventories(
//!         &self,
//!         _ctx: &RequestContext,
//!         _params: ListInventoriesParams,
//!     ) -> Result<ListInventoriesResponse, ApiError> {
//!         Ok(ListInventoriesResponse::Ok(vec![]))
//!     }
//!
//!     async fn adjust_stock(
//!         &self,
//!         ctx: &RequestContext,
//!         _inventory_id: String,
//!         _body: Adjustment,
//!     ) -> Result<AdjustStockResponse, ApiError> {
//!         Err(ApiError::not_implemented(ctx.operation()))
//!     }
//! }
//!
//! async fn run() -> Result<(), Box<dyn std::error::Error>> {
//!     let patterns = Arc::new(Patterns::new());
//!     let router = router(Arc::new(App), &patterns)?;
//!     FailsafeController::new(router, "inventory-service")
//!         .with_patterns(patterns)
//!         .with_telemetry(Telemetry::None)
//!         .with_openapi("{}")
//!         .serve(([0, 0, 0, 0], 8080))
//!         .await?;
//!     Ok(())
//! }
//! # router(Arc::new(App), &Patterns::new()).unwrap();
//! # let _ = run;
//! ```

mod accept;
mod admission;
mod answer;
pub(crate) mod body;
mod call;
mod choice;
mod client;
#[cfg(feature = "config-file")]
mod config_file;
mod context;
mod controller;
#[cfg(feature = "controlplane")]
mod controlplane;
#[cfg(feature = "cache")]
mod digest;
mod dispatch;
mod error;
mod fallback;
mod form;
mod handler;
mod headed;
pub(crate) mod headers;
mod hold;
mod members;
#[cfg(feature = "multipart")]
mod multipart;
mod operation;
mod panic;
mod params;
mod paths;
pub(crate) mod patience;
mod problem;
#[cfg(feature = "tower")]
mod protect;
mod refusal;
mod request_id;
mod room;
mod routes;
mod run;
#[cfg(any(feature = "controlplane", feature = "security"))]
mod secrecy;
#[cfg(feature = "security")]
mod security;
pub(crate) mod stack;
mod stream;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod texts;
mod urlencoded;
mod violation;
mod when;

pub use self::answer::{
    Answer, answer, empty, example, json, json_as, of_class, status, text, with_body,
};
pub use self::call::Call;
pub use self::client::ClientKey;
pub use self::context::RequestContext;
pub use self::controller::{FailsafeController, Protection};
#[cfg(feature = "controlplane")]
pub use self::controlplane::{AdminToken, ControlPlane};
pub use self::error::ApiError;
pub use self::fallback::{Constant, FailedCall, Instead};
pub use self::form::{Form, constant};
pub use self::handler::{Attempts, Handler};
pub use self::headed::Headed;
pub use self::hold::hold;
#[doc(hidden)]
pub use self::members::de;
#[cfg(feature = "multipart")]
pub use self::multipart::{FromMultipart, MultipartForm, Upload, UploadReader};
pub use self::operation::Operation;
pub use self::params::{Encoding, Param, Style, UnknownValue};
pub use self::problem::Problem;
#[cfg(feature = "tower")]
pub use self::protect::{Protect, Protected};
pub use self::routes::{BoxFuture, Prepared, Routes};
#[cfg(feature = "cache")]
pub use self::run::ResponseCache;
#[cfg(feature = "security")]
pub use self::security::{
    ApiKey, AuthError, Authenticate, Authorization, Basic, Bearer, ClientCertificate, Credential,
    Identity, Login, Requirement, Scheme, Secret,
};
pub use self::stack::PolicyStack;
pub use self::stream::{
    Event, EventStream, InvalidLine, JsonLines, Payload, ReceivedLines, Sender, StreamError,
    events, json_lines, payload,
};
pub use self::violation::{Place, Violation};
pub use self::when::When;

pub use crate::telemetry::Telemetry;
pub use crate::{members, texts};
pub use axum::Router;
pub use axum::response::{IntoResponse, Response};
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
