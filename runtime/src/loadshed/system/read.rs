//! Reads the kernel's files.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::{Path, PathBuf};

use super::cgroup::{Groups, groups};

/// No file that is read here is longer, up to the part that matters.
const LONGEST: u64 = 64 * 1024;

/// Where the numbers come from, and the last of those that only grow.
#[derive(Debug)]
pub(super) struct Source {
    root: PathBuf,
    last: Option<CpuTime>,
}

/// Processor time that was used up to a moment.
#[derive(Clone, Debug, PartialEq)]
struct CpuTime {
    /// The group that it was counted for; `None` is the whole system.
    of: Option<PathBuf>,
    used: f64,
    /// The time that one processor could have worked, in the same unit.
    could: f64,
    processors: f64,
}

impl Source {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, last: None }
    }

    /// The share of memory that is used, in percent: of the tightest limit, or of all there is.
    /// What the kernel can give up at once does not count.
    ///
    /// # Errors
    ///
    /// When a file that should be there cannot be read or understood.
    pub(super) fn memory(&self) -> Result<f64> {
        let info = self.text("proc/meminfo")?;
        let info = |key| value(&info, key).ok_or_else(|| unreadable("meminfo"));
        // In KiB.
        let (total, available) = (info("MemTotal:")?, info("MemAvailable:")?);
        let total_bytes = total * 1024.0;
        let mut highest = None;
        let (folders, limit, used, inactive) = match self.groups("memory") {
            Groups::V2(folders) => (folders, "memory.max", "memory.current", "inactive_file"),
            Groups::V1(folders) => (
                folders,
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
                "total_inactive_file",
            ),
        };
        for folder in folders {
            // "max", and in the older hierarchy a number beyond all memory: there is no limit.
            let limit = read(&folder.join(limit)).ok();
            let limit = limit.and_then(|text| number(&text));
            let Some(limit) = limit.filter(|limit| (0.0..total_bytes).contains(limit)) else {
                continue;
            };
            let used = number(&read(&folder.join(used))?).ok_or_else(|| unreadable(used))?;
            let stat = read(&folder.join("memory.stat")).unwrap_or_default();
            let used = (used - value(&stat, inactive).unwrap_or(0.0)).max(0.0);
            highest = Some(share(used, limit).max(highest.unwrap_or(0.0)));
        }
        Ok(highest.unwrap_or_else(|| share(total - available, total)))
    }

    /// The share of processor time that was used since it was last asked, in percent: of the
    /// tightest limit, or of all there is. `None` when there is nothing to compare with.
    ///
    /// # Errors
    ///
    /// When a file that should be there cannot be read or understood.
    pub(super) fn cpu(&mut self, now_micros: u64) -> Result<Option<f64>> {
        let time = self.cpu_time(now_micros);
        let last = std::mem::replace(&mut self.last, time.as_ref().ok().cloned());
        let time = time?;
        let Some(last) = last.filter(|last| last.of == time.of) else {
            return Ok(None);
        };
        let could = (time.could - last.could) * time.processors;
        Ok((could > 0.0).then(|| share((time.used - last.used).max(0.0), could)))
    }

    fn cpu_time(&self, now_micros: u64) -> Result<CpuTime> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "2^53 microseconds are 285 years"
        )]
        let now = now_micros as f64;
        let tightest = match self.groups("cpu") {
            Groups::V2(folders) => tightest(folders, |folder| {
                let text = read(&folder.join("cpu.max")).ok()?;
                let (quota, period) = text.trim().split_once(' ')?;
                Some((number(quota)?, number(period)?))
            }),
            Groups::V1(folders) => tightest(folders, |folder| {
                let quota = number(&read(&folder.join("cpu.cfs_quota_us")).ok()?)?;
                let period = number(&read(&folder.join("cpu.cfs_period_us")).ok()?)?;
                Some((quota, period))
            }),
        };
        let Some((folder, processors)) = tightest else {
            return self.cpu_time_of_all();
        };
        let used = match read(&folder.join("cpu.stat")) {
            Ok(stat) if value(&stat, "usage_usec").is_some() => value(&stat, "usage_usec"),
            // In the older hierarchy another controller counts it, in nanoseconds.
            _ => {
                let own = self.groups("cpuacct");
                let folder = match (&own, depth(&self.root, &folder)) {
                    (Groups::V1(folders), Some(depth)) => folders.iter().rev().nth(depth),
                    _ => None,
                };
                let usage = folder.map(|folder| read(&folder.join("cpuacct.usage")));
                number(&usage.transpose()?.unwrap_or_default()).map(|nanos| nanos / 1000.0)
            }
        };
        Ok(CpuTime {
            of: Some(folder),
            used: used.ok_or_else(|| unreadable("cpu.stat"))?,
            could: now,
            processors,
        })
    }

    /// Of the whole system. The kernel counts the time of all processors, used or not.
    fn cpu_time_of_all(&self) -> Result<CpuTime> {
        let stat = self.text("proc/stat")?;
        let line = stat.lines().next().unwrap_or_default();
        let times: Vec<f64> = line.split_ascii_whitespace().filter_map(number).collect();
        // user, nice, system, idle, iowait, irq, softirq, steal; what follows is part of user.
        let times = times.get(..8).ok_or_else(|| unreadable("stat"))?;
        let all: f64 = times.iter().sum();
        Ok(CpuTime {
            of: None,
            used: all - times[3] - times[4],
            could: all,
            processors: 1.0,
        })
    }

    fn groups(&self, controller: &str) -> Groups {
        let text = self.text("proc/self/cgroup").unwrap_or_default();
        groups(&self.root, &text, controller)
    }

    fn text(&self, path: &str) -> Result<String> {
        read(&self.root.join(path))
    }
}

/// The group with the fewest processors, and how many these are.
fn tightest(
    folders: Vec<PathBuf>,
    quota_and_period: impl Fn(&Path) -> Option<(f64, f64)>,
) -> Option<(PathBuf, f64)> {
    folders
        .into_iter()
        .filter_map(|folder| {
            // A quota of -1 or "max" is none.
            let (quota, period) = quota_and_period(&folder)?;
            (quota > 0.0 && period > 0.0).then(|| (folder, quota / period))
        })
        .min_by(|one, other| one.1.total_cmp(&other.1))
}

/// How deep a group is below the root of its hierarchy.
fn depth(root: &Path, folder: &Path) -> Option<usize> {
    let below = folder.strip_prefix(root.join("sys/fs/cgroup")).ok()?;
    below.components().count().checked_sub(1)
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        (part / whole * 100.0).clamp(0.0, 100.0)
    } else {
        100.0
    }
}

/// The number after this key, at the beginning of a line.
fn value(text: &str, key: &str) -> Option<f64> {
    text.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        (words.next() == Some(key)).then(|| words.next().and_then(number))?
    })
}

fn number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

fn unreadable(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("cannot read {what}"))
}

fn read(path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
