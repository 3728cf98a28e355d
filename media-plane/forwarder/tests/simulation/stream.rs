//! What a publisher sends: packets that say whose they are, so that whoever gets one can tell.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use aqlinks_forwarder::rtp::{Fields, Header, extend};
use aqlinks_forwarder::{Codec, CodecParameters, Kind};

use crate::random::Random;

/// Kept for those who ask again.
const HISTORY: usize = 400;

/// What every payload says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    pub room: u8,
    pub track: u32,
    /// Of the packet, from 0.
    pub number: u32,
    pub begins_key_frame: bool,
}

const CONTENT: usize = 11;

impl Content {
    /// VP8's payload descriptor with S on a frame's first packet, then the frame header, whose last bit is 0 in a key
    /// frame (RFC 7741 4.2, 4.3); audio looks the same and is never looked into.
    fn write(&self, begins: bool, len: usize) -> Vec<u8> {
        let mut payload = vec![if begins { 0x10 } else { 0 }, if self.begins_key_frame { 0 } else { 1 }, self.room];
        payload.extend_from_slice(&self.track.to_be_bytes());
        payload.extend_from_slice(&self.number.to_be_bytes());
        payload.resize(len.max(CONTENT), self.number as u8);
        payload
    }

    /// `None`: nothing but padding.
    pub fn read_any(payload: &[u8]) -> Option<Self> {
        (payload.len() >= CONTENT).then(|| Self::read(payload))
    }

    fn read(payload: &[u8]) -> Self {
        let word = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
        Self {
            room: payload[2],
            track: word(3),
            number: word(7),
            begins_key_frame: payload[0] == 0x10 && payload[1] == 0,
        }
    }
}

pub struct Stream {
    pub room: u8,
    pub track: u32,
    pub kind: Kind,
    pub ssrc: u32,
    pub rtx_ssrc: u32,
    pub wants_key_frame: bool,
    first_number: u16,
    rtx_number: u16,
    count: u32,
    history: VecDeque<(Fields, Vec<u8>)>,
    /// What was sent by RTX, by its number there.
    repeated: HashMap<u16, u32>,
    begun: Instant,
    next: Instant,
    talks_until: Instant,
}

impl Stream {
    pub fn new(now: Instant, (room, track, kind): (u8, u32, Kind), random: &mut Random) -> Self {
        Self {
            room,
            track,
            kind,
            ssrc: track * 10,
            rtx_ssrc: track * 10 + 1,
            wants_key_frame: true,
            first_number: first_number(random),
            rtx_number: first_number(random),
            count: 0,
            history: VecDeque::new(),
            repeated: HashMap::new(),
            begun: now,
            next: now,
            talks_until: now + Duration::from_millis(random.below(1_000..8_000)),
        }
    }

    pub fn next(&self) -> Instant {
        self.next
    }

    /// The packets of one frame, if it is time.
    pub fn frame(&mut self, now: Instant, random: &mut Random) -> Vec<(Fields, Vec<u8>)> {
        if now < self.next {
            return Vec::new();
        }
        self.next = now + Duration::from_millis(if self.kind == Kind::Video { 80 } else { 60 });
        if now > self.talks_until {
            self.next = now + Duration::from_millis(random.below(1_000..60_000));
            self.talks_until = self.next + Duration::from_millis(random.below(500..8_000));
        }
        let key = self.kind == Kind::Video && (std::mem::take(&mut self.wants_key_frame) || random.percent(2));
        let packets = if self.kind == Kind::Audio { 1 } else { random.below(1..if key { 9 } else { 4 }) };
        let rate = if self.kind == Kind::Video { 90 } else { 48 };
        let timestamp = ((now - self.begun).as_millis() as u32).wrapping_mul(rate);
        (0..packets).map(|at| self.packet((at == 0, at + 1 == packets), (key, timestamp), random)).collect()
    }

    fn packet(
        &mut self,
        (begins, ends): (bool, bool),
        (key, timestamp): (bool, u32),
        random: &mut Random,
    ) -> (Fields, Vec<u8>) {
        let content = Content {
            room: self.room,
            track: self.track,
            number: self.count,
            begins_key_frame: begins && key && self.kind == Kind::Video,
        };
        let fields = Fields {
            padding: false,
            marker: ends,
            payload_type: if self.kind == Kind::Video { 96 } else { 111 },
            sequence_number: self.first_number.wrapping_add(self.count as u16),
            timestamp,
            ssrc: self.ssrc,
        };
        self.count += 1;
        let packet = (fields, content.write(begins, random.below(20..200) as usize));
        self.history.push_back(packet.clone());
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
        packet
    }

    /// Which packet of this track it is, still encrypted.
    pub fn packet_of(&self, header: &Header) -> Option<u32> {
        let number = header.fields.sequence_number;
        if header.fields.ssrc == self.rtx_ssrc {
            return self.repeated.get(&number).copied();
        }
        if header.fields.ssrc != self.ssrc {
            return None;
        }
        let index = extend(u64::from(self.count) + (1 << 16), number.wrapping_sub(self.first_number))?;
        Some((index - (1 << 16)) as u32)
    }

    /// By RTX (RFC 4588), if it is still there.
    pub fn again(&mut self, number: u16) -> Option<(Fields, Vec<u8>)> {
        let (fields, payload) = self.history.iter().find(|(fields, _)| fields.sequence_number == number)?;
        self.rtx_number = self.rtx_number.wrapping_add(1);
        self.repeated.insert(self.rtx_number, Content::read(payload).number);
        let fields = Fields { ssrc: self.rtx_ssrc, payload_type: 97, sequence_number: self.rtx_number, ..*fields };
        let mut with_number = number.to_be_bytes().to_vec();
        with_number.extend_from_slice(payload);
        Some((fields, with_number))
    }
}

/// Below 2^15, as RFC 3711 3.3.1 asks, or long before the wrap: who misses the packets around it cannot know of it.
fn first_number(random: &mut Random) -> u16 {
    (if random.percent(70) { random.below(0..1 << 15) } else { random.below(64_000..65_200) }) as u16
}

pub fn codec(kind: Kind, (media, rtx): (u8, Option<u8>)) -> CodecParameters {
    let video = kind == Kind::Video;
    CodecParameters {
        codec: if video { Codec::Vp8 } else { Codec::Opus },
        payload_type: media,
        rtx_payload_type: rtx,
        clock_rate: if video { 90_000 } else { 48_000 },
        nack: video,
        pli: video,
        fir: false,
        transport_cc: false,
    }
}
