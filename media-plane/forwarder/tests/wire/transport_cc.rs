use aqlinks_forwarder::rtcp::{
    FeedbackHeader, MAX_STATUSES, Packet, Packets, TransportFeedback, write_transport_feedback,
};
use proptest::prelude::*;

use crate::hex;

const HEADER: FeedbackHeader =
    FeedbackHeader { sender_ssrc: 1, media_ssrc: 2, feedback_count: 3, base_sequence: 0xfffe };

/// A tick of the deltas and a cycle of the reference, in microseconds.
const TICK: u64 = 250;
const CYCLE: u64 = 64_000 << 24;

fn read(packet: &[u8]) -> TransportFeedback<'_> {
    let mut packets = Packets::new(packet);
    let Some(Ok(Packet::TransportFeedback(feedback))) = packets.next() else { panic!("{packet:x?}") };
    assert!(packets.next().is_none());
    feedback
}

/// What a receiver that was told of these arrivals must read: whole ticks, in the cycle of the first one's reference.
fn told(arrivals: &[Option<u64>]) -> Vec<(u16, Option<i64>)> {
    let first = arrivals.iter().flatten().next().unwrap();
    let cycle = first / 64_000 * 64_000 / CYCLE * CYCLE;
    arrivals
        .iter()
        .zip(0_u16..)
        .map(|(arrival, offset)| {
            let arrival = arrival.map(|arrival| (arrival / TICK * TICK) as i64 - cycle as i64);
            (HEADER.base_sequence.wrapping_add(offset), arrival)
        })
        .collect()
}

/// By hand from the draft: a run, then a vector of one bit, then one of two bits.
#[test]
fn chunks_of_every_kind_are_read() {
    let packet = hex("8fcd0008 00000001 00000002 fffe 0018 000002 03
         2003 a001 d800
         04 08 0c  01 02  fffc 10  0000");
    let feedback = read(&packet);
    assert_eq!(feedback.header, HEADER);
    assert_eq!((feedback.status_count, feedback.reference_time), (24, 2));
    let arrivals: Vec<_> = feedback.arrivals().collect();
    assert_eq!(arrivals.len(), 24);
    let received: Vec<_> = arrivals.iter().filter_map(|(number, arrival)| Some((*number, (*arrival)?))).collect();
    assert_eq!(
        received,
        [
            (0xfffe, 128_000 + 1_000),
            (0xffff, 128_000 + 3_000),
            (0, 128_000 + 6_000),
            (1, 128_000 + 6_250),
            (14, 128_000 + 6_750),
            // Two bits: small, large, …: 01 10 00 …
            (15, 128_000 + 6_750 + 255 * 250),
            (16, 128_000 + 6_750 + 255 * 250 - 1_008 * 250),
        ]
    );
}

#[test]
fn feedbacks_that_promise_too_much_are_refused() {
    for malformed in [
        // No chunk; a chunk that tells of fewer than the count; no deltas; half a large delta; the reserved symbol;
        // nothing told; more told than any feedback of ours would.
        "8fcd0004 00000001 00000002 0000 0001 000000 00",
        "8fcd0005 00000001 00000002 0000 0009 000000 00 0001 0000",
        "8fcd0005 00000001 00000002 0000 0003 000000 00 2003 0101",
        "8fcd0005 00000001 00000002 0000 0002 000000 00 4002 0101",
        "8fcd0005 00000001 00000002 0000 0001 000000 00 6001 0101",
        "8fcd0005 00000001 00000002 0000 0000 000000 00 2001 0100",
        "8fcd0005 00000001 00000002 0000 2001 000000 00 1fff 1fff",
    ] {
        assert!(Packets::new(&hex(malformed)).next().unwrap().is_err(), "{malformed}");
    }
}

#[test]
fn nothing_is_written_of_nothing() {
    let mut out = Vec::new();
    assert_eq!(write_transport_feedback(&mut out, &HEADER, &[]), 0);
    assert_eq!(write_transport_feedback(&mut out, &HEADER, &[None, None]), 0);
    assert!(out.is_empty());
}

#[test]
fn an_even_stream_takes_one_byte_a_packet() {
    let arrivals: Vec<_> = (0..100).map(|packet| Some(5_000_000 + packet * 1_666)).collect();
    let mut out = Vec::new();
    assert_eq!(write_transport_feedback(&mut out, &HEADER, &arrivals), 100);
    // Header and both SSRCs, base to count, one run, deltas, padding.
    assert_eq!(out.len(), 12 + 8 + (2 + 100_usize).next_multiple_of(4));
    assert!(read(&out).arrivals().eq(told(&arrivals)));
}

/// A vector of 14 symbols that is not the last must not be begun with fewer: a large delta cuts it short.
#[test]
fn a_large_delta_in_a_vector_shifts_nothing() {
    for before in 2..14 {
        let mut arrivals: Vec<_> = (0..before).map(|packet| Some(64_000 + packet * 1_000)).collect();
        arrivals[before as usize / 2] = None;
        arrivals.extend([Some(1_000_000), None, Some(1_001_000)]);
        let mut out = Vec::new();
        assert_eq!(write_transport_feedback(&mut out, &HEADER, &arrivals), arrivals.len());
        assert!(read(&out).arrivals().eq(told(&arrivals)), "{before} before");
    }
}

#[test]
fn the_reference_wraps() {
    let start = CYCLE - 10_000;
    let arrivals: Vec<_> = (0..50).map(|packet| Some(start + packet * 1_000)).collect();
    let mut out = Vec::new();
    assert_eq!(write_transport_feedback(&mut out, &HEADER, &arrivals), 50);
    assert_eq!(read(&out).reference_time, 0x00ff_ffff);
    assert!(read(&out).arrivals().eq(told(&arrivals)));

    out.clear();
    let arrivals = [Some(CYCLE + 64_250)];
    assert_eq!(write_transport_feedback(&mut out, &HEADER, &arrivals), 1);
    assert_eq!(read(&out).reference_time, 1);
    assert!(read(&out).arrivals().eq([(0xfffe, Some(64_250))]));
}

#[test]
fn arrivals_too_far_apart_take_another_feedback() {
    let apart = 32_768 * TICK;
    for (second, covered) in [(apart - TICK, 2), (apart, 1)] {
        let arrivals = [Some(64_000), Some(64_000 + second)];
        let mut out = Vec::new();
        assert_eq!(write_transport_feedback(&mut out, &HEADER, &arrivals), covered, "{second} µs");
        assert!(read(&out).arrivals().eq(told(&arrivals[..covered])));
    }
    // Into the past one more.
    for (second, covered) in [(apart, 2), (apart + TICK, 1)] {
        let arrivals = [Some(64_000_000), Some(64_000_000 - second)];
        let mut out = Vec::new();
        assert_eq!(write_transport_feedback(&mut out, &HEADER, &arrivals), covered, "-{second} µs");
        assert!(read(&out).arrivals().eq(told(&arrivals[..covered])));
    }
}

/// Streams with runs of loss, jitter, reordering and pauses.
fn streams() -> impl Strategy<Value = Vec<Option<u64>>> {
    let gap = prop_oneof![
        8 => 0_i64..3_000,
        2 => -20_000_i64..0,
        2 => 60_000_i64..200_000,
        1 => -9_000_000_i64..9_000_000,
    ];
    let stretch = prop_oneof![
        6 => prop::collection::vec(gap.prop_map(Some), 1..30),
        3 => (1_usize..20).prop_map(|lost| vec![None; lost]),
        1 => (1_usize..3_000).prop_map(|lost| vec![None; lost]),
    ];
    (0..2 * CYCLE, prop::collection::vec(stretch, 1..40)).prop_map(|(start, stretches)| {
        let mut now = start + 1_000_000_000;
        stretches
            .into_iter()
            .flatten()
            .map(|gap| {
                now = now.saturating_add_signed(gap?);
                Some(now)
            })
            .collect()
    })
}

proptest! {
    /// Repeated calls tell of every packet exactly, each feedback bounded.
    #[test]
    fn feedbacks_are_read_back(arrivals in streams()) {
        let mut rest = &arrivals[..];
        while rest.iter().any(Option::is_some) {
            let mut out = Vec::new();
            let covered = write_transport_feedback(&mut out, &HEADER, rest);
            if covered == 0 {
                // The rest begins with more losses than one feedback tells of.
                prop_assert!(rest.iter().take(MAX_STATUSES).all(Option::is_none));
                rest = &rest[MAX_STATUSES..];
                continue;
            }
            prop_assert!(out.len() <= 1_000, "{} bytes", out.len());
            let feedback = read(&out);
            prop_assert_eq!(feedback.header, HEADER);
            prop_assert_eq!(usize::from(feedback.status_count), covered);
            prop_assert!(feedback.arrivals().eq(told(&rest[..covered])));
            rest = &rest[covered..];
        }
    }

    #[test]
    fn arbitrary_chunks_do_not_panic(
        status_count in prop_oneof![0_u16..100, any::<u16>()],
        words in prop::collection::vec(any::<u32>(), 0..40),
    ) {
        let mut packet = hex("8fcd0000 00000001 00000002 0000 0000 000000 00");
        packet[3] = 4 + words.len() as u8;
        packet[14..16].copy_from_slice(&status_count.to_be_bytes());
        words.iter().for_each(|word| packet.extend_from_slice(&word.to_be_bytes()));
        if let Some(Ok(Packet::TransportFeedback(feedback))) = Packets::new(&packet).next() {
            prop_assert_eq!(feedback.arrivals().count(), usize::from(status_count));
            prop_assert!(usize::from(status_count) <= MAX_STATUSES);
        }
    }
}
