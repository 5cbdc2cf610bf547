//! Medians and percentiles, and what the machine says of a process.

use std::time::Duration;

/// The middle one.
pub fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    at(&all, 0.5)
}

/// Many times of one thing.
#[derive(Debug, Default, Clone)]
pub struct Times(Vec<f64>);

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1000.0);
    }

    /// In milliseconds; `0.5` is the median.
    pub fn percentile(&self, part: f64) -> f64 {
        let mut all = self.0.clone();
        all.sort_by(f64::total_cmp);
        at(&all, part)
    }
}

/// The smallest value that so great a part does not exceed.
fn at(sorted: &[f64], part: f64) -> f64 {
    let n = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(n.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// Resident memory of a process now, in MB.
pub fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    kb.unwrap_or(f64::NAN) * 1024.0 / 1e6
}

/// Processor time a process has used, in seconds.
pub fn processor(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |n: usize| behind_name.split_whitespace().nth(n)?.parse::<f64>().ok();
    // Fields 14 and 15 of proc(5), in hundredths of a second on every Linux there is.
    ticks(11).zip(ticks(12)).map_or(f64::NAN, |(user, system)| (user + system) / 100.0)
}
