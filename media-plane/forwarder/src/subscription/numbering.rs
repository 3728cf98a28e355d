//! Which packets of which layer a viewer knows under which numbers.

use std::collections::VecDeque;

use crate::codec::NumberShift;

/// Stretches that are remembered for late packets and for what is asked for again: some seconds, when every other frame
/// is left out.
const REMEMBERED: usize = 128;

/// Packets that follow each other both in their layer and for the viewer. What was sent under a number once can be
/// written again from here to the last byte: a stretch never changes once a packet of it was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// Of its first packet, as the viewer counts: 48 bits, roll-over counter above the number.
    index: u64,
    /// Of its first packet, as the layer counts.
    sequence: u64,
    pub layer: u8,
    pub rewrite: Rewrite,
}

/// What is different in a viewer's packets from those that the publisher sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rewrite {
    pub timestamp: u32,
    pub numbers: NumberShift,
    /// Of the dependency descriptor.
    pub frame_number: u16,
    /// Higher spatial layers of the stream are left out, so the picture ends with this one.
    pub spatial: u8,
}

impl Rewrite {
    pub fn new(timestamp: u32) -> Self {
        Self { timestamp, numbers: NumberShift::default(), frame_number: 0, spatial: u8::MAX }
    }

    /// Whether the payload is another.
    pub fn shifts_numbers(&self) -> bool {
        self.numbers != NumberShift::default()
    }
}

/// The numbers of one viewer's stream, without gaps where packets were left out.
#[derive(Debug)]
pub(crate) struct Numbering {
    current: Stretch,
    older: VecDeque<Stretch>,
    /// Packets of the current layer before this one are placed, left out, or have their place kept free.
    next_sequence: u64,
    /// One above the highest that was sent.
    next: u64,
    /// Those before it would not be the same again.
    repeatable: u64,
}

impl Numbering {
    pub fn new(first: u64) -> Self {
        Self {
            current: Stretch { index: first, sequence: u64::MAX, layer: 0, rewrite: Rewrite::new(0) },
            older: VecDeque::new(),
            next_sequence: u64::MAX,
            next: first,
            repeatable: first,
        }
    }

    /// The stretch that goes on now; `None` before the first.
    pub fn current(&self) -> Option<&Stretch> {
        (self.current.sequence != u64::MAX).then_some(&self.current)
    }

    /// From this packet of this layer on.
    pub fn begin(&mut self, layer: u8, sequence: u64, rewrite: Rewrite) {
        let begun = Stretch { index: self.end(), sequence, layer, rewrite };
        if begun.index > self.current.index {
            if self.older.len() == REMEMBERED {
                self.older.pop_front();
            }
            self.older.push_back(self.current);
        }
        self.current = begun;
        self.next_sequence = sequence;
    }

    /// A packet of the current layer, and all up to it, are left out unless they are placed or have their place already.
    /// The next one follows without a gap.
    pub fn leave_out(&mut self, sequence: u64, change: impl FnOnce(&mut Rewrite)) {
        // What is missing before it may still come, and keeps its place.
        self.next_sequence = self.next_sequence.max(sequence);
        let mut rewrite = self.current.rewrite;
        change(&mut rewrite);
        self.begin(self.current.layer, sequence + 1, rewrite);
    }

    /// The same layer goes on with this packet, written otherwise.
    pub fn rewrite(&mut self, sequence: u64, change: impl FnOnce(&mut Rewrite)) {
        self.next_sequence = self.next_sequence.max(sequence);
        let mut rewrite = self.current.rewrite;
        change(&mut rewrite);
        self.begin(self.current.layer, sequence, rewrite);
    }

    /// Whether it is newer than all that was placed or left out of the current layer.
    pub fn is_new(&self, sequence: u64) -> bool {
        sequence >= self.next_sequence
    }

    /// The number of a packet, the same whenever it is asked for; `None`: it is none of this viewer's.
    #[inline]
    pub fn place(&mut self, layer: u8, sequence: u64) -> Option<(u64, Rewrite)> {
        let Stretch { index, sequence: first, layer: current, rewrite } = self.current;
        if current == layer && sequence >= first {
            self.next_sequence = self.next_sequence.max(sequence + 1);
            return Some((index + (sequence - first), rewrite));
        }
        self.place_late(layer, sequence)
    }

    /// Of a stretch that went before.
    #[cold]
    fn place_late(&self, layer: u8, sequence: u64) -> Option<(u64, Rewrite)> {
        let mut end = self.current.index;
        for stretch in self.older.iter().rev() {
            let at = sequence.checked_sub(stretch.sequence).map(|offset| stretch.index + offset);
            if let Some(at) = at.filter(|at| stretch.layer == layer && *at < end) {
                return Some((at, stretch.rewrite));
            }
            end = stretch.index;
        }
        None
    }

    pub fn sent(&mut self, index: u64) {
        self.next = self.next.max(index + 1);
    }

    /// What the viewer knows under this number, near the newest one: its index, stretch and sequence number in the layer.
    /// `None` also for one that is yet to be sent.
    pub fn find(&self, number: u16) -> Option<(u64, &Stretch, u64)> {
        let index = crate::rtp::extend(self.next.checked_sub(1)?, number).filter(|index| *index < self.next)?;
        let stretch = std::iter::once(&self.current).chain(self.older.iter().rev()).find(|own| own.index <= index)?;
        Some((index, stretch, stretch.sequence.checked_add(index - stretch.index)?))
    }

    /// What was sent cannot be repeated as it was.
    pub fn forbid_repeating(&mut self) {
        self.repeatable = self.next;
    }

    /// Whether the packet would be the same to the last byte.
    pub fn may_repeat(&self, index: u64) -> bool {
        index >= self.repeatable
    }

    /// The first index that was never used.
    pub fn unused(&self) -> u64 {
        self.next.max(self.end())
    }

    /// The newest packet of the current layer that was placed or left out.
    pub fn newest(&self) -> Option<u64> {
        self.current().and(self.next_sequence.checked_sub(1))
    }

    /// Where the current stretch ends, with the places that are kept free in it.
    fn end(&self) -> u64 {
        self.current.index + self.next_sequence.saturating_sub(self.current.sequence)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn numbering() -> Numbering {
        let mut numbering = Numbering::new(100);
        let rewrite = numbering.current.rewrite;
        numbering.begin(0, 1_000, rewrite);
        numbering
    }

    fn find(numbering: &Numbering, number: u16) -> Option<(u64, u8, u64)> {
        numbering.find(number).map(|(index, stretch, sequence)| (index, stretch.layer, sequence))
    }

    fn place(numbering: &mut Numbering, layer: u8, sequence: u64) -> Option<u64> {
        let placed = numbering.place(layer, sequence).map(|(index, _)| index);
        placed.inspect(|index| numbering.sent(*index))
    }

    #[test]
    fn what_is_left_out_leaves_no_gap_and_what_is_missing_does() {
        let mut numbering = numbering();
        assert_eq!(place(&mut numbering, 0, 1_000), Some(100));
        numbering.leave_out(1_001, |_| {});
        numbering.leave_out(1_002, |_| {});
        assert_eq!(place(&mut numbering, 0, 1_003), Some(101));
        numbering.leave_out(1_005, |_| {}); // 1,004 is missing
        assert_eq!(place(&mut numbering, 0, 1_006), Some(103));
        assert_eq!(place(&mut numbering, 0, 1_004), Some(102));
        assert_eq!(place(&mut numbering, 0, 1_005), None);
        assert_eq!(place(&mut numbering, 0, 1_001), None);
    }

    #[test]
    fn another_layer_goes_on_where_the_last_one_ended() {
        let mut numbering = numbering();
        place(&mut numbering, 0, 1_002); // two before it are missing
        let rewrite = Rewrite { timestamp: 7, ..numbering.current.rewrite };
        numbering.begin(1, 50, rewrite);
        assert_eq!(numbering.place(1, 50), Some((103, rewrite)));
        assert_eq!(place(&mut numbering, 0, 1_001), Some(101));
        assert_eq!(place(&mut numbering, 0, 1_003), None);
        numbering.sent(103);
        assert_eq!(find(&numbering, 103), Some((103, 1, 50)));
        assert_eq!(find(&numbering, 101), Some((101, 0, 1_001)));
        assert_eq!(find(&numbering, 104), None);
        assert_eq!(find(&numbering, 99), None);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Packet { ahead: u64, wanted: bool },
        Late { behind: u64 },
        Switch { layer: u8 },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (0u64..4, any::<bool>()).prop_map(|(ahead, wanted)| Step::Packet { ahead, wanted }),
            3 => (1u64..30).prop_map(|behind| Step::Late { behind }),
            1 => (0u8..3).prop_map(|layer| Step::Switch { layer }),
        ]
    }

    proptest! {
        /// However packets come: no number is given to two of them, none is given another one later, and the way back
        /// from a number finds its packet with the same rewriting.
        #[test]
        fn a_number_is_one_packets_for_good(steps in prop::collection::vec(step(), 1..400)) {
            let (mut numbering, mut given) = (numbering(), HashMap::new());
            let (mut layer, mut next, mut marks) = (0, [1_000_u64; 3], 0);
            for step in steps {
                let packet = match step {
                    Step::Packet { ahead, wanted } => {
                        let sequence = next[usize::from(layer)] + ahead;
                        next[usize::from(layer)] = sequence + 1;
                        if !wanted {
                            marks += 1;
                            numbering.leave_out(sequence, |rewrite| rewrite.timestamp = marks);
                        }
                        (layer, sequence)
                    }
                    Step::Late { behind } => (layer, next[usize::from(layer)] - behind),
                    Step::Switch { layer: to } => {
                        (layer, marks) = (to, marks + 1);
                        let rewrite = Rewrite { timestamp: marks, ..numbering.current.rewrite };
                        numbering.begin(to, next[usize::from(to)], rewrite);
                        continue;
                    }
                };
                if let Some((index, rewrite)) = numbering.place(packet.0, packet.1) {
                    numbering.sent(index);
                    prop_assert_eq!(*given.entry(index).or_insert((packet, rewrite)), (packet, rewrite));
                    let (found, stretch, sequence) = numbering.find(index as u16).unwrap();
                    prop_assert_eq!((found, stretch.layer, sequence), (index, packet.0, packet.1));
                    prop_assert_eq!(stretch.rewrite, rewrite);
                }
            }
            let packets: std::collections::HashSet<_> = given.values().map(|(packet, _)| packet).collect();
            prop_assert_eq!(packets.len(), given.len());
        }
    }
}
