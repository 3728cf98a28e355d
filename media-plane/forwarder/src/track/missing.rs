//! Packets of a publisher that did not come, and when to ask for them again (generic NACK, RFC 4585).

use std::time::{Duration, Instant};

/// A packet may be overtaken by others for so long before it is asked for.
const REORDERING: Duration = Duration::from_millis(10);
/// Between two requests of one packet: half as much again as a round trip; before one is known, that of 50 ms.
const DEFAULT_ROUND_TRIP: Duration = Duration::from_millis(50);
const MIN_INTERVAL: Duration = Duration::from_millis(40);
const MAX_INTERVAL: Duration = Duration::from_millis(300);
const MAX_REQUESTS: u8 = 8;
/// Longer gaps are not worth filling.
const MAX_MISSING: usize = 256;

#[derive(Debug, Default)]
pub(crate) struct Missing {
    packets: Vec<Packet>,
}

#[derive(Debug)]
struct Packet {
    /// The publisher's number, unwrapped.
    incoming: u64,
    ask_at: Instant,
    requests: u8,
}

impl Missing {
    /// `count` packets before `newest` did not come. False: too many to ask for; only a key frame helps.
    pub fn lost(&mut self, now: Instant, newest: u64, count: u64) -> bool {
        if count as usize > MAX_MISSING - self.packets.len() {
            self.packets.clear();
            return false;
        }
        let ask_at = now + REORDERING;
        self.packets.extend((newest - count..newest).map(|incoming| Packet { incoming, ask_at, requests: 0 }));
        true
    }

    pub fn came(&mut self, incoming: u64) {
        if let Some(at) = self.packets.iter().position(|packet| packet.incoming == incoming) {
            self.packets.remove(at);
        }
    }

    /// Appends the numbers to ask for now, ascending. True: some were given up.
    pub fn due(&mut self, now: Instant, round_trip: Option<Duration>, numbers: &mut Vec<u16>) -> bool {
        let interval = (round_trip.unwrap_or(DEFAULT_ROUND_TRIP) * 3 / 2).clamp(MIN_INTERVAL, MAX_INTERVAL);
        let before = self.packets.len();
        self.packets.retain(|packet| packet.ask_at > now || packet.requests < MAX_REQUESTS);
        for packet in self.packets.iter_mut().filter(|packet| packet.ask_at <= now) {
            packet.requests += 1;
            packet.ask_at = now + interval;
            numbers.push(packet.incoming as u16);
        }
        self.packets.len() < before
    }

    pub fn next(&self) -> Option<Instant> {
        self.packets.iter().map(|packet| packet.ask_at).min()
    }

    pub fn clear(&mut self) {
        self.packets.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_packet_is_asked_for_until_it_comes_or_is_given_up() {
        let (mut missing, mut now) = (Missing::default(), Instant::now());
        let mut numbers = Vec::new();
        assert!(missing.lost(now, 65_538, 3));
        missing.came(65_536);
        assert!(!missing.due(now, None, &mut numbers));
        assert!(numbers.is_empty(), "reordering is tolerated");
        let mut requests = 0;
        while let Some(at) = missing.next() {
            now = at;
            numbers.clear();
            let given_up = missing.due(now, None, &mut numbers);
            assert_eq!(given_up, numbers.is_empty());
            if !given_up {
                assert_eq!(numbers, [65_535, 1]);
                requests += 1;
            }
        }
        assert_eq!(requests, MAX_REQUESTS);
    }

    #[test]
    fn a_gap_too_long_is_not_asked_for() {
        let (mut missing, now) = (Missing::default(), Instant::now());
        assert!(!missing.lost(now, 10_000, 257));
        assert_eq!(missing.next(), None);
    }
}
