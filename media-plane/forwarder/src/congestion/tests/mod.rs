//! The estimate over simulated links.

mod link;

use link::{Link, Path};

fn mean(estimates: &[f64]) -> f64 {
    estimates.iter().sum::<f64>() / estimates.len() as f64
}

/// Seconds until the estimates stay between the bounds.
fn settled(estimates: &[f64], bounds: std::ops::Range<f64>) -> f64 {
    let outside = estimates.iter().rposition(|estimate| !bounds.contains(estimate));
    outside.map_or(0.0, |at| (at + 1) as f64 / 10.0)
}

fn shown(estimates: &[f64]) -> String {
    estimates.iter().map(|estimate| format!("{:.0} ", estimate / 1e3)).collect()
}

#[test]
fn a_wide_link_is_found_wide_in_a_second() {
    let mut path = Path::new(Link::new(20e6), &[3e6]);
    let estimates = path.run(10.0);
    assert!(settled(&estimates, 2.9e6..1e9) <= 1.5, "{}", shown(&estimates));
    assert!(!path.flows[0].congestion.was_congested());
}

#[test]
fn it_follows_a_link_down_and_up_within_five_seconds() {
    let mut path = Path::new(Link::new(5e6), &[4e6]);
    path.run(10.0);
    path.link.capacity = 3e5;
    let down = path.run(20.0);
    assert!(settled(&down, 1.2e5..4e5) <= 5.0, "{}", shown(&down));
    assert!(path.queue_ms() < 100.0, "{}", path.queue_ms());
    path.link.capacity = 5e6;
    let up = path.run(20.0);
    assert!(settled(&up, 2.5e6..1e7) <= 5.0, "{}", shown(&up));
}

#[test]
fn with_layers_too() {
    let mut path = Path::new(Link::new(5e6), &[2.5e6]);
    path.flows[0].layers = vec![1.5e5, 5e5, 2.5e6];
    path.run(10.0);
    path.link.capacity = 3e5;
    let down = path.run(20.0);
    assert!(settled(&down, 1.2e5..4.2e5) <= 5.0, "{}", shown(&down));
    path.link.capacity = 5e6;
    let up = path.run(20.0);
    assert!(settled(&up, 2.4e6..1e7) <= 5.0, "{}", shown(&up));
}

#[test]
fn a_full_link_is_used_and_its_queue_stays_short() {
    let mut path = Path::new(Link::new(1e6), &[4e6]);
    path.run(20.0);
    let mut queues = Vec::new();
    let before = path.flows[0].received;
    for _ in 0..200 {
        path.run(0.1);
        queues.push(path.queue_ms());
    }
    let used = (path.flows[0].received - before) as f64 * 8.0 / 20.0;
    assert!(used > 7e5, "{used}");
    assert!(mean(&queues) < 60.0, "{}", mean(&queues));
}

#[test]
fn two_flows_share_a_link() {
    for late in [0, 10_000_000] {
        let mut path = Path::new(Link::new(3e6), &[4e6, 4e6]);
        path.flows[1].starts_us = late;
        path.run(40.0);
        let (first, second) = (path.flows[0].received, path.flows[1].received);
        path.run(30.0);
        let shares = [path.flows[0].received - first, path.flows[1].received - second];
        let [first, second] = shares.map(|bytes| bytes as f64 * 8.0 / 30.0);
        let ratio = first.max(second) / first.min(second);
        assert!(ratio < 2.0 && first + second > 2e6, "{first} and {second}");
    }
}

#[test]
fn random_loss_is_not_congestion() {
    for (loss, least) in [(0.01, 2.8e6), (0.05, 2e6), (0.10, 7e5)] {
        let mut path = Path::new(Link::new(10e6), &[3e6]);
        path.run(5.0);
        path.link.loss = loss;
        let estimates = path.run(30.0);
        assert!(mean(&estimates[100..]) > least, "{loss}: {}", shown(&estimates));
    }
}

#[test]
fn jitter_does_not_bring_it_down() {
    let mut link = Link::new(10e6);
    link.jitter_us = 30_000;
    let mut path = Path::new(link, &[2e6]);
    let estimates = path.run(30.0);
    assert!(mean(&estimates[50..]) > 1.5e6, "{}", shown(&estimates));
}

#[test]
fn neither_does_reordering() {
    let mut link = Link::new(10e6);
    (link.jitter_us, link.reordered) = (10_000, 0.3);
    let mut path = Path::new(link, &[2e6]);
    let estimates = path.run(30.0);
    assert!(mean(&estimates[50..]) > 1.5e6, "{}", shown(&estimates));
}

#[test]
fn nor_a_clock_that_runs_faster_or_slower() {
    for drift in [100e-6, -100e-6] {
        let mut path = Path::new(Link::new(10e6), &[2e6]);
        path.flows[0].clock.1 = drift;
        let estimates = path.run(30.0);
        assert!(mean(&estimates[50..]) > 1.8e6, "{drift}: {}", shown(&estimates));
    }
}

#[test]
fn nor_the_wrap_of_the_receivers_clock() {
    let mut path = Path::new(Link::new(10e6), &[2e6]);
    path.flows[0].clock.0 = (1 << 24) * 64_000 - 5_000_000;
    let estimates = path.run(15.0);
    assert!(mean(&estimates[50..]) > 1.8e6, "{}", shown(&estimates));
    assert!(!path.flows[0].congestion.was_congested());
}

#[test]
fn half_of_the_feedback_is_enough() {
    let mut link = Link::new(5e6);
    link.feedback_loss = 0.5;
    let mut path = Path::new(link, &[4e6]);
    let estimates = path.run(15.0);
    assert!(mean(&estimates[50..]) > 3e6, "{}", shown(&estimates));
    path.link.capacity = 3e5;
    let down = path.run(15.0);
    assert!(settled(&down, 1e5..3.5e5) <= 6.0, "{}", shown(&down));
}

#[test]
fn a_shallow_queue_that_drops_is_respected_too() {
    let mut link = Link::new(1e6);
    link.queue_us = 30_000;
    let mut path = Path::new(link, &[4e6]);
    path.run(20.0);
    let used = path.throughput(0, 20.0);
    assert!(used > 4.5e5, "{used}");
    let estimates = path.run(10.0);
    assert!(mean(&estimates) < 1.6e6, "{}", shown(&estimates));
}
