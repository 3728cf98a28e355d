//! What was sent under which transport-wide number, until the peer has told of it.

use crate::rtp::extend;

/// Packets remembered: 20 Mbit/s for a second.
const LEN: usize = 2_048;
/// In the second cycle, so that whatever number a peer names is above 0.
const FIRST: u64 = 1 << 16;

pub(crate) struct History {
    ring: Box<[Entry; LEN]>,
    /// The next packet's number, unwrapped.
    next: u64,
    /// Bytes sent so far.
    pub bytes: u64,
}

/// 8 bytes, so that a viewer's history is 16 kB.
#[derive(Clone, Copy)]
struct Entry {
    /// Microseconds, the low 32 bits: told of within the hour or never.
    at: u32,
    size: u16,
    cluster: u8,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Unknown,
    Arrived,
    Lost,
}

/// A packet that the peer told of for the first time, or otherwise than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Arrived { packet: SentPacket, was_lost: bool },
    Lost { size: u16 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SentPacket {
    /// Microseconds.
    pub at: u64,
    pub size: u16,
    /// Of a probe; 0: of none.
    pub cluster: u8,
}

impl History {
    pub fn new() -> Self {
        let empty = Entry { at: 0, size: 0, cluster: 0, state: State::Arrived };
        Self { ring: Box::new([empty; LEN]), next: FIRST, bytes: 0 }
    }

    /// The number that the next packet is to carry.
    pub fn number(&self) -> u16 {
        self.next as u16
    }

    /// A packet of `size` bytes left at `at` under [`Self::number`].
    pub fn sent(&mut self, at: u64, size: usize, cluster: u8) {
        let entry = &mut self.ring[self.next as usize % LEN];
        *entry = Entry { at: at as u32, size: size.min(usize::from(u16::MAX)) as u16, cluster, state: State::Unknown };
        self.next += 1;
        self.bytes += size as u64;
    }

    /// `now`: microseconds, as those of sending.
    pub(super) fn told(&mut self, now: u64, number: u16, arrived: bool) -> Option<Told> {
        let number = extend(self.next - 1, number).filter(|number| *number < self.next)?;
        if number < FIRST || number + (LEN as u64) < self.next {
            return None;
        }
        let entry = &mut self.ring[number as usize % LEN];
        let before = entry.state;
        match (before, arrived) {
            (State::Arrived, _) | (State::Lost, false) => None,
            (State::Unknown, false) => {
                entry.state = State::Lost;
                Some(Told::Lost { size: entry.size })
            }
            (State::Unknown | State::Lost, true) => {
                entry.state = State::Arrived;
                let age = (now as u32).wrapping_sub(entry.at);
                let at = now.saturating_sub(u64::from(age));
                let packet = SentPacket { at, size: entry.size, cluster: entry.cluster };
                Some(Told::Arrived { packet, was_lost: before == State::Lost })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_packet_is_told_of_once_and_a_lost_one_may_still_arrive() {
        let mut history = History::new();
        let first = history.number();
        for at in 0..10 {
            history.sent(5_000_000_000 + at, 1_000 + at as usize, 3);
        }
        let now = 5_000_100_000;
        let packet = SentPacket { at: 5_000_000_004, size: 1_004, cluster: 3 };
        let number = first.wrapping_add(4);
        assert_eq!(history.told(now, number, false), Some(Told::Lost { size: 1_004 }));
        assert_eq!(history.told(now, number, false), None);
        assert_eq!(history.told(now, number, true), Some(Told::Arrived { packet, was_lost: true }));
        assert_eq!(history.told(now, number, true), None);
        assert_eq!(history.told(now, number, false), None);
    }

    #[test]
    fn what_was_not_sent_or_is_forgotten_is_not_told_of() {
        let mut history = History::new();
        assert_eq!(history.told(0, history.number(), true), None);
        let first = history.number();
        for _ in 0..=LEN {
            history.sent(0, 100, 0);
        }
        assert_eq!(history.told(0, first, true), None);
        assert!(history.told(0, first.wrapping_add(1), true).is_some());
        assert_eq!(history.told(0, history.number(), true), None);
        assert_eq!(history.told(0, first.wrapping_sub(1), true), None);
    }
}
