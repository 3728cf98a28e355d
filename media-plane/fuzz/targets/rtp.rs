//! An RTP packet: its header, its padding, and every codec's look at its payload.

use aqlinks_forwarder::Codec;
use aqlinks_forwarder::codec::{NumberShift, inspect, numbers, shift_numbers};
use aqlinks_forwarder::rtp::{Header, split_osn};

const SHIFT: NumberShift = NumberShift { picture_id: 1_000, base_picture: 100, key_index: 3 };

pub fn check(input: &[u8]) {
    let mut packet = input.to_vec();
    if let Some(first) = packet.first_mut() {
        *first = 0x80 | *first & 0x3f;
    }
    let Ok(header) = Header::parse(&packet) else { return };
    let payload = header.without_padding(&packet[header.len..]).unwrap_or_default();
    for payload in [payload, split_osn(payload).map_or(&[][..], |(_, original)| original)] {
        for codec in [Codec::Opus, Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
            look(codec, payload);
        }
    }
}

/// Other numbers change nothing else of what a payload says.
fn look(codec: Codec, payload: &[u8]) {
    let before = (inspect(codec, payload), numbers(codec, payload));
    let mut shifted = payload.to_vec();
    shift_numbers(codec, &mut shifted, &SHIFT);
    let after = numbers(codec, &shifted);
    assert_eq!(before.0, inspect(codec, &shifted));
    assert_eq!(before.1.picture_id.is_some(), after.picture_id.is_some());
    assert_eq!(before.1.base_picture.map(|number| number.wrapping_add(SHIFT.base_picture)), after.base_picture);
}
