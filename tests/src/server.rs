//! A service that runs.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    http::{self, Answer},
    probe::Request,
};

/// Started on a free port, killed when it is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    /// Where it listens for those who run it, if not there as well.
    admin: Option<SocketAddr>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a binary and waits until it listens.
    pub fn start(binary: &Path, variables: &[(&str, &str)]) -> Self {
        Self::try_start(binary, variables).unwrap_or_else(|reason| panic!("{reason}"))
    }

    /// The same for a service that may not come up: why it does not.
    pub fn try_start(binary: &Path, variables: &[(&str, &str)]) -> Result<Self, String> {
        let mut child = Command::new(binary)
            .envs([("HOST", "127.0.0.1"), ("PORT", "0")])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&log);
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut lines = stdout.lines().map_while(Result::ok).inspect(move |line| {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            // A service that logs every request would fill the memory.
            if kept.len() < 10_000 {
                kept.push(line.clone());
            }
        });
        let mut admin = None;
        let address = lines.find_map(|line| {
            let line: Value = serde_json::from_str(&line).ok()?;
            let address = || line["address"].as_str()?.parse().ok();
            match line["message"].as_str()? {
                "listening" => address(),
                "admin listening" => {
                    admin = address();
                    None
                }
                _ => None,
            }
        });
        // A full pipe would stop the service.
        thread::spawn(move || lines.for_each(drop));
        let Some(address) = address else {
            let ended = child
                .wait()
                .map_or_else(|e| e.to_string(), |status| status.to_string());
            return Err(format!(
                "it does not say where it listens, and ends with {ended}"
            ));
        };
        Ok(Self {
            child,
            address,
            admin,
            log,
        })
    }

    /// Where it listens for those who run it.
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// What it has logged that has a text in it.
    pub fn logged(&self, text: &str) -> Vec<String> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = log.iter().filter(|line| line.contains(text));
        lines.cloned().collect()
    }

    /// The same once there is such a line: what is logged is read a moment later.
    pub fn will_log(&self, text: &str) -> Vec<String> {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let lines = self.logged(text);
            if !lines.is_empty() {
                return lines;
            }
            assert!(Instant::now() < end, "{text:?} is not logged");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Tells it to read its files again.
    pub fn hang_up(&self) {
        self.signal("-HUP");
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args([name, &id]).status();
        assert!(told.expect("kill starts").success());
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The most memory that the service has held, in bytes, where the system tells.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: u64 = peak.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes << 10)
    }

    pub fn send(&self, request: &Request) -> Answer {
        http::send(self.address, request)
    }

    /// The same where there may be no answer: what came instead.
    pub fn try_send(&self, request: &Request) -> Result<Answer, String> {
        http::try_send(self.address, request)
    }

    pub fn get(&self, target: &str) -> Answer {
        http::get(self.address, target)
    }

    /// Asks the service to end, and waits until it has.
    pub fn stop(mut self) {
        self.signal("-TERM");
        let status = self.child.wait().expect("the service ends");
        assert!(status.success(), "the service ended with {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
