//! A viewer whose path is narrow is sent a large frame in several bursts. What waits for the next one waits in the track's
//! ring: nothing is copied, and what is too late to be of use is left out as a whole.

use std::time::{Duration, Instant};

use crate::command::Kind;
use crate::context::Effects;
use crate::subscription::{Phase, Subscription, Way};
use crate::track::Track;

/// Who is behind for so long waits for a key frame instead.
const TOO_LATE: Duration = Duration::from_millis(1_500);

/// From this packet of its layer on the rest is to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behind {
    pub next: u64,
    since: Instant,
}

impl Subscription {
    pub fn is_behind(&self) -> bool {
        self.behind.is_some()
    }

    /// Whether this packet is to wait: it is new, and the burst is full. Sound never waits.
    pub(super) fn holds(&mut self, track: &Track, sequence: u64, now: Instant, way: &Way<'_>) -> bool {
        if let Some(behind) = self.behind {
            return sequence >= behind.next;
        }
        let waits = way.is_full() && track.kind == Kind::Video && self.numbering.is_new(sequence);
        if waits {
            self.behind = Some(Behind { next: sequence, since: now });
        }
        waits
    }

    /// Sends what waits, as far as the burst goes.
    pub(super) fn catch_up(&mut self, track: &mut Track, now: Instant, way: &Way<'_>, effects: &mut Effects) {
        let (Some(behind), Some(layer)) = (self.behind, self.layer()) else { return };
        let newest = track.layer(layer).and_then(|layer| layer.newest()).unwrap_or_default();
        if now.saturating_duration_since(behind.since) > TOO_LATE {
            self.fall_out(track, newest, now, effects);
            return;
        }
        self.behind = None;
        for sequence in behind.next..=newest {
            if way.is_full() {
                self.behind = Some(Behind { next: sequence, ..behind });
                return;
            }
            self.pass_from(track, layer, sequence, way, effects);
        }
    }

    /// The rest is left out: a key frame that is yet to come begins anew.
    fn fall_out(&mut self, track: &mut Track, newest: u64, now: Instant, effects: &mut Effects) {
        self.leave_behind(newest, effects);
        let Some(layer) = self.layer() else { return };
        self.phase = Phase::Waiting;
        self.interest = u8::MAX;
        self.not_before = Some((layer, newest + 1));
        if let Some(layer) = track.layers.get_mut(usize::from(layer)) {
            layer.key_frames.want(now);
            effects.wake.push(track.transport);
        }
    }

    /// What waits up to `newest` is not sent any more.
    pub(super) fn leave_behind(&mut self, newest: u64, effects: &mut Effects) {
        if let Some(behind) = self.behind.take() {
            effects.counters.dropped.too_late += (newest + 1).saturating_sub(behind.next);
        }
    }

    /// Where a viewer that waits may begin in a layer.
    pub(super) fn may_begin(&self, layer: u8, first: u64) -> bool {
        self.not_before.is_none_or(|(left, from)| left != layer || first >= from)
    }
}
