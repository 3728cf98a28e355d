//! Calls of many people over bad networks, in no time: whatever a seed makes them do, some things hold at every step.
//!
//! `SIMULATION_SEED=7` repeats one run, which is how a failure names itself; `SIMULATION_MINUTES` and
//! `SIMULATION_CALLS` make it longer.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod call;
mod network;
#[path = "../behaviour/harness/peer.rs"]
#[allow(dead_code, reason = "written for other tests")]
mod peer;
mod person;
mod random;
mod stream;
mod viewing;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use call::Call;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_people_do_nobody_gets_what_is_not_theirs_and_everybody_gets_what_is() {
    let minutes = number("SIMULATION_MINUTES").unwrap_or(60);
    let seeds: Vec<u64> = match number("SIMULATION_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("SIMULATION_CALLS").unwrap_or(40)).collect(),
    };
    // Each core takes the next one.
    let waiting = Mutex::new(seeds.into_iter());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = waiting.lock().expect("a failed call ends the test").next();
                    let Some(seed) = seed else { return };
                    simulate(seed, minutes);
                }
            });
        }
    });
}

fn simulate(seed: u64, minutes: u64) {
    let mut call = Call::new(seed);
    let run = catch_unwind(AssertUnwindSafe(|| {
        call.run(Duration::from_secs(60 * minutes));
        call.end();
    }));
    if let Err(panic) = run {
        eprintln!(
            "the simulation failed {}: SIMULATION_SEED={seed} SIMULATION_MINUTES={minutes} repeats it",
            call.at()
        );
        resume_unwind(panic);
    }
    println!("seed {seed}: {}", call.summary());
}
