//! Roll-over counters and replay windows over whole streams.

use aqlinks_forwarder::srtp::{Opener, ReplayWindow, RtcpReplay, Sealer, StreamReplay};
use proptest::prelude::*;

use crate::srtp::{PROFILES, pair, seal};

/// Receives as a transport does.
struct Receiver {
    opener: Opener,
    replay: StreamReplay,
}

#[derive(Debug, PartialEq)]
enum Received {
    Index(u64),
    Replayed,
    Forged,
}

impl Receiver {
    fn receive(&mut self, mut packet: Vec<u8>) -> Received {
        let sequence_number = u16::from_be_bytes([packet[2], packet[3]]);
        let Some(index) = self.replay.index_of(sequence_number) else { return Received::Replayed };
        if self.opener.open_rtp(index, &mut packet, 12).is_err() {
            return Received::Forged;
        }
        self.replay.accept(index);
        Received::Index(index)
    }
}

fn stream() -> (Sealer, Receiver) {
    let (sealer, opener) = pair(PROFILES[1]);
    (sealer, Receiver { opener, replay: StreamReplay::default() })
}

#[test]
fn the_wrap_is_followed_under_loss() {
    let (sealer, mut receiver) = stream();
    // From just before the first wrap over three of them, losing up to half a cycle at once.
    let mut index = 65_530;
    for lost in [0, 3, 20_000, 1, 32_766, 0, 32_766, 9, 32_766, 32_766].repeat(2) {
        assert_eq!(receiver.receive(seal(&sealer, index, b"x")), Received::Index(index));
        index += 1 + lost;
    }
    assert!(index > 3 << 16);
}

#[test]
fn late_packets_from_before_the_wrap_are_received() {
    let (sealer, mut receiver) = stream();
    for index in [65_533, 65_537, 65_535, 65_536, 65_534, 65_540] {
        assert_eq!(receiver.receive(seal(&sealer, index, b"x")), Received::Index(index));
    }
    for index in [65_533, 65_534, 65_535, 65_536, 65_537, 65_540] {
        assert_eq!(receiver.receive(seal(&sealer, index, b"x")), Received::Replayed);
    }
}

#[test]
fn a_packet_from_before_the_first_is_refused_at_the_beginning_of_time() {
    let (sealer, mut receiver) = stream();
    assert_eq!(receiver.receive(seal(&sealer, 0, b"x")), Received::Index(0));
    // Its index would be negative.
    assert_eq!(receiver.receive(seal(&sealer, 65_535, b"x")), Received::Replayed);
    assert_eq!(receiver.receive(seal(&sealer, 1, b"x")), Received::Index(1));
}

#[test]
fn forged_packets_move_nothing() {
    let (sealer, mut receiver) = stream();
    assert_eq!(receiver.receive(seal(&sealer, 100, b"x")), Received::Index(100));
    for sequence_number in [101, 5_000, 30_000] {
        let mut forged = seal(&sealer, sequence_number, b"x");
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(receiver.receive(forged), Received::Forged);
    }
    // Neither the counter nor the window followed them.
    for index in [101, 99, 5_000] {
        assert_eq!(receiver.receive(seal(&sealer, index, b"x")), Received::Index(index));
    }
}

#[test]
fn what_is_older_than_the_window_is_refused() {
    let (sealer, mut receiver) = stream();
    let newest = 10_000;
    assert_eq!(receiver.receive(seal(&sealer, newest, b"x")), Received::Index(newest));
    let oldest = newest + 1 - ReplayWindow::LEN;
    assert_eq!(receiver.receive(seal(&sealer, oldest - 1, b"x")), Received::Replayed);
    assert_eq!(receiver.receive(seal(&sealer, oldest, b"x")), Received::Index(oldest));
}

#[test]
fn srtcp_of_each_sender_counts_by_itself() {
    let mut replay = RtcpReplay::default();
    assert!(replay.accept(1, 500));
    assert!(replay.accept(2, 3));
    assert!(!replay.accept(1, 500));
    assert!(!replay.accept(2, 3));
    assert!(replay.accept(2, 2));
    assert!(replay.accept(1, 499));
}

#[test]
fn srtcp_senders_are_bounded_and_the_silent_are_forgotten_first() {
    let mut replay = RtcpReplay::default();
    let most = RtcpReplay::MAX_SENDERS as u32;
    (0..most).for_each(|ssrc| assert!(replay.accept(ssrc, 1)));
    // 0 speaks again, so 1 is the one to be forgotten for a newcomer.
    assert!(replay.accept(0, 2));
    assert!(replay.accept(most, 1));
    assert!(!replay.accept(0, 2));
    assert!(replay.accept(1, 1));
}

proptest! {
    /// Against a model that remembers everything.
    #[test]
    fn the_window_accepts_each_index_once(steps in prop::collection::vec((-1100_i64..1100, 1_u32..4), 1..400)) {
        let mut window = ReplayWindow::new();
        let mut accepted = std::collections::HashSet::new();
        let mut highest: Option<u64> = None;
        let mut index = 50_000_u64;
        for (step, times) in steps {
            index = index.saturating_add_signed(step);
            for _ in 0..times {
                let in_window = highest.is_none_or(|highest| index + ReplayWindow::LEN > highest);
                let expected = in_window && !accepted.contains(&index);
                prop_assert_eq!(window.check(index), expected);
                prop_assert_eq!(window.accept(index), expected);
                if expected {
                    accepted.insert(index);
                    highest = highest.max(Some(index));
                }
                prop_assert_eq!(window.highest(), highest);
            }
        }
    }

    /// Any stream that loses less than half a cycle at once and comes out of order by less than the window.
    #[test]
    fn every_packet_gets_its_index(
        first in 0_u64..1 << 20,
        steps in prop::collection::vec((0_u64..32_000, 0_u64..1_000), 1..50),
    ) {
        let mut replay = StreamReplay::default();
        // The stream's first packet has to come in the first cycle.
        let mut newest = first & 0xffff;
        replay.accept(newest);
        for (ahead, behind) in steps {
            let index = newest + 1 + ahead;
            prop_assert_eq!(replay.index_of(index as u16), Some(index));
            replay.accept(index);
            prop_assert_eq!(replay.index_of(index as u16), None);
            let late = index - behind.min(ahead);
            if late != index {
                prop_assert_eq!(replay.index_of(late as u16), Some(late));
                replay.accept(late);
            }
            newest = index;
        }
    }
}
