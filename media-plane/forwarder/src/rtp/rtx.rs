//! Retransmission payload format (RFC 4588): the original sequence number, then the original payload.

/// Length of the original sequence number in front of the payload.
pub const OSN_LEN: usize = 2;

/// The original sequence number and payload of a (decrypted) RTX payload. `None` if there is not even a number; an empty
/// payload is a probe that only pads.
pub fn split_osn(payload: &[u8]) -> Option<(u16, &[u8])> {
    let (osn, original) = payload.split_first_chunk::<OSN_LEN>()?;
    Some((u16::from_be_bytes(*osn), original))
}

/// Writes the number in front of the payload; panics on fewer than [`OSN_LEN`] bytes.
pub fn write_osn(payload: &mut [u8], original_sequence_number: u16) {
    payload[..OSN_LEN].copy_from_slice(&original_sequence_number.to_be_bytes());
}
