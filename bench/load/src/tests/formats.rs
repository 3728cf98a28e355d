use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;

use crate::rtcp::{Feedback, SenderReport, receiver_report};
use crate::rtp::{self, Extender, Header};
use crate::stun::{self, Check, Message};
use crate::{sdp, source};

fn header() -> impl Strategy<Value = Header> {
    (0..128_u8, any::<bool>(), any::<u16>(), any::<u32>(), any::<u32>()).prop_map(
        |(payload_type, marker, sequence, timestamp, ssrc)| Header { payload_type, marker, sequence, timestamp, ssrc },
    )
}

proptest! {
    #[test]
    fn a_header_reads_as_it_was_written(header in header(), wide in proptest::option::of((1..15_u8, any::<u16>()))) {
        let mut packet = Vec::new();
        header.write(wide, &mut packet);
        let parsed = rtp::parse(&packet, wide.map(|(id, _)| id)).expect("a header");
        prop_assert_eq!(parsed.header, header);
        prop_assert_eq!(parsed.len, packet.len());
        prop_assert_eq!(parsed.transport_wide, wide.map(|(_, number)| number));
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,200}") {
        let _ = rtp::parse(&bytes, Some(3));
        let _ = stun::read(&bytes, "ours", "theirs");
        let _ = source::stamp(&bytes);
        let _ = sdp::Offer::parse(&text);
        let _ = sdp::candidate(&text);
    }

    #[test]
    fn sequence_numbers_are_extended_over_wraps_and_reordering(start in any::<u16>(), steps in proptest::collection::vec(-20..200_i64, 1..500)) {
        let mut extender = Extender::default();
        let first = extender.extend(start);
        prop_assert_eq!(first, u64::from(start));
        let (mut highest, mut index) = (first as i64, first as i64);
        for step in steps {
            index = (highest + step).max(first as i64);
            prop_assert_eq!(extender.extend(index as u16), index as u64);
            highest = highest.max(index);
        }
        prop_assert!(index >= first as i64);
    }
}

#[test]
fn a_check_verifies_with_the_password_it_was_made_with_only() {
    let transaction = [7; 12];
    let check = Check {
        transaction,
        username: "theirs:ours",
        password: "a password of theirs",
        priority: 1,
        tie_breaker: 2,
        use_candidate: true,
    };
    let request = check.write();
    assert_eq!(stun::read(&request, "a password of theirs", ""), Some(Message::Request { transaction }));
    assert_eq!(stun::read(&request, "another", ""), None);

    let mapped = SocketAddr::from(([127, 0, 0, 1], 9));
    let success = stun::success(&transaction, mapped, "a password of theirs");
    assert_eq!(stun::read(&success, "", "a password of theirs"), Some(Message::Success { transaction }));
    assert_eq!(stun::read(&success, "", "another"), None);
}

#[test]
fn feedback_lists_what_arrived_and_what_did_not() {
    let mut feedback = Feedback::default();
    assert_eq!(feedback.write(1, 2), None);
    for (number, at) in [(10, 64_000), (11, 64_500), (13, 164_500)] {
        feedback.arrived(number, at);
    }
    let packet = feedback.write(1, 2).expect("three arrivals");
    let expected = [
        &[0xaf, 205, 0, 6][..],      // with padding, FMT 15, six words more
        &[0, 0, 0, 1, 0, 0, 0, 2],   // from, about
        &[0, 10, 0, 4],              // base, count
        &[0, 0, 1, 0],               // reference of 64 ms, first report
        &[0b1101_0100, 0b1000_0000], // small, small, none, large
        &[0, 2, 1, 144],             // 0 µs, 500 µs, 100 ms in 250 µs
        &[0, 2],                     // padding
    ]
    .concat();
    assert_eq!(packet, expected);
    assert_eq!(feedback.write(1, 2), None, "each arrival is reported once");
}

#[test]
fn reports_say_how_long_they_are() {
    let since_unix = Duration::from_secs(1);
    let sender = SenderReport { ssrc: 1, since_unix, rtp_timestamp: 2, packets: 3, octets: 4 }.write();
    for report in [sender, receiver_report(1, 2, 3)] {
        let words = usize::from(u16::from_be_bytes([report[2], report[3]]));
        assert_eq!(report.len(), 4 * (words + 1));
        assert!(rtp::is_rtcp(&report));
    }
}
