//! Simulcast: which layer a viewer is sent, and that its decoder sees one clean stream.

use std::collections::HashMap;

use aqlinks_forwarder::rtcp::{Packet, write_nack, write_receiver_report};
use aqlinks_forwarder::rtp::split_osn;
use aqlinks_forwarder::{Command, Event, HeaderExtensions, Limits, Target};

use crate::harness::{Subscribed, World};
use crate::simulcast::{DELTA, Frame, KEY, MID, RID, Simulcast, assert_clean, seen};

const ALL: [usize; 3] = [0, 1, 2];

fn publisher(world: &mut World) -> (usize, Simulcast) {
    let extensions = HeaderExtensions { mid: Some(MID), rid: Some(RID), ..HeaderExtensions::default() };
    let publisher = world.join_with(|peer| peer.extensions = extensions);
    (publisher, world.publish_simulcast(publisher, 1))
}

fn show(world: &mut World, subscription: u32, width: u16) {
    let limits = Limits { max_width: Some(width), max_height: Some(width / 16 * 9), ..Limits::default() };
    world.command(Command::ConfigureSubscription { subscription, limits });
}

/// A publisher that answers requests for key frames, layer by layer, and its frames over time.
struct Sender {
    simulcast: Simulcast,
    at: u32,
    answered: usize,
    sends: Vec<usize>,
}

impl Sender {
    fn new(simulcast: Simulcast) -> Self {
        Self { simulcast, at: 0, answered: 0, sends: ALL.to_vec() }
    }

    fn send(&mut self, world: &mut World, frames: usize) {
        self.send_frames(world, &vec![DELTA; frames]);
    }

    fn send_frames(&mut self, world: &mut World, frames: &[Frame]) {
        for frame in frames {
            let asked = world.rtcp(self.simulcast.published.peer, |packet| match packet {
                Packet::Pli { media_ssrc, .. } => Some(*media_ssrc),
                _ => None,
            });
            let wanted: Vec<_> = asked[self.answered..].iter().map(|ssrc| (ssrc % 1_000) as usize).collect();
            self.answered = asked.len();
            for layer in self.sends.clone() {
                let frame = if wanted.contains(&layer) { KEY } else { *frame };
                world.send_layer(&mut self.simulcast, layer, self.at, frame);
            }
            self.at += 33;
            world.run_ms(33);
        }
    }
}

fn widths(world: &World, subscribed: Subscribed) -> Vec<u16> {
    let mut widths: Vec<_> = world.received(subscribed).iter().map(|media| seen(media).width).collect();
    widths.dedup();
    widths
}

#[test]
fn each_viewer_is_given_the_layer_that_fills_its_picture() {
    let mut world = World::new();
    let (_, simulcast) = publisher(&mut world);
    let mut sender = Sender::new(simulcast);
    let viewers: Vec<_> = (0..4).map(|_| world.join()).collect();
    sender.send_frames(&mut world, &[KEY]);
    let subscribed: Vec<_> = viewers
        .iter()
        .zip([160, 300, 500, 1_280])
        .map(|(viewer, width)| {
            let id = *viewer as u32;
            let subscribed = world.subscribe(*viewer, sender.simulcast.published, id);
            show(&mut world, id, width);
            subscribed
        })
        .collect();
    sender.send_frames(&mut world, &[KEY]);
    sender.send(&mut world, 60);
    for (subscribed, width) in subscribed.iter().zip([320, 320, 640, 1_280]) {
        let media = world.received(*subscribed);
        assert_clean(&media);
        assert_eq!(seen(media[media.len() - 1]).width, width);
        let packets = [320, 640, 1_280].iter().position(|each| *each == width).unwrap() + 1;
        assert!(media.len() >= 55 * packets, "{} packets of {width}", media.len());
    }
}

#[test]
fn a_tile_that_grows_and_shrinks_is_switched_at_key_frames_and_stays_clean() {
    for reports in [true, false] {
        let mut world = World::new();
        let (_, simulcast) = publisher(&mut world);
        let mut sender = Sender::new(simulcast);
        let viewer = world.join();
        sender.send_frames(&mut world, &[KEY]);
        let subscribed = world.subscribe(viewer, sender.simulcast.published, 1);
        show(&mut world, 1, 160);
        for width in [160, 1_280, 640, 160, 640] {
            if reports {
                world.report_layers(&sender.simulcast, sender.at);
            }
            show(&mut world, 1, width);
            sender.send(&mut world, 30);
        }
        let media = world.received(subscribed);
        assert_clean(&media);
        assert_eq!(widths(&world, subscribed), [320, 1_280, 640, 320, 640]);
        // A frame is shown when it was captured, whatever layer it is of.
        let mut frames: Vec<_> = media.iter().map(|media| media.fields.timestamp).collect();
        frames.dedup();
        let longest = frames.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).max().unwrap();
        assert!(longest < 90 * 100, "{longest} ticks without a frame");
        let span = frames[frames.len() - 1].wrapping_sub(frames[0]);
        let captured = (frames.len() as u32 - 1) * 33 * 90;
        assert!(span.abs_diff(captured) <= 90 * 70, "{span} ticks of {captured}");
        let changes = world.events.iter().filter(|event| matches!(event, Event::SubscriptionChanged { .. })).count();
        assert_eq!(changes, 4, "from the lowest, of which nothing is said");
    }
}

#[test]
fn a_layer_that_dries_up_is_replaced_and_taken_again_when_it_is_back() {
    let mut world = World::new();
    let (_, simulcast) = publisher(&mut world);
    let mut sender = Sender::new(simulcast);
    let viewer = world.join();
    let subscribed = world.subscribe(viewer, sender.simulcast.published, 1);
    sender.send_frames(&mut world, &[KEY]);
    sender.send(&mut world, 30);
    assert_eq!(widths(&world, subscribed), [1_280]);
    sender.sends = vec![0, 1];
    sender.send(&mut world, 20);
    assert_eq!(widths(&world, subscribed), [1_280, 640], "within 0.66 s");
    sender.sends = vec![0];
    sender.send(&mut world, 20);
    sender.sends = ALL.to_vec();
    sender.send(&mut world, 30);
    assert_eq!(widths(&world, subscribed), [1_280, 640, 320, 1_280]);
    assert_clean(&world.received(subscribed));
}

#[test]
fn a_pause_of_all_layers_changes_nothing() {
    let mut world = World::new();
    let (publisher, simulcast) = publisher(&mut world);
    let mut sender = Sender::new(simulcast);
    let viewer = world.join();
    let subscribed = world.subscribe(viewer, sender.simulcast.published, 1);
    sender.send_frames(&mut world, &[KEY]);
    sender.send(&mut world, 30);
    let asked = world.key_frame_requests(publisher);
    world.run_ms(5_000);
    sender.at += 5_000;
    sender.send(&mut world, 30);
    assert_eq!((world.key_frame_requests(publisher), widths(&world, subscribed)), (asked, vec![1_280]));
    assert_clean(&world.received(subscribed));
}

#[test]
fn what_is_paused_is_not_sent_and_goes_on_with_a_key_frame() {
    let mut world = World::new();
    let (_, simulcast) = publisher(&mut world);
    let mut sender = Sender::new(simulcast);
    let viewer = world.join();
    let subscribed = world.subscribe(viewer, sender.simulcast.published, 1);
    sender.send_frames(&mut world, &[KEY]);
    sender.send(&mut world, 10);
    let limits = Limits { paused: true, ..Limits::default() };
    world.command(Command::ConfigureSubscription { subscription: 1, limits });
    let before = world.received(subscribed).len();
    sender.send(&mut world, 30);
    assert_eq!(world.received(subscribed).len(), before);
    assert!(world.events.contains(&Event::SubscriptionChanged { subscription: 1, current: Target::Paused }));
    world.command(Command::ConfigureSubscription { subscription: 1, limits: Limits::default() });
    sender.send(&mut world, 30);
    let media = world.received(subscribed);
    assert!(media.len() > before + 50 && seen(media[before]).key, "{}", media.len() - before);
    let (last, next) = (seen(media[before - 1]), seen(media[before]));
    assert_eq!(next.number, last.number.wrapping_add(1));
    let time = next.timestamp.wrapping_sub(last.timestamp);
    assert!((90 * 900..90 * 1_100).contains(&time), "a second of pause, {time} ticks");
}

#[test]
fn a_short_pause_does_not_repeat_what_was_sent_before_it() {
    let mut world = World::new();
    let (_, simulcast) = publisher(&mut world);
    let mut sender = Sender::new(simulcast);
    let viewer = world.join();
    let subscribed = world.subscribe(viewer, sender.simulcast.published, 1);
    sender.send_frames(&mut world, &[KEY]);
    sender.send(&mut world, 3);
    let before = world.received(subscribed).len();
    for paused in [true, false] {
        let limits = Limits { paused, ..Limits::default() };
        world.command(Command::ConfigureSubscription { subscription: 1, limits });
        sender.send(&mut world, 2);
    }
    sender.send(&mut world, 40);
    let media = world.received(subscribed);
    let (last, next) = (seen(media[before - 1]), seen(media[before]));
    assert!(next.key && (next.timestamp.wrapping_sub(last.timestamp) as i32) > 0, "{last:?} {next:?}");
    assert_clean(&media[before..]);
}

/// The pattern of three temporal layers that browsers send: half of the frames are of the highest.
const PATTERN: [Frame; 4] = [
    Frame { key: false, temporal: 0, sync: false },
    Frame { key: false, temporal: 2, sync: true },
    Frame { key: false, temporal: 1, sync: true },
    Frame { key: false, temporal: 2, sync: false },
];

#[test]
fn temporal_layers_are_left_out_without_a_gap_and_come_back() {
    let mut world = World::new();
    let (_, simulcast) = publisher(&mut world);
    let mut sender = Sender::new(simulcast);
    let viewer = world.join();
    let subscribed = world.subscribe(viewer, sender.simulcast.published, 1);
    sender.send_frames(&mut world, &[KEY]);
    let mut frames = Vec::new();
    for (max_temporal, share) in [(2, 4), (1, 2), (0, 1), (1, 2), (2, 4)] {
        let limits = Limits { max_temporal, ..Limits::default() };
        world.command(Command::ConfigureSubscription { subscription: 1, limits });
        let before = world.received(subscribed).len();
        for _ in 0..10 {
            sender.send_frames(&mut world, &PATTERN);
        }
        let media = world.received(subscribed);
        assert!(media[before + 12..].iter().all(|media| seen(media).temporal <= max_temporal));
        frames.push((media.len() - before) / 3);
        let expected = 10 * share;
        assert!((expected - 2..=expected).contains(frames.last().unwrap()), "{frames:?}");
    }
    assert_clean(&world.received(subscribed));
}

/// Whatever a viewer without RTX asks for again is what it was, to the last byte: the nonce is the same.
#[test]
fn what_is_sent_again_is_the_same_to_the_last_byte() {
    for rtx in [false, true] {
        let mut world = World::new();
        let (_, simulcast) = publisher(&mut world);
        let mut sender = Sender::new(simulcast);
        let viewer = world.join();
        let subscribed = world.subscribe_as(viewer, sender.simulcast.published, 1, rtx);
        sender.send_frames(&mut world, &[KEY]);
        for (round, width) in [160, 1_280, 640].into_iter().cycle().take(9).enumerate() {
            let max_temporal = (round % 3) as u8;
            let (max_width, max_height) = (Some(width), Some(width / 16 * 9));
            let limits = Limits { max_temporal, max_width, max_height, ..Limits::default() };
            world.command(Command::ConfigureSubscription { subscription: 1, limits });
            for _ in 0..5 {
                sender.send_frames(&mut world, &PATTERN);
            }
            let media = world.received(subscribed);
            let numbers: Vec<_> =
                media[media.len().saturating_sub(40)..].iter().map(|media| media.fields.sequence_number).collect();
            world.peers[viewer].send_rtcp(|out| {
                write_receiver_report(out, 1, &[]);
                write_nack(out, 1, subscribed.ssrc, numbers.iter().copied());
            });
            world.run_ms(20);
        }
        let media = world.received(subscribed);
        if rtx {
            let sent: HashMap<_, _> = media.iter().map(|media| (media.fields.sequence_number, *media)).collect();
            let again = world.received_rtx(subscribed);
            assert!(again.len() > 200, "{}", again.len());
            for media in again {
                let (number, payload) = split_osn(&media.payload).unwrap();
                let first = sent[&number];
                assert_eq!((payload, media.fields.timestamp), (&first.payload[..], first.fields.timestamp));
            }
            continue;
        }
        assert_clean(&media);
        let mut sent: HashMap<[u8; 2], &[u8]> = HashMap::new();
        let mut repeated = 0;
        let ssrc = subscribed.ssrc.to_be_bytes();
        for datagram in
            world.peers[viewer].raw.iter().filter(|datagram| datagram[0] >> 6 == 2 && datagram[8..12] == ssrc)
        {
            if let Some(first) = sent.insert([datagram[2], datagram[3]], datagram) {
                assert_eq!(first, datagram);
                repeated += 1;
            }
        }
        assert!(repeated > 200, "{repeated}");
    }
}

#[test]
fn layers_that_nobody_watches_are_told_to_the_publisher_and_so_is_their_return() {
    let mut world = World::new();
    let (_, simulcast) = publisher(&mut world);
    let mut sender = Sender::new(simulcast);
    let viewer = world.join();
    let told = |world: &World| -> Vec<Vec<bool>> {
        let layers = |event: &Event| match event {
            Event::LayersWanted { layers, .. } => Some(layers.clone()),
            _ => None,
        };
        world.events.iter().filter_map(layers).collect()
    };
    world.subscribe(viewer, sender.simulcast.published, 1);
    show(&mut world, 1, 640);
    sender.send_frames(&mut world, &[KEY]);
    sender.send(&mut world, 90);
    assert_eq!(told(&world), [[true, true, false]]);
    show(&mut world, 1, 1_280);
    world.run_ms(5);
    assert_eq!(told(&world)[1..], [[true, true, true]], "at once");
    sender.send(&mut world, 90);
    assert_eq!(told(&world)[2..], [[true, false, true]]);
    world.command(Command::Unsubscribe { subscription: 1 });
    world.run_ms(3_000);
    assert_eq!(told(&world)[3..], [[true, false, false]]);
}

/// A publisher whose numbers jump would make its viewers guess another roll-over counter.
#[test]
fn layers_that_are_published_again_are_known_without_their_names() {
    let mut world = World::new();
    let (peer, simulcast) = publisher(&mut world);
    let viewer = world.join();
    let mut sender = Sender::new(simulcast);
    sender.send_frames(&mut world, &[KEY]);
    world.command(Command::UnpublishTrack { track: 1 });
    let again = world.publish_simulcast(peer, 1_001); // the same section
    sender.simulcast = Simulcast { published: again.published, named: false, ..sender.simulcast };
    let subscribed = world.subscribe(viewer, again.published, 1);
    show(&mut world, 1, 640);
    sender.send(&mut world, 30);
    let media = world.received(subscribed);
    assert_clean(&media);
    assert_eq!(media.last().map(|media| seen(media).width), Some(640));
}

#[test]
fn a_jump_of_the_publishers_numbers_is_none_for_its_viewers() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    let subscribed = world.subscribe(viewer, video, 1);
    world.send_frames(video, 1, 10);
    world.run_ms(50);
    for first in [20_000_u16, 45_000, 10_000] {
        world.send_frames(video, first, 10);
        world.run_ms(50);
    }
    let numbers: Vec<_> = world.received(subscribed).iter().map(|media| media.fields.sequence_number).collect();
    assert_eq!(numbers.len(), 44);
    assert!(numbers.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) <= 2), "{numbers:?}");
}
