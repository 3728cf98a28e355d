//! A STUN message with any content: made whole (cookie, length, Binding) so that its attributes are reached.

use aqlinks_forwarder::stun::{IntegrityKey, Message};

pub fn check(input: &[u8]) {
    read(input);

    let mut datagram = input.to_vec();
    datagram.truncate(datagram.len() & !3);
    if datagram.len() >= 20 {
        let length = (datagram.len() - 20) as u16;
        datagram[0] &= 1;
        datagram[1] = 1 | datagram[1] & 0x10;
        datagram[2..4].copy_from_slice(&length.to_be_bytes());
        datagram[4..8].copy_from_slice(&0x2112_a442_u32.to_be_bytes());
        read(&datagram);
    }
}

fn read(datagram: &[u8]) {
    if let Ok(message) = Message::parse(datagram) {
        let _ = message.local_ufrag();
        // Nobody guesses an HMAC.
        assert!(!message.verify_integrity(&IntegrityKey::new("a password that the input does not know")));
    }
}
