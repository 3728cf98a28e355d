//! The common header (RFC 3550 6.4.1), and the words behind it.

pub(super) const SENDER_REPORT: u8 = 200;
pub(super) const RECEIVER_REPORT: u8 = 201;
pub(super) const SOURCE_DESCRIPTION: u8 = 202;
pub(super) const BYE: u8 = 203;
pub(super) const TRANSPORT_FEEDBACK: u8 = 205;
pub(super) const PAYLOAD_FEEDBACK: u8 = 206;

/// Words (SSRCs, NACK or FIR entries) that we put into one packet, so that it stays near 1,000 bytes.
pub(super) const MAX_ENTRIES: usize = 250;

/// Appends a packet whose body `write_body` appends; pads it to whole words.
pub(super) fn write_packet(out: &mut Vec<u8>, count: u8, packet_type: u8, write_body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[2 << 6 | count & 0x1f, packet_type, 0, 0]);
    write_body(out);
    let len = (out.len() - start).next_multiple_of(4);
    out.resize(start + len, 0);
    // In words, without the first. Every body is bounded by its writer, far below 2^18 bytes.
    out[start + 2..start + 4].copy_from_slice(&((len / 4 - 1) as u16).to_be_bytes());
}

pub(super) fn write_words(out: &mut Vec<u8>, words: &[u32]) {
    for word in words {
        out.extend_from_slice(&word.to_be_bytes());
    }
}

/// The 32-bit words of a slice; what is left over at its end is not looked at.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + use<'_> {
    bytes.as_chunks().0.iter().map(|word| u32::from_be_bytes(*word))
}
