//! How much a peer can be sent: estimated at our end from its transport-wide feedback (GoogCC,
//! draft-ietf-rmcat-gcc-02, with what libwebrtc made of it since), or as the peer itself says (REMB). Without I/O and clock,
//! in bounded memory; nothing is allocated a packet.

mod acknowledged;
mod estimator;
mod groups;
mod history;
mod limited;
mod loss;
mod pacer;
mod probe_result;
mod prober;
mod rate_control;
#[cfg(test)]
mod tests;
mod trend;

use std::time::{Duration, Instant};

use crate::rtcp::TransportFeedback;
use estimator::Estimator;
use history::{History, Told};
pub(crate) use pacer::Pacer;
use prober::{Need, Prober};

/// Bits a second, of a path of which nothing is known.
const FIRST_ESTIMATE: f64 = 1_000_000.0;
/// Before one is measured.
const DEFAULT_ROUND_TRIP: Duration = Duration::from_millis(100);
/// What was last seen of a queue counts for so long.
const SILENCE_US: u64 = 1_000_000;
/// Reference times of feedback wrap (24 bits of 64 ms).
const ARRIVALS_WRAP_US: i64 = (1 << 24) * 64_000;

/// Of one transport with transport-wide feedback.
pub(crate) struct Congestion {
    epoch: Instant,
    history: History,
    estimator: Estimator,
    prober: Prober,
    /// Of the newest packet that was told of, unwrapped.
    last_arrival: Option<i64>,
    /// When the last feedback was read, in microseconds.
    told_at: u64,
    /// Bytes that were sent when the last feedback was read.
    sent: u64,
}

impl Congestion {
    pub fn new(now: Instant) -> Self {
        Self {
            epoch: now,
            history: History::new(),
            estimator: Estimator::new(FIRST_ESTIMATE),
            prober: Prober::default(),
            last_arrival: None,
            told_at: 0,
            sent: 0,
        }
    }

    /// Bits a second.
    pub fn estimate(&self) -> f64 {
        self.estimator.estimate()
    }

    /// Whether the path was seen to be full at least once. Before, the estimate is a lower bound.
    pub fn was_congested(&self) -> bool {
        self.estimator.was_congested()
    }

    /// Whether the peer has told of any packet.
    pub fn was_told(&self) -> bool {
        self.last_arrival.is_some()
    }

    /// For packets that leave now.
    pub fn stamp(&self, now: Instant) -> Stamp {
        Stamp { at: self.micros(now), cluster: self.prober.cluster() }
    }

    /// The transport-wide number of the next packet.
    pub fn number(&self) -> u16 {
        self.history.number()
    }

    /// The packet with that number left: `size` with the headers of RTP.
    pub fn sent(&mut self, stamp: Stamp, size: usize) {
        self.history.sent(stamp.at, size, stamp.cluster);
        if stamp.cluster != 0 {
            self.prober.sent(stamp.at, size);
        }
    }

    /// The peer told what arrived when. `demand`: bits a second that would be sent if there were no limit.
    pub fn feedback(
        &mut self,
        now: Instant,
        feedback: &TransportFeedback<'_>,
        round_trip: Option<Duration>,
        demand: f64,
    ) {
        let at = self.micros(now);
        if at > std::mem::replace(&mut self.told_at, at) + SILENCE_US {
            self.estimator.forget_queue();
        }
        let mut shift = None;
        for (number, arrival) in feedback.arrivals() {
            match self.history.told(at, number, arrival.is_some()) {
                Some(Told::Lost { size }) => self.estimator.lost(size),
                Some(Told::Arrived { packet, was_lost }) => {
                    let Some(arrival) = arrival else { continue };
                    let arrival = arrival + *shift.get_or_insert_with(|| shift_of(arrival, self.last_arrival));
                    self.last_arrival = Some(self.last_arrival.map_or(arrival, |last| last.max(arrival)));
                    self.estimator.arrived(at, &packet, arrival, was_lost);
                }
                None => {}
            }
        }
        let sent = self.history.bytes - std::mem::replace(&mut self.sent, self.history.bytes);
        let round_trip = round_trip.unwrap_or(DEFAULT_ROUND_TRIP).as_micros() as u64;
        if let Some((cluster, rate)) = self.estimator.conclude(at, sent, round_trip)
            && let Some((cluster, plan)) = self.prober.result(cluster, rate, &self.need(at, demand))
        {
            self.estimator.expect_probe(cluster, &plan);
        }
    }

    /// Bytes of padding to be sent now, to learn whether more than the estimate would arrive.
    pub fn probe(&mut self, now: Instant, demand: f64) -> usize {
        let at = self.micros(now);
        if let Some((cluster, plan)) = self.prober.consider(&self.need(at, demand)) {
            self.estimator.expect_probe(cluster, &plan);
        }
        self.prober.due(at)
    }

    pub fn is_probing(&self) -> bool {
        self.prober.cluster() != 0
    }

    /// There is nothing to send probes with.
    pub fn give_up_probing(&mut self, now: Instant) {
        self.prober.give_up(self.micros(now));
    }

    /// When to ask [`Self::probe`] again; `None`: not before something changes.
    pub fn next_probe(&self, now: Instant, demand: f64) -> Option<Instant> {
        let wanted = demand > self.estimate() || self.prober.cluster() != 0;
        wanted.then(|| self.epoch + Duration::from_micros(self.prober.next(self.micros(now))))
    }

    fn need(&self, now: u64, demand: f64) -> Need {
        Need {
            now,
            estimate: self.estimate(),
            demand,
            // When nothing is sent any more, nothing is told, and the queue is gone.
            normal: self.estimator.is_normal() || now > self.told_at + SILENCE_US,
            reduced_at: self.estimator.reduced_at(),
        }
    }

    fn micros(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.epoch);
        since.as_secs() * 1_000_000 + u64::from(since.subsec_micros())
    }
}

/// When a packet left, and the probe that it belongs to (0: none).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    at: u64,
    cluster: u8,
}

/// What is added to the arrivals of a feedback so that they go on where the last one was.
fn shift_of(arrival: i64, last: Option<i64>) -> i64 {
    let Some(last) = last else { return 0 };
    let ahead = (arrival - last).rem_euclid(ARRIVALS_WRAP_US);
    let ahead = if ahead > ARRIVALS_WRAP_US / 2 { ahead - ARRIVALS_WRAP_US } else { ahead };
    last + ahead - arrival
}
