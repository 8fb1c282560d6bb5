//! What the operator may decide: environment variables with types and defaults. `.env` lists them.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use failsafe_runtime::service::{AdminToken, Telemetry};

/// How this instance runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `HOST`: the address to listen on.
    pub host: IpAddr,
    /// `PORT`
    pub port: u16,
    /// `BASE_PATH`: where all operations are, in place of where the document says.
    pub base_path: Option<String>,
    /// `LOG_REQUESTS`: whether each request gets a line in the log.
    pub log_requests: bool,
    /// `MAX_BODY_BYTES`: longer request bodies are refused.
    pub max_body_bytes: usize,
    /// `SHUTDOWN_TIMEOUT`, in seconds: how long requests on their way may take to finish.
    pub shutdown_timeout: Duration,
    /// `TRUSTED_HOPS`: how many proxies are trusted to say who called.
    pub trusted_hops: usize,
    /// `FAILSAFE_CONFIG`: where the operator's values for the patterns are.
    pub config_file: PathBuf,
    /// `FAILSAFE_ADMIN_TOKEN`: what callers of the control plane have to show. Without one it can
    /// be read from this machine alone, and changes nothing.
    pub admin_token: Option<AdminToken>,
    /// `ADMIN_PORT`: a port of its own for the control plane and for what asks after health.
    pub admin_port: Option<u16>,
    /// `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`, or `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/metrics`
    /// behind it: where metrics are sent. None with `OTEL_SDK_DISABLED=true`.
    pub otel_endpoint: Option<String>,
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    ///
    /// When a variable has a value that cannot be meant.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// Reads settings from anywhere; a variable that is empty counts as not set.
    ///
    /// # Errors
    ///
    /// When a variable has a value that cannot be meant.
    pub fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, InvalidSetting> {
        let variables = Variables(&variable);
        let seconds = variables.read("SHUTDOWN_TIMEOUT", "a number of seconds")?;
        Ok(Self {
            host: variables
                .read("HOST", "an IP address")?
                .unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
            port: variables
                .read("PORT", "a number from 0 to 65535")?
                .unwrap_or(8080),
            base_path: variables.get("BASE_PATH"),
            log_requests: variables
                .read("LOG_REQUESTS", "true or false")?
                .unwrap_or(false),
            max_body_bytes: variables
                .read("MAX_BODY_BYTES", "a number of bytes")?
                .unwrap_or(2 * 1024 * 1024),
            shutdown_timeout: Duration::from_secs(seconds.unwrap_or(30)),
            trusted_hops: variables
                .read("TRUSTED_HOPS", "a number of proxies")?
                .unwrap_or(0),
            config_file: variables
                .get("FAILSAFE_CONFIG")
                .unwrap_or_else(|| "failsafe.yaml".to_owned())
                .into(),
            admin_token: variables.get("FAILSAFE_ADMIN_TOKEN").map(AdminToken::new),
            admin_port: variables.read("ADMIN_PORT", "a number from 0 to 65535")?,
            otel_endpoint: otel_endpoint(&variables)?,
        })
    }

    /// Where to listen.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    /// Where the control plane listens, if not where the service does.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin_port.map(|port| SocketAddr::new(self.host, port))
    }

    /// Where metrics go.
    pub fn telemetry(&self) -> Telemetry {
        match self.otel_endpoint.clone() {
            Some(endpoint) => Telemetry::Otel { endpoint },
            None => Telemetry::None,
        }
    }
}

fn otel_endpoint(variables: &Variables<'_>) -> Result<Option<String>, InvalidSetting> {
    let disabled = variables.read("OTEL_SDK_DISABLED", "true or false")?;
    if disabled.unwrap_or(false) {
        return Ok(None);
    }
    let exact = variables.get("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
    let base = variables.get("OTEL_EXPORTER_OTLP_ENDPOINT");
    let endpoint = exact
        .or_else(|| base.map(|base| format!("{}/v1/metrics", base.trim_end_matches('/'))))
        .unwrap_or_else(|| DEFAULT_OTEL_ENDPOINT.to_owned());
    Ok(Some(endpoint))
}

const DEFAULT_OTEL_ENDPOINT: &str = "http://otel-collector:4318/v1/metrics";

struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    fn read<T: FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, InvalidSetting> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        match value.trim().parse() {
            Ok(read) => Ok(Some(read)),
            Err(_) => Err(InvalidSetting {
                name,
                expected,
                value,
            }),
        }
    }
}

/// A variable with a value that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSetting {
    name: &'static str,
    expected: &'static str,
    value: String,
}

impl fmt::Display for InvalidSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            expected,
            value,
        } = self;
        write!(f, "{name} must be {expected}, not {value:?}")
    }
}

impl Error for InvalidSetting {}
