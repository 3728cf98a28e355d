//! RTCP to a peer: to a publisher what we lack and want of it, to a viewer what the publisher's clock says.

use std::time::{Duration, Instant};

use crate::context::Context;
use crate::event::Event;
use crate::rtcp::{self, FirEntry, ReportBlock};
use crate::subscription::StreamClock;
use crate::track::{Layer, SPATIAL};
use crate::transport::{Security, Transport};

/// Between two reports (RFC 3550 6.2 allows less for a session of this bandwidth), with a jitter of 20 %.
const INTERVAL: Duration = Duration::from_millis(900);
const JITTER_MS: u64 = 200;
/// A compound that is longer than this is sent; the next packet begins another.
const ENOUGH: usize = 1_000;
/// Of ourselves.
const CNAME: &str = "aqlinks";

impl Transport {
    /// Writes and sends what is due. `first_reports`: also to viewers' streams that had no sender report yet.
    pub(super) fn send_rtcp(&mut self, first_reports: bool, cx: &mut Context<'_>) {
        let (datagrams, bytes) = (cx.effects.outbox.datagrams, cx.effects.outbox.bytes);
        self.send_requests(cx);
        self.tell_layers(cx);
        self.tell_speakers(cx);
        self.send_arrivals(cx);
        if self.reports_at <= cx.now {
            self.reports_at = cx.now + INTERVAL + Duration::from_millis(cx.effects.random.below(JITTER_MS));
            self.send_sender_reports(false, cx);
            self.send_receiver_report(cx);
        } else if first_reports {
            self.send_sender_reports(true, cx);
        }
        self.send_byes(cx);
        self.stats.packets_sent += cx.effects.outbox.datagrams - datagrams;
        self.stats.bytes_sent += cx.effects.outbox.bytes - bytes;
    }

    /// When something of this is due next.
    pub(super) fn next_rtcp(&self, cx: &Context<'_>) -> Instant {
        let tracks = self.tracks.iter().filter_map(|key| cx.tracks.get(*key));
        let (layers, watchers) =
            (tracks.clone().flat_map(|track| &track.layers), tracks.clone().filter_map(|track| track.watchers.next()));
        let speakers = tracks.filter_map(|track| cx.tracks.speakers.next(track.group?));
        let requests = layers
            .filter(|layer| layer.ssrc().is_some())
            .flat_map(|layer| [layer.missing.next(), layer.key_frames.next()])
            .flatten();
        requests.chain(watchers).chain(speakers).chain(self.arrivals.next()).fold(self.reports_at, Instant::min)
    }

    /// NACK, PLI and FIR to a publisher.
    fn send_requests(&mut self, cx: &mut Context<'_>) {
        let (round_trip, mut numbers) = (self.ice.round_trip(), Vec::new());
        let streams = self.tracks.iter().flat_map(|key| (0..SPATIAL).map(|index| (*key, index)));
        for (key, index) in streams.collect::<Vec<_>>() {
            let Some(track) = cx.tracks.get_mut(key) else { continue };
            let (pli, fir) = (track.codecs.iter().any(|codec| codec.pli), track.codecs.iter().any(|codec| codec.fir));
            let is_received = !track.subscribers.is_empty() || !track.destinations.is_empty();
            let is_wanted = is_received && track.watchers.is_sent(index);
            let Some(layer) = track.layers.get_mut(index) else { continue };
            let Some(media_ssrc) = layer.ssrc() else { continue };
            numbers.clear();
            if layer.missing.due(cx.now, round_trip, &mut numbers) && (pli || fir) {
                layer.key_frames.want(cx.now);
            }
            if !is_wanted {
                layer.key_frames.satisfied();
            }
            let asks = layer.key_frames.due(cx.now);
            if numbers.is_empty() && !asks {
                continue;
            }
            let effects = &mut *cx.effects;
            let out = &mut effects.scratch;
            rtcp::write_receiver_report(out, self.rtcp_ssrc, &[]);
            rtcp::write_nack(out, self.rtcp_ssrc, media_ssrc, numbers.iter().copied());
            let count = numbers.len() as u64;
            effects.counters.nacks_sent += count;
            self.stats.nacks_sent += count;
            if asks && (pli || fir) {
                if pli {
                    rtcp::write_pli(out, self.rtcp_ssrc, media_ssrc);
                } else {
                    let number = self.fir_numbers.entry(media_ssrc).or_default();
                    *number = number.wrapping_add(1);
                    let entry = FirEntry { ssrc: media_ssrc, sequence_number: *number };
                    rtcp::write_fir(out, self.rtcp_ssrc, &[entry]);
                }
                effects.counters.key_frames_requested += 1;
                self.stats.key_frames_requested += 1;
            }
            self.send_compound(cx);
        }
    }

    /// Which layers of its simulcasts anybody watches.
    fn tell_layers(&self, cx: &mut Context<'_>) {
        for key in &self.tracks {
            let Some(track) = cx.tracks.get_mut(*key) else { continue };
            if let Some(layers) = track.watchers.take_news(cx.now) {
                cx.effects.events.push_back(Event::LayersWanted { track: track.id, layers });
            }
        }
    }

    /// Who speaks where it is heard. Any of the group's publishers tells it for all.
    fn tell_speakers(&self, cx: &mut Context<'_>) {
        for key in &self.tracks {
            let Some(group) = cx.tracks.get(*key).and_then(|track| track.group) else { continue };
            cx.effects.events.extend(cx.tracks.speakers.tell(cx.now, group));
        }
    }

    /// Transport-wide congestion control feedback to a publisher.
    fn send_arrivals(&mut self, cx: &mut Context<'_>) {
        if !self.arrivals.is_due(cx.now) {
            return;
        }
        let mut tracks = self.tracks.iter().filter_map(|key| cx.tracks.get(*key));
        let negotiated = tracks.clone().any(|track| track.codecs.iter().any(|codec| codec.transport_cc));
        let media_ssrc = tracks.find_map(|track| track.layers.iter().find_map(Layer::ssrc)).filter(|_| negotiated);
        loop {
            let out = &mut cx.effects.scratch;
            rtcp::write_receiver_report(out, self.rtcp_ssrc, &[]);
            if !self.arrivals.write(out, self.rtcp_ssrc, media_ssrc.unwrap_or_default()) {
                out.clear();
                return;
            }
            if media_ssrc.is_some() {
                self.send_compound(cx);
            } else {
                out.clear();
            }
        }
    }

    /// `first_only`: to those viewers that have none yet.
    fn send_sender_reports(&mut self, first_only: bool, cx: &mut Context<'_>) {
        let Security::Established { srtp, .. } = &mut self.security else { return };
        let Some(path) = self.ice.selected() else { return };
        let effects = &mut *cx.effects;
        for (_, subscription) in &mut self.subscriptions {
            let Some(layer) = subscription.layer() else { continue };
            if first_only && !subscription.reports.is_first() {
                continue;
            }
            let Some(track) = cx.tracks.get(subscription.track) else { continue };
            let Some(seen) = track.layer(layer).and_then(|layer| layer.sender_report.as_ref()) else { continue };
            let clock = StreamClock { timestamp: subscription.timestamp(seen.timestamp), rate: track.clock_rate() };
            let info = subscription.reports.sender_info(cx.now, subscription.ssrc, seen, clock);
            rtcp::write_sender_report(&mut effects.scratch, &info, &[]);
            rtcp::write_cname(&mut effects.scratch, subscription.ssrc, &track.cname);
            if effects.scratch.len() > ENOUGH {
                srtp.send_rtcp(&mut effects.scratch, &path, &mut effects.outbox);
            }
        }
        if !effects.scratch.is_empty() {
            srtp.send_rtcp(&mut effects.scratch, &path, &mut effects.outbox);
        }
    }

    fn send_receiver_report(&mut self, cx: &mut Context<'_>) {
        let mut blocks: Vec<ReportBlock> = Vec::new();
        for key in &self.tracks {
            let Some(track) = cx.tracks.get_mut(*key) else { continue };
            let receptions = track.layers.iter_mut().filter_map(Layer::reception);
            blocks.extend(receptions.filter_map(|(ssrc, reception)| reception.report(cx.now, ssrc)));
        }
        for blocks in blocks.chunks(rtcp::MAX_REPORT_BLOCKS) {
            rtcp::write_receiver_report(&mut cx.effects.scratch, self.rtcp_ssrc, blocks);
            rtcp::write_cname(&mut cx.effects.scratch, self.rtcp_ssrc, CNAME);
            self.send_compound(cx);
        }
    }

    fn send_byes(&mut self, cx: &mut Context<'_>) {
        for ssrcs in std::mem::take(&mut self.byes).chunks(rtcp::MAX_REPORT_BLOCKS) {
            rtcp::write_receiver_report(&mut cx.effects.scratch, self.rtcp_ssrc, &[]);
            rtcp::write_bye(&mut cx.effects.scratch, ssrcs);
            self.send_compound(cx);
        }
    }

    /// Sends what was written.
    fn send_compound(&mut self, cx: &mut Context<'_>) {
        let effects = &mut *cx.effects;
        match self.srtp() {
            Some((srtp, path)) => srtp.send_rtcp(&mut effects.scratch, &path, &mut effects.outbox),
            None => effects.scratch.clear(),
        }
    }
}
