//! The least of an HTTP client: a connection a request, answers read to their end.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use crate::probe::Request;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// Sends a request and waits for the answer.
pub fn send(address: SocketAddr, request: &Request) -> Answer {
    try_send(address, request).unwrap_or_else(|reason| panic!("{reason}"))
}

/// The same where there may be no answer: what came instead.
pub fn try_send(address: SocketAddr, request: &Request) -> Result<Answer, String> {
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: localhost\r\n",
        request.method, request.target
    );
    for (name, value) in &request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if let Some(body) = &request.body {
        head += &format!("content-length: {}\r\n", body.len());
    }
    head += "connection: close\r\n\r\n";
    let mut bytes = head.into_bytes();
    bytes.extend(request.body.iter().flatten());

    let mut stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout can be set");
    // A service may answer before it has read everything.
    let _ = stream.write_all(&bytes);
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer);
    parse(&answer).ok_or_else(|| {
        format!(
            "no answer to {request:?}: {end:?} {}",
            String::from_utf8_lossy(&answer)
        )
    })
}

/// A `GET`.
pub fn get(address: SocketAddr, target: &str) -> Answer {
    let request = Request {
        method: "GET".to_owned(),
        target: target.to_owned(),
        ..Request::default()
    };
    send(address, &request)
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..split]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer {
        status,
        headers,
        body: bytes[split + 4..].to_vec(),
    };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = unchunk(&answer.body)?;
    }
    Some(answer)
}

fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = bytes.windows(2).position(|window| window == b"\r\n")?;
        let length = std::str::from_utf8(&bytes[..line]).ok()?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        let start = line + 2;
        body.extend(bytes.get(start..start + length)?);
        bytes = bytes.get(start + length + 2..)?;
    }
}
