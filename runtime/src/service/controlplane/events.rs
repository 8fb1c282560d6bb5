//! What happens, as it happens.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use super::{MAX_STREAMS, Plane};
use crate::registry::{self, Subscription};
use crate::service::problem::Problem;
use crate::service::stream::{Event, EventStream, Sender, events};

/// Events that wait for one client. Beyond them it is the subscription that falls behind, and
/// counts what it misses.
const WAITING: usize = 64;

impl Plane {
    pub(super) fn events(&self) -> Response {
        let Ok(place) = Arc::clone(&self.streams).try_acquire_owned() else {
            return Problem::new(StatusCode::SERVICE_UNAVAILABLE)
                .detail(format!("{MAX_STREAMS} others read events already"))
                .into_response();
        };
        // From now on, not from the time when the task below comes to it.
        let subscription = self.overrides.patterns().subscribe();
        let (sender, stream) = EventStream::channel(WAITING);
        let readiness = self.readiness.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = feed(subscription, &sender, place) => {}
                () = sender.closed() => {}
                // An answer without end would keep the service from ending.
                () = readiness.ended() => {}
            }
        });
        events(StatusCode::OK, "text/event-stream", stream)
    }
}

async fn feed(
    mut subscription: Subscription,
    sender: &Sender<Event<Value>>,
    _place: OwnedSemaphorePermit,
) {
    let mut told = 0;
    loop {
        let event = subscription.next().await;
        let missed = subscription.missed();
        if missed > told {
            let lag = json!({ "missed": missed - told, "missed_in_all": missed });
            told = missed;
            if !sender.send(Event::new(lag).name("lagged")).await {
                return;
            }
        }
        if !sender.send(written(&event)).await {
            return;
        }
    }
}

fn written(event: &registry::Event) -> Event<Value> {
    let mut data = json!({ "type": event.pattern.as_str(), "name": &*event.name });
    let what = serde_json::to_value(&event.what).unwrap_or_default();
    if let (Value::Object(data), Value::Object(what)) = (&mut data, what) {
        data.extend(what);
    }
    let name = data["event"].as_str().unwrap_or("event").to_owned();
    Event::new(data).name(name)
}
