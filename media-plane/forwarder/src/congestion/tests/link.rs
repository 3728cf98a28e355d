//! A path in virtual time: a link with a capacity and a queue, delay, jitter, loss; senders whose estimate decides what they
//! send, and receivers that answer as browsers do.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::congestion::Congestion;
use crate::rtcp::{FeedbackHeader, Packet, Packets, write_transport_feedback};

const STEP_US: u64 = 1_000;
const FRAME_US: u64 = 33_000;
const BURST_US: u64 = 5_000;
const FEEDBACK_US: u64 = 60_000;
const PACKET: usize = 1_200;
const PADDING: usize = 280;

pub struct Link {
    /// Bits a second.
    pub capacity: f64,
    /// What is to wait longer is dropped.
    pub queue_us: u64,
    /// One way, each way.
    pub delay_us: u64,
    pub jitter_us: u64,
    pub loss: f64,
    /// Part of the packets that jitter may carry before others.
    pub reordered: f64,
    pub feedback_loss: f64,
    pub random: Random,
    free_at: u64,
    last_out: u64,
}

pub struct Random(u64);

impl Random {
    /// 0 ≤ number < 1.
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Link {
    pub fn new(capacity: f64) -> Self {
        Self {
            capacity,
            queue_us: 300_000,
            delay_us: 25_000,
            jitter_us: 0,
            loss: 0.0,
            reordered: 0.0,
            feedback_loss: 0.0,
            random: Random(7),
            free_at: 0,
            last_out: 0,
        }
    }

    fn send(&mut self, now: u64, size: usize) -> Option<u64> {
        if self.random.next() < self.loss || self.free_at.saturating_sub(now) > self.queue_us {
            return None;
        }
        self.free_at = self.free_at.max(now) + (size as f64 * 8e6 / self.capacity) as u64;
        let out = self.free_at + self.delay_us + (self.random.next() * 2.0 * self.jitter_us as f64) as u64;
        if self.random.next() < self.reordered {
            return Some(out);
        }
        self.last_out = self.last_out.max(out);
        Some(self.last_out)
    }
}

pub struct Flow {
    pub congestion: Congestion,
    /// Bits a second that it would send.
    pub demand: f64,
    /// What is sent is not between these, but one of them.
    pub layers: Vec<f64>,
    pub starts_us: u64,
    /// Of its frames.
    phase_us: u64,
    /// The receiver's clock: set so far from ours, and faster by this part.
    pub clock: (u64, f64),
    pub received: u64,
    arrivals: BTreeMap<u64, u64>,
    /// By arrival: the packets' unwrapped numbers.
    flying: BTreeMap<(u64, u64), usize>,
    feedback: BTreeMap<u64, Vec<u8>>,
    feedback_count: u8,
    number: u64,
    told: u64,
    owed: f64,
}

impl Flow {
    pub fn new(start: Instant, demand: f64, phase_us: u64) -> Self {
        Self {
            congestion: Congestion::new(start),
            demand,
            layers: Vec::new(),
            starts_us: 0,
            phase_us,
            clock: (5_000_000_000, 0.0),
            received: 0,
            arrivals: BTreeMap::new(),
            flying: BTreeMap::new(),
            feedback: BTreeMap::new(),
            feedback_count: 0,
            number: 0,
            told: 0,
            owed: 0.0,
        }
    }

    fn rate(&self) -> f64 {
        let most = self.congestion.estimate().min(self.demand);
        if self.layers.is_empty() {
            return most;
        }
        self.layers.iter().copied().filter(|layer| *layer <= most).fold(0.0, f64::max)
    }

    fn send(&mut self, at: Instant, now: u64, size: usize, link: &mut Link) {
        let stamp = self.congestion.stamp(at);
        self.congestion.sent(stamp, size);
        if let Some(arrival) = link.send(now, size) {
            self.flying.insert((arrival, self.number), size);
        }
        self.number += 1;
    }

    fn step(&mut self, at: Instant, now: u64, link: &mut Link) {
        if (now + self.phase_us).is_multiple_of(FRAME_US) {
            self.owed += self.rate() / 8.0 * FRAME_US as f64 / 1e6;
            while self.owed >= 200.0 {
                let size = PACKET.min(self.owed as usize);
                self.send(at, now, size, link);
                self.owed -= size as f64;
            }
        }
        if now.is_multiple_of(BURST_US) {
            let mut due = self.congestion.probe(at, self.demand);
            while due > 0 {
                self.send(at, now, PADDING, link);
                due = due.saturating_sub(PADDING);
            }
        }
        while let Some(entry) = self.flying.first_entry()
            && entry.key().0 <= now
        {
            let ((arrival, number), size) = entry.remove_entry();
            self.received += size as u64;
            let drifted = arrival + (arrival as f64 * self.clock.1) as u64;
            self.arrivals.insert(number, self.clock.0 + drifted);
        }
        if now.is_multiple_of(FEEDBACK_US) {
            self.answer(now, link);
        }
        while let Some(entry) = self.feedback.first_entry()
            && *entry.key() <= now
        {
            let compound = entry.remove();
            for packet in Packets::new(&compound) {
                if let Packet::TransportFeedback(feedback) = packet.expect("sound") {
                    let round_trip = Duration::from_micros(2 * link.delay_us);
                    self.congestion.feedback(at, &feedback, Some(round_trip), self.demand);
                }
            }
        }
    }

    /// All that came since the last answer, and what of that is missing.
    fn answer(&mut self, now: u64, link: &mut Link) {
        let (Some((first, _)), Some((last, _))) = (self.arrivals.first_key_value(), self.arrivals.last_key_value())
        else {
            return;
        };
        let mut base = (*first).min(self.told);
        let arrivals: Vec<_> = (base..=*last).map(|number| self.arrivals.get(&number).copied()).collect();
        self.told = self.told.max(*last + 1);
        self.arrivals.clear();
        let mut rest = arrivals.as_slice();
        let mut compound = Vec::new();
        while !rest.is_empty() {
            let header = FeedbackHeader {
                sender_ssrc: 1,
                media_ssrc: 2,
                feedback_count: self.feedback_count,
                base_sequence: base as u16,
            };
            let told = write_transport_feedback(&mut compound, &header, rest);
            if told == 0 {
                break;
            }
            self.feedback_count = self.feedback_count.wrapping_add(1);
            (base, rest) = (base + told as u64, &rest[told..]);
        }
        if link.random.next() >= link.feedback_loss {
            self.feedback.insert(now + link.delay_us, compound);
        }
    }
}

pub struct Path {
    pub link: Link,
    pub flows: Vec<Flow>,
    pub now_us: u64,
    start: Instant,
}

impl Path {
    pub fn new(link: Link, demands: &[f64]) -> Self {
        let start = Instant::now();
        let flows = demands.iter().zip(0..).map(|(demand, at)| Flow::new(start, *demand, at * 13_000)).collect();
        Self { link, flows, now_us: 0, start }
    }

    /// The first flow's estimate every 100 ms, in bits a second.
    pub fn run(&mut self, seconds: f64) -> Vec<f64> {
        let end = self.now_us + (seconds * 1e6) as u64;
        let mut estimates = Vec::new();
        while self.now_us < end {
            let at = self.start + Duration::from_micros(self.now_us);
            for flow in self.flows.iter_mut().filter(|flow| flow.starts_us <= self.now_us) {
                flow.step(at, self.now_us, &mut self.link);
            }
            if self.now_us.is_multiple_of(100_000) {
                estimates.push(self.flows[0].congestion.estimate());
            }
            self.now_us += STEP_US;
        }
        estimates
    }

    /// How long the link's queue is now, in milliseconds.
    pub fn queue_ms(&self) -> f64 {
        self.link.free_at.saturating_sub(self.now_us) as f64 / 1e3
    }

    /// Bits a second that the flow received while running.
    pub fn throughput(&mut self, flow: usize, seconds: f64) -> f64 {
        let before = self.flows[flow].received;
        self.run(seconds);
        (self.flows[flow].received - before) as f64 * 8.0 / seconds
    }
}
