use std::fs;
use std::ops::Deref;
use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A folder of its own for a test, with these files in it.
fn files(name: &str, files: &[(&str, &str)]) -> Folder {
    let root = std::env::temp_dir().join(format!("failsafe-load-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    for (path, text) in files {
        write(&root, path, text);
    }
    Folder(root)
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder of its own");
    fs::write(path, text).expect("a file of its own");
}

const MEMINFO: &str = "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB\n";

fn stat(busy: u32, idle: u32) -> String {
    format!("cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 1 0 0 1 0 0 0 0 0 0\n")
}

#[test]
fn without_limits_it_is_the_whole_system() {
    let root = files(
        "all",
        &[
            ("proc/meminfo", MEMINFO),
            ("proc/stat", &stat(100, 100)),
            ("proc/self/cgroup", "0::/\n"),
        ],
    );
    let system = SystemLoad::by_hand(&*root);
    system.sample();
    assert_eq!((system.memory(), system.cpu()), (Some(60.0), None));
    write(&root, "proc/stat", &stat(130, 110));
    system.sample();
    assert_eq!(system.cpu(), Some(75.0));
    assert_eq!(system.errors(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_tightest_limit_of_a_container_counts() {
    let root = files(
        "v2",
        &[
            ("proc/meminfo", MEMINFO),
            ("proc/stat", &stat(100, 100)),
            ("proc/self/cgroup", "0::/pod/app\n"),
            // The pod: two processors, half of the memory. The app: no limit of its own.
            ("sys/fs/cgroup/pod/cpu.max", "200000 100000\n"),
            (
                "sys/fs/cgroup/pod/cpu.stat",
                "usage_usec 1000000\nuser_usec 1\n",
            ),
            ("sys/fs/cgroup/pod/memory.max", "512000\n"),
            ("sys/fs/cgroup/pod/memory.current", "384000\n"),
            (
                "sys/fs/cgroup/pod/memory.stat",
                "anon 1\ninactive_file 128000\n",
            ),
            ("sys/fs/cgroup/pod/app/cpu.max", "max 100000\n"),
            ("sys/fs/cgroup/pod/app/memory.max", "max\n"),
        ],
    );
    let system = SystemLoad::by_hand(&*root);
    system.sample();
    assert_eq!((system.memory(), system.cpu()), (Some(50.0), None));
    tokio::time::advance(Duration::from_secs(1)).await;
    write(&root, "sys/fs/cgroup/pod/cpu.stat", "usage_usec 1500000\n");
    system.sample();
    assert_eq!(system.cpu(), Some(25.0));
    // A limit of one processor further down is the tighter one. Its time is not that of the pod,
    // so there is nothing to compare with yet.
    write(&root, "sys/fs/cgroup/pod/app/cpu.max", "100000 100000\n");
    write(&root, "sys/fs/cgroup/pod/app/cpu.stat", "usage_usec 7\n");
    tokio::time::advance(Duration::from_secs(1)).await;
    system.sample();
    assert_eq!(system.cpu(), None);
    tokio::time::advance(Duration::from_secs(1)).await;
    write(
        &root,
        "sys/fs/cgroup/pod/app/cpu.stat",
        "usage_usec 900007\n",
    );
    system.sample();
    assert_eq!(system.cpu(), Some(90.0));
}

#[tokio::test(start_paused = true)]
async fn the_older_hierarchy_is_understood() {
    // As a container sees it: the path is that of the host, and its own group is the root.
    let root = files(
        "v1",
        &[
            ("proc/meminfo", MEMINFO),
            (
                "proc/self/cgroup",
                "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n",
            ),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "512000\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "460800\n"),
            (
                "sys/fs/cgroup/memory/memory.stat",
                "total_inactive_file 51200\n",
            ),
            ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n"),
            ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
            ("sys/fs/cgroup/cpu/cpu.stat", "nr_periods 1\n"),
            ("sys/fs/cgroup/cpuacct/cpuacct.usage", "1000000000\n"),
        ],
    );
    let system = SystemLoad::by_hand(&*root);
    system.sample();
    assert_eq!(system.memory(), Some(80.0));
    tokio::time::advance(Duration::from_secs(2)).await;
    write(&root, "sys/fs/cgroup/cpuacct/cpuacct.usage", "1600000000\n");
    system.sample();
    assert_eq!(system.cpu(), Some(60.0));
    assert_eq!(system.errors(), 0);
    // Numbers that mean that there is no limit.
    write(
        &root,
        "sys/fs/cgroup/memory/memory.limit_in_bytes",
        "9223372036854771712\n",
    );
    write(&root, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    write(&root, "proc/stat", &stat(1, 1));
    system.sample();
    assert_eq!((system.memory(), system.cpu()), (Some(60.0), None));
}

#[test]
fn what_cannot_be_read_is_not_known_and_counted() {
    let root = files(
        "broken",
        &[("proc/meminfo", MEMINFO), ("proc/stat", &stat(1, 1))],
    );
    let system = SystemLoad::by_hand(&*root);
    system.sample();
    assert!(system.memory().is_some());
    for text in ["", "cpu\n", "cpu 1 2 3\n", "cpu a b c d e f g h\n"] {
        write(&root, "proc/stat", text);
        write(&root, "proc/meminfo", text);
        let before = system.errors();
        system.sample();
        assert_eq!((system.cpu(), system.memory()), (None, None), "{text:?}");
        assert_eq!(system.errors(), before + 2, "{text:?}");
    }
    assert!(!system.cpu_reaches(1) && !system.memory_reaches(1));
}

#[test]
#[cfg(target_os = "linux")]
fn one_thread_samples_while_somebody_watches() {
    fn wait_until(condition: impl Fn() -> bool) {
        let started = Instant::now();
        while !condition() {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "it takes for ever"
            );
            std::thread::yield_now();
        }
    }
    let root = files(
        "watched",
        &[("proc/meminfo", MEMINFO), ("proc/stat", &stat(1, 1))],
    );
    let system = SystemLoad::new(root.to_owned(), true);
    let first = system.watch();
    let second = system.watch();
    wait_until(|| system.memory().is_some());
    drop(first);
    assert!(system.watched().has_thread);
    drop(second);
    wait_until(|| !system.watched().has_thread);
    assert_eq!(system.memory(), None, "nobody measures it");
    let _third = system.watch();
    wait_until(|| system.memory().is_some());
}

#[test]
fn this_very_system_can_be_read() {
    if cfg!(target_os = "linux") {
        let mut source = read::Source::new(PathBuf::from("/"));
        let memory = source.memory().expect("it is Linux");
        assert!((0.0..=100.0).contains(&memory));
        source.cpu(1).expect("it is Linux");
    }
}

proptest! {
    /// Whatever the files say, a share is a share.
    #[test]
    fn no_text_leads_out_of_range(
        meminfo in "(MemTotal|MemAvailable|x)?:? ?[0-9e.-]{0,25}( kB)?\n?",
        group in "[0-9:a-z,/.]{0,40}",
        limit in "(max|-1|[0-9]{0,25})( [0-9]{0,9})?",
        used in "[0-9-]{0,25}",
    ) {
        let root = files("any", &[
            ("proc/meminfo", &format!("{MEMINFO}{meminfo}")),
            ("proc/stat", &stat(5, 5)),
            ("proc/self/cgroup", &group),
            ("sys/fs/cgroup/memory.max", &limit),
            ("sys/fs/cgroup/memory.current", &used),
            ("sys/fs/cgroup/cpu.max", &limit),
            ("sys/fs/cgroup/cpu.stat", &format!("usage_usec {used}\n")),
        ]);
        let system = SystemLoad::by_hand(&*root);
        for _ in 0..2 {
            system.sample();
            for percent in [system.cpu(), system.memory()].into_iter().flatten() {
                prop_assert!((0.0..=100.0).contains(&percent));
            }
        }
    }
}
