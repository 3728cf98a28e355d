//! How much may leave at once: a path that is known to be narrow is given what it carries in bursts of some milliseconds,
//! not a key frame in one.

use std::time::Instant;

/// So much faster than the estimate, so that a queue of ours is short.
const FACTOR: f64 = 2.5;
/// A burst is what this rate gives in so much time, and some packets at least.
const BURST_SECONDS: f64 = 0.010;
const MIN_BURST: f64 = 4_000.0;

#[derive(Debug)]
pub(crate) struct Pacer {
    /// Bytes that left and that the rate has not paid for yet.
    debt: f64,
    updated_at: Instant,
}

impl Pacer {
    pub fn new(now: Instant) -> Self {
        Self { debt: 0.0, updated_at: now }
    }

    /// Bytes that may leave now; `estimate` in bits a second.
    pub fn budget(&mut self, now: Instant, estimate: f64) -> i64 {
        let rate = FACTOR * estimate / 8.0;
        let elapsed = now.saturating_duration_since(self.updated_at).as_secs_f64();
        self.updated_at = now;
        self.debt = (self.debt - rate * elapsed).max(0.0);
        ((rate * BURST_SECONDS).max(MIN_BURST) - self.debt) as i64
    }

    pub fn spent(&mut self, bytes: i64) {
        self.debt += bytes.max(0) as f64;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn bursts_add_up_to_the_rate() {
        let (mut now, mut sent) = (Instant::now(), 0);
        let mut pacer = Pacer::new(now);
        for _ in 0..200 {
            let mut budget = pacer.budget(now, 1e6);
            let mut burst = 0;
            while budget > 0 {
                (budget, burst) = (budget - 1_200, burst + 1_200);
            }
            pacer.spent(burst);
            sent += burst;
            now += Duration::from_millis(5);
        }
        // A second at 2.5 Mbit/s, and the first burst.
        assert!((312_500..322_500).contains(&sent), "{sent}");
    }
}
