//! From an OpenAPI document to a complete, protected axum service.
