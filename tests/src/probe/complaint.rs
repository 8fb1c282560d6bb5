//! What a service should not have answered.

use std::fmt;

use serde_json::Value;

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
    /// Whether a stub's answer is that of this operation, and not of one that was taken for it.
    fn is_own(&self, answer: &Answer) -> bool {
        let body: Value = serde_json::from_str(&answer.text()).unwrap_or_default();
        match (&self.id, body["operation"].as_str()) {
            (Some(id), Some(answering)) => answer.status != 501 || answering == id,
            _ => true,
        }
    }

    /// Asks a service whose handlers are stubs, and which knows everybody who shows a credential.
    pub fn complaints(&self, server: &Server) -> Vec<Complaint> {
        let fits = std::iter::once(&self.fits).chain(&self.full);
        let fits = fits.map(|request| (request, FITS));
        let breaks = self.breaks.iter().map(|request| (request, BREAKS));
        let anonymous = self.anonymous.iter().map(|request| (request, ANONYMOUS));
        fits.chain(breaks)
            .chain(anonymous)
            // Whether it gets in is not for us to say.
            .filter(|_| !self.is_barred)
            .filter_map(|(request, wanted)| {
                let answer = server.try_send(request).ok();
                let status = answer.as_ref().map_or(0, |answer| answer.status);
                let is_wanted = wanted.statuses.contains(&status)
                    && answer.as_ref().is_none_or(|answer| self.is_own(answer));
                (!is_wanted).then(|| Complaint {
                    operation: self.operation.clone(),
                    request: request.clone(),
                    expected: wanted.words,
                    answer,
                })
            })
            .collect()
    }
}

/// The statuses that an answer may have.
#[derive(Clone, Copy)]
struct Wanted {
    statuses: &'static [u16],
    words: &'static str,
}

const FITS: Wanted = Wanted {
    statuses: &[501],
    words: "501 by this operation",
};
const BREAKS: Wanted = Wanted {
    statuses: &[400, 415, 422],
    words: "400, 415 or 422",
};
const ANONYMOUS: Wanted = Wanted {
    statuses: &[401],
    words: "401",
};
