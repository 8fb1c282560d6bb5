//! Noticing that the file has changed.
//!
//! It is read once a second and compared. That costs less than it would to be told: it works on
//! every disk, through links, and where a container has the file replaced under it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::{ConfigFile, Found, look};

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// How long a file has to stay the same to be whole.
const SETTLED: Duration = Duration::from_millis(50);

/// Follows the file for as long as it is polled. From now on SIGHUP does not end the process.
pub(in crate::service) fn follow(file: Arc<ConfigFile>) -> impl Future<Output = ()> + Send {
    let hangup = Hangup::new().map_err(|error| {
        tracing::warn!(%error, "SIGHUP cannot be listened to");
    });
    look_again_and_again(file, hangup.ok())
}

async fn look_again_and_again(file: Arc<ConfigFile>, mut hangup: Option<Hangup>) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_told = tokio::select! {
            _ = tick.tick() => false,
            () = told(&mut hangup) => true,
        };
        let Some(found) = now(&file).await else {
            continue;
        };
        if is_told {
            // Whoever says so has finished writing.
            tracing::info!(path = %file.path.display(), "told to read the config file again");
            apply(&file, found).await;
        } else if file.is_new(&found)
            && let Some(found) = settled(&file, found).await
            && file.is_new(&found)
        {
            apply(&file, found).await;
        }
    }
}

async fn told(hangup: &mut Option<Hangup>) {
    match hangup {
        Some(hangup) => hangup.next().await,
        None => std::future::pending().await,
    }
}

async fn now(file: &Arc<ConfigFile>) -> Option<Found> {
    let file = Arc::clone(file);
    // A disk that hangs holds up a thread that nobody waits for.
    spawn_blocking(move || look(&file.path)).await.ok()
}

/// Checking the values of a thousand patterns takes a while, too.
async fn apply(file: &Arc<ConfigFile>, found: Found) {
    let file = Arc::clone(file);
    if spawn_blocking(move || file.take(found)).await.is_err() {
        tracing::error!("reading the config file failed");
    }
}

/// What is found twice in a row: an editor may be in the midst of writing the file, or of putting
/// another one into its place.
async fn settled(file: &Arc<ConfigFile>, mut found: Found) -> Option<Found> {
    loop {
        sleep(SETTLED).await;
        let again = now(file).await?;
        if again == found {
            return Some(found);
        }
        found = again;
    }
}

#[cfg(unix)]
struct Hangup(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Hangup {
    fn new() -> io::Result<Hangup> {
        use tokio::signal::unix::{SignalKind, signal};

        signal(SignalKind::hangup()).map(Hangup)
    }

    async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// There is no such signal.
#[cfg(not(unix))]
struct Hangup;

#[cfg(not(unix))]
impl Hangup {
    fn new() -> io::Result<Hangup> {
        Ok(Hangup)
    }

    async fn next(&mut self) {
        std::future::pending().await
    }
}
