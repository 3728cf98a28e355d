use crate::rtp::FIXED_HEADER_LEN;
use crate::srtp::{Keys, Master, Suite, TAG_LEN};

const HEADER: [u8; FIXED_HEADER_LEN] = [0x80, 96, 0xf1, 0x7b, 0, 0, 0, 1, 0x55, 0x01, 0xa0, 0xb2];

fn keys(suite: Suite) -> Keys {
    let bytes: Vec<u8> = (0..44).collect();
    Keys::derive(&Master { suite, key: &bytes[..suite.key_len()], salt: &bytes[32..] })
        .expect("keys of the right length")
}

#[test]
fn what_is_sealed_opens_and_what_was_changed_does_not() {
    for suite in [Suite::Aes128Gcm, Suite::Aes256Gcm] {
        let keys = keys(suite);
        let mut packet = vec![0; HEADER.len() + 5 + TAG_LEN];
        keys.seal_rtp(&HEADER, b"hello", 0x1_f17b, &mut packet).expect("sealed");
        assert_ne!(&packet[HEADER.len()..HEADER.len() + 5], b"hello");
        for flipped in 0..packet.len() {
            let mut forged = packet.clone();
            forged[flipped] ^= 1;
            assert!(keys.open_rtp(&mut forged, HEADER.len(), 0x1_f17b).is_err(), "byte {flipped}");
        }
        assert!(keys.open_rtp(&mut packet.clone(), HEADER.len(), 0xf17b).is_err(), "another roll-over counter");
        assert_eq!(keys.open_rtp(&mut packet, HEADER.len(), 0x1_f17b), Ok(&b"hello"[..]));
    }
}

#[test]
fn rtcp_is_sealed_with_its_index() {
    let keys = keys(Suite::Aes256Gcm);
    let report = [0x80, 201, 0, 2, 1, 2, 3, 4, 9, 9, 9, 9];
    let mut packet = report.to_vec();
    keys.seal_rtcp(&mut packet, 7).expect("sealed");
    assert_eq!(packet[packet.len() - 4..], [0x80, 0, 0, 7]);
    let mut other_index = packet.clone();
    *other_index.last_mut().expect("not empty") = 8;
    assert!(keys.open_rtcp(&mut other_index).is_err());
    assert_eq!(keys.open_rtcp(&mut packet), Ok(&report[..]));
}

#[test]
fn packets_that_are_too_short_are_refused() {
    let keys = keys(Suite::Aes128Gcm);
    for len in 0..HEADER.len() + TAG_LEN {
        assert!(keys.open_rtp(&mut vec![0x80; len], HEADER.len(), 0).is_err());
        assert!(keys.open_rtcp(&mut vec![0x80; len]).is_err());
    }
}
