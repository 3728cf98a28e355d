//! `cargo bench -p aqlinks-forwarder`: what the forwarder's own work costs a packet and viewer, without the kernel, in
//! the shapes of `bench/` at the root. Most of it is AES-GCM.
#![allow(clippy::expect_used, dead_code, reason = "a measurement may fail; the harness serves the tests too")]

#[path = "../tests/behaviour/harness/mod.rs"]
mod harness;

use std::time::{Duration, Instant};

use aqlinks_forwarder::{Input, Output, Received};
use harness::{Published, World, delta, fields, key_frame};

/// Frames; the peers behind them fall silent after 30 s, which is 6,000 frames of 5 ms.
const FRAMES: usize = 300;

struct Shape {
    name: &'static str,
    viewers: u32,
    packets_a_frame: u16,
    payload_len: usize,
}

fn main() {
    measure(&Shape { name: "A", viewers: 100, packets_a_frame: 20, payload_len: 1_100 });
    measure(&Shape { name: "B", viewers: 20, packets_a_frame: 8, payload_len: 1_100 });
    measure(&Shape { name: "C", viewers: 200, packets_a_frame: 1, payload_len: 400 });
}

/// The median frame counts: the machine does other things too.
fn measure(shape: &Shape) {
    let mut world = World::new();
    let publisher = world.join();
    let video = world.publish_video(publisher, 1);
    for id in 1..=shape.viewers {
        let viewer = world.join();
        world.subscribe(viewer, video, id);
    }
    world.send(video, 0, &key_frame(0));
    world.run_ms(50);
    let mut next = 1;
    let mut costs: Vec<_> = (0..FRAMES).map(|_| frame(&mut world, video, shape, &mut next)).collect();
    costs.sort();
    let (packets, runs) = costs[FRAMES / 2].1;
    let each = costs[FRAMES / 2].0.as_nanos() as f64 / packets as f64;
    println!("{}: {each:.0} ns a packet and viewer, {packets} packets in {runs} runs a frame", shape.name);
}

/// Time spent, and packets and runs sent.
fn frame(world: &mut World, video: Published, shape: &Shape, next: &mut u16) -> (Duration, (usize, usize)) {
    let mut contents = Vec::new();
    for _ in 0..shape.packets_a_frame {
        let mut payload = delta(*next);
        payload.resize(shape.payload_len, 0);
        contents.extend(world.peers[video.peer].seal(&fields(video, *next), &[], &payload));
        *next = next.wrapping_add(1);
    }
    let (source, stride) = (world.peers[video.peer].address, contents.len() / usize::from(shape.packets_a_frame));
    world.now += Duration::from_millis(5);
    let (mut packets, mut runs, begin) = (0, 0, Instant::now());
    let received = Received { source: source.into(), destination: None, contents: &mut contents, stride };
    world.worker.handle(world.now, Input::Datagrams(received));
    loop {
        match world.worker.poll(world.now) {
            Output::Datagrams(run) => {
                runs += 1;
                packets += run.contents.len().div_ceil(run.segment_size);
            }
            Output::Event(_) | Output::Handover(..) => {}
            Output::Timeout(_) => return (begin.elapsed(), (packets, runs)),
        }
    }
}
