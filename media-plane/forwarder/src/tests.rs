//! What only the inside shows: that tables end as they began, and that a panic stays where it happened. The peers are
//! those of the behaviour tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    reason = "a test may fail; the harness serves other tests too"
)]

#[path = "../tests/behaviour/harness/mod.rs"]
mod harness;

use crate::{Command, TransportClosed, Worker};
use harness::World;

fn assert_empty(worker: &Worker) {
    assert!(worker.transports.is_empty() && worker.tracks.is_empty());
    assert!(worker.effects.wake.is_empty() && worker.effects.events.is_empty());
    assert_eq!(worker.effects.timers.len(), 0, "alarms of nobody");
}

/// A call as it goes: people come, publish, watch each other, leave in every way there is.
fn call(world: &mut World, round: u32) {
    let people: Vec<_> = (0..4).map(|_| world.join()).collect();
    let mut id = round * 100;
    let mut tracks = Vec::new();
    for person in &people {
        id += 2;
        tracks.push((world.publish_video(*person, id), world.publish_audio(*person, id + 1)));
    }
    for person in &people {
        for (video, audio) in tracks.iter().filter(|(video, _)| video.peer != *person) {
            id += 2;
            world.subscribe(*person, *video, id);
            world.subscribe(*person, *audio, id + 1);
        }
    }
    for number in 0..40 {
        for (video, audio) in &tracks {
            if number % 9 != 5 {
                world.send(
                    *video,
                    number,
                    &if number % 20 == 0 { harness::key_frame(number) } else { harness::delta(number) },
                );
                world.send(*audio, number, &[0; 30]);
            }
        }
        world.run_ms(20);
    }
    world.command(Command::UnpublishTrack { track: tracks[0].0.track });
    world.peers[people[0]].close_dtls();
    world.command(Command::CloseTransport { transport: world.peers[people[1]].transport });
    world.run_ms(100);
    // The others fall silent.
    world.run_ms(31_000);
    for person in people {
        assert!(world.closed(person).is_some());
    }
}

#[test]
fn after_a_call_every_table_is_as_it_was() {
    let mut world = World::new();
    for round in 1..=3 {
        call(&mut world, round);
        world.run_ms(70_000);
        assert_empty(&world.worker);
    }
}

#[test]
fn a_panic_ends_its_transport_and_nothing_else() {
    let mut world = World::new();
    let (publisher, viewer, broken) = (world.join(), world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(viewer, audio, 1);
    world.subscribe(broken, audio, 2);
    let theirs = world.publish_audio(broken, 2);
    world.subscribe(viewer, theirs, 3);
    world.send(audio, 1, &[0; 20]);
    world.run_ms(10);
    let key = world.worker.transports.find(world.peers[broken].transport).unwrap();
    world.worker.transports.get_mut(key).unwrap().sabotaged = true;
    world.send(audio, 2, &[0; 20]);
    world.run_ms(10);
    world.send(audio, 3, &[0; 20]);
    world.run_ms(10);
    assert_eq!(world.closed(broken), Some(TransportClosed::Panic));
    assert_eq!(world.received(subscribed).len(), 3);
    assert!(world.closed(viewer).is_none() && world.closed(publisher).is_none());
    assert_eq!(world.stats().transports.len(), 2);
}

#[test]
fn a_panic_while_receiving_ends_the_sender_only() {
    let mut world = World::new();
    let (broken, viewer) = (world.join(), world.join());
    let audio = world.publish_audio(broken, 1);
    world.subscribe(viewer, audio, 1);
    world.run_ms(10);
    let key = world.worker.transports.find(world.peers[broken].transport).unwrap();
    world.worker.transports.get_mut(key).unwrap().sabotaged = true;
    world.send(audio, 1, &[0; 20]);
    world.run_ms(10);
    assert_eq!(world.closed(broken), Some(TransportClosed::Panic));
    assert!(world.closed(viewer).is_none());
}
