//! What the path to a peer carries: by our own estimate if it tells of each packet's arrival, else by its word.

use std::time::{Duration, Instant};

use crate::command::{HeaderExtensions, Target};
use crate::congestion::{Congestion, Pacer};
use crate::rtcp::TransportFeedback;
use crate::subscription::{Departure, Subscription};
use crate::transport::Transport;
use crate::transport::allocate::Allocation;

/// A word of the peer counts for so long; it is repeated every second or so.
const REMB_LASTS: Duration = Duration::from_secs(5);

pub(super) struct Bandwidth {
    opened_at: Instant,
    /// There is nothing to be told of before the first subscription whose viewer tells.
    pub congestion: Option<Box<Congestion>>,
    remb: Option<(Instant, u64)>,
    pub allocation: Allocation,
    /// As it was at the last look.
    pub round_trip: Option<Duration>,
    pacer: Pacer,
    /// Something waits for the next burst.
    pub behind: bool,
}

impl Bandwidth {
    pub fn new(now: Instant) -> Self {
        Self {
            opened_at: now,
            congestion: None,
            remb: None,
            allocation: Allocation::default(),
            round_trip: None,
            pacer: Pacer::new(now),
            behind: false,
        }
    }

    pub fn subscribed(&mut self, subscription: &mut Subscription) {
        if subscription.wide {
            let opened_at = self.opened_at;
            self.congestion.get_or_insert_with(|| Box::new(Congestion::new(opened_at)));
        }
        // On a full path whoever comes begins at the bottom.
        if self.is_proven() {
            subscription.selection.aim(Target::Layer { spatial: 0, temporal: 0 });
        }
    }

    /// Of packets that leave now.
    pub fn departure(&mut self, now: Instant, ids: &HeaderExtensions) -> Departure<'_> {
        let since_start = now.saturating_duration_since(self.opened_at);
        let congestion = self.congestion.as_deref_mut().map(|congestion| {
            let stamp = congestion.stamp(now);
            (congestion, stamp)
        });
        Departure::new(ids, congestion, since_start)
    }

    pub fn feedback(&mut self, now: Instant, feedback: &TransportFeedback<'_>) {
        if let Some(congestion) = &mut self.congestion {
            congestion.feedback(now, feedback, self.round_trip, self.allocation.demand);
        }
    }

    pub fn remb(&mut self, now: Instant, bitrate: u64) {
        self.remb = Some((now, bitrate));
    }

    /// Bits a second; `None`: nobody told.
    pub fn estimate(&self, now: Instant) -> Option<f64> {
        let measured =
            self.congestion.as_ref().filter(|congestion| congestion.was_told()).map(|congestion| congestion.estimate());
        let said = self.remb.filter(|(at, _)| now.saturating_duration_since(*at) < REMB_LASTS);
        measured.or(said.map(|(_, bitrate)| bitrate as f64))
    }
}

impl Bandwidth {
    /// The path was seen to be full, or the peer said what it carries.
    pub fn is_proven(&self) -> bool {
        self.congestion.as_ref().map_or(self.remb.is_some(), |congestion| congestion.was_congested())
    }

    /// Bytes that may be sent in one burst; `None`: as long as nothing is known to be narrow there is no limit.
    pub fn budget(&mut self, now: Instant) -> Option<i64> {
        let congestion = self.congestion.as_ref().filter(|congestion| congestion.was_congested())?;
        Some(self.pacer.budget(now, congestion.estimate()))
    }

    pub fn spent(&mut self, bytes: i64) {
        self.pacer.spent(bytes);
    }

    pub fn is_probing(&self) -> bool {
        self.congestion.as_ref().is_some_and(|congestion| congestion.is_probing())
    }
}

impl Transport {
    /// Estimate and demand.
    pub fn bandwidth_stats(&self, now: Instant) -> (Option<f64>, f64) {
        (self.bandwidth.estimate(now), self.bandwidth.allocation.demand)
    }
}
