//! A header extension of either form; what was read is written and read again.

use aqlinks_forwarder::rtp::{Element, FIXED_HEADER_LEN, Header, write_header};

pub fn check(input: &[u8]) {
    let Some((form, content)) = input.split_first() else { return };
    let profile = if form & 1 == 0 { 0xbede_u16 } else { 0x1000 | u16::from(form >> 4) };
    let words = (content.len() / 4).min(usize::from(u16::MAX));
    let mut packet = vec![0x90, 0];
    packet.resize(FIXED_HEADER_LEN, 0);
    packet.extend_from_slice(&profile.to_be_bytes());
    packet.extend_from_slice(&(words as u16).to_be_bytes());
    packet.extend_from_slice(&content[..4 * words]);

    let Ok(header) = Header::parse(&packet) else { panic!("whole, but refused") };
    let elements: Vec<Element> = header.elements(&packet).collect();
    // Both forms together are no longer than twice what was read.
    let mut written = vec![0; 2 * packet.len() + 8];
    let Ok(len) = write_header(&mut written, &header.fields, &elements) else { panic!("read, but not written") };
    written.truncate(len);
    let Ok(again) = Header::parse(&written) else { panic!("written, but refused") };
    assert_eq!(again.fields, header.fields);
    assert!(again.elements(&written).eq(elements));
}
