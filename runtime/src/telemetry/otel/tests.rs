use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::{CircuitBreakerConfig, RateLimitConfig, RetryConfig, TimeoutConfig};

/// Takes one push, answers with `status`, and returns what was pushed.
async fn collect(listener: &TcpListener, status: &str) -> (String, Vec<u8>) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (head, body) = read(&mut stream).await;
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    (head, body)
}

async fn read(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let mut read = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let n = stream.read(&mut chunk).await.unwrap();
        assert_ne!(n, 0, "the push ended early");
        read.extend_from_slice(&chunk[..n]);
        let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8(read[..end].to_vec())
            .unwrap()
            .to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap();
        let body = &read[end + 4..];
        if body.len() == length.parse::<usize>().unwrap() {
            return (head.clone(), body.to_vec());
        }
    }
}

fn patterns() -> Arc<Patterns> {
    let patterns = Patterns::new();
    let limit = patterns
        .rate_limit("list", RateLimitConfig::default())
        .unwrap();
    limit.acquire(None).unwrap();
    limit.record_latency(Duration::from_millis(20));
    patterns
        .circuit_breaker("list items", CircuitBreakerConfig::default())
        .unwrap();
    patterns.retry("list", RetryConfig::default()).unwrap();
    Arc::new(patterns)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_numbers_are_pushed_when_the_service_ends() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}/v1/metrics", listener.local_addr().unwrap());
    let export = Export::start(&endpoint, "inventory", &patterns()).unwrap();
    let pushed = tokio::spawn(async move { collect(&listener, "200 OK").await });
    export.shutdown().await;
    let (head, body) = pushed.await.unwrap();
    assert!(head.starts_with("post /v1/metrics http/1.1"), "{head}");
    assert!(
        head.contains("content-type: application/x-protobuf"),
        "{head}"
    );
    // Protobuf writes strings as they are.
    let body = String::from_utf8_lossy(&body);
    for name in [
        "inventory",
        "failsafe.inventory.list.ratelimit.requests",
        "failsafe.inventory.list.ratelimit.tokens_available",
        "failsafe.inventory.list.ratelimit.request_latency_seconds.count",
        "failsafe.inventory.list.retry.giveup",
        "failsafe.inventory.list_items.circuitbreaker.transition.failing",
    ] {
        assert!(body.contains(name), "no {name} was pushed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_holds_nobody_up() {
    let gone = TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let export = Export::start(&format!("http://{gone}/"), "inventory", &patterns()).unwrap();
    tokio::time::timeout(FLUSH, export.shutdown())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_address_that_cannot_be_used_costs_the_metrics_and_no_more() {
    for endpoint in [
        "https://collector/v1/metrics",
        "collector:4318",
        "",
        "http://",
    ] {
        assert!(
            Export::start(endpoint, "inventory", &patterns()).is_none(),
            "{endpoint}"
        );
    }
}

#[test]
fn without_a_runtime_there_are_no_metrics() {
    assert!(Export::start("http://127.0.0.1:1/", "inventory", &patterns()).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_into_being_later_is_pushed_as_well() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}/v1/metrics", listener.local_addr().unwrap());
    let patterns = patterns();
    let export = Export::start(&endpoint, "inventory", &patterns).unwrap();
    // A pattern that a handler makes, and clients whom a limit begins to tell apart.
    patterns.timeout("late", TimeoutConfig::default()).unwrap();
    let limit = patterns.rate_limit("list", RateLimitConfig::default());
    let limit = limit.unwrap();
    let config = RateLimitConfig {
        enable_per_client_tracking: true,
        ..RateLimitConfig::default()
    };
    limit.reconfigure(config).unwrap();
    limit.acquire(Some("somebody")).unwrap();
    let before = names_of(&patterns.snapshot());
    let pushed = tokio::spawn(async move { collect(&listener, "200 OK").await });
    export.shutdown().await;
    let (_, body) = pushed.await.unwrap();
    let body = String::from_utf8_lossy(&body);
    for name in before {
        assert!(body.contains(&name), "no {name} was pushed");
    }
    assert!(body.contains("failsafe.inventory.late.timeout.fired"));
}

/// Every name under which something of these patterns is pushed.
fn names_of(snapshot: &crate::registry::Snapshot) -> Vec<String> {
    let of = |pattern: &PatternSnapshot| {
        let counters = pattern.counters.iter().map(|counter| counter.name);
        let names = counters.chain(pattern.gauges.iter().map(|gauge| gauge.name));
        let names = names.map(|name| instrument_name("inventory", pattern, name));
        names.collect::<Vec<_>>()
    };
    snapshot.patterns.iter().flat_map(of).collect()
}
