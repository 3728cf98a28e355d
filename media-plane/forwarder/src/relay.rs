//! Tracks on several workers. A room that outgrows its worker goes on on others: the publisher's worker hands each packet
//! over once, decrypted, and the other one fans it out from a track of its own, its copy. What viewers there want of the
//! publisher comes back the same way.
//!
//! What is handed over gathers in one [`Handover`] a worker and round; the driver carries it.

use std::time::{Duration, Instant};

use crate::command::{PublishTrack, ReceiveTrack, TrackId};
use crate::context::Effects;
use crate::rtcp::SenderInfo;
use crate::track::{Incoming, Sent, Track, audio_level};
use crate::transport::TransportKey;
use crate::worker::Worker;

/// Index of a worker among those of the process.
pub type WorkerIndex = usize;

/// Of one round. A worker that is 20 ms late at 1 Gb/s hands over 2.5 MB; what does not fit is dropped and counted.
const MAX_BYTES: usize = 4 << 20;
/// Emptied handovers that are kept for the next rounds.
const SPARE: usize = 8;

/// What one worker tells another in one go.
#[derive(Default)]
pub struct Handover {
    records: Vec<Record>,
    /// Extensions and payloads of the packets, one after the other.
    bytes: Vec<u8>,
}

enum Record {
    Packet(TrackId, u8, PacketHead),
    SenderReport(TrackId, u8, SenderInfo),
    Bye(TrackId, u8),
    /// From here on to the publisher's worker.
    KeyFrameWanted(TrackId, u8),
    /// The layers that anybody there watches, a bit each.
    Watched(TrackId, u8),
}

struct PacketHead {
    ssrc: u32,
    sequence_number: u16,
    timestamp: u32,
    marker: bool,
    codec: u8,
    sent: Sent,
    extensions_len: usize,
    payload_len: usize,
}

impl Handover {
    /// Packets in it.
    pub fn packets(&self) -> u64 {
        self.records.iter().filter(|record| matches!(record, Record::Packet(..))).count() as u64
    }

    fn clear(&mut self) {
        self.records.clear();
        self.bytes.clear();
    }
}

/// Another worker that a track is handed over to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Destination {
    pub worker: WorkerIndex,
    /// Layers that count as watched because somebody there watches them.
    watched: u8,
}

/// Of the whole worker.
#[derive(Default)]
pub(crate) struct Relays {
    /// By worker.
    outgoing: Vec<Handover>,
    spare: Vec<Handover>,
    /// Something may be wanted of a publisher on another worker.
    woken: bool,
    wake_at: Option<Instant>,
}

impl Relays {
    /// The next handover that is to be carried.
    pub fn take(&mut self) -> Option<(WorkerIndex, Handover)> {
        let to = self.outgoing.iter().position(|handover| !handover.records.is_empty())?;
        let empty = self.spare.pop().unwrap_or_default();
        Some((to, std::mem::replace(&mut self.outgoing[to], empty)))
    }

    pub fn is_pending(&self) -> bool {
        self.outgoing.iter().any(|handover| !handover.records.is_empty())
    }

    pub fn wake(&mut self) {
        self.woken = true;
    }

    pub fn next(&self) -> Option<Instant> {
        self.wake_at
    }

    fn is_due(&mut self, now: Instant) -> bool {
        std::mem::take(&mut self.woken) || self.wake_at.is_some_and(|at| at <= now)
    }

    fn to(&mut self, worker: WorkerIndex) -> &mut Handover {
        if self.outgoing.len() <= worker {
            self.outgoing.resize_with(worker + 1, Handover::default);
        }
        &mut self.outgoing[worker]
    }

    fn reuse(&mut self, mut handover: Handover) {
        if self.spare.len() < SPARE {
            handover.clear();
            self.spare.push(handover);
        }
    }
}

impl Effects {
    /// A packet of a publisher here, for the other workers that its track goes to.
    pub fn relay_packet(&mut self, track: &Track, layer: u8, packet: &Incoming<'_>) {
        for destination in &track.destinations {
            let handover = self.relays.to(destination.worker);
            if handover.bytes.len() > MAX_BYTES {
                self.counters.dropped.relay_full += 1;
                continue;
            }
            handover.bytes.extend_from_slice(packet.extensions);
            handover.bytes.extend_from_slice(packet.payload);
            let head = PacketHead {
                ssrc: packet.ssrc,
                sequence_number: packet.sequence_number,
                timestamp: packet.timestamp,
                marker: packet.marker,
                codec: packet.codec,
                sent: packet.sent,
                extensions_len: packet.extensions.len(),
                payload_len: packet.payload.len(),
            };
            handover.records.push(Record::Packet(track.id, layer, head));
        }
    }

    pub fn relay_sender_report(&mut self, track: &Track, layer: u8, info: &SenderInfo) {
        for destination in &track.destinations {
            self.relays.to(destination.worker).records.push(Record::SenderReport(track.id, layer, *info));
        }
    }

    pub fn relay_bye(&mut self, track: &Track, layer: u8) {
        for destination in &track.destinations {
            self.relays.to(destination.worker).records.push(Record::Bye(track.id, layer));
        }
    }
}

impl Worker {
    /// From now on the track goes to that worker too.
    pub(crate) fn relay_track(&mut self, id: TrackId, worker: WorkerIndex) {
        if let Some(track) = self.tracks.find(id).and_then(|key| self.tracks.get_mut(key))
            && track.origin.is_none()
            && track.destinations.iter().all(|destination| destination.worker != worker)
        {
            track.destinations.push(Destination { worker, watched: 0 });
        }
    }

    pub(crate) fn stop_relaying(&mut self, now: Instant, id: TrackId, worker: WorkerIndex) {
        self.watched_elsewhere(now, (id, 0), worker);
        if let Some(track) = self.tracks.find(id).and_then(|key| self.tracks.get_mut(key)) {
            track.destinations.retain(|destination| destination.worker != worker);
        }
    }

    /// The copy of a track that another worker hands over.
    pub(crate) fn receive_track(&mut self, now: Instant, command: ReceiveTrack) {
        let ReceiveTrack { track, from, transport, kind, group, encodings, codecs } = command;
        // All tracks of one publisher have one name here too, by which viewers synchronise them.
        let cname = format!("relayed-{transport}");
        let published = PublishTrack { transport, track, kind, mid: String::new(), group, encodings, codecs };
        let mut track = Track::new(published, TransportKey::ELSEWHERE, cname, now);
        track.origin = Some(from);
        self.tracks.insert(track);
    }

    /// What another worker handed over.
    pub(crate) fn take_over(&mut self, now: Instant, from: WorkerIndex, handover: Handover) {
        let since_start = now.saturating_duration_since(self.start);
        let mut bytes = handover.bytes.as_slice();
        for record in &handover.records {
            match record {
                Record::Packet(track, layer, head) => {
                    let (extensions, rest) = bytes.split_at(head.extensions_len);
                    let (payload, rest) = rest.split_at(head.payload_len);
                    bytes = rest;
                    let packet = Incoming {
                        ssrc: head.ssrc,
                        sequence_number: head.sequence_number,
                        timestamp: head.timestamp,
                        marker: head.marker,
                        codec: head.codec,
                        extensions,
                        payload,
                        sent: head.sent,
                    };
                    self.take_packet((now, since_start), from, (*track, *layer), &packet);
                }
                Record::SenderReport(track, layer, info) => self.take_sender_report(now, (*track, *layer), info),
                Record::Bye(track, layer) => self.take_bye(*track, *layer),
                Record::KeyFrameWanted(track, layer) => self.key_frame_wanted_elsewhere(now, *track, *layer),
                Record::Watched(track, layers) => self.watched_elsewhere(now, (*track, *layers), from),
            }
        }
        self.effects.relays.reuse(handover);
    }

    fn take_packet(
        &mut self,
        (now, since_start): (Instant, Duration),
        from: WorkerIndex,
        (id, layer): (TrackId, u8),
        packet: &Incoming<'_>,
    ) {
        let Some(key) = self.tracks.find(id) else { return };
        let Some(track) = self.tracks.get(key).filter(|track| track.origin == Some(from)) else { return };
        if usize::from(packet.codec) >= track.codecs.len() {
            return;
        }
        // Who is loud there competes with who is loud here; whether its sound comes is decided there.
        if let (Some(group), Some(level)) = (track.group, audio_level(packet.extensions)) {
            self.tracks.speakers.hear(now, group, id, level);
        }
        let Some(track) = self.tracks.get_mut(key) else { return };
        let arrival = track.receive(now, since_start, layer, packet);
        // What is missing, the publisher's worker asks for; when it has given up, it wants a key frame itself.
        if let Some(layer) = track.layers.get_mut(usize::from(layer)) {
            layer.missing.clear();
        }
        if arrival.resumed || arrival.first {
            self.effects.relays.wake();
        }
        if arrival.fresh && !std::mem::replace(&mut track.listed, true) {
            self.tracks.fresh.push(key);
        }
    }

    fn take_sender_report(&mut self, now: Instant, (id, layer): (TrackId, u8), info: &SenderInfo) {
        let Some(track) = self.tracks.find(id).and_then(|key| self.tracks.get_mut(key)) else { return };
        if track.layers.get_mut(usize::from(layer)).is_some_and(|layer| layer.sender_report(now, info)) {
            self.effects.wake.extend(track.subscribers.iter().map(|subscriber| subscriber.transport));
        }
    }

    fn take_bye(&mut self, id: TrackId, layer: u8) {
        let Some(track) = self.tracks.find(id).and_then(|key| self.tracks.get_mut(key)) else { return };
        if track.layers.get_mut(usize::from(layer)).is_some_and(crate::track::Layer::bye) && track.has_ended() {
            self.effects.ended.extend_from_slice(&track.subscribers);
        }
    }

    fn key_frame_wanted_elsewhere(&mut self, now: Instant, id: TrackId, layer: u8) {
        let Some(track) = self.tracks.find(id).and_then(|key| self.tracks.get_mut(key)) else { return };
        if let Some(layer) = track.layers.get_mut(usize::from(layer))
            && layer.key_frames.want(now).is_some()
        {
            self.effects.wake.push(track.transport);
        }
    }

    fn watched_elsewhere(&mut self, now: Instant, (id, layers): (TrackId, u8), worker: WorkerIndex) {
        let Some(track) = self.tracks.find(id).and_then(|key| self.tracks.get_mut(key)) else { return };
        let Some(destination) = track.destinations.iter_mut().find(|destination| destination.worker == worker) else {
            return;
        };
        let before = std::mem::replace(&mut destination.watched, layers);
        for layer in (0..8).filter(|layer| (before ^ layers) >> layer & 1 == 1) {
            let (left, came) = if before >> layer & 1 == 1 { (Some(layer), None) } else { (None, Some(layer)) };
            if track.watchers.change(now, left, came) {
                self.effects.wake.push(track.transport);
            }
        }
    }

    /// Tells other workers what viewers here want of the publishers there.
    pub(crate) fn want_of_others(&mut self, now: Instant) {
        if !self.effects.relays.is_due(now) {
            return;
        }
        let mut next: Option<Instant> = None;
        for track in self.tracks.iter_mut() {
            let Some(origin) = track.origin else { continue };
            // Told again with each request: it may have come before the other worker knew of us.
            let mut asked = false;
            let is_watched = !track.subscribers.is_empty();
            for (layer, index) in track.layers.iter_mut().zip(0..) {
                if !is_watched {
                    layer.key_frames.satisfied();
                } else if layer.key_frames.due(now) {
                    self.effects.relays.to(origin).records.push(Record::KeyFrameWanted(track.id, index));
                    asked = true;
                }
                next = [next, layer.key_frames.next()].into_iter().flatten().min();
            }
            if let Some(layers) = track.watchers.take_watched(asked) {
                self.effects.relays.to(origin).records.push(Record::Watched(track.id, layers));
            }
        }
        self.effects.relays.wake_at = next;
    }
}
