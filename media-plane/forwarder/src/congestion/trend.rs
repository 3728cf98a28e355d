//! Whether a queue grows: the slope of the delay over the last groups against a threshold that adapts to the network's
//! own jitter (draft-ietf-rmcat-gcc-02, 5.3 and 5.4, with the slope by least squares as libwebrtc has it).

use super::groups::Delta;

/// Groups that the slope is taken over.
const WINDOW: usize = 20;
const SMOOTHING: f64 = 0.9;
/// Slopes are small: brought to the threshold's scale by this and by the number of groups.
const GAIN: f64 = 4.0;
const MAX_GROUPS: u32 = 60;

const FIRST_THRESHOLD: f64 = 12.5;
const THRESHOLDS: (f64, f64) = (6.0, 600.0);
/// A share of the distance a millisecond: up slowly, down more slowly still.
const UP: f64 = 0.0087;
const DOWN: f64 = 0.039;
/// A slope this far above the threshold is a change of the network, not jitter to get used to.
const OUTLIER: f64 = 15.0;
const MAX_STEP_MS: f64 = 100.0;
/// Milliseconds of sending for which the slope must stay above it.
const OVERUSE_MS: f64 = 10.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Usage {
    #[default]
    Normal,
    /// The queue grows.
    Over,
    /// It drains.
    Under,
}

#[derive(Debug)]
pub(super) struct Trend {
    /// Arrival (since the first) and smoothed delay, milliseconds; a ring.
    points: [(f64, f64); WINDOW],
    groups: u32,
    first_at: f64,
    delay: f64,
    smoothed: f64,
    slope: f64,
    threshold: f64,
    /// Milliseconds for which it has been above the threshold, and in how many groups; `None`: it is not.
    above: Option<(f64, u32)>,
    updated_at: Option<f64>,
    usage: Usage,
}

impl Default for Trend {
    fn default() -> Self {
        Self {
            points: [(0.0, 0.0); WINDOW],
            groups: 0,
            first_at: 0.0,
            delay: 0.0,
            smoothed: 0.0,
            slope: 0.0,
            threshold: FIRST_THRESHOLD,
            above: None,
            updated_at: None,
            usage: Usage::Normal,
        }
    }
}

impl Trend {
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Begins anew; what was learnt of the network's jitter stays.
    pub fn forget(&mut self) {
        *self = Self { threshold: self.threshold, ..Self::default() };
    }

    /// `now`: milliseconds of our clock.
    pub fn update(&mut self, now: f64, delta: &Delta) {
        if self.groups == 0 {
            self.first_at = delta.at;
        }
        self.delay += delta.arrived - delta.sent;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.delay;
        self.points[self.groups as usize % WINDOW] = (delta.at - self.first_at, self.smoothed);
        self.groups = self.groups.saturating_add(1);
        let before = self.slope;
        if self.groups as usize >= WINDOW {
            self.slope = slope(&self.points).unwrap_or(self.slope);
        }
        self.detect(now, before, delta.sent);
    }

    fn detect(&mut self, now: f64, before: f64, sent: f64) {
        if self.groups < 2 {
            return;
        }
        let scaled = f64::from(self.groups.min(MAX_GROUPS)) * self.slope * GAIN;
        if scaled > self.threshold {
            let (time, groups) = match self.above {
                // Somewhere between the groups it went above.
                None => (sent / 2.0, 1),
                Some((time, groups)) => (time + sent, groups + 1),
            };
            self.above = Some((time, groups));
            if time > OVERUSE_MS && groups > 1 && self.slope >= before {
                self.above = Some((0.0, 0));
                self.usage = Usage::Over;
            }
        } else {
            self.above = None;
            self.usage = if scaled < -self.threshold { Usage::Under } else { Usage::Normal };
        }
        self.adapt(now, scaled.abs());
    }

    fn adapt(&mut self, now: f64, scaled: f64) {
        let elapsed = self.updated_at.map_or(0.0, |at| (now - at).clamp(0.0, MAX_STEP_MS));
        self.updated_at = Some(now);
        if scaled > self.threshold + OUTLIER {
            return;
        }
        let share = if scaled < self.threshold { DOWN } else { UP };
        self.threshold += share * (scaled - self.threshold) * elapsed;
        self.threshold = self.threshold.clamp(THRESHOLDS.0, THRESHOLDS.1);
    }
}

/// By least squares; `None`: all at one time.
fn slope(points: &[(f64, f64); WINDOW]) -> Option<f64> {
    let (x, y) = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    let (x, y) = (x / WINDOW as f64, y / WINDOW as f64);
    let (mut over, mut under) = (0.0, 0.0);
    for point in points {
        over += (point.0 - x) * (point.1 - y);
        under += (point.0 - x) * (point.0 - x);
    }
    (under > 0.0).then(|| over / under)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A group every 20 ms, each later than the one before by so much more.
    fn run(trend: &mut Trend, from: u32, groups: u32, later: impl Fn(u32) -> f64) -> Vec<Usage> {
        let mut at = f64::from(from) * 20.0;
        let mut usages = Vec::new();
        for group in 0..groups {
            let arrived = 20.0 + later(group);
            at += arrived;
            trend.update(f64::from(from + group) * 20.0, &Delta { sent: 20.0, arrived, at });
            usages.push(trend.usage());
        }
        usages
    }

    #[test]
    fn a_queue_that_grows_is_over_use_and_one_that_drains_is_under_use() {
        let mut trend = Trend::default();
        assert!(run(&mut trend, 0, 50, |_| 0.0).iter().all(|usage| *usage == Usage::Normal));
        let growing = run(&mut trend, 50, 25, |_| 4.0);
        assert!(growing.iter().position(|usage| *usage == Usage::Over).is_some_and(|at| at < 15), "{growing:?}");
        assert!(run(&mut trend, 75, 40, |_| -4.0).contains(&Usage::Under));
        assert_eq!(run(&mut trend, 115, 60, |_| 0.0).last(), Some(&Usage::Normal));
    }

    #[test]
    fn jitter_that_goes_on_is_no_over_use() {
        let mut trend = Trend::default();
        let wave = |group: u32| if group.is_multiple_of(2) { 12.0 } else { -12.0 };
        let usages = run(&mut trend, 0, 500, wave);
        assert!(usages[100..].iter().all(|usage| *usage != Usage::Over));
    }
}
