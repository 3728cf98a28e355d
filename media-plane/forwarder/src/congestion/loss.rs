//! The loss-based rate: which capacity explains best the losses of the last seconds, beside a loss that the network has
//! at any rate (as libwebrtc's second loss-based estimator). So a radio that loses 5 % whatever is sent keeps its rate, and
//! a link that loses what is too much does not.

/// Observations that count, newer ones more.
const WINDOW: usize = 16;
const WEIGHT: f64 = 0.9;
/// An observation spans at least so much time and so many packets.
const SPAN_US: u64 = 250_000;
const MIN_PACKETS: f64 = 10.0;
/// Capacities that are tried: a little more, the same, a little less than before.
const CANDIDATES: [f64; 3] = [1.02, 1.0, 0.95];
/// The loss that a network may have at any rate: at least, and at most (less on a fast link, where little loss is the
/// rule).
const MIN_INHERENT: f64 = 0.001;
const INHERENT_OFFSET: f64 = 0.05;
const INHERENT_BALANCE: f64 = 100_000.0;
/// Of two capacities that explain equally well the higher, but not where much is lost.
const PREFERENCE: f64 = 0.0002;
const LOG_PREFERENCE: f64 = 0.02;
const MUCH: f64 = 0.2;
/// After a reduction it rises at most by this in such a time.
const RISE: f64 = 1.3;
const RISE_US: u64 = 300_000;
/// It never falls below this part of what arrived.
const FLOOR: f64 = 0.9;

#[derive(Debug, Default)]
pub(super) struct LossBased {
    observations: [Observation; WINDOW],
    count: usize,
    current: Observation,
    began_at: Option<u64>,
    /// Bits a second; `None`: losses limit nothing.
    limit: Option<f64>,
    inherent: f64,
    risen: (u64, f64),
}

#[derive(Debug, Clone, Copy, Default)]
struct Observation {
    packets: f64,
    lost: f64,
    bytes: f64,
    /// Bits a second that were sent.
    rate: f64,
}

impl LossBased {
    pub fn limit(&self) -> Option<f64> {
        self.limit
    }

    pub fn arrived(&mut self, size: u16, was_lost: bool) {
        self.current.packets += if was_lost { 0.0 } else { 1.0 };
        self.current.lost -= if was_lost { 1.0 } else { 0.0 };
        self.current.bytes += if was_lost { 0.0 } else { f64::from(size) };
    }

    pub fn lost(&mut self, size: u16) {
        self.current.packets += 1.0;
        self.current.lost += 1.0;
        self.current.bytes += f64::from(size);
    }

    /// A feedback was read. `delay_based`: the other half's rate.
    pub fn update(&mut self, now: u64, delay_based: f64, acknowledged: Option<f64>) {
        let began_at = *self.began_at.get_or_insert(now);
        let span = now.saturating_sub(began_at);
        if span < SPAN_US || self.current.packets < MIN_PACKETS {
            return;
        }
        let mut observation = std::mem::take(&mut self.current);
        observation.lost = observation.lost.max(0.0);
        observation.rate = observation.bytes * 8e6 / span as f64;
        self.observations[self.count % WINDOW] = observation;
        self.count += 1;
        self.began_at = Some(now);
        self.decide(now, delay_based, acknowledged);
    }

    fn decide(&mut self, now: u64, delay_based: f64, acknowledged: Option<f64>) {
        let average = self.average();
        if average == 0.0 && self.limit.is_none() {
            self.inherent = MIN_INHERENT;
            return;
        }
        let before = self.limit.unwrap_or(delay_based).min(delay_based);
        let tried = CANDIDATES.iter().map(|factor| factor * before);
        let tried = tried.chain(acknowledged).chain([delay_based]);
        let mut best = (f64::NEG_INFINITY, before, self.inherent);
        for capacity in tried {
            let capacity = capacity.min(delay_based);
            let inherent = self.inherent_at(capacity, average);
            let value = self.explains(capacity, inherent, average);
            if value > best.0 {
                best = (value, capacity, inherent);
            }
        }
        let (_, mut capacity, inherent) = best;
        // Losses that the network's own do not explain are no time to rise.
        if capacity > before && inherent < average * 0.9 {
            capacity = before;
        }
        self.inherent = inherent;
        capacity = capacity.min(bound_at(average));
        if let Some(acknowledged) = acknowledged {
            capacity = capacity.max((FLOOR * acknowledged).min(before));
        }
        if self.limit.is_some() {
            if now.saturating_sub(self.risen.0) >= RISE_US {
                self.risen = (now, before);
            }
            capacity = capacity.min(RISE * self.risen.1);
        } else {
            self.risen = (now, capacity);
        }
        self.limit = (capacity < delay_based).then_some(capacity);
    }

    fn kept(&self) -> impl Iterator<Item = (f64, &Observation)> {
        let newest = self.count;
        (1..=newest.min(WINDOW)).scan(1.0, move |weight, age| {
            let this = *weight;
            *weight *= WEIGHT;
            Some((this, &self.observations[(newest - age) % WINDOW]))
        })
    }

    /// Part of the packets that were lost.
    fn average(&self) -> f64 {
        let sums = self.kept().fold((0.0, 0.0), |(lost, packets), (weight, observation)| {
            (lost + weight * observation.lost, packets + weight * observation.packets)
        });
        if sums.1 > 0.0 { sums.0 / sums.1 } else { 0.0 }
    }

    /// The network's own loss that explains best, if the capacity is this: two steps of Newton's method.
    fn inherent_at(&self, capacity: f64, average: f64) -> f64 {
        let most = INHERENT_OFFSET + INHERENT_BALANCE / capacity.max(1.0);
        let mut inherent = if self.inherent > 0.0 { self.inherent } else { average };
        for _ in 0..2 {
            inherent = inherent.clamp(MIN_INHERENT, most.min(0.95));
            let (mut first, mut second) = (0.0, 0.0);
            for (weight, observation) in self.kept() {
                let loss = loss_at(observation.rate, capacity, inherent);
                let (lost, arrived) = (observation.lost, observation.packets - observation.lost);
                first += weight * (lost / loss - arrived / (1.0 - loss));
                second -= weight * (lost / (loss * loss) + arrived / ((1.0 - loss) * (1.0 - loss)));
            }
            if second < 0.0 {
                inherent -= 0.75 * first / second;
            }
        }
        inherent.clamp(MIN_INHERENT, most.min(0.95))
    }

    /// The logarithm of the likelihood of what was observed, with a preference for more.
    fn explains(&self, capacity: f64, inherent: f64, average: f64) -> f64 {
        let kbps = capacity / 1e3;
        let preference = if average < MUCH { PREFERENCE * kbps + LOG_PREFERENCE * kbps.ln_1p() } else { 0.0 };
        self.kept()
            .map(|(weight, observation)| {
                let loss = loss_at(observation.rate, capacity, inherent);
                let (lost, arrived) = (observation.lost, observation.packets - observation.lost);
                weight * (lost * loss.ln() + arrived * (1.0 - loss).ln() + observation.packets * preference)
            })
            .sum()
    }
}

/// Part of the packets lost at this rate: the network's own, and what exceeds the capacity.
fn loss_at(rate: f64, capacity: f64, inherent: f64) -> f64 {
    let exceeding = if rate > capacity { (rate - capacity) / rate } else { 0.0 };
    (inherent + (1.0 - inherent) * exceeding).clamp(MIN_INHERENT, 0.999)
}

/// So much loss is not to be met with more than this.
fn bound_at(average: f64) -> f64 {
    if average > INHERENT_OFFSET { INHERENT_BALANCE / (average - INHERENT_OFFSET) } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 100 ms at `rate` each, `loss` of the packets lost, for so many seconds.
    fn run(based: &mut LossBased, seconds: u64, loss: impl Fn(f64) -> f64) -> f64 {
        let (mut now, mut carry, delay_based) = (based.began_at.unwrap_or(0), 0.0, 4e6);
        for _ in 0..seconds * 10 {
            let rate = based.limit().unwrap_or(delay_based);
            now += 100_000;
            let packets = (rate / 10.0 / 8_000.0) as u32;
            for _ in 0..packets {
                carry += loss(rate);
                if carry >= 1.0 {
                    carry -= 1.0;
                    based.lost(1_000);
                } else {
                    based.arrived(1_000, false);
                }
            }
            based.update(now, delay_based, Some(rate * (1.0 - loss(rate))));
        }
        based.limit().unwrap_or(delay_based)
    }

    #[test]
    fn loss_at_any_rate_does_not_bring_it_down() {
        assert!(run(&mut LossBased::default(), 30, |_| 0.01) > 3.9e6);
        assert!(run(&mut LossBased::default(), 30, |_| 0.05) > 3e6);
        assert!(run(&mut LossBased::default(), 30, |_| 0.10) > 1e6);
    }

    #[test]
    fn loss_of_what_is_too_much_does() {
        let policed = |rate: f64| if rate > 1e6 { 1.0 - 1e6 / rate } else { 0.0 };
        let mut based = LossBased::default();
        let rate = run(&mut based, 20, policed);
        assert!((7e5..1.3e6).contains(&rate), "{rate}");
        assert!(run(&mut based, 30, |_| 0.0) > 3.9e6, "and back");
    }
}
