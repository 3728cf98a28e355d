#![no_main]
//! An RTP packet: its header, its padding, and every codec's look at its payload.

use aqlinks_forwarder::Codec;
use aqlinks_forwarder::codec::is_key_frame;
use aqlinks_forwarder::rtp::{Header, split_osn};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut packet = input.to_vec();
    if let Some(first) = packet.first_mut() {
        *first = 0x80 | *first & 0x3f;
    }
    let Ok(header) = Header::parse(&packet) else { return };
    let payload = header.without_padding(&packet[header.len..]).unwrap_or_default();
    for payload in [payload, split_osn(payload).map_or(&[][..], |(_, original)| original)] {
        for codec in [Codec::Opus, Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
            is_key_frame(codec, payload);
        }
    }
});
