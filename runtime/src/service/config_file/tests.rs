use std::fs;

use tokio::time::{Duration, sleep};

use super::watch::follow;
use super::*;
use crate::registry::PatternKind;
use crate::{Patterns, RetryConfig, TimeoutConfig};

struct Watched {
    /// Its own, where the test has made none; it is there for as long as this is.
    _folder: Option<tempfile::TempDir>,
    overrides: Arc<Overrides>,
    file: Arc<ConfigFile>,
}

impl Watched {
    fn with(text: Option<&str>) -> Watched {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("failsafe.yaml");
        if let Some(text) = text {
            fs::write(&path, text).unwrap();
        }
        Watched {
            _folder: Some(folder),
            ..Watched::at(path)
        }
    }

    fn at(path: PathBuf) -> Watched {
        let patterns = Patterns::new();
        patterns.timeout("list", TimeoutConfig::default()).unwrap();
        patterns.retry("list", RetryConfig::default()).unwrap();
        let overrides = Arc::new(Overrides::new(Arc::new(patterns)));
        let state = Arc::default();
        let file = ConfigFile::open(path, Arc::clone(&overrides), state);
        Watched {
            _folder: None,
            overrides,
            file: Arc::new(file),
        }
    }

    fn write(&self, text: &str) {
        // As editors do: another file in its place.
        let new = self.file.path.with_file_name("new");
        fs::write(&new, text).unwrap();
        fs::rename(&new, &self.file.path).unwrap();
    }

    fn seconds(&self) -> f64 {
        let timeout = self.overrides.patterns().get(PatternKind::Timeout, "list");
        let config = timeout.unwrap().config_json();
        config["seconds"].as_f64().unwrap()
    }

    /// Waits until it is so, in time that is not real.
    async fn until(&self, seconds: f64) {
        for _ in 0..100 {
            if self.seconds() == seconds {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("{} and never {seconds}", self.seconds());
    }
}

fn timeout(seconds: u32) -> String {
    format!("timeout:\n  list: {{ seconds: {seconds} }}\n")
}

#[tokio::test(start_paused = true)]
async fn it_is_followed_and_what_is_wrong_changes_nothing() {
    let watched = Watched::with(Some(&timeout(7)));
    assert_eq!(watched.seconds(), 7.0);
    let following = tokio::spawn(follow(Arc::clone(&watched.file)));
    watched.write(&timeout(8));
    watched.until(8.0).await;

    watched.write("timeout:\n  list: { second: 9 }\n");
    for _ in 0..100 {
        if !watched.file.state.faults().is_empty() {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    let faults = watched.file.state.faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    let expected = ":2:11: timeout list: unknown key \"second\", did you mean seconds?";
    assert!(faults[0].ends_with(expected), "{faults:?}");
    assert_eq!(watched.seconds(), 8.0);

    watched.write(&timeout(9));
    watched.until(9.0).await;
    assert!(watched.file.state.faults().is_empty());

    fs::remove_file(&watched.file.path).unwrap();
    watched.until(30.0).await;
    watched.write(&timeout(5));
    watched.until(5.0).await;
    following.abort();
}

#[test]
fn without_a_file_the_document_holds() {
    let watched = Watched::with(None);
    assert_eq!(watched.seconds(), 30.0);
    assert!(watched.file.state.faults().is_empty());
}

#[test]
fn the_budget_of_all_retries_is_the_documents() {
    let watched = Watched::with(Some("retry:\n  list: { budget: { ratio: 1 } }\n"));
    let faults = watched.file.state.faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    let why = "all retries of the service share it; change it in the document";
    assert!(faults[0].contains(why), "{faults:?}");
}

#[test]
fn what_is_no_file_or_no_text_or_too_long_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(look(&folder.path().join("none")), Found::Nothing);
    let unreadable = |found: Found| match found {
        Found::Unreadable(why) => why,
        found => panic!("{found:?}"),
    };
    assert_eq!(unreadable(look(folder.path())), "it is no file");
    let path = folder.path().join("file");
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(unreadable(look(&path)).contains("UTF-8"));
    fs::write(&path, "#".repeat(1024 * 1024 + 1)).unwrap();
    assert!(unreadable(look(&path)).contains("more than 1048576 bytes"));
    // A file that cannot be read takes nothing away.
    let watched = Watched::with(Some(&timeout(7)));
    watched.file.take(look(&path));
    assert_eq!(watched.seconds(), 7.0);
    assert_eq!(watched.file.state.faults().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_written_in_its_place_is_followed() {
    // As it has to be where a container has this one file mounted: another one in its place would
    // not be seen inside.
    let watched = Watched::with(Some(&timeout(7)));
    let following = tokio::spawn(follow(Arc::clone(&watched.file)));
    for seconds in [8, 9] {
        fs::write(&watched.file.path, timeout(seconds)).unwrap();
        watched.until(f64::from(seconds)).await;
    }
    following.abort();
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_folder_that_is_swapped_under_a_link_is_followed() {
    use std::os::unix::fs::symlink;

    // As Kubernetes mounts a ConfigMap: the file is a link into a folder that is a link, and a
    // change makes a new folder and moves the link to it.
    let mounted = tempfile::tempdir().unwrap();
    let at = |name: &str| mounted.path().join(name);
    let publish = |version: &str, text: &str| {
        fs::create_dir(at(version)).unwrap();
        fs::write(at(version).join("failsafe.yaml"), text).unwrap();
        symlink(version, at("..data_tmp")).unwrap();
        fs::rename(at("..data_tmp"), at("..data")).unwrap();
    };
    publish("..1", &timeout(7));
    symlink("..data/failsafe.yaml", at("failsafe.yaml")).unwrap();

    let watched = Watched::at(at("failsafe.yaml"));
    assert_eq!(watched.seconds(), 7.0);
    let following = tokio::spawn(follow(Arc::clone(&watched.file)));
    publish("..2", &timeout(8));
    fs::remove_dir_all(at("..1")).unwrap();
    watched.until(8.0).await;
    publish("..3", &timeout(9));
    watched.until(9.0).await;
    following.abort();
}
