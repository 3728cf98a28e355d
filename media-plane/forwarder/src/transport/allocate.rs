//! A viewer's path is shared over its subscriptions; what more would go through is found out by probes.

use std::time::{Duration, Instant};

use crate::allocation::{Budget, Candidate, share};
use crate::command::{Kind, Target};
use crate::context::Context;
use crate::event::Event;
use crate::subscription::Subscription;
use crate::track::Track;
use crate::transport::{Security, Transport, way};

/// Between two looks; longer while the path was never seen to be full.
const INTERVAL: Duration = Duration::from_millis(100);
const UNPROVEN_INTERVAL: Duration = Duration::from_millis(400);
/// After something was taken back, nothing is given for so long.
const REST: Duration = Duration::from_millis(1_500);
/// A picture is kept on credit for so long.
const CREDIT: Duration = Duration::from_millis(800);
/// The control plane is told of another estimate at most so often, and if it differs by a fifth.
const TELL: Duration = Duration::from_secs(1);
const DIFFERENCE: f64 = 0.2;
/// Headers come on top of what a layer is measured at.
const HEADERS: f64 = 1.04;

/// What was decided, and the room to decide in.
#[derive(Default)]
pub(super) struct Allocation {
    candidates: Vec<Candidate>,
    /// Of each candidate: index of its subscription.
    indices: Vec<usize>,
    order: Vec<usize>,
    looked_at: Option<Instant>,
    fell_at: Option<Instant>,
    /// Since when what is given takes more than there is.
    over_since: Option<Instant>,
    told: Option<(Instant, f64, bool)>,
    /// Something is given less than it might have: to be looked at again even if nothing is told any more.
    held_back: bool,
    /// Bits a second that would be sent if there were no limit.
    pub demand: f64,
}

impl Transport {
    /// To be called when the estimate may be another. Without one everything is sent.
    pub(super) fn allocate(&mut self, cx: &mut Context<'_>) {
        let interval = if self.bandwidth.is_proven() { INTERVAL } else { UNPROVEN_INTERVAL };
        let allocation = &mut self.bandwidth.allocation;
        if allocation.looked_at.is_some_and(|at| cx.now < at + interval) {
            return;
        }
        allocation.looked_at = Some(cx.now);
        self.bandwidth.round_trip = self.ice.round_trip();
        let Some(estimate) = self.bandwidth.estimate(cx.now) else { return };
        let proven = self.bandwidth.is_proven() && self.subscriptions.iter().any(|(_, own)| own.may_pad());
        let allocation = &mut self.bandwidth.allocation;
        allocation.candidates.clear();
        allocation.indices.clear();
        for (index, subscription) in &self.subscriptions {
            if let Some(track) = cx.tracks.get(subscription.track) {
                allocation.candidates.push(candidate(subscription, track, cx.now));
                allocation.indices.push(index);
            }
        }
        let given: f64 = allocation.candidates.iter().map(Candidate::given_cost).sum::<f64>() * HEADERS;
        if given <= estimate {
            allocation.over_since = None;
        }
        let over_since = *allocation.over_since.get_or_insert(cx.now);
        let budget = Budget {
            estimate: estimate / HEADERS,
            proven,
            may_rise: allocation.fell_at.is_none_or(|at| cx.now >= at + REST),
            exhausted: given > estimate && cx.now >= over_since + CREDIT,
        };
        let demand = share(&budget, &mut allocation.candidates, &mut allocation.order) * HEADERS;
        allocation.demand = demand;
        allocation.held_back = allocation.candidates.iter().any(Candidate::is_held_back);
        for (at, index) in std::mem::take(&mut self.bandwidth.allocation.indices).iter().enumerate() {
            let target = self.bandwidth.allocation.candidates[at].given;
            self.give(*index, target, cx);
        }
        self.tell_bandwidth(estimate, cx);
        self.alarm_for_probe(cx);
    }

    fn give(&mut self, index: usize, target: Target, cx: &mut Context<'_>) {
        let Some(subscription) = self.subscriptions.get_mut(index) else { return };
        let before = subscription.selection.target();
        if before == target {
            return;
        }
        if rank(target) < rank(before) {
            self.bandwidth.allocation.fell_at = Some(cx.now);
        }
        subscription.selection.aim(target);
        if let Some(track) = cx.tracks.get_mut(subscription.track) {
            subscription.turn_to(track, cx.now, cx.effects);
        }
    }

    /// Sends what is due of a probe.
    pub(super) fn probe(&mut self, cx: &mut Context<'_>) {
        if self.bandwidth.allocation.held_back {
            self.allocate(cx);
        }
        let demand = self.bandwidth.allocation.demand;
        let Some(congestion) = &mut self.bandwidth.congestion else { return };
        let mut due = congestion.probe(cx.now, demand);
        if due > 0 {
            due = self.pad(due, cx);
            if due > 0
                && let Some(congestion) = &mut self.bandwidth.congestion
            {
                congestion.give_up_probing(cx.now);
            }
        }
        self.alarm_for_probe(cx);
    }

    /// Packets that hold nothing; the bytes that could not be sent.
    fn pad(&mut self, bytes: usize, cx: &mut Context<'_>) -> usize {
        let (Security::Established { srtp, .. }, Some(path)) = (&self.security, self.ice.selected()) else {
            return bytes;
        };
        let departure = self.bandwidth.departure(cx.now, &self.extensions);
        let way = way((srtp, path), (&self.extensions, self.ids), departure);
        let outbox = &mut cx.effects.outbox;
        let Some((_, subscription)) = self.subscriptions.iter_mut().find(|(_, own)| own.may_pad()) else {
            return bytes;
        };
        let (datagrams, before) = (outbox.datagrams, outbox.bytes);
        let mut left = bytes;
        while left > 0 {
            let Some(sent) = subscription.send_padding(&way, outbox) else { break };
            left = left.saturating_sub(sent);
        }
        self.stats.packets_sent += outbox.datagrams - datagrams;
        self.stats.bytes_sent += outbox.bytes - before;
        left
    }

    fn alarm_for_probe(&mut self, cx: &mut Context<'_>) {
        let demand = self.bandwidth.allocation.demand;
        let congestion = self.bandwidth.congestion.as_ref();
        let probe = congestion.and_then(|congestion| congestion.next_probe(cx.now, demand));
        let look = self.bandwidth.allocation.held_back.then(|| cx.now + 2 * INTERVAL);
        if let Some(at) = probe.into_iter().chain(look).min() {
            self.alarm_at(at, cx);
        }
    }

    fn tell_bandwidth(&mut self, estimate: f64, cx: &mut Context<'_>) {
        let allocation = &mut self.bandwidth.allocation;
        let limited = estimate < allocation.demand;
        let news = allocation.told.is_none_or(|(at, told, was_limited)| {
            let differs = (estimate - told).abs() > DIFFERENCE * told;
            cx.now >= at + TELL && (limited != was_limited || (limited && differs))
        });
        if news {
            allocation.told = Some((cx.now, estimate, limited));
            let (transport, demand) = (self.id, allocation.demand);
            cx.effects.events.push_back(Event::Bandwidth { transport, estimate, demand });
        }
    }
}

fn candidate(subscription: &Subscription, track: &Track, now: Instant) -> Candidate {
    let selection = &subscription.selection;
    let most = selection.most(track);
    let size = most.and_then(|(spatial, _)| track.size(spatial));
    Candidate {
        kind: track.kind,
        priority: selection.limits().priority,
        size: size.map_or(0, |(width, height)| u32::from(width) * u32::from(height)),
        rates: if track.kind == Kind::Video { track.expected_rates(now) } else { track.rates(now) },
        apart: track.is_layered(),
        most,
        given: selection.target(),
    }
}

fn rank(target: Target) -> (u16, u8) {
    match target {
        Target::Paused => (0, 0),
        Target::Layer { spatial, temporal } => (1 + u16::from(spatial), temporal),
    }
}
