//! Asks the service at `NEXT`, or fails and counts how often it was asked.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use failsafe_runtime::client::Client;
use failsafe_runtime::service::{ApiError, RequestContext};
use failsafe_runtime::{BudgetConfig, Jitter, Retry, RetryBudget, RetryConfig};

use crate::App;
use crate::generated::apis::default::{
    DefaultApi, ReadAskedResponse, ReadHereResponse, ReadUrgentResponse, ReadUsualResponse,
};
use crate::generated::webhooks::{AskNextResponse, Webhooks};

/// A client that retries as well, out of a budget of its own.
static WEBHOOKS: LazyLock<Webhooks> = LazyLock::new(|| {
    let config = RetryConfig {
        attempts: 4,
        delay: Duration::from_millis(1),
        jitter: Jitter::None,
        ..RetryConfig::default()
    };
    let budget = BudgetConfig {
        ratio: 0.2,
        min_per_second: 0,
    };
    let budget = Arc::new(RetryBudget::new(budget).expect("in range"));
    let retry = Retry::with_budget("next", config, budget).expect("in range");
    Webhooks::new(Client::new().with_retry(Arc::new(retry)))
});

fn failure() -> ApiError {
    let folder = std::env::var_os("CONTROL").expect("the test sets it");
    let mut file = OpenOptions::new();
    let file = file.create(true).append(true);
    let file = file.open(Path::new(&folder).join("calls"));
    file.and_then(|mut file| file.write_all(b"."))
        .expect("a folder of the test");
    ApiError::connection("the ledger is down")
}

impl DefaultApi for App {
    async fn read_asked(&self, _ctx: &RequestContext) -> Result<ReadAskedResponse, ApiError> {
        let Ok(next) = std::env::var("NEXT") else {
            return Err(failure());
        };
        let AskNextResponse::Ok(text) = WEBHOOKS.ask_next(&format!("{next}/asked")).await?;
        Ok(ReadAskedResponse::Ok(text))
    }

    async fn read_here(&self, _ctx: &RequestContext) -> Result<ReadHereResponse, ApiError> {
        Ok(ReadHereResponse::Ok("here".to_owned()))
    }

    async fn read_usual(&self, _ctx: &RequestContext) -> Result<ReadUsualResponse, ApiError> {
        Ok(ReadUsualResponse::Ok("as usual".to_owned()))
    }

    async fn read_urgent(&self, _ctx: &RequestContext) -> Result<ReadUrgentResponse, ApiError> {
        Ok(ReadUrgentResponse::Ok("at once".to_owned()))
    }
}
