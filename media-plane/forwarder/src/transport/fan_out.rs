//! RTP to one viewer: every new packet of every track that it receives, in a row.

use std::cell::Cell;
use std::time::Duration;

use crate::context::Context;
use crate::transport::{Security, Transport, way};

/// Between the bursts that a large frame is sent in over a narrow path.
const BURSTS: Duration = Duration::from_millis(10);

impl Transport {
    /// True: there is a viewer's stream to send the first report of.
    pub(super) fn fan_out(&mut self, cx: &mut Context<'_>) -> bool {
        let (Security::Established { srtp, .. }, Some(path)) = (&self.security, self.ice.selected()) else {
            // Established, but nowhere to send to: the next packet asks again.
            for index in self.pending.drain(..) {
                if let Some(subscription) = self.subscriptions.get_mut(index as usize) {
                    subscription.pending = false;
                }
            }
            return false;
        };
        let mut reports = false;
        let budget = self.bandwidth.budget(cx.now);
        let departure = self.bandwidth.departure(cx.now, &self.extensions);
        let mut way = way((srtp, path), (&self.extensions, self.ids), departure);
        way.budget = budget.map(Cell::new);
        let mut behind = false;
        let effects = &mut *cx.effects;
        let (datagrams, bytes) = (effects.outbox.datagrams, effects.outbox.bytes);
        for index in self.pending.drain(..) {
            let Some(subscription) = self.subscriptions.get_mut(index as usize) else { continue };
            subscription.pending = false;
            let Some(track) = cx.tracks.get_mut(subscription.track) else { continue };
            subscription.forward(track, cx.now, &way, effects);
            behind |= subscription.is_behind();
            let layer = subscription.layer().and_then(|layer| track.layer(layer));
            reports |= layer.is_some_and(|layer| layer.sender_report.is_some()) && subscription.reports.is_first();
        }
        let left = way.budget.map(|left| left.get());
        if let (Some(budget), Some(left)) = (budget, left) {
            self.bandwidth.spent(budget - left);
        }
        let sent = effects.outbox.datagrams - datagrams;
        effects.counters.packets_forwarded += sent;
        self.stats.packets_sent += sent;
        self.stats.bytes_sent += effects.outbox.bytes - bytes;
        self.bandwidth.behind = behind;
        if behind {
            self.alarm_at(cx.now + BURSTS, cx);
        }
        reports
    }

    /// What waited for the next burst is served with this flush.
    pub(super) fn pend_behind(&mut self) {
        if std::mem::take(&mut self.bandwidth.behind) {
            for (index, subscription) in &mut self.subscriptions {
                if subscription.is_behind() && !std::mem::replace(&mut subscription.pending, true) {
                    self.pending.push(index as u32);
                }
            }
        }
    }
}
