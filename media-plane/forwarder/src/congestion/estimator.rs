//! The estimate: the lower of what delay and loss allow, raised by probes and by what is seen to arrive.

use super::acknowledged::Acknowledged;
use super::groups::Groups;
use super::history::SentPacket;
use super::limited::Limited;
use super::loss::LossBased;
use super::probe_result::ProbeResult;
use super::prober::{MIN_PACKETS, Plan};
use super::rate_control::{RateControl, Seen};
use super::trend::{Trend, Usage};

/// After a reduction, what arrives is for so long what the queue still held.
const QUEUE_US: u64 = 1_000_000;

#[derive(Debug)]
pub(super) struct Estimator {
    groups: Groups,
    trend: Trend,
    acknowledged: Acknowledged,
    limited: Limited,
    control: RateControl,
    loss: LossBased,
    probe: Option<ProbeResult>,
    probed: Option<(u8, f64)>,
    /// Told of since the last conclusion.
    arrived: bool,
    congested: bool,
}

impl Estimator {
    pub fn new(rate: f64) -> Self {
        Self {
            groups: Groups::default(),
            trend: Trend::default(),
            acknowledged: Acknowledged::default(),
            limited: Limited::default(),
            control: RateControl::new(rate),
            loss: LossBased::default(),
            probe: None,
            probed: None,
            arrived: false,
            congested: false,
        }
    }

    /// Bits a second.
    pub fn estimate(&self) -> f64 {
        let delay_based = self.control.rate();
        self.loss.limit().map_or(delay_based, |limit| limit.min(delay_based))
    }

    /// The path was seen to be full at least once; before, nothing is known but that what was sent arrived.
    pub fn was_congested(&self) -> bool {
        self.congested
    }

    pub fn is_normal(&self) -> bool {
        self.trend.usage() == Usage::Normal
    }

    pub fn reduced_at(&self) -> Option<u64> {
        self.control.reduced_at()
    }

    /// Nothing was told for so long that what was seen of a queue says nothing any more.
    pub fn forget_queue(&mut self) {
        self.groups = Groups::default();
        self.trend.forget();
    }

    /// Packets of this cluster are a probe.
    pub fn expect_probe(&mut self, cluster: u8, plan: &Plan) {
        self.probe = Some(ProbeResult::new(cluster, MIN_PACKETS, plan.bytes as u32));
    }

    /// A packet arrived, in the order of sending: `arrival` on the receiver's clock. All in microseconds.
    pub fn arrived(&mut self, now: u64, packet: &SentPacket, arrival: i64, was_lost: bool) {
        self.arrived = true;
        self.loss.arrived(packet.size, was_lost);
        self.acknowledged.add(arrival, packet.size, self.limited.is());
        if let Some(delta) = self.groups.add(packet.at, arrival) {
            self.trend.update(now as f64 / 1_000.0, &delta);
        }
        if packet.cluster != 0
            && let Some(probe) = self.probe.as_mut().filter(|probe| probe.cluster() == packet.cluster)
            && let Some(rate) = probe.add(packet.at, arrival, packet.size)
        {
            self.probed = Some((packet.cluster, rate));
        }
    }

    pub fn lost(&mut self, size: u16) {
        self.loss.lost(size);
    }

    /// A feedback was read to its end; `sent`: bytes since the last. A probe's result, if there is one now.
    pub fn conclude(&mut self, now: u64, sent: u64, round_trip_us: u64) -> Option<(u8, f64)> {
        self.limited.update(now, sent, self.estimate());
        if !std::mem::take(&mut self.arrived) {
            return None;
        }
        let usage = self.trend.usage();
        let acknowledged = if usage == Usage::Over { self.acknowledged.recent() } else { self.acknowledged.rate() };
        let limited = self.limited.is();
        let seen = Seen { now, usage, acknowledged, round_trip_us, limited };
        self.congested |= self.control.update(&seen);
        let probed = self.probed.take();
        if usage != Usage::Over {
            self.raise(now, acknowledged, probed);
        }
        self.loss.update(now, self.control.rate(), acknowledged);
        self.congested |= self.loss.limit().is_some();
        probed
    }

    fn raise(&mut self, now: u64, acknowledged: Option<f64>, probed: Option<(u8, f64)>) {
        if let Some((_, rate)) = probed
            && rate > self.control.rate()
        {
            self.control.probed(now, rate);
            self.acknowledged.expect_change();
        }
        // What arrives without a queue that grows is there, whatever was believed.
        let settled = self.control.reduced_at().is_none_or(|at| now >= at + QUEUE_US);
        if let Some(acknowledged) = acknowledged
            && settled
            && self.is_normal()
            && acknowledged > self.control.rate()
        {
            self.control.set(acknowledged);
        }
    }
}
