//! One direction of a network, without the network: datagrams go in, and come out late, twice, in another order or never.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::impairment::Impairment;
use crate::random::Random;

/// Under way at once. A gigabit with a second of delay is 100,000 datagrams.
const CAPACITY: usize = 100_000;
/// What IPv4 and UDP add to a datagram on the wire.
const HEADERS: usize = 28;

/// What became of the datagrams.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    pub received: u64,
    pub sent: u64,
    pub sent_bytes: u64,
    pub lost: u64,
    /// By the queue in front of the rate.
    pub overflowed: u64,
    pub duplicated: u64,
    pub reordered: u64,
}

impl std::ops::AddAssign for Counters {
    fn add_assign(&mut self, other: Self) {
        self.received += other.received;
        self.sent += other.sent;
        self.sent_bytes += other.sent_bytes;
        self.lost += other.lost;
        self.overflowed += other.overflowed;
        self.duplicated += other.duplicated;
        self.reordered += other.reordered;
    }
}

/// A datagram is given to the link with its length and whatever tells where it goes.
pub struct Link<T> {
    impairment: Impairment,
    random: Random,
    bad: bool,
    /// When the rate has let everything through that came before.
    free_at: Option<Instant>,
    /// Nothing that is not reordered leaves before this.
    newest: Option<Instant>,
    /// By the time of leaving, then by the order of coming.
    waiting: BTreeMap<(Instant, u64), (usize, T)>,
    count: u64,
    counters: Counters,
}

impl<T: Clone> Link<T> {
    pub fn new(impairment: Impairment, seed: u64, stream: u64) -> Self {
        Self {
            impairment,
            random: Random::new(seed, stream),
            bad: false,
            free_at: None,
            newest: None,
            waiting: BTreeMap::new(),
            count: 0,
            counters: Counters::default(),
        }
    }

    /// For what comes from now on; what is under way arrives as it was.
    pub fn set(&mut self, impairment: Impairment) {
        self.impairment = impairment;
    }

    pub fn push(&mut self, now: Instant, len: usize, datagram: T) {
        self.counters.received += 1;
        let is_lost = self.loses();
        let is_late = self.random.percent(self.impairment.reorder);
        let is_double = self.random.percent(self.impairment.duplicate);
        let jitter = self.random.share() * self.impairment.jitter_ms;
        if is_lost {
            self.counters.lost += 1;
            return;
        }
        let Some(through) = self.through(now, len) else {
            self.counters.overflowed += 1;
            return;
        };
        let at = through + milliseconds(self.impairment.delay_ms + jitter);
        if is_double {
            self.counters.duplicated += 1;
            self.wait(at.max(self.newest.unwrap_or(at)), len, datagram.clone());
        }
        if is_late {
            self.counters.reordered += 1;
            self.wait(at + milliseconds(self.impairment.reorder_ms), len, datagram);
        } else {
            let at = at.max(self.newest.unwrap_or(at));
            self.newest = Some(at);
            self.wait(at, len, datagram);
        }
    }

    /// The next datagram whose time has come.
    pub fn pop(&mut self, now: Instant) -> Option<T> {
        let entry = self.waiting.first_entry()?;
        if entry.key().0 > now {
            return None;
        }
        let (len, datagram) = entry.remove();
        self.counters.sent += 1;
        self.counters.sent_bytes += len as u64;
        Some(datagram)
    }

    pub fn next(&self) -> Option<Instant> {
        self.waiting.first_key_value().map(|((at, _), _)| *at)
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }

    fn loses(&mut self) -> bool {
        let by_chance = self.random.percent(self.impairment.loss);
        let Some(bursts) = &self.impairment.bursts else { return by_chance };
        let change = if self.bad { bursts.end } else { bursts.begin };
        if self.random.percent(change) {
            self.bad = !self.bad;
        }
        let in_burst = self.random.percent(bursts.loss);
        by_chance || (self.bad && in_burst)
    }

    /// When the rate has let it through; `None`: the queue is full.
    fn through(&mut self, now: Instant, len: usize) -> Option<Instant> {
        let Some(kbit) = self.impairment.rate_kbit else { return Some(now) };
        let begin = self.free_at.map_or(now, |free| free.max(now));
        if begin - now > milliseconds(self.impairment.queue_ms) {
            return None;
        }
        let end = begin + milliseconds((len + HEADERS) as f64 * 8.0 / kbit);
        self.free_at = Some(end);
        Some(end)
    }

    fn wait(&mut self, at: Instant, len: usize, datagram: T) {
        if self.waiting.len() == CAPACITY {
            self.counters.overflowed += 1;
            return;
        }
        self.count += 1;
        self.waiting.insert((at, self.count), (len, datagram));
    }
}

fn milliseconds(ms: f64) -> Duration {
    Duration::from_secs_f64(ms / 1e3)
}
