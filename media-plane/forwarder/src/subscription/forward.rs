//! From a track to one viewer: which layer, from which packet on, and what is left out.

use std::time::Instant;

use crate::codec::{DependencyDescriptor, NumberShift, Numbers, closes_picture_ids, numbers};
use crate::command::{Codec, Kind, Target};
use crate::context::Effects;
use crate::event::Event;
use crate::subscription::numbering::Rewrite;
use crate::subscription::{Departure, Phase, Placed, Subscription, Way};
use crate::track::{Layer, Packet, Track, dependency_descriptor};

/// How far back the newest packet that a viewer was sent is looked for.
const LOOK_BACK: u64 = 64;

impl Subscription {
    /// The layer whose packets it is sent; `None`: it waits.
    pub fn layer(&self) -> Option<u8> {
        match self.phase {
            Phase::Waiting => None,
            Phase::Running => self.numbering.current().map(|stretch| stretch.layer),
        }
    }

    /// What the viewer's clock says at a layer's timestamp.
    pub fn timestamp(&self, timestamp: u32) -> u32 {
        let shift = self.numbering.current().map_or(self.timestamp_shift, |stretch| stretch.rewrite.timestamp);
        timestamp.wrapping_add(shift)
    }

    /// A packet that the viewer asks for by its number.
    pub fn find<'a>(&self, number: u16, track: &'a Track) -> Option<Placed<'a>> {
        let (index, stretch, sequence) = self.numbering.find(number)?;
        let packet = track.layer(stretch.layer)?.ring.get(sequence)?;
        Some(Placed { index, rewrite: stretch.rewrite, packet })
    }

    /// Whether the packet of this index would be the same to the last byte: what it says of its departure too.
    pub fn may_repeat(&self, index: u64, way: &Way<'_>) -> bool {
        let tells_the_same = match &way.departure {
            Departure::Untold => true,
            Departure::Timed { .. } => false,
            Departure::Numbered { .. } if self.wide => {
                self.repeats.as_ref().is_some_and(|repeats| repeats.number_of(index).is_some())
            }
            Departure::Numbered { .. } => true,
        };
        tells_the_same && self.numbering.may_repeat(index)
    }

    /// Looks anew which layer it is to have, tells the track that it watches it, and asks for the key frame that it needs.
    /// The stream to be sent; `None`: it is paused.
    pub fn steer(&mut self, track: &mut Track, now: Instant, effects: &mut Effects) -> Option<u8> {
        let wanted = self.selection.wanted(track);
        if wanted != self.selection.watched {
            let from = std::mem::replace(&mut self.selection.watched, wanted);
            if track.watchers.change(now, from, wanted) {
                effects.wake.push(track.transport);
            }
        }
        let stream = self.selection.stream(track, now);
        let current = self.layer();
        match (stream, current) {
            (None, _) => {
                self.phase = Phase::Waiting;
                self.interest = 0;
            }
            (Some(_), None) => self.interest = u8::MAX,
            (Some(stream), Some(current)) => {
                self.interest = 1 << stream | 1 << current;
                let lacks = stream != current || self.selection.lacks_spatial(track);
                if lacks && let Some(layer) = track.layers.get_mut(usize::from(stream)) {
                    let asks = layer.fresh_key_frame.is_none() && layer.key_frames.want(now).is_some();
                    if asks {
                        effects.wake.push(track.transport);
                    }
                }
            }
        }
        self.tell(track, stream, effects);
        stream
    }

    /// Follows another target at once, not with the next packet.
    pub fn turn_to(&mut self, track: &mut Track, now: Instant, effects: &mut Effects) {
        let Some(stream) = self.steer(track, now, effects) else { return };
        let (kind, publisher, waits) = (track.kind, track.transport, self.layer().is_none());
        let Some(layer) = track.layers.get_mut(usize::from(stream)) else { return };
        // Asked for before the viewer is connected, the key frame is there when it is.
        let lacks = kind == Kind::Video && waits && self.start(kind, layer, now).is_none();
        if lacks && layer.key_frames.want(now).is_some() {
            effects.wake.push(publisher);
        }
    }

    /// Sends what is new of its track.
    pub fn forward(&mut self, track: &mut Track, now: Instant, way: &Way<'_>, effects: &mut Effects) {
        if track.is_plain() && self.phase == Phase::Running && !self.selection.is_paused() {
            self.forward_fresh(track, (0, None), now, (way, effects));
            if self.is_behind() {
                self.catch_up(track, now, way, effects);
            }
            return;
        }
        let newest = self.layer().and_then(|layer| track.layer(layer)).and_then(|layer| layer.newest());
        let Some(stream) = self.steer(track, now, effects) else {
            self.leave_behind(newest.unwrap_or_default(), effects);
            return;
        };
        let Some(current) = self.layer() else {
            self.enter(track, stream, now, (way, effects));
            return;
        };
        let switches = (stream != current)
            .then(|| track.layer(stream).and_then(|layer| layer.fresh_key_frame))
            .flatten()
            .filter(|first| track.layer(stream).is_some_and(|layer| layer.ring.get(*first).is_some()));
        let Some(first) = switches else {
            self.forward_fresh(track, (current, None), now, (way, effects));
            if self.is_behind() {
                self.catch_up(track, now, way, effects);
            }
            return;
        };
        let key_frame = track.layer(stream).and_then(|layer| layer.ring.get(first));
        let until = key_frame.and_then(|packet| track.translate(packet.facts.timestamp, stream, current, now));
        self.forward_fresh(track, (current, until), now, (way, effects));
        self.leave_behind(newest.unwrap_or_default(), effects);
        self.begin(track, stream, first, now);
        self.forward_since(track, (stream, first), now, (way, effects));
        self.tell(track, Some(stream), effects);
    }

    /// Where a viewer that waits can begin: a new one may be sent what it missed, one that goes on had some of it.
    pub fn start(&self, kind: Kind, layer: &Layer, now: Instant) -> Option<u64> {
        match kind {
            Kind::Video if self.numbering.current().is_some() => layer.fresh_key_frame,
            Kind::Video => layer.start(now),
            Kind::Audio => layer.fresh.iter().min().copied(),
        }
    }

    /// A viewer that waits begins with the layer that it is to have, or with any until then.
    fn enter(&mut self, track: &mut Track, stream: u8, now: Instant, out: (&Way<'_>, &mut Effects)) {
        let (way, effects) = out;
        let others = (0..track.layers.len() as u8).rev().filter(|other| *other != stream);
        let start = |index: u8| {
            let first = self.start(track.kind, track.layer(index)?, now)?;
            self.may_begin(index, first).then_some((index, first))
        };
        let entry = std::iter::once(stream).chain(others).find_map(start);
        if let Some((layer, first)) = entry {
            self.begin(track, layer, first, now);
            self.phase = Phase::Running;
            self.forward_since(track, (layer, first), now, (way, effects));
            self.interest |= 1 << layer;
            self.tell(track, Some(layer), effects);
        }
        let kind = track.kind;
        let missing = entry.is_none_or(|(layer, _)| layer != stream);
        if missing
            && kind == Kind::Video
            && let Some(layer) = track.layers.get_mut(usize::from(stream))
            && layer.key_frames.want(now).is_some()
        {
            effects.wake.push(track.transport);
        }
    }

    /// From this packet of this layer on.
    fn begin(&mut self, track: &Track, layer: u8, first: u64, now: Instant) {
        let spatial = self.selection.begin(track);
        let rewrite = match self.numbering.current().copied() {
            None => Rewrite::new(self.timestamp_shift),
            Some(before) if before.layer == layer => before.rewrite,
            Some(before) => self.continued(track, (before.layer, before.rewrite), (layer, first), now),
        };
        self.numbering.begin(layer, first, Rewrite { spatial, ..rewrite });
        self.left_out = None;
    }

    /// So that the decoder sees one stream: the key frame of the other layer is the picture after the last one.
    fn continued(&self, track: &Track, from: (u8, Rewrite), to: (u8, u64), now: Instant) -> Rewrite {
        let ((from, before), (to, first)) = (from, to);
        let Some((old, key)) = track.layer(from).zip(track.layer(to).and_then(|layer| layer.ring.get(first))) else {
            return before;
        };
        let timestamp = key.facts.timestamp;
        let last = self.numbering.newest().and_then(|newest| last_packet(old, newest));
        let translated = track.translate(timestamp, to, from, now).unwrap_or(timestamp).wrapping_add(before.timestamp);
        let shown = match last.as_ref().map(|last| last.facts.timestamp.wrapping_add(before.timestamp)) {
            Some(last) if (translated.wrapping_sub(last) as i32) <= 0 => last.wrapping_add(1),
            _ => translated,
        };
        let mut rewrite = Rewrite::new(shown.wrapping_sub(timestamp));
        if let Some(last) = last {
            let codec = |packet: &Packet<'_>| track.codecs[usize::from(packet.facts.codec)].codec;
            rewrite.numbers = following(&pictures(codec(&last), &last), &before.numbers, &pictures(codec(&key), &key));
            if let Some((last, key)) = frame_number(&last).zip(frame_number(&key)) {
                rewrite.frame_number = last.wrapping_add(before.frame_number).wrapping_add(1).wrapping_sub(key);
            }
        }
        rewrite
    }

    fn forward_since(&mut self, track: &Track, from: (u8, u64), now: Instant, out: (&Way<'_>, &mut Effects)) {
        let ((layer, first), (way, effects)) = (from, out);
        let Some(source) = track.layer(layer) else { return };
        let open = self.selection.is_open(track, layer);
        for sequence in first..=source.newest().unwrap_or(first) {
            if self.holds(track, sequence, now, way) {
                return;
            }
            self.pass(track, (source, layer), (sequence, open), way, effects);
        }
    }

    /// `until`: pictures from this timestamp on are not worth sending, another layer has them.
    fn forward_fresh(&mut self, track: &Track, what: (u8, Option<u32>), now: Instant, out: (&Way<'_>, &mut Effects)) {
        let ((layer, until), (way, effects)) = (what, out);
        let Some(source) = track.layer(layer) else { return };
        let open = self.selection.is_open(track, layer);
        for &sequence in &source.fresh {
            let is_late = |until: u32| {
                let timestamp = source.ring.get(sequence).map(|packet| packet.facts.timestamp);
                timestamp.is_some_and(|timestamp| (timestamp.wrapping_sub(until) as i32) >= 0)
            };
            if !until.is_some_and(is_late) && !self.holds(track, sequence, now, way) {
                self.pass(track, (source, layer), (sequence, open), way, effects);
            }
        }
    }

    /// Sends one packet of a layer, as [`Self::pass`].
    pub(super) fn pass_from(&mut self, track: &Track, layer: u8, sequence: u64, way: &Way<'_>, effects: &mut Effects) {
        let Some(source) = track.layer(layer) else { return };
        let open = self.selection.is_open(track, layer);
        self.pass(track, (source, layer), (sequence, open), way, effects);
    }

    /// Sends one packet, unless its layer is left out.
    #[inline]
    fn pass(&mut self, track: &Track, from: (&Layer, u8), packet: (u64, bool), way: &Way<'_>, effects: &mut Effects) {
        let ((source, layer), (sequence, open)) = (from, packet);
        let Some(packet) = source.ring.get(sequence) else { return };
        if !open && self.numbering.is_new(sequence) && !self.admit(track, sequence, &packet) {
            return;
        }
        let Some((index, rewrite)) = self.numbering.place(layer, sequence) else { return };
        let len = packet.payload.len();
        if self.send(&Placed { index, rewrite, packet }, way, &mut effects.outbox) {
            self.reports.count(len);
        }
    }

    /// A new packet of a stream with several layers. What is missing before it keeps its place, and is sent if it comes,
    /// whatever its layer is: a hole would be asked for again and again.
    fn admit(&mut self, track: &Track, sequence: u64, packet: &Packet<'_>) -> bool {
        if !self.selection.passes(track, &packet.facts) {
            let codec = track.codecs[usize::from(packet.facts.codec)].codec;
            let picture = numbers(codec, packet.payload).picture_id;
            let another = closes_picture_ids(codec) && picture.is_some() && picture != self.left_out;
            self.left_out = picture;
            self.numbering.leave_out(sequence, |rewrite| {
                if another {
                    rewrite.numbers.picture_id = rewrite.numbers.picture_id.wrapping_sub(1);
                }
            });
            return false;
        }
        let spatial = self.selection.spatial();
        if self.numbering.current().is_some_and(|stretch| stretch.rewrite.spatial != spatial) {
            self.numbering.rewrite(sequence, |rewrite| rewrite.spatial = spatial);
        }
        true
    }

    fn tell(&mut self, track: &Track, stream: Option<u8>, effects: &mut Effects) {
        let current = match (stream, self.layer()) {
            (None, _) => Target::Paused,
            (Some(_), Some(layer)) => self.selection.current(track, layer),
            (Some(_), None) => return,
        };
        if self.selection.told != current {
            self.selection.told = current;
            effects.events.push_back(Event::SubscriptionChanged { subscription: self.id, current });
        }
    }
}

/// The newest packet up to this one that is still kept.
fn last_packet(layer: &Layer, newest: u64) -> Option<Packet<'_>> {
    (newest.saturating_sub(LOOK_BACK)..=newest).rev().find_map(|sequence| layer.ring.get(sequence))
}

fn pictures(codec: Codec, packet: &Packet<'_>) -> Numbers {
    numbers(codec, packet.payload)
}

fn frame_number(packet: &Packet<'_>) -> Option<u16> {
    DependencyDescriptor::parse(dependency_descriptor(packet.extensions)?).map(|descriptor| descriptor.frame_number)
}

/// What makes `key` the picture after `last`, which was sent with `shift`.
fn following(last: &Numbers, shift: &NumberShift, key: &Numbers) -> NumberShift {
    let next = |last: Option<u16>, shift: u16, key: Option<u16>| {
        last.zip(key).map_or(0, |(last, key)| last.wrapping_add(shift).wrapping_add(1).wrapping_sub(key))
    };
    let byte = |last: Option<u8>, shift: u8, key: Option<u8>| {
        next(last.map(u16::from), u16::from(shift), key.map(u16::from)) as u8
    };
    NumberShift {
        picture_id: next(last.picture_id, shift.picture_id, key.picture_id),
        base_picture: byte(last.base_picture, shift.base_picture, key.base_picture),
        key_index: byte(last.key_index, shift.key_index, key.key_index),
    }
}
