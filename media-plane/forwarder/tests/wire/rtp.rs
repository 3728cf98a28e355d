use aqlinks_forwarder::rtp::{
    Element, FIXED_HEADER_LEN, Fields, Header, NoRoom, OSN_LEN, RtpError, Unwrapper, extend, is_newer, is_rtcp,
    is_rtp_or_rtcp, set_marker_and_payload_type, set_sequence_number, set_ssrc, set_timestamp, split_osn, write_header,
    write_osn,
};
use proptest::prelude::*;

use crate::hex;

fn fields() -> impl Strategy<Value = Fields> {
    (any::<bool>(), any::<bool>(), 0_u8..128, any::<u16>(), any::<u32>(), any::<u32>()).prop_map(
        |(padding, marker, payload_type, sequence_number, timestamp, ssrc)| Fields {
            padding,
            marker,
            payload_type,
            sequence_number,
            timestamp,
            ssrc,
        },
    )
}

fn parse(text: &str) -> (Vec<u8>, Header) {
    let packet = hex(text);
    let header = Header::parse(&packet).unwrap();
    (packet, header)
}

fn elements(text: &str) -> Vec<(u8, Vec<u8>)> {
    let (packet, header) = parse(text);
    header.elements(&packet).map(|element| (element.id, element.data.to_vec())).collect()
}

#[test]
fn a_whole_header_is_read() {
    let (packet, header) = parse("b2e0 1234 01020304 0a0b0c0d 11111111 22222222 bede0001 10aa2100 ffff");
    let expected = Fields {
        padding: true,
        marker: true,
        payload_type: 0x60,
        sequence_number: 0x1234,
        timestamp: 0x0102_0304,
        ssrc: 0x0a0b_0c0d,
    };
    assert_eq!(header.fields, expected);
    assert_eq!(header.len, packet.len() - 2);
    assert_eq!(header.element(&packet, 1), Some(&[0xaa][..]));
    assert_eq!(header.element(&packet, 3), None);
}

#[test]
fn headers_that_promise_too_much_are_refused() {
    let packet = hex("b2e0 1234 01020304 0a0b0c0d 11111111 22222222 bede0001 10aa2100");
    for len in 0..packet.len() {
        assert_eq!(Header::parse(&packet[..len]), Err(RtpError::Truncated), "{len} bytes");
    }
    assert_eq!(Header::parse(&hex("40e0 1234 01020304 0a0b0c0d")), Err(RtpError::Version));
}

const START: &str = "9000 0000 00000000 00000000";

#[test]
fn one_byte_elements_end_where_rfc_8285_says() {
    let elements = |extension: &str| elements(&format!("{START} {extension}"));
    // Padding between and behind.
    assert_eq!(elements("bede0002 10aa0000 21bbcc00"), [(1, vec![0xaa]), (2, vec![0xbb, 0xcc])]);
    // Id 15, and id 0 with a length, end all.
    assert_eq!(elements("bede0002 10aaf0bb 20cc0000"), [(1, vec![0xaa])]);
    assert_eq!(elements("bede0002 10aa01bb bb20cc00"), [(1, vec![0xaa])]);
    // Longer than the extension.
    assert_eq!(elements("bede0001 10aa27bb"), [(1, vec![0xaa])]);
    assert_eq!(elements("bede0000"), []);
}

#[test]
fn two_byte_elements_may_be_empty_and_of_any_id() {
    let elements = |extension: &str| elements(&format!("{START} {extension}"));
    assert_eq!(elements("10000002 0100ff02 aabb0000"), [(1, vec![]), (255, vec![0xaa, 0xbb])]);
    assert_eq!(elements("100f0001 01017700"), [(1, vec![0x77])]);
    assert_eq!(elements("10000001 01000205"), [(1, vec![])]);
    assert_eq!(elements("10000001 00000001"), []);
}

#[test]
fn extensions_of_other_profiles_are_passed_over() {
    let (packet, header) = parse(&format!("{START} 12340001 10aa10bb 77"));
    assert_eq!(header.len, 20);
    assert_eq!(header.elements(&packet).count(), 0);
}

#[test]
fn padding_is_taken_off() {
    let (_, plain) = parse("8000 0000 00000000 00000000");
    let (_, padded) = parse("a000 0000 00000000 00000000");
    assert_eq!(plain.without_padding(&[1, 2, 9]), Some(&[1, 2, 9][..]));
    assert_eq!(padded.without_padding(&[1, 2, 0, 2]), Some(&[1, 2][..]));
    assert_eq!(padded.without_padding(&[0, 0, 3]), Some(&[][..]));
    assert_eq!(padded.without_padding(&[1, 2, 4]), None);
    assert_eq!(padded.without_padding(&[1, 2, 0]), None);
    assert_eq!(padded.without_padding(&[]), None);
}

#[test]
fn the_shortest_form_is_chosen() {
    let fields = Fields { padding: false, marker: false, payload_type: 0, sequence_number: 0, timestamp: 0, ssrc: 0 };
    let written = |elements: &[(u8, &[u8])]| {
        let elements: Vec<_> = elements.iter().map(|(id, data)| Element { id: *id, data }).collect();
        let mut out = [0xff; 600];
        write_header(&mut out, &fields, &elements).map(|len| out[FIXED_HEADER_LEN..len].to_vec())
    };
    assert_eq!(written(&[]), Ok(vec![]));
    assert_eq!(written(&[(1, &[0xaa]), (14, &[1, 2])]), Ok(hex("bede0002 10aae101 02000000")));
    assert_eq!(written(&[(15, &[0xaa])]), Ok(hex("10000001 0f01aa00")));
    assert_eq!(written(&[(1, &[])]), Ok(hex("10000001 01000000")));
    assert_eq!(written(&[(1, &[7; 16])]).unwrap()[..5], hex("bede0005 1f"));
    assert_eq!(written(&[(1, &[7; 17])]).unwrap()[..6], hex("10000005 0111"));
    assert_eq!(written(&[(0, &[1])]), Err(NoRoom));
    assert_eq!(written(&[(1, &[7; 256])]), Err(NoRoom));
}

#[test]
fn kinds_of_datagrams_are_told_apart() {
    for (first, second, rtp_or_rtcp, rtcp) in [
        (0x00, 0x01, false, false),
        (0x16, 0xfe, false, false),
        (0x80, 0x60, true, false),
        // Marker and payload type 96; sender report; the last and the first of each range.
        (0x80, 0xe0, true, false),
        (0x81, 0xc8, true, true),
        (0xbf, 0xdf, true, true),
        (0xc0, 0xc8, false, true),
        (0x80, 0xff, true, false),
    ] {
        let datagram = [first, second];
        assert_eq!((is_rtp_or_rtcp(&datagram), is_rtcp(&datagram)), (rtp_or_rtcp, rtcp), "{datagram:x?}");
    }
    assert!(!is_rtp_or_rtcp(&[]) && !is_rtcp(&[0x80]));
}

#[test]
fn retransmissions_carry_the_original_number() {
    let mut payload = *b"..frame";
    write_osn(&mut payload, 0xfffe);
    assert_eq!(split_osn(&payload), Some((0xfffe, &b"frame"[..])));
    assert_eq!(split_osn(&payload[..OSN_LEN]), Some((0xfffe, &[][..])));
    assert_eq!(split_osn(&[1]), None);
}

#[test]
fn numbers_are_extended_to_the_nearest() {
    assert_eq!(extend(0, 5), Some(5));
    assert_eq!(extend(0, 0xffff), None);
    assert_eq!(extend(0x1_0002, 0xffff), Some(0xffff));
    assert_eq!(extend(0x1_ffff, 3), Some(0x2_0003));
    assert_eq!(extend(0x1_0000, 0x7fff), Some(0x1_7fff));
    assert_eq!(extend(0x1_0000, 0x8000), Some(0x8000));
}

#[test]
fn newer_means_less_than_half_a_cycle_ahead() {
    assert!(is_newer(1, 0) && is_newer(0, 0xffff) && is_newer(0x7fff, 0));
    assert!(!is_newer(0, 0) && !is_newer(0, 1) && !is_newer(0xffff, 0));
    assert!(!is_newer(0x8000, 0) && !is_newer(0, 0x8000));
}

proptest! {
    #[test]
    fn headers_are_read_back(
        fields in fields(),
        extension in prop::collection::vec((1_u8..=255, prop::collection::vec(any::<u8>(), 0..40)), 0..8),
        payload in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let extension: Vec<_> = extension.iter().map(|(id, data)| Element { id: *id, data }).collect();
        let mut packet = vec![0xff; 600];
        let len = write_header(&mut packet, &fields, &extension).unwrap();
        packet.truncate(len);
        packet.extend_from_slice(&payload);

        let header = Header::parse(&packet).unwrap();
        prop_assert_eq!(header.fields, fields);
        prop_assert_eq!(header.len, len);
        prop_assert!(len.is_multiple_of(4));
        prop_assert!(header.elements(&packet).eq(extension.iter().copied()));

        // In exactly its room it fits, in less it does not, and says so.
        prop_assert_eq!(write_header(&mut vec![0; len], &fields, &extension), Ok(len));
        for room in 0..len {
            prop_assert_eq!(write_header(&mut vec![0; room], &fields, &extension), Err(NoRoom));
        }
    }

    #[test]
    fn patched_fields_are_read_back(before in fields(), after in fields()) {
        let mut packet = [0; FIXED_HEADER_LEN];
        write_header(&mut packet, &before, &[]).unwrap();
        set_marker_and_payload_type(&mut packet, after.marker, after.payload_type);
        set_sequence_number(&mut packet, after.sequence_number);
        set_timestamp(&mut packet, after.timestamp);
        set_ssrc(&mut packet, after.ssrc);
        prop_assert_eq!(Header::parse(&packet).unwrap().fields, Fields { padding: before.padding, ..after });
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(
        first in prop_oneof![any::<u8>(), 0x80_u8..0xc0],
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut packet = vec![first];
        packet.extend_from_slice(&rest);
        if let Ok(header) = Header::parse(&packet) {
            prop_assert!(header.len <= packet.len());
            let bytes: usize = header.elements(&packet).map(|element| element.data.len() + 1).sum();
            prop_assert!(bytes <= header.len);
            let payload = &packet[header.len..];
            prop_assert!(header.without_padding(payload).is_none_or(|plain| plain.len() <= payload.len()));
        }
    }

    #[test]
    fn arbitrary_extensions_do_not_panic(
        two_byte in any::<bool>(),
        words in prop::collection::vec(any::<u32>(), 0..40),
    ) {
        let mut packet = hex(START);
        packet.extend_from_slice(&if two_byte { [0x10, 0] } else { [0xbe, 0xde] });
        packet.extend_from_slice(&(words.len() as u16).to_be_bytes());
        words.iter().for_each(|word| packet.extend_from_slice(&word.to_be_bytes()));
        let header = Header::parse(&packet).unwrap();
        prop_assert_eq!(header.len, packet.len());
        for element in header.elements(&packet) {
            prop_assert!(element.id != 0);
            prop_assert!(two_byte || element.id < 15 && (1..=16).contains(&element.data.len()));
        }
    }

    #[test]
    fn unwrapped_numbers_keep_their_distances(
        first in any::<u16>(),
        steps in prop::collection::vec(-10_000_i64..30_000, 1..200),
    ) {
        let mut unwrapper = Unwrapper::default();
        let mut newest = unwrapper.unwrap(first);
        prop_assert_eq!(newest, 0x1_0000 + u64::from(first));
        for step in steps {
            let expected = newest.saturating_add_signed(step);
            prop_assert_eq!(unwrapper.unwrap(expected as u16), expected);
            newest = newest.max(expected);
            prop_assert_eq!(unwrapper.newest(), Some(newest));
        }
    }
}
