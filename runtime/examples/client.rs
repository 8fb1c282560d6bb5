//! A client of a server that is down now and then: it tries again, and leaves it alone for a while
//! when that does not help.
//!
//! `cargo run -p failsafe-runtime --features service --example client`

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use failsafe_runtime::{
    ByKind, CircuitBreaker, CircuitBreakerConfig, CircuitBreakerError, Exceptions, Retry,
    RetryConfig,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A client of one server. Clones of it would share its patterns.
struct Client {
    server: SocketAddr,
    retry: Retry,
    breaker: CircuitBreaker,
}

impl Client {
    fn new(server: SocketAddr) -> Result<Client, failsafe_runtime::ConfigError> {
        Ok(Client {
            server,
            retry: Retry::new(
                "greet",
                RetryConfig {
                    delay: Duration::from_millis(10),
                    // An answer that we do not like would be the same the next time.
                    exceptions: Exceptions::parse(["ConnectionError", "TimeoutError"])?,
                    ..RetryConfig::default()
                },
            )?,
            breaker: CircuitBreaker::new(
                "greet",
                CircuitBreakerConfig {
                    failure_threshold: 2,
                    recovery_timeout: Duration::from_millis(200),
                    ..CircuitBreakerConfig::default()
                },
            )?,
        })
    }

    async fn greet(&self) -> Result<String, String> {
        let attempt = || self.retry.call_with(ByKind, || ask(self.server));
        match self.breaker.call(attempt).await {
            Ok(greeting) => Ok(greeting),
            Err(CircuitBreakerError::Open(open)) => Err(format!("left alone: {open}")),
            Err(CircuitBreakerError::Inner(error)) => Err(error.to_string()),
        }
    }
}

async fn ask(server: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    let mut greeting = String::new();
    stream.read_to_string(&mut greeting).await?;
    Ok(greeting)
}

/// Greets everybody who comes.
async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        let (mut stream, _) = listener.accept().await?;
        stream.write_all(b"hello").await?;
    }
}

#[tokio::main]
pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(serve(listener));
    let client = Client::new(address)?;

    println!("{:?}", client.greet().await);
    server.abort();
    let _ = server.await;
    println!("the server is down");
    for _ in 0..3 {
        println!("{:?}", client.greet().await);
    }
    tokio::time::sleep(Duration::from_millis(250)).await;
    tokio::spawn(serve(TcpListener::bind(address).await?));
    println!("it is up again");
    println!("{:?}", client.greet().await);
    Ok(())
}
