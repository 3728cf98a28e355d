//! How often a viewer may have a packet again: what it asks for must not become a flood.

use std::time::{Duration, Instant};

/// Packets remembered as resent.
const REMEMBERED: usize = 256;
/// A packet is resent at most once in a round trip; before one is known, in this.
const DEFAULT_INTERVAL: Duration = Duration::from_millis(40);
const MIN_INTERVAL: Duration = Duration::from_millis(10);
const MAX_INTERVAL: Duration = Duration::from_millis(250);

/// When each packet was resent last.
#[derive(Default)]
pub(crate) struct Resends {
    /// By the low bits of the sequence number; allocated with the first request.
    slots: Box<[(u64, Option<Instant>)]>,
}

impl Resends {
    /// Whether to resend it now; then that is remembered.
    pub fn allow(&mut self, now: Instant, sequence: u64, round_trip: Option<Duration>) -> bool {
        if self.slots.is_empty() {
            self.slots = vec![(0, None); REMEMBERED].into();
        }
        let interval = round_trip.unwrap_or(DEFAULT_INTERVAL).clamp(MIN_INTERVAL, MAX_INTERVAL);
        let slot = &mut self.slots[sequence as usize % REMEMBERED];
        if slot.0 == sequence && slot.1.is_some_and(|at| now < at + interval) {
            return false;
        }
        *slot = (sequence, Some(now));
        true
    }
}

/// Packets that a transport may have again, over all its subscriptions: so many a second, and a burst.
pub(crate) struct Allowance {
    left: u32,
    refilled_at: Instant,
}

const BURST: u32 = 300;
const A_SECOND: u32 = 1_500;

impl Allowance {
    pub fn new(now: Instant) -> Self {
        Self { left: BURST, refilled_at: now }
    }

    pub fn take(&mut self, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.refilled_at);
        let refill = (elapsed.as_micros() * u128::from(A_SECOND) / 1_000_000).min(u128::from(BURST)) as u32;
        if refill > 0 {
            self.left = (self.left + refill).min(BURST);
            self.refilled_at = now;
        }
        let taken = self.left > 0;
        self.left = self.left.saturating_sub(1);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_resent_once_in_a_round_trip() {
        let (mut resends, now) = (Resends::default(), Instant::now());
        let round_trip = Some(Duration::from_millis(100));
        assert!(resends.allow(now, 7, round_trip));
        assert!(!resends.allow(now + Duration::from_millis(99), 7, round_trip));
        assert!(resends.allow(now + Duration::from_millis(100), 7, round_trip));
        assert!(resends.allow(now + Duration::from_millis(100), 8, round_trip));
    }

    #[test]
    fn the_allowance_is_a_burst_and_a_rate() {
        let now = Instant::now();
        let mut allowance = Allowance::new(now);
        assert_eq!((0..1000).filter(|_| allowance.take(now)).count(), BURST as usize);
        let later = now + Duration::from_millis(100);
        assert_eq!((0..1000).filter(|_| allowance.take(later)).count(), A_SECOND as usize / 10);
    }
}
