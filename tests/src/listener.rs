//! Somebody whom a service calls.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Listens on a free port, remembers what it hears and answers from a script: a connection, a
/// request, the next answer.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
}

/// A request that came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// `POST /path?query`
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Heard {
    /// The first header of this name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Listener {
    /// Listens. Each answer is what follows `HTTP/1.1 ` up to the blank line, and a body.
    pub fn start(script: &[(&str, &str)]) -> Self {
        let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = socket.local_addr().expect("an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let answers: Vec<String> = script
            .iter()
            .map(|(head, body)| {
                let length = body.len();
                format!(
                    "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                )
            })
            .collect();
        let log = Arc::clone(&heard);
        thread::spawn(move || {
            for answer in answers {
                let Ok((stream, _)) = socket.accept() else {
                    return;
                };
                let request = read(&stream);
                log.lock().expect("no panic").push(request);
                let _ = (&stream).write_all(answer.as_bytes());
            }
        });
        Self { address, heard }
    }

    /// `http://127.0.0.1:port`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that was heard so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("no panic").clone()
    }
}

fn read(stream: &TcpStream) -> Heard {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        lines.push(line.trim_end().to_owned());
        line.clear();
    }
    let headers: Vec<_> = (lines.iter().skip(1))
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let first = lines.first().cloned().unwrap_or_default();
    let mut heard = Heard {
        line: first.trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body: String::new(),
    };
    let length = heard
        .header("content-length")
        .and_then(|it| it.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    let _ = reader.read_exact(&mut body);
    heard.body = String::from_utf8_lossy(&body).into_owned();
    heard
}
