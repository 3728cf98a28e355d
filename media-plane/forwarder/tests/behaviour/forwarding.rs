//! RTP from publishers to viewers.

use aqlinks_forwarder::rtp::Element;
use aqlinks_forwarder::{Command, Encoding, Event, HeaderExtensions, Kind};

use crate::harness::{
    AUDIO_PT, Media, Published, VIDEO_PT, VIEWER_AUDIO_PT, VIEWER_VIDEO_PT, World, delta, fields, key_frame, opus, vp8,
};

/// Each number follows the one before.
pub fn assert_continuous(media: &[&Media]) {
    for pair in media.windows(2) {
        let (before, after) = (pair[0].fields.sequence_number, pair[1].fields.sequence_number);
        assert_eq!(after, before.wrapping_add(1));
    }
}

#[test]
fn each_viewer_gets_every_packet_under_its_own_names() {
    let mut world = World::new();
    let publisher = world.join();
    let viewers = [world.join(), world.join()];
    let video = world.publish_video(publisher, 1);
    let audio = world.publish_audio(publisher, 2);
    let subscribed: Vec<_> = viewers
        .iter()
        .flat_map(|viewer| [(*viewer, video), (*viewer, audio)])
        .zip(1..)
        .map(|((viewer, track), id)| world.subscribe(viewer, track, id))
        .collect();
    world.send_frames(video, 100, 9);
    for number in 0..10 {
        world.send(audio, number, &[number as u8; 50]);
    }
    world.run_ms(20);
    for (subscription, kind) in subscribed.iter().zip([Kind::Video, Kind::Audio].into_iter().cycle()) {
        let media = world.received(*subscription);
        assert_eq!(media.len(), 10);
        assert_continuous(&media);
        let payload_type = if kind == Kind::Video { VIEWER_VIDEO_PT } else { VIEWER_AUDIO_PT };
        assert!(media.iter().all(|packet| packet.fields.payload_type == payload_type && packet.fields.marker));
        let first = media[0].fields;
        assert!(first.sequence_number < 1 << 15);
        for (packet, step) in media.iter().zip(0..) {
            assert_eq!(packet.fields.timestamp, first.timestamp.wrapping_add(step * 3_000));
            if kind == Kind::Audio {
                assert_eq!(packet.payload, [step as u8; 50]);
            } else {
                let number = 100 + step as u16;
                assert_eq!(packet.payload, if step == 0 { key_frame(number) } else { delta(number) });
            }
        }
    }
    let started = world.events.iter().filter(|event| matches!(event, Event::TrackStarted { .. })).count();
    assert_eq!(started, 2);
    assert_eq!(world.stats().packets_forwarded, 40);
}

#[test]
fn sequence_numbers_and_roll_over_counters_wrap() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(viewer, audio, 1);
    let mut number = 65_000_u16;
    for round in 0..1_400 {
        for _ in 0..100 {
            world.send(audio, number, &[round as u8; 20]);
            number = number.wrapping_add(1);
        }
        world.run_ms(5);
    }
    let media = world.received(subscribed);
    assert_eq!(media.len(), 140_000);
    assert_continuous(&media);
}

#[test]
fn reordered_packets_keep_their_places_and_duplicates_are_dropped() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe(viewer, video, 1);
    world.send(video, 10, &key_frame(10));
    world.run_ms(10);
    for number in [12, 11, 14, 13, 15] {
        world.send(video, number, &delta(number));
    }
    world.run_ms(10);
    let datagram = world.peers[publisher].seal(&fields(video, 16), &[], &delta(16));
    for _ in 0..3 {
        let address = world.peers[publisher].address;
        world.inject(address, &datagram);
    }
    world.run_ms(10);
    let media = world.received(subscribed);
    let first = media[0].fields.sequence_number;
    let order: Vec<_> = media.iter().map(|packet| packet.fields.sequence_number - first).collect();
    assert_eq!(order, [0, 2, 1, 4, 3, 5, 6]);
    assert_eq!(world.stats().dropped.replayed, 2);
}

#[test]
fn padding_leaves_no_gap() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe(viewer, video, 1);
    world.send(video, 1, &key_frame(1));
    for number in [2, 3] {
        let mut padding = fields(video, number);
        padding.padding = true;
        let mut payload = vec![0; 255];
        payload[254] = 255;
        let packet = world.peers[publisher].seal(&padding, &[], &payload);
        world.peers[publisher].send(packet);
    }
    let mut padded = fields(video, 4);
    padded.padding = true;
    let mut payload = delta(4);
    payload.extend_from_slice(&[0, 0, 3]);
    let packet = world.peers[publisher].seal(&padded, &[], &payload);
    world.peers[publisher].send(packet);
    world.send(video, 5, &delta(5));
    world.run_ms(20);
    let media = world.received(subscribed);
    assert_continuous(&media);
    let payloads: Vec<_> = media.iter().map(|packet| packet.payload.clone()).collect();
    assert_eq!(payloads, [key_frame(1), delta(4), delta(5)]);
    assert!(media.iter().all(|packet| !packet.fields.padding));
}

#[test]
fn extensions_are_forwarded_under_the_viewers_ids() {
    let mut world = World::new();
    let publisher = world.join_with(|peer| {
        peer.extensions = HeaderExtensions {
            mid: Some(1),
            transport_wide_cc: Some(2),
            abs_send_time: Some(3),
            audio_level: Some(4),
            video_orientation: Some(5),
            dependency_descriptor: Some(6),
            abs_capture_time: Some(7),
            playout_delay: Some(8),
            ..HeaderExtensions::default()
        };
    });
    let viewer = world.join_with(|peer| {
        peer.extensions = HeaderExtensions {
            mid: Some(9),
            transport_wide_cc: Some(10),
            abs_send_time: Some(11),
            audio_level: Some(12),
            video_orientation: Some(13),
            dependency_descriptor: Some(14),
            playout_delay: Some(15),
            ..HeaderExtensions::default()
        };
    });
    let plain = world.join();
    let video = world.publish_video(publisher, 1);
    let subscriptions = [world.subscribe(viewer, video, 1), world.subscribe(plain, video, 2)];
    let descriptor = [7; 30];
    let elements: Vec<_> = [
        (1, &b"1"[..]),
        (2, &[0, 1]),
        (3, &[1, 2, 3]),
        (4, &[0x85]),
        (5, &[1]),
        (6, &descriptor),
        (7, &[5; 8]),
        (8, &[1, 2, 3]),
    ]
    .into_iter()
    .map(|(id, data)| Element { id, data })
    .collect();
    world.send_with(video, 1, &elements, &key_frame(1));
    world.run_ms(10);
    let media = world.received(subscriptions[0]);
    let mut got = media[0].elements.clone();
    got.sort();
    let expected: Vec<(u8, Vec<u8>)> = vec![
        (9, b"s1".to_vec()),
        (10, vec![0, 0]),
        (12, vec![0x85]),
        (13, vec![1]),
        (14, descriptor.to_vec()),
        (15, vec![1, 2, 3]),
    ];
    assert_eq!(
        got, expected,
        "MID and number are the viewer's; other per-hop extensions and those without an id are left out"
    );
    assert!(world.received(subscriptions[1])[0].elements.is_empty());
}

#[test]
fn a_track_without_declared_ssrcs_is_found_by_mid_or_payload_type() {
    let mut world = World::new();
    let publisher = world.join_with(|peer| peer.extensions.mid = Some(1));
    let viewer = world.join();
    let video = Published { peer: publisher, track: 7, kind: Kind::Video, ssrc: 1, rtx_ssrc: 2 };
    let other = Published { track: 8, ssrc: 3, ..video };
    let audio = Published { peer: publisher, track: 9, kind: Kind::Audio, ssrc: 4, rtx_ssrc: 0 };
    for (track, codec) in [(video, vp8(VIDEO_PT, Some(97))), (other, vp8(VIDEO_PT, None)), (audio, opus(AUDIO_PT))] {
        world.publish_as(track, vec![Encoding::default()], vec![codec]);
    }
    let subscriptions = [video, other, audio].map(|track| world.subscribe(viewer, track, track.track));
    world.send(video, 1, &key_frame(1)); // its payload type belongs to two tracks
    world.run_ms(5);
    world.send_with(video, 2, &[Element { id: 1, data: b"7" }], &key_frame(2));
    world.send(video, 3, &delta(3));
    world.send_with(other, 1, &[Element { id: 1, data: b"8" }], &key_frame(1));
    world.send(audio, 1, &[1; 30]);
    world.run_ms(20);
    let counts = subscriptions.map(|subscription| world.received(subscription).len());
    assert_eq!(counts, [2, 1, 1]);
    assert_eq!(world.stats().dropped.unknown_ssrc, 1);
}

#[test]
fn a_new_ssrc_continues_a_track_whose_old_one_is_silent() {
    let mut world = World::new();
    let publisher = world.join_with(|peer| peer.extensions.mid = Some(1));
    let viewer = world.join();
    let old = Published { peer: publisher, track: 7, kind: Kind::Video, ssrc: 1, rtx_ssrc: 2 };
    let new = Published { ssrc: 50, ..old };
    world.publish_as(old, vec![Encoding::default()], vec![vp8(VIDEO_PT, None)]);
    let subscribed = world.subscribe(viewer, old, 1);
    let mid = [Element { id: 1, data: b"7" }];
    world.send_with(old, 1_000, &mid, &key_frame(1));
    world.run_ms(10);
    world.send_with(new, 40_000, &mid, &key_frame(2));
    world.run_ms(10);
    assert_eq!(world.received(subscribed).len(), 1, "the old one was heard just now");
    world.run_ms(1_480);
    world.send_with(new, 40_001, &mid, &key_frame(3));
    world.send_with(new, 40_002, &mid, &delta(4));
    world.run_ms(10);
    let media = world.received(subscribed);
    assert_eq!(media.len(), 3);
    assert_continuous(&media);
    let steps: Vec<_> =
        media.windows(2).map(|pair| pair[1].fields.timestamp.wrapping_sub(pair[0].fields.timestamp)).collect();
    assert_eq!(steps, [90_000 * 3 / 2, 3_000], "time goes on as it went");
}

#[test]
fn equal_ssrcs_on_different_transports_do_not_meet() {
    let mut world = World::new();
    let publishers = [world.join(), world.join()];
    let viewer = world.join();
    let tracks =
        publishers.map(|peer| Published { peer, track: peer as u32 + 1, kind: Kind::Audio, ssrc: 77, rtx_ssrc: 0 });
    for track in tracks {
        let encoding = Encoding { ssrc: Some(77), ..Encoding::default() };
        world.publish_as(track, vec![encoding], vec![opus(AUDIO_PT)]);
    }
    let subscriptions = tracks.map(|track| world.subscribe(viewer, track, track.track));
    for number in 0..5 {
        world.send(tracks[0], number, &[1; 30]);
        world.send(tracks[1], number, &[2; 40]);
    }
    world.run_ms(10);
    for (subscription, content) in subscriptions.into_iter().zip([vec![1; 30], vec![2; 40]]) {
        let media = world.received(subscription);
        assert_eq!(media.len(), 5);
        assert!(media.iter().all(|packet| packet.payload == content));
    }
}

#[test]
fn unknown_streams_and_payload_types_are_dropped_and_counted() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(viewer, audio, 1);
    world.send(Published { ssrc: 99, ..audio }, 1, &[0; 20]);
    let mut unknown = fields(audio, 1);
    unknown.payload_type = 50;
    let packet = world.peers[publisher].seal(&unknown, &[], &[0; 20]);
    world.peers[publisher].send(packet);
    world.run_ms(10);
    assert!(world.received(subscribed).is_empty());
    let dropped = world.stats().dropped;
    assert_eq!((dropped.unknown_ssrc, dropped.bad_rtp), (1, 1));
}

#[test]
fn a_codec_that_the_viewer_lacks_is_not_forwarded() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let wrong = Published { kind: Kind::Video, ..audio };
    let subscribed = world.subscribe(viewer, wrong, 1);
    world.send(audio, 1, &[0; 20]);
    world.run_ms(10);
    assert!(world.received(subscribed).is_empty());
}

#[test]
fn a_burst_leaves_as_runs_of_equal_sizes_viewer_by_viewer() {
    let mut world = World::new();
    let publisher = world.join();
    let viewers = [world.join(), world.join()];
    let video = world.publish_video(publisher, 1);
    for (viewer, id) in viewers.into_iter().zip(1..) {
        world.subscribe(viewer, video, id);
    }
    world.send(video, 0, &key_frame(0));
    world.run_ms(50);
    world.runs.clear();
    for number in 1..=20 {
        let mut payload = delta(number);
        payload.resize(if number == 20 { 300 } else { 1_100 }, 0);
        world.send(video, number, &payload);
    }
    world.run_ms(5);
    let sizes: Vec<_> = world.runs.iter().map(|(to, size, len)| (*to, *size, *len)).collect();
    let (segment, last) = (12 + 1_100 + 16, 12 + 300 + 16);
    let expected = viewers.map(|viewer| (world.peers[viewer].address, segment, 19 * segment + last));
    assert_eq!(sizes, expected);
}

#[test]
fn what_ends_is_told_and_forgotten() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    let audio = world.publish_audio(publisher, 2);
    let subscriptions = [world.subscribe(viewer, video, 1), world.subscribe(viewer, audio, 2)];
    world.send_frames(video, 1, 2);
    world.send(audio, 1, &[0; 20]);
    world.run_ms(10);
    world.command(Command::Unsubscribe { subscription: 1 });
    world.command(Command::UnpublishTrack { track: 2 });
    world.send_frames(video, 4, 2);
    world.send(audio, 2, &[0; 20]);
    world.run_ms(10);
    assert_eq!(subscriptions.map(|subscription| world.received(subscription).len()), [3, 1]);
    let byes = world.rtcp(viewer, |packet| match packet {
        aqlinks_forwarder::rtcp::Packet::Bye(bye) => Some(bye.ssrcs().collect::<Vec<_>>()),
        _ => None,
    });
    let mut byes = byes.concat();
    byes.sort_unstable();
    assert_eq!(byes, subscriptions.map(|subscription| subscription.ssrc));
}

#[test]
fn nothing_of_a_held_track_is_forwarded_and_nothing_of_it_is_missed() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(viewer, audio, 1);
    let mut number = 0;
    for held in [false, true, false] {
        world.command(Command::HoldTrack { track: 1, held });
        for _ in 0..200 {
            world.send(audio, number, &[1 + u8::from(held); 20]);
            number += 1;
        }
        world.run_ms(10);
    }
    let media = world.received(subscribed);
    assert_eq!(media.len(), 400);
    assert_continuous(&media);
    assert!(media.iter().all(|packet| packet.payload == [1; 20]));
    let elapsed = media[399].fields.timestamp.wrapping_sub(media[0].fields.timestamp);
    assert_eq!(elapsed, 599 * 3_000, "the pause is heard as one");
}

#[test]
fn an_ssrc_that_is_used_again_continues_its_numbers() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let first = world.subscribe(viewer, audio, 1);
    for number in 0..50 {
        world.send(audio, number, &[1; 20]);
    }
    world.run_ms(10);
    world.command(Command::Unsubscribe { subscription: 1 });
    world.subscribe(viewer, audio, 1);
    for number in 50..60 {
        world.send(audio, number, &[2; 20]);
    }
    world.run_ms(10);
    let media = world.received(first);
    assert_eq!(media.len(), 60, "the same keys: a number that came back would be a nonce used twice");
    assert_continuous(&media);
}
