//! A shelter that is closed, for whoever only needs one to answer.

use failsafe_runtime::service::{ApiError, RequestContext};
use shelter::generated::apis::visits::{BookVisitResponse, ListVisitsResponse, VisitsApi};
use shelter::generated::models::{self, Visit};

struct Closed;

impl VisitsApi for Closed {
    async fn list_visits(&self, _: &RequestContext) -> Result<ListVisitsResponse, ApiError> {
        Ok(ListVisitsResponse::Ok(Vec::new()))
    }

    async fn book_visit(
        &self,
        _: &RequestContext,
        _: Visit,
    ) -> Result<BookVisitResponse, ApiError> {
        Ok(BookVisitResponse::Conflict)
    }
}

#[test]
fn owners_are_sent_home() {
    let _ = Closed;
    let owner = models::Owner {
        name: "Ada".to_owned(),
        phone: None,
    };
    assert_eq!(owner.name, "Ada");
}
