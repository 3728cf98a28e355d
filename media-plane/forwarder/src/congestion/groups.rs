//! Packets that left together are looked at together (draft-ietf-rmcat-gcc-02, 5.2): what grew is the time between groups.

/// Packets sent within this time are one group.
const GROUP_US: u64 = 5_000;
/// A group also takes packets that the network delivered in one go after it had held them.
const BURST_GAP_US: i64 = 5_000;
const MAX_BURST_US: i64 = 100_000;
/// A receiver's clock that moved against ours by so much between two groups was set.
const CLOCK_JUMP_US: i64 = 3_000_000;
/// Groups in a row that came before the one before them: the receiver's clock was set back.
const MAX_REORDERED: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct Groups {
    previous: Option<Group>,
    current: Option<Group>,
    reordered: u32,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    first_sent: u64,
    last_sent: u64,
    first_arrival: i64,
    last_arrival: i64,
}

/// Between two groups, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Delta {
    pub sent: f64,
    pub arrived: f64,
    /// Of the later group, on the receiver's clock.
    pub at: f64,
}

impl Groups {
    /// A packet that arrived, in the order of sending; times in microseconds. A delta comes when a group is complete.
    pub fn add(&mut self, sent: u64, arrival: i64) -> Option<Delta> {
        let Some(current) = &mut self.current else {
            self.current = Some(Group::new(sent, arrival));
            return None;
        };
        if sent < current.first_sent {
            return None;
        }
        if current.takes(sent, arrival) {
            current.last_sent = current.last_sent.max(sent);
            current.last_arrival = current.last_arrival.max(arrival);
            return None;
        }
        let complete = *current;
        *current = Group::new(sent, arrival);
        let previous = self.previous.replace(complete)?;
        self.compare(&previous, &complete)
    }

    fn compare(&mut self, previous: &Group, complete: &Group) -> Option<Delta> {
        let sent = complete.last_sent as i64 - previous.last_sent as i64;
        let arrived = complete.last_arrival - previous.last_arrival;
        if (arrived - sent).abs() > CLOCK_JUMP_US {
            *self = Self::default();
            return None;
        }
        if arrived < 0 {
            self.reordered += 1;
            if self.reordered >= MAX_REORDERED {
                *self = Self::default();
            }
            return None;
        }
        self.reordered = 0;
        let ms = |us: i64| us as f64 / 1_000.0;
        Some(Delta { sent: ms(sent), arrived: ms(arrived), at: ms(complete.last_arrival) })
    }
}

impl Group {
    fn new(sent: u64, arrival: i64) -> Self {
        Self { first_sent: sent, last_sent: sent, first_arrival: arrival, last_arrival: arrival }
    }

    fn takes(&self, sent: u64, arrival: i64) -> bool {
        sent - self.first_sent <= GROUP_US || self.is_burst(sent, arrival)
    }

    fn is_burst(&self, sent: u64, arrival: i64) -> bool {
        let arrived = arrival - self.last_arrival;
        let sent = sent as i64 - self.last_sent as i64;
        arrived < sent && arrived <= BURST_GAP_US && arrival - self.first_arrival < MAX_BURST_US
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_one_group() {
        let mut groups = Groups::default();
        let mut deltas = Vec::new();
        for frame in 0..4_u64 {
            for packet in 0..10 {
                let sent = frame * 33_000;
                deltas.extend(groups.add(sent, 1_000_000 + (frame * 34_000 + packet * 200) as i64));
            }
        }
        let between = Delta { sent: 33.0, arrived: 34.0, at: 1_035.8 };
        assert_eq!(deltas, [between, Delta { at: 1_069.8, ..between }]);
    }

    #[test]
    fn what_the_network_held_and_let_go_is_one_group() {
        let mut groups = Groups::default();
        groups.add(0, 50_000);
        for packet in 1..8_u64 {
            assert_eq!(groups.add(packet * 10_000, 50_000 + packet as i64 * 500), None);
        }
        assert_eq!(groups.add(100_000, 150_000), None, "the first group has none before it");
        let delta = groups.add(200_000, 250_000).expect("a second one");
        assert_eq!((delta.sent, delta.arrived), (30.0, 96.5));
    }

    #[test]
    fn a_clock_that_was_set_begins_anew() {
        let mut groups = Groups::default();
        let mut deltas = 0;
        for frame in 0..20_u64 {
            let set = if frame >= 10 { -60_000_000 } else { 0 };
            if let Some(delta) = groups.add(frame * 20_000, 100_000_000 + set + frame as i64 * 20_000) {
                assert_eq!(delta.arrived, 20.0);
                deltas += 1;
            }
        }
        assert!(deltas >= 8, "{deltas}");
    }
}
