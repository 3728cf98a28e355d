//! The rate at which the peer got what we sent.

/// Of the first sample, and of the others.
const FIRST_WINDOW_US: i64 = 500_000;
const WINDOW_US: i64 = 150_000;
/// How far a sample is trusted: the more it differs from the estimate, the less; still less when little was sent.
const UNCERTAINTY: f64 = 10.0;
const UNCERTAINTY_LIMITED: f64 = 20.0;
/// kbit/s: a difference between small rates weighs less.
const MAX_SYMMETRY: f64 = 25.0;
/// The estimate may have moved so much since the last sample.
const DRIFT: f64 = 5.0;
const CHANGE: f64 = 200.0;

#[derive(Debug, Default)]
pub(super) struct Acknowledged {
    /// Begin of the sample on the receiver's clock, and its bytes.
    begin: Option<i64>,
    bytes: u32,
    /// kbit/s and its variance.
    estimate: Option<(f64, f64)>,
    /// kbit/s, of the last samples alone.
    recent: f64,
}

/// Weight of the last sample among the recent ones.
const RECENT: f64 = 0.6;

impl Acknowledged {
    /// Bits a second.
    pub fn rate(&self) -> Option<f64> {
        self.estimate.map(|(kbps, _)| kbps * 1_000.0)
    }

    /// While a queue grows what arrives is the link's capacity: the last samples tell of it before the estimate does.
    pub fn recent(&self) -> Option<f64> {
        self.estimate.map(|_| self.recent * 1_000.0)
    }

    /// From now on much more may be sent than before.
    pub fn expect_change(&mut self) {
        if let Some((_, variance)) = &mut self.estimate {
            *variance += CHANGE;
        }
    }

    /// A packet arrived at this time of the receiver's clock (microseconds). `limited`: we send less than we might.
    pub fn add(&mut self, arrival: i64, size: u16, limited: bool) {
        let begin = *self.begin.get_or_insert(arrival);
        let window = if self.estimate.is_none() { FIRST_WINDOW_US } else { WINDOW_US };
        let elapsed = arrival - begin;
        if elapsed < -WINDOW_US || elapsed > 20 * window {
            // The clock was set, or there was silence: what is there is no sample.
            (self.begin, self.bytes) = (Some(arrival), 0);
        } else if elapsed >= window {
            let kbps = f64::from(self.bytes) * 8_000.0 / elapsed as f64;
            (self.begin, self.bytes) = (Some(arrival), 0);
            self.learn(kbps, limited);
        }
        self.bytes += u32::from(size);
    }

    fn learn(&mut self, sample: f64, limited: bool) {
        let Some((estimate, variance)) = self.estimate else {
            (self.estimate, self.recent) = (Some((sample, 50.0)), sample);
            return;
        };
        self.recent = (1.0 - RECENT) * self.recent + RECENT * sample;
        let scale = if limited && sample < estimate { UNCERTAINTY_LIMITED } else { UNCERTAINTY };
        let uncertainty = scale * (estimate - sample).abs() / (estimate + sample.min(MAX_SYMMETRY)).max(1.0);
        let (sampled, expected) = (uncertainty * uncertainty, variance + DRIFT);
        let learnt = (sampled * estimate + expected * sample) / (sampled + expected);
        self.estimate = Some((learnt, sampled * expected / (sampled + expected)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_arrives() {
        let mut acknowledged = Acknowledged::default();
        for packet in 0..200 {
            acknowledged.add(packet * 10_000, 1_250, false);
        }
        let rate = acknowledged.rate().expect("a rate");
        assert!((rate - 1e6).abs() < 5e4, "{rate}");
        for packet in 0..100 {
            acknowledged.add(2_000_000 + packet * 40_000, 1_250, false);
        }
        let rate = acknowledged.rate().expect("a rate");
        assert!((rate - 2.5e5).abs() < 3e4, "{rate}");
    }
}
