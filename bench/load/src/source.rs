//! What a publisher sends: frames at a steady rate, the packets of one frame back to back. Every payload says when it
//! was sent, so that whoever receives it knows its latency.

use std::time::{Duration, Instant};

use crate::rtp::Header;
use crate::sdp::Kind;
use crate::srtp::{Keys, SrtpError, TAG_LEN};

/// Where the time of sending stands in a payload: after all that a forwarder could look at.
const STAMP_AT: usize = 12;
pub const MIN_PAYLOAD: usize = STAMP_AT + 8;
/// VP8 (RFC 7741 4.2 and 4.3): a payload descriptor that starts a partition, and the header of a key frame of 640 × 360.
/// Every frame is a key frame: a forwarder that waits for one never has to.
const VP8_KEY_FRAME: [u8; 11] = [0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];
const VP8_CONTINUES: u8 = 0x00;
const OPUS_20_MS: u8 = 0x78; // RFC 6716 3.1: CELT, fullband, mono, 20 ms

#[derive(Debug, Clone, Copy)]
pub struct Media {
    pub kind: Kind,
    pub frames_per_second: u32,
    pub packets_per_frame: u32,
    pub payload: usize, // bytes of each packet
}

impl Media {
    fn interval(&self) -> Duration {
        Duration::from_secs(1) / self.frames_per_second
    }

    fn clock_rate(&self) -> u32 {
        match self.kind {
            Kind::Audio => 48_000,
            Kind::Video => 90_000,
        }
    }
}

pub struct Source {
    media: Media,
    ssrc: u32,
    payload_type: u8,
    sequence: u64,
    timestamp: u32,
    next: Instant,
    payload: Vec<u8>,
    header: Vec<u8>,
}

/// A frame, ready to be sent: packets of `stride` bytes in a row.
pub struct Frame<'a> {
    pub packets: &'a [u8],
    pub stride: usize,
    pub count: u32,
}

impl Source {
    pub fn new(media: Media, ssrc: u32, payload_type: u8, now: Instant) -> Self {
        let payload = (0..media.payload).map(|at| at as u8).collect();
        Source { media, ssrc, payload_type, sequence: 0, timestamp: 0, next: now, payload, header: Vec::new() }
    }

    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    pub fn rtp_timestamp(&self) -> u32 {
        self.timestamp
    }

    pub fn sent(&self) -> u64 {
        self.sequence
    }

    pub fn next(&self) -> Instant {
        self.next
    }

    /// Makes the frame that is due. `stamp`: nanoseconds since 1970. `transport_wide`: extension id and running number.
    pub fn frame<'a>(
        &mut self,
        keys: &Keys,
        stamp: u64,
        transport_wide: &mut Option<(u8, u16)>,
        arena: &'a mut Vec<u8>,
    ) -> Result<Frame<'a>, SrtpError> {
        arena.clear();
        let mut stride = 0;
        for at in 0..self.media.packets_per_frame {
            self.describe(at == 0);
            self.payload[STAMP_AT..MIN_PAYLOAD].copy_from_slice(&stamp.to_be_bytes());
            let header = Header {
                payload_type: self.payload_type,
                marker: self.media.kind == Kind::Video && at + 1 == self.media.packets_per_frame,
                sequence: self.sequence as u16,
                timestamp: self.timestamp,
                ssrc: self.ssrc,
            };
            self.header.clear();
            header.write(*transport_wide, &mut self.header);
            if let Some((_, number)) = transport_wide {
                *number = number.wrapping_add(1);
            }
            stride = self.header.len() + self.payload.len() + TAG_LEN;
            let start = arena.len();
            arena.resize(start + stride, 0);
            keys.seal_rtp(&self.header, &self.payload, self.sequence, &mut arena[start..])?;
            self.sequence += 1;
        }
        self.timestamp = self.timestamp.wrapping_add(self.media.clock_rate() / self.media.frames_per_second);
        self.next += self.media.interval();
        Ok(Frame { packets: arena, stride, count: self.media.packets_per_frame })
    }

    fn describe(&mut self, first: bool) {
        match (self.media.kind, first) {
            (Kind::Video, true) => self.payload[..VP8_KEY_FRAME.len()].copy_from_slice(&VP8_KEY_FRAME),
            (Kind::Video, false) => self.payload[0] = VP8_CONTINUES,
            (Kind::Audio, _) => self.payload[0] = OPUS_20_MS,
        }
    }
}

/// When the packet with this payload was sent, in nanoseconds since 1970.
pub fn stamp(payload: &[u8]) -> Option<u64> {
    let bytes = payload.get(STAMP_AT..MIN_PAYLOAD)?;
    bytes.try_into().ok().map(u64::from_be_bytes)
}
