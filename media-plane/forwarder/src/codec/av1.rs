//! AV1 (RTP payload format for AV1, version 1.0).

const SEQUENCE_HEADER: u8 = 1;

/// By the aggregation header (4.4): the first packet of a coded video sequence (N), which always begins with a key frame.
/// Senders that leave N out are known by their sequence header as the first OBU. `None`: truncated.
pub(super) fn begins_key_frame(payload: &[u8]) -> Option<bool> {
    let (&aggregation, rest) = payload.split_first()?;
    let continues_obu = aggregation & 0x80 != 0;
    let obu_count = aggregation >> 4 & 0x03;
    let first_of_sequence = aggregation & 0x08 != 0;
    if continues_obu || rest.is_empty() {
        return Some(false);
    }
    if first_of_sequence {
        return Some(true);
    }
    // With a count of 1 the only OBU has no length in front; 0 means "each has one".
    let obu = if obu_count == 1 { rest } else { skip_leb128(rest)? };
    Some(obu.first()? >> 3 & 0x0f == SEQUENCE_HEADER)
}

/// At most 8 bytes (AV1 specification 4.10.5).
fn skip_leb128(bytes: &[u8]) -> Option<&[u8]> {
    let last = bytes.iter().take(8).position(|byte| byte & 0x80 == 0)?;
    bytes.get(last + 1..)
}
