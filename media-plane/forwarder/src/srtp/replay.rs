//! Replay protection (RFC 3711 3.3.2): a window of the last indices received.

use crate::rtp;

const WORD_BITS: u64 = u64::BITS as u64;
const WORDS: usize = 16;

/// Remembers which of the last [`ReplayWindow::LEN`] indices were accepted.
#[derive(Debug, Clone, Default)]
pub struct ReplayWindow {
    highest: Option<u64>,
    /// Bit `index % LEN`: whether the one such index within the window was accepted.
    accepted: [u64; WORDS],
}

impl ReplayWindow {
    /// Packets. Long enough that a retransmission under the original sequence number, a second late, still gets through.
    pub const LEN: u64 = WORDS as u64 * WORD_BITS;

    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the index is new and not too old.
    pub fn check(&self, index: u64) -> bool {
        match self.highest {
            None => true,
            Some(highest) if index > highest => true,
            Some(highest) => highest - index < Self::LEN && !self.is_marked(index),
        }
    }

    /// Marks an authenticated packet's index; false, and nothing changed, if [`Self::check`] is.
    pub fn accept(&mut self, index: u64) -> bool {
        if !self.check(index) {
            return false;
        }
        match self.highest {
            Some(highest) if index <= highest => {}
            Some(highest) if index - highest < Self::LEN => {
                (highest + 1..index).for_each(|skipped| self.unmark(skipped));
                self.highest = Some(index);
            }
            _ => {
                self.accepted = [0; WORDS];
                self.highest = Some(index);
            }
        }
        let (word, bit) = place(index);
        self.accepted[word] |= bit;
        true
    }

    pub fn highest(&self) -> Option<u64> {
        self.highest
    }

    fn is_marked(&self, index: u64) -> bool {
        let (word, bit) = place(index);
        self.accepted[word] & bit != 0
    }

    fn unmark(&mut self, index: u64) {
        let (word, bit) = place(index);
        self.accepted[word] &= !bit;
    }
}

fn place(index: u64) -> (usize, u64) {
    ((index / WORD_BITS) as usize % WORDS, 1 << (index % WORD_BITS))
}

/// Roll-over counter and replay window of one received SSRC.
#[derive(Debug, Clone, Default)]
pub struct StreamReplay {
    window: ReplayWindow,
}

impl StreamReplay {
    /// The index of a packet with this sequence number if it is worth decrypting: `None` if it was received before or
    /// is too old. Changes nothing.
    pub fn index_of(&self, sequence_number: u16) -> Option<u64> {
        let index = match self.window.highest() {
            None => u64::from(sequence_number),
            Some(highest) => rtp::extend(highest, sequence_number)?,
        };
        self.window.check(index).then_some(index)
    }

    /// After authentication.
    pub fn accept(&mut self, index: u64) {
        self.window.accept(index);
    }
}

/// Replay windows of received SRTCP, one for each SSRC that sends (RFC 3711 3.2.3), bounded.
#[derive(Debug, Clone, Default)]
pub struct RtcpReplay {
    /// The one that sent last is the last.
    senders: Vec<(u32, ReplayWindow)>,
}

impl RtcpReplay {
    /// Senders remembered; beyond, the one silent for longest is forgotten. Only who holds the key gets in.
    pub const MAX_SENDERS: usize = 64;

    /// After authentication: marks the index, or tells with false that it is a replay. `ssrc` is the sender of the
    /// compound's first packet.
    pub fn accept(&mut self, ssrc: u32, index: u32) -> bool {
        match self.senders.iter().rposition(|(sender, _)| *sender == ssrc) {
            Some(place) => self.senders[place..].rotate_left(1),
            None => {
                if self.senders.len() == Self::MAX_SENDERS {
                    self.senders.remove(0);
                }
                self.senders.push((ssrc, ReplayWindow::new()));
            }
        }
        self.senders.last_mut().is_some_and(|(_, window)| window.accept(u64::from(index)))
    }
}
