//! When a key frame is asked for.

use aqlinks_forwarder::rtcp::{FirEntry, write_fir, write_pli, write_receiver_report};

use crate::harness::{Published, World, delta, key_frame};

fn publisher(world: &mut World) -> (usize, Published) {
    let publisher = world.join();
    let video = world.publish_video(publisher, 1);
    world.send_frames(video, 1, 3);
    world.run_ms(2_000);
    (publisher, video)
}

#[test]
fn a_new_viewer_asks_for_one_and_begins_with_it() {
    let mut world = World::new();
    let (publisher, video) = publisher(&mut world);
    let viewer = world.join();
    assert_eq!(world.key_frame_requests(publisher), 0, "nobody needed one");
    let subscribed = world.subscribe(viewer, video, 1);
    world.send(video, 5, &delta(5));
    world.run(world.latency * 2);
    assert_eq!(world.key_frame_requests(publisher), 1, "at once");
    assert!(world.received(subscribed).is_empty());
    world.send(video, 6, &key_frame(6));
    world.send(video, 7, &delta(7));
    world.run_ms(10);
    let payloads: Vec<_> = world.received(subscribed).iter().map(|packet| packet.payload.clone()).collect();
    assert_eq!(payloads, [key_frame(6), delta(7)]);
    world.run_ms(10_000);
    assert_eq!(world.key_frame_requests(publisher), 1, "never on a timer");
}

#[test]
fn requests_are_repeated_until_it_comes() {
    let mut world = World::new();
    let (publisher, video) = publisher(&mut world);
    let viewer = world.join();
    let subscribed = world.subscribe(viewer, video, 1);
    world.run_ms(1_800);
    assert_eq!(world.key_frame_requests(publisher), 3, "after 0, 500 and 1,500 ms");
    world.send(video, 5, &key_frame(5));
    world.run_ms(10_000);
    assert_eq!(world.key_frame_requests(publisher), 3);
    assert_eq!(world.received(subscribed).len(), 1);
}

#[test]
fn who_joins_during_a_pause_asks_at_once_when_it_ends() {
    let mut world = World::new();
    let (publisher, video) = publisher(&mut world);
    let viewer = world.join();
    world.subscribe(viewer, video, 1);
    world.run_ms(20_000);
    let before = world.key_frame_requests(publisher);
    let interval = (0..4_000).step_by(10).find(|_| {
        world.run_ms(10);
        world.key_frame_requests(publisher) > before
    });
    assert!(interval.is_some(), "asked for again and again, if rarely");
    world.run_ms(1_000);
    world.send(video, 5, &delta(5));
    world.run_ms(10);
    assert_eq!(world.key_frame_requests(publisher), before + 2);
}

#[test]
fn the_wishes_of_many_viewers_are_one_request() {
    let mut world = World::new();
    let (publisher, video) = publisher(&mut world);
    let viewers: Vec<_> = (0..10).map(|_| world.join()).collect();
    let subscriptions: Vec<_> = viewers.iter().map(|viewer| world.subscribe(*viewer, video, *viewer as u32)).collect();
    world.run_ms(20);
    assert_eq!(world.key_frame_requests(publisher), 1);
    world.send(video, 5, &key_frame(5));
    world.run_ms(20);
    for subscription in &subscriptions {
        assert_eq!(world.received(*subscription).len(), 1);
    }
    // Everybody lost something at once; half of them say so by FIR.
    for (viewer, subscription) in viewers.iter().zip(&subscriptions) {
        let ssrc = subscription.ssrc;
        world.peers[*viewer].send_rtcp(|out| {
            write_receiver_report(out, 1, &[]);
            if ssrc % 20 == 0 {
                write_pli(out, 1, ssrc);
            } else {
                write_fir(out, 1, &[FirEntry { ssrc, sequence_number: 1 }]);
            }
        });
    }
    world.run_ms(100);
    assert_eq!(world.key_frame_requests(publisher), 1, "the last was less than half a second ago");
    world.run_ms(500);
    assert_eq!(world.key_frame_requests(publisher), 2);
    assert_eq!(world.stats().key_frames_requested, 2);
}

#[test]
fn a_viewer_that_comes_right_after_one_is_sent_it_without_a_request() {
    let mut world = World::new();
    let (publisher, video) = publisher(&mut world);
    let viewer = world.join();
    world.send_frames(video, 5, 4);
    world.run_ms(200);
    let subscribed = world.subscribe(viewer, video, 1);
    world.run_ms(10);
    world.send(video, 10, &delta(10));
    world.run_ms(10);
    assert_eq!(world.key_frame_requests(publisher), 0);
    let numbers: Vec<_> = world.received(subscribed).iter().map(|packet| packet.payload[3]).collect();
    assert_eq!(numbers, [5, 6, 7, 8, 9, 10]);
}

#[test]
fn a_viewer_that_is_not_connected_yet_has_its_key_frame_when_it_is() {
    let mut world = World::new();
    let (publisher, video) = publisher(&mut world);
    let viewer = world.open();
    world.answer(viewer);
    let subscribed = world.subscribe(viewer, video, 1);
    world.run_ms(10);
    assert_eq!(world.key_frame_requests(publisher), 1);
    world.send_frames(video, 5, 2);
    world.connect(viewer);
    assert_eq!(world.received(subscribed).len(), 3);
    assert_eq!(world.key_frame_requests(publisher), 1);
}

#[test]
fn the_first_packet_of_a_track_is_asked_after_if_viewers_wait() {
    let mut world = World::new();
    let (publisher, viewer) = (world.join(), world.join());
    let video = world.publish_video(publisher, 1);
    world.subscribe(viewer, video, 1);
    world.run_ms(3_000);
    assert_eq!(world.key_frame_requests(publisher), 0, "there is no stream to ask for");
    world.send(video, 1, &delta(1));
    world.run_ms(10);
    assert_eq!(world.key_frame_requests(publisher), 1);
}

#[test]
fn nobody_is_asked_when_the_last_viewer_has_left() {
    let mut world = World::new();
    let (publisher, video) = publisher(&mut world);
    let viewer = world.join();
    world.subscribe(viewer, video, 1);
    world.run_ms(100);
    world.command(aqlinks_forwarder::Command::Unsubscribe { subscription: 1 });
    world.run_ms(5_000);
    assert_eq!(world.key_frame_requests(publisher), 1);
}
