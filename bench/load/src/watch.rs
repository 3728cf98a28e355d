//! What another process of this machine costs, from /proc.

use std::collections::BTreeMap;
use std::fs;

use serde::Serialize;

/// Seconds of CPU since the process began.
#[derive(Debug, Clone, Serialize)]
pub struct Cpu {
    pub process: f64,
    /// By name; threads of the same name together.
    pub threads: BTreeMap<String, f64>,
}

impl Cpu {
    /// Of running threads, to the nanosecond. (`/proc/PID/stat` counts ended ones too, but in hundredths of a second; the
    /// threads of a measurement neither begin nor end during it.)
    pub fn of(pid: u32) -> Result<Self, String> {
        let tasks = format!("/proc/{pid}/task");
        let entries = fs::read_dir(&tasks).map_err(|error| format!("process {pid} cannot be watched: {error}"))?;
        let mut cpu = Cpu { process: 0.0, threads: BTreeMap::new() };
        for entry in entries.flatten() {
            let file = |name| fs::read_to_string(entry.path().join(name)).ok();
            let (Some(name), Some(times)) = (file("comm"), file("schedstat")) else { continue }; // it ended just now
            let nanoseconds: u64 = times.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0);
            let seconds = nanoseconds as f64 / 1e9;
            cpu.process += seconds;
            *cpu.threads.entry(name.trim().to_owned()).or_default() += seconds;
        }
        Ok(cpu)
    }

    pub fn since(&self, before: &Cpu) -> Cpu {
        let before_of = |name: &String| before.threads.get(name).copied().unwrap_or(0.0);
        Cpu {
            process: self.process - before.process,
            threads: self.threads.iter().map(|(name, &now)| (name.clone(), now - before_of(name))).collect(),
        }
    }
}

/// Resident bytes.
pub fn rss(pid: u32) -> Result<u64, String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS in /proc")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().map_err(|_| "VmRSS is no number")?;
    Ok(kilobytes * 1024)
}
