//! Metrics leave a service as its options say.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
};

use failsafe_tests::{Server, Tree, paths};

fn tree(telemetry: &str) -> Tree {
    let name = format!("metrics-{}", telemetry.to_lowercase());
    let spec = paths::repository().join("specs/inventory.yaml");
    Tree::new(&name, &spec, &["--telemetry", telemetry, "--no-dockerfile"])
}

#[test]
fn prometheus_reads_them_at_metrics() {
    let server = Server::start(&tree("PROMETHEUS").check(&[]).build(), &[]);
    assert_eq!(server.get("/inventories").status, 501);
    let answer = server.get("/metrics");
    assert_eq!(answer.status, 200);
    let text = answer.text();
    for metric in [
        "failsafe_ratelimit_requests_total{pattern=\"listInventories\"",
        "failsafe_ratelimit_tokens_available{pattern=\"listInventories\"",
        "failsafe_ratelimit_request_latency_seconds_bucket{",
    ] {
        assert!(text.contains(metric), "{metric} is missing in\n{text}");
    }
    server.stop();
}

#[test]
fn without_telemetry_there_is_no_metrics_path() {
    let server = Server::start(&tree("NONE").build(), &[]);
    assert_eq!(server.get("/metrics").status, 404);
}

#[test]
fn a_collector_is_sent_them() {
    let collector = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = collector.local_addr().expect("an address");
    let endpoint = format!("http://{address}/v1/metrics");
    let server = Server::start(
        &tree("OTEL").check(&[]).build(),
        &[
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &endpoint),
            ("OTEL_METRIC_EXPORT_INTERVAL", "50"),
        ],
    );
    assert_eq!(server.get("/inventories").status, 501);

    let (stream, _) = collector.accept().expect("the service connects");
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.is_empty() {
            break;
        }
        head.push(line);
    }
    assert!(head[0].starts_with("post /v1/metrics"), "{head:?}");
    assert!(
        head.contains(&"content-type: application/x-protobuf".to_owned()),
        "{head:?}"
    );
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains("listInventories"), "{text}");
    let done = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    reader
        .get_mut()
        .write_all(done.as_bytes())
        .expect("answered");
    drop((reader, collector));
    server.stop();
}
