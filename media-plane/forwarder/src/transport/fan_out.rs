//! RTP to one viewer: every new packet of every track that it receives, in a row.

use crate::command::Kind;
use crate::context::Context;
use crate::subscription::{Phase, Subscription};
use crate::track::Track;
use crate::transport::{Security, Transport, way};

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
        let way = way(srtp, path, &self.extensions, self.ids);
        let effects = &mut *cx.effects;
        let (datagrams, bytes) = (effects.outbox.datagrams, effects.outbox.bytes);
        for index in self.pending.drain(..) {
            let Some(subscription) = self.subscriptions.get_mut(index as usize) else { continue };
            subscription.pending = false;
            let Some(track) = cx.tracks.get_mut(subscription.track) else { continue };
            let mut send = |subscription: &mut Subscription, sequence| {
                if let Some(packet) = track.ring.get(sequence)
                    && subscription.send(sequence, &packet, &way, &mut effects.outbox)
                {
                    subscription.reports.count(packet.payload.len());
                }
            };
            match subscription.phase {
                Phase::Running { first, .. } => {
                    for &sequence in track.fresh.iter().filter(|sequence| **sequence >= first) {
                        send(subscription, sequence);
                    }
                }
                Phase::Waiting => {
                    if let Some(first) = first_packet(track, cx.now) {
                        subscription.phase = Phase::Running { first, repeatable: first };
                        for sequence in first..=track.newest().unwrap_or(first) {
                            send(subscription, sequence);
                        }
                    } else if track.kind == Kind::Video && track.key_frames.want(cx.now).is_some() {
                        effects.wake.push(track.transport);
                    }
                }
            }
            reports |= track.sender_report.is_some() && subscription.reports.is_first();
        }
        let sent = effects.outbox.datagrams - datagrams;
        effects.counters.packets_forwarded += sent;
        self.stats.packets_sent += sent;
        self.stats.bytes_sent += effects.outbox.bytes - bytes;
        reports
    }
}

/// Where a new viewer begins.
fn first_packet(track: &Track, now: std::time::Instant) -> Option<u64> {
    match track.kind {
        Kind::Video => track.start(now),
        Kind::Audio => track.fresh.iter().min().copied(),
    }
}
