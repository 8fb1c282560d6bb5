//! What a service should not have answered.

use std::fmt;

use super::{Probe, Request};
use crate::{Server, http::Answer};

/// An answer that the document does not lead to expect.
#[derive(Clone, Debug)]
pub struct Complaint {
    operation: String,
    request: Request,
    expected: &'static str,
    /// What came instead; none: nothing at all.
    answer: Option<Answer>,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request {
            method,
            target,
            headers,
            body,
        } = &self.request;
        write!(f, "{}: {method} {target} {headers:?}", self.operation)?;
        if let Some(body) = body {
            let body = String::from_utf8_lossy(body);
            write!(f, " {}", body.chars().take(400).collect::<String>())?;
        }
        write!(f, " should be answered {}", self.expected)?;
        match &self.answer {
            Some(answer) => write!(f, ", not {} {}", answer.status, answer.text()),
            None => f.write_str(", and is not answered"),
        }
    }
}

impl Probe {
    /// Asks a service whose handlers are stubs.
    pub fn complaints(&self, server: &Server) -> Vec<Complaint> {
        let fits = std::iter::once(&self.fits)
            .chain(&self.full)
            .map(|request| {
                // A stub lets nobody in, either.
                let good: &[u16] = &[501, 401];
                (request, good, "501, or 401 without credentials")
            });
        let breaks = self.breaks.iter().map(|request| {
            let good: &[u16] = &[400, 415, 422, 401];
            (request, good, "400, 415 or 422, or 401 without credentials")
        });
        fits.chain(breaks)
            .filter_map(|(request, good, expected)| {
                let answer = server.try_send(request).ok();
                let status = answer.as_ref().map_or(0, |answer| answer.status);
                (!good.contains(&status)).then(|| Complaint {
                    operation: self.operation.clone(),
                    request: request.clone(),
                    expected,
                    answer,
                })
            })
            .collect()
    }
}
