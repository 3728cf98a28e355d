use super::key::{KeyError, MasterKey};
use crate::event::SrtpProfile;

/// Protects what one direction of a transport sends.
pub struct Sealer {}

/// The lengths given do not fit together, or the index is out of range: nothing was sent, nothing leaked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("SRTP: lengths or index out of range")]
pub struct SealError;

impl Sealer {
    pub fn new(_key: &MasterKey) -> Result<Self, KeyError> {
        todo!()
    }

    pub fn profile(&self) -> SrtpProfile {
        todo!()
    }

    /// Encrypts `payload` straight behind the header: `packet` is exactly header (written, `header_len` bytes), room for
    /// `payload`, room for [`SrtpProfile::tag_len`].
    pub fn seal_rtp(
        &self,
        _index: u64,
        _packet: &mut [u8],
        _header_len: usize,
        _payload: &[u8],
    ) -> Result<(), SealError> {
        todo!()
    }

    /// The same for a payload that already stands behind the header.
    pub fn seal_rtp_in_place(&self, _index: u64, _packet: &mut [u8], _header_len: usize) -> Result<(), SealError> {
        todo!()
    }

    /// Encrypts the compound packet `buffer[start..]` in place and appends tag and index (31 bits, counted per
    /// transport or per SSRC, never repeated).
    pub fn seal_rtcp(&self, _index: u32, _buffer: &mut Vec<u8>, _start: usize) -> Result<(), SealError> {
        todo!()
    }
}
