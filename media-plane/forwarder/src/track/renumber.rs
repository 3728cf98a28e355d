//! A track's own sequence numbers: the publisher's without their wrap and without the packets that only pad.

use std::collections::VecDeque;

use crate::rtp::extend;

/// Left-out packets that are remembered, to number late ones before them.
const REMEMBERED: usize = 64;
/// Packets missing at once, above which the publisher did not lose them but counts anew: viewers are spared the jump, which
/// would make them guess another roll-over counter (RFC 3711 3.3.1).
const MAX_GAP: u64 = 1_000;
/// The first number of a track, so that late packets before it have one too.
const FIRST: u64 = 1 << 16;

/// Numbers the packets of a track. The number of one is always the same, and no two have the same.
#[derive(Debug)]
pub(crate) struct Renumber {
    /// Of the stream's first packet.
    first: u64,
    /// The publisher's, unwrapped.
    newest: Option<u64>,
    /// Packets older than this have no number: they belong to a stream before, or what was left out around them is
    /// forgotten.
    oldest: u64,
    /// What is added to an unwrapped number that is newer than every left-out one.
    shift: u64,
    /// Unwrapped numbers of packets that were left out, ascending.
    left_out: VecDeque<u64>,
}

/// Where a packet belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The publisher's, unwrapped.
    pub incoming: u64,
    /// `None`: it only pads and is left out.
    pub sequence: Option<u64>,
    /// Packets missing just before it, of the publisher's numbers; `None`: it is a late one.
    pub gap: Option<u64>,
}

impl Default for Renumber {
    fn default() -> Self {
        Self { first: FIRST, newest: None, oldest: 0, shift: 0, left_out: VecDeque::new() }
    }
}

impl Renumber {
    /// A new stream continues the track's numbers; its packets from before its first one have none.
    pub fn restart(&mut self) {
        if let Some(newest) = self.newest {
            *self = Self { first: newest.wrapping_add(self.shift) + 1, ..Self::default() };
        }
    }

    /// The place of a packet. `pads`: it holds nothing and is left out if it is the newest; a late one keeps its place,
    /// because its gap was told to the viewers already. `None`: it has none, or was left out before.
    pub fn place(&mut self, sequence_number: u16, pads: bool) -> Option<Place> {
        let Some(newest) = self.newest else { return self.begin(sequence_number, pads) };
        let incoming = extend(newest, sequence_number)?;
        if incoming > newest {
            let gap = incoming - newest - 1;
            if gap > MAX_GAP {
                // One number is left free, so that the loss is seen.
                (self.shift, self.oldest) =
                    (newest.wrapping_add(self.shift).wrapping_add(2).wrapping_sub(incoming), incoming);
                self.left_out.clear();
            }
            self.newest = Some(incoming);
            return Some(Place { incoming, sequence: self.next(incoming, pads), gap: Some(gap) });
        }
        if incoming < self.oldest || self.left_out.contains(&incoming) {
            return None;
        }
        let later = self.left_out.iter().filter(|left_out| **left_out > incoming).count() as u64;
        let sequence = incoming.wrapping_add(self.shift).wrapping_add(later);
        Some(Place { incoming, sequence: Some(sequence), gap: None })
    }

    fn begin(&mut self, sequence_number: u16, pads: bool) -> Option<Place> {
        let incoming = FIRST + u64::from(sequence_number);
        self.newest = Some(incoming);
        self.shift = self.first.wrapping_sub(incoming);
        if self.first != FIRST {
            self.oldest = incoming;
        }
        Some(Place { incoming, sequence: self.next(incoming, pads), gap: Some(0) })
    }

    /// The number of the newest packet.
    fn next(&mut self, incoming: u64, pads: bool) -> Option<u64> {
        if pads {
            self.leave_out(incoming);
            return None;
        }
        Some(incoming.wrapping_add(self.shift))
    }

    fn leave_out(&mut self, incoming: u64) {
        self.shift = self.shift.wrapping_sub(1);
        if self.left_out.len() == REMEMBERED
            && let Some(forgotten) = self.left_out.pop_front()
        {
            self.oldest = self.oldest.max(forgotten + 1);
        }
        self.left_out.push_back(incoming);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// Relative to the first.
    fn sequences(renumber: &mut Renumber, packets: &[(u16, bool)]) -> Vec<Option<i64>> {
        let place = |(number, pads): &(u16, bool)| renumber.place(*number, *pads);
        packets.iter().map(place).map(|place| place?.sequence.map(|sequence| sequence as i64 - FIRST as i64)).collect()
    }

    #[test]
    fn padding_leaves_no_gap_and_loss_does() {
        let mut renumber = Renumber::default();
        let packets = [(65_534, false), (65_535, true), (0, true), (1, false), (3, false), (2, false), (65_533, false)];
        let expected = [Some(0), None, None, Some(1), Some(3), Some(2), Some(-1)];
        assert_eq!(sequences(&mut renumber, &packets), expected);
    }

    #[test]
    fn late_padding_keeps_its_place() {
        let mut renumber = Renumber::default();
        assert_eq!(sequences(&mut renumber, &[(1, false), (3, false), (2, true)]), [Some(0), Some(2), Some(1)]);
    }

    #[test]
    fn a_new_stream_continues_the_numbers() {
        let mut renumber = Renumber::default();
        sequences(&mut renumber, &[(10, false), (11, true), (12, false)]);
        renumber.restart();
        assert_eq!(
            sequences(&mut renumber, &[(50_000, false), (49_999, false), (50_001, false)]),
            [Some(2), None, Some(3)]
        );
    }

    #[test]
    fn a_jump_of_the_publisher_is_none_of_the_track() {
        let mut renumber = Renumber::default();
        let packets = [(10, false), (11, true), (30_000, false), (12, false), (29_999, false), (30_001, false)];
        let expected = [Some(0), None, Some(2), None, None, Some(3)];
        assert_eq!(sequences(&mut renumber, &packets), expected);
        assert_eq!(sequences(&mut renumber, &[(31_002, false), (31_003, false)]), [Some(1_004), Some(1_005)]);
    }

    proptest! {
        #[test]
        fn no_two_packets_share_a_number(packets in prop::collection::vec((0u16..400, any::<bool>()), 1..600)) {
            let mut renumber = Renumber::default();
            let mut owners = HashMap::new();
            for (step, pads) in packets {
                let number = step.wrapping_add(65_300);
                if let Some(place) = renumber.place(number, pads)
                    && let Some(sequence) = place.sequence
                {
                    let owner = *owners.entry(sequence).or_insert(place.incoming);
                    prop_assert_eq!(owner, place.incoming);
                }
            }
        }
    }
}
