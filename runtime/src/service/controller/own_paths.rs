//! The paths that a service answers by itself.

#[cfg(feature = "controlplane")]
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use serde_json::{Value, json};

#[cfg(feature = "docs")]
use super::docs::Docs;
use super::readiness::Readiness;
use crate::service::answer;
#[cfg(feature = "controlplane")]
use crate::service::controlplane::Plane;
use crate::service::problem::Problem;
#[cfg(feature = "prometheus")]
use crate::telemetry::prometheus::{self, Scrape};

/// Where they are.
#[derive(Debug)]
pub(super) struct OwnPaths {
    pub(super) livez: &'static str,
    pub(super) readyz: &'static str,
    #[cfg(feature = "prometheus")]
    pub(super) metrics: &'static str,
    pub(super) openapi: &'static str,
    pub(super) openapi_json: Option<&'static str>,
    /// What the document shall say instead of where it says that operations are.
    pub(super) base_path: Option<String>,
    /// Where the page is, if there is one.
    #[cfg(feature = "docs")]
    pub(super) docs: Option<&'static str>,
}

impl Default for OwnPaths {
    fn default() -> OwnPaths {
        OwnPaths {
            livez: "/livez",
            readyz: "/readyz",
            #[cfg(feature = "prometheus")]
            metrics: "/metrics",
            openapi: "/openapi.json",
            openapi_json: None,
            base_path: None,
            #[cfg(feature = "docs")]
            docs: None,
        }
    }
}

/// What each one answers.
#[derive(Debug)]
pub(super) struct Own {
    answers: Vec<(&'static str, Answer)>,
    #[cfg(feature = "docs")]
    docs: Option<Docs>,
    #[cfg(feature = "controlplane")]
    plane: Option<Arc<Plane>>,
    readiness: Readiness,
}

#[derive(Debug)]
enum Answer {
    /// The process runs.
    Live,
    /// It wants requests.
    Ready,
    #[cfg(feature = "prometheus")]
    Metrics(Scrape),
    OpenApi {
        json: Bytes,
        etag: HeaderValue,
    },
}

impl Own {
    /// Nothing yet.
    pub(super) fn new(readiness: Readiness) -> Own {
        Own {
            answers: Vec::new(),
            #[cfg(feature = "docs")]
            docs: None,
            #[cfg(feature = "controlplane")]
            plane: None,
            readiness,
        }
    }

    /// Says whether the service lives and wants requests.
    pub(super) fn with_probes(mut self, paths: &OwnPaths) -> Own {
        self.answers.push((paths.livez, Answer::Live));
        self.answers.push((paths.readyz, Answer::Ready));
        self
    }

    /// Answers with the document, if there is one.
    pub(super) fn with_document(mut self, paths: &OwnPaths) -> Own {
        if let Some(json) = paths.openapi_json {
            let json = match &paths.base_path {
                Some(base_path) => under(json, base_path),
                None => Bytes::from_static(json.as_bytes()),
            };
            let etag = etag(&json);
            self.answers
                .push((paths.openapi, Answer::OpenApi { json, etag }));
        }
        self
    }

    /// Answers with the numbers of the patterns, too.
    #[cfg(feature = "prometheus")]
    pub(super) fn with_metrics(mut self, path: &'static str, scrape: Scrape) -> Own {
        self.answers.push((path, Answer::Metrics(scrape)));
        self
    }

    /// Shows the document, too.
    #[cfg(feature = "docs")]
    pub(super) fn with_docs(mut self, docs: Docs) -> Own {
        self.docs = Some(docs);
        self
    }

    /// Answers what is asked of the control plane, too.
    #[cfg(feature = "controlplane")]
    pub(super) fn with_controlplane(mut self, plane: Plane) -> Own {
        self.plane = Some(Arc::new(plane));
        self
    }

    /// The control plane, if the path is below its prefix.
    #[cfg(feature = "controlplane")]
    pub(super) fn controlplane(&self, path: &str) -> Option<&Arc<Plane>> {
        self.plane.as_ref().filter(|plane| plane.owns(path))
    }

    /// Whether the service wants requests.
    pub(super) fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// The answer, if the path is one of these.
    pub(super) fn answer(&self, request: &Request<Body>) -> Option<Response> {
        let path = request.uri().path();
        #[cfg(feature = "docs")]
        if let Some(asset) = self.docs.as_ref().and_then(|docs| docs.find(path)) {
            return Some(match *request.method() {
                Method::GET | Method::HEAD => asset.respond(request.headers()),
                _ => method_not_allowed(),
            });
        }
        let (_, answer) = self.answers.iter().find(|(own, _)| *own == path)?;
        Some(match *request.method() {
            Method::GET | Method::HEAD => answer.respond(request.headers(), &self.readiness),
            _ => method_not_allowed(),
        })
    }
}

impl Answer {
    fn respond(&self, headers: &HeaderMap, readiness: &Readiness) -> Response {
        match self {
            Answer::Live => text(StatusCode::OK, "ok"),
            Answer::Ready if readiness.is_ready() => text(StatusCode::OK, "ok"),
            Answer::Ready => text(StatusCode::SERVICE_UNAVAILABLE, "shutting down"),
            #[cfg(feature = "prometheus")]
            Answer::Metrics(scrape) => {
                answer::with_body(StatusCode::OK, prometheus::MEDIA_TYPE, scrape.text())
            }
            Answer::OpenApi { json, etag } => {
                let known = headers.get(header::IF_NONE_MATCH) == Some(etag);
                let mut response = if known {
                    answer::empty(StatusCode::NOT_MODIFIED)
                } else {
                    answer::with_body(StatusCode::OK, "application/json", json.clone())
                };
                response.headers_mut().insert(header::ETAG, etag.clone());
                response
            }
        }
    }
}

/// The document with a base path as its only server.
fn under(json: &'static str, base_path: &str) -> Bytes {
    let Ok(mut document) = serde_json::from_str::<Value>(json) else {
        return Bytes::from_static(json.as_bytes());
    };
    if let Some(members) = document.as_object_mut() {
        let url = format!("/{}", base_path.trim_matches('/'));
        members.insert("servers".to_owned(), json!([{ "url": url }]));
    }
    document.to_string().into()
}

fn text(status: StatusCode, text: &'static str) -> Response {
    let text = Bytes::from_static(text.as_bytes());
    let mut response = answer::with_body(status, "text/plain; charset=utf-8", text);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn method_not_allowed() -> Response {
    let mut response = Problem::new(StatusCode::METHOD_NOT_ALLOWED)
        .detail("the path can only be read")
        .into_response();
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

/// FNV-1a, which is the same in every build: a cache stays warm across restarts.
pub(super) fn etag(bytes: &[u8]) -> HeaderValue {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    HeaderValue::from_str(&format!("\"{hash:016x}\"")).expect("hexadecimal digits are ASCII")
}
