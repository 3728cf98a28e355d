use std::fmt;

use super::cipher::Cipher;
use super::key::{KeyError, MasterKey};
use super::{ENCRYPTED, INDEX_BITS};
use crate::event::SrtpProfile;

/// Protects what one direction of a transport sends.
pub struct Sealer {
    pub(super) profile: SrtpProfile,
    pub(super) rtp: Cipher,
    pub(super) rtcp: Cipher,
}

/// The lengths given do not fit together, or the index is out of range: the packet must not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("SRTP: lengths or index out of range")]
pub struct SealError;

impl Sealer {
    pub fn new(key: &MasterKey) -> Result<Self, KeyError> {
        Ok(Self {
            profile: key.profile,
            rtp: Cipher::new(key.profile, &key.rtp()?)?,
            rtcp: Cipher::new(key.profile, &key.rtcp()?)?,
        })
    }

    pub fn profile(&self) -> SrtpProfile {
        self.profile
    }

    /// Encrypts `payload` straight behind the header: `packet` is exactly header (written, `header_len` bytes), room for
    /// `payload`, room for [`SrtpProfile::tag_len`].
    #[inline]
    pub fn seal_rtp(&self, index: u64, packet: &mut [u8], header_len: usize, payload: &[u8]) -> Result<(), SealError> {
        if index >> INDEX_BITS != 0 {
            return Err(SealError);
        }
        match &self.rtp {
            Cipher::Gcm(cipher) => cipher.seal_rtp(index, packet, header_len, payload),
            Cipher::CounterMode(cipher) => cipher.seal_rtp(index, packet, header_len, payload),
        }
    }

    /// The same for a payload that already stands behind the header.
    pub fn seal_rtp_in_place(&self, index: u64, packet: &mut [u8], header_len: usize) -> Result<(), SealError> {
        if index >> INDEX_BITS != 0 {
            return Err(SealError);
        }
        match &self.rtp {
            Cipher::Gcm(cipher) => cipher.seal_rtp_in_place(index, packet, header_len),
            Cipher::CounterMode(cipher) => cipher.seal_rtp_in_place(index, packet, header_len),
        }
    }

    /// Encrypts the compound packet `buffer[start..]` in place and appends tag and index (31 bits, counted per
    /// transport or per SSRC, never repeated).
    pub fn seal_rtcp(&self, index: u32, buffer: &mut Vec<u8>, start: usize) -> Result<(), SealError> {
        if index & ENCRYPTED != 0 {
            return Err(SealError);
        }
        match &self.rtcp {
            Cipher::Gcm(cipher) => cipher.seal_rtcp(index, buffer, start),
            Cipher::CounterMode(cipher) => cipher.seal_rtcp(index, buffer, start),
        }
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({:?}, …)", self.profile)
    }
}
