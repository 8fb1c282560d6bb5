//! Logs: JSON lines for machines, plain lines for a terminal.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Sets up logging, unless the program has done so itself.
pub(super) fn init() {
    let (filter, complaint) = filter(std::env::var("RUST_LOG").ok().as_deref());
    let registry = tracing_subscriber::registry().with(filter);
    let fresh = if std::io::stdout().is_terminal() {
        registry.with(tracing_subscriber::fmt::layer()).try_init()
    } else {
        let json = tracing_subscriber::fmt::layer().json().flatten_event(true);
        registry
            .with(json.with_current_span(false).with_span_list(false))
            .try_init()
    };
    if fresh.is_ok() {
        std::panic::set_hook(Box::new(log_panic));
        if let Some(complaint) = complaint {
            tracing::warn!("{complaint}");
        }
    }
}

/// `info`, or what `RUST_LOG` says (`debug`, `warn,my_service=debug`). What cannot be read is
/// worth a complaint and no more: a service that does not start helps nobody.
fn filter(rust_log: Option<&str>) -> (Targets, Option<String>) {
    let default = Targets::new().with_default(LevelFilter::INFO);
    match rust_log.map(str::trim) {
        None | Some("") => (default, None),
        Some(text) => match text.parse() {
            Ok(filter) => (filter, None),
            Err(error) => (
                default,
                Some(format!("RUST_LOG={text:?} is not understood: {error}")),
            ),
        },
    }
}

/// A panic is a line like any other, not text between the lines.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let message = super::super::panic::message(panic.payload());
    let location = panic.location().map(ToString::to_string);
    tracing::error!(message, location, "panic");
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn rust_log_chooses_and_nonsense_is_reported() {
        let enabled =
            |rust_log, target: &str, level| filter(rust_log).0.would_enable(target, &level);
        assert!(enabled(None, "shop", Level::INFO));
        assert!(!enabled(None, "shop", Level::DEBUG));
        assert!(enabled(Some("warn,shop=debug"), "shop", Level::DEBUG));
        assert!(!enabled(Some("warn,shop=debug"), "hyper", Level::INFO));

        assert!(filter(Some("warn")).1.is_none());
        assert!(filter(Some("a=b=c")).1.is_some());
        assert!(enabled(Some("a=b=c"), "shop", Level::INFO));
    }
}
