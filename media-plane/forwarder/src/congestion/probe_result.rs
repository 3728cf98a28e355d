//! What the packets of a probe say of the capacity: how fast they arrived, at most as fast as they left.

/// Of the packets and bytes of a probe, so much must have arrived.
const ENOUGH: f64 = 0.8;
const MAX_INTERVAL_US: u64 = 1_000_000;
/// Arrived so much faster than sent, they were held and let go: that is no capacity.
const MAX_RATIO: f64 = 2.0;
/// Arrived so much slower than sent, the link was full: a little below its capacity is taken, so that its queue drains.
const SATURATED: f64 = 0.9;
const DRAINING: f64 = 0.95;

#[derive(Debug)]
pub(super) struct ProbeResult {
    cluster: u8,
    min_packets: u32,
    min_bytes: u32,
    packets: u32,
    bytes: u32,
    first_sent: u64,
    last_sent: u64,
    /// Bytes that left last.
    last_bytes: u32,
    first_arrival: i64,
    last_arrival: i64,
    first_bytes: u32,
}

impl ProbeResult {
    pub fn new(cluster: u8, min_packets: u32, min_bytes: u32) -> Self {
        let (first_sent, last_sent) = (u64::MAX, 0);
        let (first_arrival, last_arrival) = (i64::MAX, i64::MIN);
        Self {
            cluster,
            min_packets,
            min_bytes,
            packets: 0,
            bytes: 0,
            first_sent,
            last_sent,
            last_bytes: 0,
            first_arrival,
            last_arrival,
            first_bytes: 0,
        }
    }

    pub fn cluster(&self) -> u8 {
        self.cluster
    }

    /// Bits a second, once enough of it has arrived: again with each packet, the last is the best.
    pub fn add(&mut self, sent: u64, arrival: i64, size: u16) -> Option<f64> {
        let size = u32::from(size);
        self.packets += 1;
        self.bytes += size;
        self.first_sent = self.first_sent.min(sent);
        if sent > self.last_sent {
            (self.last_sent, self.last_bytes) = (sent, 0);
        }
        if sent == self.last_sent {
            self.last_bytes += size;
        }
        if arrival < self.first_arrival {
            (self.first_arrival, self.first_bytes) = (arrival, size);
        }
        self.last_arrival = self.last_arrival.max(arrival);
        self.rate()
    }

    fn rate(&self) -> Option<f64> {
        let enough = |got: u32, min: u32| f64::from(got) >= ENOUGH * f64::from(min);
        if !enough(self.packets, self.min_packets) || !enough(self.bytes, self.min_bytes) {
            return None;
        }
        let rate = |bytes: u32, interval: u64| {
            (1..=MAX_INTERVAL_US).contains(&interval).then(|| f64::from(bytes) * 8e6 / interval as f64)
        };
        let sent = rate(self.bytes - self.last_bytes, self.last_sent - self.first_sent)?;
        let arrived = rate(self.bytes - self.first_bytes, (self.last_arrival - self.first_arrival).unsigned_abs())?;
        if arrived > MAX_RATIO * sent {
            return None;
        }
        Some(if arrived < SATURATED * sent { DRAINING * arrived } else { sent.min(arrived) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four bursts of two packets every 5 ms, over a link that takes so long for each packet.
    fn probe(packet_us: i64) -> Option<f64> {
        let mut result = ProbeResult::new(1, 5, 8_000);
        let (mut free_at, mut rate) = (0, None);
        for burst in 0..4 {
            for _ in 0..2 {
                let sent = burst * 5_000;
                free_at = (sent as i64).max(free_at) + packet_us;
                rate = result.add(sent, 1_000_000 + free_at, 1_250);
            }
        }
        rate
    }

    #[test]
    fn a_wide_link_gives_what_was_sent_and_a_narrow_one_what_it_has() {
        let wide = probe(10).expect("a rate");
        assert!((wide - 4e6).abs() < 1e4, "{wide}");
        let narrow = probe(10_000).expect("a rate");
        assert!((narrow - 0.95e6).abs() < 1e4, "{narrow}");
    }

    #[test]
    fn too_little_says_nothing() {
        let mut result = ProbeResult::new(1, 5, 8_000);
        assert_eq!((0..4).filter_map(|at| result.add(at * 5_000, at as i64 * 5_000, 1_250)).count(), 0);
    }
}
