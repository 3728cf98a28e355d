//! Counts what arrived of all that was sent within one window of time, and how late it came.

use std::ops::Range;

const BUCKET_NS: u64 = 10_000;
const BUCKETS: usize = 100_000; // up to a second; later ones count as a second

/// Latencies in buckets of 10 µs.
pub struct Histogram {
    buckets: Vec<u32>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { buckets: vec![0; BUCKETS], count: 0 }
    }
}

impl Histogram {
    pub fn add(&mut self, nanoseconds: u64) {
        let bucket = ((nanoseconds / BUCKET_NS) as usize).min(BUCKETS - 1);
        self.buckets[bucket] += 1;
        self.count += 1;
    }

    /// In milliseconds; `None` if nothing was added.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let rank = ((self.count as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let bucket = self.buckets.iter().position(|&count| {
            seen += u64::from(count);
            seen >= rank
        })?;
        Some((bucket as f64 + 0.5) * BUCKET_NS as f64 / 1e6)
    }
}

/// Times are nanoseconds since 1970: those of sending stand in the packets, those of arrival come from the kernel.
#[derive(Default)]
pub struct Meter {
    window: Range<u64>,
    sent: u64,
    received: u64,
    repeated: u64,
    unverified: u64,
    latency: Histogram,
}

impl Meter {
    /// Begins a window; it stays open until it is closed.
    pub fn open(&mut self, now: u64) {
        *self = Meter { window: now..u64::MAX, ..Meter::default() };
    }

    pub fn close(&mut self, now: u64) {
        self.window.end = now;
    }

    pub fn sent(&mut self, stamp: u64, packets: u64) {
        if self.window.contains(&stamp) {
            self.sent += packets;
        }
    }

    pub fn received(&mut self, stamp: u64, at: u64) {
        if self.window.contains(&stamp) {
            self.received += 1;
            self.latency.add(at.saturating_sub(stamp));
        }
    }

    /// A retransmission: it is not forwarded traffic.
    pub fn repeated(&mut self) {
        self.repeated += 1;
    }

    /// A packet that did not verify: the server is wrong, or the load generator.
    pub fn unverified(&mut self) {
        self.unverified += 1;
    }

    pub fn totals(&self) -> Totals {
        Totals {
            sent: self.sent,
            received: self.received,
            repeated: self.repeated,
            unverified: self.unverified,
            latency_p50: self.latency.quantile(0.5),
            latency_p99: self.latency.quantile(0.99),
        }
    }
}

/// Of one window. Latencies in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Totals {
    pub sent: u64,
    pub received: u64,
    pub repeated: u64,
    pub unverified: u64,
    pub latency_p50: Option<f64>,
    pub latency_p99: Option<f64>,
}
