//! Published tracks.

mod extensions;
mod key_frame;
mod missing;
mod reception;
mod renumber;
mod ring;
mod tracks;

use std::time::{Duration, Instant};

pub(crate) use extensions::{ElementList, ForwardedIds, Kept};
pub(crate) use key_frame::KeyFrameRequests;
pub(crate) use missing::Missing;
pub(crate) use reception::Reception;
use renumber::Renumber;
pub(crate) use ring::{Facts, Packet, PacketRing};
pub(crate) use tracks::{TrackKey, Tracks};

use crate::codec::is_key_frame;
use crate::command::{CodecParameters, Kind, PublishTrack, TrackId};
use crate::rtcp::SenderInfo;
use crate::subscription::Subscriber;
use crate::transport::TransportKey;

/// Codecs of one track that are looked at: an offer has a handful.
pub(crate) const MAX_CODECS: usize = 16;
/// A stream that was silent for so long may be replaced by another of the same MID or payload type.
const SILENCE: Duration = Duration::from_secs(1);
/// A viewer may be sent what it missed since a key frame of at most this age and so many packets ago.
const CATCH_UP: Duration = Duration::from_millis(500);
const CATCH_UP_PACKETS: u64 = 200;

/// What one participant publishes: one RTP stream, kept and numbered for those who receive it.
pub(crate) struct Track {
    pub id: TrackId,
    /// The publisher's.
    pub transport: TransportKey,
    pub kind: Kind,
    pub mid: String,
    /// The only RTP stream id that is forwarded, if the publisher sends several encodings.
    pub rid: Option<String>,
    /// The SDP declared the SSRCs: no other is looked for.
    pub declared: bool,
    pub codecs: Vec<CodecParameters>,
    /// Of the publisher's transport; the same for all its tracks (RFC 3550 6.5.1).
    pub cname: String,
    pub ring: PacketRing,
    pub missing: Missing,
    pub key_frames: KeyFrameRequests,
    pub subscribers: Vec<Subscriber>,
    /// Track sequence numbers that came since the last flush, in the order of their coming.
    pub fresh: Vec<u64>,
    pub sender_report: Option<SenderReportSeen>,
    /// Its packets are taken as if they only padded: left out, so that viewers miss nothing.
    pub held: bool,
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

/// The publisher's last sender report, its RTP timestamp as the track counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SenderReportSeen {
    pub ntp: u64,
    pub timestamp: u32,
    pub at: Instant,
}

/// A verified packet of the publisher.
pub(crate) struct Incoming<'a> {
    pub ssrc: u32,
    pub sequence_number: u16,
    /// As the publisher counts.
    pub timestamp: u32,
    pub marker: bool,
    pub codec: u8,
    pub extensions: &'a [u8],
    /// Without padding; empty if there was nothing else.
    pub payload: &'a [u8],
    pub sent: Sent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    OnItsOwn,
    /// By RTX, on an SSRC of its own.
    AsRetransmission,
}

/// What a packet brought.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// The track's very first.
    pub first: bool,
    /// It is to be forwarded, and is the first since the last flush.
    pub wakes: bool,
    /// There is something missing to be asked for.
    pub lacks: bool,
    /// Too much is missing: only a key frame helps.
    pub broken: bool,
    /// A key frame is still waited for after a pause.
    pub resumed: bool,
}

impl Track {
    pub fn new(command: PublishTrack, transport: TransportKey, cname: String) -> Self {
        let mut codecs = command.codecs;
        codecs.truncate(MAX_CODECS);
        Self {
            id: command.track,
            transport,
            kind: command.kind,
            mid: command.mid,
            rid: command.encodings.first().and_then(|encoding| encoding.rid.clone()),
            declared: command.encodings.iter().any(|encoding| encoding.ssrc.is_some()),
            codecs,
            cname,
            ring: PacketRing::new(command.kind),
            missing: Missing::default(),
            key_frames: KeyFrameRequests::default(),
            subscribers: Vec::new(),
            fresh: Vec::new(),
            sender_report: None,
            held: false,
            stream: None,
            numbers: Renumber::default(),
            newest: None,
            key_frame: None,
            timestamps: Timestamps::default(),
            lost_before: 0,
        }
    }

    /// Index of the codec with this payload type, and whether it is its RTX.
    pub fn codec(&self, payload_type: u8) -> Option<(u8, Sent)> {
        self.codecs.iter().zip(0..).find_map(|(codec, index)| {
            if codec.payload_type == payload_type {
                Some((index, Sent::OnItsOwn))
            } else if codec.rtx_payload_type == Some(payload_type) {
                Some((index, Sent::AsRetransmission))
            } else {
                None
            }
        })
    }

    /// Takes a packet in. `since_start`: its arrival, since any fixed moment.
    pub fn receive(&mut self, now: Instant, since_start: Duration, packet: &Incoming<'_>) -> Arrival {
        let first = self.stream.is_none();
        let resumed = self.may_change_stream(now) && self.key_frames.resume(now);
        let codec = self.codecs[usize::from(packet.codec)];
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
        let timestamp = self.timestamps.shifted(now, packet.timestamp, codec.clock_rate);
        let facts = Facts { timestamp, marker: packet.marker, codec: packet.codec };
        let kept = Packet { facts, extensions: packet.extensions, payload: packet.payload };
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
        let Some(sequence) = place.sequence else { return arrival };
        let newest = self.newest.unwrap_or(sequence);
        if newest.saturating_sub(sequence) >= self.ring.len() || !self.ring.insert(sequence, &kept) {
            return arrival;
        }
        self.newest = Some(newest.max(sequence));
        if self.kind == Kind::Video && is_key_frame(codec.codec, packet.payload) {
            self.key_frame_began(now, sequence, timestamp);
        }
        arrival.wakes = self.fresh.is_empty();
        self.fresh.push(sequence);
        arrival
    }

    /// The first packet of a key frame from which a new viewer can be sent everything, now.
    pub fn start(&self, now: Instant) -> Option<u64> {
        let (sequence, at) = self.key_frame?;
        let newest = self.newest?;
        let fits = newest - sequence < CATCH_UP_PACKETS && now.saturating_duration_since(at) <= CATCH_UP;
        (fits && self.ring.get(sequence).is_some()).then_some(sequence)
    }

    /// The newest packet's track sequence number.
    pub fn newest(&self) -> Option<u64> {
        self.newest
    }

    pub fn ssrc(&self) -> Option<u32> {
        self.stream.as_ref().map(|stream| stream.ssrc)
    }

    /// Whether a packet of another SSRC with our MID or payload type may take the track over.
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

    pub fn clock_rate(&self) -> u32 {
        self.codecs.first().map_or(90_000, |codec| codec.clock_rate)
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

    fn key_frame_began(&mut self, now: Instant, sequence: u64, timestamp: u32) {
        let same_frame = |known| self.ring.get(known).is_some_and(|packet| packet.facts.timestamp == timestamp);
        match self.key_frame {
            // Parameter sets, then the picture: the frame begins with the first of them.
            Some((known, at)) if same_frame(known) => self.key_frame = Some((known.min(sequence), at)),
            Some((known, _)) if known > sequence => return,
            _ => self.key_frame = Some((sequence, now)),
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
