use std::net::SocketAddr;

use aqlinks_forwarder::stun::{
    BindingRequest, Class, ErrorCode, IntegrityKey, Message, Role, StunError, is_stun, write_error, write_request,
    write_success, write_unknown_attribute,
};
use proptest::prelude::*;

use crate::hex;

const ID: [u8; 12] = *b"transaction.";

/// RFC 5769 section 2, password of all three.
const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";
const SAMPLE_REQUEST: &str = "000100582112a442b7e7a701bc34d686fa87dfae
    802200105354554e207465737420636c69656e74 002400046e0001ff 80290008932ff9b151263b36
    0006000965 76746a3a68367659202020 000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004e57a3bcf";
const SAMPLE_IPV4_RESPONSE: &str = "0101003c2112a442b7e7a701bc34d686fa87dfae
    8022000b7465737420766563746f7220 002000080001a147e112a643
    000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004c07d4c96";
const SAMPLE_IPV6_RESPONSE: &str = "010100482112a442b7e7a701bc34d686fa87dfae
    8022000b7465737420766563746f7220 002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9
    00080014a382954e4be67bf11784c97c8292c275bfe3ed41 80280004c8fb0b4c";

fn key() -> IntegrityKey {
    IntegrityKey::new(PASSWORD)
}

fn request() -> Vec<u8> {
    let mut out = Vec::new();
    let request = BindingRequest {
        transaction_id: ID,
        username: "them:us",
        priority: 0x6e00_01ff,
        role: Role::Controlled { tie_breaker: 42 },
        use_candidate: false,
    };
    write_request(&mut out, &request, &key());
    out
}

#[test]
fn rfc_5769_request() {
    let datagram = hex(SAMPLE_REQUEST);
    let message = Message::parse(&datagram).unwrap();
    assert_eq!(message.class, Class::Request);
    assert_eq!(message.username, Some(&b"evtj:h6vY"[..]));
    assert_eq!(message.local_ufrag(), Some("evtj"));
    assert_eq!(message.priority, Some(0x6e00_01ff));
    assert_eq!(message.role, Some(Role::Controlled { tie_breaker: 0x932f_f9b1_5126_3b36 }));
    assert!(message.has_fingerprint && !message.use_candidate);
    assert_eq!(message.unknown_attribute, None);
    assert!(message.verify_integrity(&key()));
    assert!(!message.verify_integrity(&IntegrityKey::new("another")));
}

#[test]
fn rfc_5769_responses() {
    for (sample, mapped) in [
        (SAMPLE_IPV4_RESPONSE, "192.0.2.1:32853"),
        (SAMPLE_IPV6_RESPONSE, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
    ] {
        let datagram = hex(sample);
        let message = Message::parse(&datagram).unwrap();
        assert_eq!(message.class, Class::Success);
        assert_eq!(message.mapped_address, Some(mapped.parse().unwrap()));
        assert!(message.has_fingerprint && message.verify_integrity(&key()));
    }
}

#[test]
fn errors_are_read_back() {
    let cases = [
        (ErrorCode::BAD_REQUEST, None),
        (ErrorCode::UNAUTHENTICATED, None),
        (ErrorCode::ROLE_CONFLICT, Some(key())),
        (ErrorCode(699), Some(key())),
    ];
    for (code, key) in cases {
        let mut out = Vec::new();
        write_error(&mut out, ID, code, key.as_ref());
        let message = Message::parse(&out).unwrap();
        assert_eq!((message.class, message.error), (Class::Error, Some(code)));
        assert_eq!(message.verify_integrity(&self::key()), key.is_some());
    }
}

#[test]
fn an_unknown_attribute_is_named_to_its_sender() {
    let mut datagram = hex("0001 0008 2112a442 000000000000000000000000 7abc 0003 01020300");
    assert_eq!(Message::parse(&datagram).unwrap().unknown_attribute, Some(0x7abc));
    // The same, but comprehension-optional.
    datagram[20] = 0xfa;
    assert_eq!(Message::parse(&datagram).unwrap().unknown_attribute, None);

    let mut out = Vec::new();
    write_unknown_attribute(&mut out, ID, 0x7abc, None);
    let message = Message::parse(&out).unwrap();
    assert_eq!((message.class, message.error), (Class::Error, Some(ErrorCode::UNKNOWN_ATTRIBUTE)));
    assert!(out.windows(6).any(|bytes| bytes == hex("000a00027abc")));
}

/// What stands behind MESSAGE-INTEGRITY was not signed: it must not count (RFC 8489 14.5).
#[test]
fn attributes_behind_the_integrity_are_ignored() {
    let mut datagram = request();
    datagram.truncate(datagram.len() - 8);
    datagram.extend_from_slice(&hex("0025 0000 7abc 0000"));
    let length = (datagram.len() - 20) as u16;
    datagram[2..4].copy_from_slice(&length.to_be_bytes());
    let message = Message::parse(&datagram).unwrap();
    assert!(message.verify_integrity(&key()));
    assert!(!message.use_candidate);
    assert_eq!(message.unknown_attribute, None);
}

#[test]
fn nothing_may_follow_the_fingerprint() {
    let mut datagram = request();
    datagram.extend_from_slice(&hex("0025 0000"));
    let length = (datagram.len() - 20) as u16;
    datagram[2..4].copy_from_slice(&length.to_be_bytes());
    // Whether by the changed length or by what follows.
    assert!(matches!(Message::parse(&datagram), Err(StunError::Fingerprint | StunError::Attribute)));
}

#[test]
fn every_changed_bit_is_found() {
    let datagram = request();
    for bit in 0..datagram.len() * 8 {
        let mut forged = datagram.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        let trusted =
            Message::parse(&forged).is_ok_and(|message| message.has_fingerprint && message.verify_integrity(&key()));
        assert!(!trusted, "bit {bit}");
    }
}

#[test]
fn what_is_not_a_binding_message_is_refused() {
    let datagram = request();
    for len in 0..datagram.len() {
        assert!(Message::parse(&datagram[..len]).is_err());
    }
    let mut longer = datagram.clone();
    longer.push(0);
    assert_eq!(Message::parse(&longer).unwrap_err(), StunError::Length);
    let mut no_cookie = datagram.clone();
    no_cookie[4] = 0;
    assert_eq!(Message::parse(&no_cookie).unwrap_err(), StunError::NotStun);
    let allocate = hex("0003 0000 2112a442 000000000000000000000000");
    assert_eq!(Message::parse(&allocate).unwrap_err(), StunError::Method);
}

#[test]
fn mapped_ipv4_addresses_are_told_as_ipv4() {
    let mut out = Vec::new();
    write_success(&mut out, ID, "[::ffff:192.0.2.1]:5000".parse().unwrap(), &key());
    assert_eq!(Message::parse(&out).unwrap().mapped_address, Some("192.0.2.1:5000".parse().unwrap()));
}

#[test]
fn the_password_does_not_print() {
    assert_eq!(format!("{:?}", key()), "IntegrityKey(…)");
}

fn roles() -> impl Strategy<Value = Role> {
    prop_oneof![
        any::<u64>().prop_map(|tie_breaker| Role::Controlling { tie_breaker }),
        any::<u64>().prop_map(|tie_breaker| Role::Controlled { tie_breaker }),
    ]
}

proptest! {
    #[test]
    fn requests_are_read_back(
        transaction_id in any::<[u8; 12]>(),
        ours in "[a-zA-Z0-9+/]{4,256}",
        theirs in "[a-zA-Z0-9+/]{4,256}",
        password in "[a-zA-Z0-9+/]{22,256}",
        priority in any::<u32>(),
        role in roles(),
        use_candidate in any::<bool>(),
    ) {
        let username = format!("{theirs}:{ours}");
        let key = IntegrityKey::new(&password);
        // Behind something else, as in a buffer of several datagrams.
        let mut out = vec![0xff; 3];
        write_request(&mut out, &BindingRequest { transaction_id, username: &username, priority, role, use_candidate }, &key);
        prop_assert!(is_stun(&out[3..]));
        let message = Message::parse(&out[3..]).unwrap();
        prop_assert_eq!(message.class, Class::Request);
        prop_assert_eq!(message.transaction_id, transaction_id);
        prop_assert_eq!(message.local_ufrag(), Some(&*theirs));
        prop_assert_eq!(message.username, Some(username.as_bytes()));
        prop_assert_eq!(message.priority, Some(priority));
        prop_assert_eq!(message.role, Some(role));
        prop_assert_eq!(message.use_candidate, use_candidate);
        prop_assert!(message.has_fingerprint && message.verify_integrity(&key));
    }

    #[test]
    fn responses_are_read_back(transaction_id in any::<[u8; 12]>(), mapped in any::<SocketAddr>()) {
        let mut out = Vec::new();
        write_success(&mut out, transaction_id, mapped, &key());
        let message = Message::parse(&out).unwrap();
        let expected = SocketAddr::new(mapped.ip().to_canonical(), mapped.port());
        prop_assert_eq!(message.mapped_address, Some(expected));
        prop_assert!(message.verify_integrity(&key()));
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Message::parse(&bytes);
    }

    /// Past the header, where arbitrary bytes hardly come.
    #[test]
    fn arbitrary_attributes_do_not_panic(attributes in prop::collection::vec(any::<u32>(), 0..80), tame in any::<u32>()) {
        let mut datagram = hex("0001 0000 2112a442 000000000000000000000000");
        datagram[3] = 0;
        for (place, word) in attributes.iter().enumerate() {
            // Now and then a type that we know with a short length.
            let word = if tame >> (place % 32) & 1 == 1 { word & 0x803f_001f } else { *word };
            datagram.extend_from_slice(&word.to_be_bytes());
        }
        let length = (datagram.len() - 20) as u16;
        datagram[2..4].copy_from_slice(&length.to_be_bytes());
        if let Ok(message) = Message::parse(&datagram) {
            prop_assert!(!message.verify_integrity(&key()));
        }
    }

    #[test]
    fn damaged_messages_do_not_panic(place in 0_usize..200, byte in any::<u8>(), cut in 0_usize..200) {
        let mut datagram = hex(SAMPLE_REQUEST);
        let place = place % datagram.len();
        datagram[place] = byte;
        datagram.truncate(datagram.len() - cut % 60);
        if let Ok(message) = Message::parse(&datagram) {
            let _ = message.verify_integrity(&key());
        }
    }
}
