//! Resilience patterns for async Rust services.
