//! The delay-based rate: up while no queue grows, down when one does (draft-ietf-rmcat-gcc-02, 5.5).

use super::trend::Usage;

const BACK_OFF: f64 = 0.85;
/// If little was sent, what arrived is no measure of the capacity.
const BACK_OFF_LIMITED: f64 = 0.6;
/// Nor is it for so long after a probe: what it allowed is not sent yet.
const PROBED_US: u64 = 500_000;
/// A second, far from the link's capacity.
const GROWTH: f64 = 1.08;
/// Never far above what was shown to arrive.
const ABOVE_ACKNOWLEDGED: f64 = 1.5;
const ABOVE_ACKNOWLEDGED_BITS: f64 = 10_000.0;
/// Near the capacity: about a packet of a frame in a response time.
const FRAMES_A_SECOND: f64 = 30.0;
const PACKET_BITS: f64 = 9_600.0;
const MIN_INCREASE: f64 = 4_000.0;
/// Reductions are at least a round trip apart, so that each sees what the one before did.
const REDUCTION_US: (u64, u64) = (10_000, 200_000);
pub(super) const MIN_RATE: f64 = 30_000.0;
pub(super) const MAX_RATE: f64 = 1_000_000_000.0;

#[derive(Debug)]
pub(super) struct RateControl {
    rate: f64,
    state: State,
    capacity: Capacity,
    updated_at: Option<u64>,
    reduced_at: Option<u64>,
    probed_at: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Hold,
    Increase,
}

/// What is known when a feedback was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// Microseconds.
    pub now: u64,
    pub usage: Usage,
    /// Bits a second.
    pub acknowledged: Option<f64>,
    pub round_trip_us: u64,
    /// More could be sent than there is.
    pub limited: bool,
}

impl RateControl {
    pub fn new(rate: f64) -> Self {
        Self {
            rate,
            state: State::Hold,
            capacity: Capacity::default(),
            updated_at: None,
            reduced_at: None,
            probed_at: None,
        }
    }

    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Another source knows better: a probe, or what arrived.
    pub fn set(&mut self, rate: f64) {
        self.rate = rate.clamp(MIN_RATE, MAX_RATE);
    }

    /// A probe that arrived in whole speaks of the capacity too.
    pub fn probed(&mut self, now: u64, rate: f64) {
        self.probed_at = Some(now);
        self.set(rate);
        self.capacity.probed(rate);
    }

    pub fn reduced_at(&self) -> Option<u64> {
        self.reduced_at
    }

    /// True: the rate was reduced.
    pub fn update(&mut self, seen: &Seen) -> bool {
        let elapsed = self.updated_at.map_or(0, |at| seen.now.saturating_sub(at));
        self.updated_at = Some(seen.now);
        match (seen.usage, self.state) {
            (Usage::Over, _) => {
                self.state = State::Hold;
                return self.may_reduce(seen) && self.reduce(seen);
            }
            (Usage::Under, _) => self.state = State::Hold,
            (Usage::Normal, _) => self.state = State::Increase,
        }
        if self.state == State::Increase {
            self.increase(seen, elapsed);
        }
        false
    }

    fn increase(&mut self, seen: &Seen, elapsed: u64) {
        // Without a rate that arrived, or with less sent than allowed, growth would rest on nothing.
        let Some(acknowledged) = seen.acknowledged else { return };
        self.capacity.surpassed(acknowledged);
        let limit = ABOVE_ACKNOWLEDGED * acknowledged + ABOVE_ACKNOWLEDGED_BITS;
        if self.rate >= limit {
            return;
        }
        let seconds = (elapsed as f64 / 1e6).min(1.0);
        let increased = if self.capacity.estimate.is_some() {
            self.rate + self.additive(seen.round_trip_us) * seconds
        } else {
            self.rate * GROWTH.powf(seconds)
        };
        self.set(increased.min(limit).max(self.rate));
    }

    /// Bits a second, a second.
    fn additive(&self, round_trip_us: u64) -> f64 {
        let response = 2.0 * (round_trip_us as f64 / 1e6 + 0.1);
        let frame = self.rate / FRAMES_A_SECOND;
        let packet = frame / (frame / PACKET_BITS).ceil().max(1.0);
        (packet / response).max(MIN_INCREASE)
    }

    fn may_reduce(&self, seen: &Seen) -> bool {
        let interval = seen.round_trip_us.clamp(REDUCTION_US.0, REDUCTION_US.1);
        let long_ago = self.reduced_at.is_none_or(|at| seen.now.saturating_sub(at) >= interval);
        long_ago || seen.acknowledged.is_some_and(|acknowledged| acknowledged < self.rate / 2.0)
    }

    fn reduce(&mut self, seen: &Seen) -> bool {
        let acknowledged = seen.acknowledged.unwrap_or(self.rate);
        let mut reduced = BACK_OFF * acknowledged;
        if self.probed_at.is_some_and(|at| seen.now.saturating_sub(at) < PROBED_US) {
            reduced = reduced.max(BACK_OFF * self.rate);
        } else if seen.limited {
            reduced = reduced.max(BACK_OFF_LIMITED * self.rate);
        }
        if reduced > self.rate
            && let Some(capacity) = self.capacity.estimate
        {
            reduced = BACK_OFF * capacity;
        }
        self.capacity.overused(acknowledged);
        self.reduced_at = Some(seen.now);
        if reduced < self.rate {
            self.set(reduced);
        }
        true
    }
}

/// Where over-use happened the last times, in kbit/s, and how much that varies.
#[derive(Debug)]
struct Capacity {
    estimate: Option<f64>,
    deviation: f64,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { estimate: None, deviation: 0.4 }
    }
}

impl Capacity {
    fn overused(&mut self, acknowledged: f64) {
        if self.estimate.is_some_and(|estimate| acknowledged < estimate - self.spread(estimate)) {
            self.estimate = None;
        }
        self.learn(acknowledged, 0.05);
    }

    fn probed(&mut self, rate: f64) {
        if self.estimate.is_some() {
            self.learn(rate, 0.5);
        }
    }

    /// More than the capacity arrived: it is another one.
    fn surpassed(&mut self, acknowledged: f64) {
        if self.estimate.is_some_and(|estimate| acknowledged > estimate + self.spread(estimate)) {
            self.estimate = None;
        }
    }

    fn learn(&mut self, rate: f64, weight: f64) {
        let estimate = self.estimate.map_or(rate, |estimate| (1.0 - weight) * estimate + weight * rate);
        self.estimate = Some(estimate);
        let (estimate, error) = (estimate / 1e3, (estimate - rate) / 1e3);
        let deviation = error * error / estimate.max(1.0);
        self.deviation = ((1.0 - weight) * self.deviation + weight * deviation).clamp(0.4, 2.5);
    }

    fn spread(&self, estimate: f64) -> f64 {
        3.0 * (self.deviation * estimate / 1e3).sqrt() * 1e3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(now: u64, usage: Usage, acknowledged: f64) -> Seen {
        Seen { now, usage, acknowledged: Some(acknowledged), round_trip_us: 100_000, limited: false }
    }

    #[test]
    fn it_grows_by_a_twelfth_a_second_but_not_far_above_what_arrives() {
        let mut control = RateControl::new(1e6);
        for step in 0..=100 {
            control.update(&seen(step * 100_000, Usage::Normal, control.rate()));
        }
        assert!((control.rate() / 1e6 / GROWTH.powi(10) - 1.0).abs() < 0.01, "{}", control.rate());
        let mut control = RateControl::new(1e6);
        for step in 0..1_000 {
            control.update(&seen(step * 100_000, Usage::Normal, 1e6));
        }
        assert!((control.rate() - 1.51e6).abs() < 1.0);
    }

    #[test]
    fn near_the_capacity_it_creeps() {
        let mut control = RateControl::new(1e6);
        control.update(&seen(0, Usage::Over, 1e6));
        assert!((control.rate() - 8.5e5).abs() < 1.0);
        for step in 1..=10 {
            control.update(&seen(step * 100_000, Usage::Normal, control.rate()));
        }
        let gained = control.rate() - 8.5e5;
        assert!((MIN_INCREASE..60_000.0).contains(&gained), "{gained}");
    }

    #[test]
    fn one_over_use_reduces_once_a_round_trip() {
        let mut control = RateControl::new(1e6);
        assert!(control.update(&seen(0, Usage::Over, 9e5)));
        assert!(!control.update(&seen(50_000, Usage::Over, 6e5)));
        assert!(control.update(&seen(100_000, Usage::Over, 6e5)));
        assert!((control.rate() - 5.1e5).abs() < 1.0);
    }
}
