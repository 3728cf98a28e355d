//! Packets that get lost, on the way in and on the way out.

use std::cell::RefCell;
use std::rc::Rc;

use aqlinks_forwarder::rtcp::{write_nack, write_receiver_report};
use aqlinks_forwarder::rtp::{Header, split_osn};
use aqlinks_forwarder::{CodecParameters, Command, Encoding, HeaderExtensions, Kind};

use crate::forwarding::assert_continuous;
use crate::harness::{
    AUDIO_PT, Published, Subscribed, VIDEO_PT, VIEWER_RTX_PT, World, delta, fields, key_frame, opus, vp8,
};

fn nack(world: &mut World, subscribed: Subscribed, numbers: &[u16]) {
    world.peers[subscribed.peer].send_rtcp(|out| {
        write_receiver_report(out, 1, &[]);
        write_nack(out, 1, subscribed.ssrc, numbers.iter().copied());
    });
}

#[test]
fn what_a_publisher_lost_is_asked_for_and_fits_in_place() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe(viewer, video, 1);
    world.send(video, 1, &key_frame(1));
    world.send(video, 2, &delta(2));
    world.send(video, 5, &delta(5));
    world.run_ms(30);
    assert_eq!(world.nacked(publisher), [3, 4]);
    world.send_rtx(video, 1, 3, &delta(3));
    world.send(video, 4, &delta(4));
    world.send_rtx(video, 2, 4, &delta(4)); // both came in the end
    world.send_rtx(video, 3, 5, &delta(5)); // a probe with what is known
    world.run_ms(1_000);
    assert_eq!(world.nacked(publisher), [3, 4]);
    let mut media = world.received(subscribed);
    assert_eq!(media.len(), 5);
    media.sort_by_key(|packet| packet.fields.sequence_number);
    assert_continuous(&media);
    let numbers: Vec<_> = media.iter().map(|packet| packet.payload[3]).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

#[test]
fn what_was_lost_before_padding_is_asked_for_too() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe(viewer, video, 1);
    world.send(video, 1, &key_frame(1));
    let mut padding = fields(video, 3);
    padding.padding = true;
    let packet = world.peers[publisher].seal(&padding, &[], &[0, 0, 3]);
    world.peers[publisher].send(packet);
    world.send(video, 4, &delta(4));
    world.run_ms(30);
    assert_eq!(world.nacked(publisher), [2]);
    world.send_rtx(video, 1, 2, &delta(2));
    world.run_ms(10);
    let mut media = world.received(subscribed);
    assert_eq!(media.len(), 3);
    media.sort_by_key(|packet| packet.fields.sequence_number);
    assert_continuous(&media);
}

#[test]
fn no_key_frame_is_wanted_of_audio() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let audio = Published { peer: publisher, track: 1, kind: Kind::Audio, ssrc: 1_000, rtx_ssrc: 0 };
    let encoding = Encoding { ssrc: Some(audio.ssrc), ..Encoding::default() };
    world.publish_as(audio, vec![encoding], vec![CodecParameters { nack: true, ..opus(AUDIO_PT) }]);
    world.subscribe(viewer, audio, 1);
    world.send(audio, 1, &[0; 20]);
    world.send(audio, 1_000, &[0; 20]);
    world.run_ms(5_000);
    let compounds = &world.peers[publisher].rtcp;
    assert!(compounds.len() >= 4, "reports");
    assert!(compounds.iter().all(|compound| compound.len() > 8), "a report of nothing");
}

#[test]
fn a_distant_publisher_is_given_the_time_to_answer() {
    let mut world = World::new();
    world.latency = std::time::Duration::from_millis(90);
    let (publisher, viewer) = (world.open(), world.open());
    for peer in [publisher, viewer] {
        world.answer(peer);
        world.peers[peer].check(true);
        world.run_ms(400);
        let now = world.now;
        world.peers[peer].start_dtls(now);
        world.run_ms(3_000);
    }
    let video = world.publish_video(publisher, 1);
    world.subscribe(viewer, video, 1);
    world.send(video, 1, &key_frame(1));
    world.send(video, 3, &delta(3));
    world.run_ms(90 + 10 + 90 + 10);
    assert_eq!(world.nacked(publisher), [2]);
    world.send_rtx(video, 1, 2, &delta(2));
    world.run_ms(1_000);
    assert_eq!(world.nacked(publisher), [2], "the answer was under way");
}

#[test]
fn reordering_is_not_loss() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    world.subscribe(viewer, video, 1);
    world.send(video, 1, &key_frame(1));
    for round in 0..50 {
        let base = 2 + round * 2;
        world.send(video, base + 1, &delta(base + 1));
        world.run_ms(5);
        world.send(video, base, &delta(base));
        world.run_ms(15);
    }
    assert_eq!(world.nacked(publisher), [0; 0]);
}

#[test]
fn a_publisher_that_does_not_answer_is_asked_for_a_key_frame() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    world.subscribe(viewer, video, 1);
    world.send(video, 1, &key_frame(1));
    world.send(video, 3, &delta(3));
    world.run_ms(2_000);
    assert_eq!(world.nacked(publisher), [2; 8]);
    assert!(world.key_frame_requests(publisher) >= 1);
    world.send(video, 1_000, &delta(1_000));
    let before = world.key_frame_requests(publisher);
    world.send(video, 1_001, &key_frame(1));
    world.run_ms(2_000);
    world.send(video, 2_000, &delta(2_000));
    world.run_ms(10);
    assert_eq!(world.nacked(publisher).len(), 8, "a gap too long is not asked for");
    assert_eq!(world.key_frame_requests(publisher), before + 1);
}

#[test]
fn without_nack_or_pli_nothing_is_asked() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    world.command(Command::UnpublishTrack { track: 1 });
    let codec = CodecParameters { nack: false, pli: false, fir: false, ..vp8(VIDEO_PT, None) };
    world.publish_as(video, vec![Encoding { ssrc: Some(video.ssrc), ..Encoding::default() }], vec![codec]);
    world.subscribe(viewer, video, 1);
    world.send(video, 1, &delta(1));
    world.send(video, 3, &delta(3));
    world.run_ms(2_000);
    assert!(world.nacked(publisher).is_empty());
    assert_eq!(world.key_frame_requests(publisher), 0);
}

#[test]
fn a_viewers_loss_is_answered_by_rtx() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe(viewer, video, 1);
    world.send_frames(video, 65_530, 20);
    world.run_ms(10);
    let sent: Vec<_> = world.received(subscribed).into_iter().cloned().collect();
    nack(&mut world, subscribed, &[sent[3].fields.sequence_number, sent[9].fields.sequence_number]);
    world.run_ms(10);
    let again = world.received_rtx(subscribed);
    assert_eq!(again.len(), 2);
    assert_continuous(&again);
    for (rtx, original) in again.iter().zip([&sent[3], &sent[9]]) {
        assert_eq!(rtx.fields.payload_type, VIEWER_RTX_PT);
        assert_eq!(rtx.fields.timestamp, original.fields.timestamp);
        let (number, payload) = split_osn(&rtx.payload).unwrap();
        assert_eq!((number, payload), (original.fields.sequence_number, original.payload.as_slice()));
    }
    let stats = world.stats();
    assert_eq!((stats.nacks_received, stats.retransmissions_sent, stats.packets_forwarded), (2, 2, 21));
}

#[test]
fn without_rtx_the_very_same_bytes_are_sent_again() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join_with(|peer| peer.extensions.mid = Some(4)));
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe_as(viewer, video, 1, false);
    world.send_frames(video, 1, 20);
    world.run_ms(10);
    let number = world.received(subscribed)[7].fields.sequence_number;
    let same = |world: &World| {
        let raw = world.peers[viewer].raw.iter();
        let rtp = raw.filter(|bytes| bytes[0] >= 128 && bytes[1] & 0x7f == 100);
        rtp.filter(|bytes| Header::parse(bytes).unwrap().fields.sequence_number == number).cloned().collect::<Vec<_>>()
    };
    nack(&mut world, subscribed, &[number]);
    world.run_ms(10);
    let copies = same(&world);
    assert_eq!(copies.len(), 2);
    assert_eq!(copies[0], copies[1]);
    // With other extension ids the header would be another: the old nonce must not protect it.
    world.peers[viewer].extensions = HeaderExtensions { mid: Some(5), ..HeaderExtensions::default() };
    world.answer(viewer);
    world.run_ms(500);
    nack(&mut world, subscribed, &[number]);
    world.run_ms(10);
    assert_eq!(same(&world).len(), 2);
}

#[test]
fn a_viewer_cannot_make_us_flood_it() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe(viewer, video, 1);
    world.send_frames(video, 1, 200);
    world.run_ms(10);
    let numbers: Vec<_> = world.received(subscribed).iter().map(|packet| packet.fields.sequence_number).collect();
    for _ in 0..10 {
        nack(&mut world, subscribed, &numbers);
    }
    world.run_ms(10);
    assert_eq!(world.received_rtx(subscribed).len(), numbers.len(), "each once in a round trip");
    for _ in 0..20 {
        nack(&mut world, subscribed, &numbers);
        world.run_ms(50);
    }
    let sent = world.received_rtx(subscribed).len();
    assert!(sent <= 300 + 1_500 + numbers.len(), "{sent} in a second");
}

#[test]
fn numbers_that_were_never_sent_are_not_answered() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    world.send_frames(video, 1, 10);
    world.run_ms(1_000);
    let subscribed = world.subscribe(viewer, video, 1);
    for number in 12..1_500 {
        world.send(video, number, &if number == 12 { key_frame(number) } else { delta(number) });
        world.run_ms(1);
    }
    world.run_ms(10);
    let (first, last) = {
        let media = world.received(subscribed);
        (media[0].fields.sequence_number, media[media.len() - 1].fields.sequence_number)
    };
    let never = [first.wrapping_sub(1), first.wrapping_sub(5), last.wrapping_add(1), last.wrapping_add(30_000), first];
    nack(&mut world, subscribed, &never);
    world.run_ms(10);
    assert!(world.received_rtx(subscribed).is_empty());
}

#[test]
fn what_is_asked_for_before_it_is_sent_is_sent_once() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe_as(viewer, video, 1, false);
    world.send(video, 1, &key_frame(1));
    world.run_ms(20);
    let next = world.received(subscribed)[0].fields.sequence_number + 1;
    // Both arrive before anything is built for the viewer.
    world.send(video, 2, &delta(2));
    nack(&mut world, subscribed, &[next]);
    world.run_ms(20);
    let sent = world.peers[viewer]
        .raw
        .iter()
        .filter(|datagram| datagram[0] >> 6 == 2 && datagram[1] & 0x7f == 100 && datagram[2..4] == next.to_be_bytes());
    assert_eq!(sent.count(), 1);
    assert_eq!(world.stats().retransmissions_sent, 0);
}

/// Loss, reordering and duplication on both ways: in the end the viewer has everything, in order, once.
#[test]
fn every_packet_gets_through_a_bad_network() {
    for seed in 1..6_u64 {
        let mut world = World::with_seed(seed);
        let (publisher, viewer) = (world.join(), world.join());
        let video = world.publish_video(publisher, 1);
        let subscribed = world.subscribe(viewer, video, 1);
        world.send(video, 65_000, &key_frame(65_000));
        world.run_ms(20);
        let state = Rc::new(RefCell::new(seed));
        world.loses = Box::new(move |_, bytes| {
            let mut state = state.borrow_mut();
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            bytes[0] >= 128 && (*state >> 33) % 8 == 0
        });
        let (mut rtx_number, mut asked, mut viewer_asked) = (0, 0, 0);
        for step in 1..=600_u16 {
            let number = 65_000_u16.wrapping_add(step);
            world.send(video, number, &delta(number));
            world.run_ms(10);
            answer_both(&mut world, (&mut asked, &mut viewer_asked, &mut rtx_number), video, subscribed);
        }
        world.loses = Box::new(|_, _| false);
        let last = 65_000_u16.wrapping_add(601);
        world.send(video, last, &delta(last));
        for _ in 0..200 {
            world.run_ms(10);
            answer_both(&mut world, (&mut asked, &mut viewer_asked, &mut rtx_number), video, subscribed);
        }
        let mut numbers: Vec<_> =
            world.received(subscribed).iter().map(|packet| packet.payload[2..4].to_vec()).collect();
        numbers.extend(world.received_rtx(subscribed).iter().map(|packet| packet.payload[4..6].to_vec()));
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), 602, "seed {seed}");
    }
}

/// The publisher answers our NACKs, the viewer asks for what it lacks.
fn answer_both(
    world: &mut World,
    counts: (&mut usize, &mut usize, &mut u16),
    video: crate::harness::Published,
    subscribed: Subscribed,
) {
    let (asked, viewer_asked, rtx_number) = counts;
    let nacked = world.nacked(video.peer);
    for number in &nacked[*asked..] {
        *rtx_number += 1;
        let payload = if *number == 65_000 { key_frame(*number) } else { delta(*number) };
        world.send_rtx(video, *rtx_number, *number, &payload);
    }
    *asked = nacked.len();
    *viewer_asked += 1;
    if *viewer_asked % 5 != 0 {
        return;
    }
    let mut got: Vec<u16> = world.received(subscribed).iter().map(|packet| packet.fields.sequence_number).collect();
    let (first, last) = (got[0], got[got.len() - 1]);
    got.extend(world.received_rtx(subscribed).iter().map(|packet| split_osn(&packet.payload).unwrap().0));
    let lacks: Vec<u16> = (first..last).filter(|number| !got.contains(number)).collect();
    if !lacks.is_empty() {
        nack(world, subscribed, &lacks);
    }
}
