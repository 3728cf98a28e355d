//! RTCP from a peer: as publisher it reports what it sent, as viewer what it got and what it wants.

use std::time::Duration;

use crate::command::Kind;
use crate::context::Context;
use crate::rtcp::{Nack, Packet, Packets, ReportBlock, SenderInfo};
use crate::srtp::OpenError;
use crate::track::Layer;
use crate::transport::streams::Role;
use crate::transport::{Security, Transport, way};

impl Transport {
    /// A datagram that is RTCP by its first bytes.
    pub fn receive_rtcp(&mut self, datagram: &mut [u8], cx: &mut Context<'_>) {
        let dropped = &mut cx.effects.counters.dropped;
        let Security::Established { srtp, .. } = &mut self.security else {
            dropped.unauthenticated += 1;
            return;
        };
        let (index, compound) = match srtp.opener.open_rtcp(datagram) {
            Ok(opened) => opened,
            Err(OpenError::Truncated | OpenError::NotEncrypted) => {
                dropped.bad_rtcp += 1;
                return;
            }
            Err(OpenError::Unauthenticated) => {
                dropped.unauthenticated += 1;
                return;
            }
        };
        let Some(sender) = compound.get(4..8).and_then(|ssrc| ssrc.first_chunk().copied().map(u32::from_be_bytes))
        else {
            dropped.bad_rtcp += 1;
            return;
        };
        if !srtp.rtcp_replay.accept(sender, index) {
            dropped.replayed += 1;
            return;
        }
        self.heard_at = cx.now;
        for packet in Packets::new(compound) {
            let Ok(packet) = packet else {
                cx.effects.counters.dropped.bad_rtcp += 1;
                return;
            };
            match packet {
                Packet::SenderReport(report) => {
                    self.sender_report(&report.info, cx);
                    report.blocks().for_each(|block| self.report_block(&block, cx));
                }
                Packet::ReceiverReport(report) => report.blocks().for_each(|block| self.report_block(&block, cx)),
                Packet::Bye(bye) => bye.ssrcs().for_each(|ssrc| self.bye(ssrc, cx)),
                Packet::Nack(nack) => self.resend(&nack, cx),
                Packet::Pli { media_ssrc, .. } => self.wants_key_frame(media_ssrc, cx),
                Packet::Fir(fir) => fir.entries().for_each(|entry| self.wants_key_frame(entry.ssrc, cx)),
                Packet::Remb(remb) => {
                    self.bandwidth.remb(cx.now, remb.bitrate);
                    self.allocate(cx);
                }
                Packet::TransportFeedback(feedback) => {
                    self.bandwidth.feedback(cx.now, &feedback);
                    self.allocate(cx);
                }
            }
        }
    }

    fn sender_report(&mut self, info: &SenderInfo, cx: &mut Context<'_>) {
        let Some(Role::Media(key, layer)) = self.streams.find(info.ssrc).map(|stream| stream.role) else { return };
        let Some(track) = cx.tracks.get_mut(key) else { return };
        cx.effects.relay_sender_report(track, layer, info);
        let layer = track.layers.get_mut(usize::from(layer)).filter(|layer| layer.ssrc() == Some(info.ssrc));
        if layer.is_some_and(|layer| layer.sender_report(cx.now, info)) {
            // Viewers cannot synchronise before their first report.
            cx.effects.wake.extend(track.subscribers.iter().map(|subscriber| subscriber.transport));
        }
    }

    fn report_block(&mut self, block: &ReportBlock, cx: &Context<'_>) {
        if let Some((_, subscription)) = self.subscriptions.iter_mut().find(|(_, own)| own.ssrc == block.ssrc) {
            subscription.reports.receiver_report(cx.now, block);
            if let Some(round_trip) = subscription.reports.round_trip {
                self.stats.round_trip_time = Some(round_trip.as_secs_f64());
            }
        }
    }

    /// The publisher's stream ends; viewers are told.
    fn bye(&mut self, ssrc: u32, cx: &mut Context<'_>) {
        let Some(Role::Media(key, layer)) = self.streams.find(ssrc).map(|stream| stream.role) else { return };
        let Some(track) = cx.tracks.get_mut(key) else { return };
        cx.effects.relay_bye(track, layer);
        if track.layers.get_mut(usize::from(layer)).is_some_and(Layer::bye) && track.has_ended() {
            cx.effects.ended.extend_from_slice(&track.subscribers);
        }
    }

    fn wants_key_frame(&mut self, ssrc: u32, cx: &mut Context<'_>) {
        let Some((_, subscription)) = self.subscriptions.iter().find(|(_, own)| own.ssrc == ssrc) else { return };
        let Some(track) = cx.tracks.get_mut(subscription.track).filter(|track| track.kind == Kind::Video) else {
            return;
        };
        let layer = subscription.layer().unwrap_or_default();
        if let Some(layer) = track.layers.get_mut(usize::from(layer))
            && layer.key_frames.want(cx.now).is_some()
        {
            cx.effects.wake.push(track.transport);
        }
    }

    /// Answers a viewer's generic NACK from the track's ring.
    fn resend(&mut self, nack: &Nack<'_>, cx: &mut Context<'_>) {
        let Some((_, subscription)) = self.subscriptions.iter_mut().find(|(_, own)| own.ssrc == nack.media_ssrc) else {
            return;
        };
        let (Security::Established { srtp, .. }, Some(path)) = (&self.security, self.ice.selected()) else { return };
        let Some(track) = cx.tracks.get(subscription.track) else { return };
        let departure = self.bandwidth.departure(cx.now, &self.extensions);
        let way = way((srtp, path), (&self.extensions, self.ids), departure);
        let round_trip: Option<Duration> = subscription.reports.round_trip;
        let effects = &mut *cx.effects;
        for number in nack.sequence_numbers() {
            effects.counters.nacks_received += 1;
            self.stats.nacks_received += 1;
            let Some(placed) = subscription.find(number, track) else { continue };
            if !subscription.resends.allow(cx.now, placed.index, round_trip) || !self.allowance.take(cx.now) {
                continue;
            }
            let (before, outbox) = (effects.outbox.bytes, &mut effects.outbox);
            let sent = match subscription.send_rtx(&placed, &way, outbox) {
                Some(sent) => sent,
                None => subscription.may_repeat(placed.index, &way) && subscription.send(&placed, &way, outbox),
            };
            if sent {
                effects.counters.retransmissions_sent += 1;
                self.stats.packets_sent += 1;
                self.stats.bytes_sent += outbox.bytes - before;
            }
        }
    }
}
