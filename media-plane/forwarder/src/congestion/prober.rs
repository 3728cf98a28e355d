//! When to send more than there is, to learn whether more would arrive: at the beginning, as long as more is wanted than the
//! estimate allows, and again and again after a drop.

/// A probe sends this many times the estimate; the first one, which nothing is known before, more.
const FIRST: f64 = 3.0;
const NEXT: f64 = 2.0;
/// One that arrived to this part is followed by the next at once.
const GOES_ON: f64 = 0.7;
/// Not more than this part of what is wanted.
const OF_DEMAND: f64 = 1.2;
/// A probe is at least this long, so that it does not just fit between two frames of another flow, and has at least this
/// many packets.
const DURATION_US: u64 = 40_000;
pub(super) const MIN_PACKETS: u32 = 5;
/// What a packet of a probe has at least, with all its headers.
pub(super) const PADDING_PACKET: f64 = 280.0;
/// Bursts of a probe: those of the timers.
const BURST_US: u64 = 5_000;
/// Between looks whether it is time.
const LOOK_US: u64 = 100_000;
/// Until its result; then it had none.
const PATIENCE_US: u64 = 600_000;
/// Between one that did not go on and the next.
const INTERVAL_US: u64 = 2_000_000;
/// Since the last sign of a full link: who shares one with others meets it sooner than this, and takes from them only what
/// growing by itself gives.
const AFTER_DROP_US: u64 = 2_600_000;

#[derive(Debug)]
pub(crate) struct Prober {
    state: State,
    cluster: u8,
    begun: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// Nothing before this time.
    Resting {
        until: u64,
    },
    Sending {
        plan: Plan,
        began_at: Option<u64>,
        bytes: u64,
        packets: u32,
    },
    Waiting {
        plan: Plan,
        until: u64,
    },
}

/// Bits a second, and the least bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Plan {
    pub rate: f64,
    pub bytes: f64,
}

/// What is known, in bits a second and microseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    pub now: u64,
    pub estimate: f64,
    pub demand: f64,
    /// No queue grows or drains.
    pub normal: bool,
    pub reduced_at: Option<u64>,
}

impl Default for Prober {
    fn default() -> Self {
        Self { state: State::Resting { until: 0 }, cluster: 0, begun: false }
    }
}

impl Prober {
    /// Of the probe that packets belong to now; 0: none.
    pub fn cluster(&self) -> u8 {
        if matches!(self.state, State::Sending { .. }) { self.cluster } else { 0 }
    }

    /// Begins a probe if it is time for one.
    pub fn consider(&mut self, need: &Need) -> Option<(u8, Plan)> {
        match self.state {
            State::Resting { until } if need.now >= until => {}
            State::Waiting { until, .. } if need.now >= until => {
                self.state = State::Resting { until: need.now + INTERVAL_US };
                return None;
            }
            _ => return None,
        }
        let drained = need.reduced_at.is_none_or(|at| need.now >= at + AFTER_DROP_US);
        if need.demand <= need.estimate || !need.normal || !drained {
            return None;
        }
        let factor = if std::mem::replace(&mut self.begun, true) { NEXT } else { FIRST };
        Some(self.begin((factor * need.estimate).min(OF_DEMAND * need.demand)))
    }

    fn begin(&mut self, rate: f64) -> (u8, Plan) {
        self.cluster = self.cluster.wrapping_add(1).max(1);
        let bytes = (rate / 8.0 * DURATION_US as f64 / 1e6).max(f64::from(MIN_PACKETS) * PADDING_PACKET);
        let plan = Plan { rate, bytes };
        self.state = State::Sending { plan, began_at: None, bytes: 0, packets: 0 };
        (self.cluster, plan)
    }

    /// Bytes to be sent now for the probe; 0: none.
    pub fn due(&mut self, now: u64) -> usize {
        let State::Sending { plan, began_at, bytes, .. } = &mut self.state else { return 0 };
        let began_at = *began_at.get_or_insert(now);
        let planned = plan.rate / 8e6 * (now.saturating_sub(began_at) + BURST_US) as f64;
        (planned - *bytes as f64).max(0.0) as usize
    }

    /// A packet of the probe left.
    pub fn sent(&mut self, now: u64, size: usize) {
        let State::Sending { plan, began_at, bytes, packets } = &mut self.state else { return };
        let began_at = *began_at.get_or_insert(now);
        *bytes += size as u64;
        *packets += 1;
        if *bytes as f64 >= plan.bytes && *packets >= MIN_PACKETS && now >= began_at + DURATION_US {
            self.state = State::Waiting { plan: *plan, until: now + PATIENCE_US };
        }
    }

    /// The peer told so much of a probe. What is wanted decides whether to go on.
    pub fn result(&mut self, cluster: u8, rate: f64, need: &Need) -> Option<(u8, Plan)> {
        let State::Waiting { plan, .. } = self.state else { return None };
        if cluster != self.cluster {
            return None;
        }
        if rate >= GOES_ON * plan.rate && need.demand > rate && need.normal {
            return Some(self.begin((NEXT * rate).min(OF_DEMAND * need.demand)));
        }
        self.state = State::Resting { until: need.now + INTERVAL_US };
        None
    }

    /// When to look again, if more is wanted than the estimate.
    pub fn next(&self, now: u64) -> u64 {
        match self.state {
            State::Resting { until } => until.max(now + LOOK_US),
            State::Sending { .. } => now + BURST_US,
            State::Waiting { until, .. } => until.max(now + LOOK_US),
        }
    }

    /// The rest of the probe cannot be sent.
    pub fn give_up(&mut self, now: u64) {
        if matches!(self.state, State::Sending { .. }) {
            self.state = State::Resting { until: now + INTERVAL_US };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(now: u64, estimate: f64) -> Need {
        Need { now, estimate, demand: 2e6, normal: true, reduced_at: None }
    }

    /// Sends what it wants, in bursts; gives the rate it had.
    fn send(prober: &mut Prober, now: &mut u64) -> f64 {
        let (began, mut bytes) = (*now, 0);
        while prober.cluster() != 0 {
            let mut due = prober.due(*now) as i64;
            while due > 0 && prober.cluster() != 0 {
                prober.sent(*now, 280);
                bytes += 280;
                due -= 280;
            }
            *now += BURST_US;
        }
        bytes as f64 * 8e6 / (*now - began) as f64
    }

    #[test]
    fn probes_go_on_while_they_arrive_until_what_is_wanted() {
        let (mut prober, mut now) = (Prober::default(), 0);
        let mut planned = prober.consider(&need(now, 3e5));
        let mut rates = Vec::new();
        while let Some((cluster, plan)) = planned {
            let rate = send(&mut prober, &mut now);
            assert!((rate / plan.rate - 1.0).abs() < 0.3, "{rate} of {}", plan.rate);
            rates.push(plan.rate as u32);
            now += 100_000;
            planned = prober.result(cluster, plan.rate, &need(now, plan.rate));
        }
        assert_eq!(rates, [900_000, 1_800_000, 2_400_000]);
        assert_eq!(prober.consider(&need(now + 10_000_000, 2.4e6)), None, "nothing more is wanted");
    }

    #[test]
    fn one_that_does_not_arrive_is_tried_again_later() {
        let (mut prober, mut now) = (Prober::default(), 0);
        let (cluster, plan) = prober.consider(&need(now, 3e5)).expect("a probe");
        send(&mut prober, &mut now);
        assert_eq!(prober.result(cluster, plan.rate / 2.0, &need(now, 4e5)), None);
        assert_eq!(prober.consider(&need(now + 1_000_000, 4e5)), None);
        assert!(prober.consider(&need(now + 2_000_000, 4e5)).is_some());
    }

    #[test]
    fn one_without_an_answer_is_given_up() {
        let (mut prober, mut now) = (Prober::default(), 0);
        prober.consider(&need(now, 3e5)).expect("a probe");
        send(&mut prober, &mut now);
        assert_eq!(prober.consider(&need(now + PATIENCE_US, 3e5)), None);
        assert!(prober.consider(&need(now + PATIENCE_US + INTERVAL_US, 3e5)).is_some());
    }
}
