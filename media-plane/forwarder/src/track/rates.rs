//! How much a publisher sends, by layer.

use std::time::{Duration, Instant};

/// A stream's layers that are told apart; what lies above counts as the highest.
pub(crate) const SPATIAL: usize = 3;
pub(crate) const TEMPORAL: usize = 3;
/// Over which is counted; a rate is the mean of the last two.
const WINDOW: Duration = Duration::from_millis(500);

/// Bits per second of each layer alone: `[spatial][temporal]`.
pub(crate) type Rates = [[u32; TEMPORAL]; SPATIAL];

#[derive(Debug, Default)]
pub(crate) struct RateMeter {
    bytes: Rates,
    rates: Rates,
    since: Option<Instant>,
    highest: (u8, u8),
}

impl RateMeter {
    pub fn count(&mut self, now: Instant, layer: (u8, u8), len: usize) {
        let since = *self.since.get_or_insert(now);
        let elapsed = now.saturating_duration_since(since);
        if elapsed >= WINDOW {
            self.turn(elapsed);
            self.since = Some(now);
        }
        self.highest = (self.highest.0.max(layer.0), self.highest.1.max(layer.1));
        let (spatial, temporal) = (usize::from(layer.0).min(SPATIAL - 1), usize::from(layer.1).min(TEMPORAL - 1));
        self.bytes[spatial][temporal] = self.bytes[spatial][temporal].saturating_add(len as u32);
    }

    /// Nothing, if nothing came for some time.
    pub fn rates(&self, now: Instant) -> Rates {
        match self.since {
            Some(since) if now.saturating_duration_since(since) < WINDOW * 3 => self.rates,
            _ => Rates::default(),
        }
    }

    /// When something came last.
    pub fn last(&self) -> Rates {
        self.rates
    }

    /// The highest spatial and temporal layers that were ever seen.
    pub fn highest(&self) -> (u8, u8) {
        self.highest
    }

    fn turn(&mut self, elapsed: Duration) {
        let first = self.rates == Rates::default() || elapsed > WINDOW * 3;
        let rates = self.rates.iter_mut().flatten().zip(self.bytes.iter_mut().flatten());
        for (rate, bytes) in rates {
            let now = (u64::from(std::mem::take(bytes)) * 8_000 / (elapsed.as_millis() as u64).max(1)) as u32;
            *rate = if first { now } else { *rate / 2 + now / 2 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layers_rate_is_what_it_sent_lately_and_nothing_when_it_is_silent() {
        let (mut meter, start) = (RateMeter::default(), Instant::now());
        for packet in 0..200u32 {
            meter.count(start + Duration::from_millis(10) * packet, (0, (packet % 2) as u8), 1_250);
        }
        let now = start + Duration::from_secs(2);
        let [[base, higher, none], ..] = meter.rates(now);
        assert!((450_000..550_000).contains(&base) && (450_000..550_000).contains(&higher), "{base} {higher}");
        assert_eq!((none, meter.highest()), (0, (0, 1)));
        assert_eq!(meter.rates(now + Duration::from_secs(2)), Rates::default());
    }
}
