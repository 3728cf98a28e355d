//! When to look at a transport again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use crate::transport::TransportKey;

/// Deadlines are rounded up to this grid: those of many transports fall together and cost one wake-up.
const GRID_MS: u64 = 5;

/// Deadlines of all transports, the earliest first. A transport has one that counts, in its [`Alarm`]; entries that were
/// overtaken by an earlier one stay until their time and are skipped then.
pub(crate) struct Timers {
    start: Instant,
    /// The last step that came: what is due already rings in the next one, so that no transport rings for ever.
    passed: u64,
    heap: BinaryHeap<Reverse<(u64, TransportKey)>>,
}

/// When a transport wants to be served, in steps of the grid.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Option<u64>);

impl Timers {
    pub fn new(start: Instant) -> Self {
        Self { start, passed: 0, heap: BinaryHeap::new() }
    }

    /// Serves the transport at `at` unless it is served earlier anyhow.
    pub fn schedule(&mut self, transport: TransportKey, alarm: &mut Alarm, at: Instant) {
        let step = self.step_after(at).max(self.passed + 1);
        if alarm.0.is_none_or(|set| step < set) {
            alarm.0 = Some(step);
            self.heap.push(Reverse((step, transport)));
        }
    }

    /// A transport whose time may have come: [`Alarm::ring`] knows.
    pub fn pop(&mut self, now: Instant) -> Option<(u64, TransportKey)> {
        let Reverse((step, _)) = *self.heap.peek()?;
        if self.instant_of(step) > now {
            return None;
        }
        self.passed = self.passed.max(step);
        self.heap.pop().map(|Reverse(entry)| entry)
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    pub fn next(&self) -> Option<Instant> {
        let Reverse((step, _)) = self.heap.peek()?;
        Some(self.instant_of(*step))
    }

    fn instant_of(&self, step: u64) -> Instant {
        self.start + Duration::from_millis(step * GRID_MS)
    }

    fn step_after(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.start);
        let micros = since.as_secs() * 1_000_000 + u64::from(since.subsec_micros());
        micros.div_ceil(GRID_MS * 1_000)
    }
}

impl Alarm {
    /// Whether this entry is the one that counts; then it is used up.
    pub fn ring(&mut self, step: u64) -> bool {
        let rings = self.0 == Some(step);
        if rings {
            self.0 = None;
        }
        rings
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test may fail")]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_deadline_counts_and_the_overtaken_one_is_skipped() {
        let start = Instant::now();
        let mut timers = Timers::new(start);
        let mut alarm = Alarm::default();
        let key = TransportKey::from(7);
        timers.schedule(key, &mut alarm, start + Duration::from_millis(100));
        timers.schedule(key, &mut alarm, start + Duration::from_millis(12));
        assert_eq!(timers.next(), Some(start + Duration::from_millis(15)));
        assert_eq!(timers.pop(start + Duration::from_millis(14)), None);
        let (step, popped) = timers.pop(start + Duration::from_millis(15)).expect("due");
        assert_eq!(popped, key);
        assert!(alarm.ring(step));
        let (step, _) = timers.pop(start + Duration::from_secs(1)).expect("overtaken");
        assert!(!alarm.ring(step));
        assert_eq!(timers.next(), None);
    }
}
