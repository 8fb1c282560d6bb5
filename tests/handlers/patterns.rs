//! Handlers that do as a test tells them, through files in the folder `CONTROL`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use failsafe_runtime::service::{ApiError, RequestContext};

use crate::App;
use crate::generated::apis::patterns::{
    PatternsApi, ReadCircuitResponse, ReadLimitedResponse, ReadAdaptiveResponse, ReadFusedResponse, ReadHiddenResponse, ReadLimitedSoonResponse, ReadRatedResponse,
    ReadRetriedResponse, ReadRoomyResponse, ReadSlowResponse, ReadStackedResponse,
    ReadPressedResponse, ReadShedResponse,
};
use crate::generated::models::ReadLimitedOkBody;

static RETRIED: AtomicU32 = AtomicU32::new(0);
static RATED: AtomicU32 = AtomicU32::new(0);

fn body(text: &str) -> ReadLimitedOkBody {
    ReadLimitedOkBody {
        text: text.to_owned(),
    }
}

fn control(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("CONTROL").expect("the test sets it")).join(name)
}

/// One byte a call: the file's length is how many there were.
fn count() {
    let mut file = OpenOptions::new();
    let file = file.create(true).append(true).open(control("calls"));
    file.and_then(|mut file| file.write_all(b"."))
        .expect("a folder of the test");
}

fn failure() -> ApiError {
    ApiError::connection("the ledger is down")
}

/// Counts the call, and waits until the test says so.
async fn there_is_room() {
    count();
    while fs::read_to_string(control("room")).is_err() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

impl PatternsApi for App {
    async fn read_limited(&self, _ctx: &RequestContext) -> Result<ReadLimitedResponse, ApiError> {
        Ok(ReadLimitedResponse::Ok(body("in time")))
    }

    async fn read_limited_soon(
        &self,
        _ctx: &RequestContext,
    ) -> Result<ReadLimitedSoonResponse, ApiError> {
        Ok(ReadLimitedSoonResponse::Ok(body("in time")))
    }

    async fn read_circuit(&self, _ctx: &RequestContext) -> Result<ReadCircuitResponse, ApiError> {
        count();
        loop {
            match fs::read_to_string(control("circuit")).as_deref() {
                Ok("works") => return Ok(ReadCircuitResponse::Ok(body("closed"))),
                Ok("hangs") => tokio::time::sleep(Duration::from_millis(2)).await,
                _ => return Err(failure()),
            }
        }
    }

    async fn read_slow(&self, _ctx: &RequestContext) -> Result<ReadSlowResponse, ApiError> {
        std::future::pending().await
    }

    /// Works every third time.
    async fn read_retried(&self, _ctx: &RequestContext) -> Result<ReadRetriedResponse, ApiError> {
        let calls = RETRIED.fetch_add(1, Ordering::SeqCst) + 1;
        if calls.is_multiple_of(3) {
            Ok(ReadRetriedResponse::Ok(body(&calls.to_string())))
        } else {
            Err(failure())
        }
    }

    async fn read_hidden(&self, _ctx: &RequestContext) -> Result<ReadHiddenResponse, ApiError> {
        Ok(ReadHiddenResponse::Ok(body("never seen")))
    }

    async fn read_adaptive(&self, _ctx: &RequestContext) -> Result<ReadAdaptiveResponse, ApiError> {
        there_is_room().await;
        Err(failure())
    }

    /// Fails every other time.
    async fn read_rated(&self, _ctx: &RequestContext) -> Result<ReadRatedResponse, ApiError> {
        if RATED.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
            return Err(failure());
        }
        Ok(ReadRatedResponse::Ok(body("by chance")))
    }

    async fn read_fused(&self, _ctx: &RequestContext) -> Result<ReadFusedResponse, ApiError> {
        match fs::read_to_string(control("circuit")).as_deref() {
            Ok("works") => Ok(ReadFusedResponse::Ok(body("closed"))),
            _ => Err(failure()),
        }
    }

    async fn read_roomy(&self, _ctx: &RequestContext) -> Result<ReadRoomyResponse, ApiError> {
        there_is_room().await;
        Ok(ReadRoomyResponse::Ok(body("served")))
    }

    async fn read_shed(&self, _ctx: &RequestContext) -> Result<ReadShedResponse, ApiError> {
        there_is_room().await;
        Ok(ReadShedResponse::Ok(body("served")))
    }

    async fn read_pressed(&self, _ctx: &RequestContext) -> Result<ReadPressedResponse, ApiError> {
        there_is_room().await;
        Ok(ReadPressedResponse::Ok(body("served")))
    }

    async fn read_stacked(&self, _ctx: &RequestContext) -> Result<ReadStackedResponse, ApiError> {
        panic!("a fault of the handler");
    }
}
