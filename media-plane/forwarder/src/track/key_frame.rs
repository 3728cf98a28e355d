//! Asking a publisher for a key frame: one request for all viewers, not too often, again until the frame comes.

use std::time::{Duration, Instant};

/// Between two requests; it grows while none is answered.
const INTERVAL: Duration = Duration::from_millis(500);
const MAX_INTERVAL: Duration = Duration::from_secs(4);

#[derive(Debug, Default)]
pub(crate) struct KeyFrameRequests {
    last: Option<Instant>,
    demand: Demand,
}

#[derive(Debug, Default, Clone, Copy)]
enum Demand {
    #[default]
    None,
    Wanted {
        ask_at: Instant,
        /// Until the next request.
        interval: Duration,
    },
}

impl KeyFrameRequests {
    /// Somebody needs one. When to ask for it, if nobody needed one before.
    pub fn want(&mut self, now: Instant) -> Option<Instant> {
        match self.demand {
            Demand::Wanted { .. } => None,
            Demand::None => {
                let ask_at = self.last.map_or(now, |last| now.max(last + INTERVAL));
                self.demand = Demand::Wanted { ask_at, interval: INTERVAL };
                Some(ask_at)
            }
        }
    }

    /// The publisher sends again after a pause: whoever waits for a key frame need not wait for the long interval that
    /// silence brought. Whether somebody does.
    pub fn resume(&mut self, now: Instant) -> bool {
        let Demand::Wanted { ask_at, interval } = &mut self.demand else { return false };
        *ask_at = self.last.map_or(now, |last| now.max(last + INTERVAL)).min(*ask_at);
        *interval = INTERVAL;
        true
    }

    /// Whether to ask now.
    pub fn due(&mut self, now: Instant) -> bool {
        let Demand::Wanted { ask_at, interval } = self.demand else { return false };
        if ask_at > now {
            return false;
        }
        self.last = Some(now);
        self.demand = Demand::Wanted { ask_at: now + interval, interval: (interval * 2).min(MAX_INTERVAL) };
        true
    }

    /// One came, or nobody needs one any more.
    pub fn satisfied(&mut self) {
        self.demand = Demand::None;
    }

    pub fn next(&self) -> Option<Instant> {
        match self.demand {
            Demand::Wanted { ask_at, .. } => Some(ask_at),
            Demand::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_merged_and_repeated_until_the_frame_comes() {
        let (mut requests, start) = (KeyFrameRequests::default(), Instant::now());
        assert_eq!(requests.want(start), Some(start));
        assert_eq!(requests.want(start), None);
        assert!(requests.due(start));
        assert!(!requests.due(start + INTERVAL / 2));
        assert!(requests.due(start + INTERVAL));
        requests.satisfied();
        assert!(!requests.due(start + INTERVAL * 10));
    }

    #[test]
    fn a_new_need_waits_for_the_interval_to_end() {
        let (mut requests, start) = (KeyFrameRequests::default(), Instant::now());
        requests.want(start);
        assert!(requests.due(start));
        requests.satisfied();
        assert_eq!(requests.want(start + INTERVAL / 5), Some(start + INTERVAL));
        assert!(!requests.due(start + INTERVAL / 2));
        assert!(requests.due(start + INTERVAL));
    }
}
