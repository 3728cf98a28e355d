//! Who speaks, and whose sound is forwarded in a large room.

use aqlinks_forwarder::rtp::Element;
use aqlinks_forwarder::{Command, Event, HeaderExtensions};

use crate::forwarding::assert_continuous;
use crate::harness::{GROUP, Published, World};

const LEVEL: u8 = 3;
const LOUD: u8 = 25;
const SILENT: u8 = 100;

/// People with a microphone each, and one who listens to all of them.
fn room(world: &mut World, people: u32) -> (Vec<Published>, Vec<crate::harness::Subscribed>) {
    let extensions = HeaderExtensions { audio_level: Some(LEVEL), ..HeaderExtensions::default() };
    let listener = world.join_with(|peer| peer.extensions = extensions);
    let published: Vec<_> = (1..=people)
        .map(|track| {
            let peer = world.join_with(|peer| peer.extensions = extensions);
            world.publish_audio(peer, track)
        })
        .collect();
    let subscribed = published.iter().map(|track| world.subscribe(listener, *track, track.track)).collect();
    (published, subscribed)
}

/// Twenty milliseconds of everybody, at these levels.
fn speak(world: &mut World, published: &[Published], number: &mut u16, levels: &[u8]) {
    for (track, level) in published.iter().zip(levels) {
        let element = Element { id: LEVEL, data: &[*level] };
        world.send_with(*track, *number, &[element], &number.to_be_bytes());
    }
    *number += 1;
    world.run_ms(20);
}

fn told(world: &World) -> Vec<Vec<u32>> {
    let tracks = |event: &Event| match event {
        Event::Speakers { group: GROUP, tracks } => Some(tracks.clone()),
        _ => None,
    };
    world.events.iter().filter_map(tracks).collect()
}

#[test]
fn who_speaks_is_told_and_so_is_silence_even_if_nothing_comes_any_more() {
    let mut world = World::new();
    let (published, _) = room(&mut world, 2);
    let mut number = 1;
    for _ in 0..25 {
        speak(&mut world, &published, &mut number, &[SILENT, SILENT]);
    }
    assert!(told(&world).is_empty());
    for _ in 0..25 {
        speak(&mut world, &published, &mut number, &[SILENT, LOUD]);
    }
    assert_eq!(told(&world), [[2]]);
    world.run_ms(1_000);
    assert_eq!(told(&world)[1..], [Vec::<u32>::new()], "both microphones are gone");
}

#[test]
fn only_the_loudest_are_forwarded_and_their_numbers_have_no_gap() {
    let mut world = World::new();
    let (published, subscribed) = room(&mut world, 4);
    world.command(Command::ConfigureGroup { group: GROUP, loudest: Some(2) });
    let mut number = 1;
    for _ in 0..25 {
        speak(&mut world, &published, &mut number, &[SILENT; 4]);
    }
    let heard = |world: &World| -> Vec<usize> { subscribed.iter().map(|own| world.received(*own).len()).collect() };
    let before = heard(&world);
    assert_eq!(before.iter().filter(|packets| **packets > 0).count(), 2);
    for _ in 0..25 {
        speak(&mut world, &published, &mut number, &[SILENT, SILENT, LOUD, LOUD]);
    }
    let during: Vec<_> = heard(&world).iter().zip(&before).map(|(now, before)| now - before).collect();
    assert!(during[0] <= 2 && during[1] <= 2 && during[2] >= 24 && during[3] >= 24, "{during:?}");
    for _ in 0..50 {
        speak(&mut world, &published, &mut number, &[LOUD, SILENT, SILENT, SILENT]);
    }
    let first = world.received(subscribed[0]);
    assert_continuous(&first);
    let missed = u32::from(number) - 1 - first.len() as u32;
    assert!((22..=26).contains(&missed), "{missed} packets left out, of those while it was silent");
    let pause = first.windows(2).map(|pair| pair[1].fields.timestamp.wrapping_sub(pair[0].fields.timestamp)).max();
    assert!(pause.unwrap() >= 24 * 3_000, "time goes on: {pause:?}");
}

#[test]
fn who_sends_no_levels_is_always_forwarded() {
    let mut world = World::new();
    let (publisher, listener) = (world.join(), world.join());
    let audio = world.publish_audio(publisher, 1);
    let subscribed = world.subscribe(listener, audio, 1);
    world.command(Command::ConfigureGroup { group: GROUP, loudest: Some(0) });
    for number in 0..10 {
        world.send(audio, number, &[1; 20]);
    }
    world.run_ms(20);
    assert_eq!(world.received(subscribed).len(), 10);
    assert!(told(&world).is_empty());
}
