//! Visits: one a day.

use failsafe_runtime::service::{ApiError, RequestContext};

use crate::App;
use crate::generated::apis::visits::{BookVisitResponse, ListVisitsResponse, VisitsApi};
use crate::generated::models;

impl VisitsApi for App {
    async fn list_visits(&self, _ctx: &RequestContext) -> Result<ListVisitsResponse, ApiError> {
        Ok(ListVisitsResponse::Ok(self.store.visits()))
    }

    async fn book_visit(
        &self,
        _ctx: &RequestContext,
        body: models::Visit,
    ) -> Result<BookVisitResponse, ApiError> {
        match self.store.book(body.clone()) {
            true => Ok(BookVisitResponse::Created(body)),
            false => Ok(BookVisitResponse::Conflict),
        }
    }
}
