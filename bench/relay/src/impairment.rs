//! What is wrong with one direction of a network.

use serde::{Deserialize, Serialize};

/// Milliseconds, kilobits per second, percent. The default is a perfect network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Impairment {
    /// Absent: as fast as the machine.
    pub rate_kbit: Option<f64>,
    /// A datagram that would wait longer for the rate is dropped, as by the full queue of a router.
    pub queue_ms: f64,
    pub delay_ms: f64,
    /// Up to so much more delay, evenly spread. It alone reorders nothing.
    pub jitter_ms: f64,
    pub loss: f64,
    pub bursts: Option<Bursts>,
    /// Of the datagrams, held back by `reorder_ms` while others overtake them.
    pub reorder: f64,
    pub reorder_ms: f64,
    pub duplicate: f64,
}

/// The Gilbert–Elliott model: a good state, a bad one in which datagrams are lost, and the chance of each datagram to
/// change the state. Bursts are 100/`end` datagrams long on average.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bursts {
    pub begin: f64,
    pub end: f64,
    pub loss: f64,
}

impl Default for Impairment {
    fn default() -> Self {
        Self {
            rate_kbit: None,
            queue_ms: 200.0,
            delay_ms: 0.0,
            jitter_ms: 0.0,
            loss: 0.0,
            bursts: None,
            reorder: 0.0,
            reorder_ms: 10.0,
            duplicate: 0.0,
        }
    }
}

impl Impairment {
    /// What of it no network has.
    pub fn check(&self) -> Result<(), String> {
        let percents = [self.loss, self.reorder, self.duplicate];
        let bursts = self.bursts.iter().flat_map(|bursts| [bursts.begin, bursts.end, bursts.loss]);
        if percents.into_iter().chain(bursts).any(|percent| !(0.0..=100.0).contains(&percent)) {
            return Err("loss, reorder, duplicate and those of bursts are percentages, from 0 to 100".into());
        }
        let times = [self.queue_ms, self.delay_ms, self.jitter_ms, self.reorder_ms];
        if times.into_iter().any(|ms| !(0.0..=60_000.0).contains(&ms)) {
            return Err("queueMs, delayMs, jitterMs and reorderMs are from 0 to 60000".into());
        }
        if self.rate_kbit.is_some_and(|kbit| !(1.0..=100_000_000.0).contains(&kbit)) {
            return Err("rateKbit is from 1 to 100000000".into());
        }
        Ok(())
    }
}
