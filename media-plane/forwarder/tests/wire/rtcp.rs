use aqlinks_forwarder::rtcp::{
    FeedbackHeader, FirEntry, MAX_REPORT_BLOCKS, Packet, Packets, ReportBlock, RtcpError, SenderInfo, write_bye,
    write_cname, write_fir, write_nack, write_pli, write_receiver_report, write_sender_report,
    write_transport_feedback,
};
use proptest::prelude::*;

use crate::hex;

/// The only packet of a compound.
fn only(compound: &[u8]) -> Packet<'_> {
    let mut packets = Packets::new(compound);
    let packet = packets.next().unwrap().unwrap();
    assert!(packets.next().is_none());
    packet
}

/// Iterates as a transport does, over everything that can be asked.
fn exhaust(compound: &[u8]) -> Result<usize, RtcpError> {
    let mut items = 0;
    for packet in Packets::new(compound) {
        items += match packet? {
            Packet::SenderReport(report) => report.blocks().count(),
            Packet::ReceiverReport(report) => report.blocks().count(),
            Packet::Bye(bye) => bye.ssrcs().count(),
            Packet::Nack(nack) => nack.sequence_numbers().count(),
            Packet::Pli { .. } => 1,
            Packet::Fir(fir) => fir.entries().count(),
            Packet::Remb(remb) => remb.ssrcs().count(),
            Packet::TransportFeedback(feedback) => feedback.arrivals().count(),
        };
    }
    Ok(items)
}

fn block() -> impl Strategy<Value = ReportBlock> {
    (any::<u32>(), any::<u8>(), -(1_i32 << 23)..1 << 23, any::<u32>(), any::<u32>(), any::<(u32, u32)>()).prop_map(
        |(ssrc, fraction_lost, cumulative_lost, highest_sequence, jitter, (last_sr, delay_since_last_sr))| {
            ReportBlock { ssrc, fraction_lost, cumulative_lost, highest_sequence, jitter, last_sr, delay_since_last_sr }
        },
    )
}

#[test]
fn a_compound_is_read_packet_by_packet() {
    let info = SenderInfo { ssrc: 1, ntp: 0x0102_0304_0506_0708, rtp: 9, packets: 10, octets: 11 };
    let block = ReportBlock { ssrc: 2, cumulative_lost: -3, ..ReportBlock::default() };
    let mut compound = Vec::new();
    write_sender_report(&mut compound, &info, &[block]);
    write_cname(&mut compound, 1, "aqlinks");
    write_nack(&mut compound, 1, 2, [5, 6]);
    write_pli(&mut compound, 1, 2);
    write_bye(&mut compound, &[1]);

    let packets: Vec<_> = Packets::new(&compound).map(Result::unwrap).collect();
    let [
        Packet::SenderReport(report),
        Packet::Nack(nack),
        Packet::Pli { sender_ssrc: 1, media_ssrc: 2 },
        Packet::Bye(bye),
    ] = &packets[..]
    else {
        panic!("{packets:?}")
    };
    assert_eq!(report.info, info);
    assert!(report.blocks().eq([block]));
    assert!(nack.sequence_numbers().eq([5, 6]));
    assert!(bye.ssrcs().eq([1]));
}

#[test]
fn a_source_description_is_whole_words_with_a_null() {
    for (cname, expected) in [
        ("", "81ca0002 00000007 01000000"),
        ("a", "81ca0002 00000007 01016100"),
        ("ab", "81ca0003 00000007 01026162 00000000"),
    ] {
        let mut out = Vec::new();
        write_cname(&mut out, 7, cname);
        assert_eq!(out, hex(expected));
    }
    let mut long = Vec::new();
    write_cname(&mut long, 7, &"x".repeat(300));
    assert_eq!((long.len(), long[9]), (4 + 4 + 2 + 255 + 1 + 2, 255));
}

#[test]
fn losses_beyond_24_bits_are_clamped() {
    for (told, read) in [(i32::MAX, (1 << 23) - 1), (i32::MIN, -(1 << 23)), (-1, -1)] {
        let mut out = Vec::new();
        write_receiver_report(&mut out, 1, &[ReportBlock { cumulative_lost: told, ..ReportBlock::default() }]);
        let Packet::ReceiverReport(report) = only(&out) else { panic!() };
        assert_eq!(report.blocks().next().unwrap().cumulative_lost, read);
    }
}

#[test]
fn what_has_no_use_is_skipped() {
    // APP, an extended report, a feedback of unknown format, an application layer feedback that is no REMB; then a PLI.
    let compound = hex(
        "80cc0002 00000001 41424344  80cf0001 00000001  84cd0002 00000001 00000002  8fce0003 00000001 00000002 41424344
         81ce0002 00000001 00000002",
    );
    assert!(matches!(only(&compound), Packet::Pli { sender_ssrc: 1, media_ssrc: 2 }));
}

/// As libwebrtc and Pion pad what they tell of arrivals: the last byte says how many, and that is no multiple of 4.
#[test]
fn a_feedback_may_be_padded_by_less_than_a_word() {
    let mut packet = Vec::new();
    let header = FeedbackHeader { sender_ssrc: 1, media_ssrc: 2, feedback_count: 3, base_sequence: 7 };
    write_transport_feedback(&mut packet, &header, &[Some(64_000)]);
    assert_eq!(packet.len(), 24);
    packet[0] |= 0x20;
    packet[23] = 1;
    let Some(Ok(Packet::TransportFeedback(feedback))) = Packets::new(&packet).next() else { panic!("not read") };
    assert_eq!(feedback.arrivals().collect::<Vec<_>>(), [(7, Some(64_000))]);
}

#[test]
fn padding_is_taken_off() {
    let compound = hex("a1ce0003 00000001 00000002 00000004");
    assert!(matches!(only(&compound), Packet::Pli { sender_ssrc: 1, media_ssrc: 2 }));
    // One that would end inside a NACK's entries.
    let nack = hex("a1cd0004 00000001 00000002 00050000 00000004");
    let Packet::Nack(nack) = only(&nack) else { panic!() };
    assert!(nack.sequence_numbers().eq([5]));
    for padding in ["00", "10"] {
        let compound = hex(&format!("a1ce0003 00000001 00000002 000000{padding}"));
        assert_eq!(Packets::new(&compound).next().unwrap().unwrap_err(), RtcpError::Malformed, "{padding}");
    }
}

#[test]
fn malformed_packets_end_the_compound() {
    for (compound, error) in [
        ("81ce", RtcpError::Truncated),
        ("81ce0002 00000001", RtcpError::Truncated),
        ("41ce0002 00000001 00000002", RtcpError::Version),
        // Fewer words than their kind needs, or blocks than the count says.
        ("81ce0001 00000001", RtcpError::Malformed),
        ("81c90001 00000001", RtcpError::Malformed),
        ("80c80001 00000001", RtcpError::Malformed),
        ("82cb0001 00000001", RtcpError::Malformed),
        ("8fce0004 00000001 00000002 52454d42 01000000", RtcpError::Malformed),
    ] {
        let mut bytes = hex("81ce0002 00000001 00000002");
        bytes.extend_from_slice(&hex(compound));
        let mut packets = Packets::new(&bytes);
        assert!(matches!(packets.next(), Some(Ok(Packet::Pli { .. }))));
        assert_eq!(packets.next().unwrap().unwrap_err(), error, "{compound}");
        assert!(packets.next().is_none());
    }
}

#[test]
fn bitrates_are_mantissa_and_exponent() {
    for (number, bitrate) in [("000001", 1), ("07ffff", 0x3ffff << 1), ("b80001", 1 << 46), ("fffffc", u64::MAX)] {
        let compound = hex(&format!("8fce0006 00000001 00000000 52454d42 02{number} 0000000a 0000000b"));
        let Packet::Remb(remb) = only(&compound) else { panic!() };
        assert_eq!((remb.sender_ssrc, remb.bitrate), (1, bitrate), "{number}");
        assert!(remb.ssrcs().eq([10, 11]));
    }
}

#[test]
fn nacks_group_what_follows() {
    let written = |numbers: &[u16]| {
        let mut out = Vec::new();
        write_nack(&mut out, 1, 2, numbers.iter().copied());
        out
    };
    assert_eq!(written(&[]), []);
    assert_eq!(written(&[5]), hex("81cd0003 00000001 00000002 00050000"));
    assert_eq!(written(&[5, 6, 21]), hex("81cd0003 00000001 00000002 00058001"));
    assert_eq!(written(&[5, 22]), hex("81cd0004 00000001 00000002 00050000 00160000"));
    assert_eq!(written(&[0xffff, 0, 15]), hex("81cd0003 00000001 00000002 ffff8001"));
}

proptest! {
    #[test]
    fn reports_are_read_back(
        ssrc in any::<u32>(),
        ntp in any::<u64>(),
        (rtp, packets, octets) in any::<(u32, u32, u32)>(),
        blocks in prop::collection::vec(block(), 0..40),
    ) {
        let kept = &blocks[..blocks.len().min(MAX_REPORT_BLOCKS)];
        let info = SenderInfo { ssrc, ntp, rtp, packets, octets };
        let mut out = Vec::new();
        write_sender_report(&mut out, &info, &blocks);
        let Packet::SenderReport(report) = only(&out) else { panic!() };
        prop_assert_eq!(report.info, info);
        prop_assert!(report.blocks().eq(kept.iter().copied()));

        out.clear();
        write_receiver_report(&mut out, ssrc, &blocks);
        let Packet::ReceiverReport(report) = only(&out) else { panic!() };
        prop_assert_eq!(report.ssrc, ssrc);
        prop_assert!(report.blocks().eq(kept.iter().copied()));
    }

    #[test]
    fn nacks_are_read_back(
        (sender, media) in any::<(u32, u32)>(),
        first in any::<u16>(),
        gaps in prop::collection::vec(1_u16..40, 0..200),
    ) {
        let mut numbers = vec![first];
        for gap in gaps {
            numbers.push(numbers[numbers.len() - 1].wrapping_add(gap));
        }
        let mut out = Vec::new();
        write_nack(&mut out, sender, media, numbers.iter().copied());
        let Packet::Nack(nack) = only(&out) else { panic!() };
        prop_assert_eq!((nack.sender_ssrc, nack.media_ssrc), (sender, media));
        prop_assert!(nack.sequence_numbers().eq(numbers));
    }

    /// In no order, with repetitions, and more than fit: bounded, and nothing that was not asked for.
    #[test]
    fn nacks_are_bounded(numbers in prop::collection::vec(any::<u16>(), 1..600)) {
        let mut out = Vec::new();
        write_nack(&mut out, 1, 2, numbers.iter().copied());
        prop_assert!(out.len() <= 1100);
        let Packet::Nack(nack) = only(&out) else { panic!() };
        prop_assert!(nack.sequence_numbers().all(|number| numbers.contains(&number)));
    }

    #[test]
    fn requests_and_farewells_are_read_back(
        (sender, media) in any::<(u32, u32)>(),
        entries in prop::collection::vec(any::<(u32, u8)>(), 0..200),
        ssrcs in prop::collection::vec(any::<u32>(), 0..40),
    ) {
        let entries: Vec<_> = entries.iter().map(|&(ssrc, sequence_number)| FirEntry { ssrc, sequence_number }).collect();
        let mut out = Vec::new();
        write_fir(&mut out, sender, &entries);
        let Packet::Fir(fir) = only(&out) else { panic!() };
        prop_assert_eq!(fir.sender_ssrc, sender);
        prop_assert!(fir.entries().eq(entries.iter().copied().take(125)));

        out.clear();
        write_pli(&mut out, sender, media);
        let Packet::Pli { sender_ssrc, media_ssrc } = only(&out) else { panic!() };
        prop_assert_eq!((sender_ssrc, media_ssrc), (sender, media));

        out.clear();
        write_bye(&mut out, &ssrcs);
        let Packet::Bye(bye) = only(&out) else { panic!() };
        prop_assert!(bye.ssrcs().eq(ssrcs.iter().copied().take(31)));
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = exhaust(&bytes);
    }

    /// Of each kind that we read, past the header, where arbitrary bytes hardly come.
    #[test]
    fn arbitrary_bodies_do_not_panic(
        count in 0_u8..64,
        packet_type in 200_u8..208,
        words in prop::collection::vec(any::<u32>(), 0..60),
        remb in any::<bool>(),
    ) {
        let mut compound = vec![0x80 | count, packet_type];
        compound.extend_from_slice(&(words.len() as u16).to_be_bytes());
        words.iter().for_each(|word| compound.extend_from_slice(&word.to_be_bytes()));
        if remb && compound.len() >= 16 {
            compound[12..16].copy_from_slice(b"REMB");
        }
        if let Ok(items) = exhaust(&compound) {
            // A feedback tells of the most for its size: 8,191 of two bytes.
            prop_assert!(items <= 1 << 13);
        }
    }
}
