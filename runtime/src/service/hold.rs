//! Things that are kept until an answer is on its way as a whole.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::response::Response;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// Keeps something until the answer's body has ended or been dropped, whichever comes first.
///
/// A handler's future ends when the head of its answer is there; a streamed body may go on for
/// minutes. What stands behind the body (a permit, a connection, a lock) is kept by this.
///
/// ```
/// use std::sync::Arc;
/// use failsafe_runtime::service::{IntoResponse, hold};
///
/// let permit = Arc::new(());
/// let response = hold("the answer".into_response(), Arc::clone(&permit));
/// assert_eq!(Arc::strong_count(&permit), 2);
/// drop(response);
/// assert_eq!(Arc::strong_count(&permit), 1);
/// ```
#[must_use]
pub fn hold<T: Send + Unpin + 'static>(response: Response, held: T) -> Response {
    response.map(|body| {
        if body.is_end_stream() {
            // There is nothing to wait for, and `held` goes with this closure.
            return body;
        }
        Body::new(Holding {
            body,
            held: Some(held),
        })
    })
}

struct Holding<T> {
    body: Body,
    held: Option<T>,
}

impl<T: Unpin> HttpBody for Holding<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        // The last frame may not be followed by a poll, so the end is asked for after each one.
        if self.body.is_end_stream() || !matches!(frame, Some(Ok(_))) {
            self.held = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn what_is_held_goes_with_the_last_frame() {
        let permit = Arc::new(());
        let mut response = hold(Response::new(Body::from("answer")), Arc::clone(&permit));
        assert_eq!(response.body().size_hint().exact(), Some(6));
        assert_eq!(Arc::strong_count(&permit), 2);
        let frame = response.body_mut().frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "answer");
        assert_eq!(Arc::strong_count(&permit), 1);
    }

    #[test]
    fn an_answer_without_a_body_holds_nothing() {
        let permit = Arc::new(());
        let _response = hold(Response::new(Body::empty()), Arc::clone(&permit));
        assert_eq!(Arc::strong_count(&permit), 1);
    }
}
