use std::time::{Duration, Instant};

/// Under load a worker looks at its socket this often: later datagrams wait for the next look and share its wake-up.
/// The price is this much latency at worst, half of it on average; a lone datagram pays nothing.
const PERIOD: Duration = Duration::from_micros(500);

/// Decides whether to wait for the next datagram or to rest until several have come.
pub(crate) struct Rhythm {
    last: Instant,
    busy: bool,
}

impl Rhythm {
    pub(crate) fn new(now: Instant) -> Self {
        Self { last: now, busy: false }
    }

    /// A round began at `now`; `received`: it found datagrams.
    pub(crate) fn round(&mut self, now: Instant, received: bool) {
        if received {
            // Resting makes a round late: what came in it counts as busy up to one more period.
            let dense = if self.busy { 2 * PERIOD } else { PERIOD };
            self.busy = now - self.last < dense;
            self.last = now;
        } else {
            self.busy = false;
        }
    }

    /// Until when to rest; `None`: wait for the next datagram.
    pub(crate) fn rest(&self) -> Option<Instant> {
        self.busy.then(|| self.last + PERIOD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: Duration = Duration::from_micros(100);

    #[test]
    fn a_lone_datagram_is_not_made_to_wait() {
        let start = Instant::now();
        let mut rhythm = Rhythm::new(start);
        rhythm.round(start + 10 * PERIOD, true);
        assert_eq!(rhythm.rest(), None);
    }

    #[test]
    fn datagrams_close_together_share_a_round() {
        let start = Instant::now();
        let mut rhythm = Rhythm::new(start);
        rhythm.round(start + GAP, true);
        assert_eq!(rhythm.rest(), Some(start + GAP + PERIOD));
    }

    #[test]
    fn it_stays_busy_while_every_rest_brings_datagrams() {
        let start = Instant::now();
        let mut rhythm = Rhythm::new(start);
        rhythm.round(start + GAP, true);
        rhythm.round(start + 2 * GAP + PERIOD, true);
        assert!(rhythm.rest().is_some());
    }

    #[test]
    fn a_rest_that_brought_nothing_ends_it() {
        let start = Instant::now();
        let mut rhythm = Rhythm::new(start);
        rhythm.round(start + GAP, true);
        rhythm.round(start + GAP + PERIOD, false);
        assert_eq!(rhythm.rest(), None);
    }
}
