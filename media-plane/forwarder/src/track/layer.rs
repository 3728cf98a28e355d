//! One RTP stream of a track: the only one, or a layer of a simulcast.

use std::time::{Duration, Instant};

use crate::codec::{DependencyDescriptor, PacketInfo, Structure, inspect};
use crate::command::{Codec, CodecParameters, Encoding, Kind};
use crate::rtcp::SenderInfo;
use crate::track::extensions::dependency_descriptor;
use crate::track::rates::RateMeter;
use crate::track::renumber::Renumber;
use crate::track::{Facts, Incoming, KeyFrameRequests, Missing, Packet, PacketRing, Reception, SenderReportSeen, Sent};

/// A stream that was silent for so long may be replaced by another of the same MID or payload type.
const SILENCE: Duration = Duration::from_secs(1);
/// A viewer may be sent what it missed since a key frame of at most this age and so many packets ago.
const CATCH_UP: Duration = Duration::from_millis(500);
const CATCH_UP_PACKETS: u64 = 200;

pub(crate) struct Layer {
    pub rid: Option<String>,
    pub ring: PacketRing,
    pub missing: Missing,
    pub key_frames: KeyFrameRequests,
    /// Its sequence numbers that came since the last flush, in the order of their coming.
    pub fresh: Vec<u64>,
    /// The first packet of a key frame that began since the last flush.
    pub fresh_key_frame: Option<u64>,
    pub sender_report: Option<SenderReportSeen>,
    pub rates: RateMeter,
    /// Of the whole picture, once a key frame told.
    pub size: Option<(u16, u16)>,
    structure: Option<Structure>,
    stream: Option<Stream>,
    numbers: Renumber,
    newest: Option<u64>,
    key_frame: Option<(u64, Instant)>,
    timestamps: Timestamps,
    /// Of streams that ended.
    lost_before: u64,
}

/// The SSRC that is forwarded now.
struct Stream {
    ssrc: u32,
    reception: Reception,
    heard_at: Instant,
    /// The publisher said so, and sent nothing since.
    ended: bool,
}

/// Keeps the timestamps going when the publisher changes its stream.
#[derive(Default)]
struct Timestamps {
    shift: u32,
    /// Publisher's timestamp and arrival of the newest packet.
    newest: Option<(u32, Instant)>,
    restarted: bool,
}

/// What a packet brought.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// The stream's very first.
    pub first: bool,
    /// It is to be forwarded.
    pub fresh: bool,
    /// There is something missing to be asked for.
    pub lacks: bool,
    /// Too much is missing: only a key frame helps.
    pub broken: bool,
    /// A key frame is still waited for after a pause.
    pub resumed: bool,
}

impl Layer {
    pub fn new(kind: Kind, encoding: &Encoding) -> Self {
        Self {
            rid: encoding.rid.clone(),
            ring: PacketRing::new(kind),
            missing: Missing::default(),
            key_frames: KeyFrameRequests::default(),
            fresh: Vec::new(),
            fresh_key_frame: None,
            sender_report: None,
            rates: RateMeter::default(),
            size: None,
            structure: None,
            stream: None,
            numbers: Renumber::default(),
            newest: None,
            key_frame: None,
            timestamps: Timestamps::default(),
            lost_before: 0,
        }
    }

    /// Takes a packet in. `since_start`: its arrival, since any fixed moment.
    pub fn receive(
        &mut self,
        now: Instant,
        since_start: Duration,
        packet: &Incoming<'_>,
        codec: &CodecParameters,
    ) -> Arrival {
        let first = self.stream.is_none();
        let resumed = self.may_change_stream(now) && self.key_frames.resume(now);
        if packet.sent == Sent::OnItsOwn {
            self.follow(now, packet.ssrc);
            if let Some(stream) = &mut self.stream {
                (stream.heard_at, stream.ended) = (now, false);
                stream.reception.receive(packet.sequence_number, packet.timestamp, since_start, codec.clock_rate);
            }
        } else if first {
            return Arrival::default();
        }
        let Some(place) = self.numbers.place(packet.sequence_number, packet.payload.is_empty()) else {
            return Arrival { first, ..Arrival::default() };
        };
        let mut arrival = Arrival { first, resumed, ..Arrival::default() };
        match place.gap {
            Some(0) => {}
            Some(gap) if codec.nack => {
                arrival.broken = !self.missing.lost(now, place.incoming, gap);
                arrival.lacks = !arrival.broken;
            }
            Some(_) => {}
            None => self.missing.came(place.incoming),
        }
        let timestamp = self.timestamps.shifted(now, packet.timestamp, codec.clock_rate);
        let Some(sequence) = place.sequence else { return arrival };
        let newest = self.newest.unwrap_or(sequence);
        if newest.saturating_sub(sequence) >= self.ring.len() {
            return arrival;
        }
        let info = self.inspect(packet, codec.codec);
        let facts = Facts {
            timestamp,
            marker: packet.marker,
            codec: packet.codec,
            key_frame: info.key_frame,
            ends_frame: info.ends_frame,
            spatial: info.spatial,
            temporal: info.temporal,
            raises: info.raises,
        };
        let kept = Packet { facts, extensions: packet.extensions, payload: packet.payload };
        if !self.ring.insert(sequence, &kept) {
            return arrival;
        }
        self.newest = Some(newest.max(sequence));
        self.rates.count(now, (info.spatial, info.temporal), packet.payload.len());
        if info.key_frame {
            self.size = info.size.or(self.size);
            self.key_frame_began(now, sequence, timestamp);
        }
        self.fresh.push(sequence);
        arrival.fresh = true;
        arrival
    }

    /// Every viewer has what came: it is not new any more.
    pub fn flushed(&mut self) {
        self.fresh.clear();
        self.fresh_key_frame = None;
    }

    /// The first packet of a key frame from which a new viewer can be sent everything, now.
    pub fn start(&self, now: Instant) -> Option<u64> {
        let (sequence, at) = self.key_frame?;
        let newest = self.newest?;
        let fits = newest - sequence < CATCH_UP_PACKETS && now.saturating_duration_since(at) <= CATCH_UP;
        (fits && self.ring.get(sequence).is_some()).then_some(sequence)
    }

    /// The newest packet's sequence number.
    pub fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// The newest packet's timestamp and arrival.
    pub fn newest_timestamp(&self) -> Option<(u32, Instant)> {
        self.timestamps.newest.map(|(timestamp, at)| (timestamp.wrapping_add(self.timestamps.shift), at))
    }

    pub fn heard_at(&self) -> Option<Instant> {
        self.stream.as_ref().map(|stream| stream.heard_at)
    }

    pub fn ssrc(&self) -> Option<u32> {
        self.stream.as_ref().map(|stream| stream.ssrc)
    }

    /// Whether a packet of another SSRC with our MID or payload type may take the stream over.
    pub fn may_change_stream(&self, now: Instant) -> bool {
        self.stream.as_ref().is_none_or(|stream| now.saturating_duration_since(stream.heard_at) >= SILENCE)
    }

    pub fn reception(&mut self) -> Option<(u32, &mut Reception)> {
        self.stream.as_mut().map(|stream| (stream.ssrc, &mut stream.reception))
    }

    pub fn lost(&self) -> u64 {
        self.lost_before + self.stream.as_ref().map_or(0, |stream| stream.reception.lost())
    }

    /// True: the first of this stream.
    pub fn sender_report(&mut self, now: Instant, info: &SenderInfo) -> bool {
        if let Some(stream) = &mut self.stream {
            stream.reception.sender_report(now, info);
        }
        let timestamp = info.rtp.wrapping_add(self.timestamps.shift);
        self.sender_report.replace(SenderReportSeen { ntp: info.ntp, timestamp, at: now }).is_none()
    }

    /// The publisher said that the stream ends. False: it did so before, and nothing came since.
    pub fn bye(&mut self) -> bool {
        self.missing.clear();
        self.sender_report = None;
        self.stream.as_mut().is_some_and(|stream| !std::mem::replace(&mut stream.ended, true))
    }

    pub fn has_ended(&self) -> bool {
        self.stream.as_ref().is_none_or(|stream| stream.ended)
    }

    fn follow(&mut self, now: Instant, ssrc: u32) {
        match &self.stream {
            Some(stream) if stream.ssrc == ssrc => return,
            Some(stream) => {
                self.lost_before += stream.reception.lost();
                self.numbers.restart();
                self.timestamps.restarted = true;
                self.bye();
            }
            None => {}
        }
        self.stream = Some(Stream { ssrc, reception: Reception::default(), heard_at: now, ended: false });
    }

    fn inspect(&mut self, packet: &Incoming<'_>, codec: Codec) -> PacketInfo {
        let mut info = inspect(codec, packet.payload);
        if matches!(codec, Codec::Av1 | Codec::H264)
            && let Some(data) = dependency_descriptor(packet.extensions)
            && let Some(descriptor) = DependencyDescriptor::parse(data)
        {
            if let Some(structure) = Structure::parse(data) {
                self.structure = Some(structure);
            }
            if let Some(structure) = &self.structure {
                descriptor.inform(structure, &mut info);
            }
        }
        info
    }

    fn key_frame_began(&mut self, now: Instant, sequence: u64, timestamp: u32) {
        let same_frame = |known| self.ring.get(known).is_some_and(|packet| packet.facts.timestamp == timestamp);
        match self.key_frame {
            // Parameter sets, then the picture: the frame begins with the first of them.
            Some((known, at)) if same_frame(known) => {
                self.key_frame = Some((known.min(sequence), at));
                self.fresh_key_frame = self.fresh_key_frame.map(|fresh| fresh.min(sequence));
            }
            Some((known, _)) if known > sequence => return,
            _ => {
                self.key_frame = Some((sequence, now));
                self.fresh_key_frame = Some(sequence);
            }
        }
        self.key_frames.satisfied();
    }
}

impl Timestamps {
    fn shifted(&mut self, now: Instant, timestamp: u32, clock_rate: u32) -> u32 {
        if std::mem::take(&mut self.restarted)
            && let Some((last, at)) = self.newest
        {
            let elapsed = now.saturating_duration_since(at).as_micros() * u128::from(clock_rate) / 1_000_000;
            let wanted = last.wrapping_add(self.shift).wrapping_add(elapsed.max(1) as u32);
            self.shift = wanted.wrapping_sub(timestamp);
            self.newest = None;
        }
        let is_newer = |last: u32| (timestamp.wrapping_sub(last) as i32) >= 0;
        if self.newest.is_none_or(|(last, _)| is_newer(last)) {
            self.newest = Some((timestamp, now));
        }
        timestamp.wrapping_add(self.shift)
    }
}
