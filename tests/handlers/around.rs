//! Handlers that say which call of theirs this is, and fail or hang as a file in the folder
//! `CONTROL` says.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use failsafe_runtime::service::{ApiError, FailedCall, RequestContext};

use crate::App;
use crate::authentication::Caller;
use crate::generated::apis::around::{
    AroundApi, ReadCachedParams, ReadCachedResponse, ReadConstantResponse, ReadFreshResponse,
    ReadHedgedResponse, ReadLastResponse, ReadMineResponse, ReadReplicaResponse, SearchResponse,
};
use crate::generated::models;

static CALLS: AtomicU32 = AtomicU32::new(0);

fn text(text: impl Into<String>) -> models::Text {
    models::Text { text: text.into() }
}

/// The number of this call, after what the test says of it.
async fn call() -> Result<String, ApiError> {
    let number = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    let control = PathBuf::from(std::env::var_os("CONTROL").expect("the test sets it"));
    loop {
        match fs::read_to_string(control.join("call")).as_deref() {
            Ok("fails") => return Err(ApiError::connection("the ledger is down")),
            Ok("breaks") => return Err(ApiError::internal("a fault")),
            Ok("first hangs") if number > 1 => return Ok(number.to_string()),
            Ok("hangs" | "first hangs") => tokio::time::sleep(Duration::from_millis(2)).await,
            _ => return Ok(number.to_string()),
        }
    }
}

impl AroundApi for App {
    async fn read_cached(
        &self,
        _ctx: &RequestContext,
        id: String,
        params: ReadCachedParams,
    ) -> Result<ReadCachedResponse, ApiError> {
        let tenant = params.x_tenant.unwrap_or_default();
        let number = call().await?;
        Ok(ReadCachedResponse::Ok(text(format!("{id} {tenant} {number}"))))
    }

    async fn read_fresh(&self, _ctx: &RequestContext) -> Result<ReadFreshResponse, ApiError> {
        Ok(ReadFreshResponse::Ok(text(call().await?)))
    }

    async fn read_mine(&self, ctx: &RequestContext) -> Result<ReadMineResponse, ApiError> {
        let name = ctx.identity::<Caller>().map(|caller| caller.name.clone());
        let name = name.unwrap_or_default();
        Ok(ReadMineResponse::Ok(text(format!("{name} {}", call().await?))))
    }

    async fn search(
        &self,
        _ctx: &RequestContext,
        body: models::Text,
    ) -> Result<SearchResponse, ApiError> {
        Ok(SearchResponse::Ok(text(format!("{} {}", body.text, call().await?))))
    }

    async fn read_constant(&self, _ctx: &RequestContext) -> Result<ReadConstantResponse, ApiError> {
        Ok(ReadConstantResponse::Ok(text(call().await?)))
    }

    async fn read_replica(
        &self,
        _ctx: &RequestContext,
        id: String,
    ) -> Result<ReadReplicaResponse, ApiError> {
        Ok(ReadReplicaResponse::Ok(text(format!("{id} {}", call().await?))))
    }

    async fn read_replica_fallback(
        &self,
        _ctx: &RequestContext,
        failed: FailedCall,
        id: String,
    ) -> Result<ReadReplicaResponse, ApiError> {
        let why = failed.refused_by().unwrap_or("the handler");
        let status = failed.status().as_u16();
        Ok(ReadReplicaResponse::Ok(text(format!("{id}: {why} {status}"))))
    }

    async fn read_last(&self, _ctx: &RequestContext) -> Result<ReadLastResponse, ApiError> {
        Ok(ReadLastResponse::Ok(text(call().await?)))
    }

    async fn read_hedged(&self, _ctx: &RequestContext) -> Result<ReadHedgedResponse, ApiError> {
        Ok(ReadHedgedResponse::Ok(text(call().await?)))
    }
}
