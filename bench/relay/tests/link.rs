//! One direction of a bad network, in no time: seeds, rates, order.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::time::{Duration, Instant};

use aqlinks_relay::{Bursts, Impairment, Link};

const MS: Duration = Duration::from_millis(1);

/// `count` datagrams of 972 bytes (1,000 with their headers), one each `interval`; what came out, and when (ms).
fn through(impairment: Impairment, seed: u64, count: u32, interval: Duration) -> Vec<(u32, f64)> {
    let (mut link, start) = (Link::new(impairment, seed, 0), Instant::now());
    let mut came = Vec::new();
    for number in 0..count {
        let now = start + interval * number;
        link.push(now, 972, number);
        while let Some(out) = link.pop(now) {
            came.push((out, (now - start).as_secs_f64() * 1e3));
        }
    }
    while let Some(at) = link.next() {
        let out = link.pop(at).unwrap();
        came.push((out, (at - start).as_secs_f64() * 1e3));
    }
    came
}

#[test]
fn a_perfect_network_delivers_everything_at_once_and_in_order() {
    let came = through(Impairment::default(), 1, 1_000, MS);
    assert!(came.iter().zip(0..).all(|((number, at), wanted)| *number == wanted && *at == f64::from(wanted)));
}

#[test]
fn a_seed_repeats_a_run_and_another_seed_does_not() {
    let impairment = Impairment { loss: 5.0, jitter_ms: 9.0, reorder: 3.0, duplicate: 2.0, ..Impairment::default() };
    let run = |seed| through(impairment.clone(), seed, 2_000, MS);
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn the_loss_is_what_was_asked_for() {
    for loss in [1.0, 5.0, 10.0] {
        let came = through(Impairment { loss, ..Impairment::default() }, 3, 100_000, MS);
        let lost = 100.0 - came.len() as f64 / 1e3;
        assert!((lost - loss).abs() < 0.3, "{lost} % instead of {loss} %");
    }
}

#[test]
fn bursts_lose_many_in_a_row() {
    let bursts = Some(Bursts { begin: 1.0, end: 20.0, loss: 100.0 });
    let came = through(Impairment { bursts, ..Impairment::default() }, 3, 100_000, MS);
    let gaps: Vec<_> = came.windows(2).map(|pair| pair[1].0 - pair[0].0 - 1).filter(|gap| *gap > 0).collect();
    let mean = f64::from(gaps.iter().sum::<u32>()) / gaps.len() as f64;
    assert!((4.0..6.0).contains(&mean), "{mean} in a row on average");
}

#[test]
fn the_rate_holds_back_and_the_full_queue_drops() {
    // 2,000 datagrams a second are offered to a rate of 100 a second (800 kbit/s of 1,000 bytes).
    let impairment = Impairment { rate_kbit: Some(800.0), queue_ms: 100.0, ..Impairment::default() };
    let came = through(impairment, 1, 4_000, MS / 2);
    let seconds = came[came.len() - 1].1 / 1e3;
    let rate = came.len() as f64 / seconds;
    assert!((99.0..101.0).contains(&rate), "{rate} a second");
    let longest = came.iter().map(|(number, at)| at - f64::from(*number) / 2.0).fold(0.0, f64::max);
    assert!((100.0..=120.0).contains(&longest), "waited for {longest} ms");
}

#[test]
fn jitter_delays_and_reorders_nothing() {
    let came = through(Impairment { delay_ms: 40.0, jitter_ms: 30.0, ..Impairment::default() }, 1, 5_000, MS);
    assert!(came.is_sorted_by_key(|(number, _)| *number));
    let waits: Vec<_> = came.iter().map(|(number, at)| at - f64::from(*number)).collect();
    assert!(waits.iter().all(|wait| (40.0..70.001).contains(wait)));
    assert!(waits.iter().any(|wait| *wait > 65.0));
}

#[test]
fn some_are_overtaken_and_some_come_twice() {
    let impairment = Impairment { reorder: 5.0, reorder_ms: 5.5, duplicate: 5.0, ..Impairment::default() };
    let came = through(impairment, 1, 10_000, MS);
    let overtaken = came.windows(2).filter(|pair| pair[1].0 < pair[0].0).count();
    assert!((400..600).contains(&overtaken), "{overtaken} overtaken");
    assert!((10_400..10_600).contains(&came.len()), "{} came", came.len());
}
