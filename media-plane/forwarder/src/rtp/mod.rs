//! RTP (RFC 3550) with header extensions (RFC 8285) and retransmission (RFC 4588): read without copying, written per viewer.
//!
//! [`Header`] holds offsets, not borrows, so that the packet can be decrypted in place after its header was read.

mod extension;
mod header;
mod rtx;
mod sequence;

pub use extension::{Element, Elements};
pub use header::{
    FIXED_HEADER_LEN, Fields, Header, NoRoom, RtpError, set_marker_and_payload_type, set_sequence_number, set_ssrc,
    set_timestamp, write_header,
};
pub use rtx::{OSN_LEN, split_osn, write_osn};
pub use sequence::{Unwrapper, extend, is_newer};

/// Whether a datagram that begins so is RTP or RTCP, by RFC 7983; then [`is_rtcp`] tells which.
pub fn is_rtp_or_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(128..=191))
}

/// Tells RTCP from RTP on the same port (RFC 5761 section 4).
pub fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram.get(1), Some(192..=223))
}
