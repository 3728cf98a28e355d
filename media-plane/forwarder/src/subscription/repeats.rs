//! Under which transport-wide number a packet left, where it may have to be sent again as it was.

/// Packets that may be repeated.
const KEPT: usize = 512;

/// Only for a viewer without RTX: under the same SRTP index a packet must be the same to the last byte.
#[derive(Default)]
pub(super) struct Repeats {
    /// Index and number, by the low bits of the index; allocated with the first packet.
    slots: Box<[Option<(u64, u16)>]>,
}

impl Repeats {
    pub fn keep(&mut self, index: u64, number: u16) {
        if self.slots.is_empty() {
            self.slots = vec![None; KEPT].into();
        }
        self.slots[index as usize % KEPT] = Some((index, number));
    }

    pub fn number_of(&self, index: u64) -> Option<u16> {
        let slot = self.slots.get(index as usize % KEPT).copied().flatten();
        slot.filter(|(kept, _)| *kept == index).map(|(_, number)| number)
    }
}
