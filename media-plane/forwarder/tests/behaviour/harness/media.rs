//! What peers publish and receive.

use aqlinks_forwarder::rtcp::{Packet, Packets};
use aqlinks_forwarder::rtp::{Element, Fields, write_osn};
use aqlinks_forwarder::{Codec, CodecParameters, Command, Encoding, Kind, Limits, PublishTrack, Subscribe};

use super::{Media, World};

pub const VIDEO_PT: u8 = 96;
pub const VIDEO_RTX_PT: u8 = 97;
pub const AUDIO_PT: u8 = 111;
/// All microphones are heard together.
pub const GROUP: u32 = 7;
/// A viewer's payload types differ from every publisher's.
pub const VIEWER_VIDEO_PT: u8 = 100;
pub const VIEWER_RTX_PT: u8 = 101;
pub const VIEWER_AUDIO_PT: u8 = 109;

pub fn vp8(payload_type: u8, rtx_payload_type: Option<u8>) -> CodecParameters {
    CodecParameters {
        codec: Codec::Vp8,
        payload_type,
        rtx_payload_type,
        clock_rate: 90_000,
        nack: true,
        pli: true,
        fir: true,
        transport_cc: true,
    }
}

pub fn opus(payload_type: u8) -> CodecParameters {
    CodecParameters {
        codec: Codec::Opus,
        payload_type,
        rtx_payload_type: None,
        clock_rate: 48_000,
        nack: false,
        pli: false,
        fir: false,
        transport_cc: true,
    }
}

/// A publisher's track.
#[derive(Debug, Clone, Copy)]
pub struct Published {
    pub peer: usize,
    pub track: u32,
    pub kind: Kind,
    pub ssrc: u32,
    pub rtx_ssrc: u32,
}

/// A viewer's subscription.
#[derive(Debug, Clone, Copy)]
pub struct Subscribed {
    pub peer: usize,
    pub ssrc: u32,
    pub rtx_ssrc: u32,
}

impl World {
    pub fn publish_video(&mut self, peer: usize, track: u32) -> Published {
        let published = Published { peer, track, kind: Kind::Video, ssrc: track * 1000, rtx_ssrc: track * 1000 + 1 };
        let encoding = Encoding { ssrc: Some(published.ssrc), rtx_ssrc: Some(published.rtx_ssrc), rid: None };
        self.publish_as(published, vec![encoding], vec![vp8(VIDEO_PT, Some(VIDEO_RTX_PT))]);
        published
    }

    pub fn publish_audio(&mut self, peer: usize, track: u32) -> Published {
        let published = Published { peer, track, kind: Kind::Audio, ssrc: track * 1000, rtx_ssrc: 0 };
        let encoding = Encoding { ssrc: Some(published.ssrc), ..Encoding::default() };
        self.publish_as(published, vec![encoding], vec![opus(AUDIO_PT)]);
        published
    }

    pub fn publish_as(&mut self, published: Published, encodings: Vec<Encoding>, codecs: Vec<CodecParameters>) {
        let transport = self.peers[published.peer].transport;
        let (track, kind, mid) = (published.track, published.kind, format!("{}", published.track % 1000));
        let group = (kind == Kind::Audio).then_some(GROUP);
        self.command(Command::PublishTrack(PublishTrack { transport, track, kind, mid, group, encodings, codecs }));
    }

    /// With RTX.
    pub fn subscribe(&mut self, peer: usize, published: Published, subscription: u32) -> Subscribed {
        self.subscribe_as(peer, published, subscription, true)
    }

    pub fn subscribe_as(&mut self, peer: usize, published: Published, subscription: u32, rtx: bool) -> Subscribed {
        let codecs = match published.kind {
            Kind::Video => vec![vp8(VIEWER_VIDEO_PT, rtx.then_some(VIEWER_RTX_PT))],
            Kind::Audio => vec![opus(VIEWER_AUDIO_PT)],
        };
        self.subscribe_with(peer, published, subscription, codecs)
    }

    pub fn subscribe_with(
        &mut self,
        peer: usize,
        published: Published,
        subscription: u32,
        codecs: Vec<CodecParameters>,
    ) -> Subscribed {
        let ssrc = 500_000 + subscription * 10;
        let rtx = codecs.iter().any(|codec| codec.rtx_payload_type.is_some());
        self.command(Command::Subscribe(Subscribe {
            transport: self.peers[peer].transport,
            subscription,
            track: published.track,
            mid: format!("s{subscription}"),
            ssrc,
            rtx_ssrc: rtx.then_some(ssrc + 1),
            codecs,
            limits: Limits::default(),
        }));
        Subscribed { peer, ssrc, rtx_ssrc: ssrc + 1 }
    }

    /// One packet of a track.
    pub fn send(&mut self, published: Published, number: u16, payload: &[u8]) {
        self.send_with(published, number, &[], payload);
    }

    pub fn send_with(&mut self, published: Published, number: u16, elements: &[Element<'_>], payload: &[u8]) {
        let fields = fields(published, number);
        let packet = self.peers[published.peer].seal(&fields, elements, payload);
        self.peers[published.peer].send(packet);
    }

    /// The packet again, on the RTX stream.
    pub fn send_rtx(&mut self, published: Published, rtx_number: u16, number: u16, payload: &[u8]) {
        let mut fields = fields(published, number);
        fields.ssrc = published.rtx_ssrc;
        fields.payload_type = VIDEO_RTX_PT;
        fields.sequence_number = rtx_number;
        let mut with_number = vec![0; 2 + payload.len()];
        write_osn(&mut with_number, number);
        with_number[2..].copy_from_slice(payload);
        let packet = self.peers[published.peer].seal(&fields, &[], &with_number);
        self.peers[published.peer].send(packet);
    }

    /// A key frame of one packet under `first`, then `count` packets more.
    pub fn send_frames(&mut self, published: Published, first: u16, count: u16) {
        self.send(published, first, &key_frame(first));
        for offset in 1..=count {
            let number = first.wrapping_add(offset);
            self.send(published, number, &delta(number));
        }
    }

    /// RTP of a subscription that its peer got.
    pub fn received(&self, subscribed: Subscribed) -> Vec<&Media> {
        let own = |media: &&Media| media.fields.ssrc == subscribed.ssrc;
        self.peers[subscribed.peer].rtp.iter().filter(own).collect()
    }

    pub fn received_rtx(&self, subscribed: Subscribed) -> Vec<&Media> {
        let own = |media: &&Media| media.fields.ssrc == subscribed.rtx_ssrc;
        self.peers[subscribed.peer].rtp.iter().filter(own).collect()
    }

    /// RTCP that a peer got, told by a name and what matters of it.
    pub fn key_frame_requests(&self, peer: usize) -> usize {
        self.rtcp(peer, |packet| matches!(packet, Packet::Pli { .. }).then_some(())).len()
    }

    pub fn nacked(&self, peer: usize) -> Vec<u16> {
        let numbers = self.rtcp(peer, |packet| match packet {
            Packet::Nack(nack) => Some(nack.sequence_numbers().collect::<Vec<_>>()),
            _ => None,
        });
        numbers.concat()
    }

    pub fn rtcp<T>(&self, peer: usize, pick: impl Fn(&Packet<'_>) -> Option<T>) -> Vec<T> {
        let compounds = &self.peers[peer].rtcp;
        let packets = compounds.iter().flat_map(|compound| Packets::new(compound));
        packets.filter_map(|packet| pick(&packet.expect("sound RTCP"))).collect()
    }
}

/// 3,000 ticks a packet: a frame a packet at 30 a second.
pub fn fields(published: Published, number: u16) -> Fields {
    Fields {
        padding: false,
        marker: true,
        payload_type: if published.kind == Kind::Video { VIDEO_PT } else { AUDIO_PT },
        sequence_number: number,
        timestamp: u32::from(number) * 3_000,
        ssrc: published.ssrc,
    }
}

pub fn key_frame(number: u16) -> Vec<u8> {
    payload(number, 0x00)
}

pub fn delta(number: u16) -> Vec<u8> {
    payload(number, 0x01)
}

fn payload(number: u16, first_byte: u8) -> Vec<u8> {
    let mut payload = vec![0x10, first_byte];
    payload.extend_from_slice(&number.to_be_bytes());
    payload.resize(200, number as u8);
    payload
}
