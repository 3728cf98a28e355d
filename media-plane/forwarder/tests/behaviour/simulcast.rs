//! A publisher of three layers, as browsers send VP8: each layer a stream of its own with its own clock.

use aqlinks_forwarder::rtcp::{SenderInfo, write_sender_report};
use aqlinks_forwarder::rtp::{Element, Fields};
use aqlinks_forwarder::{Encoding, Kind};

use crate::harness::{Media, Published, VIDEO_PT, VIDEO_RTX_PT, World, vp8};

/// Id of the RTP stream id extension, as publishers of simulcasts negotiate it.
pub const RID: u8 = 10;
pub const MID: u8 = 1;

pub struct Simulcast {
    pub published: Published,
    pub layers: [Stream; 3],
    /// Whether packets say to which section and layer they belong.
    pub named: bool,
}

/// One layer.
pub struct Stream {
    pub ssrc: u32,
    pub number: u16,
    pub picture: u16,
    pub base: u8,
    /// What its clock says when the capture began.
    pub clock: u32,
    pub width: u16,
    /// Packets a frame.
    pub packets: u16,
}

/// One frame of a layer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Frame {
    pub key: bool,
    pub temporal: u8,
    /// Depends on the base layer only.
    pub sync: bool,
}

pub const KEY: Frame = Frame { key: true, temporal: 0, sync: false };
pub const DELTA: Frame = Frame { key: false, temporal: 0, sync: false };

impl World {
    /// Three layers by their RTP stream ids: 320, 640 and 1,280 pixels wide.
    pub fn publish_simulcast(&mut self, peer: usize, track: u32) -> Simulcast {
        let published = Published { peer, track, kind: Kind::Video, ssrc: 0, rtx_ssrc: 0 };
        let encodings = ["q", "h", "f"].map(|rid| Encoding { rid: Some(rid.into()), ..Encoding::default() });
        self.publish_as(published, encodings.to_vec(), vec![vp8(VIDEO_PT, Some(VIDEO_RTX_PT))]);
        let layers = [0_u16, 1, 2].map(|layer| Stream {
            ssrc: track * 1_000 + u32::from(layer),
            number: 100 + layer * 20_000,
            picture: 5_000 * (layer + 1),
            base: 50 * layer as u8,
            clock: 0x4000_0000 * u32::from(layer) + 77,
            width: 320 << layer,
            packets: 1 + layer,
        });
        Simulcast { published, layers, named: true }
    }

    /// A frame of one layer, captured `at` milliseconds after the capture began.
    pub fn send_layer(&mut self, simulcast: &mut Simulcast, layer: usize, at: u32, frame: Frame) {
        let stream = &mut simulcast.layers[layer];
        stream.picture = stream.picture.wrapping_add(1) & 0x7fff;
        if frame.temporal == 0 {
            stream.base = stream.base.wrapping_add(1);
        }
        for packet in 0..stream.packets {
            let fields = Fields {
                padding: false,
                marker: packet + 1 == stream.packets,
                payload_type: VIDEO_PT,
                sequence_number: stream.number,
                timestamp: stream.clock.wrapping_add(at * 90),
                ssrc: stream.ssrc,
            };
            let payload = stream.payload(frame, packet);
            let (mid, rid) = (format!("{}", simulcast.published.track % 1000), ["q", "h", "f"][layer]);
            let names = [Element { id: MID, data: mid.as_bytes() }, Element { id: RID, data: rid.as_bytes() }];
            let elements: &[_] = if simulcast.named { &names } else { &[] };
            let sealed = self.peers[simulcast.published.peer].seal(&fields, elements, &payload);
            self.peers[simulcast.published.peer].send(sealed);
            stream.number = stream.number.wrapping_add(1);
        }
    }

    /// What the publisher's clock is at each layer's.
    pub fn report_layers(&mut self, simulcast: &Simulcast, at: u32) {
        let ntp = (3_900_000_000 << 32) + (u64::from(at) << 32) / 1_000;
        for stream in &simulcast.layers {
            let info =
                SenderInfo { ssrc: stream.ssrc, ntp, rtp: stream.clock.wrapping_add(at * 90), packets: 0, octets: 0 };
            self.peers[simulcast.published.peer].send_rtcp(|out| write_sender_report(out, &info, &[]));
        }
    }
}

impl Stream {
    /// X, S; I L T; 15 bits of picture id, TL0PICIDX, TID and Y; then the payload header, with start code and size in key
    /// frames. The layer's width stands at the end of every packet.
    fn payload(&self, frame: Frame, packet: u16) -> Vec<u8> {
        let [high, low] = self.picture.to_be_bytes();
        let start = if packet == 0 { 0x90 } else { 0x80 };
        let layer = frame.temporal << 6 | u8::from(frame.sync) << 5;
        let mut payload = vec![start, 0xe0, 0x80 | high, low, self.base, layer];
        if packet == 0 {
            payload.extend([u8::from(!frame.key), 0, 0]);
            if frame.key {
                payload.extend([0x9d, 0x01, 0x2a]);
                payload.extend(self.width.to_le_bytes());
                payload.extend((self.width / 16 * 9).to_le_bytes());
            }
        }
        payload.resize(98, 0xaa);
        payload.extend(self.width.to_be_bytes());
        payload
    }
}

/// What a decoder sees of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub number: u16,
    pub timestamp: u32,
    pub marker: bool,
    pub picture: u16,
    pub base: u8,
    pub temporal: u8,
    pub key: bool,
    pub starts: bool,
    pub width: u16,
}

pub fn seen(media: &Media) -> Seen {
    let payload = &media.payload;
    let tail = &payload[payload.len() - 2..];
    let starts = payload[0] & 0x10 != 0;
    Seen {
        number: media.fields.sequence_number,
        timestamp: media.fields.timestamp,
        marker: media.fields.marker,
        picture: u16::from_be_bytes([payload[2] & 0x7f, payload[3]]),
        base: payload[4],
        temporal: payload[5] >> 6,
        key: starts && payload[6] & 1 == 0,
        starts,
        width: u16::from_be_bytes([tail[0], tail[1]]),
    }
}

/// What a decoder demands of a stream that came whole: numbers without a gap, time that only goes on, pictures one after
/// another, a new resolution with a key frame only.
pub fn assert_clean(media: &[&Media]) {
    let seen: Vec<_> = media.iter().map(|media| seen(media)).collect();
    for pair in seen.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        assert_eq!(after.number, before.number.wrapping_add(1), "{before:?} {after:?}");
        if after.starts {
            assert!((after.timestamp.wrapping_sub(before.timestamp) as i32) > 0, "{before:?} {after:?}");
            assert_eq!(after.picture, before.picture.wrapping_add(1) & 0x7fff, "{before:?} {after:?}");
            let bases = u8::from(after.temporal == 0);
            assert_eq!(after.base, before.base.wrapping_add(bases), "{before:?} {after:?}");
        } else {
            assert_eq!((after.timestamp, after.picture), (before.timestamp, before.picture));
        }
        assert!(after.width == before.width || after.key, "{before:?} {after:?}");
    }
}
