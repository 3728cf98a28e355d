use super::extension::{Element, Elements};

/// Of a header without CSRCs and extension.
pub const FIXED_HEADER_LEN: usize = 12;

/// What a forwarder rewrites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    /// The P bit: the (decrypted) payload ends with padding.
    pub padding: bool,
    pub marker: bool,
    /// 0–127.
    pub payload_type: u8,
    pub sequence_number: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

/// A header that was read. Offsets are within the packet it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub fields: Fields,
    /// Of the whole header: fixed part, CSRCs, extension.
    pub len: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RtpError {
    #[error("RTP: shorter than its header says")]
    Truncated,
    #[error("RTP: version is not 2")]
    Version,
}

/// The buffer is too small, or an element fits no form of RFC 8285.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("RTP: the header does not fit")]
pub struct NoRoom;

impl Header {
    /// Reads the header of an RTP or SRTP packet. Nothing behind `len` is looked at.
    pub fn parse(_packet: &[u8]) -> Result<Self, RtpError> {
        todo!()
    }

    /// The extension's elements, of either form; none for an unknown profile. `packet` is the one that was parsed.
    pub fn elements<'a>(&self, _packet: &'a [u8]) -> Elements<'a> {
        todo!()
    }

    /// The decrypted payload without its padding; `None` if the padding is longer than the payload.
    pub fn without_padding<'a>(&self, _payload: &'a [u8]) -> Option<&'a [u8]> {
        todo!()
    }
}

/// Writes a header without CSRCs, with these elements (none: no extension), and returns its length. The two-byte form
/// is used only if an element needs it: ids over 14, lengths of 0 or over 16.
pub fn write_header(_out: &mut [u8], _fields: &Fields, _elements: &[Element<'_>]) -> Result<usize, NoRoom> {
    todo!()
}

/// The `set_` functions patch a written header; they panic on fewer than [`FIXED_HEADER_LEN`] bytes.
pub fn set_marker_and_payload_type(_packet: &mut [u8], _marker: bool, _payload_type: u8) {
    todo!()
}

pub fn set_sequence_number(packet: &mut [u8], sequence_number: u16) {
    packet[2..4].copy_from_slice(&sequence_number.to_be_bytes());
}

pub fn set_timestamp(packet: &mut [u8], timestamp: u32) {
    packet[4..8].copy_from_slice(&timestamp.to_be_bytes());
}

pub fn set_ssrc(packet: &mut [u8], ssrc: u32) {
    packet[8..12].copy_from_slice(&ssrc.to_be_bytes());
}
