//! RTP from a publisher.

use std::time::Duration;

use crate::command::{Kind, PublishTrack};
use crate::context::Context;
use crate::event::Event;
use crate::rtp::{Element, Header, split_osn};
use crate::srtp::{OpenError, StreamReplay};
use crate::track::{Incoming, Kept, SPATIAL, Sent, TrackKey, audio_level};
use crate::transport::Transport;
use crate::transport::streams::{Role, Stream};

/// From the first packet that lacks others to the first look whether they came late.
const LOOK_AFTER: Duration = Duration::from_millis(10);

/// A packet found its track.
struct Found {
    role: Role,
    /// Its SSRC was not known: it is bound once the packet is verified.
    new: bool,
}

impl Transport {
    /// Its declared SSRCs belong to the track from now on.
    pub fn publish(&mut self, track: TrackKey, command: &PublishTrack) {
        self.tracks.push(track);
        for (encoding, layer) in command.encodings.iter().take(SPATIAL).zip(0..) {
            if let Some(ssrc) = encoding.ssrc {
                self.streams.bind(ssrc, Role::Media(track, layer));
            }
            if let Some(ssrc) = encoding.rtx_ssrc {
                self.streams.bind(ssrc, Role::Retransmission(track, layer));
            }
        }
    }

    pub fn unpublish(&mut self, track: TrackKey, mid: &str) {
        self.tracks.retain(|own| *own != track);
        self.streams.unbind(track, mid);
    }

    /// A datagram that is RTP by its first bytes. `since_start`: its arrival, since any fixed moment.
    pub fn receive_rtp(&mut self, datagram: &mut [u8], since_start: Duration, cx: &mut Context<'_>) {
        #[cfg(test)]
        assert!(!self.sabotaged, "sabotaged by a test");
        let dropped = &mut cx.effects.counters.dropped;
        let Ok(header) = Header::parse(datagram) else {
            dropped.bad_rtp += 1;
            return;
        };
        let Some(found) = self.find_track(&header, datagram, cx) else {
            cx.effects.counters.dropped.unknown_ssrc += 1;
            return;
        };
        let Some(payload_len) = self.open(&header, &found, datagram, cx) else { return };
        self.heard_at = cx.now;
        self.record_arrival(&header, datagram, since_start, cx);
        let (key, layer, expected) = match found.role {
            Role::Media(key, layer) => (key, layer, Sent::OnItsOwn),
            Role::Retransmission(key, layer) => (key, layer, Sent::AsRetransmission),
            Role::Unbound => return,
        };
        let payload = &datagram[header.len..header.len + payload_len];
        let Some(track) = cx.tracks.get_mut(key) else { return };
        let unpadded = header.without_padding(payload);
        let codec = track.codec(header.fields.payload_type).filter(|(_, sent)| *sent == expected);
        let (Some(payload), Some((codec, sent))) = (unpadded, codec) else {
            cx.effects.counters.dropped.bad_rtp += 1;
            return;
        };
        let (sequence_number, payload) = match sent {
            Sent::OnItsOwn => (header.fields.sequence_number, payload),
            // Without an original there is nothing in it: a probe.
            Sent::AsRetransmission => match split_osn(payload) {
                Some((_, [])) | None => return,
                Some(original) => original,
            },
        };
        let kept = Kept::new(header.elements(datagram), &self.ids);
        let heard = match (track.group, audio_level(kept.as_bytes())) {
            (Some(group), Some(level)) => Some((group, track.id, level)),
            _ => None,
        };
        let forwarded = match heard {
            Some((group, id, level)) => cx.tracks.speakers.hear(cx.now, group, id, level),
            None => true,
        };
        if let Some(at) = heard.and_then(|(group, ..)| cx.tracks.speakers.next(group)) {
            self.alarm_at(at, cx);
        }
        let Some(track) = cx.tracks.get_mut(key) else { return };
        let payload = if track.held || !forwarded { &[] } else { payload };
        let packet = Incoming {
            ssrc: header.fields.ssrc,
            sequence_number,
            timestamp: header.fields.timestamp,
            marker: header.fields.marker,
            codec,
            extensions: kept.as_bytes(),
            payload,
            sent,
        };
        cx.effects.relay_packet(track, layer, &packet);
        let arrival = track.receive(cx.now, since_start, layer, &packet);
        if arrival.first {
            cx.effects.events.push_back(Event::TrackStarted { track: track.id });
        }
        // Somebody may wait for a key frame already: now there is somebody to ask.
        if arrival.first || arrival.resumed {
            cx.effects.wake.push(self.key);
        }
        if arrival.broken
            && track.kind == Kind::Video
            && let Some(layer) = track.layers.get_mut(usize::from(layer))
        {
            layer.key_frames.want(cx.now);
            cx.effects.wake.push(self.key);
        }
        if arrival.fresh && !std::mem::replace(&mut track.listed, true) {
            cx.tracks.fresh.push(key);
        }
        if arrival.lacks {
            self.alarm_at(cx.now + LOOK_AFTER, cx);
        }
    }

    /// Decrypts in place; the payload's length with its padding.
    fn open(&mut self, header: &Header, found: &Found, datagram: &mut [u8], cx: &mut Context<'_>) -> Option<usize> {
        let ssrc = header.fields.ssrc;
        let index = match self.streams.find(ssrc) {
            Some(stream) => stream.replay.index_of(header.fields.sequence_number),
            None => StreamReplay::default().index_of(header.fields.sequence_number),
        };
        let dropped = &mut cx.effects.counters.dropped;
        let Some(index) = index else {
            dropped.replayed += 1;
            return None;
        };
        let (srtp, _) = self.srtp()?;
        let payload_len = match srtp.opener.open_rtp(index, datagram, header.len) {
            Ok(payload) => payload.len(),
            Err(OpenError::Truncated | OpenError::NotEncrypted) => {
                dropped.bad_rtp += 1;
                return None;
            }
            Err(OpenError::Unauthenticated) => {
                dropped.unauthenticated += 1;
                return None;
            }
        };
        if found.new && !self.streams.bind(ssrc, found.role) {
            cx.effects.counters.dropped.unknown_ssrc += 1;
            return None;
        }
        self.streams.find(ssrc)?.replay.accept(index);
        Some(payload_len)
    }

    /// By SSRC, else by MID, else by a payload type that only one track has.
    fn find_track(&mut self, header: &Header, datagram: &[u8], cx: &Context<'_>) -> Option<Found> {
        let before = match self.streams.find(header.fields.ssrc) {
            Some(Stream { role: Role::Unbound, before, .. }) => before.as_deref(),
            Some(stream) => return Some(Found { role: stream.role, new: false }),
            None => None,
        };
        let element = |id: Option<u8>| -> Option<Element<'_>> {
            let id = id?;
            header.elements(datagram).find(|element| element.id == id)
        };
        let rid = element(self.extensions.rid).or_else(|| element(self.extensions.repaired_rid));
        let mid = element(self.extensions.mid);
        let before = before.filter(|_| rid.is_none() && mid.is_none());
        let payload_type = header.fields.payload_type;
        let mut candidates = self.tracks.iter().filter_map(|key| {
            let track = cx.tracks.get(*key)?;
            let (_, sent) = track.codec(payload_type)?;
            let (fits, layer) = if let Some(before) = before {
                (before.mid == track.mid, before.layer)
            } else {
                let by_mid = mid.is_some_and(|mid| mid.data == track.mid.as_bytes());
                (by_mid || (mid.is_none() && !track.declared), track.layer_of(rid.map(|rid| rid.data))?)
            };
            let is_free = track.layer(layer)?.may_change_stream(cx.now);
            (fits && (sent == Sent::AsRetransmission || is_free)).then_some((*key, layer, sent))
        });
        let (key, layer, sent) = candidates.next()?;
        if candidates.next().is_some() {
            return None;
        }
        let role = match sent {
            Sent::OnItsOwn => Role::Media(key, layer),
            Sent::AsRetransmission => Role::Retransmission(key, layer),
        };
        Some(Found { role, new: true })
    }

    fn record_arrival(&mut self, header: &Header, datagram: &[u8], since_start: Duration, cx: &mut Context<'_>) {
        let Some(id) = self.extensions.transport_wide_cc else { return };
        let number = header.elements(datagram).find(|element| element.id == id);
        let Some([high, low]) = number.map(|element| element.data) else { return };
        let was_idle = self.arrivals.next().is_none();
        self.arrivals.receive(cx.now, u16::from_be_bytes([*high, *low]), since_start);
        if was_idle && let Some(at) = self.arrivals.next() {
            self.alarm_at(at, cx);
        }
        if self.arrivals.is_full() {
            cx.effects.wake.push(self.key);
        }
    }
}
