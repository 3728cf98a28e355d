//! Bytes and commands that nobody should send.

use std::net::SocketAddr;

use aqlinks_forwarder::{Command, Input, Limits, Received, Subscribe};
use proptest::prelude::*;

use crate::harness::{
    Published, Subscribed, VIEWER_RTX_PT, VIEWER_VIDEO_PT, Version, World, delta, fields, key_frame, vp8,
};

/// A call of two that must not notice what happens beside it.
struct Call {
    world: World,
    attacker: usize,
    video: Published,
    subscribed: Subscribed,
    sent: u16,
}

impl Call {
    fn new() -> Self {
        let mut world = World::new();
        let (publisher, viewer, attacker) = (world.join(), world.join(), world.join());
        let video = world.publish_video(publisher, 1);
        let subscribed = world.subscribe(viewer, video, 1);
        let other = world.publish_video(attacker, 2);
        world.subscribe(attacker, video, 2);
        world.subscribe(viewer, other, 3);
        world.send(video, 0, &key_frame(0));
        world.run_ms(20);
        Self { world, attacker, video, subscribed, sent: 1 }
    }

    fn goes_on(&mut self) {
        let number = self.sent;
        self.sent += 1;
        self.world.send(self.video, number, &delta(number));
        self.world.run_ms(5);
        assert_eq!(self.world.received(self.subscribed).len(), usize::from(self.sent));
        for peer in [self.video.peer, self.subscribed.peer] {
            assert!(self.world.closed(peer).is_none());
        }
    }
}

#[test]
fn tampered_and_replayed_media_is_dropped_and_counted() {
    let mut call = Call::new();
    let world = &mut call.world;
    let address = world.peers[call.video.peer].address;
    let packet = world.peers[call.video.peer].seal(&fields(call.video, 1), &[], &delta(1));
    for at in 0..packet.len() {
        let mut tampered = packet.clone();
        tampered[at] ^= 0x40;
        world.inject(address, &tampered);
    }
    let before = world.stats().dropped;
    assert!(before.unauthenticated as usize > packet.len() - 16, "{before:?}");
    world.inject(address, &packet);
    world.inject(address, &packet);
    world.run_ms(10);
    assert_eq!(world.stats().dropped.replayed, before.replayed + 1);
    call.sent = 2;
    call.goes_on();
}

#[test]
fn replayed_rtcp_is_dropped_and_counted() {
    let mut call = Call::new();
    let world = &mut call.world;
    let viewer = call.subscribed.peer;
    world.peers[viewer].send_rtcp(|out| aqlinks_forwarder::rtcp::write_pli(out, 1, call.subscribed.ssrc));
    let (address, datagram) = world.peers[viewer].take_outgoing().remove(0);
    world.inject(address, &datagram);
    world.inject(address, &datagram);
    assert_eq!(world.stats().dropped.replayed, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_datagrams_disturb_nobody(
        datagrams in prop::collection::vec((any::<bool>(), 0usize..4, prop::collection::vec(any::<u8>(), 0..200)), 1..60),
        stride in 1usize..300,
    ) {
        let mut call = Call::new();
        let validated = call.world.peers[call.attacker].address;
        let unknown = SocketAddr::from(([10, 66, 66, 66], 6));
        for (known, kind, mut bytes) in datagrams {
            // Each protocol's first byte as often as every other.
            if let Some(first) = bytes.first_mut() {
                *first = [*first & 3, 20 + *first % 44, 128 + (*first & 63), *first][kind];
            }
            let source = if known { validated } else { unknown };
            let received = Received { source: source.into(), destination: None, contents: &mut bytes, stride };
            call.world.worker.handle(call.world.now, Input::Datagrams(received));
            call.world.poll();
        }
        call.goes_on();
    }

    /// What its keys protect may still be nonsense.
    #[test]
    fn authentic_nonsense_disturbs_nobody(
        packets in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 12..300)), 1..40),
    ) {
        let mut call = Call::new();
        let now = call.world.now;
        for (is_rtcp, mut bytes) in packets {
            bytes[0] = 0x80 | (bytes[0] & 0x3f);
            let peer = &mut call.world.peers[call.attacker];
            let (sealer, _) = peer.srtp.as_ref().unwrap();
            if is_rtcp {
                bytes[1] = 200 + bytes[1] % 8;
                let index = u32::from(bytes[2]) << 16 | u32::from(bytes[3]);
                let words = (bytes.len() / 4).min(1 + usize::from(bytes[4]) % 20) - 1;
                bytes[2..4].copy_from_slice(&(words as u16).to_be_bytes());
                if bytes[5] % 2 == 0 {
                    bytes[4..8].copy_from_slice(&500_020_u32.to_be_bytes());
                }
                sealer.seal_rtcp(index, &mut bytes, 0).unwrap();
            } else {
                bytes[0] &= 0xb0; // no CSRCs
                bytes[1] = [96, 97, 111, bytes[1] & 0x3f][usize::from(bytes[1] % 4)];
                let ssrc: u32 = 2_000 + u32::from(bytes[8] % 2);
                bytes[8..12].copy_from_slice(&ssrc.to_be_bytes());
                let Ok(header) = aqlinks_forwarder::rtp::Header::parse(&bytes) else { continue };
                let index = u64::from(header.fields.sequence_number);
                bytes.extend_from_slice(&[0; 16]);
                sealer.seal_rtp_in_place(index, &mut bytes, header.len).unwrap();
            }
            let received = Received {
                source: peer.address.into(),
                destination: None,
                stride: bytes.len(),
                contents: &mut bytes,
            };
            call.world.worker.handle(now, Input::Datagrams(received));
            call.world.poll();
        }
        prop_assert!(call.world.closed(call.attacker).is_none());
        call.goes_on();
    }
}

#[test]
fn commands_about_what_is_not_there_are_ignored() {
    let mut call = Call::new();
    let world = &mut call.world;
    let (publisher, viewer) = (call.video.peer, call.subscribed.peer);
    let transport = world.peers[viewer].transport;
    for command in [
        Command::CloseTransport { transport: 999 },
        Command::UnpublishTrack { track: 999 },
        Command::Unsubscribe { subscription: 999 },
        Command::OpenTransport { transport, ice_ufrag: "new".into(), ice_pwd: "p".repeat(22) },
        Command::OpenTransport {
            transport: 998,
            ice_ufrag: world.peers[viewer].server.0.clone(),
            ice_pwd: "p".repeat(22),
        },
    ] {
        world.command(command);
    }
    let mut unknown = world.peers[viewer].answer();
    unknown.transport = 999;
    world.command(Command::ConnectTransport(unknown));
    world.command(Command::Subscribe(Subscribe {
        transport,
        subscription: 997,
        track: call.video.track,
        mid: "s".into(),
        ssrc: 997,
        rtx_ssrc: Some(997),
        codecs: vec![vp8(VIEWER_VIDEO_PT, Some(VIEWER_RTX_PT))],
        limits: Limits::default(),
    }));
    world.send(call.video, 1, &delta(1));
    call.sent += 1;
    world.run_ms(5);
    assert!(world.peers[viewer].rtp.iter().all(|media| media.fields.ssrc != 997), "one SSRC for two streams");
    let ghost = Published { track: 999, ..call.video };
    world.subscribe(viewer, ghost, 999);
    world.subscribe(viewer, call.video, 1);
    world.publish_video(publisher, 1);
    call.goes_on();
    assert_eq!(call.world.stats().transports.len(), 3);
}

#[test]
fn early_dtls_is_held_within_bounds() {
    let mut call = Call::new();
    let world = &mut call.world;
    let early = world.open();
    world.peers[early].check(true);
    world.run_ms(10);
    let address = world.peers[early].address;
    for _ in 0..1_000 {
        world.inject(address, &[22; 1_200]);
    }
    world.answer(early);
    world.connect(early);
    call.goes_on();
}

/// Who guesses a peer's address can write records to it, but has no keys.
#[test]
fn forged_dtls_records_end_nothing() {
    for version in [Version::V1_2, Version::V1_3] {
        let mut world = World::new();
        let peer = world.open_with(version);
        world.answer(peer);
        world.connect(peer);
        let address = world.peers[peer].address;
        for kind in [20, 21, 22, 23, 26] {
            for epoch in 0..4 {
                for number in 0..200_u8 {
                    for body in [&[2, 40][..], &[1], &[1, 0, 0, 4, 0, number, 0, 0, 0, 0, 0, 4, 9, 9, 9, 9]] {
                        let mut record = vec![kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 1, number];
                        record.extend_from_slice(&(body.len() as u16).to_be_bytes());
                        record.extend_from_slice(body);
                        world.inject(address, &record);
                    }
                }
            }
        }
        for first in 32..64 {
            world.inject(address, &[first; 60]);
        }
        world.run_ms(100);
        assert_eq!(world.closed(peer), None, "{version:?}");
    }
}
