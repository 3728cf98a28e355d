use crate::meter::{Histogram, Meter};

#[test]
fn quantiles_are_those_of_the_values() {
    let mut histogram = Histogram::default();
    assert_eq!(histogram.quantile(0.5), None);
    (1..=100).for_each(|milliseconds| histogram.add(milliseconds * 1_000_000));
    assert_eq!(histogram.quantile(0.5), Some(50.005));
    assert_eq!(histogram.quantile(0.99), Some(99.005));
    histogram.add(u64::MAX);
    assert_eq!(histogram.quantile(1.0), Some(999.995), "more than a second counts as one");
}

#[test]
fn only_what_was_sent_within_the_window_counts() {
    let mut meter = Meter::default();
    meter.received(5, 6);
    meter.open(10);
    for stamp in [9, 10, 19] {
        meter.sent(stamp, 2);
    }
    meter.close(20);
    meter.sent(20, 2);
    for (stamp, at) in [(9, 12), (10, 1_000_010), (19, 1_000_019), (20, 21)] {
        meter.received(stamp, at);
    }
    let totals = meter.totals();
    assert_eq!((totals.sent, totals.received), (4, 2));
    assert_eq!(totals.latency_p99, Some(1.005));
}
