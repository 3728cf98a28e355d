//! What a viewer's path carries, and what is done with it.

use std::time::{Duration, Instant};

use aqlinks_forwarder::rtcp::{FeedbackHeader, write_nack, write_transport_feedback};
use aqlinks_forwarder::{Command, Event, HeaderExtensions, Limits, Target, TransportStats};

use crate::harness::{Peer, Published, World, delta, key_frame};

const WIDE: u8 = 5;

fn wide(peer: &mut Peer) {
    peer.extensions = HeaderExtensions { mid: Some(4), transport_wide_cc: Some(WIDE), ..HeaderExtensions::default() };
}

/// The viewer tells of what arrived since the last time; each packet as if it had come so much later than it did.
fn tell(world: &mut World, viewer: usize, epoch: Instant, later: impl Fn(Instant) -> Duration) {
    let mut arrivals = std::mem::take(&mut world.peers[viewer].arrivals);
    arrivals.sort_by_key(|(number, ..)| number.wrapping_sub(1 << 15));
    let Some((base_sequence, ..)) = arrivals.first().copied() else { return };
    let at = |at: Instant| (at + later(at)).saturating_duration_since(epoch).as_micros() as u64;
    let arrivals: Vec<_> = arrivals.into_iter().map(|(_, came, _)| Some(at(came))).collect();
    let header = FeedbackHeader { sender_ssrc: 1, media_ssrc: 2, feedback_count: 0, base_sequence };
    world.peers[viewer].send_rtcp(|out| {
        write_transport_feedback(out, &header, &arrivals);
    });
}

fn stats(world: &mut World, peer: usize) -> TransportStats {
    let transport = world.peers[peer].transport;
    world.stats().transports.into_iter().find(|stats| stats.transport == transport).expect("a transport")
}

/// Frames of ten packets, 30 a second, so many.
fn stream(world: &mut World, video: Published, first: u16, frames: u16, mut each: impl FnMut(&mut World)) -> u16 {
    let mut number = first;
    for _ in 0..frames {
        for _ in 0..10 {
            let mut payload = if number == 0 { key_frame(number) } else { delta(number) };
            payload.resize(1_000, 0);
            world.send(video, number, &payload);
            number = number.wrapping_add(1);
        }
        world.run_ms(33);
        each(world);
    }
    number
}

#[test]
fn every_packet_of_a_viewer_has_the_next_number_whatever_its_track() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join_with(wide));
    let (video, audio) = (world.publish_video(publisher, 1), world.publish_audio(publisher, 2));
    let subscribed = world.subscribe(viewer, video, 1);
    world.subscribe_as(viewer, audio, 2, false);
    for round in 0..20 {
        world.send(video, round, &if round == 0 { key_frame(0) } else { delta(round) });
        world.send(audio, round, &[0; 30]);
        world.run_ms(20);
        if round == 10 {
            let number = world.received(subscribed)[3].fields.sequence_number;
            world.peers[viewer].send_rtcp(|out| write_nack(out, 1, subscribed.ssrc, [number]));
        }
    }
    assert_eq!(world.received_rtx(subscribed).len(), 1);
    let numbers: Vec<_> = world.peers[viewer].arrivals.iter().map(|(number, ..)| *number).collect();
    assert_eq!(numbers, (0..41).collect::<Vec<_>>());
}

#[test]
fn equal_packets_stay_one_run() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join_with(wide));
    let video = world.publish_video(publisher, 1);
    world.subscribe(viewer, video, 1);
    world.send(video, 0, &key_frame(0));
    world.run_ms(20);
    world.runs.clear();
    for number in 1..=20 {
        world.send(video, number, &delta(number));
    }
    world.run_ms(5);
    let address = world.peers[viewer].address;
    let runs: Vec<_> = world.runs.iter().filter(|run| run.0 == address).collect();
    assert!(runs.len() == 1 && runs[0].2 == 20 * runs[0].1, "{runs:?}");
}

#[test]
fn without_rtx_a_packet_is_repeated_with_the_number_that_it_had() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join_with(wide));
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe_as(viewer, video, 1, false);
    world.send_frames(video, 1, 20);
    world.run_ms(10);
    let number = world.received(subscribed)[7].fields.sequence_number;
    world.peers[viewer].send_rtcp(|out| write_nack(out, 1, subscribed.ssrc, [number]));
    world.run_ms(10);
    let same = |bytes: &&Vec<u8>| bytes[0] >= 128 && bytes[1] & 0x7f == 100 && bytes[2..4] == number.to_be_bytes();
    let same: Vec<_> = world.peers[viewer].raw.iter().filter(same).collect();
    assert_eq!(same.len(), 2);
    assert_eq!(same[0], same[1], "another packet under the same nonce");
    world.send(video, 22, &delta(22));
    world.run_ms(10);
    assert_eq!(world.peers[viewer].arrivals.last().map(|(number, ..)| *number), Some(21), "no number is used up");
}

#[test]
fn where_the_send_time_stands_in_a_packet_it_is_not_repeated() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join_with(|peer| peer.extensions.abs_send_time = Some(3)));
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe_as(viewer, video, 1, false);
    world.send_frames(video, 1, 20);
    world.run_ms(10);
    let media = &world.received(subscribed)[7];
    assert_eq!(media.elements.first().map(|(id, time)| (*id, time.len())), Some((3, 3)));
    let number = media.fields.sequence_number;
    let before = world.peers[viewer].raw.len();
    world.peers[viewer].send_rtcp(|out| write_nack(out, 1, subscribed.ssrc, [number]));
    world.run_ms(10);
    assert_eq!(world.peers[viewer].raw.len(), before);
}

#[test]
fn a_viewer_that_tells_nothing_gets_no_numbers() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join_with(wide));
    let audio = world.publish_audio(publisher, 1);
    let mut codec = crate::harness::opus(109);
    codec.transport_cc = false;
    world.subscribe_with(viewer, audio, 1, vec![codec]);
    world.send(audio, 1, &[0; 30]);
    world.run_ms(20);
    assert_eq!(world.peers[viewer].rtp.len(), 1);
    assert!(world.peers[viewer].arrivals.is_empty());
    assert_eq!(stats(&mut world, viewer).estimate, None);
}

#[test]
fn the_estimate_is_above_what_arrives_well_and_falls_when_a_queue_grows() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join_with(wide));
    let video = world.publish_video(publisher, 1);
    world.subscribe(viewer, video, 1);
    let epoch = world.now;
    let next = stream(&mut world, video, 0, 90, |world| tell(world, viewer, epoch, |_| Duration::ZERO));
    let estimate = stats(&mut world, viewer).estimate.expect("an estimate");
    // 10 × 1,000 bytes × 30.
    assert!(estimate > 2.3e6, "{estimate}");
    // From now on a second takes a second and a half to arrive.
    let full = world.now;
    let queue = move |at: Instant| at.saturating_duration_since(full) / 2;
    stream(&mut world, video, next, 60, |world| tell(world, viewer, epoch, queue));
    let estimate = stats(&mut world, viewer).estimate.expect("an estimate");
    assert!(estimate < 1.8e6, "{estimate}");
}

#[test]
fn a_viewer_may_say_itself_what_its_path_carries() {
    let mut world = World::new();
    let viewer = world.join();
    assert_eq!(stats(&mut world, viewer).estimate, None);
    world.peers[viewer].send_rtcp(|out| {
        out.extend_from_slice(&[0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0]);
        out.extend_from_slice(b"REMB");
        // One SSRC; 0x3d090 × 2^2 = 1,000,000.
        out.extend_from_slice(&[1, 2 << 2 | 3, 0xd0, 0x90, 0, 0, 0, 7]);
    });
    world.run_ms(10);
    assert_eq!(stats(&mut world, viewer).estimate, Some(1_000_000.0));
    world.run_ms(6_000);
    assert_eq!(stats(&mut world, viewer).estimate, None, "it is not said again");
}

/// The last mile of a viewer: what is too much waits, and is told of when it came through.
struct Link {
    epoch: Instant,
    /// Bits a second.
    capacity: f64,
    free_at: Instant,
    waiting: Vec<(u16, Instant)>,
}

impl Link {
    fn new(world: &World, capacity: f64) -> Self {
        Self { epoch: world.now, capacity, free_at: world.now, waiting: Vec::new() }
    }

    fn carry(&mut self, world: &mut World, viewer: usize) {
        for (number, came, len) in std::mem::take(&mut world.peers[viewer].arrivals) {
            // A queue of 300 ms; what finds it full is lost.
            if self.free_at.saturating_duration_since(came) < Duration::from_millis(300) {
                let takes = Duration::from_secs_f64(len as f64 * 8.0 / self.capacity);
                self.free_at = self.free_at.max(came) + takes;
                self.waiting.push((number, self.free_at));
            }
        }
        let came = self.waiting.iter().take_while(|(_, at)| *at <= world.now).count();
        let (Some((first, _)), Some((last, _))) = (self.waiting.first(), self.waiting[..came].last()) else { return };
        let (base_sequence, count) = (*first, last.wrapping_sub(*first) + 1);
        let mut arrivals = vec![None; usize::from(count)];
        for (number, at) in self.waiting.drain(..came) {
            let since = at.saturating_duration_since(self.epoch).as_micros() as u64;
            arrivals[usize::from(number.wrapping_sub(base_sequence))] = Some(since);
        }
        let header = FeedbackHeader { sender_ssrc: 1, media_ssrc: 2, feedback_count: 0, base_sequence };
        world.peers[viewer].send_rtcp(|out| {
            write_transport_feedback(out, &header, &arrivals);
        });
    }
}

/// What the control plane was told of a subscription, in order.
fn told(world: &World, subscription: u32) -> Vec<Target> {
    let of = |event: &Event| match event {
        Event::SubscriptionChanged { subscription: id, current } if *id == subscription => Some(*current),
        _ => None,
    };
    world.events.iter().filter_map(of).collect()
}

#[test]
fn what_does_not_fit_is_paused_and_comes_back_and_sound_goes_on() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join_with(wide));
    let (screen, camera) = (world.publish_video(publisher, 1), world.publish_video(publisher, 2));
    let audio = world.publish_audio(publisher, 3);
    for (video, subscription, priority) in [(screen, 1, 9), (camera, 2, 1)] {
        world.subscribe(viewer, video, subscription);
        let limits = Limits { priority, ..Limits::default() };
        world.command(Command::ConfigureSubscription { subscription, limits });
    }
    let heard = world.subscribe_as(viewer, audio, 3, false);
    let mut link = Link::new(&world, 5e6);
    let mut number = 0;
    let mut run = |world: &mut World, link: &mut Link, seconds: u16| {
        for _ in 0..seconds * 30 {
            for video in [screen, camera] {
                // 0.6 Mbit/s each; a key frame a second, as asking for one would bring.
                for packet in 0..2 {
                    let key = number % 60 == 0 && packet == 0;
                    let mut payload = if key { key_frame(number + packet) } else { delta(number + packet) };
                    payload.resize(1_200, 0);
                    world.send(video, number + packet, &payload);
                }
            }
            world.send(audio, number / 2, &[0; 80]);
            number += 2;
            world.run_ms(33);
            if number % 4 == 0 {
                link.carry(world, viewer);
            }
        }
    };
    run(&mut world, &mut link, 5);
    assert!(told(&world, 1).iter().chain(&told(&world, 2)).all(|target| *target != Target::Paused));
    link.capacity = 8e5;
    run(&mut world, &mut link, 5);
    assert_eq!(told(&world, 2).last(), Some(&Target::Paused), "the camera is the less important one");
    assert_ne!(told(&world, 1).last(), Some(&Target::Paused));
    let before = world.received(heard).len();
    link.capacity = 2e5;
    run(&mut world, &mut link, 5);
    assert_eq!(told(&world, 1).last(), Some(&Target::Paused));
    assert!(world.received(heard).len() >= before + 145, "sound goes on");
    let limited = |event: &&Event| matches!(event, Event::Bandwidth { estimate, demand, .. } if estimate < demand);
    assert!(world.events.iter().filter(limited).count() >= 2);
    link.capacity = 5e6;
    run(&mut world, &mut link, 5);
    for subscription in [1, 2] {
        assert_ne!(told(&world, subscription).last(), Some(&Target::Paused), "{:?}", told(&world, subscription));
    }
    let pauses = told(&world, 1).iter().chain(&told(&world, 2)).filter(|target| **target == Target::Paused).count();
    assert!(pauses <= 4, "it flaps: {pauses} pauses");
}

#[test]
fn no_probes_are_sent_where_nothing_more_is_wanted() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join_with(wide));
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe(viewer, video, 1);
    let mut link = Link::new(&world, 20e6);
    stream(&mut world, video, 0, 300, |world| link.carry(world, viewer));
    let padding = world.received_rtx(subscribed).len();
    assert!(padding < 150, "{padding} packets, of a beginning at most");
    let next = 3_000;
    stream(&mut world, video, next, 300, |world| link.carry(world, viewer));
    assert_eq!(world.received_rtx(subscribed).len(), padding);
}

/// A path that was full once: the camera of 0.6 Mbit/s has to go through 0.5, then through 2.
fn narrowed(world: &mut World, viewer: usize, video: Published) -> u16 {
    let mut link = Link::new(world, 5e5);
    let next = frames(world, video, 0, 90, |world| link.carry(world, viewer));
    link.capacity = 2e6;
    frames(world, video, next, 240, |world| link.carry(world, viewer))
}

/// Frames of two packets, a key frame each second.
fn frames(world: &mut World, video: Published, first: u16, count: u16, mut each: impl FnMut(&mut World)) -> u16 {
    for number in (first..first + 2 * count).step_by(2) {
        for packet in [number, number + 1] {
            let mut payload = if packet.is_multiple_of(60) { key_frame(packet) } else { delta(packet) };
            payload.resize(1_200, 0);
            world.send(video, packet, &payload);
        }
        world.run_ms(33);
        each(world);
    }
    first + 2 * count
}

#[test]
fn over_a_narrow_path_a_key_frame_leaves_in_bursts() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join_with(wide));
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe(viewer, video, 1);
    let next = narrowed(&mut world, viewer, video);
    world.run_ms(100);
    let before = world.received(subscribed).len();
    world.peers[viewer].arrivals.clear();
    for packet in 0..50 {
        let mut payload = if packet == 0 { key_frame(next) } else { delta(next + packet) };
        payload.resize(1_200, 0);
        world.send(video, next + packet, &payload);
    }
    world.run_ms(10);
    let soon = world.received(subscribed).len() - before;
    assert!((3..40).contains(&soon), "{soon} packets at once");
    world.run_ms(500);
    let media = &world.received(subscribed)[before..];
    assert_eq!(media.len(), 50, "all of it, and once");
    assert!(
        media.windows(2).all(|pair| pair[1].fields.sequence_number == pair[0].fields.sequence_number.wrapping_add(1))
    );
    let instants = world.peers[viewer].arrivals.iter().map(|(_, at, _)| *at).collect::<std::collections::BTreeSet<_>>();
    assert!((4..30).contains(&instants.len()), "{} bursts", instants.len());
    assert_eq!(world.stats().dropped.too_late, 0);
}

#[test]
fn sound_does_not_wait_for_a_key_frame_to_leave() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join_with(wide));
    let (video, audio) = (world.publish_video(publisher, 1), world.publish_audio(publisher, 2));
    world.subscribe(viewer, video, 1);
    let heard = world.subscribe_as(viewer, audio, 2, false);
    let next = narrowed(&mut world, viewer, video);
    for packet in 0..200 {
        let mut payload = if packet == 0 { key_frame(next) } else { delta(next + packet) };
        payload.resize(1_200, 0);
        world.send(video, next + packet, &payload);
    }
    world.run_ms(20);
    world.send(audio, 1, &[0; 80]);
    world.run_ms(5);
    assert_eq!(world.received(heard).len(), 1);
}
