//! The examples start, and end without an error. That of axum waits for requests, so its app is asked in
//! `axum.rs`.
#![cfg(feature = "full")]

#[path = "../examples/client.rs"]
mod client;
#[path = "../examples/tokio.rs"]
mod in_tokio;
#[path = "../examples/tower.rs"]
mod in_tower;

#[test]
fn patterns_within_patterns() {
    in_tokio::main().expect("it ends well");
}

#[test]
fn layers() {
    in_tower::main().expect("it ends well");
}

#[test]
fn a_client() {
    client::main().expect("it ends well");
}
